package crawler

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"unmirror/crawler/plane"
)

var errDisk = errors.New("no space left")

// fullOnce is a plane that cannot write one batch while visits go on.
type fullOnce struct {
	plane.Plane
	at, n atomic.Int64
}

func (p *fullOnce) Complete(ctx context.Context, s plane.Sweep, l plane.Lease, b plane.Batch) (added, dropped int64, err error) {
	if p.n.Add(1) == p.at.Load() {
		return 0, 0, errDisk
	}
	return p.Plane.Complete(ctx, s, l, b)
}

func TestABatchThatCouldNotBeWrittenEndsTheSweepAndIsNotFetchedAgain(t *testing.T) {
	t.Parallel()
	const files = (asideFrom + 1) * flushItems
	h, _ := mirror(files, 0)
	srv := serve(t, h)
	full := &fullOnce{}
	full.at.Store(2) // the first holds the listing
	w := newWorld(t, func(o *Options) { full.Plane, o.Plane = o.Plane, full })
	src := Source{Name: "a", Kind: "directory", URL: srv.URL}
	if _, err := w.c.Sweep(t.Context(), src); !errors.Is(err, errDisk) {
		t.Fatalf("the sweep ended with %v", err)
	}
	if sum := w.sweep(src); sum.Fetched != files || sum.Listed != files || sum.State != "done" {
		t.Errorf("%+v", sum)
	}
	asked := map[string]int{}
	again := 0
	for _, p := range srv.paths() {
		if asked[p]++; asked[p] > 1 {
			again++
		}
	}
	if again > abreast+1 { // what was under way when the sweep ended, and robots.txt
		t.Errorf("%d of %d requests were made again", again, len(srv.paths()))
	}
}
