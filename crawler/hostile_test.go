package crawler

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"unmirror/internal/testneeds"
)

func listing(names ...string) string {
	s := "<title>Index of /</title>"
	for _, n := range names {
		s += fmt.Sprintf("<a href=%q>x</a> ", n)
	}
	return s
}

// trap serves a listing with one trap and one good item behind it.
func trap(f http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/trap") {
			f(w, r)
			return
		}
		pages(map[string]string{"/": listing("trap", "zgood"), "/zgood": secret}).ServeHTTP(w, r)
	})
}

func raw(w http.ResponseWriter, text string) {
	c, _, err := w.(*statusWriter).ResponseWriter.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(c, text)
	_ = c.Close()
}

func TestEachTrapEndsInTimeWithOneLineAndHidesNoOtherItem(t *testing.T) {
	t.Parallel()
	bomb := gz(strings.Repeat("\x00", 40<<20))
	w := newWorld(t, nil) // one for all of them: a trap must not touch the others either
	flush := func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() }
	cases := []struct {
		name, want string
		f          http.HandlerFunc
	}{
		{"stalled body", "stalled", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.WriteString(w, "start")
			flush(w)
			select {
			case <-r.Context().Done():
			case <-time.After(time.Hour):
			}
		}},
		{"slow drip", "slowly", func(w http.ResponseWriter, r *http.Request) {
			for range 200 {
				if _, err := io.WriteString(w, "."); err != nil {
					return
				}
				flush(w)
				time.Sleep(50 * time.Millisecond)
			}
		}},
		{"no head", "no answer in time", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-r.Context().Done():
			case <-time.After(time.Hour):
			}
		}},
		{"endless body", "larger than max_item_bytes", func(w http.ResponseWriter, _ *http.Request) {
			chunk := strings.Repeat("filler text that never ends ", 1000)
			for {
				if _, err := io.WriteString(w, chunk); err != nil {
					return
				}
			}
		}},
		{"gzip bomb", "max_item_bytes", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, bomb)
		}},
		{"broken gzip", "cannot be decoded", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = io.WriteString(w, "\x1f\x8b\x08\x00 this is no gzip")
		}},
		{"wrong length", "ended early", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			_, _ = io.WriteString(w, "short")
		}},
		{"redirect loop", "circle", func(w http.ResponseWriter, r *http.Request) {
			to := map[string]string{"/trap": "/trap1", "/trap1": "/trap2", "/trap2": "/trap1"}[r.URL.Path]
			http.Redirect(w, r, to, http.StatusFound)
		}},
		{"endless redirects", "more than 5", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path+"x", http.StatusFound)
		}},
		{"redirect out of bounds", "bounds", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://169.254.169.254/latest/meta-data/", http.StatusFound)
		}},
		{"redirect to nowhere", "no address", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", "gopher://x/")
			w.WriteHeader(http.StatusFound)
		}},
		{"huge head", "head is too large", func(w http.ResponseWriter, _ *http.Request) {
			for i := range 3000 {
				w.Header().Set(fmt.Sprintf("X-Filler-%d", i), strings.Repeat("x", 5000))
			}
		}},
		{"not HTTP", "not HTTP", func(w http.ResponseWriter, _ *http.Request) { raw(w, "SSH-2.0-OpenSSH_9.2\r\n") }},
		{"cut connection", "", func(w http.ResponseWriter, _ *http.Request) { raw(w, "") }},
		{"forbidden", "403", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }},
		{"out of order", "500", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, trap(c.f))
			sum := w.sweep(Source{Name: c.name, Kind: "directory", URL: srv.URL})
			if sum.State != "done" || sum.Sightings != 1 || sum.Errors != 1 || len(sum.ErrorSamples) != 1 || !strings.Contains(sum.ErrorSamples[0], c.want) {
				t.Errorf("got %+v", sum)
			}
			for _, s := range sum.ErrorSamples {
				if strings.Contains(s, "trap") || strings.Contains(s, "/") {
					t.Errorf("the line %q holds an address", s)
				}
			}
		})
	}
}

func TestASourceThatCannotBeReadFailsWithOneLine(t *testing.T) {
	t.Parallel()
	gone := fmt.Sprintf("http://127.0.0.1:%d/", testneeds.Port(t))
	status := func(code int) string {
		return serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/robots.txt" {
				w.WriteHeader(code)
			}
		})).URL
	}
	robots503 := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })).URL
	private := serve(t, http.RedirectHandler("http://10.0.0.1/", http.StatusFound)).URL
	cases := []struct{ name, kind, url, want string }{
		{"dead port", "directory", gone, "refused"},
		{"private address", "directory", "http://10.1.2.3/", "refuses 10.1.2.3: not a public address"},
		{"metadata address", "directory", "http://169.254.169.254/", "not a public address"},
		{"mapped address", "directory", "http://[::ffff:10.0.0.1]/", "not a public address"},
		{"NAT64 address", "directory", "http://[64:ff9b::7f00:1]/", "not a public address"},
		{"name that does not exist", "directory", "http://does-not-exist.invalid/", "host name"},
		{"missing root", "directory", status(404), "404"},
		{"forbidden root", "directory", status(403), "403"},
		{"broken root", "directory", status(500), "500"},
		{"robots.txt out of order", "directory", robots503, "robots.txt answers 503"},
		{"redirect to a private host", "feed", private, "10.0.0.1"},
		{"no listing", "directory", serve(t, pages(map[string]string{"/": "<p>Welcome<a href='/'>a</a><a href='http://x/'>b</a>"})).URL, "can list"},
		{"no feed", "feed", serve(t, pages(map[string]string{"/": "<p>Welcome"})).URL, "no feed"},
		{"empty page for selectors", "listing", serve(t, pages(map[string]string{"/": "<p>Redesigned"})).URL, "can list"},
	}
	w := newWorld(t, nil)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			sum := w.sweep(Source{Name: c.name, Kind: c.kind, URL: c.url, Item: "a.paste"})
			if sum.Errors == 0 || !strings.Contains(strings.Join(sum.ErrorSamples, "\n"), c.want) || sum.Reason == "" {
				t.Errorf("got %+v", sum)
			}
			st, err := w.c.Status(t.Context())
			i := slices.IndexFunc(st, func(s SourceStatus) bool { return s.Source == c.name })
			if err != nil || i < 0 || !st[i].LastGood.IsZero() || st[i].Summary.Reason != sum.Reason {
				t.Errorf("status %+v, %v", st, err)
			}
		})
	}
}

func TestEndlessLinksEndWithTheirBudget(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n := calls.Add(1)
		w.Header().Set("Content-Type", "text/html")
		for i := range 6 {
			fmt.Fprintf(w, `<a href="/p/%d-%d">x</a>`, n, i)
		}
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "site", URL: srv.URL, Depth: 1000, MaxItems: 90})
	if sum.Requests > 95 || sum.State != "done" || !strings.Contains(sum.Reason, "max_items") {
		t.Errorf("got %+v", sum)
	}
}

func TestOneSourcesTroubleDoesNotTouchAnother(t *testing.T) {
	t.Parallel()
	gate, inside := make(chan struct{}), make(chan struct{}, 1)
	bad := serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		inside <- struct{}{}
		<-gate
	}))
	good := serve(t, http.FileServer(http.Dir(tree(t, 10))))
	w := newWorld(t, func(o *Options) { o.Limits.Head = 2 * time.Minute })
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		defer close(done)
		_, _ = w.c.Sweep(ctx, Source{Name: "bad", Kind: "directory", URL: bad.URL})
	}()
	<-inside // the bad one hangs now, and will as long as the good one takes
	if sum := w.sweep(Source{Name: "good", Kind: "directory", URL: good.URL}); sum.Sightings != 1 {
		t.Errorf("got %+v", sum)
	}
	cancel()
	close(gate)
	<-done
}

func TestPlainRepeatsNothingThatAServerWrote(t *testing.T) {
	t.Parallel()
	for _, err := range []error{
		fmt.Errorf(`Get "http://h/Vandersteen": %w`, io.ErrUnexpectedEOF),
		fmt.Errorf(`malformed HTTP response "Vandersteen"`),
		fmt.Errorf(`weird new error about Vandersteen`),
		&net.OpError{Op: "dial", Err: fmt.Errorf("Vandersteen")},
	} {
		if s := plain(err); strings.Contains(s, "Vandersteen") || s == "" {
			t.Errorf("%v becomes %q", err, s)
		}
	}
}
