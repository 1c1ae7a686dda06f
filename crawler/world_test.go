package crawler

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/crawler/plane"
	"unmirror/fingerprints/match"
	"unmirror/internal/guard"
	"unmirror/store"
	"unmirror/store/storetest"
)

// secret is the known content of these tests: invented, and long enough to be no accident.
const secret = "Verslag consultatie Mieke Vandersteen-Onbestaand, 12 maart: rugklachten, tijdelijk lichter werk voorgesteld."

// needle is a matcher that knows one text. It is real enough here: it sees the body as it streams, whatever the pieces.
type needle struct {
	mu       sync.Mutex
	bodies   int
	discards int
	bytes    int64
}

type needleIntake struct {
	n     *needle
	item  string
	tail  []byte
	found bool
	size  int64
	sum   uint32
	sha   hash.Hash
}

func (n *needle) Intake(item string) (Intake, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.bodies++
	return &needleIntake{n: n, item: item, sha: sha256.New()}, nil
}

func (i *needleIntake) Write(p []byte) (int, error) {
	i.size += int64(len(p))
	i.sum = crc32.Update(i.sum, crc32.IEEETable, p)
	i.sha.Write(p)
	i.tail = append(i.tail, p...)
	i.found = i.found || bytes.Contains(i.tail, []byte(secret))
	if keep := len(secret); len(i.tail) > keep {
		i.tail = append(i.tail[:0], i.tail[len(i.tail)-keep:]...)
	}
	return len(p), nil
}

func (i *needleIntake) Match(context.Context) match.Report {
	i.n.mu.Lock()
	i.n.bytes += i.size
	i.n.mu.Unlock()
	r := match.Report{Item: i.item, Verdict: match.None, Bytes: i.size, Digest: fmt.Sprintf("%08x", i.sum)}
	if i.found {
		r.Verdict, r.Digest = match.Matched, "abcd"
		r.Matches = []match.Match{{Grade: match.Passages, Leak: "demo", KnownFile: "brieven/vandersteen.txt", FileID: "f_0123456789ab", Bits: 120}}
	}
	return r
}

func (i *needleIntake) SHA256() []byte { return i.sha.Sum(nil) }

func (i *needleIntake) Discard() {
	i.n.mu.Lock()
	i.n.discards++
	i.n.mu.Unlock()
}

// world is a crawler over a real record, with a sink that keeps what it is given.
type world struct {
	t     testing.TB
	c     *Crawler
	store *store.Store
	dir   string
	match *needle
	log   *bytes.Buffer
	gen   uint64

	mu     sync.Mutex
	got    []Sighting
	known  []bool // what OnSighting was told
	refuse error  // the sink's answer
}

func (w *world) sink(_ context.Context, s Sighting) (bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.refuse != nil {
		return false, w.refuse
	}
	known := slices.ContainsFunc(w.got, func(o Sighting) bool { return o.URL == s.URL && o.Report.Digest == s.Report.Digest })
	w.got = append(w.got, s)
	return known, nil
}

func (w *world) urls() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, s := range w.got {
		out = append(out, s.URL)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// fast are limits that end a trap within a test's patience.
func fast() Limits {
	return Limits{Head: 6 * time.Second, Stall: 3 * time.Second, Grace: 500 * time.Millisecond, MinRate: 200,
		Item: 20 * time.Second, Page: 1 << 20, Retries: 1, Backoff: 20 * time.Millisecond, Pause: 2 * time.Second}
}

// unhurried are limits that end nothing but a hang, however busy the machine is.
func unhurried() Limits {
	l := fast()
	l.Head, l.Stall, l.Grace, l.Item, l.MinRate = 5*time.Minute, 5*time.Minute, 5*time.Minute, 15*time.Minute, 1
	return l
}

func newWorld(t testing.TB, change func(*Options)) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), match: &needle{}, log: &bytes.Buffer{}}
	w.store = storetest.At(t, w.dir, storetest.Ring(t), nil)
	w.open(change)
	return w
}

func (w *world) open(change func(*Options)) {
	w.t.Helper()
	g, err := guard.New([]string{"localhost"})
	if err != nil {
		w.t.Fatal(err)
	}
	o := Options{
		Plane: plane.NewSQLite(w.store, 2*time.Minute), Intake: w.match.Intake, Sink: w.sink, Guard: g, Version: "1.2.3",
		Contact: "https://unmirror.example/contact", MaxItemBytes: 8 << 20, Limits: fast(), Heartbeat: 500 * time.Millisecond,
		Generation: func() uint64 { return w.gen },
		Log:        slog.New(slog.NewTextHandler(lockedWriter{&w.mu, w.log}, &slog.HandlerOptions{Level: slog.LevelDebug})),
		OnSighting: func(_ Sighting, known bool) { w.mu.Lock(); w.known = append(w.known, known); w.mu.Unlock() },
	}
	if change != nil {
		change(&o)
	}
	if w.c, err = New(o); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) sweep(s Source) Summary {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 18*time.Minute) // it ends nothing but a hang
	defer cancel()
	sum, err := w.c.Sweep(ctx, s)
	if err != nil {
		w.t.Fatalf("sweep: %v", err)
	}
	return sum
}

// visitor is one request that a test's server saw.
type visitor struct {
	path, agent, method string
	at                  time.Time
	header              http.Header
	status              int
}

// site is a server that remembers its visitors.
type site struct {
	*httptest.Server
	mu   sync.Mutex
	seen []visitor
}

type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(code int) { s.status = code; s.ResponseWriter.WriteHeader(code) }
func (s *statusWriter) Unwrap() http.ResponseWriter {
	return s.ResponseWriter
}

func serve(t testing.TB, h http.Handler) *site {
	t.Helper()
	s := &site{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		sw := &statusWriter{rw, 200}
		v := visitor{path: r.URL.RequestURI(), agent: r.UserAgent(), method: r.Method, at: time.Now(), header: r.Header.Clone()}
		h.ServeHTTP(sw, r)
		v.status = sw.status
		s.mu.Lock()
		s.seen = append(s.seen, v)
		s.mu.Unlock()
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *site) visitors() []visitor {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.seen)
}

func (s *site) paths() (out []string) {
	for _, v := range s.visitors() {
		out = append(out, v.path)
	}
	return out
}

func (s *site) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen = nil
}

// pages serves a map of path to body, 404 for the rest. A body that starts with "<" is HTML.
func pages(m map[string]string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, ok := m[r.URL.RequestURI()]
		if !ok {
			http.NotFound(w, r)
			return
		}
		if strings.HasPrefix(body, "<") {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
		} else {
			w.Header().Set("Content-Type", "text/plain")
		}
		_, _ = io.WriteString(w, body)
	})
}

var errSink = errors.New("the record is full")
