package law

import (
	"fmt"
	"slices"
	"time"
)

// For returns the first regime of the table that binds a recipient of that kind, who offers services in the Union or does not, and
// that has that act. What only counsel may ask for is never returned: see Choices.
func (t Table) For(kind string, offersInEU bool, act string) (Regime, bool) {
	for _, r := range t.Choices(kind, offersInEU, act, nil) {
		if !r.ByCounsel {
			return r, true
		}
	}
	return Regime{}, false
}

// Choices returns every regime under which counsel may write that act to such a recipient, those of countries whose law counsel
// chose included, in the order of the files.
func (t Table) Choices(kind string, offersInEU bool, act string, countries []string) []Regime {
	var out []Regime
	for _, r := range t.regimes {
		if !slices.Contains(r.Recipients, kind) || r.UnionOnly && !offersInEU || !r.Has(act) {
			continue
		}
		if len(r.Countries) > 0 && countries != nil && !shared(r.Countries, countries) {
			continue
		}
		out = append(out, r)
	}
	return out
}

// Query is what the choice of grounds depends on.
type Query struct {
	Day        time.Time // of the publication
	Facts      time.Time // of the facts; zero: not filled in
	Categories []string
	Incident   string   // how it leaked; empty: not filled in
	Countries  []string // whose law counsel chose
	Added      []string // ids of grounds that counsel added
	Asked      []Asked  // earlier letters
	Answer     string   // what they came to; empty: none were sent
}

// Asked is one earlier letter.
type Asked struct {
	Regime string
	Date   time.Time
}

// asked says whether a letter of one of the regimes went out so many months before the day.
func (q Query) asked(g Ground) bool {
	return slices.ContainsFunc(q.Asked, func(a Asked) bool {
		return slices.Contains(g.Asked, a.Regime) && !a.Date.AddDate(0, g.Months, 0).After(q.Day)
	})
}

// Grounds returns the grounds on which such a notice rests, in the regime's order. An open ground never applies: it has no text.
func (t Table) Grounds(r Regime, q Query) []Ground {
	var out []Ground
	for _, id := range slices.Concat(r.Grounds, r.Optional) {
		if g, ok := t.Ground(id); ok && g.Status != Open && t.why(r, g, q) == "" && t.day(g, q) == "" {
			out = append(out, g)
		}
	}
	return out
}

// Gap is a ground that was asked for and cannot be cited.
type Gap struct {
	Ground string
	Why    string // a plain sentence for counsel
}

// Gaps returns the grounds of the chosen countries, and those added by hand, that cannot be cited: an empty slot, a date that is
// missing or disputed, or one that counsel added although it does not apply.
func (t Table) Gaps(r Regime, q Query) []Gap {
	var out []Gap
	for _, id := range slices.Concat(r.Grounds, r.Optional) {
		g, ok := t.Ground(id)
		added := slices.Contains(q.Added, id)
		if !ok || !added && (len(g.Countries) == 0 || !shared(g.Countries, q.Countries)) {
			continue
		}
		if why := t.why(r, g, q); why != "" {
			if added {
				out = append(out, Gap{id, why})
			}
			continue
		}
		if why := t.day(g, q); why != "" {
			// A provision of another time is no gap: its successor or predecessor stands for it.
			if added || g.DatedBy == datedByFacts && (q.Facts.IsZero() || t.disputed(g, q.Facts)) {
				out = append(out, Gap{id, why})
			}
			continue
		}
		if g.Status == Open {
			out = append(out, Gap{id, "Its citation is an empty slot: " + g.Source + ". Counsel fills it in grounds.yaml of the law folder."})
		}
	}
	for _, id := range q.Added {
		if !slices.Contains(slices.Concat(r.Grounds, r.Optional), id) {
			out = append(out, Gap{id, "The regime " + r.ID + " does not have it among its grounds."})
		}
	}
	return out
}

// why says for what reason, other than its dates, a ground does not apply; "" when it does.
func (t Table) why(r Regime, g Ground, q Query) string {
	switch {
	case slices.Contains(r.Optional, g.ID) && !slices.Contains(q.Added, g.ID) && !shared(g.Countries, q.Countries):
		return "Counsel chose neither its country nor the ground itself."
	case len(g.Categories) > 0 && !shared(g.Categories, q.Categories):
		return "The leak has none of the kinds of data that it is about."
	case len(g.Asked) > 0 && !q.asked(g):
		return "Nothing was asked long enough ago under a regime to which it belongs."
	case len(g.Answers) > 0 && !slices.Contains(g.Answers, q.Answer):
		return "What the earlier letters came to is not what it is about."
	case len(g.Incidents) > 0 && !slices.Contains(g.Incidents, q.Incident):
		return "It is about another way of leaking than the leak file gives under incident.kind."
	}
	return ""
}

const (
	datedByPublication = "publication"
	datedByFacts       = "facts"
)

// day says why the dates keep a ground from applying; "" when they do not.
func (t Table) day(g Ground, q Query) string {
	day := q.Day
	if g.DatedBy == datedByFacts {
		day = q.Facts
		if day.IsZero() && (!g.From.IsZero() || !g.Until.IsZero()) {
			return "Whether it applies depends on the day of the facts: fill in facts_date of the leak file."
		}
		if t.disputed(g, day) {
			return "Sources dispute the day from which the law changed: counsel sets it in dates.yaml of the law folder."
		}
	}
	if !g.From.IsZero() && day.Before(g.From) {
		return fmt.Sprintf("It applies only from %s.", g.From.Format(time.DateOnly))
	}
	if !g.Until.IsZero() && !day.Before(g.Until) {
		return fmt.Sprintf("It applied only until %s.", g.Until.Format(time.DateOnly))
	}
	return ""
}

// disputed says whether a day lies where it is not settled which of two laws applies.
func (t Table) disputed(g Ground, day time.Time) bool {
	for _, name := range []string{g.FromText, g.UntilText} {
		if d, ok := t.dates[name]; ok && d.Date.IsZero() && !day.Before(d.Earliest) && day.Before(d.Latest) {
			return true
		}
	}
	return false
}

// Unconfirmed lists the citations, in that language, on which such a notice would rest although nobody has confirmed them: counsel
// reads them before approving.
func (t Table) Unconfirmed(r Regime, q Query, language string) []string {
	var out []string
	if r.Status != Confirmed {
		out = append(out, r.Citation[language])
	}
	for _, g := range t.Grounds(r, q) {
		if g.Status != Confirmed {
			out = append(out, g.Citation[language])
		}
	}
	return out
}

func shared(a, b []string) bool {
	return slices.ContainsFunc(a, func(s string) bool { return slices.Contains(b, s) })
}
