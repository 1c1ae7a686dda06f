package crawler

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A visited place chooses where its robots.txt and its redirects lead: never to what would keep or spread something, and
// never to a name that only a proxy may look up.
func TestARobotsFileLeadsToNothingThatIsNeverAskedFor(t *testing.T) {
	for _, to := range []string{"http://web.archive.org/save/http://mirror.example/", "http://ｗｅｂ.archive.org/save/x", "http://abcdef.onion/robots.txt"} {
		archive := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "User-agent: *\nAllow: /\n") }))
		s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.Redirect(w, r, to, http.StatusFound)
				return
			}
			fmt.Fprint(w, secret)
		}))
		w := newWorld(t, nil)
		internet(w, map[string]*httptest.Server{"web.archive.org:80": archive.Server, "abcdef.onion:80": archive.Server})
		sum := w.sweep(Source{Name: "s", Kind: "site", URL: s.URL})
		if n := len(archive.paths()); n != 0 || sum.Fetched != 0 || sum.State == "done" {
			t.Errorf("%s: %d requests there, %+v", to, n, sum)
		}
	}
}

func TestALookFollowsNoRedirectToANameThatOnlyAProxyMayLookUp(t *testing.T) {
	hidden := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, secret) }))
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" {
			http.NotFound(w, r)
			return
		}
		http.Redirect(w, r, "http://abcdef.onion/a.txt", http.StatusFound)
	}))
	w := newWorld(t, nil)
	internet(w, map[string]*httptest.Server{"abcdef.onion:80": hidden.Server})
	l, err := w.c.Look(context.Background(), Source{Name: "s", Kind: "site", URL: s.URL}, s.URL+"/a.txt")
	if err != nil || l.Outcome != LookUnclear || !strings.Contains(l.Reason, "proxy") || len(hidden.paths()) != 0 {
		t.Errorf("%s (%s), asked %v, %v", l.Outcome, l.Reason, hidden.paths(), err)
	}
}
