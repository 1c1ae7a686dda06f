package alerts

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/base64"
	"errors"
	"fmt"
	"time"

	"unmirror/store"
)

// token is what the record knows of a link.
type token struct {
	hash         []byte
	kind         string
	subscription string
	mail         string
	used         bool
}

// mint makes a link's secret; the record keeps its keyed hash only.
func (a *Alerts) mint(tx *store.Tx, kind, subscription, mailID string, attempt int, lives time.Duration) (string, error) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	secret := base64.RawURLEncoding.EncodeToString(b)
	now := a.now()
	_, err := tx.Exec(`INSERT INTO alert_tokens (hash, kind, subscription_id, mail_id, attempt, created, expires) VALUES (?,?,?,?,?,?,?)`,
		tx.Lookup("alert_tokens", []byte(secret)), kind, subscription, mailID, attempt, store.Millis(now), store.Millis(now.Add(lives)))
	if err != nil {
		return "", fmt.Errorf("enter link: %w", err)
	}
	return secret, nil
}

// findToken returns ErrToken for what is unknown or expired.
func (a *Alerts) findToken(tx *store.Tx, secret string) (token, error) {
	if len(secret) != 43 {
		return token{}, ErrToken
	}
	t := token{hash: tx.Lookup("alert_tokens", []byte(secret))}
	err := tx.QueryRow(`SELECT kind, subscription_id, mail_id, used > 0 FROM alert_tokens WHERE hash = ? AND expires > ?`,
		t.hash, store.Millis(a.now())).Scan(&t.kind, &t.subscription, &t.mail, &t.used)
	if errors.Is(err, sql.ErrNoRows) {
		return token{}, ErrToken
	}
	if err != nil {
		return token{}, fmt.Errorf("find link: %w", err)
	}
	return t, nil
}

// Confirm ends the double opt-in: the link of a confirmation mail works once. It is for the POST of a button, never for a GET: mail
// scanners follow links. Anything but a fresh confirmation link is ErrToken.
func (a *Alerts) Confirm(ctx context.Context, secret string) error {
	return a.st.Write(ctx, func(tx *store.Tx) error {
		t, err := a.findToken(tx, secret)
		if err != nil {
			return err
		}
		if t.kind != "confirm" || t.used {
			return ErrToken
		}
		now := store.Millis(a.now())
		if _, err := tx.Exec(`UPDATE alert_tokens SET used = ? WHERE hash = ?`, now, t.hash); err != nil {
			return fmt.Errorf("use link: %w", err)
		}
		res, err := tx.Exec(`UPDATE subscriptions SET state = 'confirmed', updated = ?,
			language = (SELECT language FROM alert_mails WHERE id = ?), mode = (SELECT mode FROM alert_mails WHERE id = ?)
			WHERE id = ? AND state IN ('asked','confirmed')`, now, t.mail, t.mail, t.subscription)
		if err != nil {
			return fmt.Errorf("confirm subscription: %w", err)
		}
		// Whoever left or was erased after asking must ask again.
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, ErrToken)
		}
		return tx.Audit(store.Entry{Actor: "subscriber", Act: "subscription.confirm", Object: t.subscription})
	})
}

// Unsubscribe ends the subscription that a mail came from (RFC 8058: on POST only). When it was the person's last one, all that is
// kept about them is destroyed. A second click is no error.
func (a *Alerts) Unsubscribe(ctx context.Context, secret string) error {
	return a.st.Write(ctx, func(tx *store.Tx) error {
		t, err := a.findToken(tx, secret)
		if err != nil {
			return err
		}
		if t.kind != "unsubscribe" {
			return ErrToken
		}
		now := store.Millis(a.now())
		res, err := tx.Exec(`UPDATE subscriptions SET state = 'ended', updated = ? WHERE id = ? AND state <> 'ended'`, now, t.subscription)
		if err != nil {
			return fmt.Errorf("end subscription: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		if err := a.silence(tx, t.subscription); err != nil {
			return err
		}
		if err := tx.Audit(store.Entry{Actor: "subscriber", Act: "subscription.end", Object: t.subscription}); err != nil {
			return err
		}
		return a.eraseWhenLast(tx, t.subscription)
	})
}

// silence stops what is on its way to a subscription, and its links except for unsubscribing.
func (a *Alerts) silence(tx *store.Tx, subscription string) error {
	for _, q := range []string{
		`UPDATE alert_mails SET state = 'void', next_attempt = 0 WHERE subscription_id = ? AND state IN ('queued','deferred','unknown')`,
		`DELETE FROM alert_tokens WHERE subscription_id = ? AND kind <> 'unsubscribe'`,
		`DELETE FROM alert_news WHERE subscription_id = ?`,
	} {
		if _, err := tx.Exec(q, subscription); err != nil {
			return fmt.Errorf("silence subscription: %w", err)
		}
	}
	return nil
}

func (a *Alerts) eraseWhenLast(tx *store.Tx, subscription string) error {
	subscriber, err := subscriberOf(tx, subscription)
	if err != nil {
		return err
	}
	var left int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM subscriptions WHERE subscriber_id = ? AND state <> 'ended'`, subscriber).Scan(&left); err != nil {
		return fmt.Errorf("count subscriptions: %w", err)
	}
	if left > 0 {
		return nil
	}
	return a.erase(tx, "subscriber", subscriber)
}
