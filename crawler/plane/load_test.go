package plane_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/redistest"
	"unmirror/store/storetest"
)

// known is how many addresses the load tests put into a plane: few, or UNMIRROR_TEST_URLS (5000000 is the promise).
func known(few int) int {
	if n, err := strconv.Atoi(os.Getenv("UNMIRROR_TEST_URLS")); err == nil {
		return n
	}
	return few
}

// TestRedisHoldsFiveMillionAddressesInAGigabyte measures, at any size, what an address costs that waits in the frontier,
// one that was seen, and one that was seen and waits again.
//
//	UNMIRROR_TEST_URLS=5000000 go test -run Gigabyte -v ./crawler/plane
func TestRedisHoldsFiveMillionAddressesInAGigabyte(t *testing.T) {
	n := known(20_000)
	c := dial(t, redistest.Start(t, "--appendonly", "no").URL())
	p, err := plane.NewRedis(c, plane.RedisOptions{Key: newKey()})
	if err != nil {
		t.Fatal(err)
	}
	empty := figures(t, c, "memory", "used_memory")
	before := empty
	var most float64
	step := func(what string, do func()) {
		start, cpu := time.Now(), redisWorked(t, c)
		do()
		now := figures(t, c, "memory", "used_memory")
		most = max(most, (now-empty)/float64(n))
		t.Logf("%-32s %.0f bytes each, %+.0f; %.0f a second, %.1f µs of Redis's processor each", what, (now-empty)/float64(n), (now-before)/float64(n),
			float64(n)/time.Since(start).Seconds(), (redisWorked(t, c)-cpu)*1e6/float64(n))
		before = now
	}
	var sw plane.Sweep
	finish := func() {
		if _, err := p.Finish(t.Context(), sw, plane.End{State: plane.Done}); err != nil {
			t.Fatal(err)
		}
	}
	step("all wait", func() { sw = fill(t, p, n, mirrors, nil) })
	step("all seen, the sweep still open", func() { drain(t, p, sw, nil) })
	step("the sweep has ended", finish)
	step("all wait again", func() { sw = fill(t, p, n, mirrors, nil) })
	step("all seen again", func() { drain(t, p, sw, nil) })
	if allowed := 1e9/5e6 + 1e6/float64(n); most > allowed { // a megabyte does not grow with them
		t.Errorf("five million would take more than a gigabyte: %.0f bytes each", most)
	}
}

// figures adds up figures that Redis tells of itself.
func figures(t *testing.T, c redis.UniversalClient, section string, names ...string) (sum float64) {
	t.Helper()
	info, err := c.Info(t.Context(), section).Result()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(info) {
		if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && slices.Contains(names, k) {
			n, err := strconv.ParseFloat(v, 64)
			if err != nil {
				t.Fatal(err)
			}
			sum += n
		}
	}
	return sum
}

// redisWorked is the processor time that Redis took so far, in seconds.
func redisWorked(t *testing.T, c redis.UniversalClient) float64 {
	return figures(t, c, "cpu", "used_cpu_user", "used_cpu_sys")
}

// mirrors are ten hosts with folders of a thousand files, pastes one host with everything in one folder.
func mirrors(i int) plane.Item {
	host := fmt.Sprintf("mirror-%d.example", i/1000%10)
	return plane.Item{URL: fmt.Sprintf("http://%s/pub/leak/%d/dossier-%07d.pdf", host, i/1000, i), Host: host}
}

func pastes(i int) plane.Item {
	return plane.Item{URL: fmt.Sprintf("https://paste.example/%07x", i*2654435761%(1<<32)), Host: "paste.example"}
}

// crowds are as many hosts as there are hundreds of addresses.
func crowds(i int) plane.Item {
	host := fmt.Sprintf("h%d.example", i/100)
	return plane.Item{URL: fmt.Sprintf("http://%s/%d", host, i), Host: host}
}

// fill puts n addresses into a sweep, as listings are found; tick, if any, is told how many there are.
func fill(t *testing.T, p plane.Plane, n int, place func(int) plane.Item, tick func(int)) plane.Sweep {
	t.Helper()
	return fillSource(t, p, "a", n, place, tick)
}

func fillSource(t *testing.T, p plane.Plane, source string, n int, place func(int) plane.Item, tick func(int)) plane.Sweep {
	t.Helper()
	sw, err := p.Begin(t.Context(), plane.Start{Source: source, Spec: "a", Seeds: []plane.Item{{URL: "http://seed.example/", Host: "seed.example"}}})
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
			it := place(i)
			it.Matches, it.Depth, it.Listed, it.Modified = true, 2, fmt.Sprintf("03-Feb-2024 04:%02d %d", i%60, i), time.Unix(1.7e9+int64(i), 0)
			b.Found = append(b.Found, it)
		}
		if _, _, err := p.Complete(t.Context(), sw, l, b); err != nil {
			t.Fatal(err)
		}
		if tick != nil {
			tick(min(n, at+1000))
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

func drain(t *testing.T, p plane.Plane, sw plane.Sweep, tick func(int)) (n int) {
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
		if n += len(l.Items); tick != nil {
			tick(n)
		}
	}
}

// speed measures how fast something goes on at ten points of the way: wall clock and processor.
type speed struct {
	what  string
	n, at int
	began time.Time
	cpu   time.Duration
	wall  []float64 // a second, in each tenth
	each  []float64 // microseconds of processor time each
}

func worked() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // of oneself it does not fail
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func newSpeed(what string, n int) *speed {
	return &speed{what: what, n: n, began: time.Now(), cpu: worked()}
}

func (s *speed) tick(at int) {
	if at < (len(s.wall)+1)*s.n/10 {
		return
	}
	k := float64(at - s.at)
	s.wall = append(s.wall, k/time.Since(s.began).Seconds())
	s.each = append(s.each, (worked()-s.cpu).Seconds()*1e6/k)
	s.at, s.began, s.cpu = at, time.Now(), worked()
}

// check logs, and says when the last tenths cost much more than the first. Only of many does it tell anything.
func (s *speed) check(t *testing.T) {
	t.Helper()
	first, last := s.each[0], (s.each[len(s.each)-1]+s.each[len(s.each)-2])/2
	t.Logf("%-28s %.0f a second in the first tenth, %.0f in the last; processor %.0f and %.0f µs each; all tenths %.0f", s.what, s.wall[0], s.wall[len(s.wall)-1], first, last, s.wall)
	if s.n >= 1_000_000 && last > 2*first {
		t.Errorf("%s slows with what is known", s.what)
	}
}

// TestSQLiteDoesNotSlowWithWhatItKnows fills a plane, visits everything, finds everything again and visits it again.
//
//	UNMIRROR_TEST_URLS=5000000 go test -run Slow -v -timeout 1h ./crawler/plane
func TestSQLiteDoesNotSlowWithWhatItKnows(t *testing.T) {
	n := known(4000)
	for name, place := range map[string]func(int) plane.Item{"mirrors": mirrors, "pastes": pastes, "crowds": crowds} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			p := plane.NewSQLite(storetest.At(t, dir, storetest.Ring(t), nil), 0)
			for _, round := range []string{"", " again"} {
				s := newSpeed("found"+round, n)
				sw := fill(t, p, n, place, s.tick)
				s.check(t)
				quick(t, p, sw, n)
				s = newSpeed("done"+round, n)
				if got := drain(t, p, sw, s.tick); got != n {
					t.Fatalf("%d of %d addresses", got, n)
				}
				s.check(t)
				start := time.Now()
				if _, err := p.Finish(t.Context(), sw, plane.End{State: plane.Done}); err != nil {
					t.Fatal(err)
				}
				t.Logf("finished in %s; %.0f bytes of disk each", time.Since(start).Round(time.Millisecond), onDisk(t, dir)/float64(n))
			}
		})
	}
}

// quick holds what pages, metrics and planning ask under fifty milliseconds, however much is known. Of little it tells nothing but
// how busy the machine is.
func quick(t *testing.T, p plane.Plane, sw plane.Sweep, n int) {
	t.Helper()
	for name, f := range map[string]func() error{
		"history": func() error { _, err := p.History(t.Context()); return err },
		"extend":  func() error { return p.Extend(t.Context(), sw) },
		"claim": func() error {
			l, err := p.Claim(t.Context(), plane.Want{Sweep: sw, Max: 10})
			return errors.Join(err, p.Release(t.Context(), l, time.Time{}))
		},
	} {
		best := time.Hour
		for range 20 {
			start := time.Now()
			if err := f(); err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(start))
		}
		t.Logf("%s takes %s", name, best)
		if n >= 1_000_000 && best > 50*time.Millisecond {
			t.Errorf("%s takes %s", name, best)
		}
	}
}

func onDisk(t *testing.T, dir string) (n float64) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "unmirror.db*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		st, err := os.Stat(f)
		if err != nil {
			t.Fatal(err)
		}
		n += float64(st.Size())
	}
	return n
}
