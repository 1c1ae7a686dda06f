// Package operator tells the operator by mail that a source fell silent, and that it is heard again, in words approved
// beforehand. It never writes about a leak, a case or a person, and never mails anybody but the organisation itself.
package operator

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"unmirror/internal/post"
	"unmirror/store"
)

// Options are what the mails are made from.
type Options struct {
	To, From  string // without a To, nothing is queued
	Name      string // the sender's display name
	Language  string // nl, fr, de or en; another means en
	PublicURL string // of the desk
	Held      func(context.Context) bool
	// Send hands one message, Date included, to the mail server; nil: what is queued waits.
	Send func(ctx context.Context, from string, to []string, msg []byte) post.Result
}

// Mailbox is the outbox of these mails. It is safe for concurrent use.
type Mailbox struct {
	o          Options
	st         *store.Store
	delivering sync.Mutex
}

// New gives the outbox of a record.
func New(st *store.Store, o Options) *Mailbox {
	if o.Held == nil {
		o.Held = func(context.Context) bool { return false }
	}
	return &Mailbox{o: o, st: st}
}

// News is what a mail tells: a source fell silent, or is heard again, and why, as a code of package crawler/silence.
type News struct {
	Source, Why string
	Silent      bool
	At          time.Time
}

const (
	sendWithin  = 12 * time.Minute
	graceAtStop = 15 * time.Second
	cutAfter    = 20 * time.Minute
	kept        = 90 * 24 * time.Hour
)

// backOff are the waits after each failed try; after the last one a mail has failed.
var backOff = [...]time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour}

// ErrNotFound says that there is no such mail; ErrState that it waits for nobody's decision.
var (
	ErrNotFound = errors.New("there is no such mail")
	ErrState    = errors.New("the mail is neither unknown nor failed")
)

// Queue enters a mail in the caller's transaction: it leaves once what it tells is committed.
func (m *Mailbox) Queue(tx *store.Tx, n News) error {
	if m.o.To == "" {
		return nil
	}
	kind := "heard"
	if n.Silent {
		kind = "silent"
	}
	now := store.Millis(tx.Now())
	_, err := tx.Exec(`INSERT INTO operator_mails (id, kind, source, why, at, state, created, updated, next_attempt) VALUES (?,?,?,?,?,'queued',?,?,?)`,
		store.NewID("mail"), kind, n.Source, n.Why, store.Millis(n.At), now, now, now)
	if err != nil {
		return fmt.Errorf("queue mail to the operator: %w", err)
	}
	return nil
}

// Recover marks every attempt found open as unknown, so that a person decides. For the start of the daemon.
func (m *Mailbox) Recover(ctx context.Context) (int, error) { return m.cut(ctx, m.st.Now()) }

func (m *Mailbox) cut(ctx context.Context, before time.Time) (n int, err error) {
	err = m.st.Write(ctx, func(tx *store.Tx) error {
		res, err := tx.Exec(`UPDATE operator_mails SET state='unknown', next_attempt=0, reason='cut while sending', updated=? WHERE state='open' AND updated<=?`,
			store.Millis(tx.Now()), store.Millis(before))
		if err != nil {
			return fmt.Errorf("mark cut attempts: %w", err)
		}
		rows, err := res.RowsAffected()
		n = int(rows)
		return err
	})
	return n, err
}

// outgoing is a claimed mail.
type outgoing struct {
	id, kind, source, why string
	at                    time.Time
	attempt               int
	next                  int64
}

// Deliver sends what is due and returns how many mails it tried. Each try is committed, with the time of the next,
// before the first byte leaves.
func (m *Mailbox) Deliver(ctx context.Context) (n int, err error) {
	m.delivering.Lock()
	defer m.delivering.Unlock()
	if _, err := m.cut(ctx, m.st.Now().Add(-cutAfter)); err != nil {
		return 0, err
	}
	for m.o.Send != nil && m.o.To != "" && ctx.Err() == nil && !m.o.Held(ctx) {
		o, err := m.claim(ctx)
		if err != nil || o == nil {
			return n, err
		}
		n++
		r := m.send(ctx, *o)
		if err := m.finish(context.WithoutCancel(ctx), *o, r); err != nil {
			return n, err
		}
		switch r.Step {
		case post.StepConnect, post.StepHello, post.StepStartTLS, post.StepAuth:
			if r.Outcome != post.Sent {
				return n, nil // the others would fail alike
			}
		}
	}
	return n, nil
}

func (m *Mailbox) claim(ctx context.Context) (o *outgoing, err error) {
	err = m.st.Write(ctx, func(tx *store.Tx) error {
		o = nil
		now := tx.Now()
		if _, err := tx.Exec(`DELETE FROM operator_mails WHERE state IN ('sent','void') AND updated < ?`, store.Millis(now.Add(-kept))); err != nil {
			return fmt.Errorf("clear old mails: %w", err)
		}
		var c outgoing
		var at int64
		err := tx.QueryRow(`SELECT id, kind, source, why, at, attempt FROM operator_mails WHERE state IN ('queued','deferred') AND next_attempt <= ?
			ORDER BY created, id LIMIT 1`, store.Millis(now)).Scan(&c.id, &c.kind, &c.source, &c.why, &at, &c.attempt)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("find due mail: %w", err)
		}
		c.attempt++
		c.at, c.next = store.Time(at), store.Millis(now.Add(backOff[min(c.attempt, len(backOff))-1]))
		if _, err := tx.Exec(`UPDATE operator_mails SET state='open', attempt=?, next_attempt=?, updated=? WHERE id=?`, c.attempt, c.next, store.Millis(now), c.id); err != nil {
			return fmt.Errorf("open attempt: %w", err)
		}
		o = &c
		return nil
	})
	return o, err
}

func (m *Mailbox) send(ctx context.Context, o outgoing) post.Result {
	msg, err := m.render(o)
	if err != nil {
		return post.Result{Outcome: post.Refused, Step: post.StepCheck, Text: err.Error()}
	}
	begun, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(graceAtStop, cancel) })()
	return m.o.Send(begun, m.o.From, []string{m.o.To}, post.WithDate(msg, m.st.Now()))
}

// finish writes down how a try ended, without the server's words.
func (m *Mailbox) finish(ctx context.Context, o outgoing, r post.Result) error {
	state, next := string(r.Outcome), int64(0)
	switch r.Outcome {
	case post.Sent, post.Unknown:
	case post.Deferred:
		next = o.next
		if o.attempt > len(backOff) {
			state, next = "failed", 0
		}
	default:
		state = "failed"
	}
	return m.st.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE operator_mails SET state=?, next_attempt=?, reason=?, updated=? WHERE id=? AND attempt=? AND state IN ('open','unknown')`,
			state, next, r.String(), store.Millis(tx.Now()), o.id, o.attempt)
		if err != nil {
			return fmt.Errorf("finish attempt: %w", err)
		}
		return nil
	})
}

// Row is one mail as `outbox list` shows it.
type Row struct {
	ID          string    `json:"id"`
	State       string    `json:"state"`
	Created     time.Time `json:"created"`
	Kind        string    `json:"kind"` // silent, heard
	Source      string    `json:"source"`
	Attempt     int       `json:"attempt"`
	NextAttempt time.Time `json:"next_attempt"`
	Reason      string    `json:"reason"`
}

// Mails lists the mails that are kept, newest first.
func (m *Mailbox) Mails(ctx context.Context) (out []Row, err error) {
	err = m.st.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT id, state, created, kind, source, attempt, next_attempt, reason FROM operator_mails ORDER BY created DESC, id DESC`)
		if err != nil {
			return fmt.Errorf("list mails to the operator: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r Row
			var created, next int64
			if err := rows.Scan(&r.ID, &r.State, &created, &r.Kind, &r.Source, &r.Attempt, &next, &r.Reason); err != nil {
				return fmt.Errorf("list mails to the operator: %w", err)
			}
			r.Created, r.NextAttempt = store.Time(created), store.Time(next)
			out = append(out, r)
		}
		return rows.Err()
	})
	return out, err
}

// Resolve is a person's decision about a mail of which nobody knows whether it arrived, or which failed: "sent" or
// "retry".
func (m *Mailbox) Resolve(ctx context.Context, actor, id, decision string) error {
	state, ok := map[string]string{"sent": "sent", "retry": "queued"}[decision]
	if !ok {
		return fmt.Errorf("decide %q: it is sent or retry", decision)
	}
	return m.st.Write(ctx, func(tx *store.Tx) error {
		var now string
		if err := tx.QueryRow(`SELECT state FROM operator_mails WHERE id = ?`, id).Scan(&now); err != nil {
			if errors.Is(err, sql.ErrNoRows) {
				return fmt.Errorf("mail %s: %w", id, ErrNotFound)
			}
			return fmt.Errorf("resolve mail: %w", err)
		}
		if now != "unknown" && now != "failed" {
			return fmt.Errorf("mail %s: %w", id, ErrState)
		}
		at := store.Millis(tx.Now())
		if _, err := tx.Exec(`UPDATE operator_mails SET state=?, next_attempt=?, updated=? WHERE id=?`, state, at, at, id); err != nil {
			return fmt.Errorf("resolve mail: %w", err)
		}
		return tx.Audit(store.Entry{Actor: actor, Act: "operator_mail.resolve", Object: id, Detail: decision})
	})
}

// Has says whether a mail of that id is one of these.
func (m *Mailbox) Has(ctx context.Context, id string) (bool, error) {
	n := 0
	err := m.st.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT count(*) FROM operator_mails WHERE id = ?`, id).Scan(&n)
	})
	return n > 0 && strings.HasPrefix(id, "mail"), err
}
