package notice

import (
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"unmirror/takedown/law"
)

// Check tells for every element that the regime and the act require whether the draft, as it now reads, holds it. It looks at the text,
// not at where it came from: what an edit took out is missing, even when the facts or the
// English version below have it. An unknown regime gives one absent element,
// and so does each of these that does not fit the regime: the sender's role ("sender"), the language, the act.
// A draft whose elements are all present has an XARF report for each location that validates, where reports go with it.
func Check(t law.Table, f Facts, d Draft) []Element {
	r, ok := t.Regime(f.Regime)
	if !ok {
		return []Element{{ID: "regime", Missing: fmt.Sprintf("the law table has no regime %q: choose one that it has", f.Regime)}}
	}
	all, err := loadWords(t)
	if err != nil {
		return []Element{{ID: "regime", Missing: "the catalogue of words cannot be read"}}
	}
	c := checking{t: t, r: r, f: f, w: all[language(f.Language)], body: Version(d.Body, f.Language)}
	out := c.fits()
	for _, e := range t.Elements(r, f.Act) {
		el := Element{ID: e.ID, Citation: e.Citation, Label: e.Label}
		switch e.ID {
		case "location":
			el.Text, el.Missing = checkLocation(f, c.body)
		case "notifier":
			el.Text, el.Missing = checkNotifier(f, c.body)
		default:
			el.Text, el.Missing = c.element(e)
		}
		el.Present = el.Missing == ""
		out = append(out, el)
	}
	return out
}

// checking is one look at a draft.
type checking struct {
	t    law.Table
	r    law.Regime
	f    Facts
	w    words
	body string
}

// fits names what of the letter as such does not fit the regime.
func (c checking) fits() []Element {
	var out []Element
	odd := func(id, missing string) {
		out = append(out, Element{ID: id, Citation: c.r.Citation["en"], Label: c.r.Name, Missing: missing})
	}
	if !c.r.Has(c.f.Act) {
		odd("act", fmt.Sprintf("the regime %s has no letter of the kind %q", c.r.ID, c.f.Act))
	}
	// A role that is not told is refused only where the regime does not leave it open who writes.
	if role := c.f.Notifier.Role; !slices.Contains(c.r.Senders, role) && (role != "" || !slices.Contains(c.r.Senders, "controller")) {
		if role == "" {
			odd("sender", fmt.Sprintf("organisation.role is empty: a %s is sent by a %s", c.r.Name["en"], strings.Join(c.r.Senders, " or ")))
		} else {
			odd("sender", fmt.Sprintf("a %s may not send a %s: organisation.role would have to be %s", strings.ReplaceAll(role, "_", " "),
				c.r.Name["en"], strings.Join(c.r.Senders, " or ")))
		}
	}
	if lang := language(c.f.Language); !c.r.Speaks(lang) {
		odd("language", fmt.Sprintf("a %s can be written in %s, not in %s", c.r.Name["en"], strings.Join(c.r.Languages, ", "), lang))
	}
	return out
}

// element looks for what fills one element: the facts that it needs, the provisions and the words by which it is known.
func (c checking) element(e law.Element) (text, missing string) {
	paras := paragraphs(c.body)
	used := map[int]bool{}
	if e.ID == "reasons" {
		if missing := c.recognised(); missing != "" {
			return "", missing
		}
	}
	for _, n := range e.Needs {
		values, missing := c.need(n)
		if missing != "" {
			return "", missing
		}
		for _, v := range values {
			at := find(paras, v)
			if at < 0 {
				return "", fmt.Sprintf("the element “%s” no longer stands in the text: it lacks what %s gives; put it back", e.Label["en"], pathOf(n))
			}
			used[at] = true
		}
	}
	if e.Grounds {
		at, missing := c.ground(paras)
		if missing != "" {
			return "", missing
		}
		used[at] = true
	}
	groups := e.Phrases[language(c.f.Language)]
	if len(groups) == 0 && len(e.Needs) == 0 && !e.Grounds {
		return "", "the law table gives no words by which to find “" + e.ID + "”: add phrases or needs to the element"
	}
	absent := ""
	if e.Apart {
		absent = apart(groups, paras, used)
	} else if len(groups) > 0 {
		absent = together(groups, paras, used)
	}
	if absent != "" {
		return "", "the element “" + e.Label["en"] + "” no longer stands in the text: it needs “" + absent + "” or the like, in the notice's language"
	}
	var out []string
	for i, p := range paras {
		if used[i] {
			out = append(out, p)
		}
	}
	return strings.Join(out, "\n\n"), ""
}

// recognised says what is missing when the text cannot tell how the content was recognised.
func (c checking) recognised() string {
	if c.w.recognised(c.f) == "" {
		return "the case does not say how the content was recognised: its match has no grade that can be explained"
	}
	if strings.Contains(c.body, slot("grade")) {
		return "the text does not yet say how the content was recognised: replace " + slot("grade")
	}
	return ""
}

// ground finds a paragraph with a provision on which the notice rests; what counsel added by hand must apply.
func (c checking) ground(paras []string) (at int, missing string) {
	for _, g := range c.t.Gaps(c.r, c.f.query()) {
		if slices.Contains(c.f.Optional, g.Ground) {
			return 0, fmt.Sprintf("the ground %s that counsel added cannot be cited. %s", g.Ground, g.Why)
		}
	}
	grounds := c.t.Grounds(c.r, c.f.query())
	if len(grounds) == 0 {
		return 0, "no provision of the regime applies on that day: the text cannot say what is infringed"
	}
	for _, g := range grounds {
		if at := find(paras, g.Citation[language(c.f.Language)]); at >= 0 {
			return at, ""
		}
	}
	return 0, "the reasons in the text name none of the provisions on which the notice rests: put one back, for instance “" + grounds[0].Citation[language(c.f.Language)] + "”"
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
		case f.reported() && !reportable(f, i):
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
	for _, c := range s[:strings.LastIndexByte(s, '@')] {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return asciiDomain(s[strings.LastIndexByte(s, '@')+1:]) != ""
}

// together wants a wording of every group in one paragraph, and returns what is looked for when there is none.
func together(groups [][]string, paras []string, used map[int]bool) (absent string) {
	for i, p := range paras {
		all := true
		for _, g := range groups {
			all = all && containsAny(p, g)
		}
		if all {
			used[i] = true
			return ""
		}
	}
	var firsts []string
	for _, g := range groups {
		firsts = append(firsts, g[0])
	}
	return strings.Join(firsts, " … ")
}

// apart wants a wording of every group in some paragraph, and returns the first group's that is nowhere.
func apart(groups [][]string, paras []string, used map[int]bool) (absent string) {
	for _, g := range groups {
		at := slices.IndexFunc(paras, func(p string) bool { return containsAny(p, g) })
		if at < 0 {
			return g[0]
		}
		used[at] = true
	}
	return ""
}

// find returns the first paragraph with that text, however it is wrapped; -1 for none.
func find(paras []string, text string) int {
	want := flatten(text)
	return slices.IndexFunc(paras, func(p string) bool { return want != "" && strings.Contains(flatten(p), want) })
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
