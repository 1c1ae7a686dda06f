package crawler

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
)

func TestAnImageThatASitesPageShowsIsMatched(t *testing.T) {
	t.Parallel()
	srv := serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			rw.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(rw, `<title>scans</title><a href="/sheet">the sheet</a><img src="/icon.png" width="32">`)
		case "/sheet":
			rw.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(rw, `<img src="scans/1.jpg"><img src="http://images.elsewhere.example/2.jpg">`)
		case "/scans/1.jpg":
			rw.Header().Set("Content-Type", "image/jpeg")
			_, _ = io.WriteString(rw, secret)
		default:
			http.NotFound(rw, r)
		}
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "site", URL: srv.URL + "/", Depth: 1})
	if sum.State != "done" || sum.Errors != 0 || sum.Sightings != 1 || !slices.Equal(w.urls(), []string{srv.URL + "/scans/1.jpg"}) {
		t.Fatalf("%+v: %v", sum, w.urls())
	}
	for _, v := range srv.visitors() {
		if strings.Contains(v.path, "icon") {
			t.Errorf("an icon was fetched")
		}
	}
}
