package desk

import (
	"net/http"
	"testing"

	"unmirror/internal/account"
	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
)

func TestANoticeThatWasRefusedWaitsInTheQueue(t *testing.T) {
	w := newWorld(t)
	_, id := w.draft("https://files.mirror.example/a/letter.txt")
	w.approve(id)
	w.mail.Fail(post.StepRcpt, posttest.Failure{Code: 550})
	must(w.docket.Deliver(t.Context()))(t)
	b := w.as(account.Counsel)
	b.get("/queue").wants(t, http.StatusOK, "Notices that were not taken", "Mend", "/notices/"+id)
	b.get("/queue?lang=nl").wants(t, http.StatusOK, "Kennisgevingen die niet zijn aangenomen", "Herstellen")
}
