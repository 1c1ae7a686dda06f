package form

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

// Filled is one field with what stands in it.
type Filled struct {
	Field
	Text string // LF line ends; empty when a person types it, or where nothing is known and nothing is required
}

// Sheet is a form filled from a notice.
type Sheet struct {
	Form       Form
	Ticket     string
	Fields     []Filled
	Unapproved bool // nobody said yes to the notice yet: the sheet says that it is not to be handed in
}

// told is what the sources of fields draw on.
type told struct {
	table    law.Table
	facts    notice.Facts
	subject  string
	body     string // of the form's language
	elements map[string]string
}

// sources are what a field can be filled from.
var sources = map[string]func(told) string{
	"contact":      func(t told) string { return first(t.facts.Notifier.Contact, t.facts.Notifier.Name) },
	"organisation": func(t told) string { return t.facts.Notifier.Name },
	"role":         func(t told) string { return strings.ReplaceAll(t.facts.Notifier.Role, "_", " ") },
	"email":        func(t told) string { return t.facts.Notifier.Email },
	"telephone":    func(t told) string { return t.facts.Notifier.Telephone },
	"urls":         urls,
	"places":       places,
	"hosts":        hosts,
	"seen":         seen,
	"categories":   func(t told) string { return notice.KindsOfData(t.table, t.facts, t.facts.Language) },
	"subject":      func(t told) string { return t.subject },
	"text":         func(t told) string { return t.body },
	"mandate":      func(t told) string { return t.elements["mandate"] },
	"good_faith":   func(t told) string { return t.elements["good_faith"] },
	"reference":    func(t told) string { return t.facts.Ticket },
	"status":       func(t told) string { return t.facts.StatusURL },
}

// Fill puts a notice into a form. It refuses, naming each field: what is missing, too long, of several hosts, or asked for several
// persons where the form takes one. It never shortens: where the whole text is too long, it leaves out the sections on location and
// notifier, which have fields of their own, and refuses when that does not suffice.
func Fill(table law.Table, form Form, f notice.Facts, d notice.Draft) (Sheet, error) {
	t := told{table: table, facts: f, subject: d.Subject, elements: map[string]string{}}
	lang := form.Language
	if lang == "" {
		lang = f.Language
	}
	t.body = notice.Version(d.Body, lang)
	t.facts.Language = lang
	if lang != f.Language {
		if composed, err := notice.Compose(table, t.facts); err == nil && strings.TrimSpace(notice.Version(d.Body, "en")) == strings.TrimSpace(composed.Body) {
			t.subject = composed.Subject // nobody changed the text: the subject may follow its language
		}
	}
	for _, e := range notice.Check(table, t.facts, notice.Draft{Subject: t.subject, Body: t.body}) {
		t.elements[e.ID] = strings.ReplaceAll(e.Text, "\n", " ")
	}
	s := Sheet{Form: form, Ticket: f.Ticket}
	errs := form.fits(f)
	for _, field := range form.Fields {
		filled := Filled{Field: field, Text: field.Value}
		if field.From != "" {
			filled.Text = strings.TrimSpace(sources[field.From](t))
		}
		if field.From == "text" && field.Max > 0 && utf8.RuneCountInString(filled.Text) > field.Max {
			filled.Text = strings.TrimSpace(notice.Reasons(t.body))
		}
		switch n := utf8.RuneCountInString(filled.Text); {
		case filled.Text == "" && field.Required && !field.ByHand:
			errs = append(errs, fmt.Errorf("%s: nothing to fill in", field.Name))
		case field.Max > 0 && n > field.Max:
			errs = append(errs, fmt.Errorf("%s: %d characters, the form takes %d; shorten the text of the notice", field.Name, n, field.Max))
		}
		s.Fields = append(s.Fields, filled)
	}
	if err := errors.Join(errs...); err != nil {
		return Sheet{}, fmt.Errorf("fill the form of %s: %w", form.Name, err)
	}
	return s, nil
}

// fits says what of the notice as a whole the form does not take.
func (form Form) fits(f notice.Facts) []error {
	var errs []error
	names := map[string]bool{}
	for _, l := range f.Locations {
		if u, err := url.Parse(l.URL); err == nil {
			names[strings.ToLower(u.Hostname())] = true
		}
	}
	if form.OneHost && len(names) > 1 {
		errs = append(errs, fmt.Errorf("urls: %d host names, the form takes one: split the notice by host", len(names)))
	}
	if form.MaxURLs > 0 && len(f.Locations) > form.MaxURLs {
		errs = append(errs, fmt.Errorf("urls: %d addresses, the form takes %d", len(f.Locations), form.MaxURLs))
	}
	own := f.Notifier.Role == "data_subject" || slices.Contains([]string{"power_of_attorney", "data_subject"}, f.Mandate.Kind)
	if form.Individual && !own {
		errs = append(errs, errors.New("mandate: the form is for one person concerned, who asks in person or gave a power of attorney"))
	}
	return errs
}

func urls(t told) string {
	var out []string
	for _, l := range t.facts.Locations {
		out = append(out, notice.ShownURL(l.URL))
	}
	return strings.Join(out, "\n")
}

// places lists each address with its lines, as code hosts want it.
func places(t told) string {
	var out []string
	for _, l := range t.facts.Locations {
		s := notice.ShownURL(l.URL)
		switch {
		case l.Lines[1] > l.Lines[0]:
			s += fmt.Sprintf("\nLines %d–%d", l.Lines[0], l.Lines[1])
		case l.Lines[0] > 0:
			s += fmt.Sprintf("\nLine %d", l.Lines[0])
		case l.Path != "":
			s += "\nFile " + notice.ShownURL(l.Path)
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n\n")
}

func hosts(t told) string {
	var out []string
	for _, l := range t.facts.Locations {
		s := l.Host
		if l.IP != "" && l.IP != l.Host {
			s = strings.TrimSpace(s + " (" + l.IP + ")")
		}
		if s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}

func seen(t told) string {
	var last string
	for _, l := range t.facts.Locations {
		if at := l.Seen.UTC().Format("2006-01-02 15:04 UTC"); !l.Seen.IsZero() && at > last {
			last = at
		}
	}
	return last
}

func first(a, b string) string {
	if strings.TrimSpace(a) != "" {
		return a
	}
	return b
}

// Text writes the sheet for a person to copy from, field by field.
func (s Sheet) Text() string {
	var b strings.Builder
	if s.Unapproved {
		b.WriteString("NOT APPROVED: do not hand this in.\n")
	}
	fmt.Fprintf(&b, "Field sheet: %s\nWhere: %s\nKnown of it: %s\nReference: %s\n", s.Form.Name, s.Form.Where, s.Form.Source, s.Ticket)
	for _, f := range s.Fields {
		var marks []string
		if f.Required {
			marks = append(marks, "required")
		}
		if f.Max > 0 {
			marks = append(marks, fmt.Sprintf("%d of %d characters", utf8.RuneCountInString(f.Text), f.Max))
		}
		if f.Note != "" {
			marks = append(marks, f.Note)
		}
		fmt.Fprintf(&b, "\n=== %s", f.Name)
		if len(marks) > 0 {
			fmt.Fprintf(&b, " (%s)", strings.Join(marks, "; "))
		}
		text := f.Text
		switch {
		case f.ByHand:
			text = "(type it by hand; it is kept nowhere)"
		case text == "":
			text = "(leave empty)"
		}
		fmt.Fprintf(&b, " ===\n%s\n", text)
	}
	return b.String()
}
