// Package law holds the legal grounds of a notice as a table: regimes, acts, what each requires, provisions, and the official terms per
// language. An operator's folder replaces or adds to what the program carries.
// It never decides whether something is unlawful and never fills a citation that nobody confirmed.
package law

import (
	"maps"
	"slices"
	"sync"
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

// The acts. The first notice to a recipient has no name of its own; in the files it is called "first".
const (
	ActFirst      = ""
	ActReminder   = "reminder"
	ActEscalation = "escalation"
	ActRetraction = "retraction"
	ActComplaint  = "complaint"
	ActDelisting  = "delisting"
)

// firstInFiles is what the files call ActFirst.
const firstInFiles = "first"

// Element is one thing that a regime, or an act, requires of a notice.
type Element struct {
	ID       string            `yaml:"id"`       // reasons, location, notifier, good_faith …
	Citation string            `yaml:"citation"` // "DSA art. 16(2)(a)"
	Label    map[string]string `yaml:"label"`    // by language
	// Needs names facts without which the element cannot be given, as paths of the leak file, of the configuration or of the case:
	// mandates, uploader_contact, facts_date, organisation.contact, earlier …
	Needs []string `yaml:"needs"`
	// Grounds says that a provision which the notice rests on must stand in the text.
	Grounds bool `yaml:"grounds"`
	// Phrases are, by language, groups of which each must stand in the text in one of its wordings: all in one paragraph, or with
	// Apart anywhere.
	Phrases map[string][][]string `yaml:"phrases"`
	Apart   bool                  `yaml:"apart"`
	// Acts limit the element to these acts; empty: each act of the regime that does not replace its elements.
	Acts []string `yaml:"acts"`
}

// Ground is one provision that a notice may rest on.
type Ground struct {
	ID       string            `yaml:"id"`
	Citation map[string]string `yaml:"citation"` // in the form that each language uses; empty while open
	Name     map[string]string `yaml:"name"`     // a few words
	// Say is, by language, what the provision means for such a publication; {special} is the sort of special category concerned.
	Say    map[string]string `yaml:"say"`
	Status Status            `yaml:"status"`
	Source string            `yaml:"source"` // where it was seen, or why it is not confirmed
	// FromText and UntilText are days, or the name of an entry of dates.yaml.
	FromText  string `yaml:"from"`
	UntilText string `yaml:"until"`
	// DatedBy says which day counts: "publication" (also when empty) or "facts".
	DatedBy string `yaml:"dated_by"`
	// Categories limit the ground to leaks with one of these data categories; empty: always. Incidents likewise by how it leaked.
	Categories []string `yaml:"categories"`
	Incidents  []string `yaml:"incidents"`
	// Asked limits the ground to cases in which an earlier letter went out under one of these regimes, at least Months ago.
	Asked  []string `yaml:"asked"`
	Months int      `yaml:"months"`
	// Answers limit the ground to cases whose earlier letters came to one of these: none, receipt, refused …
	Answers []string `yaml:"answers"`
	// Countries are those whose law it belongs to: it applies only where counsel chose one of them; empty: Union law.
	Countries []string `yaml:"countries"`

	From  time.Time `yaml:"-"` // first day to which it applies; zero: not limited
	Until time.Time `yaml:"-"` // first day to which it no longer applies; zero: not limited
}

// Date is a day on which law changes, which sources may dispute: between Earliest and Latest nothing is said until counsel sets Date.
type Date struct {
	Date     time.Time `yaml:"date"`
	Earliest time.Time `yaml:"earliest"`
	Latest   time.Time `yaml:"latest"`
	Source   string    `yaml:"source"`
}

// Regime is one way of asking for removal.
type Regime struct {
	ID       string            `yaml:"id"` // "dsa16"
	Name     map[string]string `yaml:"name"`
	Citation map[string]string `yaml:"citation"`
	Status   Status            `yaml:"status"`
	Source   string            `yaml:"source"`
	From     time.Time         `yaml:"from"`
	// UnionOnly: it binds only services offered in the Union (DSA art. 2).
	UnionOnly bool `yaml:"union_only"`
	// ByCounsel: it is never chosen by itself, counsel asks for it.
	ByCounsel bool `yaml:"by_counsel"`
	// Countries limit it to cases for which counsel chose the law of one of them; empty: not limited.
	Countries  []string  `yaml:"countries"`
	Languages  []string  `yaml:"languages"` // in which it can be written; empty: all
	Alone      bool      `yaml:"alone"`     // no English version follows
	Senders    []string  `yaml:"senders"`   // who may send it: controller, processor, representative, data_subject
	Recipients []string  `yaml:"recipients"`
	Acts       []string  `yaml:"acts"` // the first is the one that opens
	Elements   []Element `yaml:"elements"`
	Grounds    []string  `yaml:"grounds"`  // ids, in the order in which a notice names them
	Optional   []string  `yaml:"optional"` // grounds that apply where counsel chose their country or added them by hand
	Template   string    `yaml:"template"` // file name without language and ending
	Authority  Authority `yaml:"authority"`
}

// Authority is to whom a complaint goes, where that is known; the recipient of the operator's own directory goes before it.
type Authority struct {
	Name    map[string]string `yaml:"name"`
	Address map[string]string `yaml:"address"` // postal; empty: not known
	Source  string            `yaml:"source"`
}

// Act is a kind of letter within a regime.
type Act struct {
	ID       string            `yaml:"id"`
	Name     map[string]string `yaml:"name"`
	Template string            `yaml:"template"` // on top of the regime's own; empty: the regime's
	Replaces bool              `yaml:"replaces"` // its elements stand instead of the regime's
	Elements []Element         `yaml:"elements"`
}

// languages are those in which every regime has its names and templates.
var languages = []string{"nl", "fr", "de", "en"}

// Languages returns the languages in which every regime has its names, English last.
func Languages() []string { return slices.Clone(languages) }

// Table is the law as loaded. Nobody changes it afterwards.
type Table struct {
	regimes []Regime
	acts    []Act
	grounds []Ground
	dates   map[string]Date
	terms   map[string]map[string]string
	texts   map[string]string // templates of the operator's folder, by file name
	made    *sync.Map         // what others made from the table, by key: see Once
	lines   map[string]string // where an entry stands: "ground be-register" → "grounds.yaml:12"
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

// Act returns the act of that id; the one that opens has no entry of its own.
func (t Table) Act(id string) Act {
	for _, a := range t.acts {
		if a.ID == id {
			return a
		}
	}
	return Act{ID: id}
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

// AllGrounds returns every ground, in the order of the file.
func (t Table) AllGrounds() []Ground { return slices.Clone(t.grounds) }

// Dates returns the named days on which law changes.
func (t Table) Dates() map[string]Date { return maps.Clone(t.dates) }

// Term returns the official term in that language, "" when the table has none.
func (t Table) Term(id, language string) string { return t.terms[id][language] }

// Text returns a template of the operator's folder, by file name.
func (t Table) Text(name string) (string, bool) {
	s, ok := t.texts[name]
	return s, ok
}

// TextNames lists the templates of the operator's folder.
func (t Table) TextNames() []string { return slices.Sorted(maps.Keys(t.texts)) }

// Once returns what was made from the table under that key, and has it made the first time: reading templates anew for each letter would
// take longer than writing it. What fails is made again. The table never changes, so that nothing made from it grows old.
func Once[T any](t Table, key string, with func() (T, error)) (T, error) {
	if t.made == nil {
		return with()
	}
	if had, ok := t.made.Load(key); ok {
		if v, ok := had.(T); ok {
			return v, nil
		}
	}
	v, err := with()
	if err == nil {
		t.made.Store(key, v)
	}
	return v, err
}

// Has says whether the regime has that act. The opening act is meant also where no act is named.
func (r Regime) Has(act string) bool { return slices.Contains(r.Acts, r.act(act)) }

// act is the act as the files call it; a regime that opens with a complaint or a delisting has that as its first act.
func (r Regime) act(act string) string {
	if act != ActFirst {
		return act
	}
	if slices.Contains(r.Acts, ActDelisting) {
		return ActDelisting
	}
	return firstInFiles
}

// Speaks says whether the regime can be written in that language.
func (r Regime) Speaks(language string) bool {
	return len(r.Languages) == 0 || slices.Contains(r.Languages, language)
}

// Written returns the languages in which the regime can be written.
func (r Regime) Written() []string {
	if len(r.Languages) == 0 {
		return Languages()
	}
	return slices.Clone(r.Languages)
}

// Elements returns what a letter of that regime and act must hold, in the order of the files.
func (t Table) Elements(r Regime, act string) []Element {
	a := t.Act(act)
	if a.Replaces {
		return slices.Clone(a.Elements)
	}
	var out []Element
	for _, e := range slices.Concat(r.Elements, a.Elements) {
		if len(e.Acts) == 0 || slices.Contains(e.Acts, r.act(act)) {
			out = append(out, e)
		}
	}
	return out
}
