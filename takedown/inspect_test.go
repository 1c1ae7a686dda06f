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
