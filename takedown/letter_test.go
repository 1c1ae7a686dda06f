package takedown_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"unmirror/takedown"
	"unmirror/takedown/notice"
)

func TestANoticeCanBeTakenOutOnPaperAndIntoAForm(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	pdf := must(w.d.NoticePDF(t.Context(), n.ID))(t)
	if !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Equal(pdf, must(w.d.NoticePDF(t.Context(), n.ID))(t)) {
		t.Error("no PDF, or another one each time")
	}
	sheet := must(w.d.NoticeForm(t.Context(), n.ID, ""))(t)
	if text := sheet.Text(); sheet.Form.ID != "generic" || !strings.Contains(text, item) || !strings.Contains(text, party().Email) || !strings.Contains(text, n.Ticket) {
		t.Errorf("sheet of %s:\n%s", sheet.Form.ID, text)
	}
	if sheet := must(w.d.NoticeForm(t.Context(), n.ID, "telegram"))(t); sheet.Form.ID != "telegram" {
		t.Error(sheet.Form.ID)
	}
	var refusal *takedown.Error
	if _, err := w.d.NoticeForm(t.Context(), n.ID, "dmca"); !errors.As(err, &refusal) || !strings.Contains(refusal.Error(), "cloudflare") {
		t.Errorf("an unknown form: %v", err)
	}
	if _, err := w.d.NoticeForm(t.Context(), n.ID, "google"); !errors.As(err, &refusal) || !strings.Contains(refusal.Error(), "one person") {
		t.Errorf("a search form without a mandate: %v", err)
	}
}

func TestWhatNobodyApprovedSaysSoOnPaperAndInAForm(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	draft := must(w.d.NoticePDF(t.Context(), n.ID))(t)
	if sheet := must(w.d.NoticeForm(t.Context(), n.ID, ""))(t); !strings.HasPrefix(sheet.Text(), "NOT APPROVED") {
		t.Error("the sheet of a draft looks like one to hand in")
	}
	w.approve(n)
	if bytes.Equal(draft, must(w.d.NoticePDF(t.Context(), n.ID))(t)) {
		t.Error("a draft on paper looks like what was approved")
	}
	if sheet := must(w.d.NoticeForm(t.Context(), n.ID, ""))(t); strings.Contains(sheet.Text(), "NOT APPROVED") {
		t.Error("the sheet of an approved notice says that it is not")
	}
	w.guard.learn("Verzonnen Persoon")
	body := n.Body + "\nThis is about Verzonnen Persoon.\n"
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	var blocked *takedown.BlockedError
	if _, err := w.d.NoticePDF(t.Context(), n.ID); !errors.As(err, &blocked) {
		t.Errorf("an identifier is printed: %v", err)
	}
}

func TestAFormGetsNothingThatTheGuardBlocksOrAnElementLacks(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	w.guard.learn("Verzonnen Persoon")
	body := n.Body + "\nThis is about Verzonnen Persoon.\n"
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	var blocked *takedown.BlockedError
	if _, err := w.d.NoticeForm(t.Context(), n.ID, ""); !errors.As(err, &blocked) {
		t.Errorf("an identifier goes into a form: %v", err)
	}
	bare := newWorld(t, func(o *takedown.Options) { o.Notifier = notice.Party{} })
	n = bare.draft(item)
	var incomplete *takedown.IncompleteError
	if _, err := bare.d.NoticeForm(t.Context(), n.ID, ""); !errors.As(err, &incomplete) {
		t.Errorf("an incomplete notice goes into a form: %v", err)
	}
}

func TestCounselSeesWhatNobodyConfirmed(t *testing.T) {
	w := newWorld(t)
	if n := w.draft(item); len(n.Unsure) == 0 || !strings.Contains(strings.Join(n.Unsure, " "), "Article 6 GDPR") {
		t.Errorf("%v", n.Unsure)
	}
}
