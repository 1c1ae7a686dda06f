package desk

import (
	"fmt"
	"net/http"
	"slices"

	"unmirror/takedown"
)

type caseListView struct {
	State, Leak   string
	States, Leaks []string
	Rows          []takedown.CaseRow
	Pager         pager
}

func (d *desk) caseList(w http.ResponseWriter, r *http.Request) error {
	view := caseListView{State: r.URL.Query().Get("state"), Leak: r.URL.Query().Get("leak"), Pager: pagerOf(r)}
	rows, err := d.Docket.Cases(r.Context(), takedown.CaseFilter{State: takedown.CaseState(view.State), Leak: view.Leak,
		Limit: lookAhead, Offset: view.Pager.offset()})
	if err != nil {
		return fmt.Errorf("read cases: %w", err)
	}
	leaks, err := d.Options.Leaks(r.Context())
	if err != nil {
		return fmt.Errorf("read leaks: %w", err)
	}
	for _, s := range []takedown.CaseState{takedown.CaseTriage, takedown.CaseOpen, takedown.CaseNoticed, takedown.CaseVanishing,
		takedown.CaseGone, takedown.CaseDismissed} {
		view.States = append(view.States, string(s))
	}
	for _, leak := range leaks {
		view.Leaks = append(view.Leaks, leak.Slug)
	}
	if view.Leak != "" && !slices.Contains(view.Leaks, view.Leak) { // removed since, or mistyped: the form still says what is shown
		view.Leaks = append(view.Leaks, view.Leak)
	}
	view.Rows = cut(&view.Pager, rows)
	d.page(w, r, http.StatusOK, "cases", view)
	return nil
}
