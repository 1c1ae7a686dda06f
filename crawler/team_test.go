package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/redistest"
)

// fleet is a coordinator and workers over one Redis, in one process but each with its own plane.
type fleet struct {
	t       *testing.T
	redis   *redistest.Server
	key     plane.Key
	lease   time.Duration
	co      *world
	workers []*world
}

func newFleet(t *testing.T, workers int) *fleet { return leasing(t, workers, 2*time.Second) }

// leasing is a fleet whose leases last so long.
func leasing(t *testing.T, workers int, lease time.Duration) *fleet {
	f := &fleet{t: t, redis: redistest.Start(t), key: plane.Key{1, 2, 3}, lease: lease}
	f.co = newWorld(t, func(o *Options) { o.Plane = f.plane() })
	for range workers {
		p := f.plane()
		f.workers = append(f.workers, newWorld(t, func(o *Options) { o.Plane, o.Sink = p, Handing(p) }))
	}
	return f
}

// awaits waits until the plane's load is as wanted.
func (f *fleet) awaits(p *plane.Redis, wanted func(plane.Load) bool) {
	var l plane.Load
	var err error
	for ends := time.Now().Add(5 * time.Minute); time.Now().Before(ends); time.Sleep(10 * time.Millisecond) {
		if l, err = p.Load(context.Background()); err == nil && wanted(l) {
			return
		}
	}
	f.t.Errorf("the load stays %+v, %v", l, err)
}

// idle is the load when source "a" has nothing to do and nobody at it.
func idle(l plane.Load) bool { return l.Waiting["a"] == 0 && l.Leases["a"] == 0 }

func (f *fleet) plane() *plane.Redis {
	c, err := plane.Dial(f.redis.URL())
	if err != nil {
		f.t.Fatal(err)
	}
	f.t.Cleanup(func() { _ = c.Close() })
	p, err := plane.NewRedis(c, plane.RedisOptions{Key: f.key, Lease: f.lease})
	if err != nil {
		f.t.Fatal(err)
	}
	return p
}

// start runs what a coordinator and its workers run beside sweeps; stop ends it.
func (f *fleet) start(coordinator bool) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	if coordinator {
		wg.Go(func() { _ = f.co.c.Receive(ctx, "coordinator") })
	}
	for _, w := range f.workers {
		wg.Go(func() {
			if err := w.c.Work(ctx); err != nil {
				f.t.Error(err)
			}
		})
	}
	return func() { cancel(); wg.Wait() }
}

// mirror lists n files on one host, every third of them known.
func mirror(n int, delay time.Duration) (http.Handler, func(base string) []string) {
	m := map[string]string{}
	list := "<title>Index of /</title><h1>Index of /</h1>"
	for i := range n {
		name := fmt.Sprintf("%d.txt", i)
		list += fmt.Sprintf("<a href=%q>%s</a>\n", name, name)
		m["/"+name] = "innocent"
		if i%3 == 0 {
			m["/"+name] = secret
		}
	}
	m["/"] = list
	h := pages(m)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { time.Sleep(delay); h.ServeHTTP(w, r) }),
		func(base string) (want []string) {
			for i := 0; i < n; i += 3 {
				want = append(want, fmt.Sprintf("%s/%d.txt", base, i))
			}
			slices.Sort(want)
			return want
		}
}

// manyHosts is a feed of items on several hosts, so that there is work for several workers.
func manyHosts(t *testing.T, hosts, files int, delay time.Duration) (start string, want []string) {
	page := "<rss version=\"2.0\"><channel><title>x</title>"
	for range hosts {
		h, known := mirror(files, delay)
		s := serve(t, h)
		for i := range files {
			page += fmt.Sprintf("<item><link>%s/%d.txt</link></item>\n", s.URL, i)
		}
		want = append(want, known(s.URL)...)
	}
	slices.Sort(want)
	return serve(t, pages(map[string]string{"/": page + "</channel></rss>"})).URL + "/", want
}

func (f *fleet) same(want []string) {
	f.t.Helper()
	if got := f.co.urls(); !slices.Equal(got, want) {
		f.t.Errorf("%d sightings, want %d", len(got), len(want))
	}
}

func TestAFleetFindsWhatOneProcessFinds(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	start, want := manyHosts(t, 5, 40, 30*time.Millisecond)
	defer f.start(true)()
	sum := f.co.sweep(Source{Name: "a", Kind: "feed", URL: start})
	f.same(want)
	if sum.State != "done" || sum.Listed != 201 || sum.Fetched != 201 || sum.Sightings != int64(len(want)) || sum.Errors != 0 {
		t.Errorf("%+v", sum)
	}
	helped := 0
	for _, w := range f.workers {
		helped += w.match.bodies
	}
	if helped == 0 {
		t.Error("no worker took part")
	}
}

func TestAPoliteHostStaysPoliteWithManyWorkers(t *testing.T) {
	t.Parallel()
	f := leasing(t, 4, 5*time.Minute) // where all is busy, shorter ones run out under a request
	h, _ := mirror(6, 0)
	s := serve(t, h)
	defer f.start(true)()
	defer allBusy()()
	var sweeps sync.WaitGroup
	for _, name := range []string{"a", "b", "c"} { // each wants the host, which goes from hand to hand
		sweeps.Go(func() {
			f.co.sweep(Source{Name: name, Kind: "directory", URL: s.URL, Delay: 150 * time.Millisecond})
		})
	}
	sweeps.Wait()
	seen := s.visitors()
	if len(seen) < 3*7+1 {
		t.Errorf("%d requests", len(seen))
	}
	apart(t, seen, 150*time.Millisecond)
}

func TestWithoutCoordinatorWorkersGoOnAndTheirResultsWait(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	start, want := manyHosts(t, 4, 30, 50*time.Millisecond)
	src := Source{Name: "a", Kind: "feed", URL: start}
	p := f.plane()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		f.awaits(p, func(l plane.Load) bool { return l.Waiting["a"] > 10 })
		cancel()
	}()
	if _, err := f.co.c.Sweep(ctx, src); !errors.Is(err, context.Canceled) {
		t.Fatalf("the coordinator was not interrupted: %v", err)
	}
	stop := f.start(false)
	f.awaits(p, idle)
	stop()
	defer f.start(true)()
	if sum := f.co.sweep(src); sum.State != "done" || !sum.Resumed || sum.Fetched != 121 {
		t.Errorf("%+v", sum)
	}
	f.same(want)
}

func TestRedisMayBeKilledAndRestartedDuringASweep(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2)
	start, want := manyHosts(t, 4, 40, 10*time.Millisecond)
	defer f.start(true)()
	done := make(chan Summary)
	go func() { done <- f.co.sweep(Source{Name: "a", Kind: "feed", URL: start}) }()
	for range 3 {
		time.Sleep(250 * time.Millisecond)
		f.redis.Kill()
		time.Sleep(100 * time.Millisecond)
		f.redis.Restart()
	}
	sum := <-done
	f.same(want)
	if sum.State != "done" || sum.Fetched != 161 {
		t.Errorf("%+v", sum)
	}
}

func TestAPausedSourceRestsInAFleetAndGoesOn(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	h, known := mirror(150, 20*time.Millisecond)
	s := serve(t, h)
	src := Source{Name: "a", Kind: "directory", URL: s.URL}
	defer f.start(true)()
	p := f.plane()
	go func() {
		f.awaits(p, func(plane.Load) bool { return len(s.visitors()) > 5 })
		_ = p.Pause(context.Background(), "a", true)
	}()
	if sum := f.co.sweep(src); sum.State != "paused" || sum.Reason != "paused by the operator" {
		t.Fatalf("%+v", sum)
	}
	if _, err := f.co.c.Sweep(t.Context(), src); !errors.Is(err, plane.ErrPaused) {
		t.Errorf("a paused source: %v", err)
	}
	if err := p.Pause(t.Context(), "a", false); err != nil {
		t.Fatal(err)
	}
	if sum := f.co.sweep(src); sum.State != "done" {
		t.Errorf("%+v", sum)
	}
	f.same(known(s.URL))
}

func TestWhatAWorkerLearnedOfADeadStartIsToldByTheCoordinator(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	s := serve(t, pages(map[string]string{}))
	p := f.plane()
	src := Source{Name: "a", Kind: "directory", URL: s.URL}
	c, err := src.compile()
	if err != nil {
		t.Fatal(err)
	}
	// The worker alone visits the start, before the coordinator looks again.
	settings := []byte(fmt.Sprintf(`{"source":{"Name":"a","Kind":"directory","URL":%q}}`, s.URL))
	if _, err := p.Begin(t.Context(), plane.Start{Source: "a", Spec: c.settings(), Seeds: c.seeds(), Settings: settings}); err != nil {
		t.Fatal(err)
	}
	stop := f.start(false)
	for ends := time.Now().Add(5 * time.Minute); len(s.visitors()) < 2 && time.Now().Before(ends); time.Sleep(10 * time.Millisecond) {
	}
	f.awaits(p, idle)
	stop()
	before := len(s.visitors())
	sum := f.co.sweep(src)
	if sum.State != "failed" || sum.Reason == "" {
		t.Errorf("%+v", sum)
	}
	if len(s.visitors()) != before {
		t.Error("the start was visited twice")
	}
}

func TestAWorkerWithAnOlderIndexDoesNotTakePart(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	f.co.gen = 2 // the worker has generation 0
	start, want := manyHosts(t, 6, 30, 5*time.Millisecond)
	defer f.start(true)()
	f.co.sweep(Source{Name: "a", Kind: "feed", URL: start})
	f.same(want)
	if f.workers[0].match.bodies > 0 {
		t.Error("items were matched against an index that lacks what was registered since")
	}
}

func TestAnAbsenceOfRedisLongerThanLeasesEndsNoSweep(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 2) // leases last two seconds here
	start, want := manyHosts(t, 5, 40, 20*time.Millisecond)
	defer f.start(true)()
	done := make(chan Summary)
	go func() { done <- f.co.sweep(Source{Name: "a", Kind: "feed", URL: start}) }()
	time.Sleep(400 * time.Millisecond)
	f.redis.Kill()
	time.Sleep(3 * time.Second)
	f.redis.Restart()
	sum := <-done
	f.same(want)
	if sum.State != "done" || sum.Fetched != 201 {
		t.Errorf("%+v", sum)
	}
}

func TestWhoHasAHostLeavesTheNextToTheOthers(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	start, _ := manyHosts(t, 3, 2, 0)
	src, err := Source{Name: "a", Kind: "feed", URL: start}.compile()
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(start)
	if err != nil {
		t.Fatal(err)
	}
	seeds := []plane.Item{{URL: start, Host: u.Host}, {URL: "http://127.0.0.2/", Host: "127.0.0.2"}, {URL: "http://127.0.0.3/", Host: "127.0.0.3"}}
	sw, err := f.plane().Begin(t.Context(), plane.Start{Source: "a", Spec: src.settings(), Seeds: seeds})
	if err != nil {
		t.Fatal(err)
	}
	one := f.co.c.newWalk(src, nil, sw, time.Now(), func(error) {})
	other := f.workers[0].c.newWalk(src, nil, sw, time.Now(), func(error) {})
	take := func(w *walk) (bool, time.Time) {
		l, wait, _, more := w.claim(t.Context())
		if !more {
			t.Fatal("nothing more to claim", w.err)
		}
		return l != nil, wait
	}
	if got, _ := take(one); !got {
		t.Fatal("no host at all")
	}
	one.took = time.Now().Add(time.Hour) // however slow the machine
	if got, until := take(one); got || time.Until(until) < time.Minute {
		t.Error("a second host was taken at once")
	}
	if got, _ := take(other); !got {
		t.Error("none for the other")
	}
	one.short = shortHosts
	if at := one.others(); !at.IsZero() {
		t.Error("hosts that are soon done with are taken as they come")
	}
	one.short, one.took = 0, time.Now().Add(-turn)
	if got, _ := take(one); !got {
		t.Error("nobody else wanted it")
	}
	other.src.Delay, other.took = time.Second, time.Now().Add(time.Hour)
	if at := other.others(); !at.IsZero() {
		t.Error("where requests keep a distance, hosts are taken as they come")
	}
}

func TestAFleetFollowsLinksToOtherPlacesWithinOneBudget(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	src, err := Source{Name: "a", Kind: "site", URL: "http://127.0.0.1/", Elsewhere: 3}.compile()
	if err != nil {
		t.Fatal(err)
	}
	sw, err := f.plane().Begin(t.Context(), plane.Start{Source: "a", Spec: src.settings()})
	if err != nil {
		t.Fatal(err)
	}
	var walks []*walk
	for _, w := range []*world{f.co, f.workers[0]} {
		walks = append(walks, w.c.newWalk(src, nil, sw, time.Now(), func(error) {}))
	}
	for i, want := range []bool{true, true, true, false, false} {
		for _, w := range walks { // one address counts once, whoever came across it
			if got := w.follows(t.Context(), fmt.Sprintf("https://paste.example/%d", i)); got != want {
				t.Errorf("link %d: %t", i, got)
			}
		}
	}
	if !walks[1].follows(t.Context(), "https://paste.example/0") {
		t.Error("what is followed is not followed any more")
	}
}

func TestASweepThatRedisLostEndsWithAnError(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	start, _ := manyHosts(t, 2, 300, 10*time.Millisecond)
	defer f.start(true)()
	p := f.plane()
	go func() {
		f.awaits(p, func(l plane.Load) bool { return l.Waiting["a"] > 10 })
		c, err := plane.Dial(f.redis.URL())
		if err == nil {
			err = errors.Join(c.FlushAll(context.Background()).Err(), c.Close())
		}
		if err != nil {
			t.Error(err)
		}
	}()
	sum, err := f.co.c.Sweep(t.Context(), Source{Name: "a", Kind: "feed", URL: start})
	if !errors.Is(err, ErrLost) || sum.State != "failed" || sum.Reason == "" {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestAMarkedWorkerTellsGoneFromGoneForUs(t *testing.T) {
	t.Parallel()
	f := newFleet(t, 1)
	var gone atomic.Bool
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<title>Index of /</title><h1>Index of /</h1><a href=b.txt>b.txt</a>"))
			return
		}
		if r.URL.Path == "/robots.txt" || gone.Load() || r.Header.Get("User-Agent") == "unmirror/us (+https://unmirror.example/contact)" {
			http.NotFound(w, r) // the coordinator's network is shut out
			return
		}
		_, _ = w.Write([]byte(secret))
	}))
	p := f.plane()
	f.co.open(func(o *Options) { o.Plane, o.Version, o.SecondLook = p, "us", LookElsewhere(p) })
	src := Source{Name: "a", Kind: "directory", URL: s.URL}
	look := func() Look {
		t.Helper()
		l, err := f.co.c.Look(t.Context(), src, s.URL+"/a.txt")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() { _ = f.workers[0].c.LookForOthers(ctx) })
	if err := p.Beat(ctx, plane.Worker{Name: "w", Exit: "elsewhere"}); err != nil {
		t.Fatal(err)
	}
	if l := look(); l.Outcome != LookLive || !slices.Equal(l.SeenFrom, []string{ExitSecond}) || l.Report.Digest == "" {
		t.Errorf("shut out: %+v", l)
	}
	gone.Store(true)
	if l := look(); l.Outcome != LookGone || !slices.Equal(l.SeenFrom, []string{ExitOwn, ExitSecond}) {
		t.Errorf("gone: %+v", l)
	}
	cancel()
	wg.Wait()
	if err := p.Leave(t.Context(), "w"); err != nil {
		t.Fatal(err)
	}
	if l := look(); l.Outcome != LookGone || !slices.Equal(l.SeenFrom, []string{ExitOwn}) {
		t.Errorf("gone for us: %+v", l)
	}
}
