package alerts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"unmirror/internal/post"
	"unmirror/store"
)

const (
	sendWithin  = 12 * time.Minute // one conversation with the mail server
	graceAtStop = 15 * time.Second
	// cutAfter is when an open attempt must be of a process that died: longer than any conversation takes.
	cutAfter = 20 * time.Minute
	perRun   = 1000 // mails in one Deliver; the rest waits for the next
)

// backOff are the waits after each failed try; after the last one a mail has failed.
var backOff = [...]time.Duration{time.Minute, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 24 * time.Hour}

// Recover marks every attempt found open as unknown: nobody knows whether its mail arrived, so a person decides (Resolve). For the
// start of the daemon, before anything is delivered.
func (a *Alerts) Recover(ctx context.Context) (n int, err error) { return a.cut(ctx, a.now()) }

func (a *Alerts) cut(ctx context.Context, before time.Time) (int, error) {
	var n int64
	err := a.st.Write(ctx, func(tx *store.Tx) error {
		res, err := tx.Exec(`UPDATE alert_mails SET state = 'unknown', next_attempt = 0, reason = 'cut while sending', updated = ?
			WHERE state = 'open' AND updated <= ?`, store.Millis(a.now()), store.Millis(before))
		if err != nil {
			return fmt.Errorf("mark cut attempts: %w", err)
		}
		n, err = res.RowsAffected()
		return err
	})
	return int(n), err
}

// Deliver tells new events, sends every mail that is due, and clears away what is past its time. It returns how many mails it tried.
// Each try is committed, together with the time of the next, before the first byte leaves.
func (a *Alerts) Deliver(ctx context.Context) (n int, err error) {
	a.delivering.Lock()
	defer a.delivering.Unlock()
	if err := a.purge(ctx); err != nil {
		return 0, err
	}
	if _, err := a.cut(ctx, a.now().Add(-cutAfter)); err != nil {
		return 0, err
	}
	if err := a.tellUntold(ctx); err != nil {
		return 0, err
	}
	for a.o.Send != nil && n < perRun && ctx.Err() == nil && !a.o.Held(ctx) {
		m, err := a.claim(ctx)
		if err != nil || m == nil {
			return n, err
		}
		n++
		r := a.send(ctx, m)
		// What happened outside is written down even when we are being stopped.
		if err := a.finish(context.WithoutCancel(ctx), m, r); err != nil {
			return n, err
		}
		if serverDown(r) {
			return n, nil
		}
	}
	return n, nil
}

// serverDown says that a failure was not about this mail: the others would fail alike, each after a long wait.
func serverDown(r post.Result) bool {
	switch r.Step {
	case post.StepConnect, post.StepHello, post.StepStartTLS, post.StepAuth:
		return r.Outcome != post.Sent
	}
	return false
}

// outgoing is a claimed mail with all that its rendering needs.
type outgoing struct {
	id, kind, language, subscription string
	attempt                          int
	to                               string
	link, unsubscribe                string
	expires                          time.Time
}

// claim takes the next due mail: it marks the attempt open and plans the next one. What has nobody to go to any more becomes void.
func (a *Alerts) claim(ctx context.Context) (m *outgoing, err error) {
	for m == nil && err == nil {
		var none bool
		err = a.st.Write(ctx, func(tx *store.Tx) error {
			m, none, err = a.claimOne(tx)
			return err
		})
		if none {
			return nil, err
		}
	}
	return m, err
}

// claimOne returns nil and false when the mail that was due turned out to be void.
func (a *Alerts) claimOne(tx *store.Tx) (m *outgoing, none bool, err error) {
	now := a.now()
	c := outgoing{}
	var state string
	var subscriber string
	err = tx.QueryRow(`SELECT m.id, m.kind, m.language, m.subscription_id, m.attempt, COALESCE(f.state, 'ended'), COALESCE(f.subscriber_id, '')
		FROM alert_mails m LEFT JOIN subscriptions f ON f.id = m.subscription_id
		WHERE m.state IN ('queued','deferred') AND m.next_attempt <= ? ORDER BY m.next_attempt, m.id LIMIT 1`, store.Millis(now)).
		Scan(&c.id, &c.kind, &c.language, &c.subscription, &c.attempt, &state, &subscriber)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, true, nil
	}
	if err != nil {
		return nil, true, fmt.Errorf("find due alert: %w", err)
	}
	if state == "confirmed" || (state == "asked" && c.kind == "confirm") {
		if c.to, err = a.address(tx, subscriber); err != nil {
			return nil, true, err
		}
	}
	if c.to == "" {
		_, err := tx.Exec(`UPDATE alert_mails SET state = 'void', next_attempt = 0, updated = ? WHERE id = ?`, store.Millis(now), c.id)
		return nil, err != nil, err
	}
	c.attempt++
	next := now.Add(backOff[min(c.attempt, len(backOff))-1])
	if _, err := tx.Exec(`UPDATE alert_mails SET state = 'open', attempt = ?, next_attempt = ?, updated = ? WHERE id = ?`,
		c.attempt, store.Millis(next), store.Millis(now), c.id); err != nil {
		return nil, true, fmt.Errorf("open attempt: %w", err)
	}
	return &c, false, a.addLinks(tx, &c)
}

// addLinks mints the links of one attempt. The record could not give the secrets of an earlier attempt: it never had them.
func (a *Alerts) addLinks(tx *store.Tx, m *outgoing) error {
	lives, path := newsFor, "/alerts/news?t="
	if m.kind == "confirm" {
		lives, path = confirmFor, "/alerts/confirm?t="
	}
	m.expires = a.now().Add(lives)
	secret, err := a.mint(tx, m.kind, m.subscription, m.id, m.attempt, lives)
	if err != nil {
		return err
	}
	m.link = a.o.PublicURL + path + secret
	if m.kind == "confirm" {
		return nil
	}
	if secret, err = a.mint(tx, "unsubscribe", m.subscription, m.id, m.attempt, unsubscribeFor); err != nil {
		return err
	}
	m.unsubscribe = a.o.PublicURL + "/alerts/unsubscribe?t=" + secret
	return nil
}

func (a *Alerts) send(ctx context.Context, m *outgoing) post.Result {
	msg, err := a.render(m)
	if err != nil {
		return post.Result{Outcome: post.Refused, Step: post.StepCheck, Text: err.Error()}
	}
	// A stop in the middle of a mail would leave a case for a person to decide, so a begun conversation gets a moment to end.
	begun, cancel := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cancel()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(graceAtStop, cancel) })()
	return a.o.Send(begun, a.o.From, []string{m.to}, post.WithDate(msg, a.now()))
}

// finish writes down how a try ended. The server's words stay out: they may repeat the address.
func (a *Alerts) finish(ctx context.Context, m *outgoing, r post.Result) error {
	state, next := string(r.Outcome), int64(0)
	switch r.Outcome {
	case post.Sent, post.Unknown:
	case post.Deferred:
		if m.attempt > len(backOff) {
			state = "failed"
		}
	default:
		state = "failed"
	}
	return a.st.Write(ctx, func(tx *store.Tx) error {
		if state == "deferred" {
			if err := tx.QueryRow(`SELECT next_attempt FROM alert_mails WHERE id = ?`, m.id).Scan(&next); err != nil {
				return fmt.Errorf("finish attempt: %w", err)
			}
		}
		if state == "deferred" || state == "failed" {
			if _, err := tx.Exec(`DELETE FROM alert_tokens WHERE mail_id = ? AND attempt = ?`, m.id, m.attempt); err != nil {
				return fmt.Errorf("take links back: %w", err)
			}
		}
		_, err := tx.Exec(`UPDATE alert_mails SET state = ?, next_attempt = ?, reason = ?, updated = ? WHERE id = ? AND attempt = ? AND state IN ('open','unknown')`,
			state, next, r.String(), store.Millis(a.now()), m.id, m.attempt)
		if err != nil {
			return fmt.Errorf("finish attempt: %w", err)
		}
		return nil
	})
}
