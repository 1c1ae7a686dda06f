package crawler

import (
	"net/http"
	"strings"
	"testing"
)

func TestAFolderThatOnlySpeaksWebDAVIsToldSo(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		status     int
		head, body string
		told       bool
	}{
		"PROPFIND allowed":   {http.StatusMethodNotAllowed, "Allow", "no", true},
		"a page about it":    {http.StatusOK, "", "<html><p>This is the WebDAV interface.", true},
		"nothing about it":   {http.StatusMethodNotAllowed, "", "no", false},
		"a page of any sort": {http.StatusOK, "", "<html><p>hello", false},
	} {
		srv := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.NotFound(w, r)
				return
			}
			if c.head != "" {
				w.Header().Set(c.head, "OPTIONS, PROPFIND, PUT")
			}
			w.Header().Set("Content-Type", "text/html")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte(c.body))
		}))
		sum := newWorld(t, nil).sweep(Source{Name: "s", Kind: "directory", URL: srv.URL + "/d/"})
		if sum.State != "failed" || strings.Contains(sum.Reason, "WebDAV") != c.told {
			t.Errorf("%s: %s, %q", name, sum.State, sum.Reason)
		}
	}
}
