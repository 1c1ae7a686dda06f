package desk

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"unmirror/internal/account"
	"unmirror/takedown"
)

// brokenDocket cannot read its queue.
type brokenDocket struct{ docket }

func (brokenDocket) QueuePage(context.Context, int) ([]takedown.QueueRow, map[string]int, error) {
	return nil, nil, errors.New("disk on fire")
}

// link finds a link of the alerts in the newest mail.
func (w *world) link(path string) string {
	w.t.Helper()
	must(w.alerts.Deliver(w.t.Context()))(w.t)
	mails := w.mail.Mails()
	if len(mails) == 0 {
		w.t.Fatal("no mail came")
	}
	raw := strings.NewReplacer("=\r\n", "", "=3D", "=").Replace(string(mails[len(mails)-1].Bytes))
	m := regexp.MustCompile(regexp.QuoteMeta(path) + `\?t=[A-Za-z0-9_-]+`).FindString(raw)
	if m == "" {
		w.t.Fatalf("no link to %s in\n%s", path, raw)
	}
	return m
}

func TestASubscriberAsksConfirmsReadsAndLeaves(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.get("/alerts").wants(t, http.StatusOK, "Be told when it comes back", "Verzonnen Arbeidsgezondheid, 2026")
	ask := []string{"email", "someone@people.example", "leak", "arbo-2026", "language", "nl", "mode", "at_once"}
	first := b.post("/alerts", ask...).wants(t, http.StatusOK, "Look into your mailbox")
	confirm := w.link("/alerts/confirm")

	b.get(confirm).wants(t, http.StatusOK, "One more click")
	b.get(confirm).wants(t, http.StatusOK, "One more click") // a mail scanner's second look confirms nothing
	token := strings.SplitN(confirm, "t=", 2)[1]
	b.post("/alerts/confirm", "t", token).wants(t, http.StatusOK, "You will be told")
	b.post("/alerts/confirm", "t", token).wants(t, http.StatusGone, "This link no longer works")
	if again := b.post("/alerts", ask...); visible(again.body) != visible(first.body) {
		t.Error("somebody who is known gets another answer")
	}

	_, n := w.draft("https://files.mirror.example/a/letter.txt")
	w.approve(n)
	news := w.link("/alerts/news")
	b.get(news).wants(t, http.StatusOK, "A copy was found").lacks(t, "mirror.example", victim)
	b.get("/alerts/news?t=nonsense").wants(t, http.StatusGone, "This link no longer works")

	leave := w.link("/alerts/unsubscribe")
	b.get(leave).wants(t, http.StatusOK, "You get no more mails about this leak")
	b.header.Set("Content-Type", "application/x-www-form-urlencoded")
	b.post(leave, "List-Unsubscribe", "One-Click").wants(t, http.StatusOK, "You have left")
	b.get(news).wants(t, http.StatusGone)
	if log := w.log.String(); strings.Contains(log, token) || strings.Contains(log, "someone@") {
		t.Error("a token or address stands in the log")
	}
}

func TestAWrongFormIsExplainedAndKeepsWhatWasTyped(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.post("/alerts", "email", "nobody", "leak", "arbo-2026", "language", "en", "mode", "digest").
		wants(t, http.StatusUnprocessableEntity, "That is not an e-mail address.", `value="nobody"`, `value="digest" checked`)
	b.post("/alerts", "email", "a@people.example", "leak", "other", "language", "en").wants(t, http.StatusUnprocessableEntity, "Choose a leak from the list.")
	b.post("/alerts", "email", "a@people.example", "leak", "arbo-2026", "language", "xx").wants(t, http.StatusBadRequest)
}

func TestPublicPagesSetNoSessionAndShowNothingOfTheDesk(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	for _, path := range []string{"/alerts", "/alerts/confirm?t=x", "/alerts/unsubscribe?t=x", "/login"} {
		r := b.get(path).wants(t, http.StatusOK).lacks(t, "/queue\"", "/cases")
		if r.head.Get("Set-Cookie") != "" {
			t.Errorf("%s sets %q", path, r.head.Get("Set-Cookie"))
		}
	}
	b.get("/robots.txt").wants(t, http.StatusOK, "Disallow: /\n", "Allow: /alerts$")
}

func TestHealthTellsWhetherTheRecordCanBeRead(t *testing.T) {
	w := newWorld(t)
	w.browser().get("/healthz").wants(t, http.StatusOK, `"status":"ok"`)
	broken := newWorld(t, func(o *Options) { o.Ready = func(context.Context) error { return errors.New("disk on fire") } })
	broken.browser().get("/healthz").wants(t, http.StatusServiceUnavailable, `"status":"failing"`).lacks(t, "fire")
}

func TestMetricsCountByStateAndOpenForTheTokenOrThisMachineAlone(t *testing.T) {
	w := newWorld(t)
	w.draft("https://files.mirror.example/" + knownName)
	b := w.browser()
	b.get("/metrics").wants(t, http.StatusOK, `unmirror_cases{state="open"} 1`, `unmirror_notices{state="draft"} 1`, `unmirror_outbox{state="unknown"} 0`,
		"unmirror_sightings 1", `unmirror_sweep_items{result="listed",source="mirror"} 2041`, "unmirror_source_last_good_timestamp_seconds", "go_goroutines").
		lacks(t, victim, "mirror.example", staff(account.Counsel))
	b.header.Set("X-Forwarded-For", "198.51.100.7")
	b.get("/metrics").wants(t, http.StatusForbidden)

	closed := newWorld(t, func(o *Options) { o.MetricsToken = "s3cret" }).browser()
	closed.get("/metrics").wants(t, http.StatusForbidden)
	closed.header.Set("Authorization", "Bearer wrong")
	closed.get("/metrics").wants(t, http.StatusForbidden)
	closed.header.Set("Authorization", "Bearer s3cret")
	closed.get("/metrics").wants(t, http.StatusOK)
}

func TestSourcesLeaksAndTheDemoSayWhatTheyAre(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Demo, o.DemoName, o.DemoPassword = true, "counsel", "demo-password" })
	w.browser().get("/login").wants(t, http.StatusOK, "This is a demonstration.", "<code>counsel</code>", "<code>demo-password</code>")
	b := w.as(account.Operator)
	b.get("/sources").wants(t, http.StatusOK, "robots.txt answers 503: waiting", "2 days ago", "Not swept yet", "never tried against its real software")
	b.get("/leaks").wants(t, http.StatusOK, "48,210", "conduct").lacks(t, "demo-password")
}

func TestAssetsAreCachedUnderTheirContent(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	href := regexp.MustCompile(`/static/desk\.css\?v=[0-9a-f]+`).FindString(b.get("/login").body)
	r := b.get(href).wants(t, http.StatusOK)
	if !strings.Contains(r.head.Get("Cache-Control"), "immutable") || r.head.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("headers %v", r.head)
	}
	b.get("/static/inter.woff2").wants(t, http.StatusOK)
	b.get("/static/FONTS.md").wants(t, http.StatusNotFound)
}
