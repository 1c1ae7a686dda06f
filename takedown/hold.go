package takedown

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"unmirror/internal/post"
	"unmirror/store"
)

// Hold tells whether everything outgoing is stopped, and whether its release was asked for.
func (d *Docket) Hold(ctx context.Context) (h Hold, err error) {
	err = d.read(ctx, "read hold", func(tx *store.Tx) error {
		h, err = readHold(tx)
		return err
	})
	return h, err
}

func readHold(tx *store.Tx) (h Hold, err error) {
	var since, asked int64
	var why, askedWhy []byte
	err = tx.QueryRow(`SELECT is_on, since, actor, why, asked, asked_why FROM hold WHERE id = 1`).Scan(&h.On, &since, &h.ByID, &why, &asked, &askedWhy)
	if errors.Is(err, sql.ErrNoRows) {
		return Hold{}, nil
	}
	if err != nil {
		return Hold{}, fmt.Errorf("read hold: %w", err)
	}
	w, err := openWhy(tx, "hold.why", why)
	if err != nil {
		return Hold{}, err
	}
	h.Since, h.Reason, h.By = store.Time(since), w.Why, h.ByID
	if w.Name != "" {
		h.By = w.Name
	}
	if asked > 0 {
		if w, err = openWhy(tx, "hold.asked_why", askedWhy); err != nil {
			return Hold{}, err
		}
		h.Asked, h.AskedWhy = store.Time(asked), w.Why
	}
	return h, nil
}

// SetHold stops everything outgoing, also the next step of a delivery that is running, or releases it. Counsel, the operator and the
// daemon may stop it. Only another person than the one who stopped it releases it: the one who did asks for it, which is kept, and gets
// ErrSecond. To stop it once more withdraws what was asked, and leaves it with whoever stopped it first.
func (d *Docket) SetHold(ctx context.Context, a Actor, on bool, reason string) error {
	if on && a.Role == System.Role {
		return d.write(ctx, "set hold", func(tx *store.Tx) error { return d.pull(tx, a, reason) })
	}
	if err := person(a); err != nil {
		return err
	}
	if on {
		return d.write(ctx, "set hold", func(tx *store.Tx) error { return d.pull(tx, a, reason) })
	}
	var second error
	err := d.write(ctx, "release hold", func(tx *store.Tx) (err error) {
		second, err = d.release(tx, a, reason)
		return err
	})
	if err != nil {
		return err
	}
	return second
}

// pull sets the hold.
func (d *Docket) pull(tx *store.Tx, a Actor, reason string) error {
	h, err := readHold(tx)
	if err != nil {
		return err
	}
	switch {
	case h.On && h.Asked.IsZero():
		return nil
	case h.On:
		if _, err := tx.Exec(`UPDATE hold SET asked = 0, asked_by = '', asked_why = NULL`); err != nil {
			return err
		}
	default:
		_, err := tx.Exec(`INSERT INTO hold (id, is_on, since, actor, why) VALUES (1,1,?,?,?) ON CONFLICT (id) DO UPDATE SET is_on = 1,
			since = excluded.since, actor = excluded.actor, why = excluded.why, asked = 0, asked_by = '', asked_why = NULL`,
			store.Millis(d.now()), a.ID, sealWhy(tx, "hold.why", a, reason))
		if err != nil {
			return err
		}
	}
	return tx.Audit(store.Entry{Actor: a.ID, Act: "hold.on", Object: "outbox", Reason: reason})
}

// release lets everything go on, or keeps that the person who stopped it asks for that: then second is the refusal.
func (d *Docket) release(tx *store.Tx, a Actor, reason string) (second, err error) {
	h, err := readHold(tx)
	if err != nil || !h.On {
		return nil, err
	}
	if a.ID != h.ByID {
		_, err := tx.Exec(`UPDATE hold SET is_on = 0, since = ?, actor = ?, why = ?, asked = 0, asked_by = '', asked_why = NULL`,
			store.Millis(d.now()), a.ID, sealWhy(tx, "hold.why", a, reason))
		if err != nil {
			return nil, err
		}
		return nil, tx.Audit(store.Entry{Actor: a.ID, Act: "hold.off", Object: "outbox", Detail: "set by " + h.ByID, Reason: reason})
	}
	second = refuse(CodeSecond, "You stopped it: another person has to release it. That you ask for it is kept.")
	if !h.Asked.IsZero() {
		return second, nil
	}
	_, err = tx.Exec(`UPDATE hold SET asked = ?, asked_by = ?, asked_why = ?`, store.Millis(d.now()), a.ID, sealWhy(tx, "hold.asked_why", a, reason))
	if err != nil {
		return nil, err
	}
	return second, tx.Audit(store.Entry{Actor: a.ID, Act: "hold.ask", Object: "outbox", Reason: reason})
}

func isHeld(tx *store.Tx) (on bool, err error) {
	err = tx.QueryRow(`SELECT COALESCE(MAX(is_on), 0) FROM hold`).Scan(&on)
	if err != nil {
		return false, fmt.Errorf("read hold: %w", err)
	}
	return on, nil
}

func (d *Docket) held(ctx context.Context) (on bool, err error) {
	err = d.read(ctx, "read hold", func(tx *store.Tx) error {
		on, err = isHeld(tx)
		return err
	})
	return on, err
}

const watchHold = 300 * time.Millisecond // how often a running delivery looks whether somebody pulled the brake

// Braked wraps a way to send so that a hold cuts a conversation that is running, whoever has it: when the brake cannot be read,
// nothing goes out. Without a way to send there is none to wrap: nil stays nil.
func (d *Docket) Braked(send func(context.Context, string, []string, []byte) post.Result) func(context.Context, string, []string, []byte) post.Result {
	if send == nil {
		return nil
	}
	return func(ctx context.Context, from string, to []string, msg []byte) post.Result {
		if held, err := d.held(ctx); err != nil || held {
			return post.Result{Outcome: post.Deferred, Step: post.StepCheck, Text: "stopped by a hold"}
		}
		begun, cut := context.WithCancel(ctx)
		pulled := make(chan bool, 1)
		go func() { pulled <- d.cutOnHold(begun, cut) }()
		res := send(begun, from, to, msg)
		cut()
		if <-pulled && res.Outcome != post.Sent {
			res.Text = "stopped by a hold"
		}
		return res
	}
}

// cutOnHold calls cut as soon as a hold is set, and returns true; false when ctx ended first.
func (d *Docket) cutOnHold(ctx context.Context, cut func()) bool {
	tick := time.NewTicker(watchHold)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
			if held, err := d.held(ctx); err == nil && held {
				cut()
				return true
			}
		}
	}
}
