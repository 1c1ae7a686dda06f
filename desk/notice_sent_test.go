package desk

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"unmirror/internal/account"
	"unmirror/takedown"
)

func TestANoticeForAFormIsHandedInByAPersonWhoSaysSo(t *testing.T) {
	w := newWorld(t)
	_, id := w.draft("https://forge.example/a/letter.txt")
	b := w.as(account.Counsel)
	page := b.get("/notices/"+id).wants(t, http.StatusOK, "Forge", "By form: github", "each file by itself", "Passes a notice on")
	if strings.Contains(page.body, "/notices/"+id+"/sent") {
		t.Error("a draft can be said to be handed in")
	}
	w.approve(id)
	if _, err := w.docket.Deliver(t.Context()); err != nil || len(w.mail.Mails()) != 0 {
		t.Fatalf("%d mails, %v", len(w.mail.Mails()), err)
	}
	b.get("/notices/"+id).wants(t, http.StatusOK, "/notices/"+id+"/sent", "through a form alone")
	if got := w.as(account.Auditor).get("/notices/" + id); strings.Contains(got.body, "/notices/"+id+"/sent") {
		t.Error("an auditor is offered to hand it in")
	}
	b.post("/notices/"+id+"/sent", "on", "yesterday").wants(t, http.StatusBadRequest)
	b.post("/notices/"+id+"/sent", "on", w.now().Add(72*time.Hour).Format(time.DateOnly)).wants(t, http.StatusUnprocessableEntity, "has not come yet")
	b.post("/notices/"+id+"/sent", "reference", "GH-77").wants(t, http.StatusSeeOther)
	n := must(w.docket.Notice(t.Context(), id))(t)
	if n.State != takedown.NoticeSent || !strings.Contains(n.Reason, "GH-77") {
		t.Errorf("%s: %s", n.State, n.Reason)
	}
}
