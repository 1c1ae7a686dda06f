package alerts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/mail"
	"net/netip"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/idna"

	"unmirror/store"
)

// Subscribe asks for alerts about a leak and sends a confirmation mail, whether or not the address is known already: the answer, the
// mail and the work are the same. A change of language or mode takes effect when that mail is answered. remote is the visitor's
// address, with or without a port; only a keyed hash of its network is kept, for a day.
//
// It returns ErrAddress, ErrLeak, ErrLanguage, ErrMode or ErrSlowDown. Too many mails to one address are dropped silently, because
// saying so would tell that somebody else asked.
func (a *Alerts) Subscribe(ctx context.Context, email, slug, language, mode, remote string) error {
	address, err := parseAddress(email)
	if err != nil {
		return err
	}
	mode, err = parseMode(mode)
	switch {
	case err != nil:
		return err
	case !a.followable(slug):
		return ErrLeak
	case !slices.Contains(languages, language):
		return ErrLanguage
	}
	return a.st.Write(ctx, func(tx *store.Tx) error {
		allowed, err := a.countRequest(tx, address, remote)
		if err != nil || !allowed {
			return err
		}
		subscriber, err := a.findOrMakeSubscriber(tx, address)
		if err != nil {
			return err
		}
		subscription, err := a.ask(tx, subscriber, slug, language, mode)
		if err != nil {
			return err
		}
		return a.queueConfirmation(tx, subscription, language, mode)
	})
}

// parseAddress accepts a bare address and brings it into the one form in which it is kept and compared: SMTP lets only the domain be
// compared without case, but no mailbox in use tells A@ from a@, and two forms of one address would be two subscribers.
func parseAddress(s string) (string, error) {
	s = strings.TrimSpace(s)
	if len(s) > 254 || strings.ContainsAny(s, " <>\"(),:;\\\r\n\t\x00") {
		return "", ErrAddress
	}
	p, err := mail.ParseAddress(s)
	if err != nil || p.Address != s {
		return "", ErrAddress
	}
	at := strings.LastIndexByte(s, '@')
	local, domain := strings.ToLower(s[:at]), s[at+1:]
	if len(local) > 64 || strings.IndexFunc(local, func(r rune) bool { return r > '~' }) >= 0 {
		return "", ErrAddress
	}
	domain, err = idna.Lookup.ToASCII(domain)
	if err != nil || !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", ErrAddress
	}
	return local + "@" + domain, nil
}

func parseMode(s string) (string, error) {
	switch s {
	case AtOnce, "at once", "":
		return AtOnce, nil
	case Digest:
		return Digest, nil
	}
	return "", ErrMode
}

// network cuts a visitor's address down to what one household or office shares.
func network(remote string) string {
	if ap, err := netip.ParseAddrPort(remote); err == nil {
		remote = ap.Addr().String()
	}
	ip, err := netip.ParseAddr(remote)
	if err != nil {
		return remote
	}
	ip = ip.Unmap().WithZone("")
	bits := 48
	if ip.Is4() {
		bits = 24
	}
	p, err := ip.Prefix(bits)
	if err != nil {
		return ip.String()
	}
	return p.String()
}

// countRequest books a request and says whether a mail may go out for it.
func (a *Alerts) countRequest(tx *store.Tx, address, remote string) (bool, error) {
	now := a.now()
	everywhere := tx.Lookup("alert_rates", []byte("all"))
	fromNetwork := tx.Lookup("alert_rates", []byte("network "+network(remote)))
	toAddress := tx.Lookup("alert_rates", []byte("address "+address))
	for _, r := range []struct {
		key    []byte
		limit  int
		window time.Duration
		err    error
	}{{everywhere, perHour, time.Hour, ErrSlowDown}, {fromNetwork, perNetwork, time.Hour, ErrSlowDown}, {toAddress, perAddress, rateWindow, nil}} {
		var n int
		err := tx.QueryRow(`SELECT COUNT(*) FROM alert_rates WHERE key = ? AND at > ?`, r.key, store.Millis(now.Add(-r.window))).Scan(&n)
		if err != nil {
			return false, fmt.Errorf("count requests: %w", err)
		}
		if n >= r.limit {
			return false, r.err
		}
		if _, err := tx.Exec(`INSERT INTO alert_rates (key, at) VALUES (?,?)`, r.key, store.Millis(now)); err != nil {
			return false, fmt.Errorf("book request: %w", err)
		}
	}
	return true, nil
}

// ask returns the subscription of a subscriber to a leak, making it when it is new. A confirmed one stays as it is.
func (a *Alerts) ask(tx *store.Tx, subscriber, slug, language, mode string) (id string, err error) {
	now := store.Millis(a.now())
	var state string
	err = tx.QueryRow(`SELECT id, state FROM subscriptions WHERE subscriber_id = ? AND leak = ?`, subscriber, slug).Scan(&id, &state)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		id = store.NewID("follow")
		_, err = tx.Exec(`INSERT INTO subscriptions (id, subscriber_id, leak, language, mode, state, created, updated) VALUES (?,?,?,?,?,'asked',?,?)`,
			id, subscriber, slug, language, mode, now, now)
	case err == nil && state == "ended":
		_, err = tx.Exec(`UPDATE subscriptions SET state = 'asked', language = ?, mode = ?, updated = ? WHERE id = ?`, language, mode, now, id)
	case err == nil && state == "asked":
		_, err = tx.Exec(`UPDATE subscriptions SET updated = ? WHERE id = ?`, now, id)
	}
	if err != nil {
		return "", fmt.Errorf("enter subscription: %w", err)
	}
	return id, nil
}

// queueConfirmation queues a confirmation mail, or changes the one that has not left yet.
func (a *Alerts) queueConfirmation(tx *store.Tx, subscription, language, mode string) error {
	now := store.Millis(a.now())
	res, err := tx.Exec(`UPDATE alert_mails SET language = ?, mode = ?, updated = ? WHERE subscription_id = ? AND kind = 'confirm' AND state IN ('queued','deferred')`,
		language, mode, now, subscription)
	if err != nil {
		return fmt.Errorf("queue confirmation: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n > 0 {
		return err
	}
	_, err = tx.Exec(`INSERT INTO alert_mails (id, subscription_id, kind, language, mode, state, created, updated, next_attempt) VALUES (?,?,'confirm',?,?,'queued',?,?,?)`,
		store.NewID("mail"), subscription, language, mode, now, now, now)
	if err != nil {
		return fmt.Errorf("queue confirmation: %w", err)
	}
	return nil
}
