package crawler

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

// internet makes a world's crawler find hosts by name on test servers: plain ones by "host:80", encrypted by "host:443".
func internet(w *world, hosts map[string]*httptest.Server) {
	t := w.c.wire.inner
	direct := t.DialContext
	t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} // of servers of this test
	t.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		if s := hosts[addr]; s != nil {
			addr = s.Listener.Addr().String()
		}
		return direct(ctx, network, addr)
	}
}

func TestLinksToPastesElsewhereAreFollowedOnceWithinABudget(t *testing.T) {
	pastebin := &site{}
	pastebin.Server = httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		pastebin.mu.Lock()
		pastebin.seen = append(pastebin.seen, visitor{path: r.URL.RequestURI(), method: r.Method})
		pastebin.mu.Unlock()
		switch r.URL.Path {
		case "/raw/AbCdEfGh":
			fmt.Fprint(w, secret)
		case "/robots.txt":
			fmt.Fprint(w, "User-agent: *\nDisallow: /raw/Forbid01\n")
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(pastebin.Close)
	board := serve(t, pages(map[string]string{
		"/":       `<a href="/thread">t</a> <a href="https://pastebin.com/AbCdEfGh">p</a> <a href="https://pastebin.com/Forbid01">p</a>`,
		"/thread": `<p>again https://pastebin.com/AbCdEfGh, https://pastebin.com/Missing1 and https://pastebin.com/TooMany1</p>`,
	}))
	for _, c := range []struct {
		budget                 int
		sightings, paths, more int
		robots                 int64
	}{{3, 1, 3, 0, 1}, {-1, 0, 0, 0, 0}, {0, 1, 4, 0, 1}} {
		pastebin.forget()
		w := newWorld(t, nil)
		internet(w, map[string]*httptest.Server{"pastebin.com:443": pastebin.Server})
		sum := w.sweep(Source{Name: "board", Kind: "site", URL: board.URL, Elsewhere: c.budget})
		if sum.State != "done" || int(sum.Sightings) != c.sightings || sum.SkippedRobots != c.robots || sum.Errors != 0 {
			t.Errorf("budget %d: %+v", c.budget, sum)
		}
		if got := pastebin.paths(); len(got) != c.paths {
			t.Errorf("budget %d: asked for %v", c.budget, got)
		}
		for _, s := range w.got {
			if s.Kind != "pastebin" || s.URL != "https://pastebin.com/raw/AbCdEfGh" {
				t.Errorf("sighting %s %s", s.Kind, s.URL)
			}
		}
	}
}

func TestAnItemInWrappingIsMatchedByItsContent(t *testing.T) {
	s := serve(t, pages(map[string]string{
		"/api/v1/getServerInfo":   `{"software":"Lenpaste","version":"1.3","adminMail":"abuse@paste.example"}`,
		"/api/v1/get?id=known123": fmt.Sprintf(`{"id":"known123","title":"t","body":%q}`, secret),
		"/api/v1/get?id=other123": `{"id":"other123","title":"t","body":"nothing known"}`,
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "lenpaste", URL: s.URL, Items: []string{"known123", "other123", "missing1"}})
	if sum.Sightings != 1 || sum.Fetched != 2 || sum.State != "done" {
		t.Fatalf("got %+v, asked %v", sum, s.paths())
	}
	if got := w.got[0]; got.SiteContact != "abuse@paste.example" || !strings.HasSuffix(got.URL, "id=known123") {
		t.Errorf("contact %q, address %q", got.SiteContact, got.URL)
	}
}

func TestWhatAReadWouldUseUpIsOnlyAskedFor(t *testing.T) {
	var used []string
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		if strings.Contains(r.URL.Path, "once") {
			w.Header().Set("X-Remaining-Downloads", "1")
		} else {
			w.Header().Set("X-Remaining-Downloads", "n/a")
		}
		w.Header().Set("Content-Type", "text/plain")
		if r.Method == http.MethodGet {
			used = append(used, r.URL.Path)
			fmt.Fprint(w, secret)
		}
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "transfersh", URL: s.URL, Items: []string{s.URL + "/abcdef/free.txt", s.URL + "/abcdeg/once.txt"}})
	if !slices.Equal(used, []string{"/abcdef/free.txt"}) || sum.Sightings != 1 {
		t.Errorf("used up %v: %+v", used, sum)
	}
}
