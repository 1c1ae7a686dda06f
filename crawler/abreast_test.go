package crawler

import (
	"net/http"
	"sync/atomic"
	"testing"
	"time"
)

// crowded serves a mirror and tells how many requests were under way at once.
func crowded(files int, robots string) (h http.Handler, most func() int64) {
	var now, peak atomic.Int64
	m, _ := mirror(files, 0)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			_, _ = w.Write([]byte(robots))
			return
		}
		n := now.Add(1)
		defer now.Add(-1)
		for old := peak.Load(); n > old && !peak.CompareAndSwap(old, n); old = peak.Load() {
		}
		time.Sleep(10 * time.Millisecond)
		m.ServeHTTP(w, r)
	}), peak.Load
}

func TestOnlyAHostThatWantsNoDistanceIsVisitedAbreast(t *testing.T) {
	for name, c := range map[string]struct {
		delay  time.Duration
		robots string
		most   int64
	}{
		"without a delay":     {0, "", abreast},
		"with a delay":        {5 * time.Millisecond, "", 1},
		"with a crawl-delay":  {0, "User-agent: *\nCrawl-delay: 0.02\n", 1},
		"with a robots group": {0, "User-agent: *\nDisallow: /x/\n", abreast},
	} {
		t.Run(name, func(t *testing.T) {
			h, most := crowded(30, c.robots)
			s := serve(t, h)
			w := newWorld(t, nil)
			if sum := w.sweep(Source{Name: "a", Kind: "directory", URL: s.URL, Delay: c.delay}); sum.Fetched != 30 {
				t.Fatalf("%+v", sum)
			}
			if got := most(); got > c.most || c.most > 1 && got < 2 {
				t.Errorf("%d at once, want at most %d", got, c.most)
			}
		})
	}
}
