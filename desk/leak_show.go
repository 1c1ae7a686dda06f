package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"unmirror/internal/account"
	"unmirror/takedown"
	"unmirror/takedown/incident"
)

// keeper holds leak files and duties.
type keeper interface {
	Incident(ctx context.Context, slug string) (incident.File, bool, error)
	SetIncident(ctx context.Context, by takedown.Actor, slug string, f incident.File) error
	IncidentVersions(ctx context.Context, slug string) ([]takedown.IncidentVersion, error)
	Duties(ctx context.Context, slug string) ([]takedown.DutyRow, error)
	DutyDone(ctx context.Context, by takedown.Actor, slug, duty string, on incident.Date, proof string) error
	OverdueDuties(context.Context) ([]takedown.DutyRow, error)
	Shown(text string) string
}

type leakView struct {
	Leak
	Registered bool // false: it was taken out of the index, its file stays
	HasFile    bool
	Refusal    *refusal
	Waits      []leakWaits
	Held       []leakSource
	Duties     []dutyView
	Steps      []dutyView
	Overdue    int
	MayTick    bool
	Tick       tickForm
	Sections   []fileSection
	Versions   []takedown.IncidentVersion
	Languages  []string // of the record of processing
}

// leakWaits is an act and the fields that it waits for.
type leakWaits struct {
	Act     string // sweeps, numbers, notices
	Missing []incident.Missing
}

// leakSource is a source that is not swept on behalf of the leak.
type leakSource struct {
	Name   string
	Fields []string
}

type dutyView struct {
	takedown.DutyRow
	Text string
	Cite string // of the provision, in the page's language
	Pill pill
	Done bool
}

// tickForm is what somebody typed into the form, kept when it is refused.
type tickForm struct{ Duty, On, Proof string }

func (d *desk) leakShow(w http.ResponseWriter, r *http.Request) error {
	view, err := d.leakView(r)
	if err != nil {
		return err
	}
	d.page(w, r, http.StatusOK, "leak", view)
	return nil
}

// leakView reads all that is known of one leak.
func (d *desk) leakView(r *http.Request) (*leakView, error) {
	slug := r.PathValue("slug")
	v := visitOf(r)
	view := &leakView{MayTick: v.user.Role != account.Auditor, Languages: incident.Languages()}
	leaks, err := d.Leaks(r.Context())
	if err != nil {
		return nil, fmt.Errorf("read leaks: %w", err)
	}
	if i := slices.IndexFunc(leaks, func(l Leak) bool { return l.Slug == slug }); i >= 0 {
		view.Leak, view.Registered = leaks[i], true
	}
	file, ok, err := d.Docket.Incident(r.Context(), slug)
	if err != nil {
		return nil, fmt.Errorf("read leak file: %w", err)
	}
	if !ok && !view.Registered {
		return nil, status(http.StatusNotFound)
	}
	view.HasFile, view.Slug = ok, slug
	if view.Title == "" || view.Title == slug {
		view.Title = d.Docket.Shown(file.Title.In(v.lang.Lang))
	}
	if view.Title == "" {
		view.Title = slug
	}
	view.Waits = []leakWaits{{"sweeps", file.Needs(incident.Sweep("", view.Categories))}, {"notices", file.Needs(incident.Notice())},
		{"numbers", file.Needs(incident.Numbers())}}
	view.Sections = v.lang.sections(file, d.Docket.Shown)
	if view.Versions, err = d.Docket.IncidentVersions(r.Context(), slug); err != nil {
		return nil, fmt.Errorf("read versions: %w", err)
	}
	for i, version := range view.Versions {
		view.Versions[i].Actor = v.lang.Or("actor.", version.Actor)
	}
	if err := d.leakSources(r.Context(), view); err != nil {
		return nil, err
	}
	return view, d.leakDuties(r, view)
}

// leakSources lists the sources that are not swept on its behalf.
func (d *desk) leakSources(ctx context.Context, view *leakView) error {
	sources, err := d.Sources(ctx)
	if err != nil {
		return fmt.Errorf("read sources: %w", err)
	}
	for _, s := range sources {
		for _, wait := range s.Waits {
			if wait.Leak == view.Slug {
				view.Held = append(view.Held, leakSource{s.Name, wait.Fields})
			}
		}
	}
	return nil
}

func (d *desk) leakDuties(r *http.Request, view *leakView) error {
	rows, err := d.Docket.Duties(r.Context(), view.Slug)
	if err != nil {
		return fmt.Errorf("read duties: %w", err)
	}
	l := visitOf(r).lang
	for _, row := range rows {
		row.Proof, row.Why, row.By = d.Docket.Shown(row.Proof), d.Docket.Shown(row.Why), d.Docket.Shown(row.By)
		one := dutyView{DutyRow: row, Text: l.duty(row.ID), Cite: l.dutyCite(row.ID), Pill: l.pill("duty", row.State),
			Done: row.State == incident.DutyDone || row.State == incident.DutyLate || row.State == incident.DutyNotRequired}
		if row.State == incident.DutyOverdue {
			view.Overdue++
		}
		if row.Step > 0 {
			view.Steps = append(view.Steps, one)
		} else {
			view.Duties = append(view.Duties, one)
		}
	}
	return nil
}

// duty names a duty; the number of a link of the chain stands behind it.
func (l *lang) duty(id string) string {
	if n, ok := strings.CutPrefix(id, "processor_"); ok {
		return l.T("duty.what.processor", "n", n)
	}
	return l.Or("duty.what.", id)
}

// dutyCite is the provision that a duty comes from, or "".
func (l *lang) dutyCite(id string) string {
	id, _, _ = strings.Cut(id, "_")
	if !l.Has("duty.cite." + id) {
		return ""
	}
	return l.T("duty.cite." + id)
}
