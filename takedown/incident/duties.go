package incident

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The states of a duty.
const (
	DutyOpen        = "open"         // it is not done, and its time is not over or has no end
	DutyOverdue     = "overdue"      // it is not done, and its time is over
	DutyDone        = "done"         // in time, or without a term
	DutyLate        = "late"         // done after its time
	DutyNotRequired = "not_required" // counsel, or the assessment of the risk, says so
	DutyNoClock     = "no_clock"     // the date that its term runs from is not filled in
)

// Duty is one thing that a breach obliges somebody to, with its clock.
type Duty struct {
	ID       string    `json:"id"`
	State    string    `json:"state"`
	What     string    `json:"what"`           // in English; pages have their own words
	Step     int       `json:"step,omitempty"` // of the Dutch authority's five, 0 for none
	By       string    `json:"by,omitempty"`   // whose duty it is
	Citation string    `json:"citation,omitempty"`
	Term     string    `json:"term,omitempty"` // "72 hours after incident.discovered"
	InLaw    bool      `json:"in_law"`         // the law gives the term in figures; else it is ours for "without undue delay"
	From     time.Time `json:"from,omitzero"`
	Due      time.Time `json:"due,omitzero"`
	Done     Date      `json:"done,omitempty"`
	Proof    string    `json:"proof,omitempty"`
	Why      string    `json:"why,omitempty"` // why it is not required, or which field its clock lacks
}

// Done is what was ticked off: when, and what shows it.
type Done struct {
	On    Date   `json:"on"`
	Proof string `json:"proof"`
}

// DutyIDs are the duties, then the five steps. A leak with several processors has processor_1, processor_2 …
func DutyIDs() []string {
	return []string{"processor", "authority", "persons", "employers", "works_council", "police",
		"overview", "contain", "decide_authority", "decide_persons", "register"}
}

// Duties lists what the breach obliges to, as it stands at now: first the duties, then the five steps in their order. What was
// ticked off, by id, wins over the dates of the file.
func (f File) Duties(ticked map[string]Done, now time.Time) []Duty {
	c := clock{f: f, ticked: ticked, now: now}
	var out []Duty
	for i, p := range f.Processors {
		if p.Role == "joint_controller" {
			continue
		}
		out = append(out, c.settle(Duty{ID: fmt.Sprintf("processor_%d", i+1), What: "processor tells the controller", By: p.Name,
			Citation: "GDPR art. 33(2)"}, p.Informed, within(f.Deadlines.ProcessorHours, 24, time.Hour), p.Aware, fmt.Sprintf("processors[%d].aware", i)))
	}
	out = append(out,
		c.ofController("authority", "report to the supervisory authority", "GDPR art. 33(1)", f.firstReport(), within(f.Deadlines.AuthorityHours, 72, time.Hour), true),
		c.ofController("persons", "tell the persons concerned themselves, without delay", "GDPR art. 34", f.Told.Persons, within(f.Deadlines.PersonsDays, 7, day), false),
		c.ofController("employers", "tell the employers of the persons concerned", "", f.Told.Employers, within(f.Deadlines.EmployersDays, 7, day), false),
		c.ofController("works_council", "tell the works council", "", f.Told.Council, within(f.Deadlines.CouncilDays, 14, day), false),
		c.ofController("police", "report to the police", "", f.Police, within(f.Deadlines.PoliceDays, 7, day), false),
	)
	return append(out, c.steps(out)...)
}

// Overdue counts the duties whose time is over.
func Overdue(duties []Duty) (n int) {
	for _, d := range duties {
		if d.State == DutyOverdue {
			n++
		}
	}
	return n
}

// firstReport is the earliest report to an authority: one of them leads.
func (f File) firstReport() (first Reported) {
	for _, r := range f.Authorities {
		at, ok := r.Reported.Time()
		before, had := first.Reported.Time()
		if ok && (!had || at.Before(before)) {
			first = r
		}
	}
	return first
}

const day = 24 * time.Hour

// term is how long a duty may take.
type term struct {
	n    int
	unit time.Duration
}

func within(n, otherwise int, unit time.Duration) term {
	if n == 0 {
		n = otherwise
	}
	return term{n, unit}
}

func (t term) length() time.Duration { return time.Duration(t.n) * t.unit }

func (t term) String() string {
	if t.unit == day {
		return fmt.Sprintf("%d days", t.n)
	}
	return fmt.Sprintf("%d hours", t.n)
}

// clock holds duties against the time.
type clock struct {
	f      File
	ticked map[string]Done
	now    time.Time
}

// ofController is a duty whose clock runs from the controller's awareness.
func (c clock) ofController(id, what, citation string, said Reported, t term, inLaw bool) Duty {
	return c.settle(Duty{ID: id, What: what, By: c.f.Controller.Name, Citation: citation, InLaw: inLaw}, said, t, c.f.Incident.Discovered, "incident.discovered")
}

// settle fills in a duty's clock and state.
func (c clock) settle(d Duty, said Reported, t term, from Date, field string) Duty {
	d.Term = t.String() + " after " + field
	if at, ok := from.Time(); ok {
		// Where only the day is known, the hours run from its beginning: the earliest reading is the safe one.
		d.From, d.Due = at, at.Add(t.length())
	}
	if said.Reported != "" {
		d.Done, d.Proof = said.Reported, strings.TrimSpace(strings.Join([]string{said.Name, said.Reference}, " "))
	}
	if k, ok := c.ticked[d.ID]; ok {
		d.Done, d.Proof = k.On, k.Proof
	}
	d.State, d.Why = c.state(d, field)
	return d
}

func (c clock) state(d Duty, field string) (state, why string) {
	done, isDone := d.Done.Time()
	reason := c.spared(d.ID)
	switch {
	case isDone && !d.Due.IsZero() && done.After(d.Due):
		return DutyLate, ""
	case isDone:
		return DutyDone, ""
	case reason != "":
		return DutyNotRequired, reason
	case d.Due.IsZero() && field != "":
		return DutyNoClock, field + " is empty"
	case !d.Due.IsZero() && c.now.After(d.Due):
		return DutyOverdue, ""
	}
	return DutyOpen, ""
}

// spared says why a duty does not apply, or "".
func (c clock) spared(id string) string {
	kind := id
	if strings.HasPrefix(id, "processor_") {
		kind = "processor"
	}
	for _, n := range c.f.NotRequired {
		if n.Duty == id || n.Duty == kind {
			return n.Reason
		}
	}
	r := c.f.Risk
	switch {
	case id == "authority" && r.Level == "unlikely":
		return "a risk was assessed as unlikely (risk.level)"
	case id == "persons" && (r.Level == "unlikely" || r.Level == "risk"):
		return "the risk was not assessed as high (risk.level)"
	case (id == "employers" || id == "works_council") && len(c.f.Data.Persons) > 0 && !slices.ContainsFunc(c.f.Data.Persons, staff):
		return "no staff are among the persons concerned (data.persons)"
	}
	return ""
}

// steps are the five of the Dutch authority's practice for a breached organisation. The second, third and fourth are taken
// with the assessment and the duties that they decide on.
func (c clock) steps(duties []Duty) []Duty {
	by := map[string]Duty{}
	for _, d := range duties {
		by[d.ID] = d
	}
	out := []Duty{
		{ID: "overview", Step: 1, What: "1. make an overview of what happened"},
		{ID: "contain", Step: 2, What: "2. stop and limit the breach, assess the risk"},
		{ID: "decide_authority", Step: 3, What: "3. decide at once on reporting to the authority", Due: by["authority"].Due},
		{ID: "decide_persons", Step: 4, What: "4. decide on telling the persons concerned", Due: by["persons"].Due},
		{ID: "register", Step: 5, What: "5. record it in the breach register", Citation: "GDPR art. 33(5)"},
	}
	for i := range out {
		d := &out[i]
		d.By = c.f.Controller.Name
		switch d.ID {
		case "contain":
			if r := c.f.Risk; r.Level != "" {
				d.Done, d.Proof = r.Date, r.Reason
			}
		case "decide_authority":
			c.decided(d, by["authority"])
		case "decide_persons":
			c.decided(d, by["persons"])
		}
		if k, ok := c.ticked[d.ID]; ok {
			d.Done, d.Proof = k.On, k.Proof
		}
		d.State, d.Why = c.state(*d, "")
	}
	return out
}

// decided takes a decision over from the duty that it was about: done, or spared by the assessment.
func (c clock) decided(step *Duty, duty Duty) {
	switch duty.State {
	case DutyDone, DutyLate:
		step.Done, step.Proof = duty.Done, duty.Proof
	case DutyNotRequired:
		step.Done, step.Proof = c.f.Risk.Date, duty.Why
	}
}
