package crawler

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestAFolderThatShowsAFileInsteadOfItsListingIsMatched(t *testing.T) {
	s := serve(t, pages(map[string]string{
		"/":        `<title>Index of /</title><a href="plain/">plain/</a><a href="readme/">readme/</a><a href="calm/">calm/</a><a href="a.txt">a.txt</a>`,
		"/plain/":  secret, // an index.txt
		"/readme/": `<title>Index of /readme/</title><a href="b.txt">b.txt</a><pre>` + secret + "</pre>",
		"/calm/":   `<title>Index of /calm/</title><a href="c.txt">c.txt</a>`,
		"/a.txt":   "a", "/readme/b.txt": "b", "/calm/c.txt": "c",
	}))
	w := newWorld(t, nil)
	for range 2 {
		w.got = nil
		sum := w.sweep(Source{Name: "mirror", Kind: "directory", URL: s.URL + "/", RevisitMax: time.Hour})
		if want := []string{s.URL + "/plain/", s.URL + "/readme/"}; !slices.Equal(w.urls(), want) || sum.Sightings != 2 {
			t.Errorf("%d: %v", sum.Sightings, w.urls())
		}
		if sum.Listed != 3 {
			t.Errorf("folders count as items: %+v", sum)
		}
	}
}

func TestARedirectToAFolderWhoseNameIsNotEncodedAgainIsFollowed(t *testing.T) {
	s := serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		switch r.URL.Path {
		case "/":
			_, _ = rw.Write([]byte(`<title>Index of /</title><a href="a%23b">a#b</a> <a href="c%3fd">c?d</a> <a href="e%2520f">e%20f</a> <a href="g">g</a>`))
		case "/a#b", "/c?d", "/e%20f", "/g":
			rw.Header()["Location"] = []string{r.URL.Path + "/"} // as mini_httpd has it
			rw.WriteHeader(http.StatusFound)
		case "/a#b/", "/c?d/", "/e%20f/", "/g/":
			_, _ = rw.Write([]byte(`<title>Index of x</title><a href="x.txt">x.txt</a>`))
		default:
			if !strings.HasSuffix(r.URL.Path, "/x.txt") {
				http.NotFound(rw, r)
				return
			}
			_, _ = rw.Write([]byte(secret))
		}
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "mirror", Kind: "directory", URL: s.URL + "/"})
	if want := []string{s.URL + "/a%23b/x.txt", s.URL + "/c%3Fd/x.txt", s.URL + "/e%2520f/x.txt", s.URL + "/g/x.txt"}; !slices.Equal(w.urls(), want) {
		t.Errorf("%v", w.urls())
	}
	if sum.Listed != 4 {
		t.Errorf("folders that were listed without their slash count as items: %+v", sum)
	}
}

func TestLinksOfAPageThatNeverEndsAreFollowed(t *testing.T) {
	s := serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/":
			rw.Header().Set("Content-Type", "text/html")
			_, _ = rw.Write([]byte(`<a href="/lies">lies</a>`))
		case "/lies":
			rw.Header().Set("Content-Type", "text/html")
			rw.Header().Set("Content-Length", "1000000")
			_, _ = rw.Write([]byte(`<a href="/real">real</a>`))
		case "/real":
			_, _ = rw.Write([]byte(secret))
		default:
			http.NotFound(rw, r)
		}
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "site", URL: s.URL + "/", Depth: 5})
	if !slices.Equal(w.urls(), []string{s.URL + "/real"}) || sum.Errors == 0 {
		t.Errorf("%v, %+v", w.urls(), sum)
	}
}
