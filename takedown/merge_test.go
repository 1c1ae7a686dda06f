package takedown_test

import (
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
	"unmirror/takedown/contact"
)

// unaddressed is two drafts for which nobody is known, and a desk that takes several addresses in one message and is found later.
func unaddressed(t *testing.T) (w *world, drafts []takedown.NoticeRow, later contact.Found) {
	t.Helper()
	w = newWorld(t)
	w.rungs.found = nil
	w.open("https://files.host.example/a.zip")
	w.open("https://files.host.example/b.zip")
	if n := must(w.d.Draft(t.Context()))(t); n != 2 {
		t.Fatalf("%d drafts, want one for each", n)
	}
	w.clock.pass(3 * time.Hour)
	later = abuseDesk()
	later.Profile.OneURL = false
	return w, must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeDraft}))(t), later
}

func TestDraftsWhoseRecipientIsFoundLaterBecomeOneMail(t *testing.T) {
	w, before, later := unaddressed(t)
	mail := w.post()
	w.rungs.found = []contact.Found{later}
	must(w.d.Draft(t.Context()))(t)
	drafts := must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeDraft}))(t)
	void := must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeVoid}))(t)
	if len(drafts) != 1 || len(drafts[0].Cases) != 2 || len(void) != 1 || drafts[0].Recipient != later.Email {
		t.Fatalf("drafts %+v\nvoid %+v", drafts, void)
	}
	n := w.notice(drafts[0].ID)
	if !strings.Contains(n.Body, "/a.zip") || !strings.Contains(n.Body, "/b.zip") {
		t.Fatal(n.Body)
	}
	w.approve(n)
	if w.deliver() != 1 || len(mail.Mails()) != 1 {
		t.Fatal("it is not one mail")
	}
	for _, b := range before {
		if c := w.caseOf(b.Case); c.State != takedown.CaseNoticed {
			t.Errorf("a case is %s", c.State)
		}
	}
	w.clock.pass(time.Hour)
	if again := must(w.d.Draft(t.Context()))(t); again != 0 {
		t.Fatalf("%d more drafts", again)
	}
	// When one comes back, it is talked about under the number that the recipient knows.
	merged := void[0].Case
	for range 3 {
		w.eyes.sees(takedown.LookGone)
		w.look(merged, time.Hour)
	}
	w.eyes.sees(takedown.LookLive)
	w.look(merged, time.Hour)
	must(w.d.Draft(t.Context()))(t)
	rows := must(w.d.Notices(t.Context(), takedown.NoticeFilter{Case: merged, State: takedown.NoticeDraft}))(t)
	if len(rows) != 1 || rows[0].Ticket != n.Ticket {
		t.Fatalf("%+v, want ticket %s", rows, n.Ticket)
	}
}

func TestADraftThatCounselTouchedStaysApart(t *testing.T) {
	w, before, later := unaddressed(t)
	body := w.notice(before[0].ID).Body + "\nPlease call us."
	if err := w.d.Edit(t.Context(), anna, before[0].ID, before[0].Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	w.rungs.found = []contact.Found{later}
	must(w.d.Draft(t.Context()))(t)
	if got := must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeDraft}))(t); len(got) != 2 {
		t.Fatalf("%+v", got)
	}
}

func TestARecipientWhoTakesOneAddressAMessageGetsTwo(t *testing.T) {
	w, _, later := unaddressed(t)
	later.Profile.OneURL = true
	w.rungs.found = []contact.Found{later}
	must(w.d.Draft(t.Context()))(t)
	if got := must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeDraft}))(t); len(got) != 2 {
		t.Fatalf("%+v", got)
	}
}

func TestADraftWhoseLawCounselChoseStaysApart(t *testing.T) {
	w, before, later := unaddressed(t)
	action := "disable"
	if err := w.d.Edit(t.Context(), anna, before[0].ID, before[0].Version, takedown.Edit{Action: &action}); err != nil {
		t.Fatal(err)
	}
	w.rungs.found = []contact.Found{later}
	must(w.d.Draft(t.Context()))(t)
	if got := must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeDraft}))(t); len(got) != 2 {
		t.Fatalf("%+v", got)
	}
	if n := w.notice(before[0].ID); n.State != takedown.NoticeDraft || n.Action != action {
		t.Errorf("%s asks to %s", n.State, n.Action)
	}
	// Nor does what is found next join it: the measure that counsel chose would be lost.
	w.open("https://files.host.example/c.zip")
	must(w.d.Draft(t.Context()))(t)
	if n := w.notice(before[0].ID); n.Action != action || len(n.Cases) != 1 {
		t.Errorf("%v asks to %s", n.Cases, n.Action)
	}
}

func TestTheFirstOfTwoApprovalsIsNotUndoneByAFurtherAddress(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.TwoPersons = "all" })
	w.rungs.found[0].Profile.OneURL = false
	n := w.draft("https://files.host.example/a.zip")
	yes := takedown.Approval{Digest: n.Digest}
	w.want(w.d.Approve(t.Context(), anna, n.ID, yes), takedown.ErrSecond)
	if other := w.draft("https://files.host.example/b.zip"); other.ID == n.ID {
		t.Fatal("it joined what counsel approved")
	}
	if err := w.d.Approve(t.Context(), bert, n.ID, yes); err != nil {
		t.Fatal(err)
	}
}
