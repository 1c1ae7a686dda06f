package desk

import (
	"fmt"
	"net/http"
	"testing"

	"unmirror/internal/account"
	"unmirror/store"
	"unmirror/takedown"
)

func TestWhatIsRejectedTooOftenStandsOnTheDeskUntilCounselClearsIt(t *testing.T) {
	w := newWorld(t)
	counsel, operator := w.as(account.Counsel), w.as(account.Operator)
	counsel.get("/stopped").wants(t, http.StatusOK, "Nothing is in doubt.", "Every address may be written to.")
	for i := range 6 {
		_, id := w.draft(fmt.Sprintf("https://files.mirror.example/a/%d.txt", i))
		counsel.post("/notices/"+id+"/reject", "reason", "A public form.").wants(t, http.StatusSeeOther)
	}
	counsel.get("/queue").wants(t, http.StatusOK, "Rejected too often", "arbo-2026", `href="/stopped"`)
	operator.get("/stopped").wants(t, http.StatusOK, "Counsel said no to 6 of the last 6 notices.").lacks(t, "Draft notices again")
	doubts := must(w.docket.Doubts(t.Context()))(t)
	operator.post("/doubts/"+doubts[0].ID+"/clear", "reason", "Looked.").wants(t, http.StatusForbidden)
	counsel.post("/doubts/"+doubts[0].ID+"/clear", "reason", " ").wants(t, http.StatusUnprocessableEntity, "Say what you found")
	counsel.header.Set("Accept-Language", "nl")
	counsel.post("/doubts/"+doubts[0].ID+"/clear", "reason", "").wants(t, http.StatusUnprocessableEntity, "Zeg wat u gevonden hebt")
	counsel.header.Del("Accept-Language")
	for _, x := range doubts {
		counsel.post("/doubts/"+x.ID+"/clear", "reason", "The form is in the baseline.").wants(t, http.StatusSeeOther)
	}
	counsel.get("/stopped").wants(t, http.StatusOK, "Notices are drafted again.", "Nothing is in doubt.")
	counsel.get("/metrics").wants(t, http.StatusOK, `unmirror_doubts{state="open"} 0`)
	counsel.get("/audit").wants(t, http.StatusOK, "stopped drafts that were rejected too often", "let notices be drafted again")
}

func TestASuppressedAddressIsLiftedWithAReason(t *testing.T) {
	w := newWorld(t)
	_, id := w.draft("https://files.mirror.example/a/letter.txt")
	w.approve(id)
	must(w.docket.Deliver(t.Context()))(t)
	ticket := must(w.docket.Notice(t.Context(), id))(t).Ticket
	raw := "From: abuse@hosting.example\r\nMessage-ID: <9@hosting.example>\r\nSubject: Re: " + ticket + "\r\n\r\nPlease do not write to this address.\r\n"
	mail := must(w.docket.Receive(t.Context(), takedown.Incoming{Raw: []byte(raw)}))(t)
	if err := w.docket.ConfirmReply(t.Context(), w.actor(account.Counsel), mail, "stop"); err != nil {
		t.Fatal(err)
	}
	rows := must(w.docket.Suppressed(t.Context()))(t)
	if len(rows) != 1 {
		t.Fatalf("%+v", rows)
	}
	auditor, operator := w.as(account.Auditor), w.as(account.Operator)
	auditor.get("/stopped").wants(t, http.StatusOK, "abuse@hosting.example", "Asked for it", "/replies/"+mail).lacks(t, "Write to it again")
	operator.post("/suppressed/"+rows[0].ID+"/lift", "reason", " ").wants(t, http.StatusUnprocessableEntity, "Say why", "abuse@hosting.example")
	operator.post("/suppressed/"+rows[0].ID+"/lift", "reason", "They opened a desk for it.").wants(t, http.StatusSeeOther)
	operator.get("/stopped").wants(t, http.StatusOK, "may be written to again").lacks(t, "abuse@hosting.example")
	operator.post("/suppressed/"+rows[0].ID+"/lift", "reason", "Twice.").wants(t, http.StatusNotFound)
	auditor.get("/audit").wants(t, http.StatusOK, "let an address be written to again")
}

func TestWhatKeepsANoticeWaitingIsSaidInDutchOnADutchPage(t *testing.T) {
	w := newWorld(t)
	_, id := w.draft("https://files.mirror.example/a/letter.txt")
	w.approve(id)
	err := w.st.Write(t.Context(), func(tx *store.Tx) error { // as a program that was killed leaves it
		_, err := tx.Exec(`UPDATE attempts SET state = 'open'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	must(w.docket.Recover(t.Context()))(t)
	counsel := w.as(account.Counsel)
	counsel.get("/outbox?lang=nl").wants(t, http.StatusOK, "Het programma stopte terwijl dit werd verstuurd.").lacks(t, "The program stopped")
	_, id = w.sent("https://files.mirror.example/b/letter.txt")
	raw := "From: abuse@hosting.example\r\nMessage-ID: <9@hosting.example>\r\nSubject: Re: " + must(w.docket.Notice(t.Context(), id))(t).Ticket +
		"\r\n\r\nPlease do not write to this address.\r\n"
	mail := must(w.docket.Receive(t.Context(), takedown.Incoming{Raw: []byte(raw)}))(t)
	if err := w.docket.ConfirmReply(t.Context(), w.actor(account.Counsel), mail, "stop"); err != nil {
		t.Fatal(err)
	}
	counsel.post("/notices/"+id+"/retract", "wrong", "not_leak").wants(t, http.StatusSeeOther)
	counsel.get("/notices/"+id+"/retract?lang=nl").wants(t, http.StatusOK, "om niet meer te worden aangeschreven").lacks(t, "It asked on")
}
