package crawler

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"unmirror/crawler/robots"
	"unmirror/store"
)

// soon fails when a call of the test takes longer than a host's turn could be waited for.
func soon(t *testing.T, what string, f func(ctx context.Context)) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	if f(ctx); ctx.Err() != nil {
		t.Errorf("%s waits for the host", what)
	}
}

// hurried is a crawler that waits half a second for a host's turn.
func hurried(o *Options) { o.Limits.Patience = 500 * time.Millisecond }

func TestAHostThatAsksForALongPauseHoldsUpNobody(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/robots.txt" {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	w := newWorld(t, hurried)
	src := Source{Name: "s", Kind: "directory", URL: srv.URL}
	soon(t, "the first look", func(ctx context.Context) {
		if l, err := w.c.Look(ctx, src, srv.URL+"/a"); err != nil || l.Outcome != LookUnreachable {
			t.Errorf("first look: %+v, %v", l, err)
		}
	})
	srv.forget()
	soon(t, "a look", func(ctx context.Context) {
		l, err := w.c.Look(ctx, src, srv.URL+"/a")
		if err != nil || l.Outcome != LookUnreachable || l.Reason != "the host asks for a pause" || l.At.IsZero() {
			t.Errorf("look: %+v, %v", l, err)
		}
	})
	soon(t, "allowed", func(ctx context.Context) {
		if w.c.Allowed(ctx, srv.URL+"/contact") {
			t.Error("a page of a host that asks for a pause may be read")
		}
	})
	soon(t, "a polite request", func(ctx context.Context) {
		r, _ := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL+"/contact", nil)
		res, err := w.c.Polite(http.DefaultTransport).RoundTrip(r)
		if !errors.Is(err, errPause) {
			t.Errorf("polite: %v, %v", res, err)
		}
	})
	soon(t, "a test", func(ctx context.Context) {
		r, err := w.c.Test(ctx, src)
		if err != nil || r.OK || r.FirstErr != "the host asks for a pause" || r.Robots == "" {
			t.Errorf("test: %+v, %v", r, err)
		}
	})
	if got := srv.paths(); len(got) != 0 {
		t.Errorf("asked for %v during the pause", got)
	}
}

func TestALongCrawlDelayIsNotSleptWithTheHostInHand(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages(map[string]string{"/robots.txt": "User-agent: *\nCrawl-delay: 3600\n", "/a": secret, "/": listing("a")}))
	w := newWorld(t, hurried)
	src := Source{Name: "s", Kind: "directory", URL: srv.URL}
	soon(t, "a look", func(ctx context.Context) {
		if l, err := w.c.Look(ctx, src, srv.URL+"/a"); err != nil || l.Outcome != LookUnreachable || l.Reason != "the host asks for a pause" {
			t.Errorf("look: %+v, %v", l, err)
		}
	})
	other := newWorld(t, hurried)
	soon(t, "a test", func(ctx context.Context) {
		if r, err := other.c.Test(ctx, src); err != nil || r.OK || r.FirstErr != "the host asks for a pause" || r.Robots != "allowed" {
			t.Errorf("test: %+v, %v", r, err)
		}
	})
}

func TestALookHoursAfterTheOneBeforeIsNotUsedUpByRobots(t *testing.T) {
	t.Parallel()
	// The host wants longer between two requests than a look waits, and looks come after more hours than robots.txt stays fresh.
	for name, x := range map[string]struct {
		robots string
		delay  time.Duration
	}{"the file says so": {"User-agent: *\nCrawl-delay: 0.3\n", 0}, "the source says so": {"", 300 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := serve(t, pages(map[string]string{"/robots.txt": x.robots, "/a": secret}))
			w := newWorld(t, func(o *Options) { o.Limits.Patience = 50 * time.Millisecond })
			var late atomic.Int64
			w.c.robots = robots.NewCacheAt(ProductToken, func() time.Time { return time.Now().Add(time.Duration(late.Load())) })
			src := Source{Name: "s", Kind: "directory", URL: srv.URL, Delay: x.delay}
			var got Look
			for range 2 {
				var err error
				if got, err = w.c.Look(t.Context(), src, srv.URL+"/a"); err != nil {
					t.Fatal(err)
				}
				time.Sleep(400 * time.Millisecond)
				late.Add(int64(10 * time.Hour))
			}
			if got.Outcome != LookLive {
				t.Errorf("second look: %s (%s), asked for %v", got.Outcome, got.Reason, srv.paths())
			}
		})
	}
}

func TestARobotsFileThatWasNotAskedForIsNotTakenAsUnreachable(t *testing.T) {
	t.Parallel()
	// The file redirects on its own host: the second request has to wait for longer than there is patience.
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.Redirect(w, r, "/robots2.txt", http.StatusFound)
		}
	}))
	w := newWorld(t, func(o *Options) { o.Limits.Patience = 3 * time.Second })
	src := Source{Name: "s", Kind: "directory", URL: srv.URL, Delay: 6 * time.Second}
	for range 2 { // some three seconds of a busy machine change nothing in this
		l, err := w.c.Look(t.Context(), src, srv.URL+"/a")
		if err != nil || l.Reason != "the host asks for a pause" {
			t.Errorf("got %+v, %v", l, err)
		}
		time.Sleep(3500 * time.Millisecond)
	}
	if got := srv.paths(); len(got) != 2 || got[1] != "/robots.txt" {
		t.Errorf("asked for %v, want robots.txt anew each time", got)
	}
}

func TestAHostThatOthersHoldMakesALookUnclear(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages(map[string]string{"/a": secret}))
	w := newWorld(t, hurried)
	_, free, err := w.c.takeHost(t.Context(), srv.Listener.Addr().String(), store.NewID("look"), 0)
	if err != nil {
		t.Fatal(err)
	}
	src := Source{Name: "s", Kind: "directory", URL: srv.URL}
	soon(t, "a look", func(ctx context.Context) {
		if l, err := w.c.Look(ctx, src, srv.URL+"/a"); err != nil || l.Outcome != LookUnclear || l.Reason == "" {
			t.Errorf("look: %+v, %v", l, err)
		}
	})
	free()
	time.Sleep(2100 * time.Millisecond) // who waited in vain is let in first for two seconds
	if l, err := w.c.Look(t.Context(), src, srv.URL+"/a"); err != nil || l.Outcome != LookLive {
		t.Errorf("afterwards: %+v, %v", l, err)
	}
}

func TestALookEndsInTimeAndIsThenUnclear(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			return
		}
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte(secret)); err != nil {
				return
			}
			_ = http.NewResponseController(w).Flush()
			time.Sleep(20 * time.Millisecond)
		}
	}))
	w := newWorld(t, func(o *Options) { o.Limits.Look = 500 * time.Millisecond })
	l, err := w.c.Look(t.Context(), Source{Name: "s", Kind: "directory", URL: srv.URL}, srv.URL+"/a")
	if err != nil || l.Outcome != LookUnclear || l.Reason != "looking takes too long" {
		t.Errorf("got %+v, %v", l, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if _, err := w.c.Look(ctx, Source{Name: "s", Kind: "directory", URL: srv.URL}, srv.URL+"/a"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the end of the caller's own context is no look: %v", err)
	}
}
