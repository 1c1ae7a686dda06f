package crawler

import (
	"testing"
	"time"

	"unmirror/crawler/plane"
)

func TestAWorkerWithoutAHostAsksLessOften(t *testing.T) {
	near, far := 100*time.Millisecond, time.Minute
	for _, c := range []struct {
		what      string
		helps     bool
		fruitless int
		held      int
		in        time.Duration // 0: when something changes
		rests     bool
	}{
		{"a worker that found nothing for some time", true, 5, 0, near, true},
		{"a worker that just began", true, 0, 0, near, false},
		{"a worker with a host in its hands", true, 5, 1, near, false},
		{"whoever ends the sweep", false, 5, 0, near, false},
		{"a worker that waits for a host's own moment", true, 5, 0, far, false},
		{"a worker that waits for its own", true, 5, 0, 0, false},
	} {
		w := &walk{helps: c.helps, fruitless: c.fruitless, held: map[string]plane.Lease{}}
		for range c.held {
			w.held["h"] = plane.Lease{}
		}
		var until time.Time
		if c.in > 0 {
			until = time.Now().Add(c.in)
		}
		if got := w.patient(until); got.After(until) != c.rests {
			t.Errorf("%s waits for %s instead of %s", c.what, time.Until(got), c.in)
		}
	}
}
