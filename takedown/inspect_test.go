package takedown_test

import (
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
)

func TestWhatCounselInspectedIsKeptWithTheCase(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	for _, bad := range []takedown.Inspection{{How: "page"}, {What: " ", How: "page"}, {What: "The page."}, {What: "The page.", How: "glance"},
		{What: "The page.", How: "page", Date: w.clock.now().Add(time.Hour)}} {
		w.want(w.d.Inspect(t.Context(), anna, n.Case, bad), takedown.ErrInvalid)
	}
	w.want(w.d.Inspect(t.Context(), operator, n.Case, takedown.Inspection{What: "The page.", How: "page"}), takedown.ErrForbidden)
	w.want(w.d.Inspect(t.Context(), anna, "case_none", takedown.Inspection{What: "The page.", How: "page"}), takedown.ErrNotFound)
	day := w.clock.now().Add(-24 * time.Hour)
	w.guard.learn("Verzonnen")
	for _, i := range []takedown.Inspection{{What: "The page around it, of Verzonnen.", How: "page"}, {What: "The match.", How: "explanation", Date: day}} {
		if err := w.d.Inspect(t.Context(), anna, n.Case, i); err != nil {
			t.Fatal(err)
		}
	}
	got := must(w.d.Case(t.Context(), n.Case))(t).Inspections
	if len(got) != 2 || got[0].What != "The match." || !got[0].At.Equal(day) || got[1].By != anna.Name || got[1].How != "page" ||
		strings.Contains(got[1].What, "Verzonnen") {
		t.Fatalf("%+v", got)
	}
}

func TestAnAnswerToTriageKeepsWhatWasInspected(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	no := takedown.Triage{Exception: "court", Reason: "A judgment.", Inspected: &takedown.Inspection{What: "", How: "page"}}
	w.want(w.d.AnswerTriage(t.Context(), anna, n.Case, no), takedown.ErrInvalid)
	no.Inspected.What = "The whole page."
	if err := w.d.AnswerTriage(t.Context(), anna, n.Case, no); err != nil {
		t.Fatal(err)
	}
	c := must(w.d.Case(t.Context(), n.Case))(t)
	if c.State != takedown.CaseDismissed || len(c.Inspections) != 1 || c.Inspections[0].What != "The whole page." {
		t.Fatalf("%s %+v", c.State, c.Inspections)
	}
}

func TestANoticeTellsThatAPersonLookedAndWhen(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	if strings.Contains(n.Body, "On 2 March 2026 a person") {
		t.Fatal("it tells of an inspection that nobody made")
	}
	if err := w.d.Inspect(t.Context(), anna, n.Case, takedown.Inspection{What: "The secret page.", How: "content"}); err != nil {
		t.Fatal(err)
	}
	got := w.notice(n.ID)
	flat := strings.Join(strings.Fields(got.Body), " ")
	if got.Version != n.Version+1 || !strings.Contains(flat, "On 2 March 2026 a person looked at the content itself.") || strings.Contains(flat, "secret page") {
		t.Fatalf("version %d: %s", got.Version, got.Body)
	}
	w.want(w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest}), takedown.ErrStale)
	w.approve(got)
	if err := w.d.Inspect(t.Context(), anna, n.Case, takedown.Inspection{What: "Once more.", How: "page"}); err != nil {
		t.Fatal(err)
	}
	if after := w.notice(n.ID); after.State != takedown.NoticeApproved || after.Digest != got.Digest {
		t.Fatal("an inspection changed what was approved")
	}
}

func TestWordsThatCounselWroteStayWhenSomethingIsInspected(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	body := n.Body + "\nPlease call us."
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	was := w.notice(n.ID)
	if err := w.d.Inspect(t.Context(), anna, n.Case, takedown.Inspection{What: "The page.", How: "page"}); err != nil {
		t.Fatal(err)
	}
	if got := w.notice(n.ID); got.Version != was.Version || got.Body != was.Body {
		t.Fatal("the edited letter was written anew")
	}
}

func TestANoticeAboutSeveralPlacesTellsOnlyWhatHoldsOfAll(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.TwoPersons = "off" })
	desk := abuseDesk()
	desk.Profile.OneURL = false
	w.rungs.found[0] = desk
	first := w.open("https://files.host.example/a.zip")
	second := w.open("https://files.host.example/b.zip")
	if n := must(w.d.Draft(t.Context()))(t); n != 1 {
		t.Fatalf("%d drafts", n)
	}
	says := func() bool {
		rows := must(w.d.Notices(t.Context(), takedown.NoticeFilter{Case: first.ID}))(t)
		return strings.Contains(strings.Join(strings.Fields(w.notice(rows[0].ID).Body), " "), "a person assessed the match")
	}
	inspect := func(id, how string, day time.Time) {
		if err := w.d.Inspect(t.Context(), anna, id, takedown.Inspection{What: "It.", How: how, Date: day}); err != nil {
			t.Fatal(err)
		}
	}
	inspect(first.ID, "page", time.Time{})
	if says() {
		t.Error("one of two was inspected, and the notice tells of both")
	}
	inspect(second.ID, "content", time.Time{})
	if !says() {
		t.Error("both were inspected, each in its way, and the notice does not tell")
	}
	w.clock.pass(48 * time.Hour)
	inspect(second.ID, "content", time.Time{})
	if says() {
		t.Error("they were inspected on different days, and the notice tells one")
	}
}
