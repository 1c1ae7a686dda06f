// Package canary makes marked synthetic files for the operator to plant, and keeps which of them sweeps find again: the
// measure of what a source's sweeps can see. A canary is no leak: it never opens a case, drafts a notice or alerts
// anybody, and no real person stands in one.
package canary

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/store"
)

// Slug is the name under which canaries are registered in the index. No leak may have it.
const Slug = "canary"

// Canaries keep the record of what was planted and found. They are safe for concurrent use, across processes too.
type Canaries struct{ st *store.Store }

// New gives the canaries of a record.
func New(st *store.Store) *Canaries { return &Canaries{st: st} }

// State says how a canary fares.
type State string

// The states of a canary.
const (
	Fresh  State = "new"    // no good pass of its source ended since it was made
	Seen   State = "seen"   // the last good pass found it
	Missed State = "missed" // good passes ended, none ever found it: not planted yet, or the sweeps do not see it
	Lost   State = "lost"   // found once, and no more
)

// Row is a canary as lists show it.
type Row struct {
	ID        string     `json:"id"`
	State     State      `json:"state"`
	Created   time.Time  `json:"created"`
	Source    string     `json:"source"` // where it is to be planted; empty: anywhere
	Kind      string     `json:"kind"`
	FirstSeen *time.Time `json:"first_seen"`
	LastSeen  *time.Time `json:"last_seen"`
	Delay     *float64   `json:"delay_seconds"` // from making it to its first sighting
	Times     int        `json:"times"`
	Missed    int        `json:"missed_passes"`  // good passes in a row that did not find it
	SeenAt    []string   `json:"seen_at"`        // sources where it was found
	Rate      *float64   `json:"detection_rate"` // of its source: the share that the last good pass found; null while unknown
}

// Figures are how a source's sweeps do on its canaries.
type Figures struct {
	Planted int // canaries that at least one good pass could have found
	Found   int // of them, those that the last good pass found
	Ever    int // of them, those that were ever found
	Missed  int // the fewest passes in a row that any of them was missed; 0 when there are none
	Delay   time.Duration
	Seen    time.Time // when one was last found
}

// Rate is the share of planted canaries that the last good pass found; false while there is none to find.
func (f Figures) Rate() (float64, bool) {
	if f.Planted == 0 {
		return 0, false
	}
	return float64(f.Found) / float64(f.Planted), true
}

const nameColumn, nameLookup = "canaries.name", "canaries.key"

// record enters canaries that were made, in one transaction with the audit log.
func (c *Canaries) record(ctx context.Context, made []file, source string) error {
	return c.st.Write(ctx, func(tx *store.Tx) error {
		now := store.Millis(tx.Now())
		for _, f := range made {
			if _, err := tx.Exec(`INSERT INTO canaries (id, key, name, source, kind, made) VALUES (?,?,?,?,?,?)`, f.id,
				tx.Lookup(nameLookup, []byte(f.name)), tx.SealText(nameColumn, f.name), source, f.kind, now); err != nil {
				return fmt.Errorf("record canary: %w", err)
			}
			if err := tx.Audit(store.Entry{Actor: "operator", Act: "canary.made", Object: f.id, Detail: strings.TrimSpace(f.kind + " " + source)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// enough is how much of a canary must be there: all share the line that says what they are, and that alone is none of them.
// Nor is what is weak: its invented person may have the name and birth date of somebody in another canary.
const enough = 0.25

// Split parts a report: the known files of canaries that it names, and the report without them. A report of canaries
// alone comes back with verdict none.
func Split(r match.Report, noticeBits float64) (names []string, rest match.Report) {
	rest = r
	rest.Matches = nil
	for _, m := range r.Matches {
		if m.Leak != Slug {
			rest.Matches = append(rest.Matches, m)
			continue
		}
		name, _, _ := strings.Cut(m.KnownFile, "!/") // a member of a canary that is an archive
		if m.Coverage >= enough && m.Bits >= noticeBits && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(rest.Matches) == len(r.Matches) {
		return nil, r
	}
	if rest.Verdict != match.Matched && rest.Verdict != match.Weak {
		return names, rest
	}
	switch {
	case len(rest.Matches) == 0:
		rest.Verdict = match.None
	case !slices.ContainsFunc(rest.Matches, func(m match.Match) bool { return m.Bits >= noticeBits }):
		rest.Verdict = match.Weak
	}
	return names, rest
}

// Observe records that a source showed canaries. Names that belong to none are passed over: their index entries outlived
// the record. Known says that each was seen there before.
func (c *Canaries) Observe(ctx context.Context, source string, at time.Time, names []string) (known bool, err error) {
	known = true
	err = c.st.Write(ctx, func(tx *store.Tx) error {
		for _, n := range names {
			var id string
			rows, err := tx.Query(`SELECT id FROM canaries WHERE key = ?`, tx.Lookup(nameLookup, []byte(n)))
			if err != nil {
				return fmt.Errorf("find canary: %w", err)
			}
			if rows.Next() {
				err = rows.Scan(&id)
			}
			if cerr := rows.Close(); err != nil || cerr != nil || id == "" {
				if err := errors.Join(err, cerr); err != nil {
					return fmt.Errorf("find canary: %w", err)
				}
				continue
			}
			var times int
			if err := tx.QueryRow(`INSERT INTO canary_sightings (canary, source, first, last, times) VALUES (?1,?2,?3,?3,1)
				ON CONFLICT (canary, source) DO UPDATE SET last = max(last, excluded.last), times = times + 1 RETURNING times`,
				id, source, store.Millis(at)).Scan(&times); err != nil {
				return fmt.Errorf("record canary sighting: %w", err)
			}
			if times > 1 {
				continue
			}
			known = false
			// One that was made for no source in particular was evidently planted here.
			if _, err := tx.Exec(`UPDATE canaries SET source = ? WHERE id = ? AND source = ''`, source, id); err != nil {
				return fmt.Errorf("place canary: %w", err)
			}
			if err := tx.Audit(store.Entry{Actor: "system", Act: "canary.seen", Object: id, Detail: source}); err != nil {
				return err
			}
		}
		return nil
	})
	return known, err
}

// Retire forgets canaries, such as those whose paste has expired: they no longer count in any figure. An id that is not
// known is an error, and then none is forgotten.
func (c *Canaries) Retire(ctx context.Context, ids []string) error {
	return c.st.Write(ctx, func(tx *store.Tx) error {
		for _, id := range ids {
			if _, err := tx.Exec(`DELETE FROM canary_sightings WHERE canary = ?`, id); err != nil {
				return fmt.Errorf("retire canary: %w", err)
			}
			res, err := tx.Exec(`DELETE FROM canaries WHERE id = ?`, id)
			if err != nil {
				return fmt.Errorf("retire canary: %w", err)
			}
			if n, err := res.RowsAffected(); err != nil || n != 1 {
				return errors.Join(fmt.Errorf("retire canary: none is called %q (see `unmirror canary list`)", id), err)
			}
			if err := tx.Audit(store.Entry{Actor: "operator", Act: "canary.retired", Object: id}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Passed counts a good pass of a source, which began at started, in the transaction of whoever judges passes: each of
// its canaries was found, or missed once more.
func Passed(tx *store.Tx, source string, started time.Time) error {
	_, err := tx.Exec(`UPDATE canaries SET passes = passes + 1, missed = CASE WHEN EXISTS
		(SELECT 1 FROM canary_sightings s WHERE s.canary = canaries.id AND s.source = ?1 AND s.last >= ?2) THEN 0 ELSE missed + 1 END
		WHERE source = ?1 AND made <= ?2`, source, store.Millis(started))
	if err != nil {
		return fmt.Errorf("count pass of canaries: %w", err)
	}
	return nil
}

// Sources gives each source's figures. Sources without canaries are not in it.
func Sources(tx *store.Tx) (map[string]Figures, error) {
	rows, err := tx.Query(`SELECT c.source, c.passes, c.missed, c.made, COALESCE(s.first, 0), COALESCE(s.last, 0)
		FROM canaries c LEFT JOIN canary_sightings s ON s.canary = c.id AND s.source = c.source WHERE c.source <> '' ORDER BY c.source, c.id`)
	if err != nil {
		return nil, fmt.Errorf("read canaries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out, delays := map[string]Figures{}, map[string][]time.Duration{}
	for rows.Next() {
		var source string
		var passes, missed int
		var made, first, last int64
		if err := rows.Scan(&source, &passes, &missed, &made, &first, &last); err != nil {
			return nil, fmt.Errorf("read canaries: %w", err)
		}
		f := out[source]
		if first > 0 {
			delays[source] = append(delays[source], max(0, time.Duration(first-made)*time.Millisecond))
			if at := store.Time(last); at.After(f.Seen) {
				f.Seen = at
			}
		}
		if passes > 0 {
			if f.Planted == 0 || missed < f.Missed {
				f.Missed = missed
			}
			f.Planted++
			if missed == 0 {
				f.Found++
			}
			if first > 0 {
				f.Ever++
			}
		}
		out[source] = f
	}
	for s, d := range delays {
		f := out[s]
		slices.Sort(d)
		f.Delay = d[len(d)/2]
		out[s] = f
	}
	return out, rows.Err()
}

// Figures gives each source's figures outside any transaction.
func (c *Canaries) Figures(ctx context.Context) (out map[string]Figures, err error) {
	err = c.st.Read(ctx, func(tx *store.Tx) error {
		out, err = Sources(tx)
		return err
	})
	return out, err
}

// List gives all canaries, oldest first.
func (c *Canaries) List(ctx context.Context) (out []Row, err error) {
	err = c.st.Read(ctx, func(tx *store.Tx) error {
		figures, err := Sources(tx)
		if err != nil {
			return err
		}
		out, err = list(tx, figures)
		return err
	})
	return out, err
}

func list(tx *store.Tx, figures map[string]Figures) (out []Row, err error) {
	rows, err := tx.Query(`SELECT c.id, c.source, c.kind, c.made, c.passes, c.missed, COALESCE(min(s.first), 0), COALESCE(max(s.last), 0),
		COALESCE(sum(s.times), 0), COALESCE(group_concat(s.source), '') FROM canaries c LEFT JOIN canary_sightings s ON s.canary = c.id
		GROUP BY c.id ORDER BY c.made, c.id`)
	if err != nil {
		return nil, fmt.Errorf("list canaries: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r Row
		var made, first, last int64
		var passes int
		var at string
		if err := rows.Scan(&r.ID, &r.Source, &r.Kind, &made, &passes, &r.Missed, &first, &last, &r.Times, &at); err != nil {
			return nil, fmt.Errorf("list canaries: %w", err)
		}
		r.Created, r.SeenAt = store.Time(made), []string{}
		if first > 0 {
			f, l := store.Time(first), store.Time(last)
			d := max(0, f.Sub(r.Created)).Seconds()
			r.FirstSeen, r.LastSeen, r.Delay = &f, &l, &d
			r.SeenAt = strings.Split(at, ",")
			slices.Sort(r.SeenAt)
		}
		if rate, ok := figures[r.Source].Rate(); ok {
			r.Rate = &rate
		}
		r.State = state(first > 0, passes, r.Missed)
		out = append(out, r)
	}
	return out, rows.Err()
}

func state(found bool, passes, missed int) State {
	switch {
	case found && missed > 0:
		return Lost
	case found:
		return Seen
	case passes > 0:
		return Missed
	}
	return Fresh
}
