package desk

import (
	"net/http"
	"strings"
	"testing"

	"unmirror/internal/account"
	"unmirror/takedown"
)

// TestAMailThatCameInIsReadAttachedAndSettled walks the pages of replies.
func TestAMailThatCameInIsReadAttachedAndSettled(t *testing.T) {
	w := newWorld(t)
	caseID, _ := w.draft("https://files.mirror.example/a/letter.txt")
	raw := "From: agent@stranger.example\r\nMessage-ID: <1@stranger.example>\r\nSubject: about your mail\r\n\r\nThe content has been removed.\r\n"
	id := must(w.docket.Receive(t.Context(), takedown.Incoming{Raw: []byte(raw)}))(t)
	counsel, operator := w.as(account.Counsel), w.as(account.Operator)
	if got := counsel.get("/replies"); got.code != http.StatusOK || !strings.Contains(got.body, "/replies/"+id) {
		t.Fatalf("the list: %d", got.code)
	}
	if got := counsel.get("/queue"); !strings.Contains(got.body, "/replies/"+id) {
		t.Error("it does not stand in the queue")
	}
	if got := counsel.get("/replies/" + id); !strings.Contains(got.body, "The content has been removed.") || !strings.Contains(got.body, "agent@stranger.example") {
		t.Errorf("counsel cannot read it: %s", visible(got.body))
	}
	if got := operator.get("/replies/" + id); strings.Contains(got.body, "The content has been removed.") || strings.Contains(got.body, "agent@") {
		t.Error("the operator reads what is for counsel")
	}
	if got := operator.post("/replies/"+id+"/attach", "case", caseID); got.code != http.StatusUnprocessableEntity || !strings.Contains(got.body, "nobody can have answered") {
		t.Errorf("attached to a case of which nobody was told: %d %s", got.code, visible(got.body))
	}
	if got := operator.post("/replies/"+id+"/confirm", "meaning", "nothing"); got.code != http.StatusSeeOther {
		t.Errorf("set aside: %d %s", got.code, visible(got.body))
	}
	if got := counsel.get("/replies?state=unmatched"); strings.Contains(got.body, id) {
		t.Error("it still waits")
	}
}
