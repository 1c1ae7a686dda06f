package takedown

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/evidence"
)

// EvidenceHold says that nothing of a case's evidence is deleted, whatever its keeping time.
type EvidenceHold struct {
	On     bool      `json:"on"`
	Since  time.Time `json:"since"`
	By     string    `json:"by"`
	Reason string    `json:"reason"`
}

// SetEvidenceHold keeps a case's evidence from being deleted, or releases it. Whoever may act may hold; only counsel may release, for
// what is deleted is gone. Both need a reason.
func (d *Docket) SetEvidenceHold(ctx context.Context, a Actor, caseID string, on bool, reason string) error {
	if err := person(a); err != nil {
		return err
	}
	if !on {
		if err := counsel(a); err != nil {
			return err
		}
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return refuse(CodeInvalid, "Give the reason.")
	}
	return d.write(ctx, "hold evidence", func(tx *store.Tx) error {
		if _, err := loadCase(tx, caseID); err != nil {
			return err
		}
		held, err := evidenceHold(tx, caseID)
		if err != nil || held.On == on {
			return err
		}
		act := "evidence.release"
		if on {
			act = "evidence.hold"
			_, err = tx.Exec(`INSERT INTO evidence_holds (case_id, since, actor, why) VALUES (?,?,?,?)`, caseID, store.Millis(d.now()), a.ID,
				sealWhy(tx, "evidence_holds.why", a, reason))
		} else {
			_, err = tx.Exec(`DELETE FROM evidence_holds WHERE case_id = ?`, caseID)
		}
		if err != nil {
			return err
		}
		return tx.Audit(store.Entry{Actor: a.ID, Act: act, Object: caseID, Reason: reason})
	})
}

func evidenceHold(tx *store.Tx, caseID string) (h EvidenceHold, err error) {
	var since int64
	var why []byte
	err = tx.QueryRow(`SELECT since, actor, why FROM evidence_holds WHERE case_id = ?`, caseID).Scan(&since, &h.By, &why)
	if errors.Is(err, sql.ErrNoRows) {
		return EvidenceHold{}, nil
	}
	if err != nil {
		return h, fmt.Errorf("read hold of evidence: %w", err)
	}
	w, err := openWhy(tx, "evidence_holds.why", why)
	if err != nil {
		return h, err
	}
	if w.Name != "" {
		h.By = w.Name
	}
	h.On, h.Since, h.Reason = true, store.Time(since), w.Why
	return h, nil
}

// past selects the evidence of which the keeping time is over: its case is gone or dismissed since then, undisputed and not held.
const past = `FROM evidence e JOIN cases c ON c.id = e.case_id
	WHERE e.deleted = 0 AND e.state <> 'none' AND c.state IN ('gone','dismissed') AND c.disputed = 0 AND c.updated <= ?
	AND NOT EXISTS (SELECT 1 FROM evidence_holds h WHERE h.case_id = e.case_id)`

// ExpireEvidence deletes evidence of which the keeping time is over (Options.EvidenceKeep), each with a row of the audit log and a line
// of its manifest. It returns how many files it deleted.
func (d *Docket) ExpireEvidence(ctx context.Context) (n int, err error) {
	if d.o.EvidenceKeep <= 0 || d.o.Evidence == nil {
		return 0, nil
	}
	before := store.Millis(d.now().Add(-d.o.EvidenceKeep))
	var ids []string
	err = d.read(ctx, "read old evidence", func(tx *store.Tx) error {
		ids, err = queryIDs(tx, `SELECT e.id `+past+` ORDER BY e.created LIMIT 1000`, before)
		return err
	})
	for _, id := range ids {
		if err != nil || ctx.Err() != nil {
			return n, errors.Join(err, ctx.Err())
		}
		var gone bool
		if gone, err = d.expire(ctx, id, before); gone {
			n++
		}
	}
	return n, err
}

// expire deletes one file and notes it. The decision is made again under the lock of the record, so that a hold set meanwhile counts; a
// crash between file and note has the next run do both again.
func (d *Docket) expire(ctx context.Context, id string, before int64) (gone bool, err error) {
	var caseID string
	var events []evidence.Event
	err = d.write(ctx, "delete old evidence", func(tx *store.Tx) error {
		var state, digest string
		err := tx.QueryRow(`SELECT e.case_id, e.state, e.digest `+past+` AND e.id = ?`, before, id).Scan(&caseID, &state, &digest)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := d.o.Evidence.Delete(id); err != nil {
			return err
		}
		if state == "pending" { // never written: what waited is all there was
			state = "none"
		}
		_, err = tx.Exec(`UPDATE evidence SET deleted = ?, state = ?, intent = NULL, target = NULL WHERE id = ?`, store.Millis(d.now()), state, id)
		if err != nil {
			return err
		}
		if events, err = eventsOf(tx, caseID); err != nil {
			return err
		}
		gone = true
		return tx.Audit(store.Entry{Actor: System.ID, Act: "evidence.delete", Object: id, Detail: digest})
	})
	if err != nil || !gone {
		return false, err
	}
	return true, d.o.Evidence.Note(caseID, events)
}

// EvidenceFile is a kept file as lists show it.
type EvidenceFile struct {
	ID      string     `json:"id"`
	State   string     `json:"state"` // pending, kept, none, deleted
	Created time.Time  `json:"created"`
	Case    string     `json:"case"`
	Leak    string     `json:"leak"`
	Kind    string     `json:"kind"`
	Bytes   int64      `json:"bytes"`
	Digest  string     `json:"digest"`
	Stamped *time.Time `json:"stamped"` // the time in its token; null: it has none
	Held    bool       `json:"held"`
	Until   *time.Time `json:"until"` // when its keeping time is over; null while its case is not
}

// Evidence lists what was kept, of one case or of all ("").
func (d *Docket) Evidence(ctx context.Context, caseID string) (out []EvidenceFile, err error) {
	err = d.read(ctx, "list evidence", func(tx *store.Tx) error {
		if caseID != "" {
			if _, err := loadCase(tx, caseID); err != nil {
				return err
			}
		}
		rows, err := tx.Query(`SELECT e.id, e.state, e.created, e.case_id, c.leak, e.kind, e.bytes, e.digest, e.stamped, e.deleted, c.state, c.updated,
			EXISTS (SELECT 1 FROM evidence_holds h WHERE h.case_id = c.id) FROM evidence e JOIN cases c ON c.id = e.case_id
			WHERE ?1 = '' OR e.case_id = ?1 ORDER BY e.created, e.id`, caseID)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			f, err := d.scanEvidence(rows)
			if err != nil {
				return err
			}
			out = append(out, f)
		}
		return rows.Err()
	})
	return out, err
}

func (d *Docket) scanEvidence(s scanner) (f EvidenceFile, err error) {
	var created, stamped, deleted, updated int64
	var state CaseState
	if err := s.Scan(&f.ID, &f.State, &created, &f.Case, &f.Leak, &f.Kind, &f.Bytes, &f.Digest, &stamped, &deleted, &state, &updated, &f.Held); err != nil {
		return f, err
	}
	f.Created = store.Time(created)
	if stamped > 0 {
		at := store.Time(stamped)
		f.Stamped = &at
	}
	switch {
	case deleted > 0:
		f.State = "deleted"
	case (state == CaseGone || state == CaseDismissed) && d.o.EvidenceKeep > 0 && !f.Held:
		until := store.Time(updated).Add(d.o.EvidenceKeep)
		f.Until = &until
	}
	return f, nil
}
