package alerts

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"unmirror/store"
)

// SubscriberRow is a subscription as the operator's list shows it; the address is masked.
type SubscriberRow struct {
	ID       string    `json:"id"` // of the subscriber: what Vet takes
	State    string    `json:"state"`
	Created  time.Time `json:"created"`
	Leak     string    `json:"leak"`
	Language string    `json:"language"`
	Mode     string    `json:"mode"`
	Vetted   bool      `json:"vetted"`
	Address  string    `json:"address"` // "j…@e….org"
}

func (a *Alerts) findOrMakeSubscriber(tx *store.Tx, address string) (id string, err error) {
	key := tx.Lookup("subscribers.address", []byte(address))
	err = tx.QueryRow(`SELECT id FROM subscribers WHERE address_key = ?`, key).Scan(&id)
	if err == nil {
		return id, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("find subscriber: %w", err)
	}
	id = store.NewID("sub")
	dataKey := make([]byte, chacha20poly1305.KeySize)
	_, _ = rand.Read(dataKey) // crypto/rand.Read never fails
	sealed, err := encrypt(dataKey, id, address)
	if err != nil {
		return "", err
	}
	_, err = tx.Exec(`INSERT INTO subscribers (id, created, address_key, data_key, address) VALUES (?,?,?,?,?)`,
		id, store.Millis(a.now()), key, tx.Seal("subscribers.data_key", dataKey), sealed)
	if err != nil {
		return "", fmt.Errorf("enter subscriber: %w", err)
	}
	return id, nil
}

// encrypt binds the address to its row, so that it cannot be moved to another.
func encrypt(key []byte, id, address string) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fmt.Errorf("encrypt address: %w", err)
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(address)+aead.Overhead())
	_, _ = rand.Read(nonce)
	return aead.Seal(nonce, nonce, []byte(address), []byte(id)), nil
}

// address opens a subscriber's address; "" once it is erased.
func (a *Alerts) address(tx *store.Tx, id string) (string, error) {
	var sealedKey, sealed []byte
	err := tx.QueryRow(`SELECT data_key, address FROM subscribers WHERE id = ?`, id).Scan(&sealedKey, &sealed)
	if err != nil {
		return "", fmt.Errorf("read subscriber: %w", err)
	}
	if len(sealedKey) == 0 || len(sealed) == 0 {
		return "", nil
	}
	return openAddress(tx, id, sealedKey, sealed)
}

func openAddress(tx *store.Tx, id string, sealedKey, sealed []byte) (string, error) {
	key, err := tx.Open("subscribers.data_key", sealedKey)
	if err != nil {
		return "", fmt.Errorf("open subscriber's key: %w", err)
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return "", fmt.Errorf("open address: %w", err)
	}
	if len(sealed) < aead.NonceSize() {
		return "", errors.New("open address: cut short")
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(id))
	if err != nil {
		return "", fmt.Errorf("open address: %w", err)
	}
	return string(plain), nil
}

// Erase destroys all that is kept about the person behind a mail's unsubscribe or news link. An unknown link is ErrToken.
func (a *Alerts) Erase(ctx context.Context, token string) error {
	return a.st.Write(ctx, func(tx *store.Tx) error {
		t, err := a.findToken(tx, token)
		if err != nil {
			return err
		}
		if t.kind == "confirm" {
			return ErrToken
		}
		subscriber, err := subscriberOf(tx, t.subscription)
		if err != nil {
			return err
		}
		return a.erase(tx, subscriber, subscriber)
	})
}

// EraseSubscriber does the same by id, for an operator. It returns ErrNotFound for an unknown id.
func (a *Alerts) EraseSubscriber(ctx context.Context, actor, subscriberID string) error {
	return a.st.Write(ctx, func(tx *store.Tx) error {
		if err := known(tx, subscriberID); err != nil {
			return err
		}
		return a.erase(tx, actor, subscriberID)
	})
}

// erase ends all subscriptions and destroys the key of the address. The bare row stays, because the audit log names its id.
func (a *Alerts) erase(tx *store.Tx, actor, id string) error {
	now := store.Millis(a.now())
	for _, q := range []struct {
		query string
		args  []any
	}{
		{`DELETE FROM alert_tokens WHERE kind <> 'unsubscribe' AND subscription_id IN (SELECT id FROM subscriptions WHERE subscriber_id = ?)`, []any{id}},
		{`DELETE FROM alert_news WHERE subscription_id IN (SELECT id FROM subscriptions WHERE subscriber_id = ?)`, []any{id}},
		{`UPDATE alert_mails SET state = 'void', next_attempt = 0, updated = ? WHERE state IN ('queued','deferred','unknown') AND subscription_id IN (SELECT id FROM subscriptions WHERE subscriber_id = ?)`, []any{now, id}},
		{`UPDATE subscriptions SET state = 'ended', updated = ? WHERE subscriber_id = ? AND state <> 'ended'`, []any{now, id}},
		{`UPDATE subscribers SET address_key = NULL, data_key = NULL, address = NULL, vetted = 0, erased = ? WHERE id = ? AND erased = 0`, []any{now, id}},
	} {
		if _, err := tx.Exec(q.query, q.args...); err != nil {
			return fmt.Errorf("erase subscriber: %w", err)
		}
	}
	return tx.Audit(store.Entry{Actor: actor, Act: "subscriber.erase", Object: id})
}

// Vet notes that the operator knows who a subscriber is, so that the news page may name the host of a live leak to them.
func (a *Alerts) Vet(ctx context.Context, actor, subscriberID string) error {
	return a.setVetted(ctx, actor, subscriberID, 1)
}

// Unvet takes that back.
func (a *Alerts) Unvet(ctx context.Context, actor, subscriberID string) error {
	return a.setVetted(ctx, actor, subscriberID, 0)
}

func (a *Alerts) setVetted(ctx context.Context, actor, id string, vetted int) error {
	return a.st.Write(ctx, func(tx *store.Tx) error {
		if err := known(tx, id); err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE subscribers SET vetted = ? WHERE id = ?`, vetted, id); err != nil {
			return fmt.Errorf("vet subscriber: %w", err)
		}
		act := map[int]string{0: "subscriber.unvet", 1: "subscriber.vet"}[vetted]
		return tx.Audit(store.Entry{Actor: actor, Act: act, Object: id})
	})
}

func known(tx *store.Tx, id string) error {
	var n int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM subscribers WHERE id = ? AND erased = 0`, id).Scan(&n); err != nil {
		return fmt.Errorf("find subscriber: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("subscriber %s: %w", id, ErrNotFound)
	}
	return nil
}

func subscriberOf(tx *store.Tx, subscription string) (id string, err error) {
	if err := tx.QueryRow(`SELECT subscriber_id FROM subscriptions WHERE id = ?`, subscription).Scan(&id); err != nil {
		return "", fmt.Errorf("find subscriber: %w", err)
	}
	return id, nil
}

// Subscribers lists all subscriptions, newest first, with masked addresses.
func (a *Alerts) Subscribers(ctx context.Context) (out []SubscriberRow, err error) {
	err = a.st.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT s.id, f.state, f.created, f.leak, f.language, f.mode, s.vetted, s.data_key, s.address
			FROM subscriptions f JOIN subscribers s ON s.id = f.subscriber_id ORDER BY f.created DESC, f.id`)
		if err != nil {
			return fmt.Errorf("list subscribers: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r SubscriberRow
			var created int64
			var key, sealed []byte
			if err := rows.Scan(&r.ID, &r.State, &created, &r.Leak, &r.Language, &r.Mode, &r.Vetted, &key, &sealed); err != nil {
				return fmt.Errorf("list subscribers: %w", err)
			}
			r.Created = store.Time(created)
			if len(key) > 0 {
				address, err := openAddress(tx, r.ID, key, sealed)
				if err != nil {
					return err
				}
				r.Address = mask(address)
			}
			out = append(out, r)
		}
		return rows.Err()
	})
	return out, err
}

// mask keeps just enough to tell two addresses of a short list apart: "j…@e….org".
func mask(address string) string {
	local, domain, ok := strings.Cut(address, "@")
	if !ok || local == "" || domain == "" {
		return "…"
	}
	return local[:1] + "…@" + domain[:1] + "…" + domain[strings.LastIndexByte(domain, '.'):]
}
