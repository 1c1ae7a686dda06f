package crawler

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// tree makes a folder with a re-upload three folders deep among innocent files, all older than two days.
func tree(t testing.TB, files int) string {
	t.Helper()
	dir := t.TempDir()
	old := time.Now().Add(-72 * time.Hour)
	put := func(name, body string) {
		p := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(p), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, []byte(body), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(p, old, old); err != nil {
			t.Fatal(err)
		}
	}
	for i := range files {
		put(fmt.Sprintf("pub/%c/%d/note %d.txt", 'a'+i%5, i%7, i), fmt.Sprintf("an innocent note, number %d\n", i))
	}
	put("pub/x/y/z/Vandersteen Mieke #1.txt", "kop\n"+secret+"\nvoet\n")
	return dir
}

func TestADirectorySweepFindsAReuploadThreeFoldersDeepAndFetchesNothingTwice(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.FileServer(http.Dir(tree(t, 120))))
	w := newWorld(t, nil)
	src := Source{Name: "mirror", Kind: "directory", URL: srv.URL + "/pub/", Depth: 5}
	sum := w.sweep(src)
	if sum.State != "done" || sum.Listed != 121 || sum.Fetched != 121 || sum.Errors != 0 || sum.Sightings != 1 {
		t.Fatalf("first: %+v", sum)
	}
	if got := w.urls(); len(got) != 1 || !strings.HasSuffix(got[0], "/pub/x/y/z/Vandersteen%20Mieke%20%231.txt") {
		t.Fatalf("got %v", got)
	}
	srv.forget()
	sum = w.sweep(src)
	if sum.Fetched != 0 || sum.Unchanged != 121 || sum.BytesAvoided == 0 || sum.Sightings != 1 {
		t.Errorf("second: %+v", sum)
	}
	for _, v := range srv.visitors() {
		if !strings.HasSuffix(v.path, "/") && v.path != "/robots.txt" && v.status != http.StatusNotModified {
			t.Errorf("%s answered %d on the second sweep", v.path, v.status)
		}
	}
	if !slices.Equal(w.known, []bool{false, true}) {
		t.Errorf("known: %v", w.known)
	}
	if r := w.got[1].Report; r.Digest != "abcd" || len(r.Matches) != 1 || w.got[1].Capture.Status != 304 {
		t.Errorf("the known match was handed on as %+v", w.got[1])
	}
}

func TestANewIndexFetchesAgain(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.FileServer(http.Dir(tree(t, 5))))
	w := newWorld(t, nil)
	src := Source{Name: "m", Kind: "directory", URL: srv.URL + "/pub/"}
	w.sweep(src)
	w.gen++
	if sum := w.sweep(src); sum.Fetched != 6 {
		t.Errorf("got %+v", sum)
	}
}

func TestAListingsWordIsTakenOnlyForOldFilesThatAreNoMatch(t *testing.T) {
	t.Parallel()
	day := func(d int) string {
		return time.Now().Add(-time.Duration(d) * 24 * time.Hour).UTC().Format("02-Jan-2006 15:04")
	}
	body := "<title>Index of /</title><pre>" +
		`<a href="old.txt">old.txt</a> ` + day(9) + ` 7` + "\n" + `<a href="new.txt">new.txt</a> ` + day(0) + ` 7` + "\n" +
		`<a href="hit.txt">hit.txt</a> ` + day(9) + ` 7</pre>`
	srv := serve(t, pages(map[string]string{"/": body, "/old.txt": "innocent", "/new.txt": "innocent", "/hit.txt": secret}))
	w := newWorld(t, nil)
	src := Source{Name: "m", Kind: "directory", URL: srv.URL}
	w.sweep(src)
	srv.forget()
	sum := w.sweep(src)
	got := srv.paths()
	slices.Sort(got)
	// The robots copy is still good; old.txt is passed over; the others have no validators here and are fetched.
	if want := []string{"/", "/hit.txt", "/new.txt"}; !slices.Equal(got, want) || sum.Unchanged != 1 {
		t.Errorf("asked for %v, want %v (%+v)", got, want, sum)
	}
}

func TestTheCrawlerNamesItselfAndOnlyReads(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, &http.Cookie{Name: "track", Value: "me"})
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<a href="/p%d">x</a>`, time.Now().UnixNano()%5)
	}))
	newWorld(t, nil).sweep(Source{Name: "s", Kind: "site", URL: srv.URL, Depth: 3})
	for _, v := range srv.visitors() {
		if v.agent != "unmirror/1.2.3 (+https://unmirror.example/contact)" || v.method != http.MethodGet || v.header.Get("Cookie") != "" || v.header.Get("Referer") != "" {
			t.Errorf("got %+v", v)
		}
	}
	if len(srv.visitors()) < 3 {
		t.Error("nothing was visited")
	}
}

func TestWithoutAContactPublicAddressesAreRefusedAndOthersGoOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *Options) { o.Contact = "" })
	sum := w.sweep(Source{Name: "public", Kind: "directory", URL: "http://8.8.8.8/"})
	if sum.State != "failed" || sum.Errors != 1 || !strings.Contains(sum.ErrorSamples[0], "user_agent_contact") {
		t.Errorf("got %+v", sum)
	}
	srv := serve(t, http.FileServer(http.Dir(tree(t, 1))))
	if sum := w.sweep(Source{Name: "lan", Kind: "directory", URL: srv.URL}); sum.State != "done" || sum.Sightings != 1 {
		t.Errorf("got %+v", sum)
	}
}

func TestRobotsGovernListingFollowingAndKnownItems(t *testing.T) {
	t.Parallel()
	m := map[string]string{
		"/robots.txt": "User-agent: *\nDisallow: /private/\nDisallow: /raw/\n", "/": `<title>Index of /</title><a href="private/">p</a><a href="ok.txt">ok</a>`,
		"/ok.txt": "fine", "/private/": `<title>Index of /</title><a href="a.txt">a</a>`, "/private/a.txt": secret, "/raw/abcdef": secret,
	}
	srv := serve(t, pages(m))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "d", Kind: "directory", URL: srv.URL})
	if sum.SkippedRobots != 1 || sum.Fetched != 1 || sum.State != "done" || slices.Contains(srv.paths(), "/private/") {
		t.Errorf("directory: %+v after %v", sum, srv.paths())
	}
	haste := Source{Name: "h", Kind: "haste", URL: srv.URL, Items: []string{"abcdef"}}
	if sum = w.sweep(haste); sum.SkippedRobots != 1 || sum.Sightings != 0 || slices.Contains(srv.paths(), "/raw/abcdef") {
		t.Errorf("haste that obeys: %+v", sum)
	}
	haste.Name, haste.Robots = "h2", RobotsKnownItems
	if err := haste.Check(); err == nil || !strings.Contains(err.Error(), "robots_reason") {
		t.Errorf("no reason: %v", err)
	}
	haste.RobotsReason = "the key was posted in public; the operator of the place agreed"
	if sum = w.sweep(haste); sum.SkippedRobots != 0 || sum.Sightings != 1 {
		t.Errorf("haste with a reason: %+v", sum)
	}
	if !strings.Contains(w.log.String(), "the operator of the place agreed") {
		t.Error("the reason is not logged")
	}
	dir := Source{Name: "d2", Kind: "directory", URL: srv.URL, Robots: RobotsKnownItems, RobotsReason: haste.RobotsReason}
	if sum = w.sweep(dir); sum.SkippedRobots != 1 {
		t.Errorf("known_items opened a listing: %+v", sum)
	}
}

// paced checks spacing as the server saw it. A busy machine delivers one request late and the next in time, so single
// gaps are judged loosely and their sum strictly.
func paced(t *testing.T, vs []visitor, want int, delay time.Duration) {
	t.Helper()
	if len(vs) != want {
		t.Fatalf("%d requests, want %d: %+v", len(vs), want, vs)
	}
	slices.SortFunc(vs, func(a, b visitor) int { return a.at.Compare(b.at) })
	if all := vs[want-1].at.Sub(vs[0].at); all < time.Duration(want-1)*delay-delay/3 {
		t.Errorf("%d requests in %v", want, all)
	}
	apart(t, vs, delay)
}

func TestSpacingIsCountedFromTheEndOfAnAnswer(t *testing.T) {
	t.Parallel()
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(80 * time.Millisecond)
		pages(map[string]string{"/": `<title>Index of /</title><a href="a">a</a><a href="b">b</a><a href="c">c</a><a href="d">d</a>`, "/a": "x", "/b": "x", "/c": "x", "/d": "x"}).ServeHTTP(w, r)
	})
	srv := serve(t, slow)
	w := newWorld(t, func(o *Options) { o.Delay = 100 * time.Millisecond })
	w.sweep(Source{Name: "s", Kind: "directory", URL: srv.URL})
	paced(t, srv.visitors(), 6, 180*time.Millisecond)
}

func TestTwoSweepsAndALookShareOneHostsPace(t *testing.T) {
	t.Parallel()
	m := map[string]string{"/a/": `<title>Index of /</title><a href="1">1</a><a href="2">2</a>`, "/b/": `<title>Index of /</title><a href="1">1</a><a href="2">2</a>`,
		"/a/1": "x", "/a/2": "x", "/b/1": "x", "/b/2": "x"}
	srv := serve(t, pages(m))
	w := newWorld(t, func(o *Options) { o.Delay = 100 * time.Millisecond })
	var wg sync.WaitGroup
	for _, p := range []string{"a", "b"} {
		wg.Go(func() { w.sweep(Source{Name: p, Kind: "directory", URL: srv.URL + "/" + p + "/"}) })
	}
	wg.Go(func() {
		if _, err := w.c.Look(context.Background(), Source{Name: "a", Kind: "directory", URL: srv.URL}, srv.URL+"/a/1"); err != nil {
			t.Error(err)
		}
	})
	wg.Wait()
	paced(t, srv.visitors(), 9, 100*time.Millisecond) // robots.txt, three each, and the look with its control
}

func TestCrawlDelayIsHonoured(t *testing.T) {
	t.Parallel()
	srv := serve(t, pages(map[string]string{"/robots.txt": "User-agent: unmirror\nCrawl-delay: 0.2\n", "/": `<title>Index of /</title><a href="a">a</a>`, "/a": "x"}))
	newWorld(t, nil).sweep(Source{Name: "s", Kind: "directory", URL: srv.URL})
	paced(t, srv.visitors(), 3, 200*time.Millisecond)
}

func TestRetryAfterIsHonoured(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" && n.Add(1) == 1 {
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		pages(map[string]string{"/": `<title>Index of /</title><a href="a">a</a><a href="b">b</a>`, "/a": secret, "/b": "x"}).ServeHTTP(w, r)
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: srv.URL, Delay: time.Millisecond}) // so that nothing is asked for beside it
	if sum.Sightings != 1 || sum.Errors != 0 || sum.State != "done" {
		t.Errorf("got %+v", sum)
	}
	vs := srv.visitors()
	for i, v := range vs {
		if v.status == http.StatusTooManyRequests && vs[i+1].at.Sub(v.at) < 990*time.Millisecond {
			t.Errorf("came back after %v", vs[i+1].at.Sub(v.at))
		}
	}
}

func TestAHostThatWantsALongPauseIsLeftToTheNextSweep(t *testing.T) {
	t.Parallel()
	var open atomic.Bool
	var asked atomic.Int64
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" && !open.Load() {
			asked.Store(time.Now().UnixMilli())
			w.Header().Set("Retry-After", "3")
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		pages(map[string]string{"/": `<title>Index of /</title><a href="a">a</a>`, "/a": secret}).ServeHTTP(w, r)
	}))
	w := newWorld(t, nil)
	src := Source{Name: "s", Kind: "directory", URL: srv.URL}
	sum := w.sweep(src)
	if sum.State != "paused" || !strings.Contains(sum.Reason, "503") {
		t.Errorf("got %+v", sum)
	}
	open.Store(true)
	srv.forget()
	sum = w.sweep(src)
	if time.Now().UnixMilli()-asked.Load() > 3000 {
		t.Skip("the machine was too busy to ask within the pause")
	}
	if sum.State != "paused" || len(srv.visitors()) != 0 {
		t.Errorf("before the pause was over: %+v after %v", sum, srv.paths())
	}
	time.Sleep(1500 * time.Millisecond)
	if sum = w.sweep(src); sum.State != "done" || sum.Sightings != 1 || !sum.Resumed {
		t.Errorf("afterwards: %+v", sum)
	}
}

func gz(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

func TestCodedBodiesAreMatchedDecodedAndDigestedRaw(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("filler ", 5000) + secret
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			fmt.Fprint(w, `<title>Index of /</title><a href="gzip">g</a><a href="lie">l</a><a href="plain.gz">p</a><a href="odd">o</a>`)
		case "/gzip":
			w.Header().Set("Content-Encoding", "gzip")
			fmt.Fprint(w, gz(body))
		case "/lie":
			w.Header().Set("Content-Encoding", "gzip")
			w.Header().Set("Content-Type", "text/csv; charset=iso-8859-1")
			fmt.Fprint(w, body)
		case "/plain.gz":
			w.Header().Set("Content-Type", "application/x-gzip")
			fmt.Fprint(w, body) // no gzip at all, whatever name and type say
		case "/odd":
			w.Header().Set("Content-Encoding", "rot13")
			fmt.Fprint(w, body)
		default:
			http.NotFound(w, r)
		}
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: srv.URL})
	if sum.Sightings != 4 || sum.Errors != 0 {
		t.Fatalf("got %+v %v", sum, w.urls())
	}
	for _, s := range w.got {
		cp := s.Capture
		if want := int64(len(body)); strings.HasSuffix(s.URL, "/gzip") {
			if cp.BodyBytes != int64(len(gz(body))) {
				t.Errorf("raw bytes: %d", cp.BodyBytes)
			}
		} else if cp.BodyBytes != want {
			t.Errorf("%s: %d bytes, want %d", s.URL, cp.BodyBytes, want)
		}
		if cp.Status != 200 || cp.IP != "127.0.0.1" || cp.Port == 0 || len(cp.BodySHA256) != 64 || !strings.HasPrefix(cp.RequestHead, "GET /") || !strings.HasPrefix(cp.ResponseHead, "HTTP/1.1 200") || cp.Finished.Before(cp.Started) {
			t.Errorf("capture %+v", cp)
		}
	}
}

func TestABrokenBodyIsMatchedAsFarAsItCameAndTriedAgain(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/a" {
			w.Header().Set("Content-Length", "100000")
			fmt.Fprint(w, secret)
			return
		}
		pages(map[string]string{"/": `<title>Index of /</title><a href="a">a</a>`}).ServeHTTP(w, r)
	}))
	w := newWorld(t, nil)
	src := Source{Name: "s", Kind: "directory", URL: srv.URL}
	if sum := w.sweep(src); sum.Sightings != 1 || sum.Errors != 1 || !strings.Contains(sum.ErrorSamples[0], "ended early") {
		t.Errorf("got %+v", sum)
	}
	if sum := w.sweep(src); sum.Fetched != 1 {
		t.Errorf("a broken answer was believed: %+v", sum)
	}
}

func TestARedirectHopIsAnItemOfItsOwn(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/one":
			http.Redirect(w, r, "/two", http.StatusMovedPermanently)
		case "/two":
			http.Redirect(w, r, "/three", http.StatusFound)
		case "/forbidden":
			http.Redirect(w, r, "/private/x", http.StatusFound)
		case "/dir":
			http.Redirect(w, r, "/dir/", http.StatusMovedPermanently)
		default:
			pages(map[string]string{"/robots.txt": "User-agent: *\nDisallow: /private\n", "/three": secret, "/dir/": `<title>Index of /dir</title><a href="deep">d</a>`, "/dir/deep": secret, "/private/x": secret,
				"/": `<title>Index of /</title><a href="one">1</a><a href="forbidden">f</a><a href="dir">d</a>`}).ServeHTTP(w, r)
		}
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: srv.URL})
	if got := w.urls(); !slices.Equal(got, []string{srv.URL + "/dir/deep", srv.URL + "/three"}) || sum.SkippedRobots != 1 {
		t.Errorf("got %v, %+v after %v", got, sum, srv.paths())
	}
	for _, s := range w.got {
		if strings.HasSuffix(s.URL, "/three") && !slices.Equal(s.Capture.Redirects, []string{srv.URL + "/one", srv.URL + "/two"}) {
			t.Errorf("redirects %v", s.Capture.Redirects)
		}
		if h := s.Capture.Hops; strings.HasSuffix(s.URL, "/three") && (len(h) != 2 || h[0].Status != http.StatusMovedPermanently || h[1].URL != srv.URL+"/two" ||
			!strings.Contains(h[1].ResponseHead, "Location: /three") || !strings.Contains(h[1].RequestHead, "GET /two") || h[1].IP == "") {
			t.Errorf("hops %+v", h)
		}
	}
}

func TestNothingThatTheSinkDidNotTakeIsLost(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.FileServer(http.Dir(tree(t, 3))))
	w := newWorld(t, nil)
	w.refuse = errSink
	src := Source{Name: "s", Kind: "directory", URL: srv.URL}
	sum, err := w.c.Sweep(t.Context(), src)
	if !errors.Is(err, errSink) || sum.State != "paused" {
		t.Fatalf("got %+v, %v", sum, err)
	}
	w.refuse = nil
	if sum := w.sweep(src); sum.Sightings != 1 || len(w.got) != 1 || !sum.Resumed {
		t.Errorf("got %+v", sum)
	}
}

func TestTwoSweepsOfOneSourceNeverRunAtOnce(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-gate
		http.NotFound(w, r)
	}))
	w := newWorld(t, func(o *Options) { o.Limits.Head = 10 * time.Minute })
	src := Source{Name: "s", Kind: "directory", URL: srv.URL}
	done := make(chan struct{})
	go func() { defer close(done); _, _ = w.c.Sweep(context.Background(), src) }()
	for ends := time.Now().Add(10 * time.Minute); time.Now().Before(ends); {
		if st, _ := w.c.Status(t.Context()); len(st) == 1 {
			break
		}
		time.Sleep(5 * time.Millisecond)
	}
	_, err := w.c.Sweep(t.Context(), src)
	close(gate)
	<-done
	if !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
}

func TestBudgetsPauseASweepAndTheNextGoesOn(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.FileServer(http.Dir(tree(t, 60))))
	w := newWorld(t, nil)
	src := Source{Name: "s", Kind: "directory", URL: srv.URL, MaxBytes: 600}
	sum := w.sweep(src)
	if sum.State != "paused" || !strings.Contains(sum.Reason, "max_bytes") || sum.Fetched >= 61 {
		t.Fatalf("got %+v", sum)
	}
	for range 20 {
		if sum = w.sweep(src); sum.State == "done" {
			break
		}
	}
	if sum.State != "done" || sum.Fetched != 61 || sum.Sightings != 1 {
		t.Errorf("got %+v", sum)
	}
	few := Source{Name: "few", Kind: "directory", URL: srv.URL, MaxItems: 30}
	if sum = w.sweep(few); sum.State != "done" || sum.Listed > 30 || !strings.Contains(sum.Reason, "max_items") {
		t.Errorf("got %+v", sum)
	}
	short := Source{Name: "short", Kind: "directory", URL: srv.URL, MaxTime: 150 * time.Millisecond, Delay: 50 * time.Millisecond}
	if sum = w.sweep(short); sum.State != "paused" || !strings.Contains(sum.Reason, "max_time") {
		t.Errorf("got %+v", sum)
	}
}

func TestTheSummaryHasTheNamesThatOutsidersRelyOn(t *testing.T) {
	t.Parallel()
	b, err := json.Marshal(Summary{Source: "m", Listed: 3, Fetched: 2, Bytes: 9, BytesAvoided: 4, SkippedRobots: 1, Errors: 1})
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	for k, v := range map[string]any{"event": "summary", "source": "m", "listed": 3., "fetched": 2., "bytes": 9., "bytes_avoided": 4., "skipped_robots": 1., "errors": 1.} {
		if m[k] != v {
			t.Errorf("%s is %v, want %v", k, m[k], v)
		}
	}
}

func TestNoNameOrAddressLeaksIntoLogsOrTheDataFolder(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/kapot") {
			panic(http.ErrAbortHandler)
		}
		if strings.HasPrefix(r.URL.Path, "/raar") {
			c, _, _ := w.(*statusWriter).ResponseWriter.(http.Hijacker).Hijack()
			fmt.Fprintf(c, "Vandersteen is no HTTP\r\n\r\n")
			_ = c.Close()
			return
		}
		pages(map[string]string{"/": `<title>Index of /</title><a href="kapot-Vandersteen.txt">k</a><a href="raar-Vandersteen.txt">r</a><a href="Vandersteen.txt">ok</a>`, "/Vandersteen.txt": secret}).ServeHTTP(w, r)
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: srv.URL})
	if sum.Errors != 2 || sum.Sightings != 1 {
		t.Fatalf("got %+v", sum)
	}
	line, _ := json.Marshal(sum)
	for what, text := range map[string][]byte{"log": w.log.Bytes(), "summary": line} {
		if bytes.Contains(bytes.ToLower(text), []byte("vandersteen")) {
			t.Errorf("the %s holds a name: %s", what, text)
		}
	}
	files, _ := filepath.Glob(filepath.Join(w.dir, "*"))
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(bytes.ToLower(b), []byte("vandersteen")) || bytes.Contains(b, []byte("rugklachten")) {
			t.Errorf("%s holds a name", filepath.Base(f))
		}
	}
}
