package takedown_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
	"unmirror/takedown/contact"
)

func inDoubt(o *takedown.Options) { o.RejectionLimit = 0.5 }

// rejected drafts and rejects one notice about a place of its own.
func (w *world) rejected(i int) {
	w.t.Helper()
	n := w.draft(fmt.Sprintf("https://files.host.example/dump/%d.zip", i))
	if err := w.d.Reject(w.t.Context(), anna, n.ID, "Our own leaflet."); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) doubts() []takedown.Doubt {
	w.t.Helper()
	return must(w.d.Doubts(w.t.Context()))(w.t)
}

func TestWhatCounselRejectsTooOftenIsNotDraftedUntilSomebodyLooked(t *testing.T) {
	w := newWorld(t, inDoubt)
	w.approved(item)
	for i := range 5 {
		w.rejected(i)
	}
	if got := w.doubts(); len(got) != 0 {
		t.Fatalf("five of six, of which ten count, began a doubt: %+v", got)
	}
	w.rejected(5)
	got := w.doubts()
	if len(got) != 2 || got[0].Rejected != 6 || got[0].Decided != 7 || got[0].Name+got[1].Name != "health-2026mirror" && got[0].Name+got[1].Name != "mirrorhealth-2026" {
		t.Fatalf("doubts %+v", got)
	}
	w.open("https://files.host.example/dump/later.zip")
	if n := must(w.d.Draft(t.Context()))(t); n != 0 {
		t.Fatalf("%d notices were drafted", n)
	}
	if got = w.doubts(); got[0].Waiting != 1 || got[1].Waiting != 1 {
		t.Fatalf("waiting: %+v", got)
	}
	if n := must(w.d.Counts(t.Context()))(t)["doubts.open"]; n != 2 {
		t.Fatalf("%d doubts are counted", n)
	}
	w.want(w.d.ClearDoubt(t.Context(), operator, got[0].ID, "Seen."), takedown.ErrForbidden)
	w.want(w.d.ClearDoubt(t.Context(), anna, got[0].ID, " "), takedown.ErrInvalid)
	w.want(w.d.ClearDoubt(t.Context(), anna, "doubt_x", "Seen."), takedown.ErrNotFound)
	for _, x := range got {
		if err := w.d.ClearDoubt(t.Context(), anna, x.ID, "The leaflet is in the baseline now."); err != nil {
			t.Fatal(err)
		}
	}
	if n := must(w.d.Draft(t.Context()))(t); n != 1 || len(w.doubts()) != 0 {
		t.Fatalf("%d notices were drafted after counsel looked", n)
	}
	w.rejected(90)
	if got := w.doubts(); len(got) != 0 {
		t.Fatalf("the count did not begin anew: %+v", got)
	}
}

func TestWithoutALimitNothingIsInDoubt(t *testing.T) {
	w := newWorld(t)
	for i := range 12 {
		w.rejected(i)
	}
	if got := w.doubts(); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
	w.draft(item)
}

func TestDecisionsThatAreOldDoNotCount(t *testing.T) {
	w := newWorld(t, inDoubt)
	for i := range 5 {
		w.rejected(i)
	}
	for i := range 9 {
		w.approved(fmt.Sprintf("https://files.host.example/good/%d.zip", i))
	}
	w.rejected(6)
	w.rejected(7)
	if got := w.doubts(); len(got) != 0 {
		t.Fatalf("%+v", got)
	}
}

func TestARecipientWhoRefusesTooOftenIsWrittenToNoMore(t *testing.T) {
	w := newWorld(t, inDoubt, func(o *takedown.Options) { o.Escalation = 72 * time.Hour })
	w.post()
	for i := range 6 {
		n := w.approved(fmt.Sprintf("https://files.host.example/dump/%d.zip", i))
		w.deliver()
		for range 2 { // said twice is said once
			if err := w.d.Answered(t.Context(), anna, n.ID, takedown.AnswerRefused, time.Time{}); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := w.doubts()
	if len(got) != 1 || got[0].Of != "recipient" || got[0].Name != "abuse@host.example" || got[0].Rejected != 6 {
		t.Fatalf("%+v", got)
	}
	w.open(item)
	for range 2 {
		if n := must(w.d.Draft(t.Context()))(t); n != 0 {
			t.Fatalf("%d notices were drafted to a recipient in doubt", n)
		}
	}
	asked := w.rungs.asked
	must(w.d.Draft(t.Context()))(t)
	if w.rungs.asked != asked {
		t.Fatal("the place was asked again although its recipient is in doubt")
	}
	// Another recipient gets its notices: the next rung was never in doubt.
	other := abuseDesk()
	other.Email, other.Kind = "abuse@network.example", contact.KindHost
	w.rungs.found = []contact.Found{other}
	w.draft("https://files.other.example/a.zip")
	if found := w.holds("abuse@host.example", "abuse@network.example"); len(found) > 0 {
		t.Fatal(strings.Join(found, ", "))
	}
}

func TestFollowUpOfALeakInDoubtWaits(t *testing.T) {
	w := newWorld(t, inDoubt, func(o *takedown.Options) { o.Reminder = 48 * time.Hour })
	w.post()
	n := w.approved(item)
	w.deliver()
	for i := range 6 {
		w.rejected(i)
	}
	w.clock.pass(7 * 24 * time.Hour)
	if n := must(w.d.FollowUp(t.Context()))(t); n != 0 {
		t.Fatalf("%d follow-ups were drafted", n)
	}
	for _, x := range w.doubts() {
		if err := w.d.ClearDoubt(t.Context(), anna, x.ID, "Looked."); err != nil {
			t.Fatal(err)
		}
	}
	w.clock.pass(2 * time.Hour)
	if n := must(w.d.FollowUp(t.Context()))(t); n != 1 {
		t.Fatalf("%d follow-ups were drafted after counsel looked", n)
	}
	rows := must(w.d.Notices(t.Context(), takedown.NoticeFilter{Case: n.Case, Kind: takedown.KindReminder}))(t)
	if len(rows) != 1 {
		t.Fatalf("%+v", rows)
	}
}

func TestADismissedOrWithdrawnCaseCountsAsRejected(t *testing.T) {
	w := newWorld(t, inDoubt)
	w.post()
	n := w.approved("https://files.host.example/w.zip")
	w.deliver()
	f := must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Wrong: "not_leak", Reason: "Ours."}))(t)
	if err := w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Reason: "Ours.", Digest: f.Digest}); err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		c := w.draft(fmt.Sprintf("https://files.host.example/dump/%d.zip", i)).Case
		if err := w.d.AnswerTriage(t.Context(), anna, c, takedown.Triage{Exception: "journalism", Reason: "A newspaper."}); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.doubts(); len(got) != 2 || got[0].Rejected != 6 {
		t.Fatalf("%+v", got)
	}
}

// Only counsel's word on a match counts, and once for each: what is not chased further, or dismissed after its draft was rejected, is one no
// at most.
func TestOneNoCountsOnceAndAFollowUpNotAtAll(t *testing.T) {
	w := newWorld(t, inDoubt, func(o *takedown.Options) { o.Reminder = 48 * time.Hour })
	w.post()
	w.rungs.found[0].Profile.OneURL = true
	for i := range 3 {
		n := w.approved(fmt.Sprintf("https://files.host.example/sent/%d.zip", i))
		subject := n.Subject + " (please)"
		if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Subject: &subject}); err != nil {
			t.Fatal(err)
		}
		w.approve(w.notice(n.ID)) // the same yes
	}
	w.deliver()
	w.clock.pass(7 * 24 * time.Hour)
	if n := must(w.d.FollowUp(t.Context()))(t); n != 3 {
		t.Fatalf("%d reminders", n)
	}
	for _, r := range must(w.d.Notices(t.Context(), takedown.NoticeFilter{Kind: takedown.KindReminder}))(t) {
		if err := w.d.Reject(t.Context(), anna, r.ID, "They promised to see to it."); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 3 {
		n := w.draft(fmt.Sprintf("https://files.host.example/dump/%d.zip", i))
		if err := w.d.Reject(t.Context(), anna, n.ID, "Not like this."); err != nil {
			t.Fatal(err)
		}
		n = w.notice(n.ID)
		subject := n.Subject + " (rather so)"
		if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Subject: &subject}); err != nil {
			t.Fatal(err)
		}
		if err := w.d.Reject(t.Context(), anna, n.ID, "A newspaper."); err != nil { // the same no
			t.Fatal(err)
		}
		if err := w.d.AnswerTriage(t.Context(), anna, n.Case, takedown.Triage{Exception: "journalism", Reason: "A newspaper."}); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.doubts(); len(got) != 0 {
		t.Fatalf("three yes and three no began a doubt: %+v", got)
	}
	for i := range 3 {
		w.rejected(10 + i)
	}
	if got := w.doubts(); len(got) != 2 || got[0].Rejected != 6 || got[0].Decided != 9 {
		t.Fatalf("%+v", got)
	}
}
