package plane_test

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/redistest"
	"unmirror/store/storetest"
)

// known is how many addresses the load tests put into a plane: 20,000, or UNMIRROR_TEST_URLS (5000000 is the promise).
func known() int {
	if n, err := strconv.Atoi(os.Getenv("UNMIRROR_TEST_URLS")); err == nil {
		return n
	}
	return 20_000
}

// TestRedisHoldsFiveMillionAddressesInAGigabyte measures, at any size, what an address costs that waits in the frontier,
// one that was seen, and one that was seen and waits again.
//
//	UNMIRROR_TEST_URLS=5000000 go test -run Gigabyte -v ./crawler/plane
func TestRedisHoldsFiveMillionAddressesInAGigabyte(t *testing.T) {
	n := known()
	c := dial(t, redistest.Start(t, "--appendonly", "no").URL())
	p, err := plane.NewRedis(c, plane.RedisOptions{Key: newKey()})
	if err != nil {
		t.Fatal(err)
	}
	memory := func() float64 {
		info, err := c.Info(t.Context(), "memory").Result()
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(info, "used_memory:")
		line, _, _ := strings.Cut(rest, "\r\n")
		used, err := strconv.ParseFloat(line, 64)
		if err != nil {
			t.Fatal(err)
		}
		return used
	}
	empty := memory()
	start := time.Now()
	sw := fill(t, p, n)
	waiting := (memory() - empty) / float64(n)
	t.Logf("%d addresses wait: %.0f bytes each, %.0f enqueued a second", n, waiting, float64(n)/time.Since(start).Seconds())
	start = time.Now()
	drain(t, p, sw)
	seen := (memory() - empty) / float64(n)
	t.Logf("%d addresses seen, sweep still open: %.0f bytes each, %.0f done a second", n, seen, float64(n)/time.Since(start).Seconds())
	start = time.Now()
	if _, err := p.Finish(t.Context(), sw, plane.End{State: plane.Done}); err != nil {
		t.Fatal(err)
	}
	t.Logf("finished in %s: %.0f bytes each", time.Since(start).Round(time.Millisecond), (memory()-empty)/float64(n))
	start = time.Now()
	fill(t, p, n)
	both := (memory() - empty) / float64(n)
	t.Logf("all of them wait again: %.0f bytes each, %.0f enqueued a second", both, float64(n)/time.Since(start).Seconds())
	if most := 1e9/5e6 + 1e6/float64(n); max(waiting, seen, both) > most { // a megabyte does not grow with them
		t.Errorf("five million would take more than a gigabyte: %.0f, %.0f and %.0f bytes each", waiting, seen, both)
	}
}

// fill puts n addresses of ten hosts into a sweep, as listings of a mirror are found.
func fill(t *testing.T, p plane.Plane, n int) plane.Sweep {
	t.Helper()
	sw, err := p.Begin(t.Context(), plane.Start{Source: "a", Spec: "a", Seeds: []plane.Item{{URL: "http://seed.example/", Host: "seed.example"}}})
	if err != nil {
		t.Fatal(err)
	}
	l, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 1})
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < n; at += 1000 {
		var b plane.Batch
		for i := at; i < min(n, at+1000); i++ {
			host := fmt.Sprintf("mirror-%d.example", i/1000%10)
			b.Found = append(b.Found, plane.Item{URL: fmt.Sprintf("http://%s/pub/leak/%d/dossier-%07d.pdf", host, i/1000, i), Host: host, Matches: true, Depth: 2,
				Listed: fmt.Sprintf("03-Feb-2024 04:%02d %d", i%60, i), Modified: time.Unix(1.7e9+int64(i), 0)})
		}
		if _, _, err := p.Complete(t.Context(), sw, l, b); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := p.Complete(t.Context(), sw, l, plane.Batch{Done: []int64{l.Items[0].ID}}); err != nil {
		t.Fatal(err)
	}
	if err := p.Release(t.Context(), l, time.Time{}); err != nil {
		t.Fatal(err)
	}
	return sw
}

func drain(t *testing.T, p plane.Plane, sw plane.Sweep) (n int) {
	t.Helper()
	for {
		l, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 256})
		var d *plane.Drained
		if errors.As(err, &d) {
			return n
		}
		if err != nil {
			t.Fatal(err)
		}
		var b plane.Batch
		for _, it := range l.Items {
			b.Done = append(b.Done, it.ID)
			b.Seen = append(b.Seen, plane.SeenAt{ID: it.ID, Seen: plane.Seen{ETag: fmt.Sprintf(`"65bd%x-%x"`, it.ID, it.ID), Listed: it.Listed,
				LastModified: "Sat, 03 Feb 2024 04:05:06 GMT", Fetched: time.Now(), Checked: time.Now(), Generation: 7, Bytes: 12345}})
		}
		if _, _, err := p.Complete(t.Context(), sw, l, b); err != nil {
			t.Fatal(err)
		}
		if err := p.Release(t.Context(), l, time.Time{}); err != nil {
			t.Fatal(err)
		}
		n += len(l.Items)
	}
}

// TestSQLiteDoesNotSlowWithWhatItKnows compares a sweep of an almost empty plane with one of a full one.
//
//	UNMIRROR_TEST_URLS=5000000 go test -run Slow -v -timeout 1h ./crawler/plane
func TestSQLiteDoesNotSlowWithWhatItKnows(t *testing.T) {
	n := known()
	p := plane.NewSQLite(storetest.At(t, t.TempDir(), storetest.Ring(t), nil), 0)
	start := time.Now()
	sw := fill(t, p, n)
	t.Logf("%d addresses: %.0f enqueued a second", n, float64(n)/time.Since(start).Seconds())
	start = time.Now()
	drain(t, p, sw)
	t.Logf("%.0f done a second", float64(n)/time.Since(start).Seconds())
	start = time.Now()
	if _, err := p.Finish(t.Context(), sw, plane.End{State: plane.Done}); err != nil {
		t.Fatal(err)
	}
	t.Logf("finished in %s", time.Since(start).Round(time.Millisecond))
}
