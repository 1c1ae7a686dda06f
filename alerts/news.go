package alerts

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
)

// shownNews is how many events a news page lists.
const shownNews = 50

// NewsItem is one event as a subscriber may see it.
type NewsItem struct {
	At   time.Time
	Kind string // confirmed, gone, gone_for_us, back, withdrawn
	Text string // a sentence in the page's language
	Host string // empty unless the subscriber may know it
}

// NewsPage is what stands behind a news link.
type NewsPage struct {
	Leak      string // slug
	Title     string
	Language  string
	Mode      string
	Reference string // the subscriber's id: what somebody names to the operator to be vetted
	Vetted    bool
	Items     []NewsItem // newest first
}

// tellUntold enters each untold event for everyone who is to hear of it, and marks it told in the same transaction. Only what counsel
// confirmed is told: an event of a case without a "confirmed" before it reaches nobody.
func (a *Alerts) tellUntold(ctx context.Context) error {
	return a.st.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT OR IGNORE INTO alert_news (subscription_id, news_id)
			SELECT f.id, n.id FROM news n JOIN subscriptions f ON f.leak = n.leak AND f.state = 'confirmed'
			WHERE n.told = 0 AND (n.kind = 'confirmed' OR EXISTS (
				SELECT 1 FROM news c WHERE c.case_id = n.case_id AND c.kind = 'confirmed' AND c.created <= n.created))`)
		if err != nil {
			return fmt.Errorf("tell news: %w", err)
		}
		if _, err := tx.Exec(`UPDATE news SET told = 1 WHERE told = 0`); err != nil {
			return fmt.Errorf("mark news told: %w", err)
		}
		_, err = a.gather(tx, AtOnce)
		return err
	})
}

// Digest makes one mail for each digest subscription that has news waiting; Deliver sends them. It returns how many it made.
func (a *Alerts) Digest(ctx context.Context) (n int, err error) {
	if err := a.tellUntold(ctx); err != nil {
		return 0, err
	}
	err = a.st.Write(ctx, func(tx *store.Tx) error {
		n, err = a.gather(tx, Digest)
		return err
	})
	return n, err
}

// gather puts all news that waits for subscriptions of a mode into one mail each. News that comes while a mail has not left yet joins
// that mail: it says only that there is news.
func (a *Alerts) gather(tx *store.Tx, mode string) (made int, err error) {
	rows, err := tx.Query(`SELECT DISTINCT f.id, f.language FROM alert_news w JOIN subscriptions f ON f.id = w.subscription_id
		WHERE w.mail_id IS NULL AND f.mode = ? AND f.state = 'confirmed'`, mode)
	if err != nil {
		return 0, fmt.Errorf("gather news: %w", err)
	}
	var waiting [][2]string
	for rows.Next() {
		var w [2]string
		if err := rows.Scan(&w[0], &w[1]); err != nil {
			_ = rows.Close()
			return 0, fmt.Errorf("gather news: %w", err)
		}
		waiting = append(waiting, w)
	}
	_ = rows.Close()
	if err := rows.Err(); err != nil {
		return 0, fmt.Errorf("gather news: %w", err)
	}
	now := store.Millis(a.now())
	for _, w := range waiting {
		var id string
		err := tx.QueryRow(`SELECT COALESCE((SELECT id FROM alert_mails WHERE subscription_id = ? AND kind = 'news' AND state = 'queued' LIMIT 1), '')`, w[0]).Scan(&id)
		if err == nil && id == "" {
			id = store.NewID("mail")
			made++
			_, err = tx.Exec(`INSERT INTO alert_mails (id, subscription_id, kind, language, mode, state, created, updated, next_attempt)
				VALUES (?,?,'news',?,?,'queued',?,?,?)`, id, w[0], w[1], mode, now, now, now)
		}
		if err == nil {
			_, err = tx.Exec(`UPDATE alert_news SET mail_id = ? WHERE subscription_id = ? AND mail_id IS NULL`, id, w[0])
		}
		if err != nil {
			return 0, fmt.Errorf("make alert: %w", err)
		}
	}
	return made, nil
}

// News returns what stands behind a news link. The link works until it expires, more than once: mail scanners look at it first. It
// returns ErrToken for any other link, before anything else is looked at: a stranger's guess must cost nothing.
func (a *Alerts) News(ctx context.Context, secret string) (NewsPage, error) {
	var p NewsPage
	var subscription string
	err := a.st.Read(ctx, func(tx *store.Tx) (err error) {
		p, subscription, err = a.newsPage(tx, secret)
		return err
	})
	if err != nil {
		return NewsPage{}, err
	}
	p.Title = a.o.Title(p.Leak)
	var places []Place
	if a.o.Places != nil {
		if places, err = a.o.Places(ctx); err != nil {
			return NewsPage{}, fmt.Errorf("list places: %w", err)
		}
	}
	err = a.st.Read(ctx, func(tx *store.Tx) error {
		p.Items, err = a.items(tx, subscription, p, places)
		return err
	})
	if err != nil {
		return NewsPage{}, err
	}
	return p, nil
}

// newsPage returns the page of a news link without its items, and the subscription that it belongs to.
func (a *Alerts) newsPage(tx *store.Tx, secret string) (p NewsPage, subscription string, err error) {
	t, err := a.findToken(tx, secret)
	if err != nil {
		return p, "", err
	}
	if t.kind != "news" {
		return p, "", ErrToken
	}
	err = tx.QueryRow(`SELECT f.leak, f.language, f.mode, s.id, s.vetted FROM subscriptions f JOIN subscribers s ON s.id = f.subscriber_id
		WHERE f.id = ? AND f.state = 'confirmed'`, t.subscription).Scan(&p.Leak, &p.Language, &p.Mode, &p.Reference, &p.Vetted)
	if errors.Is(err, sql.ErrNoRows) {
		return p, "", ErrToken // ended meanwhile
	}
	if err != nil {
		return p, "", fmt.Errorf("read subscription: %w", err)
	}
	return p, t.subscription, nil
}

func (a *Alerts) items(tx *store.Tx, subscription string, p NewsPage, places []Place) ([]NewsItem, error) {
	rows, err := tx.Query(`SELECT n.created, n.kind, n.case_id, n.host,
		(SELECT l.kind FROM news l WHERE l.case_id = n.case_id ORDER BY l.created DESC, l.id DESC LIMIT 1)
		FROM alert_news w JOIN news n ON n.id = w.news_id WHERE w.subscription_id = ? ORDER BY n.created DESC, n.id DESC LIMIT ?`, subscription, shownNews)
	if err != nil {
		return nil, fmt.Errorf("read news: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []NewsItem
	for rows.Next() {
		var i NewsItem
		var at int64
		var caseID, last string
		var sealed []byte
		if err := rows.Scan(&at, &i.Kind, &caseID, &sealed, &last); err != nil {
			return nil, fmt.Errorf("read news: %w", err)
		}
		host, err := tx.OpenText("news.host", sealed)
		if err != nil {
			return nil, fmt.Errorf("open host: %w", err)
		}
		i.At, i.Host = store.Time(at), nameable(host, caseID, i.Kind == "gone" && last == "gone", p.Vetted, places)
		if i.Kind == "gone" && slices.ContainsFunc(places, func(p Place) bool { return p.Case == caseID && p.ForUs }) {
			i.Kind = "gone_for_us" // as seen from one network
		}
		i.Text = a.texts[p.Language].Kinds[i.Kind]
		out = append(out, i)
	}
	return out, rows.Err()
}

// nameable returns the host that a subscriber may be told for an event. To somebody who was not vetted that is the host of what is
// gone and did not come back, and only when nothing else known still lies there: one mirror often holds many re-uploads.
func nameable(host, caseID string, gone, vetted bool, places []Place) string {
	for _, p := range places {
		if p.Case == caseID {
			if host == "" && vetted {
				host = p.Host
			}
			gone = gone && !p.Live
		}
	}
	if vetted {
		return host
	}
	if !gone || len(places) == 0 {
		return ""
	}
	for _, p := range places {
		if p.Live && sameHost(host, p.Host) {
			return ""
		}
	}
	return host
}

// sameHost says whether naming host would name place: a place is a registrable domain, or an address and port.
func sameHost(host, place string) bool {
	host, place = strings.ToLower(host), strings.ToLower(place)
	bare := func(s string) string {
		if i := strings.LastIndexByte(s, ':'); i > strings.LastIndexByte(s, ']') {
			return s[:i]
		}
		return s
	}
	return host == place || bare(host) == bare(place) || strings.HasSuffix(bare(host), "."+bare(place)) || strings.HasSuffix(bare(place), "."+bare(host))
}
