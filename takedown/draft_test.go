package takedown_test

import (
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
	"unmirror/takedown/contact"
	"unmirror/takedown/notice"
)

// bare is a world whose operator has configured nobody to speak for.
func bare(t *testing.T) *world {
	return newWorld(t, func(o *takedown.Options) { o.Notifier, o.From, o.FromName = notice.Party{}, "", "" })
}

// configure fills in what bare lacks, as a restart would.
func (w *world) configure(change ...func(*takedown.Options)) {
	w.t.Helper()
	w.o.Notifier, w.o.From, w.o.FromName = party(), "takedown@fictitious.example", "Fictitious Occupational Health"
	for _, f := range change {
		f(&w.o)
	}
	w.d = must(takedown.New(w.o))(w.t)
}

func TestADraftFromBeforeTheConfigurationIsRenewed(t *testing.T) {
	w := bare(t)
	old := w.draft(item)
	if len(old.Missing) == 0 || old.Digest != "" {
		t.Fatalf("a draft without notifier and sender lacks %v", old.Missing)
	}
	w.configure(func(o *takedown.Options) { o.LeakTitle = func(string) string { return "The letters of 2026" } })
	if n := must(w.d.Draft(t.Context()))(t); n != 1 {
		t.Fatalf("%d drafts were renewed", n)
	}
	n := w.notice(old.ID)
	if len(n.Missing) > 0 || n.Version != old.Version+1 || n.From != w.o.From || !strings.Contains(n.Body, party().Name) ||
		!strings.Contains(n.Subject+n.Body, "The letters of 2026") {
		t.Fatalf("version %d from %q lacks %v:\n%s", n.Version, n.From, n.Missing, n.Body)
	}
	if n := must(w.d.Draft(t.Context()))(t); n != 0 {
		t.Fatal("it was renewed again")
	}
	w.approve(n)
	w.configure(func(o *takedown.Options) { o.Notifier.Telephone = "+32 2 555 01 99" })
	if must(w.d.Draft(t.Context()))(t) != 0 || w.notice(n.ID).State != takedown.NoticeApproved {
		t.Fatal("what a person approved was changed")
	}
}

func TestADraftLeadsToTheDeskWhereItNowIs(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	w.configure(func(o *takedown.Options) {
		o.StatusURL = func(r string) string { return "https://desk.example/ticket/" + r }
	})
	if must(w.d.Draft(t.Context()))(t) != 1 || !strings.Contains(w.notice(n.ID).Body, "desk.example/ticket/"+n.Ticket) {
		t.Fatal("the draft does not name the page of its ticket")
	}
	if must(w.d.Draft(t.Context()))(t) != 0 {
		t.Fatal("it was renewed again")
	}
	w.approve(w.notice(n.ID))
	w.configure(func(o *takedown.Options) { o.StatusURL = nil })
	if must(w.d.Draft(t.Context()))(t) != 0 || w.notice(n.ID).State != takedown.NoticeApproved {
		t.Fatal("what a person approved was changed")
	}
}

func TestRenewingKeepsTheWordsOfAPerson(t *testing.T) {
	w := bare(t)
	n := w.draft(item)
	body := "Counsel's own words about " + item + "\n"
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	w.configure()
	must(w.d.Draft(t.Context()))(t)
	got := w.notice(n.ID)
	if got.Body != body || got.From != w.o.From || got.Digest == "" {
		t.Fatalf("from %q, digest %q:\n%s", got.From, got.Digest, got.Body)
	}
}

func TestATitleStaysWhenTheLeakIsNoLongerRegistered(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.LeakTitle = func(string) string { return "The letters of 2026" } })
	n := w.draft(item)
	w.configure(func(o *takedown.Options) { o.LeakTitle, o.Registered = nil, func(string) bool { return false } })
	if must(w.d.Draft(t.Context()))(t) != 0 || w.notice(n.ID).Version != n.Version {
		t.Fatal("the draft lost its title with the leak")
	}
}

func TestAnEditSpeaksForTheCurrentNotifier(t *testing.T) {
	w := bare(t)
	n := w.draft(item)
	w.configure()
	// The form sends back what it showed: nobody wrote these words.
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Subject: &n.Subject, Body: &n.Body}); err != nil {
		t.Fatal(err)
	}
	if got := w.notice(n.ID); len(got.Missing) > 0 || !strings.Contains(got.Body, party().Name) {
		t.Fatalf("lacks %v:\n%s", got.Missing, got.Body)
	}
}

func TestAPlaceWithoutAContactIsAskedMoreAndMoreSeldom(t *testing.T) {
	w := newWorld(t)
	w.rungs.found = nil
	start := w.clock.now()
	n := w.draft(item)
	var asked []time.Duration
	for range 3 * 24 * 60 / 5 {
		w.clock.pass(5 * time.Minute)
		before := w.rungs.asked
		must(w.d.Draft(t.Context()))(t)
		if w.rungs.asked > before {
			asked = append(asked, w.clock.now().Sub(start))
		}
	}
	want := []time.Duration{10 * time.Minute, 70 * time.Minute, 430 * time.Minute, 1870 * time.Minute, 3310 * time.Minute}
	if len(asked) != len(want) {
		t.Fatalf("asked after %v, want %v", asked, want)
	}
	for i := range want {
		if asked[i] != want[i] {
			t.Fatalf("asked after %v, want %v", asked, want)
		}
	}
	w.eyes.sees(takedown.LookGone)
	w.look(n.Case, 100*time.Hour) // vanishing: nothing is about to be sent
	before := w.rungs.asked
	w.rungs.found = []contact.Found{abuseDesk()}
	must(w.d.Draft(t.Context()))(t)
	if w.rungs.asked != before {
		t.Fatal("a vanishing case's place was asked")
	}
	w.eyes.sees(takedown.LookLive)
	w.look(n.Case, time.Hour)
	if must(w.d.Draft(t.Context()))(t) != 1 || w.notice(n.ID).Recipient != abuseDesk().Email {
		t.Fatal("the live case's draft did not get its recipient")
	}
}
