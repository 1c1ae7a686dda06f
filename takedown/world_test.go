package takedown_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/internal/keyring"
	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/store"
	"unmirror/store/storetest"
	"unmirror/takedown"
	"unmirror/takedown/contact"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

var (
	anna     = takedown.Actor{ID: "user_anna", Name: "Anna Counsel", Role: "counsel"}
	operator = takedown.Actor{ID: "user_olga", Name: "Olga", Role: "operator"}
	auditor  = takedown.Actor{ID: "user_axel", Name: "Axel", Role: "auditor"}
)

// clock is a clock that only the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// eyes is what rechecks see, by URL; what is not told is live.
type eyes struct {
	mu   sync.Mutex
	see  map[string]takedown.LookOutcome
	all  takedown.LookOutcome
	err  error
	seen int
	at   func() time.Time
	from []string // network exits that see it so
	// report is what the matcher says of the body; nil: the sighted content when it is live, else nothing.
	report *match.Report
	// each hears of every look, also of those that the docket takes before it sends.
	each func(url string, o takedown.LookOutcome, at time.Time)
}

func (e *eyes) Look(_ context.Context, _, url string) (takedown.Look, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen++
	o := e.see[url]
	if o == "" {
		o = e.all
	}
	if o == "" {
		o = takedown.LookLive
	}
	if e.each != nil {
		e.each(url, o, e.at())
	}
	l := takedown.Look{Outcome: o, SeenFrom: e.from, Reason: "The test says " + string(o) + ".", At: e.at(), Capture: takedown.Capture{URL: url, Status: 404}}
	if e.report != nil {
		l.Report = *e.report
	} else if o == takedown.LookLive {
		l.Report = report(2, "health")
	}
	return l, e.err
}

func (e *eyes) sees(o takedown.LookOutcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.all = o
}

// rungs is the ladder's answer for every place.
type rungs struct {
	mu    sync.Mutex
	found []contact.Found
	asked int
}

func (r *rungs) Find(context.Context, contact.Place) []contact.Found {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked++
	return append([]contact.Found(nil), r.found...)
}

// secrets is a guard that knows some words.
type secrets struct {
	mu    sync.Mutex
	words []string
}

func (s *secrets) learn(words ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.words = append(s.words, words...)
}

func (s *secrets) guard(text string) (hits []match.Hit) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.words {
		// As the real guard: lower or upper case, wrapped or not.
		re := regexp.MustCompile(`(?i)` + strings.ReplaceAll(regexp.QuoteMeta(w), " ", `\s+`))
		for _, at := range re.FindAllStringIndex(text, -1) {
			hits = append(hits, match.Hit{Kind: "name", Start: at[0], End: at[1]})
		}
	}
	return hits
}

// aside holds the tests that run side by side already; those that measure times put themselves in.
var aside sync.Map

// loadLaw reads the tables once for all tests: nothing changes them.
var loadLaw = sync.OnceValues(law.Load)

// world is a docket with everything around it.
type world struct {
	t     *testing.T
	dir   string
	ring  *keyring.Ring
	clock *clock
	st    *store.Store
	mail  *posttest.Server
	eyes  *eyes
	rungs *rungs
	guard *secrets
	o     takedown.Options
	d     *takedown.Docket
}

func newWorld(t *testing.T, change ...func(*takedown.Options)) *world {
	t.Helper()
	if _, again := aside.LoadOrStore(t, true); !again {
		t.Parallel() // most of a test's time is waiting for the disk
	}
	w := &world{t: t, dir: t.TempDir(), ring: storetest.Ring(t), clock: &clock{at: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)}, guard: &secrets{}}
	w.eyes = &eyes{see: map[string]takedown.LookOutcome{}, at: w.clock.now}
	w.rungs = &rungs{found: []contact.Found{abuseDesk()}}
	w.st = storetest.At(t, w.dir, w.ring, w.clock.now)
	table, err := loadLaw()
	if err != nil {
		t.Fatal(err)
	}
	w.o = takedown.Options{Store: w.st, Law: table, Notifier: party(), Ladder: w.rungs, Checker: w.eyes, Guard: w.guard.guard,
		From: "takedown@fictitious.example", FromName: "Fictitious Occupational Health", GoneChecks: 3, GoneApart: 30 * time.Minute,
		RecheckEvery: time.Hour}
	for _, f := range change {
		f(&w.o)
	}
	w.d = must(takedown.New(w.o))(t)
	return w
}

// post gives the docket a real mail server.
func (w *world) post() *posttest.Server {
	w.t.Helper()
	w.mail = posttest.NewServer(w.t)
	w.o.Send = sender(w.t, w.mail).Send
	w.d = must(takedown.New(w.o))(w.t)
	return w.mail
}

// hang is longer than any test.
const hang = time.Hour

// patient are time-outs that end nothing, however busy the machine is.
var patient = post.Timeouts{Connect: hang, Command: hang, Final: hang}

func sender(t testing.TB, s *posttest.Server) *post.Sender {
	t.Helper()
	p, err := post.New(post.Config{URL: s.URL, Timeouts: patient})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func party() notice.Party {
	return notice.Party{Name: "Fictitious Occupational Health vzw", Role: "controller", Contact: "Data protection officer",
		Email: "dpo@fictitious.example", Telephone: "+32 2 555 01 00", Address: "Verzonnenstraat 1, 1000 Brussel"}
}

func abuseDesk() contact.Found {
	return contact.Found{Email: "abuse@host.example", Name: "Host Example", Kind: "host", Language: "en", Source: contact.SourceDirectory,
		Confidence: 1, Profile: contact.Profile{Attachments: true, OneURL: true, OffersInEU: true}}
}

// fataler is a test, or a walk of rapid.
type fataler interface {
	Helper()
	Fatal(args ...any)
}

// must unwraps a result, or fails the test: must(f())(t).
func must[T any](v T, err error) func(fataler) T {
	return func(t fataler) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// sighting is a full match of a letter of several persons.
func (w *world) sighting(url string) takedown.Sighting {
	return takedown.Sighting{Source: "mirror", Kind: "directory", URL: url, Found: w.clock.now(), Report: report(2, "health"),
		Capture: takedown.Capture{URL: url, Method: "GET", RequestHead: "GET / HTTP/1.1\r\nHost: files.host.example\r\n",
			ResponseHead: "HTTP/1.1 200 OK\r\nContent-Type: application/zip\r\n", Status: 200, IP: "203.0.113.7", Port: 443, BodySHA256: bodyDigest}}
}

const bodyDigest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

func report(subjects int, categories ...string) match.Report {
	return match.Report{Verdict: match.Matched, Bytes: 4000, Digest: "d00d" + strings.Repeat("0", 28), Matches: []match.Match{{Grade: match.Passages,
		Leak: "health-2026", KnownFile: "letters/secretname.docx", FileID: "f_0123456789ab", Bits: 212.5, Coverage: 0.42, Passages: 17,
		Spans: [][2]int64{{120, 480}}, Subjects: subjects, Categories: categories}}}
}

// open observes a sighting and returns its case.
func (w *world) open(url string) *takedown.CaseFile {
	w.t.Helper()
	must(w.d.Observe(w.t.Context(), w.sighting(url)))(w.t)
	rows := must(w.d.Sightings(w.t.Context()))(w.t)
	if len(rows) == 0 {
		w.t.Fatal("no sighting was kept")
	}
	newest := slices.MaxFunc(rows, func(a, b takedown.SightingRow) int { return strings.Compare(a.ID, b.ID) })
	return w.caseOf(newest.Case)
}

// draft observes a sighting, drafts and returns the notice.
func (w *world) draft(url string) *takedown.NoticeFile {
	w.t.Helper()
	c := w.open(url)
	if n := must(w.d.Draft(w.t.Context()))(w.t); n != 1 {
		w.t.Fatalf("drafted %d notices, want 1", n)
	}
	rows := must(w.d.Notices(w.t.Context(), takedown.NoticeFilter{Case: c.ID, State: takedown.NoticeDraft}))(w.t)
	if len(rows) != 1 {
		w.t.Fatalf("%d drafts, want 1", len(rows))
	}
	return w.notice(rows[0].ID)
}

// approved is draft, approved by counsel.
func (w *world) approved(url string) *takedown.NoticeFile {
	w.t.Helper()
	n := w.draft(url)
	w.approve(n)
	return w.notice(n.ID)
}

func (w *world) approve(n *takedown.NoticeFile) {
	w.t.Helper()
	if err := w.d.Approve(w.t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest}); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) notice(id string) *takedown.NoticeFile {
	w.t.Helper()
	return must(w.d.Notice(w.t.Context(), id))(w.t)
}

func (w *world) caseOf(id string) *takedown.CaseFile {
	w.t.Helper()
	return must(w.d.Case(w.t.Context(), id))(w.t)
}

func (w *world) attempts() []takedown.AttemptRow {
	w.t.Helper()
	return must(w.d.Attempts(w.t.Context()))(w.t)
}

func (w *world) deliver() int {
	w.t.Helper()
	return must(w.d.Deliver(w.t.Context()))(w.t)
}

// look rechecks one case after so much time.
func (w *world) look(id string, after time.Duration) takedown.Checked {
	w.t.Helper()
	w.clock.pass(after)
	done := must(w.d.Recheck(w.t.Context(), id))(w.t)
	if len(done) != 1 {
		w.t.Fatalf("%d rechecks, want 1", len(done))
	}
	return done[0]
}

// news lists the kinds of news, oldest first.
func (w *world) news() (kinds []string) {
	w.t.Helper()
	err := w.st.Read(w.t.Context(), func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT kind, host FROM news ORDER BY created, rowid`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var kind string
			var host []byte
			if err := rows.Scan(&kind, &host); err != nil {
				return err
			}
			plain, err := tx.OpenText("news.host", host)
			if err != nil {
				return err
			}
			if plain != "" {
				kind += " " + plain
			}
			kinds = append(kinds, kind)
		}
		return rows.Err()
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return kinds
}

// holds searches the whole data folder for words that must not stand in it.
func (w *world) holds(words ...string) (found []string) {
	w.t.Helper()
	err := filepath.WalkDir(w.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for _, word := range words {
			if strings.Contains(strings.ToLower(string(b)), strings.ToLower(word)) {
				found = append(found, fmt.Sprintf("%q in %s", word, filepath.Base(path)))
			}
		}
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func (w *world) want(err error, target error) {
	w.t.Helper()
	if !errors.Is(err, target) {
		w.t.Fatalf("got error %v, want %v", err, target)
	}
}
