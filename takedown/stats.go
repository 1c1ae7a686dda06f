package takedown

import (
	"cmp"
	"context"
	"database/sql"
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
		return s.addTimes(tx)
	})
	for _, p := range s.Hosts {
		s.All.Cases, s.All.Open, s.All.Gone, s.All.Returned = s.All.Cases+p.Cases, s.All.Open+p.Open, s.All.Gone+p.Gone, s.All.Returned+p.Returned
		s.All.EverGone += p.EverGone
	}
	slices.SortFunc(s.Hosts, func(a, b PlaceStats) int { return cmp.Or(b.Cases-a.Cases, cmp.Compare(a.Place, b.Place)) })
	return s, err
}

// placeStats counts the cases of each place, in an index alone; the place itself is read from one of them.
func (d *Docket) placeStats(tx *store.Tx, since time.Time) ([]PlaceStats, error) {
	rows, err := tx.Query(`SELECT p.k, (SELECT o.place FROM cases o WHERE o.place_key = p.k LIMIT 1), p.cases, p.open, p.gone, p.returned, p.ever
		FROM (SELECT c.place_key AS k, COUNT(*) AS cases, SUM(c.state <> 'gone') AS open, SUM(c.state = 'gone') AS gone,
			SUM(c.reopened > 0) AS returned, SUM(c.state = 'gone' OR c.reopened > 0) AS ever
			FROM cases c INDEXED BY cases_place WHERE c.state <> 'dismissed' AND c.created >= ? GROUP BY c.place_key) p`, store.Millis(since))
	if err != nil {
		return nil, fmt.Errorf("count by place: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := []PlaceStats{}
	for rows.Next() {
		var p PlaceStats
		var k, sealed []byte
		if err := rows.Scan(&k, &sealed, &p.Cases, &p.Open, &p.Gone, &p.Returned, &p.EverGone); err != nil {
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
	return out, nil
}

// times are how long one place, or all, took, in milliseconds.
type times struct{ answer, removal []int64 }

// addTimes adds what became of each telling, from one walk through the table of them.
func (s *Statistics) addTimes(tx *store.Tx) error {
	at, took := map[string]int{}, make([]times, len(s.Hosts))
	for i, h := range s.Hosts {
		at[h.key] = i
	}
	rows, err := tx.Query(`SELECT x.place_key, x.told, x.answered, x.missing, x.gone, x.refused FROM case_times x
		WHERE x.case_id NOT IN (SELECT id FROM cases WHERE state = 'dismissed')
		AND (?1 <= 0 OR x.case_id IN (SELECT id FROM cases WHERE created >= ?1))`, store.Millis(s.Since))
	if err != nil {
		return fmt.Errorf("read times: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var all times
	var key sql.RawBytes
	for rows.Next() {
		var x telling
		if err := rows.Scan(&key, &x.told, &x.answered, &x.missing, &x.gone, &x.refused); err != nil {
			return fmt.Errorf("read times: %w", err)
		}
		if i, ok := at[string(key)]; ok {
			x.add(&s.Hosts[i], &took[i])
			x.add(&s.All, &all)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read times: %w", err)
	}
	for i := range took {
		took[i].fill(&s.Hosts[i])
	}
	all.fill(&s.All)
	return nil
}

// telling is one row of case_times: when somebody was told of a case, and what followed; 0 where it did not.
type telling struct{ told, answered, missing, gone, refused int64 }

func (x telling) add(p *PlaceStats, t *times) {
	p.Refused += int(x.refused)
	if x.told == 0 {
		return
	}
	p.Told++
	if x.answered > 0 {
		p.Answered++
		t.answer = append(t.answer, max(x.answered-x.told, 0))
	}
	if x.gone > 0 && x.missing > x.told {
		p.Removed++
		t.removal = append(t.removal, x.missing-x.told)
	}
}

func (t times) fill(p *PlaceStats) {
	p.AnswerMedian, p.AnswerP90 = quantile(t.answer, 50), quantile(t.answer, 90)
	p.RemovalMedian, p.RemovalP90 = quantile(t.removal, 50), quantile(t.removal, 90)
}

// quantile is the nearest rank, in seconds; nil of nothing. It sorts what it is given.
func quantile(ms []int64, percent int) *int64 {
	if len(ms) == 0 {
		return nil
	}
	slices.Sort(ms)
	q := ms[(percent*len(ms)+99)/100-1] / 1000
	return &q
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
