package crawler

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// A server may give less of a range than was asked for (RFC 9110 section 15.3.7). Pieces with a hole between them are no
// end of an archive.
func TestARangeThatComesShortIsNoPieceOfAnArchivesEnd(t *testing.T) {
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<17)
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/robots.txt" || r.Header.Get("Range") == "" {
			http.NotFound(w, r)
			return
		}
		var from, to int
		if n, _ := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-%d", &from, &to); n == 2 && from == 1000 {
			w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, from+9, len(body)))
			w.WriteHeader(http.StatusPartialContent)
			_, _ = w.Write(body[from : from+10])
			return
		}
		http.ServeContent(w, r, "a.zip", time.Time{}, bytes.NewReader(body))
	}))
	w := newWorld(t, nil)
	h, free, err := w.c.takeHost(t.Context(), strings.TrimPrefix(s.URL, "http://"), "test", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer free()
	u, err := url.Parse(s.URL + "/a.zip")
	if err != nil {
		t.Fatal(err)
	}
	g := &glancing{c: w.c, h: h, url: u, request: request{url: u}, habits: &habits{}, glanced: glanced{size: int64(len(body))}}
	for _, c := range []struct {
		from, n int64
		ok      bool
	}{{2000, 100, true}, {-100, 100, true}, {int64(len(body)) - 50, 100, true}, {1000, 100, false}} {
		got, ok, err := g.part(t.Context(), c.from, c.n)
		if err != nil || ok != c.ok {
			t.Errorf("from %d: %d bytes, %t, %v", c.from, len(got), ok, err)
		}
	}
}
