package crawler

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/crawler/plane"
	"unmirror/crawler/revisit"
)

func TestFoldersThatNeverChangeAreSeenLessOften(t *testing.T) {
	t.Parallel()
	m := map[string]string{"/": listing("deep/", "known.txt"), "/known.txt": secret, "/deep/": listing("a.txt", "b.txt", "deeper/"), "/deep/deeper/": listing("c.txt", "known2.txt"),
		"/deep/a.txt": "one", "/deep/b.txt": "two", "/deep/deeper/c.txt": "three", "/deep/deeper/known2.txt": secret}
	var mu sync.Mutex
	srv := serve(t, locked(&mu, m))
	w := newWorld(t, func(o *Options) { o.Limits.RevisitLeast = 20 * time.Millisecond })
	s := Source{Name: "s", Kind: "directory", URL: srv.URL, RevisitMax: time.Hour}
	sums := []Summary{w.sweep(s)}
	time.Sleep(2 * time.Second)
	sums = append(sums, w.sweep(s))
	before := len(srv.visitors())
	rested := w.sweep(s) // at once after the last, when the gap before was two seconds: up to four are borne
	var asked []string
	for _, v := range srv.visitors()[before:] {
		asked = append(asked, v.path)
	}
	slices.Sort(asked)
	if got := strings.Join(asked, " "); got != "/ /deep/deeper/known2.txt /known.txt" && got != "/ /deep/deeper/known2.txt /known.txt /robots.txt" {
		t.Errorf("asked for %s", got)
	}
	if rested.Listed != sums[0].Listed || rested.Sightings != sums[0].Sightings || rested.State != "done" {
		t.Errorf("a rest loses what is there: %+v after %+v", rested, sums[0])
	}

	mu.Lock()
	m["/deep/deeper/"] = listing("c.txt", "known2.txt", "new.txt")
	m["/deep/deeper/new.txt"] = secret
	mu.Unlock()
	for ends := time.Now().Add(5 * time.Minute); time.Now().Before(ends); { // it is found once the rest is over, which a short history keeps short
		time.Sleep(200 * time.Millisecond)
		if w.sweep(s); slices.Contains(w.urls(), srv.URL+"/deep/deeper/new.txt") {
			break
		}
	}
	if !slices.Contains(w.urls(), srv.URL+"/deep/deeper/new.txt") {
		t.Error("a folder was left alone for ever")
	}

	w.gen++ // a new leak was registered: everything is matched again
	before = len(srv.visitors())
	if w.sweep(s); len(srv.visitors())-before < 9 {
		t.Errorf("%d requests against a new index", len(srv.visitors())-before)
	}
}

func TestSweepsByHandLeaveNothingAlone(t *testing.T) {
	t.Parallel()
	m := map[string]string{"/": listing("deep/"), "/deep/": listing("a.txt"), "/deep/a.txt": "one"}
	srv := serve(t, pages(m))
	w := newWorld(t, nil)
	for i := range 5 {
		before := len(srv.visitors())
		w.sweep(Source{Name: "s", Kind: "directory", URL: srv.URL, RevisitMax: time.Hour})
		n := 0
		for _, v := range srv.visitors()[before:] {
			if v.path != "/robots.txt" {
				n++
			}
		}
		if n != 3 {
			t.Errorf("sweep %d made %d requests", i, n)
		}
	}
}

func TestNothingRestsOverTheLongestTime(t *testing.T) {
	t.Parallel()
	w := &walk{c: &Crawler{}, src: compiled{Source: Source{Every: "@every 10h", RevisitMax: 24 * time.Hour}}}
	for _, c := range []struct {
		ago  time.Duration
		want bool
	}{{time.Hour, true}, {13 * time.Hour, true}, {15 * time.Hour, false}, {23 * time.Hour, false}, {30 * time.Hour, false}} {
		v := restingPlace(c.ago)
		if got := w.rests(v); got != c.want {
			t.Errorf("last seen %v ago: %v", c.ago, got)
		}
	}
	for name, change := range map[string]func(*visiting){
		"the start":              func(v *visiting) { v.Depth = 0 },
		"a known match":          func(v *visiting) { v.Seen.Report = []byte("{}") },
		"an older index":         func(v *visiting) { v.current = false },
		"the listing changed":    func(v *visiting) { v.Listed = "2026-03-01 12" },
		"its links are not kept": func(v *visiting) { v.Seen.Links = nil },
		"no history":             func(v *visiting) { v.Seen.History.Visits = 0 },
	} {
		v := restingPlace(time.Hour)
		if change(&v); w.rests(v) {
			t.Errorf("%s was left alone", name)
		}
	}
	w.src.RevisitMax = 0
	if w.rests(restingPlace(time.Hour)) {
		t.Error("it rests although the operator said no")
	}
}

// restingPlace is a folder that was never seen to change in daily visits.
func restingPlace(ago time.Duration) visiting {
	seen := &plane.Seen{Checked: time.Now().Add(-ago), Print: 7, Links: []plane.Item{{URL: "http://h.example/a"}},
		History: revisit.History{Visits: 20, Still: 20, Span: 480, Gap: 24}}
	v := visiting{current: true}
	v.Claimed = plane.Claimed{Item: plane.Item{Lists: true, Depth: 2}, Seen: seen}
	return v
}

// locked serves pages that the test changes meanwhile.
func locked(mu *sync.Mutex, m map[string]string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		pages(m).ServeHTTP(w, r)
	}
}

func TestPrintsTellContentApart(t *testing.T) {
	t.Parallel()
	if printOf("") != 0 || printOf("ab") == printOf("ac") || printOf("ab") == 0 {
		t.Error(fmt.Sprint(printOf(""), printOf("ab"), printOf("ac")))
	}
}
