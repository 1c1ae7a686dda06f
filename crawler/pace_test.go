package crawler

import (
	"context"
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
	for i := 1; i < len(seen); i++ {
		if gap := seen[i].at.Sub(seen[i-1].at); gap < 980*time.Millisecond {
			t.Errorf("request %d came %s after the one before", i, gap)
		}
	}
	if len(seen) < 3 {
		t.Errorf("%d requests", len(seen))
	}
}
