package crawler

import (
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"unmirror/crawler/traps"
	"unmirror/internal/testheap"
)

// TestATrapSiteEndsWithinItsBudgetsAndHidesNothing sweeps everything at once that keeps a crawler busy.
func TestATrapSiteEndsWithinItsBudgetsAndHidesNothing(t *testing.T) {
	if raceDetector {
		t.Skip("it takes a minute of processor time there, and other sweeps show races as well")
	}
	if !testheap.Alone(t) {
		return
	}
	s := serve(t, traps.Site(secret))
	w := newWorld(t, func(o *Options) {
		o.MaxItemBytes = 64 << 20
		o.Limits.Page = 8 << 20
		o.Limits.Head, o.Limits.Grace, o.Limits.Pause = time.Minute, 300*time.Millisecond, time.Second
	})
	start := time.Now()
	var sum Summary
	peak := testheap.InUse(func() {
		sum = w.sweep(Source{Name: "trap", Kind: "site", URL: s.URL, Depth: 4, MaxItems: 1600, MaxRequests: 1200, MaxTime: 15 * time.Minute})
	})
	if peak > 300<<20 {
		t.Errorf("memory grew to %d MiB, with the site's own", peak>>20)
	}
	found := w.urls()
	for _, path := range traps.Real {
		if !slices.ContainsFunc(found, func(u string) bool { return strings.HasPrefix(u, s.URL+path) }) {
			t.Errorf("%s was not found", path)
		}
	}
	if sum.Requests > 1210 {
		t.Errorf("%d requests", sum.Requests)
	}
	t.Logf("%s, peak %d MiB, %+v", time.Since(start), peak>>20, sum)
}

// TestServeTraps serves the site for a measurement by hand: UNMIRROR_TRAPS=127.0.0.1:8099 go test -run ServeTraps ./crawler
func TestServeTraps(t *testing.T) {
	addr := os.Getenv("UNMIRROR_TRAPS")
	if addr == "" {
		t.Skip("for measurements by hand")
	}
	text := secret
	if file := os.Getenv("UNMIRROR_TRAPS_TEXT"); file != "" {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = string(b)
	}
	srv := &http.Server{Addr: addr, Handler: traps.Site(text), ReadHeaderTimeout: time.Minute}
	t.Log(srv.ListenAndServe())
}
