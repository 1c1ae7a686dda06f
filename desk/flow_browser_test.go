package desk

import (
	"net/http"
	"strings"
	"testing"

	"unmirror/internal/account"
	"unmirror/takedown"
)

func TestChromiumADisputeAndAWithdrawalAreLookedAt(t *testing.T) {
	w := newWorld(t)
	caseID, noticeID := w.draft("https://files.host.example/pub/a.zip")
	n := must(w.docket.Notice(t.Context(), noticeID))(t)
	body := strings.Replace(n.Body, "\n", "\nCounsel's own line.\n", 1)
	if err := w.docket.Edit(t.Context(), w.actor(account.Counsel), noticeID, n.Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	w.approve(noticeID)
	must(w.docket.Deliver(t.Context()))(t)
	said := takedown.Dispute{Party: "uploader", Who: "The page's owner", What: "It is my own file."}
	must(w.docket.OpenDispute(t.Context(), w.actor(account.Counsel), caseID, said))(t)
	b := w.as(account.Counsel)
	b.post("/notices/"+noticeID+"/retract", "wrong", "exception").wants(t, http.StatusSeeOther)
	s := newScreen(t, w)
	s.emulate(1440, 900, "light", true)
	s.signIn(account.Counsel)
	for _, c := range []struct {
		name, theme, lang string
		width, height     int64
	}{{"desktop-light", "light", "en", 1440, 900}, {"phone-dark", "dark", "nl", 390, 844}, {"phone-360", "light", "en", 360, 740}} {
		s.emulate(c.width, c.height, c.theme, true)
		s.open("/cases/" + caseID + "?lang=" + c.lang)
		s.wants("It is my own file.")
		s.shot(c.name + "-disputed")
		s.open("/notices/" + noticeID + "?diff=2")
		s.wants("Counsel's own line.")
		s.shot(c.name + "-difference")
		s.open("/notices/" + noticeID + "/retract")
		s.shot(c.name + "-withdrawal")
	}
}
