package notice

import (
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"unmirror/takedown/law"
)

// Check tells for every element that the regime requires whether the draft, as it now reads, holds it. It looks at the text, not at
// where it came from: what an edit took out is missing, even when the facts have it. An unknown regime gives one absent element.
// A draft whose elements are all present has an XARF report for each location that validates.
func Check(t law.Table, f Facts, d Draft) []Element {
	r, ok := t.Regime(f.Regime)
	if !ok {
		return []Element{{ID: "regime", Missing: fmt.Sprintf("the law table has no regime %q: choose one that it has", f.Regime)}}
	}
	body := Canonical(d.Body)
	var out []Element
	for _, e := range r.Elements {
		el := Element{ID: e.ID, Citation: e.Citation, Label: e.Label}
		switch e.ID {
		case "location":
			el.Text, el.Missing = checkLocation(f, body)
		case "notifier":
			el.Text, el.Missing = checkNotifier(f, body)
		case "reasons":
			el.Text, el.Missing = checkReasons(e, f, body)
		default:
			el.Text, el.Missing = checkStatement(e, f, body)
		}
		el.Present = el.Missing == ""
		out = append(out, el)
	}
	return out
}

func checkLocation(f Facts, body string) (text, missing string) {
	if len(f.Locations) == 0 {
		return "", "the case has no location: a notice needs at least one exact address"
	}
	var urls []string
	for i, l := range f.Locations {
		u := ShownURL(l.URL)
		urls = append(urls, u)
		switch {
		case l.URL == "":
			return "", fmt.Sprintf("location %d has no address", i+1)
		case !complete(l.URL):
			return "", fmt.Sprintf("location %d is not a complete address with a host", i+1)
		case CarriesSecret(l.URL):
			return "", fmt.Sprintf("the address of location %d carries a password or key: it goes by the recipient's form or encrypted, not in plain mail", i+1)
		case !holds(body, u):
			return "", fmt.Sprintf("the exact address of location %d no longer stands in the text: put it back into the section on the location", i+1)
		case !reportable(f, i):
			return "", fmt.Sprintf("location %d cannot be written as a report: its host is no valid host name, or the notice has no date", i+1)
		}
	}
	return strings.Join(urls, "\n"), ""
}

func checkNotifier(f Facts, body string) (text, missing string) {
	name, email := clean(f.Notifier.Name), clean(f.Notifier.Email)
	switch {
	case name == "":
		return "", "organisation.name is empty: set it in the configuration"
	case email == "":
		return "", "organisation.email is empty: set it in the configuration"
	case utf8.RuneCountInString(name) > 200:
		return "", "organisation.name is longer than 200 characters: shorten it in the configuration"
	case !sendable(email):
		return "", "organisation.email is no e-mail address: correct it in the configuration"
	}
	flat := flatten(body)
	if !strings.Contains(flat, flatten(name)) {
		return "", "the notifier's name no longer stands in the text: put it back into the section on the notifier"
	}
	if !strings.Contains(flat, flatten(email)) {
		return "", "the notifier's e-mail address no longer stands in the text: put it back into the section on the notifier"
	}
	return name + " <" + email + ">", ""
}

// sendable tells whether s is a bare address at a host name.
func sendable(s string) bool {
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s {
		return false
	}
	return asciiDomain(s[strings.LastIndexByte(s, '@')+1:]) != ""
}

func checkReasons(e law.Element, f Facts, body string) (text, missing string) {
	if all, err := loadWords(); err != nil || all["en"].recognised(f) == "" {
		return "", "the case does not say how the content was recognised: its match has no grade that can be explained"
	}
	if strings.Contains(body, slot("grade")) {
		return "", "the text does not yet say how the content was recognised: replace " + slot("grade")
	}
	found, absent := phrases(e, f, paragraphs(body), false)
	if absent != "" {
		return "", "the text no longer gives the reasons: it lacks “" + absent + "” or the like; put the section on the reasons back"
	}
	return found, ""
}

// checkStatement wants every phrase of the statement in one paragraph.
func checkStatement(e law.Element, f Facts, body string) (text, missing string) {
	if len(e.Phrases) == 0 {
		return "", "the law table gives no words by which to find “" + e.ID + "”: add phrases to the element"
	}
	for _, p := range paragraphs(body) {
		if _, absent := phrases(e, f, []string{p}, true); absent == "" {
			return p, ""
		}
	}
	_, absent := phrases(e, f, nil, true)
	return "", "the " + e.Label["en"] + " no longer stands in the text: it needs “" + absent + "”, in the notice's language"
}

// phrases looks for one wording of each group and returns the paragraphs that hold them, or the first wording of the first
// group that is nowhere.
func phrases(e law.Element, f Facts, paras []string, whole bool) (found, absent string) {
	used := map[int]bool{}
	for _, group := range e.Phrases[language(f.Language)] {
		at := -1
		for i, p := range paras {
			if containsAny(p, group) {
				at = i
				break
			}
		}
		if at < 0 {
			if whole {
				return "", firsts(e.Phrases[language(f.Language)])
			}
			return "", group[0]
		}
		used[at] = true
	}
	var out []string
	for i, p := range paras {
		if used[i] {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n"), ""
}

func firsts(groups [][]string) string {
	var out []string
	for _, g := range groups {
		out = append(out, g[0])
	}
	return strings.Join(out, " … ")
}

func containsAny(paragraph string, group []string) bool {
	flat := flatten(paragraph)
	for _, g := range group {
		if strings.Contains(flat, flatten(g)) {
			return true
		}
	}
	return false
}

func paragraphs(body string) []string {
	var out []string
	for _, p := range strings.Split(body, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}

// flatten makes wrapped text comparable: lower case, every run of white space one space.
func flatten(s string) string {
	return strings.ToLower(strings.Join(strings.FieldsFunc(s, unicode.IsSpace), " "))
}
