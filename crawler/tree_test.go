package crawler

import (
	"net/http"
	"strings"
	"testing"
)

// A page becomes a tree of some thirty times its size: its beginning is enough for the links, and the rest is an error
// that the sweep tells.
func TestOnlyTheBeginningOfAPageBecomesATree(t *testing.T) {
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte(`<a class=p href="/first">x</a>` + strings.Repeat("<br>", maxTree/4) + `<a class=p href="/last">x</a>`))
		case "/first", "/last":
			_, _ = w.Write([]byte(secret))
		default:
			http.NotFound(w, r)
		}
	}))
	w := newWorld(t, func(o *Options) { o.Limits.Page = 16 << 20 })
	sum := w.sweep(Source{Name: "s", Kind: "listing", URL: s.URL, Item: "a.p"})
	if sum.Sightings != 1 || sum.Errors != 1 || !strings.Contains(sum.ErrorSamples[0], "longer than 4MiB") {
		t.Errorf("got %+v", sum)
	}
}
