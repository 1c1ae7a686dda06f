package takedown_test

import (
	"context"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/takedown"
)

var bert = takedown.Actor{ID: "user_bert", Name: "Bert Counsel", Role: "counsel"}

func TestWhoeverStoppedItCannotReleaseItAlone(t *testing.T) {
	w := newWorld(t)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	hold := func() takedown.Hold { t.Helper(); return must(w.d.Hold(t.Context()))(t) }
	ok(w.d.SetHold(t.Context(), anna, true, "Stop."))
	w.want(w.d.SetHold(t.Context(), anna, false, "It was a mistake."), takedown.ErrSecond)
	if h := hold(); !h.On || h.By != anna.Name || h.Reason != "Stop." || !h.Asked.Equal(w.clock.now()) || h.AskedWhy != "It was a mistake." {
		t.Fatalf("%+v", h)
	}
	w.want(w.d.SetHold(t.Context(), anna, false, "Really."), takedown.ErrSecond) // asking twice is still one person
	ok(w.d.SetHold(t.Context(), bert, true, "No."))                              // withdraws what was asked
	if h := hold(); !h.On || h.ByID != anna.ID || !h.Asked.IsZero() {
		t.Fatalf("%+v", h)
	}
	w.want(w.d.SetHold(t.Context(), anna, false, "Now?"), takedown.ErrSecond) // nor by having it stopped again by others
	w.want(w.d.SetHold(t.Context(), auditor, false, ""), takedown.ErrForbidden)
	w.want(w.d.SetHold(t.Context(), takedown.System, false, ""), takedown.ErrForbidden)
	ok(w.d.SetHold(t.Context(), bert, false, "Agreed."))
	if h := hold(); h.On || !h.Asked.IsZero() {
		t.Fatalf("%+v", h)
	}
	ok(w.d.SetHold(t.Context(), bert, false, "")) // nothing to release
	ok(w.d.SetHold(t.Context(), takedown.System, true, "The daemon."))
	ok(w.d.SetHold(t.Context(), anna, false, ""))
}

// DATA is under way when the brake is pulled: nobody can know whether it arrived, nothing more leaves, and a person decides.
func TestAHoldCutsAMessageThatIsBeingHandedOver(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	first, second := w.approved(item), w.approved(item+"?2")
	mail.Fail(post.StepBody, posttest.Failure{Delay: hang})
	done := make(chan error, 1)
	go func() { _, err := w.d.Deliver(context.WithoutCancel(t.Context())); done <- err }()
	mail.Wait(1, time.Minute) // the server has it all and does not say so
	if err := w.d.SetHold(t.Context(), anna, true, "Stop."); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if a, b := w.notice(first.ID).State, w.notice(second.ID).State; a != takedown.NoticeUnknown || b != takedown.NoticeApproved {
		t.Fatalf("notices %s and %s, want the begun one unknown and the other waiting", a, b)
	}
	if mail.Connections() != 1 {
		t.Fatalf("%d connections, want no other", mail.Connections())
	}
	for _, a := range w.attempts() {
		if a.Notice == first.ID && a.Reason != "stopped by a hold" {
			t.Fatalf("the outbox gives as reason %q", a.Reason)
		}
	}
}

func TestTheBrakeStopsWhateverSendsThroughIt(t *testing.T) {
	w := newWorld(t)
	calls := 0
	begun := make(chan struct{}, 1)
	send := w.d.Braked(func(ctx context.Context, _ string, _ []string, _ []byte) post.Result {
		calls++
		begun <- struct{}{}
		<-ctx.Done()
		return post.Result{Outcome: post.Deferred}
	})
	go func() {
		<-begun
		if err := w.d.SetHold(context.WithoutCancel(t.Context()), anna, true, ""); err != nil {
			t.Error(err)
		}
	}()
	send(t.Context(), "a@x.example", nil, nil)
	if r := send(t.Context(), "a@x.example", nil, nil); r.Outcome != post.Deferred || r.Step != post.StepCheck || calls != 1 {
		t.Fatalf("%+v after %d calls", r, calls)
	}
	if w.d.Braked(nil) != nil {
		t.Fatal("without a way to send there is one")
	}
}
