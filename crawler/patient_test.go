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
		delay     time.Duration // between requests
		rests     bool
	}{
		{"a worker that found nothing for some time", true, fruitless, 0, near, 0, true},
		{"a worker that just began", true, 0, 0, near, 0, false},
		{"a worker with a host in its hands", true, fruitless, 1, near, 0, false},
		{"a worker where requests keep a distance", true, fruitless, 0, near, time.Second, false},
		{"whoever ends the sweep", false, fruitless, 0, near, 0, false},
		{"a worker that waits for a host's own moment", true, fruitless, 0, far, 0, false},
		{"a worker that waits for its own", true, fruitless, 0, 0, 0, false},
	} {
		w := &walk{c: &Crawler{o: Options{Delay: c.delay}}, helps: c.helps, fruitless: c.fruitless, held: map[string]plane.Lease{}}
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
