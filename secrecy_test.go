package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"io"
	"io/fs"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"unmirror/takedown"
)

// TestNothingTellsOfAVictim plays sweep, draft, approval, sending, gone and alerts in an invented world, and then
// searches the data folder, the log, every page, every mail, the metrics and the lists of the command line for every
// identifier, remark and file name of the leak, and for their unkeyed digests (promise 2).
func TestNothingTellsOfAVictim(t *testing.T) {
	var log lockedBuffer
	g := &globals{world: world{stdin: strings.NewReader(""), stdout: io.Discard, stderr: &log, env: nil}}
	s := &stage{dir: t.TempDir(), once: true}
	t.Cleanup(func() {
		if err := s.closeSites(); err != nil {
			t.Error(err)
		}
	})
	s.app = &app{globals: g}
	must(t, s.build(7))
	config := filepath.Join(s.dir, "unmirror.yaml")
	b, err := os.ReadFile(config)
	must(t, err)
	must(t, os.WriteFile(config, bytes.Replace(b, []byte("level: warn"), []byte("level: debug"), 1), 0o600))
	n := newNeedles(s.world.Needles())
	inner := *g
	inner.configPath = config
	must(t, inner.with(func(a *app) error {
		s.app = a
		if err := s.register(t.Context()); err != nil {
			return err
		}
		n.searchFolder(t, filepath.Join(s.dir, "data")) // after sweep and draft
		return s.playAndRead(t, n)
	}))
	n.searchFolder(t, filepath.Join(s.dir, "data")) // after everything
	for _, m := range s.mailbox.Mails() {
		n.search(t, "a mail to "+m.To[0], m.Raw)
	}
	n.search(t, "the log", log.Bytes())
	for _, args := range [][]string{{"case", "list"}, {"notice", "list"}, {"outbox", "list"}, {"sighting", "list"}, {"leak", "list"}, {"user", "list"}} {
		n.search(t, strings.Join(args, " "), []byte(mustCommand(t, config, append(args, "--json")...)))
	}
	if !n.finds([]byte("x " + s.world.Identifiers[0] + " y")) {
		t.Error("the search finds nothing at all: it could not fail")
	}
}

// playAndRead runs the script and reads every page while the daemon is up.
func (s *stage) playAndRead(t *testing.T, n *needles) error {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	ready, done := make(chan string, 1), make(chan error, 1)
	go func() { done <- s.run(ctx, func(addr string) { ready <- addr }) }()
	select {
	case err := <-done:
		return err
	case <-ready:
	}
	d, err := s.docket(ctx)
	if err != nil {
		return err
	}
	cases, err := d.Cases(ctx, takedown.CaseFilter{})
	if err != nil {
		return err
	}
	if len(cases) != len(s.planted) {
		t.Errorf("%d cases for %d re-uploads", len(cases), len(s.planted))
	}
	pages := n.readPages(t, s.cfg.PublicURL(), s.app.demo)
	if err := s.script(ctx); err != nil {
		return err
	}
	if after := n.readPages(t, s.cfg.PublicURL(), s.app.demo); after < 2*len(s.planted)+6 || pages < 2*len(s.planted)+6 {
		t.Errorf("only %d and %d pages were read", pages, after)
	}
	stop()
	return <-done
}

var links = regexp.MustCompile(`(?:href|src)="(/[^"#]*)"`)

// readPages logs in and follows every link of the desk; it returns how many pages it read.
func (n *needles) readPages(t *testing.T, base string, who *credentials) int {
	t.Helper()
	jar, err := cookiejar.New(nil)
	must(t, err)
	c := &http.Client{Jar: jar}
	res, err := c.PostForm(base+"/login", url.Values{"username": {who.name}, "password": {who.password}})
	must(t, err)
	must(t, res.Body.Close())
	todo, seen := []string{"/", "/metrics", "/healthz", "/alerts"}, map[string]bool{}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] || strings.Contains(path, "/static/") {
			continue
		}
		seen[path] = true
		res, err := c.Get(base + path)
		must(t, err)
		body, err := io.ReadAll(res.Body)
		must(t, err)
		must(t, res.Body.Close())
		n.search(t, "page "+path, body)
		for _, m := range links.FindAllSubmatch(body, -1) {
			todo = append(todo, strings.ReplaceAll(string(m[1]), "&amp;", "&"))
		}
	}
	return len(seen)
}

// needles are what must be found nowhere, in the spellings in which it would lie there.
type needles struct{ all [][]byte }

func newNeedles(words []string) *needles {
	n := &needles{}
	for _, w := range words {
		if len(w) < 6 { // a house number or a first name alone stands in innocent text
			continue
		}
		low := bytes.ToLower([]byte(w))
		n.all = append(n.all, low)
		if raw, err := hex.DecodeString(w); err == nil && len(raw) >= 16 {
			n.all = append(n.all, bytes.ToLower(raw), bytes.ToLower([]byte(base64.StdEncoding.EncodeToString(raw))))
			continue
		}
		n.all = append(n.all, bytes.ToLower([]byte(base64.StdEncoding.EncodeToString([]byte(w)))),
			bytes.ToLower([]byte(hex.EncodeToString([]byte(w)))), bytes.ToLower([]byte(url.PathEscape(w))), utf16(low))
	}
	return n
}

func utf16(b []byte) []byte {
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, c, 0)
	}
	return out
}

func (n *needles) finds(b []byte) bool { return n.which(b) != nil }

func (n *needles) which(b []byte) []byte {
	low := bytes.ToLower(b)
	for _, w := range n.all {
		if bytes.Contains(low, w) {
			return w
		}
	}
	return nil
}

func (n *needles) search(t *testing.T, where string, b []byte) {
	t.Helper()
	if w := n.which(b); w != nil {
		t.Errorf("%s holds %q", where, w)
	}
}

func (n *needles) searchFolder(t *testing.T, dir string) {
	t.Helper()
	files := 0
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		n.search(t, "the name of "+path, []byte(d.Name()))
		if d.IsDir() {
			return nil
		}
		b, err := os.ReadFile(path)
		files++
		n.search(t, path, b)
		return err
	}))
	if files < 3 {
		t.Errorf("only %d files in %s", files, dir)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// lockedBuffer takes what several goroutines log.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) Bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.b.Bytes())
}
