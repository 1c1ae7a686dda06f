package desk

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/alerts"
	"unmirror/fingerprints/match"
	"unmirror/internal/account"
	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/store"
	"unmirror/store/storetest"
	"unmirror/takedown"
	"unmirror/takedown/contact"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

// Invented: what must never stand on a page.
const (
	victim    = "Janssens-Verzonnen"
	knownName = "letters/janssens-verzonnen.docx"
)

const password = "correct horse battery"

// loadLaw reads the tables once for all tests: nothing changes them.
var loadLaw = sync.OnceValues(law.Load)

// world is a desk over a real record, a real docket, real alerts and a real mail server on loopback.
type world struct {
	t      testing.TB
	st     *store.Store
	docket *takedown.Docket
	alerts *alerts.Alerts
	mail   *posttest.Server
	people *account.Accounts
	server *httptest.Server
	users  map[string]account.User
	log    *safeBuffer

	mu  sync.Mutex
	at  time.Time
	see takedown.LookOutcome
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at = w.at.Add(d)
}

// Find is the ladder: every place has an abuse desk, but for those that are called nobody.
func (w *world) Find(_ context.Context, p contact.Place) []contact.Found {
	skipped := contact.Found{Name: "Small Bin", Kind: "platform", Source: contact.SourceSite, Where: "/contact", Fetched: w.now(),
		Skipped: "The page names no address."}
	if strings.Contains(p.Host+p.Domain, "nobody") {
		return []contact.Found{skipped}
	}
	if strings.Contains(p.Host, "forge") {
		return []contact.Found{{Name: "Forge", Kind: "platform", Language: "en", Source: contact.SourceCatalogue, Where: "github", Fetched: w.now(), Confidence: 0.8,
			Profile: contact.Profile{Channel: contact.ChannelForm, Form: "github", OffersInEU: true, TellsOwner: true, Wants: "each file by itself"}}}
	}
	return []contact.Found{
		{Email: "abuse@hosting.example", Name: "Hosting Example", Kind: "host", Language: "nl", Source: contact.SourceDirectory, Fetched: w.now(),
			Confidence: 1, Profile: contact.Profile{Attachments: true, OneURL: true, OffersInEU: true}},
		{Email: "noc@upstream.example", Name: "Upstream Example", Kind: "host", Language: "en", Source: contact.SourceRDAP, Where: "entity AR1-EXAMPLE",
			Fetched: w.now(), Confidence: 0.6, Systems: []uint32{64500}},
		skipped,
	}
}

// Look is what a recheck sees.
func (w *world) Look(context.Context, string, string) (takedown.Look, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return takedown.Look{Outcome: w.see, Reason: "The server answered 404.", At: w.at, Capture: takedown.Capture{Status: 404}}, nil
}

func (w *world) look(id string, sees takedown.LookOutcome) {
	w.t.Helper()
	w.pass(time.Hour)
	w.mu.Lock()
	w.see = sees
	w.mu.Unlock()
	if _, err := w.docket.Recheck(w.t.Context(), id); err != nil {
		w.t.Fatal(err)
	}
}

// guard knows one name, in whatever case and with whatever between its parts.
func guard(text string) (hits []match.Hit) {
	low := strings.ToLower(text)
	for _, word := range []string{"janssens-verzonnen", "janssens verzonnen"} {
		for from := 0; ; {
			i := strings.Index(low[from:], word)
			if i < 0 {
				break
			}
			hits = append(hits, match.Hit{Kind: "name", Start: from + i, End: from + i + len(word)})
			from += i + len(word)
		}
	}
	return hits
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newWorld(t testing.TB, change ...func(*Options)) *world {
	t.Helper()
	w := &world{t: t, at: time.Now().UTC().Add(-72 * time.Hour), see: takedown.LookLive, users: map[string]account.User{}, log: &safeBuffer{}}
	ring := storetest.Ring(t)
	w.st = storetest.At(t, t.TempDir(), ring, w.now)
	w.mail = posttest.NewServer(t)
	sender := must(post.New(post.Config{URL: w.mail.URL, Timeouts: post.Timeouts{Connect: 20 * time.Second, Command: 20 * time.Second, Final: 20 * time.Second}}))(t)
	w.docket = must(takedown.New(takedown.Options{Store: w.st, Law: must(loadLaw())(t), Ladder: w, Checker: w, Guard: guard,
		Notifier: notice.Party{Name: "Verzonnen Arbeidsgezondheid vzw", Role: "controller", Contact: "Functionaris voor gegevensbescherming",
			Email: "dpo@verzonnen.example", Telephone: "+32 2 555 01 00", Address: "Verzonnenstraat 1, 1000 Brussel"},
		FileType: func(string) string { return "docx" }, LeakTitle: func(string) string { return "Verzonnen Arbeidsgezondheid, 2026" },
		Send: sender.Send, From: "takedown@verzonnen.example", FromName: "Verzonnen Arbeidsgezondheid", GoneChecks: 3, GoneApart: 30 * time.Minute, RejectionLimit: 0.5,
		RecheckEvery: time.Hour, StatusURL: func(ref string) string { return "https://desk.example/ticket/" + ref }, Log: slog.New(slog.NewTextHandler(w.log, nil))}))(t)
	w.people = account.NewCost(w.st, account.Cost{Memory: 64, Passes: 1, Lanes: 1})
	for _, role := range []string{account.Counsel, account.Operator, account.Auditor} {
		w.users[role] = must(w.people.Add(t.Context(), staff(role), role, password))(t)
	}
	w.server = httptest.NewUnstartedServer(nil)
	public := "http://" + w.server.Listener.Addr().String()
	w.alerts = must(alerts.New(w.st, alerts.Options{PublicURL: public, From: "news@verzonnen.example", Send: sender.Send,
		Leaks: func() []string { return []string{"arbo-2026"} }, Title: func(string) string { return "Verzonnen Arbeidsgezondheid, 2026" }}))(t)
	o := Options{Docket: w.docket, Accounts: w.people, Sessions: account.NewSessions(w.st), Alerts: w.alerts, Now: w.now, PublicURL: public,
		Sources: w.sources, Leaks: w.leaks, Audit: StoreAudit(w.st, []ed25519.PublicKey{ring.Sign().Public().(ed25519.PublicKey)}),
		Ready: func(ctx context.Context) error { return w.st.Read(ctx, func(*store.Tx) error { return nil }) },
		Log:   slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Version: "test"}
	for _, f := range change {
		f(&o)
	}
	w.server.Config.Handler = must(New(o))(t)
	w.server.Start()
	t.Cleanup(w.server.Close)
	return w
}

func staff(role string) string {
	return map[string]string{account.Counsel: "Anke de Vries", account.Operator: "Olivier", account.Auditor: "Aïcha"}[role]
}

func (w *world) sources(context.Context) ([]Source, error) {
	return []Source{
		{Name: "mirror", Kind: "directory", Every: "@daily", State: "ok", LastSweep: w.now().Add(-2 * time.Hour), LastGood: w.now().Add(-2 * time.Hour), Listed: 2041,
			Fetched: 12, Bytes: 4 << 20, SkippedRobots: 3},
		{Name: "small-paste", Kind: "listing", Every: "@every 1m", State: "failing", LastSweep: w.now().Add(-time.Minute), LastGood: w.now().Add(-50 * time.Hour),
			Listed: 60, Errors: 2, ErrorSamples: []string{"robots.txt answers 503: waiting"}},
		{Name: "haste", Kind: "haste", Every: "@every 5m", State: "never", Untried: true},
	}, nil
}

func (w *world) leaks(context.Context) ([]Leak, error) {
	return []Leak{{Slug: "arbo-2026", Title: "Verzonnen Arbeidsgezondheid, 2026", Created: w.now().Add(-480 * time.Hour), Files: 214, Passages: 48210,
		Subjects: 41, Bytes: 38 << 20, Categories: []string{"identity", "contact", "health", "family", "conduct"}}}, nil
}

// sighting is a match at an address.
func (w *world) sighting(addr string, m match.Match) takedown.Sighting {
	u := must(url.Parse(addr))(w.t)
	verdict := match.Matched
	if m.Bits < 64 {
		verdict = match.Weak
	}
	m.Leak, m.KnownFile = "arbo-2026", knownName
	return takedown.Sighting{Source: "mirror", Kind: "directory", URL: addr, Found: w.now(),
		Report: match.Report{Verdict: verdict, Bytes: 18_244, Digest: fmt.Sprintf("%032x", len(addr)*7919), Matches: []match.Match{m}},
		Capture: takedown.Capture{URL: addr, Method: "GET", RequestHead: "GET / HTTP/1.1\r\nHost: " + u.Host + "\r\n", Status: 200,
			ResponseHead: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n", IP: "203.0.113.7", Port: 443, Started: w.now(), Finished: w.now()}}
}

func passages() match.Match {
	return match.Match{Grade: match.Passages, FileID: "f_0123456789ab", Bits: 412.5, Coverage: 0.42, Passages: 17, Subjects: 37,
		Spans:      [][2]int64{{120, 480}, {910, 1600}, {1610, 1980}, {5400, 5930}, {9020, 9300}, {12100, 14880}},
		Categories: []string{"identity", "health", "family"}}
}

func rows() match.Match {
	return match.Match{Grade: match.Records, FileID: "f_0123456789ac", Bits: 310, Coverage: 0.3, Subjects: 12, Rows: []int{3, 4, 5, 9}, RowsFound: 12,
		Cells: []string{"name", "birth date", "telephone"}, Categories: []string{"identity", "health"}}
}

// scan shows two pages of a known scan, one of them in part.
func scan() match.Match {
	return match.Match{Grade: match.Image, FileID: "f_0123456789ad", Bits: 400, Coverage: 0.2, Passages: 2, Subjects: 1, Categories: []string{"health"},
		Part: "dossier.pdf!/page 3", Pages: []match.PageMatch{
			{Page: 3, KnownPage: 7, Coverage: 0.97, Shape: 0.707, KnownShape: 0.707,
				Boxes:      [][4]float64{{0.06, 0.03, 0.8, 0.1}, {0.06, 0.13, 0.94, 0.45}, {0.06, 0.5, 0.9, 0.7}, {0.06, 0.91, 0.55, 0.95}},
				KnownBoxes: [][4]float64{{0.06, 0.03, 0.8, 0.1}, {0.06, 0.13, 0.94, 0.45}, {0.06, 0.5, 0.9, 0.7}, {0.06, 0.91, 0.55, 0.95}}},
			{Page: 4, KnownPage: 8, Coverage: 0.4, Shape: 1.414, KnownShape: 0.707,
				Boxes: [][4]float64{{0.2, 0.1, 0.7, 0.9}}, KnownBoxes: [][4]float64{{0.1, 0.3, 0.9, 0.8}}},
		}}
}

// observe opens a case at an address and returns its id.
func (w *world) observe(addr string, m match.Match) string {
	w.t.Helper()
	must(w.docket.Observe(w.t.Context(), w.sighting(addr, m)))(w.t)
	for _, s := range must(w.docket.Sightings(w.t.Context()))(w.t) {
		if s.Seen.Equal(w.now().Truncate(time.Millisecond)) {
			w.pass(time.Second)
			return s.Case
		}
	}
	w.t.Fatal("the sighting was not kept")
	return ""
}

// draft opens a case at an address and returns its draft's id.
func (w *world) draft(addr string) (caseID, noticeID string) {
	w.t.Helper()
	caseID = w.observe(addr, passages())
	must(w.docket.Draft(w.t.Context()))(w.t)
	rows := must(w.docket.Notices(w.t.Context(), takedown.NoticeFilter{Case: caseID}))(w.t)
	if len(rows) != 1 {
		w.t.Fatalf("%d drafts, want 1", len(rows))
	}
	return caseID, rows[0].ID
}

func (w *world) actor(role string) takedown.Actor {
	u := w.users[role]
	return takedown.Actor{ID: u.ID, Name: u.Name, Role: u.Role}
}

func (w *world) approve(noticeID string) {
	w.t.Helper()
	n := must(w.docket.Notice(w.t.Context(), noticeID))(w.t)
	if err := w.docket.Approve(w.t.Context(), w.actor(account.Counsel), noticeID, takedown.Approval{Digest: n.Digest}); err != nil {
		w.t.Fatal(err)
	}
}

// browser is somebody with a cookie jar who follows no redirect by itself.
type browser struct {
	w      *world
	client *http.Client
	header http.Header
}

func (w *world) browser() *browser {
	w.t.Helper()
	return &browser{w: w, header: http.Header{}, client: &http.Client{Jar: must(cookiejar.New(nil))(w.t),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as is a browser in which somebody with a role has signed in.
func (w *world) as(role string) *browser {
	w.t.Helper()
	b := w.browser()
	if r := b.post("/login", "username", staff(role), "password", password); r.code != http.StatusSeeOther {
		w.t.Fatalf("log-in as %s: %d\n%s", role, r.code, r.body)
	}
	return b
}

type answer struct {
	code int
	body string
	head http.Header
}

func (b *browser) do(method, path string, form url.Values) answer {
	b.w.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := must(http.NewRequestWithContext(b.w.t.Context(), method, b.w.server.URL+path, body))(b.w.t)
	for k, v := range b.header {
		r.Header[k] = v
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res := must(b.client.Do(r))(b.w.t)
	defer func() { _ = res.Body.Close() }()
	return answer{res.StatusCode, string(must(io.ReadAll(res.Body))(b.w.t)), res.Header}
}

func (b *browser) get(path string) answer { b.w.t.Helper(); return b.do(http.MethodGet, path, nil) }

func (b *browser) post(path string, pairs ...string) answer {
	b.w.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.do(http.MethodPost, path, form)
}

// wants fails unless the answer has this status and holds these words.
func (a answer) wants(t testing.TB, code int, words ...string) answer {
	t.Helper()
	if a.code != code {
		t.Fatalf("status %d, want %d: %.1500s", a.code, code, visible(a.body))
	}
	for _, word := range words {
		if !strings.Contains(a.body, word) {
			t.Errorf("page lacks %q", word)
		}
	}
	return a
}

func (a answer) lacks(t testing.TB, words ...string) answer {
	t.Helper()
	for _, word := range words {
		if strings.Contains(strings.ToLower(a.body), strings.ToLower(word)) {
			t.Errorf("page holds %q", word)
		}
	}
	return a
}

// visible is a page's words, to tell what it said instead.
func visible(page string) string {
	if i := strings.Index(page, "<main"); i >= 0 {
		page = page[i:]
	}
	return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " ")), " ")
}
