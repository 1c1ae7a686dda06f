package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestASilentSourceIsNotTakenForACleanOne tries to break promise 8: canaries and a leak are planted at a site that then
// changes its markup without a word, and answers 200 with a list of nothing.
func TestASilentSourceIsNotTakenForACleanOne(t *testing.T) {
	dir := t.TempDir()
	web := filepath.Join(dir, "web")
	var page atomic.Value
	files := http.FileServer(http.Dir(web))
	page.Store("normal")
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			files.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		entries, _ := os.ReadDir(web)
		class := map[any]string{"normal": "paste", "new markup": "entry"}[page.Load()]
		fmt.Fprint(w, "<title>Recent pastes</title><h1>Recent</h1>")
		for _, e := range entries {
			if class != "" {
				fmt.Fprintf(w, `<a class="%s" href="/%s">%s</a>`, class, e.Name(), e.Name())
			}
		}
	}))
	t.Cleanup(srv.Close)
	config := write(t, filepath.Join(dir, "unmirror.yaml"), fmt.Sprintf(`
data: %s/data
organisation: {name: "Dienst", email: "dpo@dienst.example"}
mail: {from: "takedown@dienst.example"}
crawler: {user_agent_contact: "https://example.org/bot", allow_private: ["127.0.0.1/32"], per_host_delay: 1ms}
rdap: {bootstrap: "http://127.0.0.1:1/"}
sources: [{name: pastes, kind: listing, url: "%s/", item: "a.paste", every: "@daily"}]
`, dir, srv.URL))
	write(t, filepath.Join(dir, "leak", "a.txt"), letter(1))
	mustCommand(t, config, "leak", "add", "zorg", filepath.Join(dir, "leak"))
	mustCommand(t, config, "canary", "make", web, "--source", "pastes", "--n", "2")
	mustCommand(t, config, "canary", "make", filepath.Join(dir, "kept"), "--source", "pastes", "--kind", "csv")
	if _, errOut, code := command(t, config, "leak", "add", "canary", filepath.Join(dir, "leak")); code != exitUsage || !strings.Contains(errOut, "canary make") {
		t.Errorf("a leak took the canaries' name: %d, %s", code, errOut)
	}
	write(t, filepath.Join(web, "b.txt"), letter(1))
	for i := range 5 {
		write(t, filepath.Join(web, fmt.Sprintf("note%d.txt", i)), fmt.Sprintf("shopping list %d", i))
	}

	out := mustCommand(t, config, "sweep", "--json")
	if strings.Count(out, `"event":"sighting"`) != 1 || strings.Contains(out, `"leak":"canary"`) {
		t.Errorf("a canary counts as a leak: %s", out)
	}
	if cases := lines(mustCommand(t, config, "case", "list", "--json")); len(cases) != 1 || cases[0]["leak"] != "zorg" {
		t.Errorf("cases: %v", cases)
	}
	if leaks := lines(mustCommand(t, config, "leak", "list", "--json")); len(leaks) != 1 {
		t.Errorf("leaks: %v", leaks)
	}
	source := func() map[string]any { return lines(mustCommand(t, config, "source", "list", "--json"))[0] }
	if s := source(); s["silent"] != false || s["canaries"] != 3.0 || s["canaries_found"] != 2.0 || s["detection_rate"].(float64) < 0.6 || s["detection_delay_seconds"] == nil {
		t.Errorf("after the first sweep: %v", s)
	}
	states := map[any]int{}
	for _, c := range lines(mustCommand(t, config, "canary", "list", "--json")) {
		states[c["state"]]++
	}
	if states["seen"] != 2 || states["missed"] != 1 {
		t.Errorf("canaries are %v", states)
	}

	for _, change := range []string{"new markup", "empty"} {
		page.Store(change)
		mustCommandOrFailedSweep(t, config)
		s := source()
		if s["silent"] != true || s["silent_reason"] == "" || s["silent_since"] == nil {
			t.Errorf("%s: the silence is not told: %v", change, s)
		}
		if table := mustCommand(t, config, "source", "list"); !strings.Contains(table, "silent") {
			t.Errorf("%s: the list is silent about it:\n%s", change, table)
		}
	}
	mails := outbox(t, config)
	if len(mails) != 1 || mails[0]["state"] != "queued" {
		t.Errorf("the operator is told %d times: %v", len(mails), mails)
	}
	page.Store("normal")
	mustCommand(t, config, "sweep")
	if s := source(); s["silent"] != false || s["canaries_found"] != 2.0 {
		t.Errorf("after recovery: %v", s)
	}
	if mails := outbox(t, config); len(mails) != 2 {
		t.Errorf("mails after recovery: %v", mails)
	}
	mustCommand(t, config, "audit", "verify")
}

// mustCommandOrFailedSweep sweeps; that the source cannot be read may fail the command.
func mustCommandOrFailedSweep(t *testing.T, config string) {
	t.Helper()
	if out, errOut, code := command(t, config, "sweep"); code == exitUsage {
		t.Fatalf("%s%s", out, errOut)
	}
}

// outbox gives the mails to the operator.
func outbox(t *testing.T, config string) (mails []map[string]any) {
	t.Helper()
	for _, m := range lines(mustCommand(t, config, "outbox", "list", "--json")) {
		if m["kind"] == "operator" {
			mails = append(mails, m)
		}
	}
	return mails
}

// lines reads JSON objects, one a line.
func lines(out string) (all []map[string]any) {
	for line := range strings.Lines(out) {
		var m map[string]any
		if json.Unmarshal([]byte(line), &m) == nil {
			all = append(all, m)
		}
	}
	return all
}
