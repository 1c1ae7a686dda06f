package desk

import (
	"net/http"
	"testing"

	"unmirror/internal/account"
	"unmirror/takedown"
)

func TestRowsOfATableAreExplainedByTheirNumbersAndKindsOfCells(t *testing.T) {
	w := newWorld(t)
	id := w.observe("https://paste.small.example/raw/rows", rows())
	b := w.as(account.Counsel)
	b.get("/cases/"+id).wants(t, http.StatusOK, "Rows of the known table", "3–5, 9", "12 in all", "Recognised by", "birth date", "telephone")
	b.get("/cases/"+id+"?lang=nl").wants(t, http.StatusOK, "Herkend aan", "geboortedatum")
}

func TestAPageOfAScanIsExplainedByOutlines(t *testing.T) {
	w := newWorld(t)
	id := w.observe("https://paste.small.example/raw/scan", scan())
	b := w.as(account.Counsel)
	b.get("/cases/"+id).wants(t, http.StatusOK, "The image of a known page", "page 3 at this address", "page 7 of the known file, 97", "<svg class=\"outline\"",
		`<rect x="42" y="30"`).lacks(t, "inside an archive", "dossier.pdf")
	b.get("/cases/"+id+"?lang=nl").wants(t, http.StatusOK, "pagina 3 op dit adres")
}

func TestTheCasePageHoldsAndReleasesEvidence(t *testing.T) {
	w := newWorld(t)
	caseID, _ := w.draft("https://files.mirror.example/a/letter.txt")
	counsel, operator := w.as(account.Counsel), w.as(account.Operator)
	operator.get("/cases/"+caseID).wants(t, http.StatusOK, "Network: AS64500, by its registration data of", "Keep it whatever its keeping time")
	operator.post("/cases/"+caseID+"/evidence", "hold", "perhaps").wants(t, http.StatusBadRequest)
	operator.post("/cases/"+caseID+"/evidence", "hold", "on", "reason", " ").wants(t, http.StatusUnprocessableEntity, "Give the reason.")
	operator.post("/cases/"+caseID+"/evidence", "hold", "on", "reason", "A claim of "+victim+" is announced.").wants(t, http.StatusSeeOther)
	operator.get("/cases/"+caseID).wants(t, http.StatusOK, "Kept whatever its keeping time since", "by "+staff(account.Operator)).lacks(t, "Release the evidence", victim)
	operator.post("/cases/"+caseID+"/evidence", "hold", "off", "reason", "Over.").wants(t, http.StatusForbidden)
	counsel.post("/cases/"+caseID+"/evidence", "hold", "off", "reason", "The claim is settled.").wants(t, http.StatusSeeOther)
	counsel.get("/cases/"+caseID).wants(t, http.StatusOK, "Your reason is kept.").lacks(t, "by "+staff(account.Operator)+":")
}

// What is looked at after a notice went out stands in the reminder: the form is there in every state, for counsel alone.
func TestCounselNotesAnInspectionInEveryState(t *testing.T) {
	w := newWorld(t)
	caseID, noticeID := w.draft("https://files.mirror.example/a/letter.txt")
	form := `action="/cases/` + caseID + `/inspect"`
	counsel, auditor := w.as(account.Counsel), w.as(account.Auditor)
	counsel.get("/cases/"+caseID).wants(t, http.StatusOK, form)
	w.approve(noticeID)
	must(w.docket.Deliver(t.Context()))(t)
	counsel.get("/cases/"+caseID).wants(t, http.StatusOK, form)
	auditor.get("/cases/"+caseID).lacks(t, form)
	counsel.post("/cases/"+caseID+"/inspect", "inspected", "The first page.", "how", "content").wants(t, http.StatusSeeOther)
	for range 3 {
		w.look(caseID, takedown.LookGone)
	}
	counsel.get("/cases/"+caseID).wants(t, http.StatusOK, form, "The first page.")
}
