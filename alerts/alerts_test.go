package alerts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"net/mail"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/internal/keyring"
	"unmirror/internal/post"
	"unmirror/store"
	"unmirror/store/storetest"
)

const (
	anna = "anna.peeters@mail.invalid.example"
	leak = "invented-health"
	host = "mirror.files.example.net"
)

// world is a record, an outbox and a clock.
type world struct {
	t    *testing.T
	dir  string
	ring *keyring.Ring
	st   *store.Store
	a    *Alerts

	mu     sync.Mutex
	clock  time.Time
	sent   []sentMail
	answer func() post.Result
	held   bool
	places []Place
}

type sentMail struct {
	to, raw, body string
	header        mail.Header
}

func newWorld(t *testing.T) *world {
	w := &world{t: t, dir: t.TempDir(), ring: storetest.Ring(t), clock: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)}
	w.reopen()
	return w
}

// reopen starts a new daemon on the same folder, as after a crash.
func (w *world) reopen() {
	w.t.Helper()
	if w.st != nil {
		if err := w.st.Close(); err != nil {
			w.t.Fatal(err)
		}
	}
	st, err := store.Open(w.t.Context(), store.Options{Dir: w.dir, Seal: w.ring, Sign: w.ring.Sign(), Now: w.now})
	if err != nil {
		w.t.Fatal(err)
	}
	w.st = st
	w.t.Cleanup(func() { _ = st.Close() })
	w.a, err = New(st, Options{PublicURL: "https://alerts.example.org/", From: "post@alerts.example.org", Send: w.send,
		Leaks: func() []string { return []string{leak, "other"} }, Title: func(s string) string { return "Title of " + s },
		Held: func(context.Context) bool { return w.held }, Places: func(context.Context) ([]Place, error) { return w.places, nil }})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.clock = w.clock.Add(d)
}

func (w *world) send(_ context.Context, _ string, to []string, msg []byte) post.Result {
	w.sent = append(w.sent, decode(w.t, to[0], msg))
	if w.answer != nil {
		return w.answer()
	}
	return post.Result{Outcome: post.Sent, Code: 250, Step: post.StepBody, Text: "queued for " + to[0]}
}

func decode(t *testing.T, to string, msg []byte) sentMail {
	t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(msg))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return sentMail{to: to, raw: string(msg), body: string(b), header: m.Header}
}

func (w *world) deliver(want int) []sentMail {
	w.t.Helper()
	before := len(w.sent)
	n, err := w.a.Deliver(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	if n != want || len(w.sent)-before != want {
		w.t.Fatalf("tried %d mails and sent %d, want %d", n, len(w.sent)-before, want)
	}
	return w.sent[before:]
}

func (w *world) subscribe(address, slug, mode string) {
	w.t.Helper()
	if err := w.a.Subscribe(w.t.Context(), address, slug, "nl", mode, "192.0.2.7:5000"); err != nil {
		w.t.Fatal(err)
	}
}

var link = regexp.MustCompile(`https://alerts\.example\.org/alerts/(confirm|news|unsubscribe)\?t=([\w-]{43})`)

// token finds a link of a kind in a mail's body.
func (w *world) token(m sentMail, kind string) string {
	w.t.Helper()
	for _, f := range link.FindAllStringSubmatch(m.body, -1) {
		if f[1] == kind {
			return f[2]
		}
	}
	w.t.Fatalf("no %s link in %q", kind, m.body)
	return ""
}

// enrol subscribes and confirms.
func (w *world) enrol(address, mode string) {
	w.t.Helper()
	w.subscribe(address, leak, mode)
	if err := w.a.Confirm(w.t.Context(), w.token(w.deliver(1)[0], "confirm")); err != nil {
		w.t.Fatal(err)
	}
}

// happens writes news as takedown does.
func (w *world) happens(caseID, kind string) {
	w.t.Helper()
	w.pass(time.Minute)
	err := w.st.Write(w.t.Context(), func(tx *store.Tx) error {
		var sealed []byte
		if kind == "gone" {
			sealed = tx.SealText("news.host", host)
		}
		_, err := tx.Exec(`INSERT INTO news (id, created, leak, case_id, kind, host, told) VALUES (?,?,?,?,?,?,0)`,
			store.NewID("news"), store.Millis(w.now()), leak, caseID, kind, sealed)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestStoryFromAskingToNewsToUnsubscribing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribe(anna, leak, AtOnce)
	confirm := w.deliver(1)[0]
	if confirm.to != anna {
		t.Fatalf("mailed %s", confirm.to)
	}
	w.happens("case_1", "confirmed")
	w.deliver(0) // nobody confirmed
	token := w.token(confirm, "confirm")
	if err := w.a.Confirm(t.Context(), token); err != nil {
		t.Fatal(err)
	}
	if err := w.a.Confirm(t.Context(), token); !errors.Is(err, ErrToken) {
		t.Errorf("the link worked twice: %v", err)
	}
	w.deliver(0) // the news was before her time
	w.happens("case_2", "confirmed")
	alert := w.deliver(1)[0]
	w.deliver(0) // once
	page, err := w.a.News(t.Context(), w.token(alert, "news"))
	if err != nil {
		t.Fatal(err)
	}
	if page.Leak != leak || page.Title != "Title of "+leak || page.Language != "nl" || len(page.Items) != 1 || page.Items[0].Kind != "confirmed" || page.Items[0].Text == "" {
		t.Errorf("got %+v", page)
	}
	out := w.token(alert, "unsubscribe")
	for range 2 { // a second click is no error
		if err := w.a.Unsubscribe(t.Context(), out); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.a.News(t.Context(), w.token(alert, "news")); !errors.Is(err, ErrToken) {
		t.Errorf("news after leaving: %v", err)
	}
	w.happens("case_3", "confirmed")
	w.deliver(0)
	if n := w.count(`SELECT COUNT(*) FROM subscribers WHERE address IS NOT NULL OR data_key IS NOT NULL OR address_key IS NOT NULL`); n != 0 {
		t.Error("the address outlived the last subscription")
	}
	if _, _, err := w.st.VerifyAudit(t.Context(), w.ring.Public()); err != nil {
		t.Error(err)
	}
}

func (w *world) count(q string, args ...any) (n int) {
	w.t.Helper()
	if err := w.st.Read(w.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(q, args...).Scan(&n) }); err != nil {
		w.t.Fatal(err)
	}
	return n
}

func TestMailsAreNeutralAndUnsubscribable(t *testing.T) {
	t.Parallel()
	for _, lang := range languages {
		w := newWorld(t)
		if err := w.a.Subscribe(t.Context(), anna, leak, lang, AtOnce, "192.0.2.7"); err != nil {
			t.Fatal(err)
		}
		confirm := w.deliver(1)[0]
		if err := w.a.Confirm(t.Context(), w.token(confirm, "confirm")); err != nil {
			t.Fatal(err)
		}
		w.happens("case_1", "confirmed")
		w.happens("case_1", "gone")
		alert := w.deliver(1)[0] // both in one mail
		for _, m := range []sentMail{confirm, alert} {
			all := m.raw + m.body + m.header.Get("Subject")
			for _, word := range []string{leak, "Title of", host, "example.net", "case_", "health", "gone", "lek", "leak", "fuite", "Datenleck"} {
				if strings.Contains(all, word) {
					t.Errorf("%s: a mail says %q", lang, word)
				}
			}
			if m.header.Get("Auto-Submitted") != "auto-generated" || !strings.HasPrefix(m.raw, "Date: Tue, 03 Nov 2026") {
				t.Errorf("%s: header %v", lang, m.header)
			}
			if s, err := new(mime.WordDecoder).DecodeHeader(m.header.Get("Subject")); err != nil || s == "" {
				t.Errorf("%s: subject %q: %v", lang, s, err)
			}
			if strings.ContainsAny(m.body, "{}") {
				t.Errorf("%s: a slot is left in %q", lang, m.body)
			}
		}
		one := alert.header.Get("List-Unsubscribe")
		if alert.header.Get("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || one != "<https://alerts.example.org/alerts/unsubscribe?t="+w.token(alert, "unsubscribe")+">" {
			t.Errorf("%s: List-Unsubscribe %q", lang, one)
		}
	}
}

func TestHostIsNamedOnlyWhenNothingLiesThere(t *testing.T) {
	t.Parallel()
	live := func(c, h string) Place { return Place{Case: c, Host: h, Live: true} }
	gone := func(c, h string) Place { return Place{Case: c, Host: h} }
	rows := []struct {
		name   string
		kinds  []string
		vetted bool
		places []Place
		want   string // host shown with the newest event
	}{
		{"confirmed", []string{"confirmed"}, false, []Place{live("case_1", "example.net")}, ""},
		{"gone", []string{"confirmed", "gone"}, false, []Place{gone("case_1", "example.net")}, host},
		{"gone, but another item of the mirror is not", []string{"confirmed", "gone"}, false, []Place{gone("case_1", "example.net"), live("case_9", "example.net")}, ""},
		{"gone, but the same machine holds more on another port", []string{"confirmed", "gone"}, false, []Place{gone("case_1", host), live("case_9", host+":8443")}, ""},
		{"gone, others elsewhere are live", []string{"confirmed", "gone"}, false, []Place{gone("case_1", "example.net"), live("case_9", "example.com")}, host},
		{"came back", []string{"confirmed", "gone", "back"}, false, []Place{live("case_1", "example.net")}, ""},
		{"came back, not yet in the news", []string{"confirmed", "gone"}, false, []Place{live("case_1", "example.net")}, ""},
		{"nothing known of places", []string{"confirmed", "gone"}, false, nil, ""},
		{"vetted, live", []string{"confirmed"}, true, []Place{live("case_1", "example.net")}, "example.net"},
		{"vetted, gone", []string{"confirmed", "gone"}, true, []Place{gone("case_1", "example.net")}, host},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			w := newWorld(t)
			w.places = r.places
			w.enrol(anna, AtOnce)
			if r.vetted {
				id := w.subscribers()[0].ID
				if err := w.a.Vet(t.Context(), "user_1", id); err != nil {
					t.Fatal(err)
				}
			}
			for _, k := range r.kinds {
				w.happens("case_1", k)
			}
			p, err := w.a.News(t.Context(), w.token(w.deliver(1)[0], "news"))
			if err != nil {
				t.Fatal(err)
			}
			if p.Items[0].Host != r.want || p.Items[0].Kind != r.kinds[len(r.kinds)-1] {
				t.Errorf("got %+v, want host %q", p.Items[0], r.want)
			}
			for _, i := range p.Items {
				if r.want == "" && i.Host != "" {
					t.Errorf("an older event names %s", i.Host)
				}
			}
		})
	}
}

func (w *world) subscribers() []SubscriberRow {
	w.t.Helper()
	rows, err := w.a.Subscribers(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return rows
}

func TestAnswerIsTheSameForKnownAndUnknown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.pass(25 * time.Hour)
	var bodies []string
	for _, address := range []string{anna, "nobody@mail.invalid.example"} {
		if err := w.a.Subscribe(t.Context(), address, leak, "nl", AtOnce, "192.0.2.7"); err != nil {
			t.Errorf("%s: %v", address, err)
		}
		m := w.deliver(1)[0]
		bodies = append(bodies, link.ReplaceAllString(m.body, "LINK"))
	}
	if bodies[0] != bodies[1] {
		t.Error("the mails differ")
	}
}

func TestAStrangersRequestChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.subscribe(anna, leak, Digest)
	m := w.deliver(1)[0]
	if r := w.subscribers()[0]; r.Mode != AtOnce || r.State != "confirmed" {
		t.Fatalf("changed before it was confirmed: %+v", r)
	}
	if err := w.a.Confirm(t.Context(), w.token(m, "confirm")); err != nil {
		t.Fatal(err)
	}
	if r := w.subscribers(); len(r) != 1 || r[0].Mode != Digest {
		t.Fatalf("got %+v", r)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range 10 {
		if err := w.a.Subscribe(t.Context(), anna, leak, "nl", AtOnce, fmt.Sprintf("198.51.%d.1", i)); err != nil {
			t.Fatalf("request %d: %v", i, err)
		}
		if _, err := w.a.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if len(w.sent) != perAddress {
		t.Errorf("%d mails to one address, want %d", len(w.sent), perAddress)
	}
	var err error
	for i := 0; i <= perNetwork && err == nil; i++ {
		err = w.a.Subscribe(t.Context(), fmt.Sprintf("p%d@mail.invalid.example", i), leak, "nl", AtOnce, fmt.Sprintf("[2001:db8:7:%x::1]:99", i))
	}
	if !errors.Is(err, ErrSlowDown) {
		t.Errorf("one network may ask without end: %v", err)
	}
	w.pass(2 * time.Hour)
	if err := w.a.Subscribe(t.Context(), "late@mail.invalid.example", leak, "nl", AtOnce, "2001:db8:7::9"); err != nil {
		t.Errorf("after the window: %v", err)
	}
}

func TestRefusesWhatCannotBeMailed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, s := range []string{"", "a", "a@b", "@example.org", "a@", "a b@example.org", "A <a@example.org>", "a@example.org, b@example.org", "a@example.org\r\nBcc: b@example.org",
		"a@exa mple.org", "a@-.org", strings.Repeat("a", 65) + "@example.org", "a@" + strings.Repeat("b.", 130) + "org", "é@example.org"} {
		if err := w.a.Subscribe(t.Context(), s, leak, "nl", AtOnce, "192.0.2.1"); !errors.Is(err, ErrAddress) {
			t.Errorf("%q: %v", s, err)
		}
	}
	for want, call := range map[error][3]string{ErrLeak: {"nope", "nl", AtOnce}, ErrLanguage: {leak, "xx", AtOnce}, ErrMode: {leak, "nl", "never"}} {
		if err := w.a.Subscribe(t.Context(), anna, call[0], call[1], call[2], "192.0.2.1"); !errors.Is(err, want) {
			t.Errorf("%v: got %v", call, err)
		}
	}
	w.deliver(0)
}

func TestOneAddressInTwoSpellingsIsOneSubscriber(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribe("Jan@Bücher.example", leak, AtOnce)
	w.subscribe(" jan@xn--bcher-kva.EXAMPLE ", "other", AtOnce)
	if n := w.count(`SELECT COUNT(*) FROM subscribers`); n != 1 {
		t.Errorf("%d subscribers", n)
	}
	for _, m := range w.deliver(2) {
		if m.to != "jan@xn--bcher-kva.example" {
			t.Errorf("mailed %s", m.to)
		}
	}
}

func TestDigestWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, Digest)
	w.happens("case_1", "confirmed")
	w.happens("case_2", "confirmed")
	w.deliver(0)
	if n, err := w.a.Digest(t.Context()); n != 1 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if n, err := w.a.Digest(t.Context()); n != 0 || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	p, err := w.a.News(t.Context(), w.token(w.deliver(1)[0], "news"))
	if err != nil || len(p.Items) != 2 {
		t.Fatalf("%+v, %v", p, err)
	}
}

func TestUnconfirmedCasesAreNeverTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.enrol(anna, AtOnce)
	w.happens("case_1", "gone") // counsel never confirmed it
	w.happens("case_1", "back")
	w.deliver(0)
	w.happens("case_1", "confirmed")
	w.deliver(1)
}

func TestExpiry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.subscribe(anna, leak, AtOnce)
	m := w.deliver(1)[0]
	w.pass(confirmFor + time.Minute)
	if err := w.a.Confirm(t.Context(), w.token(m, "confirm")); !errors.Is(err, ErrToken) {
		t.Errorf("an expired link: %v", err)
	}
	w.deliver(0)
	if n := w.count(`SELECT COUNT(*) FROM subscribers`) + w.count(`SELECT COUNT(*) FROM subscriptions`) + w.count(`SELECT COUNT(*) FROM alert_tokens`); n != 0 {
		t.Error("somebody who never confirmed is still in the record")
	}
	w.enrol(anna, AtOnce)
	w.happens("case_1", "confirmed")
	news := w.token(w.deliver(1)[0], "news")
	w.pass(newsFor - time.Hour)
	if _, err := w.a.News(t.Context(), news); err != nil {
		t.Error(err)
	}
	w.pass(2 * time.Hour)
	if _, err := w.a.News(t.Context(), news); !errors.Is(err, ErrToken) {
		t.Errorf("an expired news link: %v", err)
	}
}
