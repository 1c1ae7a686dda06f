package takedown_test

import (
	"testing"
	"time"

	"unmirror/config/quiet"
	"unmirror/takedown"
)

func TestTwoCounselApproveTheSameDigest(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.TwoPersons = "all" })
	mail := w.post()
	n := w.draft(item)
	yes := takedown.Approval{Digest: n.Digest}
	w.want(w.d.Approve(t.Context(), anna, n.ID, yes), takedown.ErrSecond)
	w.want(w.d.Approve(t.Context(), anna, n.ID, yes), takedown.ErrSecond) // twice the same person is one
	got := w.notice(n.ID)
	if got.State != takedown.NoticeDraft || !got.NeedsTwo || len(got.Yes) != 1 || got.Yes[0].By != anna.Name || w.deliver() != 0 {
		t.Fatalf("%s %v %+v", got.State, got.NeedsTwo, got.Yes)
	}
	subject := got.Subject + " (again)"
	if err := w.d.Edit(t.Context(), bert, n.ID, got.Version, takedown.Edit{Subject: &subject}); err != nil {
		t.Fatal(err)
	}
	got = w.notice(n.ID)
	if len(got.Yes) != 0 {
		t.Fatal("a yes stands for other words")
	}
	yes.Digest = got.Digest
	w.want(w.d.Approve(t.Context(), bert, n.ID, yes), takedown.ErrSecond)
	if err := w.d.Approve(t.Context(), anna, n.ID, yes); err != nil {
		t.Fatal(err)
	}
	if got = w.notice(n.ID); got.State != takedown.NoticeApproved || len(got.Yes) != 0 {
		t.Fatalf("%s %+v", got.State, got.Yes)
	}
	if w.deliver() != 1 || len(mail.Mails()) != 1 {
		t.Fatal("what two approved did not go out")
	}
}

func TestAYesThatWasTakenBackDoesNotStand(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.TwoPersons = "all" })
	n := w.draft(item)
	w.want(w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest}), takedown.ErrSecond)
	if err := w.d.Reject(t.Context(), bert, n.ID, "Not so."); err != nil {
		t.Fatal(err)
	}
	if err := w.d.Edit(t.Context(), bert, n.ID, n.Version, takedown.Edit{Subject: &n.Subject}); err != nil {
		t.Fatal(err)
	}
	got := w.notice(n.ID)
	w.want(w.d.Approve(t.Context(), bert, n.ID, takedown.Approval{Digest: got.Digest}), takedown.ErrSecond)
}

func TestOnlyEscalationsTakeTwoWhereThatIsSet(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.TwoPersons = "escalations" })
	n := w.draft(item)
	if n.NeedsTwo {
		t.Fatal("a first notice takes two")
	}
	w.approve(n)
	if got := w.notice(n.ID).State; got != takedown.NoticeApproved {
		t.Fatalf("it is %s", got)
	}
}

func TestApprovedNoticesWaitInQuietHours(t *testing.T) {
	hours := must(quiet.Parse("00:00-06:00 Europe/Brussels"))(t)
	w := newWorld(t, func(o *takedown.Options) { o.Quiet = hours.Until })
	mail := w.post()
	for hours.Until(w.clock.now()).IsZero() {
		w.clock.pass(time.Hour)
	}
	n := w.draft(item)
	w.approve(n)
	until := hours.Until(w.clock.now())
	a := must(w.d.Attempts(t.Context()))(t)
	if w.deliver() != 0 || len(mail.Mails()) != 0 || len(a) != 1 || !a[0].NextAttempt.Equal(until) || a[0].Reason == "" {
		t.Fatalf("%d mails, %+v", len(mail.Mails()), a)
	}
	w.clock.pass(until.Sub(w.clock.now()))
	if w.deliver() != 1 || len(mail.Mails()) != 1 {
		t.Fatal("it did not leave when the quiet hours were over")
	}
}
