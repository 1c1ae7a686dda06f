package takedown

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"unmirror/store"
	"unmirror/takedown/evidence"
)

const (
	stampBatch   = 100
	firstRestamp = time.Minute
	lastRestamp  = 6 * time.Hour
)

// StampEvidence asks the time stamping authority for a token of each kept file that has none; the authority is told the file's digest and
// nothing else. An authority that fails delays nothing: what it owes is asked for again, in growing intervals. It returns how many files
// were stamped, and the first thing that went wrong.
func (d *Docket) StampEvidence(ctx context.Context) (n int, err error) {
	if d.o.Timestamp == nil || !d.o.Evidence.Enabled() {
		return 0, nil
	}
	var ids []string
	err = d.read(ctx, "read evidence without a time token", func(tx *store.Tx) error {
		ids, err = queryIDs(tx, `SELECT id FROM evidence WHERE state = 'kept' AND stamped = 0 AND deleted = 0 AND stamp_next <= ? ORDER BY stamp_next, id LIMIT ?`,
			store.Millis(d.now()), stampBatch)
		return err
	})
	for _, id := range ids {
		if ctx.Err() != nil {
			return n, ctx.Err()
		}
		if one := d.stamp(ctx, id); one != nil {
			// What kept this one from its token would most often keep the others too.
			return n, errors.Join(err, fmt.Errorf("stamp evidence %s at %s: %w", id, d.o.Timestamp.Host(), one))
		}
		n++
	}
	return n, err
}

// stamp gets one token, keeps it beside the file, and notes it.
func (d *Docket) stamp(ctx context.Context, id string) error {
	var digest, caseID string
	err := d.read(ctx, "read evidence", func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT digest, case_id FROM evidence WHERE id = ?`, id).Scan(&digest, &caseID)
	})
	if err != nil {
		return err
	}
	sum, err := hex.DecodeString(digest)
	if err != nil {
		return fmt.Errorf("read digest: %w", err)
	}
	tok, err := d.o.Timestamp.Stamp(ctx, sum)
	if err == nil {
		err = d.o.Evidence.PlaceToken(id, tok.Raw)
	}
	if err != nil {
		return errors.Join(err, d.stampLater(ctx, id))
	}
	of := sha256.Sum256(tok.Raw)
	var events []evidence.Event
	err = d.write(ctx, "note time token", func(tx *store.Tx) error {
		res, err := tx.Exec(`UPDATE evidence SET stamped = ?, token = ?, token_bytes = ? WHERE id = ? AND stamped = 0 AND deleted = 0`,
			store.Millis(tok.Time), hex.EncodeToString(of[:]), len(tok.Raw), id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errors.New("another process stamped or deleted it"))
		}
		if events, err = eventsOf(tx, caseID); err != nil {
			return err
		}
		return tx.Audit(store.Entry{Actor: System.ID, Act: "evidence.stamp", Object: id, Detail: "token " + hex.EncodeToString(of[:]) + " policy " + tok.Policy})
	})
	if err != nil {
		return err
	}
	return d.o.Evidence.Note(caseID, events)
}

// stampLater puts off the next request for a token.
func (d *Docket) stampLater(ctx context.Context, id string) error {
	return d.write(context.WithoutCancel(ctx), "put off time token", func(tx *store.Tx) error {
		var tries int
		if err := tx.QueryRow(`SELECT stamp_tries FROM evidence WHERE id = ?`, id).Scan(&tries); err != nil {
			return err
		}
		wait := min(firstRestamp<<min(tries, 20), lastRestamp)
		_, err := tx.Exec(`UPDATE evidence SET stamp_tries = stamp_tries + 1, stamp_next = ? WHERE id = ?`, store.Millis(d.now().Add(wait)), id)
		return err
	})
}
