// Package law holds the legal grounds of a notice as a table: regimes, what each requires, and the official terms per language.
// It never decides whether something is unlawful and never fills a citation that nobody confirmed.
package law

import (
	"slices"
	"time"
)

// Status says how far a citation can be relied upon.
type Status string

// The statuses. An unconfirmed citation is shown to counsel; an open one has no text and is a slot that counsel fills.
const (
	Confirmed   Status = "confirmed"
	Unconfirmed Status = "unconfirmed"
	Open        Status = "open"
)

// Element is one thing that a regime requires of a notice.
type Element struct {
	ID       string            `yaml:"id"`       // reasons, location, notifier, good_faith
	Citation string            `yaml:"citation"` // "DSA art. 16(2)(a)"
	Label    map[string]string `yaml:"label"`    // by language
	// Phrases are, by language, groups of which each must stand in the text in one of its wordings.
	Phrases map[string][][]string `yaml:"phrases"`
}

// Ground is one provision that a notice may rest on.
type Ground struct {
	ID       string            `yaml:"id"`
	Citation map[string]string `yaml:"citation"` // in the form that each language uses; empty while open
	Status   Status            `yaml:"status"`
	Source   string            `yaml:"source"` // where it was seen, or why it is not confirmed
	From     time.Time         `yaml:"from"`   // first day of facts to which it applies; zero: not limited
	Until    time.Time         `yaml:"until"`  // first day to which it no longer applies; zero: not limited
	// Categories limit the ground to leaks with one of these data categories; empty: always.
	Categories []string `yaml:"categories"`
}

// Regime is one way of asking for removal.
type Regime struct {
	ID         string            `yaml:"id"` // "dsa16"
	Name       map[string]string `yaml:"name"`
	Citation   map[string]string `yaml:"citation"`
	Status     Status            `yaml:"status"`
	From       time.Time         `yaml:"from"`
	UnionOnly  bool              `yaml:"union_only"` // binds only services offered in the Union (DSA art. 2)
	Senders    []string          `yaml:"senders"`    // who may send it: controller, processor, representative, data_subject
	Recipients []string          `yaml:"recipients"` // host, platform …
	Elements   []Element         `yaml:"elements"`
	Grounds    []string          `yaml:"grounds"`  // ids, in the order in which a notice names them
	Optional   []string          `yaml:"optional"` // grounds that counsel may add by hand
	Template   string            `yaml:"template"` // file name without language and ending
}

// languages are those in which every regime has its names and templates.
var languages = []string{"nl", "fr", "de", "en"}

// Languages returns the languages in which every regime has its names, English last.
func Languages() []string { return slices.Clone(languages) }

// Table is the law as loaded.
type Table struct {
	regimes []Regime
	grounds []Ground
	terms   map[string]map[string]string
}

// Regime returns the regime of that id.
func (t Table) Regime(id string) (Regime, bool) {
	for _, r := range t.regimes {
		if r.ID == id {
			return r, true
		}
	}
	return Regime{}, false
}

// Regimes returns every regime, in the order of the file.
func (t Table) Regimes() []Regime { return slices.Clone(t.regimes) }

// The acts. The first notice to a recipient has no name of its own.
const (
	ActFirst      = ""
	ActReminder   = "reminder"
	ActEscalation = "escalation"
	ActRetraction = "retraction"
	ActComplaint  = "complaint"
	ActDelisting  = "delisting"
)

// For returns the first regime of the table that binds a recipient of that kind, who offers services in the Union or does not, and
// that has that act.
func (t Table) For(kind string, offersInEU bool, act string) (Regime, bool) {
	for _, r := range t.regimes {
		if slices.Contains(r.Recipients, kind) && (offersInEU || !r.UnionOnly) {
			return r, true
		}
	}
	return Regime{}, false
}

// Ground returns the ground of that id.
func (t Table) Ground(id string) (Ground, bool) {
	for _, g := range t.grounds {
		if g.ID == id {
			return g, true
		}
	}
	return Ground{}, false
}

// Term returns the official term in that language, "" when the table has none.
func (t Table) Term(id, language string) string { return t.terms[id][language] }

// Grounds returns the regime's own grounds that apply to a publication on that day with these data categories.
// An open ground never applies: it has no text.
func (t Table) Grounds(r Regime, day time.Time, categories []string) []Ground {
	var out []Ground
	for _, id := range r.Grounds {
		if g, ok := t.Ground(id); ok && g.Status != Open && g.applies(day, categories) {
			out = append(out, g)
		}
	}
	return out
}

// Unconfirmed lists the citations, in that language, on which such a notice would rest although nobody has confirmed them: counsel
// reads them before approving.
func (t Table) Unconfirmed(r Regime, day time.Time, categories []string, language string) []string {
	var out []string
	if r.Status != Confirmed {
		out = append(out, r.Citation[language])
	}
	for _, g := range t.Grounds(r, day, categories) {
		if g.Status != Confirmed {
			out = append(out, g.Citation[language])
		}
	}
	return out
}

func (g Ground) applies(day time.Time, categories []string) bool {
	if !g.From.IsZero() && day.Before(g.From) || !g.Until.IsZero() && !day.Before(g.Until) {
		return false
	}
	return len(g.Categories) == 0 || slices.ContainsFunc(categories, func(c string) bool { return slices.Contains(g.Categories, c) })
}
