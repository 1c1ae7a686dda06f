package takedown

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/contact"
)

// SuppressedRow is an address that is not written to again.
type SuppressedRow struct {
	ID      string    `json:"id"`
	State   string    `json:"state"` // why: bounced, or asked not to be written to
	Created time.Time `json:"created"`
	Address string    `json:"address"`
	Reply   string    `json:"reply"` // the mail that said so; empty when none did
}

// Suppressed lists the addresses that are not written to again, newest first.
func (d *Docket) Suppressed(ctx context.Context) (out []SuppressedRow, err error) {
	err = d.read(ctx, "list suppressed addresses", func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT id, why, created, address, reply FROM suppressed ORDER BY created DESC, id`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r SuppressedRow
			var created int64
			var address []byte
			if err := rows.Scan(&r.ID, &r.State, &created, &address, &r.Reply); err != nil {
				return err
			}
			if r.Address, err = tx.OpenText("suppressed.address", address); err != nil {
				return err
			}
			r.Created = store.Time(created)
			out = append(out, r)
		}
		return rows.Err()
	})
	return out, err
}

// Unsuppress lets an address be written to again: counsel or the operator knows that it works, or that it agrees. The audit log keeps the
// reason, which may be empty.
func (d *Docket) Unsuppress(ctx context.Context, a Actor, id, reason string) error {
	if err := person(a); err != nil {
		return err
	}
	return d.write(ctx, "let an address be written to", func(tx *store.Tx) error {
		res, err := tx.Exec(`DELETE FROM suppressed WHERE id = ?`, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, refuse(CodeNotFound, "There is no suppressed address "+printable(id)+"."))
		}
		return tx.Audit(store.Entry{Actor: a.ID, Act: "suppressed.remove", Object: id, Reason: strings.TrimSpace(reason)})
	})
}

// suppress has an address never written to again, until a person says otherwise. The first reason stays.
func (d *Docket) suppress(tx *store.Tx, a Actor, address, why, replyID string) error {
	if address == "" {
		return nil
	}
	id := store.NewID("address")
	res, err := tx.Exec(`INSERT OR IGNORE INTO suppressed (id, key, address, why, created, reply) VALUES (?,?,?,?,?,?)`, id, recipientKey(tx, address),
		tx.SealText("suppressed.address", strings.ToLower(address)), why, store.Millis(d.now()), replyID)
	if err != nil {
		return fmt.Errorf("suppress address: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return tx.Audit(store.Entry{Actor: a.ID, Act: "suppressed.add", Object: id, Detail: why})
}

// answers takes an address off the list that answered our mail after the bounce, and so gets mail: the bounce was not about it, or was
// forged. What it wrote before says nothing, and what it asked for itself stays.
func (d *Docket) answers(tx *store.Tx, address string, at time.Time) error {
	ids, err := queryIDs(tx, `SELECT s.id FROM suppressed s LEFT JOIN replies r ON r.id = s.reply WHERE s.key = ? AND s.why = 'bounced'
		AND COALESCE(r.received, s.created) <= ?`, recipientKey(tx, address), store.Millis(at))
	if err != nil || len(ids) == 0 {
		return err
	}
	if _, err := tx.Exec(`DELETE FROM suppressed WHERE id = ?`, ids[0]); err != nil {
		return fmt.Errorf("let an address be written to: %w", err)
	}
	return tx.Audit(store.Entry{Actor: System.ID, Act: "suppressed.remove", Object: ids[0], Reason: "It answered our mail."})
}

// unwritable says why an address is not written to; empty where it may be.
func unwritable(tx *store.Tx, address string) (string, error) {
	if address == "" {
		return "", nil
	}
	var why string
	var created int64
	err := tx.QueryRow(`SELECT why, created FROM suppressed WHERE key = ?`, recipientKey(tx, address)).Scan(&why, &created)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read suppressed addresses: %w", err)
	}
	on := store.Time(created).Format(time.DateOnly)
	if why == "asked" {
		return "It asked on " + on + " not to be written to again.", nil
	}
	return "Mail to it came back for good on " + on + ".", nil
}

// skipUnwritable marks those contacts that are not written to, with the reason, so that the next one on the ladder is taken.
func skipUnwritable(tx *store.Tx, found []contact.Found) error {
	for i := range found {
		if found[i].Skipped != "" {
			continue
		}
		why, err := unwritable(tx, found[i].Email)
		if err != nil {
			return err
		}
		found[i].Skipped = why
	}
	return nil
}

// reachable is a ladder that marks those contacts that are not written to.
type reachable struct {
	ladder
	st *store.Store
}

// Find asks the ladder. Where the record cannot be read nobody is marked: the address is looked at once more before anything is sent.
func (l reachable) Find(ctx context.Context, p contact.Place) []contact.Found {
	found := l.ladder.Find(ctx, p)
	_ = l.st.Read(ctx, func(tx *store.Tx) error { return skipUnwritable(tx, found) })
	return found
}

// writable refuses what would go to an address that is not written to.
func writable(tx *store.Tx, address string) error {
	why, err := unwritable(tx, address)
	if err != nil || why == "" {
		return err
	}
	return refuse(CodeState, "This address is not written to. "+why+" Choose another recipient, or take it off the list (unmirror outbox suppressed remove).")
}
