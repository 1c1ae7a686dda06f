package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// TestGoneForUsIsNotGone plays a host that shuts one network out: it answers 404 here, and serves the file elsewhere.
func TestGoneForUsIsNotGone(t *testing.T) {
	var here, elsewhere atomic.Bool // the file is there
	here.Store(true)
	elsewhere.Store(true)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		there := here.Load()
		if r.Header.Get("X-Other-Network") != "" {
			there = elsewhere.Load()
		}
		switch {
		case r.URL.Path == "/":
			fmt.Fprint(w, `<title>Index of /</title><h1>Index of /</h1><pre><a href="a.txt">a.txt</a></pre>`)
		case r.URL.Path == "/a.txt" && there:
			fmt.Fprint(w, letter(1))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(web.Close)
	exit := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := r.Clone(r.Context())
		out.RequestURI = ""
		out.Header.Set("X-Other-Network", "1")
		res, err := http.DefaultTransport.RoundTrip(out)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer func() { _ = res.Body.Close() }()
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(exit.Close)
	dir := t.TempDir()
	settings := func(second string) string {
		return write(t, filepath.Join(dir, "unmirror.yaml"), fmt.Sprintf(`
data: %s/data
crawler: {user_agent_contact: "https://example.org/bot", allow_private: ["127.0.0.1/32"], per_host_delay: 1ms%s}
rdap: {bootstrap: "http://127.0.0.1:1/"}
takedown: {gone_checks: 2, gone_apart: 1ms}
sources: [{name: mirror, kind: directory, url: "%s/"}]
`, dir, second, web.URL))
	}
	config := settings("")
	write(t, filepath.Join(dir, "leak", "a.txt"), letter(1))
	mustCommand(t, config, "leak", "add", "zorg", filepath.Join(dir, "leak"))
	mustCommand(t, config, "sweep")
	id := lines(mustCommand(t, config, "case", "list", "--json"))[0]["id"].(string)
	look := func() map[string]any {
		t.Helper()
		time.Sleep(5 * time.Millisecond)
		return lines(mustCommand(t, config, "recheck", "--json", id))[0]
	}
	reads := func(want string) {
		t.Helper()
		if got := mustCommand(t, config, "case", "show", id); !strings.Contains(got, id+"  "+want+"\n") {
			t.Errorf("the case does not read %q:\n%s", want, got)
		}
	}

	here.Store(false)
	look()
	if r := look(); r["state"] != "gone" || r["gone_for_us"] != true || r["outcome"] != "gone" {
		t.Errorf("from one network: %v", r)
	}
	reads("gone for us")

	config = settings(fmt.Sprintf(", second_exit: %q", exit.URL))
	if r := look(); r["state"] == "gone" || r["outcome"] != "live" || fmt.Sprint(r["seen_from"]) != "[second_exit]" {
		t.Errorf("it is live from elsewhere: %v", r)
	}
	elsewhere.Store(false)
	look()
	if r := look(); r["state"] != "gone" || r["gone_for_us"] != false || fmt.Sprint(r["seen_from"]) != "[direct second_exit]" {
		t.Errorf("from two networks: %v", r)
	}
	reads("gone")
	if c := lines(mustCommand(t, config, "case", "list", "--json"))[0]; c["state"] != "gone" || c["gone_for_us"] != false {
		t.Errorf("got %v", c)
	}
}
