package takedown_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/takedown"
)

func TestOnlyGoneAndChangedCountTowardsGone(t *testing.T) {
	for _, c := range []struct {
		outcome takedown.LookOutcome
		want    takedown.CaseState
	}{
		{takedown.LookGone, takedown.CaseGone}, {takedown.LookChanged, takedown.CaseGone}, {takedown.LookLive, takedown.CaseOpen},
		{takedown.LookUnclear, takedown.CaseOpen}, {takedown.LookUnreachable, takedown.CaseOpen}, {takedown.LookRobots, takedown.CaseOpen},
	} {
		t.Run(string(c.outcome), func(t *testing.T) {
			w := newWorld(t)
			f := w.open(item)
			w.eyes.sees(c.outcome)
			for range 8 {
				w.look(f.ID, time.Hour)
			}
			got := w.caseOf(f.ID)
			if got.State != c.want || len(got.Checks) != 8 || got.Checks[0].Reason != "The test says "+string(c.outcome)+"." {
				t.Fatalf("%s after %d checks, want %s", got.State, len(got.Checks), c.want)
			}
		})
	}
}

func TestSeenFromOneNetworkItIsGoneForUs(t *testing.T) {
	w := newWorld(t)
	f := w.open(item)
	both, one := []string{"direct", "second_exit"}, []string{"direct"}
	for i, c := range []struct {
		see    takedown.LookOutcome
		from   []string
		after  time.Duration
		reads  string
		second int
	}{
		{takedown.LookGone, both, time.Hour, "vanishing", 1},
		{takedown.LookGone, one, time.Hour, "vanishing", 1}, // the second exit met a wall
		{takedown.LookGone, nil, time.Hour, "gone_for_us", 1},
		{takedown.LookGone, one, time.Hour, "gone_for_us", 1},
		{takedown.LookGone, both, time.Hour, "gone_for_us", 2},
		{takedown.LookGone, both, time.Minute, "gone_for_us", 2}, // too soon
		{takedown.LookUnreachable, both, time.Hour, "gone_for_us", 2},
		{takedown.LookChanged, both, time.Hour, "gone", 3},
		{takedown.LookLive, []string{"second_exit"}, time.Hour, "open", 0},
		{takedown.LookGone, both, time.Hour, "vanishing", 1},
		{takedown.LookGone, both, time.Hour, "vanishing", 2},
		{takedown.LookGone, both, time.Hour, "gone", 3},
	} {
		w.eyes.mu.Lock()
		w.eyes.from = c.from
		w.eyes.mu.Unlock()
		w.eyes.sees(c.see)
		done := w.look(f.ID, c.after)
		got := w.caseOf(f.ID)
		if got.Reads() != c.reads || got.GoneElsewhere != c.second || done.GoneForUs != (c.reads == "gone_for_us") || !slices.Equal(done.SeenFrom, append([]string{}, c.from...)) {
			t.Fatalf("look %d: reads %s with %d from elsewhere (%+v), want %s with %d", i, got.Reads(), got.GoneElsewhere, done, c.reads, c.second)
		}
		if last := got.Checks[len(got.Checks)-1]; !slices.Equal(last.SeenFrom, c.from) {
			t.Fatalf("look %d: the check was seen from %v", i, last.SeenFrom)
		}
	}
}

func TestAnOutageBetweenDoesNotCount(t *testing.T) {
	w := newWorld(t)
	f := w.open(item)
	for i, c := range []struct {
		see    takedown.LookOutcome
		after  time.Duration
		checks int
		state  takedown.CaseState
	}{
		{takedown.LookGone, time.Hour, 1, takedown.CaseVanishing},
		{takedown.LookUnreachable, time.Hour, 1, takedown.CaseVanishing},
		{takedown.LookRobots, time.Hour, 1, takedown.CaseVanishing},
		{takedown.LookGone, time.Hour, 2, takedown.CaseVanishing},
		{takedown.LookGone, 29 * time.Minute, 2, takedown.CaseVanishing}, // too soon after the last counted one
		{takedown.LookLive, time.Minute, 0, takedown.CaseOpen},
		{takedown.LookGone, time.Minute, 1, takedown.CaseVanishing},
		{takedown.LookGone, 30 * time.Minute, 2, takedown.CaseVanishing},
		{takedown.LookChanged, 30 * time.Minute, 3, takedown.CaseGone},
	} {
		w.eyes.sees(c.see)
		done := w.look(f.ID, c.after)
		if done.State != c.state || done.GoneChecks != c.checks {
			t.Fatalf("look %d (%s): %s with %d checks, want %s with %d", i, c.see, done.State, done.GoneChecks, c.state, c.checks)
		}
	}
}

func TestDueRechecksFollowThePlan(t *testing.T) {
	w := newWorld(t)
	f := w.open(item)
	w.open(item + "?2")
	if done := must(w.d.Recheck(t.Context()))(t); len(done) != 0 {
		t.Fatalf("%d cases were due at once", len(done))
	}
	w.clock.pass(55 * time.Minute) // an hourly schedule finds an hourly look due
	if done := must(w.d.Recheck(t.Context()))(t); len(done) != 2 {
		t.Fatalf("%d cases were due after an hour", len(done))
	}
	if done := must(w.d.Recheck(t.Context()))(t); len(done) != 0 {
		t.Fatal("they were due again at once")
	}
	w.eyes.sees(takedown.LookGone)
	var looks []time.Duration
	gone := time.Time{}
	for range 14 * 24 {
		w.clock.pass(time.Hour)
		for _, d := range must(w.d.Recheck(t.Context()))(t) {
			if d.Case != f.ID {
				continue
			}
			if !gone.IsZero() {
				looks = append(looks, w.clock.now().Sub(gone))
			}
			if gone.IsZero() && d.State == takedown.CaseGone {
				gone = w.clock.now()
			}
		}
	}
	if len(looks) < 6 || len(looks) > 12 {
		t.Fatalf("%d looks in two weeks of watch: %v", len(looks), looks)
	}
	for i := 2; i < len(looks); i++ {
		if looks[i]-looks[i-1] < (looks[i-1]-looks[i-2])*9/10 {
			t.Fatalf("the watch does not thin out: %v", looks)
		}
	}
}

func TestALookBringsAGoneCaseBack(t *testing.T) {
	w := newWorld(t)
	w.post()
	n := w.approved(item)
	w.deliver()
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(n.Case, time.Hour)
	}
	w.eyes.sees(takedown.LookLive)
	if done := w.look(n.Case, 48*time.Hour); done.State != takedown.CaseOpen || done.Before != takedown.CaseGone {
		t.Fatalf("%+v", done)
	}
	if got := w.news(); !slices.Equal(got, []string{"confirmed", "gone files.host.example", "back"}) {
		t.Fatalf("news: %v", got)
	}
}

func TestGoneVoidsWhatWasNotSent(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	draft, approved := w.draft(item), w.approved(item+"?2")
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(draft.Case, time.Hour)
		w.look(approved.Case, 0)
	}
	w.deliver()
	if a, b := w.notice(draft.ID).State, w.notice(approved.ID).State; a != takedown.NoticeVoid || b != takedown.NoticeVoid || len(mail.Mails()) != 0 {
		t.Fatalf("notices %s and %s, %d mails", a, b, len(mail.Mails()))
	}
	// Nobody confirmed the first: subscribers hear of the second alone.
	if got := w.news(); !slices.Equal(got, []string{"confirmed", "gone files.host.example"}) {
		t.Fatalf("news: %v", got)
	}
	body := "x"
	w.want(w.d.Edit(t.Context(), anna, draft.ID, draft.Version, takedown.Edit{Body: &body}), takedown.ErrState)
}

func TestASweepFromBeforeTheLastLookSaysNothing(t *testing.T) {
	w := newWorld(t)
	f := w.open(item)
	early := w.sighting(item)
	early.Found = w.clock.now().Add(30 * time.Minute)
	w.eyes.sees(takedown.LookGone)
	w.look(f.ID, time.Hour)
	must(w.d.Observe(t.Context(), early))(t)
	if got := w.caseOf(f.ID).State; got != takedown.CaseVanishing {
		t.Fatalf("the case is %s, want vanishing", got)
	}
	w.clock.pass(time.Minute)
	must(w.d.Observe(t.Context(), w.sighting(item)))(t)
	if got := w.caseOf(f.ID); got.State != takedown.CaseOpen || got.GoneChecks != 0 {
		t.Fatalf("the case is %s, want open", got.State)
	}
}

func TestACaseThatCannotBeLookedAtHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	f := w.open(item)
	w.eyes.err = errors.New("no such source")
	if done := w.look(f.ID, time.Hour); done.Outcome != takedown.LookUnclear || done.State != takedown.CaseOpen {
		t.Fatalf("%+v", done)
	}
	_, err := w.d.Recheck(t.Context(), "case_nope")
	w.want(err, takedown.ErrNotFound)
}

func TestTriageThatVanishesLeavesTheQueueAndComesBackToIt(t *testing.T) {
	w := newWorld(t)
	c := w.triage()
	w.eyes.sees(takedown.LookGone)
	w.look(c.ID, time.Hour)
	if q := must(w.d.Queue(t.Context()))(t); len(q) != 0 {
		t.Fatalf("the queue holds %+v", q)
	}
	w.eyes.sees(takedown.LookLive)
	if done := w.look(c.ID, time.Hour); done.State != takedown.CaseTriage {
		t.Fatalf("%+v", done)
	}
}

func TestNoNoticeIsTakenUpWhileACaseVanishesOutOfTriage(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	if err := w.d.Reject(t.Context(), anna, n.ID, "Not so."); err != nil {
		t.Fatal(err)
	}
	if err := w.d.AnswerTriage(t.Context(), anna, n.Case, takedown.Triage{Exception: "other", Reason: "Ours."}); err != nil {
		t.Fatal(err)
	}
	more := w.sighting(item)
	more.Report = report(9, "health")
	more.Report.Digest, more.Report.Matches[0].Grade = "more", match.Identical
	must(w.d.Observe(t.Context(), more))(t)
	w.eyes.sees(takedown.LookGone)
	if done := w.look(n.Case, time.Hour); done.Before != takedown.CaseTriage || done.State != takedown.CaseVanishing {
		t.Fatalf("%+v", done)
	}
	body := "x"
	w.want(w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}), takedown.ErrState)
	w.eyes.sees(takedown.LookLive)
	if done := w.look(n.Case, time.Hour); done.State != takedown.CaseTriage {
		t.Fatalf("%+v", done)
	}
	if got := w.notice(n.ID); got.State != takedown.NoticeRejected {
		t.Fatalf("the notice is %s while its case waits in triage", got.State)
	}
}

// other is what the matcher says of content that shares this much with another leak.
func other(v match.Verdict) *match.Report {
	r := report(2, "health")
	r.Verdict, r.Digest, r.Matches[0].Leak = v, "0the"+r.Digest[4:], "hospital-2016"
	return &r
}

func TestWhatALookSaysAboutThisCase(t *testing.T) {
	sighted := report(2, "health")
	bare := match.Report{Verdict: match.None, Digest: sighted.Digest}
	elsewhere := match.Report{Verdict: match.None, Digest: "0the" + sighted.Digest[4:]}
	weak := report(2, "health")
	weak.Verdict, weak.Digest = match.Weak, elsewhere.Digest
	for _, c := range []struct {
		name       string
		see        takedown.LookOutcome
		report     match.Report
		registered bool
		want       takedown.LookOutcome
	}{
		{"the leak is removed, its content is there", takedown.LookChanged, bare, false, takedown.LookLive},
		{"the leak is removed, something else is there", takedown.LookChanged, elsewhere, false, takedown.LookUnclear},
		{"the leak is removed, another leak is there", takedown.LookLive, *other(match.Matched), false, takedown.LookUnclear},
		{"the leak is removed, the server says gone", takedown.LookGone, match.Report{}, false, takedown.LookGone},
		{"something else is there", takedown.LookChanged, elsewhere, true, takedown.LookChanged},
		{"no body was read", takedown.LookChanged, match.Report{}, true, takedown.LookChanged},
		{"another leak is there", takedown.LookLive, *other(match.Matched), true, takedown.LookChanged},
		{"a part of it is still there", takedown.LookLive, weak, true, takedown.LookLive},
		{"the sighted content behind a 404", takedown.LookGone, bare, true, takedown.LookLive},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(o *takedown.Options) {
				o.Registered = func(slug string) bool { return c.registered && slug == "health-2026" }
			})
			f := w.open(item)
			w.eyes.report = &c.report
			w.eyes.sees(c.see)
			for range 4 {
				if done := w.look(f.ID, time.Hour); done.Outcome != c.want {
					t.Fatalf("%s (%s), want %s", done.Outcome, done.Reason, c.want)
				}
			}
			counts := c.want == takedown.LookGone || c.want == takedown.LookChanged
			if got := w.caseOf(f.ID); (got.State == takedown.CaseGone) != counts || got.Checks[0].Outcome != c.want {
				t.Fatalf("the case is %s after looks that are %s", got.State, c.want)
			}
		})
	}
}

func TestAFaintLikenessDoesNotBringAGoneCaseBack(t *testing.T) {
	faint := func(s takedown.Sighting, digest string) takedown.Sighting {
		s.Report.Verdict, s.Report.Digest = match.Weak, digest+s.Report.Digest[4:]
		return s
	}
	for _, by := range []string{"look", "sweep"} {
		t.Run(by, func(t *testing.T) {
			w := newWorld(t)
			f := w.open(item)
			must(w.d.Observe(t.Context(), faint(w.sighting(item), "aaaa")))(t) // weak, and known before it is gone
			w.eyes.sees(takedown.LookGone)
			for range 3 {
				w.look(f.ID, time.Hour)
			}
			see := func(s takedown.Sighting) takedown.CaseState {
				w.clock.pass(time.Hour)
				s.Found = w.clock.now()
				if by == "sweep" {
					must(w.d.Observe(t.Context(), s))(t)
					return w.caseOf(f.ID).State
				}
				w.eyes.report = &s.Report
				w.eyes.sees(takedown.LookLive)
				return w.look(f.ID, time.Hour).State
			}
			for _, digest := range []string{"aaaa", "bbbb"} {
				if got := see(faint(w.sighting(item), digest)); got != takedown.CaseGone {
					t.Fatalf("a weak match made a gone case %s", got)
				}
			}
			back := w.sighting(item)
			back.Report.Verdict = match.Weak // the thresholds changed; the content is what was sighted as a match
			if got := see(back); got != takedown.CaseOpen {
				t.Fatalf("the sighted content left the case %s", got)
			}
		})
	}
}

func TestACaseThatStandsOnAWeakMatchComesBackWithIt(t *testing.T) {
	w := newWorld(t)
	s := w.sighting(item)
	s.Report.Verdict = match.Weak
	must(w.d.Observe(t.Context(), s))(t)
	id := must(w.d.Queue(t.Context()))(t)[0].ID
	if err := w.d.AnswerTriage(t.Context(), anna, id, takedown.Triage{Wrong: true}); err != nil {
		t.Fatal(err)
	}
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(id, time.Hour)
	}
	w.eyes.report = &s.Report
	w.eyes.sees(takedown.LookLive)
	if done := w.look(id, time.Hour); done.State != takedown.CaseOpen {
		t.Fatalf("%+v", done)
	}
}
