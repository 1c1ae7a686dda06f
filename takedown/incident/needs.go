package incident

import (
	"fmt"
	"slices"
	"strings"
)

// Missing is a field that an act waits for.
type Missing struct {
	Field string `json:"field"` // "legal.dpia"
	What  string `json:"what"`  // what to write there
}

// String is "legal.dpia (reference of the DPIA)".
func (m Missing) String() string { return m.Field + " (" + m.What + ")" }

// Purpose is an act that waits until the file says enough. The zero value needs nothing.
type Purpose struct {
	act        string
	source     string
	categories []string
}

// Sweep is a sweep of a public source on behalf of the leak. Categories are those that the leak is known to hold, besides
// the file's own. An empty source is any.
func Sweep(source string, categories []string) Purpose {
	return Purpose{act: "sweep", source: source, categories: categories}
}

// Numbers is matching on national numbers.
func Numbers() Purpose { return Purpose{act: "numbers"} }

// Notice is what a notice tells of the incident. What its regime requires besides, the law's table says.
func Notice() Purpose { return Purpose{act: "notice"} }

// Needs lists the fields that the act waits for, in the order of the file; none: it may go on.
func (f File) Needs(p Purpose) []Missing {
	var n needs
	switch p.act {
	case "sweep":
		n.sweep(f, p)
	case "numbers":
		n.text("national_numbers.authority", f.NationalNumbers.Authority)
	case "notice":
		n.words("title", f.Title)
		n.text("incident.kind", f.Incident.Kind)
		n.text("controller.name", f.Controller.Name)
		n.list("data.categories", f.Data.Categories)
		n.text("facts_date", string(f.FactsDate))
	}
	return n.missing
}

type needs struct{ missing []Missing }

func (n *needs) lack(field, what string) {
	n.missing = append(n.missing, Missing{Field: field, What: what})
}

func (n *needs) text(field, value string) {
	if strings.TrimSpace(value) == "" {
		n.lack(field, what(field))
	}
}

func (n *needs) words(field string, t Text) {
	if t.Empty() {
		n.lack(field, what(field))
	}
}

func (n *needs) list(field string, values []string) {
	if len(values) == 0 {
		n.lack(field, what(field))
	}
}

// what is the reference's sentence on a field.
func what(field string) string {
	for _, f := range Fields() {
		if f.Path == field {
			return f.What
		}
	}
	return ""
}

// sweep is what DESIGN and facts/law.md H ask before a real sweep: a search by private parties is lawful only where it is
// narrowly targeted, so its purpose, basis, assessment and each source's reason are on file first.
func (n *needs) sweep(f File, p Purpose) {
	categories := append(slices.Clone(f.Data.Categories), p.categories...)
	n.list("data.categories", f.Data.Categories) // what known files are guessed to hold is nobody's word for it
	n.list("data.persons", f.Data.Persons)
	n.words("legal.purpose", f.Legal.Purpose)
	n.text("legal.article_6", f.Legal.Article6)
	if slices.ContainsFunc(categories, special) {
		n.text("legal.article_9", f.Legal.Article9)
	}
	if slices.Contains(letters(f.Legal.Article6, '6'), "f") {
		n.text("legal.balancing_test", f.Legal.BalancingTest)
	}
	n.text("legal.dpia", f.Legal.DPIA)
	n.councils(f)
	switch {
	case f.mayUse(p.source):
	case p.source == "":
		n.lack("sources", "why each source is swept: elements with source: its name, or *, and reason")
	default:
		n.lack("sources", fmt.Sprintf("why source %s is swept: an element with source: %s, or *, and its reason", p.source, p.source))
	}
}

// mayUse says whether a reason for the source is written down.
func (f File) mayUse(source string) bool {
	return slices.ContainsFunc(f.Sources, func(s SourceReason) bool {
		return (s.Source == source || s.Source == "*" || source == "") && len(strings.TrimSpace(s.Reason)) >= minReason
	})
}

// councils asks for the works council's say: of each country that the file lists, and of the controller's own where staff are
// concerned and its law gives the council a say (facts/law.md H: WOR art. 27(1)(k) and (l) in the Netherlands; information and
// consultation in Belgium).
func (n *needs) councils(f File) {
	country := f.Incident.Country
	if country == "" {
		country = f.Controller.Country
	}
	listed := func(w WorksCouncil) bool { return w.Country == country }
	if (country == "BE" || country == "NL") && slices.ContainsFunc(f.Data.Persons, staff) && !slices.ContainsFunc(f.Legal.WorksCouncil, listed) {
		n.lack("legal.works_council", "country: "+country+", with kind (consent, consultation or not_required), date and reference")
	}
	if country == "" && slices.ContainsFunc(f.Data.Persons, staff) && len(f.Legal.WorksCouncil) == 0 {
		n.lack("incident.country", what("incident.country")+": it decides what say a works council has")
	}
	for i, w := range f.Legal.WorksCouncil {
		n.council(fmt.Sprintf("legal.works_council[%d]", i), w)
	}
}

func (n *needs) council(at string, w WorksCouncil) {
	said := func(key string) string { return what("legal.works_council[]." + key) }
	if w.Country == "" {
		n.lack(at+".country", said("country"))
	}
	switch {
	case w.Kind == "":
		n.lack(at+".kind", said("kind"))
	case w.Country == "NL" && w.Kind == "consultation":
		n.lack(at+".kind", "consent: in the Netherlands consultation alone does not do (WOR art. 27), else not_required with the reason")
	}
	if w.Date == "" && w.Kind != "not_required" {
		n.lack(at+".date", said("date"))
	}
	if w.Reference == "" {
		n.lack(at+".reference", said("reference"))
	}
}
