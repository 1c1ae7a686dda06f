package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"unmirror/crawler"
	"unmirror/crawler/canary"
	"unmirror/fingerprints/match"
	"unmirror/internal/guard"
	"unmirror/takedown"
	"unmirror/takedown/incident"
)

// filled is a leak file that allows sweeps of the source pastes.
const filled = `
data: {categories: [identity], persons: [patients]}
legal: {purpose: to find copies and have them removed, article_6: 6(1)(c), dpia: GEB-1}
sources: {source: pastes, reason: copies were seen there}
`

// gated opens an installation with two leaks, of which the first has a filled file.
func gated(t *testing.T, do func(*app, *gate)) {
	t.Helper()
	dir := t.TempDir()
	config := write(t, filepath.Join(dir, "unmirror.yaml"), "data: "+filepath.Join(dir, "data")+`
crawler: {user_agent_contact: "https://operator.example/", allow_private: ["127.0.0.0/8", "::1", "intranet.invalid:8080"]}
sources:
  - {name: pastes, kind: directory, url: "http://203.0.113.7/"}
  - {name: onion, kind: directory, url: "http://abcdefghij.onion/", proxy: "socks5h://127.0.0.1:9050"}
`)
	for i, slug := range []string{"first", "second"} {
		var text strings.Builder
		for n := range 60 {
			text.WriteString(letter(100*(i+1) + n)) // large enough to be worth asking for by its digest
		}
		path := write(t, filepath.Join(dir, slug, "letter.txt"), text.String())
		mustCommand(t, config, "leak", "add", slug, path)
	}
	file := write(t, filepath.Join(dir, "filled.yaml"), filled)
	mustCommand(t, config, "leak", "file", "first", "--set", file)
	g := &globals{world: world{stdin: strings.NewReader(""), stdout: &bytes.Buffer{}, stderr: &bytes.Buffer{}}, configPath: config}
	if err := g.with(func(a *app) error {
		if _, err := a.crawler(t.Context(), watching{}); err != nil {
			return err
		}
		do(a, a.gate)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}

func TestASourceIsSweptForTheLeaksWhoseFileAllowsIt(t *testing.T) {
	gated(t, func(_ *app, g *gate) {
		for _, c := range []struct {
			name     string
			source   crawler.Source
			refused  string
			private  bool
			onBehalf []string
		}{
			{"the reason is there", crawler.Source{Name: "pastes", URL: "http://203.0.113.7/"}, "", false, []string{"first", canary.Slug}},
			{"another source", crawler.Source{Name: "board", URL: "http://203.0.113.7/"}, `source "board": the leak file of "first" lacks sources`, false, nil},
			{"loopback", crawler.Source{Name: "board", URL: "http://127.0.0.1:1/"}, "", true, nil},
			{"a name that means loopback", crawler.Source{Name: "board", URL: "http://localhost:1/"}, "", true, nil},
			{"a name that is listed", crawler.Source{Name: "board", URL: "http://intranet.invalid:8080/"}, "", true, nil},
			{"that name on another port", crawler.Source{Name: "board", URL: "http://intranet.invalid/"}, `source "board"`, false, nil},
			{"a name that nobody knows", crawler.Source{Name: "board", URL: "http://nobody.invalid/"}, `source "board"`, false, nil},
			{"a private address that is not listed", crawler.Source{Name: "board", URL: "http://10.0.0.1/"}, `source "board"`, false, nil},
			{"behind a proxy on this machine", crawler.Source{Name: "board", URL: "http://abcdefghij.onion/", Proxy: "socks5h://127.0.0.1:9050"}, `source "board"`, false, nil},
			{"loopback, and allowed", crawler.Source{Name: "pastes", URL: "http://127.0.0.1:1/"}, "", false, nil},
		} {
			c.source.Kind = "directory"
			got, err := g.admit(nil)(t.Context(), c.source)
			if (err == nil) != (c.refused == "") || err != nil && !strings.Contains(err.Error(), c.refused) {
				t.Errorf("%s: %v, want %q", c.name, err, c.refused)
			}
			if err == nil && (got.Private != c.private || !slices.Equal(got.OnBehalf, c.onBehalf)) {
				t.Errorf("%s: private %v on behalf of %v, want %v and %v", c.name, got.Private, got.OnBehalf, c.private, c.onBehalf)
			}
		}
	})
}

func TestSightingsOfLeaksThatWaitAreNotKept(t *testing.T) {
	gated(t, func(a *app, g *gate) {
		kept := func(source, ip string, leaks ...string) (got []string, verdict match.Verdict, next bool) {
			s := crawler.Sighting{Source: source, URL: "http://mirror.example/x", Report: match.Report{Verdict: match.Matched}}
			s.Capture.IP, s.Capture.Port = ip, 80
			for i, l := range leaks {
				s.Report.Matches = append(s.Report.Matches, match.Match{Leak: l, Bits: float64(200 - 180*i)})
			}
			known, err := g.sink(func(_ context.Context, s crawler.Sighting) (bool, error) {
				next, verdict = true, s.Report.Verdict
				for _, m := range s.Report.Matches {
					got = append(got, m.Leak)
				}
				return false, nil
			})(t.Context(), s)
			if err != nil || known == next {
				t.Errorf("known %v, handed on %v: %v", known, next, err)
			}
			told := false
			g.telling(func(crawler.Sighting, bool) { told = true })(s, false)
			if told != next {
				t.Errorf("told %v, kept %v", told, next)
			}
			return got, verdict, next
		}
		for _, c := range []struct {
			name, source, ip string
			leaks, want      []string
			verdict          match.Verdict
		}{
			{"allowed", "pastes", "203.0.113.7", []string{"first"}, []string{"first"}, match.Matched},
			{"waits", "pastes", "203.0.113.7", []string{"second"}, nil, ""},
			{"one of two", "pastes", "203.0.113.7", []string{"first", "second"}, []string{"first"}, match.Matched},
			{"the weaker one is left", "pastes", "203.0.113.7", []string{"second", "first"}, []string{"first"}, match.Weak},
			{"a source without a reason", "board", "203.0.113.7", []string{"first", "second"}, nil, ""},
			{"an intranet", "board", "127.0.0.1", []string{"first", "second"}, []string{"first", "second"}, match.Matched},
			{"behind a proxy on this machine", "onion", "127.0.0.1", []string{"first"}, nil, ""},
			{"canaries are of no leak", "board", "203.0.113.7", []string{canary.Slug}, []string{canary.Slug}, match.Matched},
		} {
			got, verdict, _ := kept(c.source, c.ip, c.leaks...)
			if !slices.Equal(got, c.want) || verdict != c.verdict {
				t.Errorf("%s: kept %v (%s), want %v (%s)", c.name, got, verdict, c.want, c.verdict)
			}
		}
		// A file that loses a field stops it at once, and one that gets it starts it.
		f, _, err := g.d.Incident(t.Context(), "first")
		if err != nil {
			t.Fatal(err)
		}
		f.Legal.DPIA = ""
		if err := g.d.SetIncident(t.Context(), takedown.Actor{ID: "x", Role: "counsel"}, "first", f); err != nil {
			t.Fatal(err)
		}
		if got, _, _ := kept("pastes", "203.0.113.7", "first"); len(got) != 0 {
			t.Errorf("kept %v after the field was taken out", got)
		}
		if one, all := lookups(a.library, []string{"first"}), lookups(a.library, nil); len(one) != 1 || len(all) != 2 {
			t.Errorf("%d digests are sent on behalf of one leak, %d of both", len(one), len(all))
		}
	})
}

func TestWhatASourceWaitsForIsLoggedOncePerChange(t *testing.T) {
	var b bytes.Buffer
	d := &daemon{app: &app{log: slog.New(slog.NewTextHandler(&b, nil))}}
	waits := standing{source: "pastes", lacking: []lacking{{leak: "acme-2016", missing: []incident.Missing{{Field: "legal.dpia", What: "a secret text"}}}}}
	for range 3 {
		d.stands(waits)
	}
	some := waits
	some.allowed = []string{"other"}
	some.lacking = []lacking{{leak: "acme-2016", missing: []incident.Missing{{Field: "sources"}}}}
	d.stands(some)
	d.stands(standing{source: "pastes", allowed: []string{"acme-2016"}})
	d.stands(standing{source: "pastes", allowed: []string{"acme-2016"}})
	d.stands(standing{source: "mirror", exempt: true, lacking: waits.lacking})
	log := b.String()
	if n := strings.Count(log, "\n"); n != 3 || !strings.Contains(log, `lacks="acme-2016 legal.dpia"`) || strings.Contains(log, "secret") {
		t.Errorf("%d lines:\n%s", n, log)
	}
}

func TestTheGateResolvesOnlyWhereItMatters(t *testing.T) {
	g := newGate(&app{}, nil, mustGuard(t))
	s := crawler.Source{Name: "board", Kind: "directory", URL: "http://127.0.0.1/"}
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	g.now = func() time.Time { return at }
	look := func() bool {
		yes, err := g.lately(t.Context(), s)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	if !look() {
		t.Error("loopback is not private")
	}
	s.URL = "http://203.0.113.7/"
	if !look() {
		t.Error("what was resolved is not remembered")
	}
	at = at.Add(2 * resolvedFor)
	if look() {
		t.Error("it is remembered for too long")
	}
}

func mustGuard(t *testing.T) *guard.Guard {
	t.Helper()
	g, err := guard.New([]string{"localhost"})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestARefusalNamesEveryLeakAndField(t *testing.T) {
	err := &heldBack{standing{source: "pastes", lacking: []lacking{
		{leak: "a", missing: []incident.Missing{{Field: "legal.dpia", What: "reference of the DPIA"}, {Field: "legal.purpose", What: "why"}}},
		{leak: "b", noFile: true, missing: []incident.Missing{{Field: "legal.dpia", What: "reference of the DPIA"}}}}}}
	const want = `source "pastes": the leak file of "a" lacks legal.dpia (reference of the DPIA), legal.purpose (why): unmirror leak file a --set FILE; ` +
		`"b" has no leak file (docs/leak-file.md), which needs legal.dpia (reference of the DPIA): unmirror leak file b --set FILE`
	if err.Error() != want {
		t.Errorf("got %s", err)
	}
	var held *heldBack
	if !errors.As(fmt.Errorf("sweep: %w", &crawler.NotAdmitted{Why: err}), &held) {
		t.Error("a refusal is not recognised through the crawler")
	}
}
