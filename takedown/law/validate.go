package law

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// facts are what an element may need: paths of the leak file, of the configuration, or of the case.
var facts = []string{"mandates", "uploader_contact", "facts_date", "incident.kind", "incident.from", "organisation.contact",
	"organisation.telephone", "organisation.address", "earlier", "respondent", "withdrawal", "date", "national_ground"}

// roles are those in which a notifier acts, recipients the rungs that a notice can go to.
var (
	roles      = []string{"controller", "processor", "representative", "data_subject"}
	recipients = []string{"platform", "host", "cdn", "network", "upstream", "registrar", "search", "authority"}
)

// Recipients are the rungs that a notice can go to, in their order.
func Recipients() []string { return slices.Clone(recipients) }

func (t Table) validate() error {
	var errs []error
	seen := map[string]bool{}
	once := func(what string) {
		if seen[what] || what[len(what)-1] == ' ' {
			errs = append(errs, fmt.Errorf("%s: no id, or given twice", t.at(what)))
		}
		seen[what] = true
	}
	for _, g := range t.grounds {
		once("ground " + g.ID)
		errs = append(errs, t.validateGround(g))
	}
	for _, a := range t.acts {
		once("act " + a.ID)
		errs = append(errs, everyLanguage(t.at("act "+a.ID)+" name", a.Name), t.validateElements("act "+a.ID, a.Elements, languages))
	}
	for _, r := range t.regimes {
		once("regime " + r.ID)
		errs = append(errs, t.validateRegime(r))
	}
	for id, d := range t.dates {
		if d.Date.IsZero() && (d.Earliest.IsZero() || d.Latest.Before(d.Earliest)) || d.Source == "" {
			errs = append(errs, fmt.Errorf("%s: a date needs a source, and either date or earliest and latest", t.at("date "+id)))
		}
	}
	for id, names := range t.terms {
		errs = append(errs, everyLanguage(t.at("term "+id), names))
	}
	return errors.Join(errs...)
}

func (t Table) validateGround(g Ground) error {
	what := t.at("ground " + g.ID)
	switch {
	case !slices.Contains([]Status{Confirmed, Unconfirmed, Open}, g.Status):
		return fmt.Errorf("%s: status %q is none of confirmed, unconfirmed, open", what, g.Status)
	case g.Source == "":
		return fmt.Errorf("%s: no source", what)
	case g.DatedBy != "" && g.DatedBy != datedByPublication && g.DatedBy != datedByFacts:
		return fmt.Errorf("%s: dated_by is publication or facts", what)
	case g.Status == Open && len(g.Citation) > 0:
		return fmt.Errorf("%s: an open ground has no citation; make it unconfirmed or confirmed", what)
	case g.Status == Open:
		return errors.Join(everyLanguage(what+" name", g.Name), everyLanguage(what+" say", g.Say))
	}
	return errors.Join(everyLanguage(what+" citation", g.Citation), everyLanguage(what+" name", g.Name), everyLanguage(what+" say", g.Say))
}

func (t Table) validateRegime(r Regime) error {
	what := t.at("regime " + r.ID)
	errs := []error{everyLanguage(what+" name", r.Name), everyLanguage(what+" citation", r.Citation)}
	if r.Template == "" || len(r.Recipients) == 0 || len(r.Senders) == 0 || len(r.Elements) == 0 || len(r.Acts) == 0 {
		errs = append(errs, fmt.Errorf("%s: template, recipients, senders, acts and elements are needed", what))
	}
	if r.Status != Confirmed && r.Status != Unconfirmed {
		errs = append(errs, fmt.Errorf("%s: status %q is neither confirmed nor unconfirmed", what, r.Status))
	}
	for name, lists := range map[string][2][]string{"recipient": {r.Recipients, recipients}, "sender": {r.Senders, roles}, "language": {r.Languages, languages}} {
		for _, v := range lists[0] {
			if !slices.Contains(lists[1], v) {
				errs = append(errs, fmt.Errorf("%s: unknown %s %q", what, name, v))
			}
		}
	}
	if len(r.Authority.Name)+len(r.Authority.Address) > 0 {
		errs = append(errs, everyLanguage(what+" authority", r.Authority.Name))
		if r.Authority.Source == "" {
			errs = append(errs, fmt.Errorf("%s: the authority has no source", what))
		}
	}
	for _, a := range r.Acts {
		if _, ok := t.lines["act "+a]; !ok {
			errs = append(errs, fmt.Errorf("%s: no act %q", what, a))
		}
	}
	for _, id := range slices.Concat(r.Grounds, r.Optional) {
		if _, ok := t.Ground(id); !ok {
			errs = append(errs, fmt.Errorf("%s: no ground %q", what, id))
		}
	}
	return errors.Join(append(errs, t.validateElements("regime "+r.ID, r.Elements, r.Written()))...)
}

func (t Table) validateElements(of string, elements []Element, written []string) error {
	var errs []error
	seen := map[string]bool{}
	for _, e := range elements {
		what := t.at(of + " element " + e.ID)
		if e.ID == "" || e.Citation == "" || seen[e.ID] {
			errs = append(errs, fmt.Errorf("%s: an element lacks id or citation, or is given twice", what))
		}
		seen[e.ID] = true
		errs = append(errs, everyLanguage(what+" label", e.Label))
		for _, n := range e.Needs {
			if path, _, _ := strings.Cut(n, "="); !slices.Contains(facts, path) {
				errs = append(errs, fmt.Errorf("%s: unknown need %q; it is one of %v", what, n, facts))
			}
		}
		for _, l := range written {
			if len(e.Phrases) > 0 && len(e.Phrases[l]) == 0 {
				errs = append(errs, fmt.Errorf("%s: no phrases in %s", what, l))
			}
		}
	}
	return errors.Join(errs...)
}

func everyLanguage(what string, names map[string]string) error {
	for _, l := range languages {
		if names[l] == "" {
			return fmt.Errorf("%s: nothing in %s", what, l)
		}
	}
	return nil
}
