package takedown

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"unmirror/fingerprints/match"
	"unmirror/store"
	"unmirror/takedown/evidence"
)

// noRecipients is what the case page says when nothing is kept.
const noRecipients = "No evidence recipients are configured (evidence.recipients), so none was kept."

// sighted is what an evidence file is to keep of one look at an address.
type sighted struct {
	kind            string // first capture, seen again, recheck
	capture         Capture
	matches         []match.Match
	content         string // the keyed digest of what was there
	outcome, reason string // of a recheck
}

// intend commits what evidence is to be kept, in the transaction of what happened: a crash before the file is on disk
// then loses nothing. It returns the row's id, or "" when no evidence is kept.
func (d *Docket) intend(tx *store.Tx, c *caseRec, s sighted) (string, error) {
	id, now := store.NewID("evidence"), d.now()
	state, missing, intent := "none", noRecipients, []byte(nil)
	if s.capture.URL == "" {
		s.capture.URL = c.url
	}
	r := evidence.Record{ID: id, Case: c.id, Leak: c.leak, Kind: s.kind, State: string(c.state), Source: c.source, At: now,
		Capture: evidence.Capture(s.capture), Matches: s.matches, Outcome: s.outcome, Reason: s.reason, Version: d.o.Version}
	if d.o.Evidence.Enabled() {
		state, missing = "pending", ""
		var err error
		if r.Same, err = capturedBefore(tx, c.id, s.content); err != nil {
			return "", err
		}
		plain, err := json.Marshal(r)
		if err != nil {
			return "", fmt.Errorf("intend evidence: %w", err)
		}
		intent = tx.Seal("evidence.intent", plain)
	}
	_, err := tx.Exec(`INSERT INTO evidence (id, case_id, created, kind, state, missing, intent, content, target, captured) VALUES (?,?,?,?,?,?,?,?,?,?)`,
		id, c.id, store.Millis(now), s.kind, state, missing, intent, s.content, tx.SealText("evidence.target", s.capture.URL), store.Millis(r.Responded()))
	if err != nil {
		return "", fmt.Errorf("intend evidence: %w", err)
	}
	if state == "none" {
		return "", nil
	}
	return id, nil
}

// capturedBefore finds the first evidence of the very content in a case; nil when there is none.
func capturedBefore(tx *store.Tx, caseID, content string) (*evidence.Earlier, error) {
	if content == "" {
		return nil, nil
	}
	var e evidence.Earlier
	var at int64
	var target []byte
	err := tx.QueryRow(`SELECT id, captured, target FROM evidence WHERE case_id = ? AND content = ? AND content <> '' AND state <> 'none' AND deleted = 0
		ORDER BY created, id LIMIT 1`, caseID, content).Scan(&e.ID, &at, &target)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err == nil {
		e.URL, err = tx.OpenText("evidence.target", target)
	}
	if err != nil {
		return nil, fmt.Errorf("find earlier evidence: %w", err)
	}
	e.At = store.Time(at)
	return &e, nil
}

// keepNow keeps evidence right after its intent was committed. What fails stays pending: the sighting is not lost.
func (d *Docket) keepNow(ctx context.Context, ids []string) {
	for _, id := range ids {
		if err := d.keep(ctx, id); err != nil {
			d.o.Log.WarnContext(ctx, "evidence waits to be kept", "evidence", id, "error", err)
		}
	}
}

// KeepEvidence writes all evidence that waits, for instance after a crash or a full disk. It returns how many files were
// kept, and the first thing that went wrong.
func (d *Docket) KeepEvidence(ctx context.Context) (n int, err error) {
	if !d.o.Evidence.Enabled() {
		return 0, nil // what was intended waits until there are recipients again
	}
	var ids []string
	err = d.read(ctx, "read pending evidence", func(tx *store.Tx) error {
		ids, err = queryIDs(tx, `SELECT id FROM evidence WHERE state = 'pending' ORDER BY created LIMIT 1000`)
		return err
	})
	for _, id := range ids {
		if one := d.keep(ctx, id); one != nil {
			err = errors.Join(err, one)
			break // most often the disk: the others would fail as well
		}
		n++
	}
	return n, err
}

// keep writes one file, then notes it and forgets the intent, then brings the case's manifest up to date.
func (d *Docket) keep(ctx context.Context, id string) error {
	var r evidence.Record
	err := d.read(ctx, "read evidence", func(tx *store.Tx) error {
		var sealed []byte
		if err := tx.QueryRow(`SELECT intent FROM evidence WHERE id = ?`, id).Scan(&sealed); err != nil {
			return err
		}
		if sealed == nil {
			return nil // another process kept it
		}
		plain, err := tx.Open("evidence.intent", sealed)
		if err != nil {
			return err
		}
		return json.Unmarshal(plain, &r)
	})
	if err != nil || r.ID == "" {
		return err
	}
	kept, err := d.o.Evidence.Keep(r)
	if err != nil {
		return err
	}
	var events []evidence.Event
	err = d.write(ctx, "note evidence", func(tx *store.Tx) error {
		res, err := tx.Exec(`UPDATE evidence SET state = 'kept', bytes = ?, digest = ?, intent = NULL WHERE id = ?`, kept.Bytes, kept.Digest, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errors.New("the row is gone"))
		}
		if err := tx.Audit(store.Entry{Actor: System.ID, Act: "evidence.keep", Object: id, Detail: kept.Digest}); err != nil {
			return err
		}
		events, err = eventsOf(tx, r.Case)
		return err
	})
	if err != nil {
		return err
	}
	return d.o.Evidence.Note(r.Case, events)
}

// eventsOf is everything that a case's manifest tells, in the order in which it happened.
func eventsOf(tx *store.Tx, caseID string) (out []evidence.Event, err error) {
	rows, err := tx.Query(`SELECT id, created, kind, bytes, digest, stamped, token, token_bytes, deleted FROM evidence
		WHERE case_id = ? AND state = 'kept' ORDER BY created, id`, caseID)
	if err != nil {
		return nil, fmt.Errorf("read evidence: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var id, token string
		var created, stamped, tokenBytes, deleted int64
		e := evidence.Event{What: "kept"}
		if err := rows.Scan(&id, &created, &e.Kind, &e.Bytes, &e.SHA256, &stamped, &token, &tokenBytes, &deleted); err != nil {
			return nil, fmt.Errorf("read evidence: %w", err)
		}
		e.File, e.At = evidence.FileName(id), store.Time(created)
		out = append(out, e)
		if stamped > 0 {
			out = append(out, evidence.Event{What: "stamped", File: evidence.TokenName(id), At: store.Time(stamped), Bytes: tokenBytes, SHA256: token})
		}
		if deleted > 0 {
			out = append(out, evidence.Event{What: "deleted", File: e.File, At: store.Time(deleted), SHA256: e.SHA256})
		}
	}
	return out, rows.Err()
}

// queryIDs returns the one column that the query selects.
func queryIDs(tx *store.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.Query(query, args...)
	if err != nil {
		return nil, fmt.Errorf("read ids: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("read ids: %w", err)
		}
		out = append(out, id)
	}
	return out, rows.Err()
}
