package desk

import (
	"net/http"
	"strings"
	"testing"

	"unmirror/internal/account"
)

func TestCounselTakesANoticeOutAndNobodyElseDoes(t *testing.T) {
	w := newWorld(t)
	addr := "https://paste.small.example/raw/taken"
	_, id := w.draft(addr)
	for _, role := range []string{account.Operator, account.Auditor} {
		b := w.as(role)
		b.get("/notices/"+id+"/paper").wants(t, http.StatusForbidden)
		b.get("/notices/"+id+"/form").wants(t, http.StatusForbidden)
		if page := b.get("/notices/" + id); strings.Contains(page.body, "/paper") {
			t.Errorf("%s is offered what only counsel may take", role)
		}
	}
	b := w.as(account.Counsel)
	b.get("/notices/"+id).wants(t, http.StatusOK, "/notices/"+id+"/paper", "Field sheet", "Nobody has confirmed this citation")
	if a := b.get("/notices/" + id + "/paper"); a.code != http.StatusOK || !strings.HasPrefix(a.body, "%PDF-") || a.head.Get("Content-Type") != "application/pdf" || !strings.Contains(a.head.Get("Cache-Control"), "no-store") {
		t.Errorf("paper: %d %v", a.code, a.head)
	}
	b.get("/notices/"+id+"/form").wants(t, http.StatusOK, "Field sheet", addr)
	b.get("/notices/"+id+"/form?form=google").wants(t, http.StatusUnprocessableEntity, "one person")
	b.get("/notices/no-such/paper").wants(t, http.StatusNotFound)
}
