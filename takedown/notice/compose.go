package notice

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"time"
	"unicode"

	"unmirror/fingerprints/match"
	"unmirror/takedown/law"
)

// The marks that templates leave for layout; clean takes them out of every fact.
const (
	verbatimMark = "\x01" // the line is not wrapped
	optionalMark = "\x02" // the line falls away when nothing else stands in it
)

// Compose writes the draft: the recipient's language first, then English unless that is the recipient's language. Facts that are empty
// leave a slot such as [[organisation.email]], which Check reports. It fails for an unknown regime, and for a recipient of a kind to
// whom the regime does not apply.
func Compose(t law.Table, f Facts) (Draft, error) {
	r, ok := t.Regime(f.Regime)
	if !ok {
		return Draft{}, fmt.Errorf("compose notice: unknown regime %q", f.Regime)
	}
	if !slices.Contains(r.Recipients, f.RecipientKind) {
		return Draft{}, fmt.Errorf("compose notice: regime %s does not apply to a recipient of kind %q", r.ID, f.RecipientKind)
	}
	all, err := loadWords()
	if err != nil {
		return Draft{}, fmt.Errorf("compose notice: %w", err)
	}
	lang := language(f.Language)
	d, err := write(t, r, f, all, lang)
	if err != nil {
		return Draft{}, fmt.Errorf("compose notice: %w", err)
	}
	d.Subject = "[" + clean(f.Ticket) + "] " + d.Subject
	if lang == "en" {
		return d, nil
	}
	en, err := write(t, r, f, all, "en")
	if err != nil {
		return Draft{}, fmt.Errorf("compose notice: %w", err)
	}
	d.Body = wrap(all[lang].Follows) + "\n" + d.Body + "\n" + rule(all["en"].Heading) + "\n" + en.Body
	return d, nil
}

func rule(heading string) string {
	return "-- " + heading + " " + strings.Repeat("-", columns-len(heading)-4) + "\n"
}

// view is what a template sees: cleaned, and in its language.
type view struct {
	Ticket, Date, Leak, Recipient, Kind, Regime string
	Notifier                                    Party
	Role, Recognised, Categories                string
	Health                                      bool
	Subjects                                    int
	Excerpt                                     bool // what was found is a part of the known file: what the file holds need not be in it
	Locations                                   []place
	Many                                        bool
	Cite                                        map[string]string // by ground id, only those that apply
	StatusURL                                   string
}

type place struct {
	N                         int
	URL, Part, IP, Host, Seen string
}

func write(t law.Table, r law.Regime, f Facts, all map[string]words, lang string) (Draft, error) {
	tmpl, err := loadTemplate(r.Template, lang)
	if err != nil {
		return Draft{}, err
	}
	v := look(t, r, f, all[lang], lang)
	var d Draft
	for name, into := range map[string]*string{"subject": &d.Subject, "body": &d.Body} {
		var b strings.Builder
		if err := tmpl.ExecuteTemplate(&b, name, v); err != nil {
			return Draft{}, fmt.Errorf("fill template %s.%s: %w", r.Template, lang, err)
		}
		*into = b.String()
	}
	d.Body = wrap(d.Body)
	return d, nil
}

func look(t law.Table, r law.Regime, f Facts, w words, lang string) view {
	n := f.Notifier
	v := view{
		Ticket: clean(f.Ticket), Date: w.date(f.Date), Leak: clean(f.LeakTitle), Recipient: clean(f.RecipientName), Kind: f.RecipientKind,
		Regime: r.Citation[lang], Role: w.Roles[n.Role], Categories: w.categories(f.Categories), Subjects: f.Subjects, Excerpt: f.excerpt(),
		Health: slices.Contains(f.Categories, "health"), Many: len(f.Locations) > 1, Cite: map[string]string{},
		Notifier: Party{Name: clean(n.Name), Contact: clean(n.Contact), Email: clean(n.Email), Telephone: clean(n.Telephone), Address: clean(n.Address)},
	}
	if v.Recognised = w.recognised(f); v.Recognised == "" {
		v.Recognised = slot("grade")
	}
	if f.StatusURL != "" {
		v.StatusURL = ShownURL(f.StatusURL)
	}
	for _, g := range t.Grounds(r, f.query()) {
		v.Cite[g.ID] = g.Citation[lang]
	}
	for i, l := range f.Locations {
		p := place{N: i + 1, URL: ShownURL(l.URL), Part: clean(l.Part), IP: clean(l.IP), Host: clean(l.Host)}
		if p.URL == "" {
			p.URL = slot("location")
		}
		if !l.Seen.IsZero() {
			p.Seen = l.Seen.UTC().Format("2006-01-02 15:04 UTC")
		}
		if p.Host == p.IP {
			p.Host = ""
		}
		v.Locations = append(v.Locations, p)
	}
	if len(v.Locations) == 0 {
		v.Locations = []place{{N: 1, URL: slot("location")}}
	}
	return v
}

// query is what the choice of grounds depends on.
func (f Facts) query() law.Query {
	return law.Query{Day: day(f), Facts: f.FactsDate, Categories: f.Categories, Incident: f.Incident.Kind, Countries: f.Countries, Added: f.Optional}
}

// day is the day of the publication: a notice rests on today's publication, not on the breach.
func day(f Facts) time.Time {
	d := f.Date
	for _, l := range f.Locations {
		if l.Seen.After(d) {
			d = l.Seen
		}
	}
	return d
}

// slot is a hole in the text, named after what fills it.
func slot(name string) string { return "[[" + name + "]]" }

// wholeLine is a template line that is one condition from beginning to end.
var wholeLine = regexp.MustCompile(`(?m)^(\{\{(?:with|if) .*\{\{end\}\})$`)

func loadTemplate(name, lang string) (*template.Template, error) {
	file := "templates/" + name + "." + lang + ".txt"
	b, err := fs.ReadFile(embedded, file)
	if err != nil {
		return nil, fmt.Errorf("read template: %w", err)
	}
	src := wholeLine.ReplaceAllString(string(b), "${1}"+optionalMark)
	t, err := template.New(file).Option("missingkey=zero").Funcs(template.FuncMap{
		"slot":     slot,
		"verbatim": func(s string) string { return verbatimMark + s },
		"pick": func(got, want, yes, no string) string {
			if got == want {
				return yes
			}
			return no
		},
	}).Parse(src)
	if err != nil {
		return nil, fmt.Errorf("parse template: %w", err)
	}
	return t, nil
}

// clean makes one line of a fact: whatever could break a line, hide or reorder text becomes a space or falls away.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\u00a0' || r == '\u202f': // no-break spaces, as French typography wants them
			return r
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r): // zero width, direction overrides
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == ' ' }), " ")
}

// excerpt says whether only a part of the known file was found.
func (f Facts) excerpt() bool { return f.Grade == string(match.Passages) && f.Coverage < 0.95 }
