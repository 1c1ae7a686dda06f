package crawler

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"unmirror/internal/testneeds"
)

func TestALookTellsLiveFromGoneFromNothing(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/moved":
			http.Redirect(w, r, "/live", http.StatusFound)
		case "/home":
			http.Redirect(w, r, "/welcome", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop2", http.StatusFound)
		case "/loop2":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/inside":
			http.Redirect(w, r, "http://10.0.0.1/", http.StatusFound)
		case "/cut":
			w.Header().Set("Content-Length", "5000")
			fmt.Fprint(w, "innocent")
		case "/cutlive":
			w.Header().Set("Content-Length", "5000")
			fmt.Fprint(w, secret)
		case "/json404":
			w.WriteHeader(404)
			fmt.Fprint(w, `{"message":"Document not found."}`)
		case "/403", "/410", "/451", "/500", "/503", "/429", "/401":
			var code int
			fmt.Sscanf(r.URL.Path, "/%d", &code)
			w.WriteHeader(code)
		default:
			pages(map[string]string{"/live": secret, "/": listing("live"), "/welcome": "<h1>Welcome", "/empty": "", "/robots.txt": "User-agent: *\nDisallow: /hidden\n", "/hidden": secret}).ServeHTTP(w, r)
		}
	}))
	gone := fmt.Sprintf("http://127.0.0.1:%d/x", testneeds.Port(t))
	cases := []struct {
		kind, url string
		want      LookOutcome
	}{
		{"directory", "/live", LookLive}, {"directory", "/moved", LookLive}, {"directory", "/cutlive", LookLive},
		{"directory", "/nothere", LookGone}, {"directory", "/410", LookGone}, {"directory", "/451", LookGone},
		{"directory", "/home", LookChanged}, {"directory", "/empty", LookChanged},
		{"directory", "/403", LookUnclear}, {"directory", "/401", LookUnclear}, {"directory", "/429", LookUnclear},
		{"directory", "/cut", LookUnclear}, {"directory", "/loop", LookUnclear}, {"directory", "/inside", LookUnclear},
		{"directory", "/500", LookUnreachable}, {"directory", "/503", LookUnreachable}, {"directory", gone, LookUnreachable},
		{"directory", "/hidden", LookRobots}, {"directory", "http://10.0.0.1/x", LookUnclear},
		{"haste", "/json404", LookGone}, {"haste", "/nothere", LookUnclear},
	}
	w := newWorld(t, nil)
	for _, c := range cases {
		t.Run(c.kind+c.url, func(t *testing.T) {
			address := c.url
			if strings.HasPrefix(address, "/") {
				address = srv.URL + address
			}
			l, err := w.c.Look(t.Context(), Source{Name: "s", Kind: c.kind, URL: srv.URL, Items: []string{"a"}}, address)
			if err != nil {
				t.Fatal(err)
			}
			if l.Outcome != c.want || l.Reason == "" || l.At.IsZero() || strings.Contains(l.Reason, "://") {
				t.Errorf("got %s (%s), want %s", l.Outcome, l.Reason, c.want)
			}
			if c.want == LookLive && (l.Capture.Status != 200 || len(l.Report.Matches) == 0) {
				t.Errorf("got %+v", l)
			}
		})
	}
	l, err := w.c.Look(t.Context(), Source{Name: "s", Kind: "directory", URL: srv.URL, Robots: RobotsKnownItems, RobotsReason: "rechecking a case's address"}, srv.URL+"/hidden")
	if err != nil || l.Outcome != LookLive {
		t.Errorf("with a reason: %+v, %v", l, err)
	}
}

func TestTheSourceTestSaysWhatReadsAnAddress(t *testing.T) {
	t.Parallel()
	feed := `<?xml version="1.0"?><rss><channel><item><link>/1</link></item></channel></rss>`
	srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			w.Header().Set("Content-Type", "application/rss+xml")
			fmt.Fprint(w, feed)
			return
		}
		pages(map[string]string{"/dir/": listing("a", "b", "c/") + `<a href="mailto:abuse@h.example">m</a>`, "/site": `<p>hello<a href="/1">a</a><a href="/2">b</a><a href="http://x.example/">c</a>`,
			"/robots.txt": "User-agent: *\nDisallow: /no\n", "/no": "x"}).ServeHTTP(w, r)
	}))
	w := newWorld(t, nil)
	cases := []struct {
		path, kind string
		items      int
		ok         bool
		err        string
	}{
		{"/dir/", "directory", 2, true, ""}, {"/feed", "feed", 1, true, ""}, {"/site", "site", 2, true, ""},
		{"/no", "", 0, false, "robots.txt"}, {"/missing", "", 0, false, "404"},
	}
	for _, c := range cases {
		r, err := w.c.Test(t.Context(), Source{URL: srv.URL + c.path})
		if err != nil {
			t.Fatal(err)
		}
		if r.OK != c.ok || c.kind != "" && r.Kind != c.kind || r.Items != c.items || !strings.Contains(r.FirstErr, c.err) {
			t.Errorf("%s: got %+v", c.path, r)
		}
		if c.kind == "directory" && (r.Contact != "abuse@h.example" || r.Folders != 1) {
			t.Errorf("%s: got %+v", c.path, r)
		}
	}
	if st, _ := w.c.Status(t.Context()); len(st) != 0 {
		t.Error("a test was recorded as a sweep")
	}
}
