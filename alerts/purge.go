package alerts

import (
	"context"
	"fmt"
	"time"

	"unmirror/store"
)

// purge forgets who asked and did not confirm, links that expired, booked requests, and mails that ended long ago.
func (a *Alerts) purge(ctx context.Context) error {
	now := a.now()
	ms := func(d time.Duration) int64 { return store.Millis(now.Add(-d)) }
	return a.st.Write(ctx, func(tx *store.Tx) error {
		for _, q := range []struct {
			query string
			args  []any
		}{
			{`DELETE FROM alert_rates WHERE at <= ?`, []any{ms(rateWindow)}},
			{`DELETE FROM alert_tokens WHERE expires <= ?`, []any{ms(0)}},
			{`DELETE FROM alert_mails WHERE updated <= ? AND state IN ('sent','failed','void')`, []any{ms(mailsKept)}},
			// While its mail is still on the way, a request is kept: the link's time starts when it leaves.
			{`DELETE FROM subscriptions WHERE state = 'asked' AND updated <= ?
				AND NOT EXISTS (SELECT 1 FROM alert_tokens t WHERE t.subscription_id = subscriptions.id AND t.kind = 'confirm')
				AND NOT EXISTS (SELECT 1 FROM alert_mails m WHERE m.subscription_id = subscriptions.id AND m.state IN ('queued','open','deferred'))`, []any{ms(confirmFor)}},
			{`DELETE FROM subscribers WHERE erased = 0 AND created <= ? AND NOT EXISTS (SELECT 1 FROM subscriptions f WHERE f.subscriber_id = subscribers.id)`, []any{ms(confirmFor)}},
		} {
			if _, err := tx.Exec(q.query, q.args...); err != nil {
				return fmt.Errorf("clear away: %w", err)
			}
		}
		return nil
	})
}
