package takedown_test

import (
	"context"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/store"
	"unmirror/takedown"
)

// ail makes the stored versions of a notice unreadable, as a damaged disk would.
func (w *world) ail(noticeID string) {
	w.t.Helper()
	err := w.st.Write(w.t.Context(), func(tx *store.Tx) error {
		_, err := tx.Exec(`UPDATE notice_versions SET content = x'00' WHERE notice_id = ?`, noticeID)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestANoticeThatCannotBeReadHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	bad, good := w.approved(item), w.approved("http://192.0.2.7/pub/another.docx")
	w.ail(bad.ID)
	if n, err := w.d.Deliver(t.Context()); err == nil || n != 1 {
		t.Fatalf("%d tries, %v", n, err)
	}
	if len(mail.Mails()) != 1 || w.notice(good.ID).State != takedown.NoticeSent {
		t.Fatal("the other notice did not leave")
	}
	for _, a := range w.attempts() {
		if a.Notice == bad.ID && (a.State != takedown.AttemptQueued || !a.NextAttempt.After(w.clock.now()) || a.Reason == "") {
			t.Errorf("%+v", a)
		}
	}
}

func TestAMailAboutANoticeThatCannotBeReadWaitsForAPerson(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, _ := w.told(item)
	id := w.sentID(0)
	w.ail(n.ID)
	got := w.receive(letter("desk@host.example", "References: "+id, "What is this about?"))
	if got.State != takedown.ReplyUnmatched || got.Case != "" {
		t.Errorf("%+v", got)
	}
}

func TestATryThatAKilledProcessLeftOpenIsUnknownOnceItMustBeOverAndHoldsUpNoOther(t *testing.T) {
	w := newWorld(t)
	w.post()
	begun, answer := make(chan bool), make(chan post.Result)
	elsewhere := w.o // another process, such as `outbox run`
	elsewhere.Send = func(context.Context, string, []string, []byte) post.Result {
		begun <- true
		return <-answer
	}
	other := must(takedown.New(elsewhere))(t)
	done := make(chan error, 1)
	slow := w.approved(item)
	go func() { _, err := other.Deliver(t.Context()); done <- err }()
	<-begun
	state := func() takedown.AttemptState {
		for _, a := range w.attempts() {
			if a.Notice == slow.ID {
				return a.State
			}
		}
		return ""
	}
	w.clock.pass(20 * time.Minute)
	if w.deliver() != 0 || state() != takedown.AttemptOpen {
		t.Fatalf("a try that may be under way is %s", state())
	}
	// Its notice is damaged: the try stays as it is, and the next mail leaves all the same.
	spoil := func(recipient []byte) (was []byte) {
		err := w.st.Write(t.Context(), func(tx *store.Tx) error {
			if err := tx.QueryRow(`SELECT recipient FROM notices WHERE id = ?`, slow.ID).Scan(&was); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE notices SET recipient = ? WHERE id = ?`, recipient, slow.ID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return was
	}
	good := w.approved("http://192.0.2.7/pub/another.docx")
	w.clock.pass(10 * time.Minute)
	whole := spoil([]byte{0})
	if n, err := w.d.Deliver(t.Context()); err == nil || n != 1 {
		t.Fatalf("%d tries, %v", n, err)
	}
	spoil(whole)
	if w.deliver() != 0 || state() != takedown.AttemptUnknown || w.notice(good.ID).State != takedown.NoticeSent {
		t.Fatalf("the try is %s, the other notice %s", state(), w.notice(good.ID).State)
	}
	// It was only slow, and its answer counts: nothing leaves twice.
	answer <- post.Result{Outcome: post.Sent, Step: post.StepBody, Code: 250}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 0 || state() != takedown.AttemptSent || len(w.mail.Mails()) != 1 {
		t.Errorf("the try is %s, %d mails", state(), len(w.mail.Mails()))
	}
}
