package desk

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"unmirror/internal/account"
	"unmirror/takedown"
)

// sent is a case of which a notice went out.
func (w *world) sent(addr string) (caseID, noticeID string) {
	w.t.Helper()
	caseID, noticeID = w.draft(addr)
	w.approve(noticeID)
	must(w.docket.Deliver(w.t.Context()))(w.t)
	return caseID, noticeID
}

func TestAWithdrawalIsReadThenApprovedAsAWhole(t *testing.T) {
	w := newWorld(t)
	caseID, noticeID := w.sent("https://files.host.example/pub/a.zip")
	w.as(account.Operator).get("/notices/"+noticeID+"/retract").wants(t, http.StatusForbidden)
	b := w.as(account.Counsel)
	b.get("/notices/"+noticeID).wants(t, http.StatusOK, "/notices/"+noticeID+"/retract")
	page := b.get("/notices/"+noticeID+"/retract?lang=nl").wants(t, http.StatusOK, "Wat onjuist was")
	if strings.Contains(page.body, "name=\"digest\"") {
		t.Error("there is something to approve before anything is drafted")
	}
	b.post("/notices/"+noticeID+"/retract").wants(t, http.StatusUnprocessableEntity)
	b.post("/notices/"+noticeID+"/retract", "wrong", "not_leak").wants(t, http.StatusSeeOther)
	page = b.get("/notices/"+noticeID+"/retract").wants(t, http.StatusOK, "abuse@hosting.example", "files.host.example/pub/a.zip")
	digest := regexp.MustCompile(`name="digest" value="([0-9a-f]{64})"`).FindStringSubmatch(page.body)
	if digest == nil {
		t.Fatal("the page has no digest to approve")
	}
	retract := "/notices/" + noticeID + "/retract/approve"
	b.post(retract, "reason", "A slip.").wants(t, http.StatusBadRequest)
	b.post(retract, "reason", " ", "digest", digest[1]).wants(t, http.StatusUnprocessableEntity)
	b.post(retract, "reason", "A slip.", "digest", strings.Repeat("0", 64)).wants(t, http.StatusConflict)
	b.post(retract, "reason", "A slip.", "digest", digest[1]).wants(t, http.StatusSeeOther)
	if c := must(w.docket.Case(t.Context(), caseID))(t); c.State != takedown.CaseDismissed {
		t.Errorf("the case is %s", c.State)
	}
	b.get("/notices/"+noticeID+"?lang=en").wants(t, http.StatusOK, "It was withdrawn.")
	b.get("/cases/"+caseID).wants(t, http.StatusOK, "Withdrawal", "withdrawn")
}

func TestADisputeIsRecordedAndAnswered(t *testing.T) {
	w := newWorld(t)
	caseID, _ := w.sent("https://files.host.example/pub/a.zip")
	w.as(account.Operator).post("/cases/"+caseID+"/dispute", "party", "uploader", "what", "Mine.").wants(t, http.StatusForbidden)
	b := w.as(account.Counsel)
	b.post("/cases/"+caseID+"/dispute", "party", "uploader").wants(t, http.StatusUnprocessableEntity)
	b.post("/cases/"+caseID+"/dispute", "party", "uploader", "what", "Mine.", "received", "soon").wants(t, http.StatusBadRequest)
	b.post("/cases/"+caseID+"/dispute", "party", "uploader", "who", "The page's owner", "what", "It is my own file.", "received", "2026-03-14").wants(t, http.StatusSeeOther)
	b.get("/queue").wants(t, http.StatusOK, "Disputes to answer", "/cases/"+caseID+"#disputes")
	b.get("/cases/"+caseID).wants(t, http.StatusOK, "It is my own file.", "The page&#39;s owner", "Disputed")
	b.post("/cases/"+caseID+"/uphold", "answer", "").wants(t, http.StatusUnprocessableEntity)
	b.post("/cases/"+caseID+"/uphold", "answer", "It is a letter of the service.").wants(t, http.StatusSeeOther)
	b.get("/cases/"+caseID+"?lang=nl").wants(t, http.StatusOK, "Antwoord: It is a letter of the service.", "Kennisgeving blijft")
}

func TestAnAnswerIsNotedAndWhatChangedIsShown(t *testing.T) {
	w := newWorld(t)
	_, noticeID := w.draft("https://files.host.example/pub/a.zip")
	b := w.as(account.Counsel)
	n := must(w.docket.Notice(t.Context(), noticeID))(t)
	body := strings.Replace(n.Body, "\n", "\nCounsel's own line.\n", 1)
	b.post("/notices/"+noticeID+"/edit", "version", "1", "recipient", n.Recipient, "language", n.Language, "subject", n.Subject, "body", body,
		"regime", n.Regime, "action", n.Action).wants(t, http.StatusSeeOther)
	b.get("/notices/"+noticeID+"?diff=2").wants(t, http.StatusOK, "<ins>+ Counsel&#39;s own line.</ins>", "lines the same")
	b.get("/notices/"+noticeID+"?diff=9").wants(t, http.StatusNotFound)
	b.get("/notices/"+noticeID+"?diff=x").wants(t, http.StatusNotFound)
	w.approve(noticeID)
	must(w.docket.Deliver(t.Context()))(t)
	w.as(account.Auditor).post("/notices/"+noticeID+"/answer", "answer", "refused").wants(t, http.StatusForbidden)
	b.post("/notices/"+noticeID+"/answer", "answer", "perhaps").wants(t, http.StatusUnprocessableEntity)
	w.as(account.Operator).post("/notices/"+noticeID+"/answer", "answer", "refused").wants(t, http.StatusSeeOther)
	b.get("/notices/"+noticeID+"?lang=en").wants(t, http.StatusOK, "Will not remove it")
}

func TestCounselChoosesTheLawAndTheMeasure(t *testing.T) {
	w := newWorld(t)
	_, noticeID := w.draft("https://files.host.example/pub/a.zip")
	b := w.as(account.Counsel)
	n := must(w.docket.Notice(t.Context(), noticeID))(t)
	b.get("/notices/"+noticeID+"?edit=1").wants(t, http.StatusOK, `<option value="dsa16" selected>`, `<option value="ntd">`, `<option value="remove" selected>`)
	send := func(regime, action string) answer {
		return b.post("/notices/"+noticeID+"/edit", "version", "1", "recipient", n.Recipient, "language", n.Language, "subject", n.Subject,
			"body", n.Body, "regime", regime, "action", action)
	}
	send("complaint-be", "remove").wants(t, http.StatusUnprocessableEntity)
	send("dsa16", "destroy").wants(t, http.StatusUnprocessableEntity)
	send("ntd", "disable").wants(t, http.StatusSeeOther)
	if got := must(w.docket.Notice(t.Context(), noticeID))(t); got.Regime != "ntd" || got.Action != "disable" || got.Body == n.Body {
		t.Errorf("the notice rests on %s and asks to %s", got.Regime, got.Action)
	}
}
