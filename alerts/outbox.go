package alerts

import (
	"context"
	"fmt"
	"time"

	"unmirror/store"
)

// MailRow is one alert mail as `outbox list` shows it. It names nobody.
type MailRow struct {
	ID          string    `json:"id"`
	State       string    `json:"state"`
	Created     time.Time `json:"created"`
	Kind        string    `json:"kind"` // confirm or news
	Subscriber  string    `json:"subscriber"`
	Attempt     int       `json:"attempt"`
	NextAttempt time.Time `json:"next_attempt"`
	Reason      string    `json:"reason"` // how the last try ended, without the server's words
}

// Resolve is a person's decision about a mail of which nobody knows whether it arrived, or which failed: "sent" or "retry". A retry has
// the same Message-ID.
func (a *Alerts) Resolve(ctx context.Context, actor, mailID, decision string) error {
	state := map[string]string{"sent": "sent", "retry": "queued"}[decision]
	if state == "" {
		return fmt.Errorf("decide %q: it is sent or retry", decision)
	}
	return a.st.Write(ctx, func(tx *store.Tx) error {
		now := store.Millis(a.now())
		next := now
		if state == "sent" {
			next = 0
		}
		res, err := tx.Exec(`UPDATE alert_mails SET state = ?, next_attempt = ?, updated = ? WHERE id = ? AND state IN ('unknown','failed')`, state, next, now, mailID)
		if err != nil {
			return fmt.Errorf("resolve mail: %w", err)
		}
		n, err := res.RowsAffected()
		if err != nil {
			return fmt.Errorf("resolve mail: %w", err)
		}
		if n == 0 {
			var found int
			if err := tx.QueryRow(`SELECT COUNT(*) FROM alert_mails WHERE id = ?`, mailID).Scan(&found); err != nil {
				return fmt.Errorf("resolve mail: %w", err)
			}
			if found == 0 {
				return fmt.Errorf("mail %s: %w", mailID, ErrNotFound)
			}
			return fmt.Errorf("mail %s is neither unknown nor failed: %w", mailID, ErrState)
		}
		return tx.Audit(store.Entry{Actor: actor, Act: "alert.resolve", Object: mailID, Detail: decision})
	})
}

// Mails lists all mails that are kept, newest first.
func (a *Alerts) Mails(ctx context.Context) (out []MailRow, err error) {
	err = a.st.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT m.id, m.state, m.created, m.kind, COALESCE(f.subscriber_id, ''), m.attempt, m.next_attempt, m.reason
			FROM alert_mails m LEFT JOIN subscriptions f ON f.id = m.subscription_id ORDER BY m.created DESC, m.id DESC`)
		if err != nil {
			return fmt.Errorf("list alert mails: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r MailRow
			var created, next int64
			if err := rows.Scan(&r.ID, &r.State, &created, &r.Kind, &r.Subscriber, &r.Attempt, &next, &r.Reason); err != nil {
				return fmt.Errorf("list alert mails: %w", err)
			}
			r.Created, r.NextAttempt = store.Time(created), store.Time(next)
			out = append(out, r)
		}
		return rows.Err()
	})
	return out, err
}

// Counts returns the number of mails and of subscriptions by state, for metrics: "mail.sent", "subscription.confirmed".
func (a *Alerts) Counts(ctx context.Context) (map[string]int, error) {
	out := map[string]int{}
	err := a.st.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT 'mail.' || state, COUNT(*) FROM alert_mails GROUP BY state
			UNION ALL SELECT 'subscription.' || state, COUNT(*) FROM subscriptions GROUP BY state`)
		if err != nil {
			return fmt.Errorf("count alerts: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var name string
			var n int
			if err := rows.Scan(&name, &n); err != nil {
				return fmt.Errorf("count alerts: %w", err)
			}
			out[name] = n
		}
		return rows.Err()
	})
	return out, err
}
