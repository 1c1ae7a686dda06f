package notice

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"text/template"
	"unicode"

	"unmirror/takedown/law"
)

// The marks that templates leave for layout; clean takes them out of every fact.
const (
	verbatimMark = "\x01" // the line is not wrapped
	optionalMark = "\x02" // the line falls away when nothing else stands in it
)

// Compose writes the draft: the recipient's language first, then English unless that is the recipient's language or the regime wants a
// letter in one language. Facts that are empty leave a slot such as [[organisation.email]], which Check reports. It fails for an unknown
// regime, for an act that the regime does not have, and for a recipient of a kind to whom the regime does not apply.
func Compose(t law.Table, f Facts) (Draft, error) {
	r, ok := t.Regime(f.Regime)
	if !ok {
		return Draft{}, fmt.Errorf("compose notice: unknown regime %q", f.Regime)
	}
	if !slices.Contains(r.Recipients, f.RecipientKind) {
		return Draft{}, fmt.Errorf("compose notice: regime %s does not apply to a recipient of kind %q", r.ID, f.RecipientKind)
	}
	if !r.Has(f.Act) {
		return Draft{}, fmt.Errorf("compose notice: regime %s has no act %q", r.ID, f.Act)
	}
	all, err := loadWords(t)
	if err != nil {
		return Draft{}, fmt.Errorf("compose notice: %w", err)
	}
	lang := language(f.Language)
	d, err := write(t, r, f, all, lang)
	if err != nil {
		return Draft{}, fmt.Errorf("compose notice: %w", err)
	}
	d.Subject = "[" + clean(f.Ticket) + "] " + d.Subject
	if lang == "en" || r.Alone {
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

func write(t law.Table, r law.Regime, f Facts, all map[string]words, lang string) (Draft, error) {
	tmpl, err := loadTemplates(t, r, f.Act, lang)
	if err != nil {
		return Draft{}, err
	}
	v := look(t, r, f, all[lang], lang)
	var d Draft
	for name, into := range map[string]*string{"subject": &d.Subject, "body": &d.Body} {
		var b strings.Builder
		if err := tmpl.ExecuteTemplate(&b, name, v); err != nil {
			return Draft{}, fmt.Errorf("fill template: %w", err)
		}
		*into = b.String()
	}
	d.Subject = clean(d.Subject)
	d.Body = wrap(d.Body)
	return d, nil
}

// slot is a hole in the text, named after what fills it.
func slot(name string) string { return "[[" + name + "]]" }

// wholeLine is a template line that is one condition from beginning to end.
var wholeLine = regexp.MustCompile(`(?m)^(\{\{(?:with|if) .*\{\{end\}\})$`)

// shared are the parts that every letter of a language is made of.
const shared = "parts"

// loadTemplates reads the parts, the regime's own words and the act's letter over them: what a later file defines goes first. Texts of
// the operator's folder stand in place of the program's own.
func loadTemplates(t law.Table, r law.Regime, act, lang string) (*template.Template, error) {
	key := strings.Join([]string{"templates", r.Template, t.Act(act).Template, lang}, " ")
	return law.Once(t, key, func() (*template.Template, error) { return readTemplates(t, r, act, lang) })
}

func readTemplates(t law.Table, r law.Regime, act, lang string) (*template.Template, error) {
	set := template.New("notice").Option("missingkey=zero").Funcs(template.FuncMap{
		"slot":     slot,
		"verbatim": func(s string) string { return verbatimMark + s },
	})
	for _, name := range []string{shared, r.Template, t.Act(act).Template} {
		if name == "" {
			continue
		}
		file := name + "." + lang + ".txt"
		src, err := source(t, file)
		if err != nil {
			return nil, err
		}
		if _, err := set.New("templates/" + file).Parse(wholeLine.ReplaceAllString(src, "${1}"+optionalMark)); err != nil {
			return nil, fmt.Errorf("read %w", err)
		}
	}
	return set, nil
}

func source(t law.Table, file string) (string, error) {
	if s, ok := t.Text(file); ok {
		return s, nil
	}
	b, err := fs.ReadFile(embedded, "templates/"+file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read template: there is no templates/%s", file)
	}
	if err != nil {
		return "", fmt.Errorf("read template: %w", err)
	}
	return string(b), nil
}

// Templates gives the texts that the program carries, for an operator who begins from them.
func Templates() (fs.FS, error) { return fs.Sub(embedded, "templates") }

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
