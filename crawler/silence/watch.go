package silence

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"unmirror/crawler/canary"
	"unmirror/store"
)

// Watch keeps what each source's passes said, and tells once when a source falls silent and once when it is heard again.
// It is safe for concurrent use, across processes too.
type Watch struct {
	st *store.Store
	// tell commits that the operator is to be told, in the transaction in which it happened; nil: nobody is.
	tell func(tx *store.Tx, c Change) error
}

// NewWatch gives the watch of a record.
func NewWatch(st *store.Store, tell func(*store.Tx, Change) error) *Watch {
	if tell == nil {
		tell = func(*store.Tx, Change) error { return nil }
	}
	return &Watch{st: st, tell: tell}
}

// Change is the moment when a source fell silent, or was heard again. Why is of the silence, in both cases.
type Change struct {
	Source string
	Silent bool
	Why    Why
	At     time.Time
}

// Status is how a source stands.
type Status struct {
	Source  string
	Silent  Why       // Heard: it is not
	Since   time.Time // of the silence
	Passes  int       // good ones
	Figures canary.Figures
}

// Look is a source to be judged.
type Look struct {
	Source string
	Pass   Pass // the latest; a zero one says that there is none
	Clock  Clock
}

// Judge takes in new passes and gives what changed. What it says of the same pass twice is said once.
func (w *Watch) Judge(ctx context.Context, looks []Look) (changes []Change, err error) {
	err = w.st.Write(ctx, func(tx *store.Tx) error {
		changes = nil
		stands := map[string]stand{}
		for _, l := range looks {
			s, err := load(tx, l.Source)
			if err != nil {
				return err
			}
			if s.memory.New(l.Pass) {
				s.memory, s.news = s.memory.After(l.Pass), true
				if l.Pass.Good {
					if err := canary.Passed(tx, l.Source, l.Pass.Started); err != nil {
						return err
					}
				}
			}
			stands[l.Source] = s
		}
		figures, err := canary.Sources(tx)
		if err != nil {
			return err
		}
		for _, l := range looks {
			c, err := w.settle(tx, l, stands[l.Source], figures[l.Source])
			if err != nil {
				return err
			}
			if c != nil {
				changes = append(changes, *c)
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("judge sources: %w", err)
	}
	return changes, nil
}

// stand is a row of source_watch.
type stand struct {
	memory Memory
	silent Why
	since  time.Time
	news   bool // to be written
}

func load(tx *store.Tx, source string) (s stand, err error) {
	var memory string
	var since int64
	rows, err := tx.Query(`SELECT memory, silent, since FROM source_watch WHERE source = ?`, source)
	if err != nil {
		return s, fmt.Errorf("read watch: %w", err)
	}
	defer func() { _ = rows.Close() }()
	if !rows.Next() {
		return s, rows.Err()
	}
	if err := rows.Scan(&memory, &s.silent, &since); err != nil {
		return s, fmt.Errorf("read watch: %w", err)
	}
	s.since = store.Time(since)
	if err := json.Unmarshal([]byte(memory), &s.memory); err != nil {
		return s, fmt.Errorf("read watch of %s: %w", source, err)
	}
	return s, nil
}

// settle writes one source's stand, and tells of its change.
func (w *Watch) settle(tx *store.Tx, l Look, s stand, f canary.Figures) (*Change, error) {
	why := s.memory.Judge(l.Clock, f)
	var c *Change
	switch {
	case why != Heard && s.silent == Heard:
		s.since, c = l.Clock.Now, &Change{Source: l.Source, Silent: true, Why: why, At: l.Clock.Now}
	case why == Heard && s.silent != Heard:
		c = &Change{Source: l.Source, Why: s.silent, At: l.Clock.Now}
		s.since = time.Time{}
	case why == s.silent && !s.news:
		return nil, nil
	}
	memory, err := json.Marshal(s.memory)
	if err != nil {
		return nil, fmt.Errorf("write watch: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO source_watch (source, memory, silent, since) VALUES (?,?,?,?)
		ON CONFLICT (source) DO UPDATE SET memory = excluded.memory, silent = excluded.silent, since = excluded.since`,
		l.Source, string(memory), string(why), store.Millis(s.since))
	if err != nil {
		return nil, fmt.Errorf("write watch: %w", err)
	}
	if c == nil {
		return nil, nil
	}
	act := "source.heard"
	if c.Silent {
		act = "source.silent"
	}
	if err := tx.Audit(store.Entry{Actor: "system", Act: act, Object: l.Source, Detail: string(c.Why)}); err != nil {
		return nil, err
	}
	return c, w.tell(tx, *c)
}

// Statuses gives the sources that were judged, by name.
func (w *Watch) Statuses(ctx context.Context) (out map[string]Status, err error) {
	out = map[string]Status{}
	err = w.st.Read(ctx, func(tx *store.Tx) error {
		figures, err := canary.Sources(tx)
		if err != nil {
			return err
		}
		for source, f := range figures {
			out[source] = Status{Source: source, Figures: f}
		}
		return statuses(tx, figures, out)
	})
	if err != nil {
		return nil, fmt.Errorf("read watch: %w", err)
	}
	return out, nil
}

func statuses(tx *store.Tx, figures map[string]canary.Figures, out map[string]Status) error {
	rows, err := tx.Query(`SELECT source, memory, silent, since FROM source_watch`)
	if err != nil {
		return fmt.Errorf("read watch: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var s Status
		var memory string
		var since int64
		if err := rows.Scan(&s.Source, &memory, &s.Silent, &since); err != nil {
			return fmt.Errorf("read watch: %w", err)
		}
		var m Memory
		if err := json.Unmarshal([]byte(memory), &m); err != nil {
			return fmt.Errorf("read watch of %s: %w", s.Source, err)
		}
		s.Passes, s.Since, s.Figures = m.Passes, store.Time(since), figures[s.Source]
		out[s.Source] = s
	}
	return rows.Err()
}
