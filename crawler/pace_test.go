package crawler

import (
	"context"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unmirror/crawler/plane"
)

// slowOnce is a plane whose first two bookings take long, as a disk that is busy.
type slowOnce struct {
	plane.Plane
	calls atomic.Int64
}

func (s *slowOnce) Rate(ctx context.Context, l plane.Lease, next time.Time) error {
	if s.calls.Add(1) <= 2 {
		time.Sleep(300 * time.Millisecond)
	}
	return s.Plane.Rate(ctx, l, next)
}

func TestABusyRecordBringsNoTwoRequestsNearer(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages(map[string]string{"/": listing("a"), "/a": "a"}))
	w := newWorld(t, func(o *Options) { o.Plane = &slowOnce{Plane: o.Plane} })
	w.sweep(Source{Name: "s", Kind: "directory", URL: srv.URL, Delay: time.Second})
	seen := srv.visitors()
	apart(t, seen, time.Second)
	if len(seen) < 3 {
		t.Errorf("%d requests", len(seen))
	}
}

// apart checks that a server saw no two requests nearer to each other than a delay, without any tolerance.
func apart(t *testing.T, seen []visitor, delay time.Duration) {
	t.Helper()
	slices.SortFunc(seen, func(a, b visitor) int { return a.at.Compare(b.at) })
	for i := 1; i < len(seen); i++ {
		if gap := seen[i].at.Sub(seen[i-1].at); gap < delay {
			t.Errorf("request %d, %s, came %s after the one before", i, seen[i].path, gap)
		}
	}
}

// allBusy keeps the processors busy until it is told to stop.
func allBusy() (stop func()) {
	var over atomic.Bool
	var all sync.WaitGroup
	for range 2 * runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for x := uint64(1); !over.Load(); {
				for range 1 << 16 {
					x = x*6364136223846793005 + 1
				}
				if x == 0 {
					return // so that nothing is left out
				}
			}
		})
	}
	return func() { over.Store(true); all.Wait() }
}

func TestTheServerSeesTheDelayAlsoWhereAllIsBusy(t *testing.T) {
	for name, keep := range map[string]bool{"one connection": true, "a connection each": false} {
		t.Run(name, func(t *testing.T) {
			const delay = 40 * time.Millisecond
			h, _ := mirror(12, 0)
			late := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				h.ServeHTTP(w, r)
				time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond) // before anything is sent
			})
			s := serve(t, late)
			s.Config.SetKeepAlivesEnabled(keep)
			defer allBusy()()
			w := newWorld(t, nil)
			if sum := w.sweep(Source{Name: "a", Kind: "directory", URL: s.URL, Delay: delay}); sum.Fetched != 12 {
				t.Fatalf("%+v", sum)
			}
			apart(t, s.visitors(), delay)
		})
	}
}
