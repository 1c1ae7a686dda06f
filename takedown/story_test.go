package takedown_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
	"unmirror/takedown/notice"
	"unmirror/takedown/xarf"
)

const item = "https://files.host.example/pub/a.zip"

func TestFromSightingToGoneAndBack(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.draft(item)
	if len(n.Missing) > 0 || len(n.Blocked) > 0 || n.Recipient != "abuse@host.example" || n.Ticket != "UM-2026-000001" {
		t.Fatalf("the draft is not ready: %+v", n.NoticeRow)
	}
	if w.deliver() != 0 || len(mail.Mails()) != 0 {
		t.Fatal("something was sent that nobody approved")
	}
	raw := must(w.d.NoticeEML(t.Context(), n.ID))(t)
	w.approve(n)
	if got := w.deliver(); got != 1 {
		t.Fatalf("%d deliveries, want 1", got)
	}
	got := mail.Wait(1, time.Minute)[0]
	if _, body, _ := bytes.Cut(got.Bytes, []byte("\r\n")); !bytes.Equal(body, raw) {
		t.Fatal("what was sent, Date aside, is not what was approved")
	}
	if got.From != w.o.From || !slices.Equal(got.To, []string{"abuse@host.example"}) {
		t.Fatalf("the envelope was from %s to %v", got.From, got.To)
	}
	_, _, _, attached, err := notice.Text(raw)
	if err != nil || len(attached) != 1 || xarf.Validate(attached[0]) != nil {
		t.Fatalf("want one valid report attached, got %d, %v", len(attached), err)
	}
	if c := w.caseOf(n.Case); c.State != takedown.CaseNoticed {
		t.Fatalf("the case is %s, want noticed", c.State)
	}
	w.eyes.sees(takedown.LookGone)
	for i := range 3 {
		w.look(n.Case, time.Hour)
		want := takedown.CaseVanishing
		if i == 2 {
			want = takedown.CaseGone
		}
		if c := w.caseOf(n.Case); c.State != want || c.GoneChecks != i+1 {
			t.Fatalf("after look %d the case is %s with %d checks", i+1, c.State, c.GoneChecks)
		}
	}
	w.clock.pass(24 * time.Hour)
	must(w.d.Observe(t.Context(), w.sighting(item)))(t)
	c := w.caseOf(n.Case)
	if c.State != takedown.CaseOpen || c.Reopened != 1 {
		t.Fatalf("the case is %s, reopened %d times", c.State, c.Reopened)
	}
	must(w.d.Draft(t.Context()))(t)
	again := must(w.d.Notices(t.Context(), takedown.NoticeFilter{Case: c.ID, State: takedown.NoticeDraft}))(t)
	if len(again) != 1 || again[0].Ticket != n.Ticket {
		t.Fatalf("want one new draft under the same ticket, got %+v", again)
	}
	second := string(must(w.d.NoticeEML(t.Context(), again[0].ID))(t))
	first := header(t, raw, "Message-Id")
	if header(t, []byte(second), "In-Reply-To") != first || header(t, []byte(second), "References") != first || header(t, []byte(second), "Message-Id") == first {
		t.Fatal("the new draft does not continue the thread")
	}
	if got := w.news(); !slices.Equal(got, []string{"confirmed", "gone files.host.example", "back"}) {
		t.Fatalf("news: %v", got)
	}
	keys := w.ring.Public()
	if _, _, err := w.st.VerifyAudit(t.Context(), keys); err != nil {
		t.Fatal(err)
	}
}

func header(t *testing.T, raw []byte, name string) string {
	t.Helper()
	_, _, h, _, err := notice.Text(raw)
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(h.Get(name))
}
