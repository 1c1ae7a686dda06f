package takedown_test

import (
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
)

// Hosts pass a notice on to those whom it is about, who then know all that makes a bounce believed.
func TestABounceThatTheAnswerBeliesIsForAPerson(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, c := w.told(where)
	w.receive(letter("no-reply@host.example", "Auto-Submitted: auto-replied\nIn-Reply-To: "+w.sentID(0), "We have received your report."))
	w.untouched(n, c, bounceOf(w.sentID(0), "abuse@host.example", "5.1.1"))
}

func TestABounceThatComesTooLateIsForAPerson(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, c := w.told(where)
	w.clock.pass(11 * 24 * time.Hour)
	w.untouched(n, c, bounceOf(w.sentID(0), "abuse@host.example", "5.1.1"))
}

// untouched takes a mail that moves nothing by itself.
func (w *world) untouched(n *takedown.NoticeFile, c string, raw []byte) {
	w.t.Helper()
	if r := w.receive(raw); r.State != takedown.ReplyWaiting {
		w.t.Errorf("the bounce is %s", r.State)
	}
	if got := w.notice(n.ID).State; got != takedown.NoticeSent || w.caseOf(c).State != takedown.CaseNoticed {
		w.t.Errorf("the notice is %s", got)
	}
	if list := must(w.d.Suppressed(w.t.Context()))(w.t); len(list) > 0 {
		w.t.Error("the address was given up")
	}
}

func TestAWithdrawalThatCameBackToCounselIsApprovedAlone(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, _ := w.told(where)
	stop := w.receive(letter("abuse@host.example", "In-Reply-To: "+w.sentID(0), "Do not contact us again."))
	f := must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Reason: "A mistake."}))(t)
	back := f.Notices[0]
	w.want(w.d.Approve(t.Context(), anna, back.ID, takedown.Approval{Digest: back.Digest}), takedown.ErrState)
	if err := w.d.Retract(t.Context(), anna, n.ID, takedown.Withdrawal{Digest: f.Digest, Reason: "So."}); err != nil {
		t.Fatal(err)
	}
	if err := w.d.ConfirmReply(t.Context(), operator, stop.ID, "stop"); err != nil {
		t.Fatal(err)
	}
	if f := must(w.d.Notice(t.Context(), back.ID))(t); !strings.Contains(f.Unwritable, "asked") {
		t.Errorf("before it leaves it says %q", f.Unwritable)
	}
	if w.deliver() != 0 || w.notice(back.ID).State != takedown.NoticeDraft {
		t.Fatalf("the withdrawal is %s", w.notice(back.ID).State)
	}
	w.want(w.d.Approve(t.Context(), anna, back.ID, takedown.Approval{Digest: back.Digest}), takedown.ErrState)
	_, err := w.d.Retraction(t.Context(), n.ID) // it is no part of what a newer one replaces
	w.want(err, takedown.ErrNotFound)
	if err := w.d.Unsuppress(t.Context(), operator, must(w.d.Suppressed(t.Context()))(t)[0].ID, "It works again."); err != nil {
		t.Fatal(err)
	}
	w.approve(w.notice(back.ID))
	if w.deliver() != 1 || w.notice(back.ID).State != takedown.NoticeSent {
		t.Fatal("the recipient was never told")
	}
}

// Counsel hears before the yes that one of the texts will not go anywhere, and approves the others with it.
func TestAWithdrawalTellsBeforehandWhoIsNotWrittenTo(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.rungs.found = two()
	n, _ := w.told(where)
	w.receive(bounceOf(w.sentID(0), "abuse@host.example", "5.1.1"))
	w.approve(w.notice(n.ID)) // to the network now
	w.deliver()
	stop := w.receive(letter("abuse@network.example", "In-Reply-To: "+w.sentID(1), "Do not contact us again."))
	if err := w.d.ConfirmReply(t.Context(), operator, stop.ID, "stop"); err != nil {
		t.Fatal(err)
	}
	f := must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Reason: "A mistake."}))(t)
	if len(f.Notices) != 1 || !strings.Contains(f.Notices[0].Unwritable, "asked") {
		t.Errorf("%d texts, %q", len(f.Notices), f.Notices[0].Unwritable)
	}
}
