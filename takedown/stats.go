package takedown

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"unmirror/store"
)

// Statistics are how places answered to what they were told.
type Statistics struct {
	Since time.Time    `json:"since"` // cases opened from then on; the zero time: all
	Made  time.Time    `json:"made"`
	All   PlaceStats   `json:"all"`
	Hosts []PlaceStats `json:"hosts"` // most cases first
}

// PlaceStats is the record of one place, or of all. Times are exact quantiles (nearest rank) in seconds, null where nothing is known.
// Dismissed cases do not count.
type PlaceStats struct {
	Place          string `json:"place"`
	Cases          int    `json:"cases"`
	Open           int    `json:"open"` // may still be there
	Gone           int    `json:"gone"`
	Returned       int    `json:"returned"`        // cases that came back after they were gone
	EverGone       int    `json:"ever_gone"`       // cases that were gone once, of which Returned came back
	Told           int    `json:"told"`            // times that somebody was told of one
	Answered       int    `json:"answered"`        // of them, those that were answered
	AnswerMedian   *int64 `json:"answer_median_s"` // from told to the first answer
	AnswerP90      *int64 `json:"answer_p90_s"`
	Removed        int    `json:"removed"`          // of Told, those proven gone after that
	RemovalMedian  *int64 `json:"removal_median_s"` // from told to the first look that no longer found it
	RemovalP90     *int64 `json:"removal_p90_s"`
	Refused        int    `json:"refused"` // of Told, those that a recipient would not remove
	key            string // of the place
	unknownAddress bool   // an address without a name: whose it is, nobody knows
}

// Statistics computes them from what happened to cases that were opened since a time.
func (d *Docket) Statistics(ctx context.Context, since time.Time) (s Statistics, err error) {
	s = Statistics{Since: since, Made: d.now(), Hosts: []PlaceStats{}}
	err = d.read(ctx, "compute statistics", func(tx *store.Tx) error {
		if s.Hosts, err = d.placeStats(tx, since); err != nil {
			return err
		}
		s.All = sum(s.Hosts)
		all := []PlaceStats{s.All}
		if err := addQuantiles(tx, all, `x''`, since); err != nil {
			return err
		}
		s.All = all[0]
		return nil
	})
	slices.SortFunc(s.Hosts, func(a, b PlaceStats) int { return cmp.Or(b.Cases-a.Cases, cmp.Compare(a.Place, b.Place)) })
	return s, err
}

// sum adds what can be added.
func sum(places []PlaceStats) (all PlaceStats) {
	for _, p := range places {
		all.Cases, all.Open, all.Gone, all.Returned = all.Cases+p.Cases, all.Open+p.Open, all.Gone+p.Gone, all.Returned+p.Returned
		all.EverGone, all.Told, all.Answered = all.EverGone+p.EverGone, all.Told+p.Told, all.Answered+p.Answered
		all.Removed, all.Refused = all.Removed+p.Removed, all.Refused+p.Refused
	}
	return all
}

// placeStats counts by place.
func (d *Docket) placeStats(tx *store.Tx, since time.Time) ([]PlaceStats, error) {
	rows, err := tx.Query(`WITH t AS (SELECT x.case_id, SUM(x.told > 0) AS told, SUM(x.told > 0 AND x.answered > 0) AS answered,
			SUM(x.told > 0 AND x.gone > 0 AND x.missing > x.told) AS removed, SUM(x.refused) AS refused FROM case_times x GROUP BY x.case_id)
		SELECT c.place_key AS k, MAX(c.place), COUNT(*), COALESCE(SUM(c.state <> 'gone'), 0), COALESCE(SUM(c.state = 'gone'), 0),
			COALESCE(SUM(c.reopened > 0), 0), COALESCE(SUM(c.state = 'gone' OR c.reopened > 0), 0), COALESCE(SUM(t.told), 0),
			COALESCE(SUM(t.answered), 0), COALESCE(SUM(t.removed), 0), COALESCE(SUM(t.refused), 0)
		FROM cases c LEFT JOIN t ON t.case_id = c.id WHERE c.state <> 'dismissed' AND c.created >= ? GROUP BY k`, store.Millis(since))
	if err != nil {
		return nil, fmt.Errorf("count by place: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := []PlaceStats{}
	for rows.Next() {
		var p PlaceStats
		var k, sealed []byte
		if err := rows.Scan(&k, &sealed, &p.Cases, &p.Open, &p.Gone, &p.Returned, &p.EverGone, &p.Told, &p.Answered, &p.Removed, &p.Refused); err != nil {
			return nil, fmt.Errorf("count by place: %w", err)
		}
		place, err := tx.OpenText("cases.place", sealed)
		if err != nil {
			return nil, fmt.Errorf("open place: %w", err)
		}
		p.key, p.Place, p.unknownAddress = string(k), d.redact(place), isAddress(place)
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count by place: %w", err)
	}
	return out, addQuantiles(tx, out, "x.place_key", since)
}

// addQuantiles fills them in by a key that is an expression over case_times x.
func addQuantiles(tx *store.Tx, out []PlaceStats, key string, since time.Time) error {
	for _, q := range [...]struct {
		until, where string
		median, p90  func(*PlaceStats) **int64
	}{
		{"x.answered", "x.answered > 0", func(p *PlaceStats) **int64 { return &p.AnswerMedian }, func(p *PlaceStats) **int64 { return &p.AnswerP90 }},
		{"x.missing", "x.gone > 0 AND x.missing > x.told", func(p *PlaceStats) **int64 { return &p.RemovalMedian }, func(p *PlaceStats) **int64 { return &p.RemovalP90 }},
	} {
		found, err := quantiles(tx, key, q.until, q.where, since)
		if err != nil {
			return err
		}
		for i := range out {
			if f, ok := found[out[i].key]; ok {
				*q.median(&out[i]), *q.p90(&out[i]) = &f[0], &f[1]
			}
		}
	}
	return nil
}

// quantiles are the median and the 90th percentile, in seconds, of the time from told to another fact.
func quantiles(tx *store.Tx, key, until, where string, since time.Time) (map[string]*[2]int64, error) {
	rows, err := tx.Query(`WITH v AS (SELECT `+key+` AS k, MAX(`+until+` - x.told, 0) AS took FROM case_times x
			WHERE x.told > 0 AND `+where+` AND x.case_id NOT IN (SELECT id FROM cases WHERE state = 'dismissed')
			AND (?1 <= 0 OR x.case_id IN (SELECT id FROM cases WHERE created >= ?1))),
		r AS (SELECT k, took, ROW_NUMBER() OVER (PARTITION BY k ORDER BY took) AS i, COUNT(*) OVER (PARTITION BY k) AS n FROM v)
		SELECT k, MIN(CASE WHEN 2 * i >= n THEN took END), MIN(CASE WHEN 10 * i >= 9 * n THEN took END) FROM r GROUP BY k`, store.Millis(since))
	if err != nil {
		return nil, fmt.Errorf("compute quantiles: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]*[2]int64{}
	for rows.Next() {
		var k []byte
		var q [2]int64
		if err := rows.Scan(&k, &q[0], &q[1]); err != nil {
			return nil, fmt.Errorf("compute quantiles: %w", err)
		}
		q[0], q[1] = q[0]/1000, q[1]/1000
		out[string(k)] = &q
	}
	return out, rows.Err()
}

// isAddress says whether a place is an address without a name.
func isAddress(place string) bool {
	host := place
	if h, _, err := net.SplitHostPort(place); err == nil {
		host = h
	}
	return net.ParseIP(strings.Trim(host, "[]")) != nil
}

// leastPublic is how many cases a place has at least to be named in public.
const leastPublic = 5

// Public leaves out what a public report must not tell: places where something may still lie, addresses, which may be a person's, and
// places with so few cases that a case could be told from them. The sums stay, unless they are as small.
func (s Statistics) Public() Statistics {
	out := Statistics{Since: s.Since, Made: s.Made, Hosts: []PlaceStats{}}
	if s.All.Cases >= leastPublic {
		out.All = s.All
	}
	for _, h := range s.Hosts {
		if h.Open == 0 && h.Cases >= leastPublic && !h.unknownAddress {
			out.Hosts = append(out.Hosts, h)
		}
	}
	return out
}
