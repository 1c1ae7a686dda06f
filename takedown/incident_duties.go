package takedown

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"unmirror/store"
	"unmirror/takedown/incident"
)

// DutyRow is a duty of one leak, with who ticked it off.
type DutyRow struct {
	incident.Duty
	Leak     string `json:"leak"`
	TickedBy string `json:"ticked_by,omitempty"` // empty where the file itself says when it was done
}

// tick is what a row of duties holds, sealed.
type tick struct {
	incident.Done
	Name string `json:"name"`
}

// Duties lists the leak's duties and the five steps as they stand now. Without a leak file none has a clock.
func (d *Docket) Duties(ctx context.Context, slug string) (rows []DutyRow, err error) {
	if !d.o.Registered(slug) {
		if _, ok, err := d.Incident(ctx, slug); err != nil || !ok {
			return nil, orElse(err, noLeak(slug))
		}
	}
	err = d.read(ctx, "read duties", func(tx *store.Tx) error {
		rows, err = d.duties(tx, slug)
		return err
	})
	return rows, err
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (d *Docket) duties(tx *store.Tx, slug string) (rows []DutyRow, err error) {
	f, _, err := d.incident(tx, slug)
	if err != nil {
		return nil, err
	}
	ticks, err := loadTicks(tx, slug)
	if err != nil {
		return nil, err
	}
	done := map[string]incident.Done{}
	for id, t := range ticks {
		done[id] = t.Done
	}
	for _, duty := range f.Duties(done, d.now()) {
		rows = append(rows, DutyRow{Duty: duty, Leak: slug, TickedBy: ticks[duty.ID].Name})
	}
	return rows, nil
}

// loadTicks returns what was ticked off last, by duty.
func loadTicks(tx *store.Tx, slug string) (map[string]tick, error) {
	rows, err := tx.Query(`SELECT duty, content FROM duties WHERE leak = ? ORDER BY id`, slug)
	if err != nil {
		return nil, fmt.Errorf("read ticks: %w", err)
	}
	defer func() { _ = rows.Close() }()
	out := map[string]tick{}
	for rows.Next() {
		var id string
		var sealed []byte
		if err := rows.Scan(&id, &sealed); err != nil {
			return nil, fmt.Errorf("read ticks: %w", err)
		}
		plain, err := tx.Open("duties.content", sealed)
		if err != nil {
			return nil, fmt.Errorf("open tick of %s: %w", id, err)
		}
		var t tick
		if err := json.Unmarshal(plain, &t); err != nil {
			return nil, fmt.Errorf("read tick of %s: %w", id, err)
		}
		out[id] = t
	}
	return out, rows.Err()
}

// DutyDone ticks a duty off: when it was done, and what shows it. A second tick corrects the first, which stays on record.
func (d *Docket) DutyDone(ctx context.Context, by Actor, slug, duty string, on incident.Date, proof string) error {
	if err := person(by); err != nil {
		return err
	}
	rows, err := d.Duties(ctx, slug)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(rows, func(r DutyRow) bool { return r.ID == duty }) {
		var known []string
		for _, r := range rows {
			known = append(known, r.ID)
		}
		return refuse(CodeInvalid, "This leak has no such duty. It has "+strings.Join(known, ", ")+".")
	}
	at, ok := on.Time()
	proof = strings.TrimSpace(proof)
	switch {
	case !ok || !on.Exact():
		return refuse(CodeInvalid, "Say on which day it was done, as 2026-03-14 or 2026-03-14T09:30+01:00.")
	case at.After(d.now()):
		return refuse(CodeInvalid, "What is done cannot lie in the future.")
	case proof == "" || len(proof) > 5000:
		return refuse(CodeInvalid, "Say what shows that it was done: a reference, a letter, a receipt, in at most 5,000 bytes.")
	}
	if hits := d.o.Guard(proof); len(hits) > 0 {
		return refuse(CodeBlocked, "The proof holds what is known out of a leak ("+hits[0].Kind+"). Take it out.")
	}
	content, err := json.Marshal(tick{Done: incident.Done{On: on, Proof: proof}, Name: by.Name})
	if err != nil {
		return fmt.Errorf("tick duty: %w", err)
	}
	return d.write(ctx, "tick duty", func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT INTO duties (leak, duty, created, actor, content) VALUES (?,?,?,?,?)`, slug, duty,
			store.Millis(d.now()), by.ID, tx.Seal("duties.content", content)); err != nil {
			return fmt.Errorf("write tick: %w", err)
		}
		return tx.Audit(store.Entry{Actor: by.ID, Act: "duty.done", Object: slug, Detail: duty + " " + string(on), Reason: proof})
	})
}

// OverdueDuties lists the duties of every leak whose time is over. A leak that was taken out of the index keeps its duties.
func (d *Docket) OverdueDuties(ctx context.Context) (out []DutyRow, err error) {
	err = d.read(ctx, "read overdue duties", func(tx *store.Tx) error {
		slugs, err := incidentSlugs(tx)
		if err != nil {
			return err
		}
		for _, slug := range slugs {
			rows, err := d.duties(tx, slug)
			if err != nil {
				return err
			}
			for _, r := range rows {
				if r.State == incident.DutyOverdue {
					out = append(out, r)
				}
			}
		}
		return nil
	})
	return out, err
}

// countOverdue counts the duties of every leak whose time is over.
func (d *Docket) countOverdue(ctx context.Context) (int, error) {
	rows, err := d.OverdueDuties(ctx)
	return len(rows), err
}
