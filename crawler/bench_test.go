package crawler

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/gocolly/colly/v2"

	"unmirror/crawler/plane"
	"unmirror/crawler/plane/redistest"
	"unmirror/fingerprints"
	prints "unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

// benchNumber is a size of a benchmark, or what the environment says instead.
func benchNumber(name string, n int) int {
	if s := os.Getenv(name); s != "" {
		_, _ = fmt.Sscan(s, &n)
	}
	return n
}

const folderPages = 200 // files of one folder of the benchmark's mirror

// openMirror serves so many small pages in folders, as nginx lists them; every page is another text of some 2 KB.
func openMirror(b *testing.B, pages int) *httptest.Server {
	r := rand.New(rand.NewPCG(1, 1))
	words := strings.Fields(benchWords)
	lines := make([]string, 500)
	for i := range lines {
		for range 12 {
			lines[i] += words[r.IntN(len(words))] + " "
		}
		lines[i] += "\n"
	}
	lists := make([]string, (pages+folderPages-1)/folderPages)
	var root strings.Builder
	root.WriteString("<html><head><title>Index of /</title></head><body><h1>Index of /</h1><hr><pre><a href=\"../\">../</a>\n")
	for f := range lists {
		fmt.Fprintf(&root, "<a href=\"%d/\">%d/</a>                03-Feb-2024 04:05                   -\n", f, f)
		var s strings.Builder
		fmt.Fprintf(&s, "<html><head><title>Index of /%d/</title></head><body><h1>Index of /%d/</h1><hr><pre><a href=\"../\">../</a>\n", f, f)
		for i := range min(folderPages, pages-f*folderPages) {
			fmt.Fprintf(&s, "<a href=\"%d.txt\">%d.txt</a>                03-Feb-2024 04:05                2000\n", i, i)
		}
		lists[f] = s.String() + "</pre><hr></body></html>"
	}
	root.WriteString("</pre><hr></body></html>")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var f, i int
		switch n, _ := fmt.Sscanf(r.URL.Path, "/%d/%d.txt", &f, &i); {
		case r.URL.Path == "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(root.String()))
		case n == 1:
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(lists[f]))
		case n == 2:
			w.Header().Set("Content-Type", "text/plain")
			w.Header().Set("Etag", fmt.Sprintf("\"%d-%d\"", f, i))
			for k := range 25 {
				_, _ = w.Write([]byte(lines[(f*7919+i*31+k*k)%len(lines)]))
			}
			_, _ = fmt.Fprintf(w, "page %d of folder %d\n", i, f)
		default:
			http.NotFound(w, r)
		}
	}))
	b.Cleanup(srv.Close)
	return srv
}

const benchWords = "de het een aan bij voor naar over huis tuin keuken verslag gesprek maandag dinsdag werk plan dossier " +
	"formulier bijlage vergadering notulen collega afdeling project planning begroting aanvraag besluit datum plaats"

// benchMatcher is the real matcher over an index of ten million passages that are in no page; UNMIRROR_BENCH_PASSAGES
// sets another number.
func benchMatcher(b *testing.B) func(*Options) {
	dir, keys := filepath.Join(b.TempDir(), "index"), fingerprints.Keys{Matching: [32]byte{1}, Names: [32]byte{2}}
	seal, err := prints.NewSealer(keys.Names)
	if err != nil {
		b.Fatal(err)
	}
	f, err := prints.NewFolder(dir, seal)
	if err != nil {
		b.Fatal(err)
	}
	sorter := f.PassageSorter()
	defer sorter.Close()
	r := rand.New(rand.NewPCG(1, 1))
	pairs := make([]prints.Pair, 10_000)
	for range benchNumber("UNMIRROR_BENCH_PASSAGES", 10_000_000) / len(pairs) {
		for i := range pairs {
			pairs[i] = prints.Pair{Hash: r.Uint64() >> 4}
		}
		if err := sorter.Add(pairs); err != nil {
			b.Fatal(err)
		}
	}
	d := &prints.Draft{Kind: prints.Known, Leaks: []prints.Leak{{Slug: "x"}}, Docs: []prints.Doc{{}}, DocFiles: [][]uint32{nil}}
	if err := d.FromSorter(sorter, []uint32{0}); err != nil {
		b.Fatal(err)
	}
	if err := f.Add(d); err != nil {
		b.Fatal(err)
	}
	l, err := fingerprints.Open(dir, keys)
	if err != nil {
		b.Fatal(err)
	}
	o, err := open.New(open.DefaultLimits(), 0)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _, _ = o.Close(), l.Close() })
	m := fingerprints.NewMatcher(l, o, 0)
	return func(o *Options) {
		o.Intake = func(item string) (Intake, error) { return m.Intake(item) }
		o.Generation, o.Log = l.Generation, nil
		o.Limits = DefaultLimits()
	}
}

// bareColly fetches all pages with colly alone: links are followed by OnHTML as any user of colly follows them, bodies are
// read and dropped, and nothing else is done. With more than one connection it is asynchronous, with so many requests at
// once. As colly comes it keeps two idle connections to a host and makes the others anew for each request; with kept it
// keeps as many as it uses, as a sweep does.
func bareColly(b *testing.B, url string, pages, connections int, kept bool) time.Duration {
	start := time.Now()
	c := colly.NewCollector(colly.Async(connections > 1))
	if kept {
		t := http.DefaultTransport.(*http.Transport).Clone()
		t.MaxIdleConnsPerHost = connections
		defer t.CloseIdleConnections()
		c.WithTransport(t)
	}
	if connections > 1 {
		if err := c.Limit(&colly.LimitRule{DomainGlob: "*", Parallelism: connections}); err != nil {
			b.Fatal(err)
		}
	}
	var got, bytes atomic.Int64
	c.OnResponse(func(r *colly.Response) { got.Add(1); bytes.Add(int64(len(r.Body))) })
	c.OnHTML("a[href]", func(e *colly.HTMLElement) {
		if h := e.Attr("href"); h != "../" {
			_ = e.Request.Visit(h) // a fault shows in the number of pages
		}
	})
	if err := c.Visit(url + "/"); err != nil {
		b.Fatal(err)
	}
	c.Wait()
	if n := int64(pages + (pages+folderPages-1)/folderPages + 1); got.Load() != n {
		b.Fatalf("colly got %d of %d pages", got.Load(), n)
	}
	return time.Since(start)
}

// BenchmarkAgainstBareColly sweeps 20,000 small pages on loopback, four requests at once, with everything that a sweep does,
// matching against ten million passages and a record on disk included; and then once more, when nothing has changed. In the
// same run colly alone fetches them: one at a time, four at once as it comes, and four at once with as many connections kept
// as a sweep keeps. The figures are how many times as long the sweep takes as each; and by the processor's time, server
// included, which says more where the machine has other work to do. The last one is the part of the sweep that is matching.
//
//	go test -run '^$' -bench BareColly -benchtime 1x ./crawler
func BenchmarkAgainstBareColly(b *testing.B) {
	pages := benchNumber("UNMIRROR_BENCH_PAGES", 20_000)
	matching, srv := benchMatcher(b), openMirror(b, pages)
	var one, four, kept, ours, again, busy, busyColly time.Duration
	var matched atomic.Int64
	for n := 0; b.Loop(); n++ {
		one += bareColly(b, srv.URL, pages, 1, false)
		four += bareColly(b, srv.URL, pages, abreast, false)
		used := worked(b)
		kept += bareColly(b, srv.URL, pages, abreast, true)
		busyColly += worked(b) - used
		w := newWorld(b, func(o *Options) {
			matching(o)
			o.Intake = timedIntakes(o.Intake, &matched)
		})
		s := Source{Name: fmt.Sprint("s", n), Kind: "directory", URL: srv.URL, Depth: 3}
		used = worked(b)
		start := time.Now()
		if sum := w.sweep(s); sum.Fetched != int64(pages) || sum.Errors > 0 {
			b.Fatalf("%+v", sum)
		}
		ours += time.Since(start)
		busy += worked(b) - used
		start = time.Now()
		if sum := w.sweep(s); sum.Unchanged != int64(pages) {
			b.Fatalf("%+v", sum)
		}
		again += time.Since(start)
	}
	report(b, one, "colly", pages)
	report(b, four, "colly-4", pages)
	report(b, kept, "colly-4-kept", pages)
	report(b, ours, "sweep", pages)
	report(b, again, "unchanged", pages)
	report(b, busyColly, "colly-cpu", pages)
	report(b, busy, "sweep-cpu", pages)
	b.ReportMetric(float64(ours)/float64(one), "of-colly")
	b.ReportMetric(float64(ours)/float64(four), "of-colly-4")
	b.ReportMetric(float64(ours)/float64(kept), "of-colly-4-kept")
	b.ReportMetric(float64(busy)/float64(busyColly), "cpu-of-colly-4-kept")
	report(b, time.Duration(matched.Load()), "matching", pages)
}

// timedIntake adds up what matching takes.
type timedIntake struct {
	Intake
	took *atomic.Int64
}

func timedIntakes(next func(string) (Intake, error), took *atomic.Int64) func(string) (Intake, error) {
	return func(item string) (Intake, error) {
		in, err := next(item)
		return timedIntake{in, took}, err
	}
}

func (t timedIntake) Match(ctx context.Context) match.Report {
	start := time.Now()
	defer func() { t.took.Add(int64(time.Since(start))) }()
	return t.Intake.Match(ctx)
}

// worked is the processor time of this process so far, its server included: what a machine with other work to do tells more
// reliably than the clock.
func worked(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(b *testing.B, took time.Duration, name string, pages int) {
	b.ReportMetric(float64(took.Nanoseconds())/float64(pages*b.N), "ns/page-"+name)
}

// BenchmarkWorkers sweeps the same pages by one process on SQLite, and on Redis by a coordinator with two workers. All are in
// this process, so the figure tells what the plane costs, not what more machines bring.
//
//	go test -run '^$' -bench Workers -benchtime 1x ./crawler
func BenchmarkWorkers(b *testing.B) {
	pages := benchNumber("UNMIRROR_BENCH_PAGES", 20_000)
	matching, srv := benchMatcher(b), openMirror(b, pages)
	var alone, fleet time.Duration
	for n := 0; b.Loop(); n++ {
		s := Source{Name: fmt.Sprint("s", n), Kind: "directory", URL: srv.URL, Depth: 3}
		w := newWorld(b, matching)
		start := time.Now()
		if sum := w.sweep(s); sum.Fetched != int64(pages) {
			b.Fatalf("%+v", sum)
		}
		alone += time.Since(start)
		fleet += sweepByTwo(b, matching, s, pages)
	}
	report(b, alone, "alone", pages)
	report(b, fleet, "two-workers", pages)
	b.ReportMetric(float64(fleet)/float64(alone), "of-alone")
}

// sweepByTwo sweeps with two workers beside the coordinator.
func sweepByTwo(b *testing.B, matching func(*Options), s Source, pages int) time.Duration {
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	srv := redistest.Start(b)
	part := func() *Crawler {
		c, err := plane.Dial(srv.URL())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = c.Close() })
		var key plane.Key
		binary.BigEndian.PutUint64(key[:], 1)
		p, err := plane.NewRedis(c, plane.RedisOptions{Key: key})
		if err != nil {
			b.Fatal(err)
		}
		w := newWorld(b, func(o *Options) {
			matching(o)
			o.Plane = p
		})
		return w.c
	}
	first := part()
	for range 2 {
		c := part()
		go func() { _ = c.Work(ctx) }()
	}
	start := time.Now()
	sum, err := first.Sweep(ctx, s)
	if err != nil || sum.Fetched != int64(pages) {
		b.Fatalf("%+v %v", sum, err)
	}
	return time.Since(start)
}
