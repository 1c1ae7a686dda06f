package notice

import (
	"fmt"
	"slices"
	"strings"

	"unmirror/takedown/law"
)

// pathOf is a need without what it restricts its values to: "mandates=union" → "mandates".
func pathOf(need string) string {
	path, _, _ := strings.Cut(need, "=")
	return path
}

// need returns what of a fact must stand in the text, in the notice's language; or, when the fact is absent, where to fill it in.
func (c checking) need(need string) (values []string, missing string) {
	f := c.f
	path, allowed, _ := strings.Cut(need, "=")
	switch path {
	case "mandates":
		return c.needMandate(strings.Split(allowed, ","))
	case "uploader_contact":
		if s := c.w.uploader(f); s != "" {
			return []string{s}, ""
		}
		return nil, "uploader_contact of the leak file is not filled in: say when and how whoever placed the content was asked first, or why not"
	case "facts_date":
		return nil, unless(!f.FactsDate.IsZero(), "facts_date of the leak file is not filled in: it decides which provisions apply")
	case "national_ground":
		return c.needNational()
	case "incident.kind":
		return nil, unless(f.Incident.Kind != "", "incident.kind of the leak file is not filled in")
	case "incident.from":
		return []string{c.w.date(f.Incident.From)}, unless(!f.Incident.From.IsZero(), "incident.from of the leak file is not filled in")
	case "organisation.contact":
		return []string{clean(f.Notifier.Contact)}, unless(clean(f.Notifier.Contact) != "", "organisation.contact is empty: name who signs in the configuration")
	case "organisation.telephone":
		return []string{clean(f.Notifier.Telephone)}, unless(clean(f.Notifier.Telephone) != "", "organisation.telephone is empty: set it in the configuration")
	case "organisation.address":
		return []string{clean(f.Notifier.Address)}, unless(clean(f.Notifier.Address) != "", "organisation.address is empty: set it in the configuration")
	case "earlier":
		return c.needEarlier(allowed)
	case "respondent":
		return c.needRespondent()
	case "withdrawal":
		wrong := c.w.Wrong[f.Withdrawal.Wrong]
		if f.Withdrawal.Wrong == "other" && clean(f.Withdrawal.Words) == "" {
			return nil, "the withdrawal does not say what was wrong: give a sentence"
		}
		return []string{wrong}, unless(wrong != "", "the withdrawal does not say what was wrong: choose not_leak, exception, wrong_location, wrong_recipient or other")
	case "date":
		return []string{c.w.date(f.Date)}, unless(!f.Date.IsZero(), "the letter has no date")
	}
	return nil, fmt.Sprintf("the law table needs %q, which no case has", need)
}

// needRespondent wants a paragraph that begins with the respondent: named among the letters that went before, nobody is accused yet.
func (c checking) needRespondent() (values []string, missing string) {
	name := clean(c.f.Respondent.Name)
	if name == "" {
		return nil, "the complaint does not say against whom it is: name the respondent"
	}
	own := func(p string) bool {
		return strings.HasPrefix(flatten(p), flatten(name)) || strings.Contains(flatten(p), ": "+flatten(name))
	}
	return []string{name}, unless(slices.ContainsFunc(paragraphs(c.body), own), "the element “respondent” no longer stands in the text: it lacks what respondent gives; put it back")
}

func unless(ok bool, missing string) string {
	if ok {
		return ""
	}
	return missing
}

func (c checking) needMandate(kinds []string) (values []string, missing string) {
	m := c.f.Mandate
	if m.Kind == "data_subject" || m.Kind == "" && c.f.Notifier.Role == "data_subject" {
		if c.f.Notifier.Role != "data_subject" {
			return nil, "mandates of the leak file is not filled in: only the person concerned writes without one (organisation.role is another)"
		}
		return []string{c.w.mandate(c.f)}, ""
	}
	switch {
	case m.Kind == "":
		return nil, "mandates of the leak file is not filled in: the right is that of the persons concerned, and only they or whoever they mandated may exercise it"
	case !slices.Contains(kinds, m.Kind):
		return nil, fmt.Sprintf("a mandate of the kind %s does not carry this right: it needs one of %s", m.Kind, strings.Join(kinds, ", "))
	case m.Date.IsZero():
		return nil, "the mandate in the leak file has no date"
	case m.Kind == "union" && clean(m.From) == "":
		return nil, "the mandate in the leak file does not say who gave it"
	}
	return []string{c.w.mandate(c.f)}, ""
}

// needNational wants at least one provision of a country, and its citation in the text.
func (c checking) needNational() (values []string, missing string) {
	lang := language(c.f.Language)
	paras := paragraphs(c.body)
	found := ""
	for _, g := range c.t.Grounds(c.r, c.f.query()) {
		if len(g.Countries) == 0 {
			continue
		}
		found = g.Citation[lang]
		if find(paras, found) >= 0 {
			return []string{found}, ""
		}
	}
	if found != "" {
		return []string{found}, ""
	}
	why := "No national provision of the regime applies to these facts."
	if gaps := c.t.Gaps(c.r, c.f.query()); len(gaps) > 0 {
		why = gaps[0].Ground + ": " + gaps[0].Why
	}
	return nil, "no national ground can be cited. " + why
}

// needEarlier wants each earlier letter with its ticket and its day; where regimes are named, one under them that was not settled.
func (c checking) needEarlier(regimes string) (values []string, missing string) {
	n := 0
	for i, e := range c.f.Earlier {
		if clean(e.Ticket) == "" || e.Date.IsZero() {
			return nil, fmt.Sprintf("earlier letter %d has no ticket or no date", i+1)
		}
		values = append(values, clean(e.Ticket), c.w.date(e.Date))
		if slices.Contains(strings.Split(regimes, ","), e.Regime) && e.answer() != "removed" {
			n++
		}
	}
	switch {
	case len(c.f.Earlier) == 0:
		return nil, "no earlier letter about this content is known: nothing was asked before"
	case regimes != "" && n == 0:
		return nil, "none of the earlier letters was one of " + strings.ReplaceAll(regimes, ",", ", ") + " and stayed without success: that comes first"
	}
	return values, ""
}

// Unsure lists for counsel what such a notice would rest on although nobody has confirmed it, and the provisions of the chosen
// countries that cannot be cited, each as one plain sentence in English.
func Unsure(t law.Table, f Facts) []string {
	r, ok := t.Regime(f.Regime)
	if !ok {
		return nil
	}
	var out []string
	for _, c := range t.Unconfirmed(r, f.query(), language(f.Language)) {
		out = append(out, "Nobody has confirmed this citation: "+c)
	}
	for _, g := range t.Gaps(r, f.query()) {
		out = append(out, "The provision "+g.Ground+" cannot be cited: "+g.Why)
	}
	return out
}
