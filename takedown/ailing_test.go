package takedown_test

import (
	"testing"

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
