package takedown_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/takedown"
	"unmirror/takedown/notice"
)

// escalated is a case of which host and network were told.
func (w *world) escalated() (first, second *takedown.NoticeFile) {
	w.t.Helper()
	first = w.draft(item)
	w.sendNow(first)
	if err := w.d.Answered(w.t.Context(), takedown.System, first.ID, takedown.AnswerRefused, w.clock.now()); err != nil {
		w.t.Fatal(err)
	}
	w.clock.pass(time.Minute)
	must(w.d.Draft(w.t.Context()))(w.t)
	second = w.one(takedown.KindEscalation)
	w.sendNow(second)
	return first, second
}

func TestAWithdrawalGoesToEverybodyInOneAct(t *testing.T) {
	w := following(t)
	first, second := w.escalated()
	must(w.d.Draft(t.Context()))(t)
	waiting := w.one(takedown.KindComplaint)
	_, err := w.d.PrepareRetraction(t.Context(), operator, first.ID, takedown.Withdrawal{})
	w.want(err, takedown.ErrForbidden)
	f := must(w.d.PrepareRetraction(t.Context(), anna, first.ID, takedown.Withdrawal{Wrong: "exception", Words: "The page is a court's own publication."}))(t)
	if len(f.Notices) != 2 || !slices.Equal(f.Cases, []string{first.Case}) || w.caseOf(first.Case).State != takedown.CaseNoticed {
		t.Fatalf("%d texts about %v", len(f.Notices), f.Cases)
	}
	for _, n := range f.Notices {
		if n.Kind != takedown.KindRetraction || len(n.Missing) > 0 || !strings.Contains(n.Body, item) || !strings.Contains(strings.Join(strings.Fields(n.Body), " "), "The page is a court's own publication.") {
			t.Errorf("to %s: lacks %v\n%s", n.Recipient, n.Missing, n.Body)
		}
		raw := must(w.d.NoticeEML(t.Context(), n.ID))(t)
		_, _, h, attached, err := notice.Text(raw)
		if err != nil || len(attached) > 0 || h.Get("In-Reply-To") == "" {
			t.Errorf("to %s: %d attachments, in reply to %q, %v", n.Recipient, len(attached), h.Get("In-Reply-To"), err)
		}
		w.want(w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest}), takedown.ErrState) // not one alone
	}
	again := must(w.d.PrepareRetraction(t.Context(), anna, first.ID, takedown.Withdrawal{Wrong: "not_leak"}))(t)
	w.want(w.d.Retract(t.Context(), anna, first.ID, takedown.Withdrawal{Digest: f.Digest, Reason: "So."}), takedown.ErrStale)
	w.want(w.d.Retract(t.Context(), anna, first.ID, takedown.Withdrawal{Digest: again.Digest}), takedown.ErrInvalid)
	w.want(w.d.Retract(t.Context(), operator, first.ID, takedown.Withdrawal{Digest: again.Digest, Reason: "So."}), takedown.ErrForbidden)
	if err := w.d.Retract(t.Context(), anna, first.ID, takedown.Withdrawal{Digest: again.Digest, Reason: "It is the court's."}); err != nil {
		t.Fatal(err)
	}
	if c := w.caseOf(first.Case); c.State != takedown.CaseDismissed || !strings.Contains(c.Reason, "It is the court's.") {
		t.Fatalf("the case is %s: %s", c.State, c.Reason)
	}
	if got := w.notice(waiting.ID).State; got != takedown.NoticeVoid {
		t.Errorf("the complaint is %s", got)
	}
	if got := w.notice(f.Notices[0].ID).State; got != takedown.NoticeVoid {
		t.Errorf("the first text is %s", got)
	}
	if w.deliver() != 2 {
		t.Fatal("not both were told")
	}
	var to []string
	for _, m := range w.mail.Wait(4, time.Minute)[2:] {
		to = append(to, m.To...)
	}
	slices.Sort(to)
	if !slices.Equal(to, []string{first.Recipient, second.Recipient}) {
		t.Fatalf("told were %v", to)
	}
	if a, b := w.notice(first.ID), w.notice(second.ID); a.Withdrawn == "" || b.Withdrawn == "" || a.Withdrawn == b.Withdrawn {
		t.Errorf("withdrawn by %q and %q", a.Withdrawn, b.Withdrawn)
	}
	_, err = w.d.PrepareRetraction(t.Context(), anna, first.ID, takedown.Withdrawal{Wrong: "other", Reason: "x"})
	w.want(err, takedown.ErrState)
	w.clock.pass(60 * 24 * time.Hour)
	if must(w.d.Draft(t.Context()))(t) != 0 || w.deliver() != 0 {
		t.Fatal("something follows upon a withdrawal")
	}
}

func TestAfterAWithdrawalTheCaseCanBeTakenUpAnew(t *testing.T) {
	w := following(t)
	first, _ := w.escalated()
	f := must(w.d.PrepareRetraction(t.Context(), anna, first.ID, takedown.Withdrawal{Reason: "A mistake."}))(t)
	if err := w.d.Retract(t.Context(), anna, first.ID, takedown.Withdrawal{Digest: f.Digest, Reason: "A mistake."}); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	if err := w.d.AnswerTriage(t.Context(), anna, first.Case, takedown.Triage{Wrong: true, Reason: "It was none."}); err != nil {
		t.Fatal(err)
	}
	if got := w.caseOf(first.Case).State; got != takedown.CaseOpen {
		t.Fatalf("the case is %s although what was sent is withdrawn", got)
	}
	must(w.d.Draft(t.Context()))(t)
	w.sendNow(w.one(takedown.KindNotice))
}

func TestWhatDidNotGoOutIsNotWithdrawn(t *testing.T) {
	w := following(t)
	n := w.draft(item)
	_, err := w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Wrong: "exception"})
	w.want(err, takedown.ErrState)
	_, err = w.d.PrepareRetraction(t.Context(), anna, "notice_nope", takedown.Withdrawal{Wrong: "exception"})
	w.want(err, takedown.ErrNotFound)
	w.want(w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Reason: "So."}), takedown.ErrNotFound)
}

func TestANoticeThatMayHaveArrivedIsWithdrawnToo(t *testing.T) {
	w := following(t)
	n := w.approved(item)
	w.mail.Fail(post.StepBody, posttest.Failure{Drop: true, Times: 1})
	w.deliver()
	if got := w.notice(n.ID).State; got != takedown.NoticeUnknown {
		t.Fatalf("the notice is %s", got)
	}
	f := must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Reason: "A mistake."}))(t)
	if len(f.Notices) != 1 {
		t.Fatalf("%d texts", len(f.Notices))
	}
	if err := w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Digest: f.Digest, Reason: "So."}); err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 1 || w.notice(f.Notices[0].ID).State != takedown.NoticeSent {
		t.Fatal("the withdrawal did not leave")
	}
}

func TestAWithdrawalIsGuardedAndHeld(t *testing.T) {
	w := following(t)
	n := w.draft(item)
	w.sendNow(n)
	w.guard.learn("quackenbush")
	f := must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Words: "Zerelda Quackenbush complained."}))(t)
	w.want(w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Digest: f.Digest, Reason: "So."}), takedown.ErrBlocked)
	f = must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Words: "The person concerned complained."}))(t)
	if err := w.d.SetHold(t.Context(), operator, true, "Stop."); err != nil {
		t.Fatal(err)
	}
	if err := w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Digest: f.Digest, Reason: "So."}); err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 0 {
		t.Fatal("it left under a hold")
	}
}

func TestADisputedCaseWaits(t *testing.T) {
	w := following(t)
	n := w.draft(item)
	w.sendNow(n)
	said := takedown.Dispute{Party: "uploader", Who: "The owner of the page", What: "It is my own file."}
	_, err := w.d.OpenDispute(t.Context(), operator, n.Case, said)
	w.want(err, takedown.ErrForbidden)
	_, err = w.d.OpenDispute(t.Context(), anna, n.Case, takedown.Dispute{Party: "somebody", What: "x"})
	w.want(err, takedown.ErrInvalid)
	must(w.d.OpenDispute(t.Context(), anna, n.Case, said))(t)
	_, err = w.d.OpenDispute(t.Context(), anna, n.Case, said)
	w.want(err, takedown.ErrState)
	if q := must(w.d.Queue(t.Context()))(t); len(q) != 1 || q[0].Kind != "dispute" || q[0].ID != n.Case {
		t.Fatalf("the queue holds %+v", q)
	}
	w.clock.pass(10 * 24 * time.Hour)
	if must(w.d.Draft(t.Context()))(t) != 0 {
		t.Fatal("a reminder was drafted about a disputed case")
	}
	if found := w.holds("It is my own file", "owner of the page"); len(found) > 0 {
		t.Error(found)
	}
	w.want(w.d.Uphold(t.Context(), anna, n.Case, " "), takedown.ErrInvalid)
	if err := w.d.Uphold(t.Context(), anna, n.Case, "The letters are those of the leak."); err != nil {
		t.Fatal(err)
	}
	w.want(w.d.Uphold(t.Context(), anna, n.Case, "Again."), takedown.ErrState)
	must(w.d.Draft(t.Context()))(t)
	w.one(takedown.KindReminder)
	d := w.caseOf(n.Case).Disputes
	if len(d) != 1 || d[0].State != takedown.DisputeUpheld || d[0].Who != said.Who || d[0].Answer != "The letters are those of the leak." {
		t.Fatalf("%+v", d)
	}
}

func TestAnApprovedNoticeWaitsWhileItsCaseIsDisputed(t *testing.T) {
	w := following(t)
	n := w.approved(item)
	draft := w.draft(item + "?2")
	for _, id := range []string{n.Case, draft.Case} {
		must(w.d.OpenDispute(t.Context(), anna, id, takedown.Dispute{Party: "recipient", What: "No."}))(t)
	}
	if w.deliver() != 0 {
		t.Fatal("it left")
	}
	w.want(w.d.Approve(t.Context(), anna, draft.ID, takedown.Approval{Digest: draft.Digest}), takedown.ErrState)
	if err := w.d.Uphold(t.Context(), anna, n.Case, "It stands."); err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 1 {
		t.Fatal("it did not leave after the answer")
	}
}

func TestADisputedCaseDropsOutOfANoticeAboutSeveral(t *testing.T) {
	w := following(t)
	for i := range w.rungs.found {
		w.rungs.found[i].Profile.OneURL = false
	}
	for _, url := range []string{item, item + "?2"} {
		must(w.d.Observe(t.Context(), w.sighting(url)))(t)
	}
	must(w.d.Draft(t.Context()))(t)
	n := w.one(takedown.KindNotice)
	must(w.d.OpenDispute(t.Context(), anna, n.Case, takedown.Dispute{Party: "uploader", What: "Mine."}))(t)
	left := w.notice(n.ID)
	if len(left.Cases) != 1 || left.Cases[0] == n.Case {
		t.Fatalf("the notice is about %v", left.Cases)
	}
	w.sendNow(left)
	if err := w.d.Uphold(t.Context(), anna, n.Case, "No."); err != nil {
		t.Fatal(err)
	}
	must(w.d.Draft(t.Context()))(t)
	if own := w.one(takedown.KindNotice); own.Case != n.Case {
		t.Fatalf("the disputed case got no notice of its own: %+v", own.NoticeRow)
	}
}

func TestADisputeEndsWithTheWithdrawal(t *testing.T) {
	w := following(t)
	n := w.draft(item)
	w.sendNow(n)
	must(w.d.OpenDispute(t.Context(), anna, n.Case, takedown.Dispute{Party: "uploader", What: "Mine."}))(t)
	f := must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Reason: "A mistake."}))(t)
	w.want(w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Reason: "They are right."}), takedown.ErrStale)
	if err := w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Digest: f.Digest, Reason: "They are right."}); err != nil {
		t.Fatal(err)
	}
	if d := w.caseOf(n.Case).Disputes; len(d) != 1 || d[0].State != takedown.DisputeConceded || d[0].Answer != "They are right." {
		t.Fatalf("%+v", d)
	}
}

func TestAFailedNoticeCanBeGivenUp(t *testing.T) {
	w := following(t)
	n := w.approved(item)
	w.mail.Fail(post.StepRcpt, posttest.Failure{Code: 550, Times: 1})
	w.deliver()
	if err := w.d.Reject(t.Context(), anna, n.ID, "No such mailbox, and nobody else."); err != nil {
		t.Fatal(err)
	}
	if got := w.notice(n.ID).State; got != takedown.NoticeRejected {
		t.Fatalf("the notice is %s", got)
	}
	if q := must(w.d.Queue(t.Context()))(t); len(q) != 0 {
		t.Fatalf("the queue holds %+v", q)
	}
}

func TestWhatChangedBetweenVersionsIsShown(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	body := strings.Replace(n.Body, "\n", "\nCounsel's own line.\n", 1)
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	before, after, lines, err := w.d.NoticeDiff(t.Context(), n.ID, 0, 0)
	if err != nil || before != n.Version || after != n.Version+1 {
		t.Fatalf("versions %d and %d, %v", before, after, err)
	}
	var changed []string
	for _, l := range lines {
		if l.Op != " " {
			changed = append(changed, l.Op+l.Text)
		}
	}
	if !slices.Equal(changed, []string{"+Counsel's own line."}) {
		t.Fatalf("%q", changed)
	}
	_, _, _, err = w.d.NoticeDiff(t.Context(), n.ID, 1, 9)
	w.want(err, takedown.ErrNotFound)
}

func TestOneOfSeveralPlacesIsWithdrawn(t *testing.T) {
	w := following(t)
	for i := range w.rungs.found {
		w.rungs.found[i].Profile.OneURL = false
	}
	for _, url := range []string{item, item + "?2"} {
		must(w.d.Observe(t.Context(), w.sighting(url)))(t)
	}
	must(w.d.Draft(t.Context()))(t)
	n := w.one(takedown.KindNotice)
	w.sendNow(n)
	wrong, right := n.Cases[0], n.Cases[1]
	_, err := w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Wrong: "wrong_location", Cases: []string{"case_nope"}})
	w.want(err, takedown.ErrNotFound)
	f := must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Wrong: "wrong_location", Cases: []string{wrong}}))(t)
	if !slices.Equal(f.Cases, []string{wrong}) || len(f.Notices) != 1 {
		t.Fatalf("%d texts about %v", len(f.Notices), f.Cases)
	}
	if err := w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Digest: f.Digest, Reason: "A slip."}); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	if a, b := w.caseOf(wrong).State, w.caseOf(right).State; a != takedown.CaseDismissed || b != takedown.CaseNoticed {
		t.Fatalf("the cases are %s and %s", a, b)
	}
	if got := w.notice(n.ID); got.Withdrawn != "" || !slices.Equal(got.Cases, []string{right}) {
		t.Errorf("the notice is withdrawn by %q and still about %v", got.Withdrawn, got.Cases)
	}
	w.clock.pass(48 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	if r := w.one(takedown.KindReminder); !slices.Equal(r.Cases, []string{right}) {
		t.Errorf("the reminder is about %v", r.Cases)
	}
}

func TestSubscribersHearThatAConfirmedCaseIsWithdrawn(t *testing.T) {
	w := newWorld(t)
	w.post()
	n := w.approved(item)
	w.deliver()
	f := must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Wrong: "not_leak", Reason: "Ours."}))(t)
	if got := w.news(); !slices.Equal(got, []string{"confirmed"}) {
		t.Fatalf("before it is approved: %v", got)
	}
	if err := w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Reason: "Ours.", Digest: f.Digest}); err != nil {
		t.Fatal(err)
	}
	if got := w.news(); !slices.Equal(got, []string{"confirmed", "withdrawn"}) {
		t.Fatalf("%v", got)
	}
	if err := w.d.AnswerTriage(t.Context(), anna, n.Case, takedown.Triage{Wrong: true}); err != nil {
		t.Fatal(err)
	}
	must(w.d.Draft(t.Context()))(t)
	w.approve(w.notice(must(w.d.Notices(t.Context(), takedown.NoticeFilter{Case: n.Case, State: takedown.NoticeDraft}))(t)[0].ID))
	if got := w.news(); !slices.Equal(got, []string{"confirmed", "withdrawn", "confirmed"}) {
		t.Fatalf("taken up again: %v", got)
	}
	other := w.draft("https://files.host.example/other.zip")
	if err := w.d.AnswerTriage(t.Context(), anna, other.Case, takedown.Triage{Exception: "court", Reason: "A judgment."}); err != nil {
		t.Fatal(err)
	}
	if got := w.news(); len(got) != 3 {
		t.Fatalf("news of what nobody had confirmed: %v", got)
	}
}
