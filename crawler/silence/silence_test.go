package silence

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"unmirror/crawler/canary"
	"unmirror/store"
	"unmirror/store/storetest"
)

var start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

// pass is the n-th of hourly passes.
func pass(n int, good bool, listed int64, reason string) Pass {
	at := start.Add(time.Duration(n) * time.Hour)
	return Pass{Started: at, Finished: at.Add(time.Minute), Good: good, Listed: listed, Reason: reason}
}

func TestASilenceIsTold(t *testing.T) {
	t.Parallel()
	full := func(n int) Pass { return pass(n, true, 200, "") }
	bad := func(n int, why string) Pass { return pass(n, false, 0, "h.example: "+why) }
	hour := Clock{Now: start.Add(4 * time.Hour), Every: time.Hour}
	for name, c := range map[string]struct {
		passes []Pass
		clock  Clock
		f      canary.Figures
		want   Why
	}{
		"all is well":                   {passes: []Pass{full(1), full(2), full(5)}, clock: hour, want: Heard},
		"never swept":                   {clock: Clock{Now: start, Every: time.Hour}, want: Heard},
		"empty with 200":                {passes: []Pass{full(1), pass(2, true, 0, "")}, clock: hour, want: Empty},
		"few left":                      {passes: []Pass{full(1), full(2), pass(3, true, 3, "")}, clock: hour, want: Few},
		"a small place varies":          {passes: []Pass{pass(1, true, 9, ""), pass(2, true, 1, "")}, clock: hour, want: Heard},
		"half is no silence":            {passes: []Pass{full(1), pass(2, true, 100, "")}, clock: hour, want: Heard},
		"markup changed":                {passes: []Pass{full(1), bad(2, "the page is nothing that kind listing can list")}, clock: hour, want: Markup},
		"interface withdrawn":           {passes: []Pass{full(1), bad(2, "answers 404")}, clock: hour, want: Withdrawn},
		"shut out":                      {passes: []Pass{full(1), bad(2, "answers 403")}, clock: hour, want: Withdrawn},
		"robots shut us out":            {passes: []Pass{full(1), bad(2, "robots.txt forbids its listing")}, clock: hour, want: Withdrawn},
		"domain lapsed":                 {passes: []Pass{full(1), bad(2, "the host name does not exist")}, clock: hour, want: Withdrawn},
		"one outage is weather":         {passes: []Pass{full(1), bad(2, "answers 503")}, clock: hour, want: Heard},
		"asked to slow down":            {passes: []Pass{full(1), bad(2, "answers 429")}, clock: hour, want: Heard},
		"outages in a row":              {passes: []Pass{full(1), bad(2, "answers 503"), bad(3, "no answer in time"), bad(4, "answers 500")}, clock: hour, want: Failing},
		"nothing from the beginning":    {passes: []Pass{pass(1, true, 0, ""), pass(2, true, 0, ""), pass(3, true, 0, "")}, clock: hour, want: Never},
		"new and still empty":           {passes: []Pass{pass(1, true, 0, "")}, clock: hour, want: Heard},
		"nobody sweeps it":              {passes: []Pass{full(1)}, clock: Clock{Now: start.Add(9 * time.Hour), Every: time.Hour}, want: Late},
		"by hand only":                  {passes: []Pass{full(1)}, clock: Clock{Now: start.Add(900 * time.Hour)}, want: Heard},
		"the daemon has just begun":     {passes: []Pass{full(1)}, clock: Clock{Now: start.Add(9 * time.Hour), Up: start.Add(8 * time.Hour), Every: time.Hour}, want: Heard},
		"each minute, a slow start":     {passes: []Pass{full(1)}, clock: Clock{Now: start.Add(66 * time.Minute), Every: time.Minute}, want: Heard},
		"canaries were seen, now none":  {passes: []Pass{full(4), full(5)}, clock: hour, f: canary.Figures{Planted: 2, Ever: 2, Missed: 2}, want: Canaries},
		"one canary is left":            {passes: []Pass{full(4), full(5)}, clock: hour, f: canary.Figures{Planted: 2, Found: 1, Ever: 2}, want: Heard},
		"one pass without canaries":     {passes: []Pass{full(4), full(5)}, clock: hour, f: canary.Figures{Planted: 2, Ever: 1, Missed: 1}, want: Heard},
		"canaries that nobody ever saw": {passes: []Pass{full(4), full(5)}, clock: hour, f: canary.Figures{Planted: 1, Missed: 3}, want: Canaries},
		"planted only now":              {passes: []Pass{full(4), full(5)}, clock: hour, f: canary.Figures{Planted: 1, Missed: 2}, want: Heard},
		"heard again":                   {passes: []Pass{full(1), pass(2, true, 0, ""), bad(3, "answers 404"), full(5)}, clock: hour, want: Heard},
	} {
		var m Memory
		for _, p := range c.passes {
			if !m.New(p) {
				t.Fatalf("%s: a pass is not new", name)
			}
			m = m.After(p)
			if m.New(p) {
				t.Fatalf("%s: a pass is judged twice", name)
			}
		}
		if got := m.Judge(c.clock, c.f); got != c.want {
			t.Errorf("%s: got %q, want %q (%+v)", name, got, c.want, m)
		}
	}
}

func TestAnEmptiedSourceStaysSilentUntilItIsSeenFull(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := Memory{}.After(pass(1, true, rapid.Int64Range(1, 1_000_000).Draw(t, "usual"), ""))
		n := rapid.IntRange(1, 50).Draw(t, "passes")
		for i := range n {
			m = m.After(pass(2+i, true, 0, ""))
			if m.Judge(Clock{Now: start}, canary.Figures{}) != Empty {
				t.Fatalf("after %d empty passes: %+v", i+1, m)
			}
		}
	})
}

func TestFewItemsBecomeUsualInTime(t *testing.T) {
	t.Parallel()
	m := Memory{}.After(pass(1, true, 1000, ""))
	for i := range accepted + 1 {
		m = m.After(pass(2+i, true, 5, ""))
	}
	if w := m.Judge(Clock{Now: start}, canary.Figures{}); w != Heard || m.Usual != 5 {
		t.Errorf("got %q, %+v", w, m)
	}
}

func TestTheOperatorIsToldOncePerOnsetAndAtRecovery(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	var told []Change
	w := NewWatch(st, func(_ *store.Tx, c Change) error { told = append(told, c); return nil })
	judge := func(p Pass) {
		t.Helper()
		if _, err := w.Judge(context.Background(), []Look{{Source: "pastes", Pass: p, Clock: Clock{Now: p.Finished, Every: time.Hour}}, {Source: "other", Pass: pass(1, true, 10, ""), Clock: Clock{Now: start}}}); err != nil {
			t.Fatal(err)
		}
	}
	for i, listed := range []int64{50, 50, 0, 0, 0, 40, 50, 0} {
		judge(pass(1+i, true, listed, ""))
		judge(pass(1+i, true, listed, "")) // looked at twice, by the job and after the sweep
	}
	want := []Change{{Silent: true, Why: Empty}, {Why: Empty}, {Silent: true, Why: Empty}}
	if len(told) != len(want) {
		t.Fatalf("told %+v", told)
	}
	for i, c := range told {
		if c.Source != "pastes" || c.Silent != want[i].Silent || c.Why != want[i].Why || c.At.IsZero() {
			t.Errorf("%d: %+v", i, c)
		}
	}
	got, err := w.Statuses(t.Context())
	if err != nil || got["pastes"].Silent != Empty || got["pastes"].Passes != 8 || !got["pastes"].Since.Equal(told[2].At) || got["other"].Silent != Heard {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestASweepThatMissesItsCanariesIsSilent(t *testing.T) {
	t.Parallel()
	st := storetest.New(t)
	w, c := NewWatch(st, nil), canary.New(st)
	register := func(context.Context, []string) error { return nil }
	made, err := c.Make(t.Context(), canary.Order{Dir: t.TempDir(), Source: "pastes", Kind: "txt", N: 3, Contact: "https://watch.example", Register: register})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range made {
		names = append(names, filepath.Base(m.Path))
	}
	now := time.Now().UTC()
	at := func(n int) Pass {
		s := now.Add(time.Duration(n) * time.Hour)
		return Pass{Started: s, Finished: s.Add(time.Minute), Good: true, Listed: 30}
	}
	var got []Why
	for n := 1; n <= 6; n++ {
		p := at(n)
		if n <= 3 {
			if _, err := c.Observe(t.Context(), "pastes", p.Started.Add(time.Second), names[:2]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := w.Judge(t.Context(), []Look{{Source: "pastes", Pass: p, Clock: Clock{Now: p.Finished, Every: time.Hour}}}); err != nil {
			t.Fatal(err)
		}
		s, err := w.Statuses(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s["pastes"].Silent)
		if rate, ok := s["pastes"].Figures.Rate(); n == 2 && (!ok || rate < 0.6 || rate > 0.7) {
			t.Errorf("rate %v, %v", rate, ok)
		}
	}
	want := []Why{Heard, Heard, Heard, Heard, Canaries, Canaries}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("after pass %d: %q, want %q", i+1, got[i], want[i])
		}
	}
}
