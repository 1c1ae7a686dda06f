package table

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// form gathers "Label: value" lines and the phrases of letters as a row about one person; a label that comes again begins
// the next row.
type form struct {
	rows    []fields
	at      fields
	unnamed fields // the first that tell of somebody whom no label names
	pending string // a label at the end of its line: the value stands on the next
}

const (
	maxLabel = 44  // bytes
	maxValue = 240 // bytes
	maxForms = sampleRows
)

// line reads one line.
func (f *form) line(l string) {
	l = strings.TrimSpace(l)
	if l == "" || len(l) > 1<<12 {
		return
	}
	if f.pending != "" {
		if !strings.Contains(l, ":") && len(l) <= maxValue {
			f.add(f.pending, l)
			f.pending = ""
			return
		}
		f.pending = ""
	}
	parts := columnsOfLine.Split(l, -1)
	if len(parts) == 2 && !strings.Contains(l, ":") && isLabel(parts[0]) && !isLabel(parts[1]) && len(parts[1]) <= maxValue {
		f.add(parts[0], parts[1])
		return
	}
	for _, part := range parts {
		label, value, ok := strings.Cut(part, ":")
		label, value = strings.Trim(strings.TrimSpace(label), "*-•>_\"' "), strings.TrimSpace(value)
		if !ok || label == "" || len(label) > maxLabel || strings.Count(label, " ") > 5 {
			continue
		}
		if _, known := byName(label); !known {
			if label = byForm(value); label == "" {
				continue
			}
		}
		if value == "" {
			f.pending = label
		} else if len(value) <= maxValue {
			f.add(label, strings.Trim(value, "\"', "))
		}
	}
}

// byForm names a column by the form of what is in it, whatever its label: a number with its check digits, an address.
func byForm(value string) string {
	switch {
	case len(value) > maxIdentifier:
	case isNational(value):
		return "national number"
	case isIBAN(value):
		return "iban"
	case isEmail(value):
		return "email"
	}
	return ""
}

// maxIdentifier is longer than an identifier is written, in bytes.
const maxIdentifier = 60

// isLabel tells whether a word by itself says what of a person stands beside it.
func isLabel(word string) bool {
	h, ok := words.whole[fold(strings.TrimSpace(word))]
	return ok && h.kind != Other && h.kind != Date && h.kind != Key
}

var columnsOfLine = regexp.MustCompile(`\t|\s{3,}|\s\|\s|;\s`)

func (f *form) add(label, value string) {
	for _, have := range f.at.names {
		if strings.EqualFold(have, label) {
			f.cut()
			break
		}
	}
	f.at.add(label, value)
}

// cut ends a row. What has no name, or nothing but a name, tells of nobody.
func (f *form) cut() {
	name, more := false, 0
	for _, n := range f.at.names {
		switch k, _ := byName(n); {
		case k.IsName():
			name = true
		case k != Other && k != Date:
			more++
		}
	}
	switch {
	case name && more > 0 && len(f.rows) < 4*maxForms:
		f.rows = append(f.rows, f.at)
	case !name && more > 0 && len(f.unnamed.names) == 0:
		f.unnamed = f.at
	}
	f.at = fields{}
}

// The phrases by which letters name whom they are about.
var (
	bornPhrase = regexp.MustCompile(`(?i)(?:\bgeboren\s+(?:op|te\s+[\p{L}-]+\s+op|te\s+[\p{L}-]+,)?|\bgeb\.?\s|\bgeboortedatum\b[\s:]|\bn[ée]{1,2}(?:\(e\))?e?\s+(?:[àa]\s+[\p{L}-]+\s+)?le\b|\bdate\s+de\s+naissance\b[\s:]|\bborn\s+(?:on|in\s+[\p{L}-]+\s+on)?|\bdate\s+of\s+birth\b[\s:]|\bgeboren\s+am\b|\bgeburtsdatum\b[\s:]|\bd\.?o\.?b\b\.?|\bbirth\s?date\b|°\s*)[\s:]*(\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}(?:er|\.)?\s+\p{L}+\.?\s+\d{4})`)
	bornBehind = regexp.MustCompile(`(?i)\b(?:am|op)\s+(\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{1,2}\.?\s+\p{L}+\.?\s+\d{4})\s+(?:in\s+[\p{L}-]+\s+|te\s+[\p{L}-]+\s+)?geboren\b`)
	natPhrase  = regexp.MustCompile(`(?i)\b(?:rijksregister\p{L}*|rrn|insz|niss|registre\s+national|num[ée]ro\s+national|national\s+(?:register\s+)?number|nationalregister\p{L}*)[^0-9\n]{0,24}(\d[\d .\-]{9,16}\d)`)
	bsnPhrase  = regexp.MustCompile(`(?i)\b(?:bsn|burgerservicenummer|sofi\p{L}*)[^0-9\n]{0,16}(\d[\d .]{7,10}\d)`)
	addressed  = regexp.MustCompile(`(?:^|[\s(])(?:[Dd]e [Hh]eer(?:/[Mm]evrouw)?|[Mm]evrouw|[Mm]ejuffrouw|[Dd]hr\.?|[Mm]evr?\.|[Mm]w\.|Monsieur|Madame|Mademoiselle|Mme\.?|Mlle\.?|M\.|Herrn?|Frau|Mr\.?|Mrs\.?|Ms\.?|van werknem(?:er|ster)|[Pp]ati[eë]nte?|[Ww]erknem(?:er|ster)|[Ww]erknemer:) +(` + personName + `)`)
	subjectOf  = regexp.MustCompile(`(?im:^(?:betreft|onderwerp|inzake|concerne|objet|betreff|betr\.?|re|subject|dossier)\s*:?\s.{0,80}?)(?:van|van de heer|van mevrouw|de|von|of|for|voor|pour|für|:|[-–—]) (` + personName + `)`)
	beforeBorn = regexp.MustCompile(`(` + personName + `)[\s,(]+(?i:geboren|geb\.|n[ée]+(?:\(e\))?e? le|born|d\.?o\.?b\b|°)`)
	sentTo     = regexp.MustCompile(`(?m)^[\t ]*(?:Aan|To|An|[ÀA]|[Tt]\.?a\.?v\.?|[Aa]ttn?\.?|Klant|Client|Kunde|Customer|Cliënt|Bill to|Destinataire|Empfänger)\s*:\s*(` + personName + `)`)
)

// personName is two to five capitalised words, with particles between them.
const personName = `\p{Lu}[\p{L}'’-]+(?: (?:van|de|der|den|von|zu|la|le|du|di|ten|ter|el|Van|De|Der|Den|\p{Lu}\.?))*(?: \p{Lu}[\p{L}'’-]+){1,3}`

var title = regexp.MustCompile(`^(?:De heer|Mevrouw|Mejuffrouw|Dhr|Mevr?|Mw|Monsieur|Madame|Mademoiselle|Mme|Mlle|Herrn?|Frau|Mr|Mrs|Ms|Dr)\.? `)

// letter finds the person whom a letter is about by its phrases; names are those of columns.
func letter(text string) (f fields) {
	one := func(name string, from ...*regexp.Regexp) {
		for _, re := range from {
			if m := re.FindStringSubmatch(text); m != nil {
				f.add(name, title.ReplaceAllString(strings.TrimSpace(m[len(m)-1]), ""))
				return
			}
		}
	}
	one("name", beforeBorn, subjectOf, sentTo, addressed)
	if len(f.names) == 0 {
		if name := saluted(text); name != "" {
			f.add("name", name)
		}
	}
	if len(f.names) == 0 {
		return fields{}
	}
	one("birth date", bornPhrase, bornBehind)
	one("national number", natPhrase)
	one("bsn", bsnPhrase)
	f.beside(text)
	return f
}

var (
	nameLine   = regexp.MustCompile(`(?m)^[\t >*-]*(` + personName + `)[\t \r]*$`)
	salutation = regexp.MustCompile(`(?m)^[\t >*-]*\p{Lu}[^\n:]{2,60}?([\p{L}'’-]{3,})[ ]?[,:!][\t \r]*$`)
)

// saluted is the name that stands alone in a line, as over an address, of whose last word the letter's salutation is.
func saluted(text string) string {
	called := map[string]bool{}
	for _, m := range salutation.FindAllStringSubmatch(text, 8) {
		called[m[1]] = true
	}
	for _, m := range nameLine.FindAllStringSubmatch(text, 16) {
		name := title.ReplaceAllString(m[1], "")
		if words := strings.Fields(name); len(words) > 1 && called[words[len(words)-1]] {
			return name
		}
	}
	return ""
}

// What stands beside a person's name in a letter, and is the person's by its form or by a phrase.
var (
	livingPhrase = regexp.MustCompile(`(?i)\b(?:wonende|woonachtig|woont|domicili[ée]+(?:\(e\)|e)?|demeurant|habitant|wohnhaft|residing|living|lives|address:?|adres:?|adresse:?|anschrift:?)\s+(?:te|in|op|aan|[àa]|at|am)?\s*:?\s*([^;()]{5,90})`)
	addressBlock = regexp.MustCompile(`^[^\n\d]{3,60}\n\s*([^\n:@]{4,60})\n\s*((?:\p{Lu}{1,2}[- ])?\d{4,5}(?: \p{Lu}{2})? \p{L}[^\n:@\d]{1,40})(?:\n|$)`) // from the name's line on
	addressEnd   = regexp.MustCompile(`[.:!?](?:\s|$)|\n\s*\n|\d[\d .\-/]{7,}\d|[\w.+-]+@`)
	numberBeside = regexp.MustCompile(`\b\d{2}[ .]?\d{2}[ .]?\d{2}[ .-]{0,3}\d{3}[ .-]{0,3}\d{2}\b`)
	ibanBeside   = regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b`)
	emailBeside  = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	phoneBeside  = regexp.MustCompile(`(?:^|[\s:,;(])(?:\+|0)\d[\d /.\-()]{6,16}\d\b`)
)

// besideName is how far behind the name a letter may say more of its person, in bytes.
const besideName = 400

// beside adds the address and the identifiers that stand behind the name; what several letters have in common is left out
// where records are made.
func (f *fields) beside(text string) {
	at := strings.Index(text, f.values[0])
	if at < 0 {
		return
	}
	text = text[at:min(len(text), at+besideName)]
	add := func(name string, re *regexp.Regexp, fits func(string) bool) {
		if slices.Contains(f.names, name) {
			return
		}
		for _, v := range re.FindAllString(text, 8) {
			if v = strings.TrimLeft(v, " \t\n:,;("); fits(v) {
				f.add(name, v)
				return
			}
		}
	}
	add("national number", numberBeside, isNational)
	add("iban", ibanBeside, isIBAN)
	add("email", emailBeside, isEmail)
	add("phone", phoneBeside, func(v string) bool { return !isNational(v) && !IsDate(v) && isPhone(v) })
	if m := addressBlock.FindStringSubmatch(text); m != nil && strings.ContainsAny(m[1], "0123456789") {
		f.add("address", strings.TrimSpace(m[1])+", "+strings.TrimSpace(m[2]))
	} else if m := livingPhrase.FindStringSubmatch(text); m != nil {
		v := m[1]
		if end := addressEnd.FindStringIndex(v); end != nil {
			v = v[:end[0]]
		}
		if v = strings.Join(strings.Fields(v), " "); len(v) >= 5 {
			f.add("address", v)
		}
	}
}

// end gives the rows of a text whose beginning is head.
func (f *form) end(head string) []fields {
	f.cut()
	if len(f.rows) == 0 {
		if !utf8.ValidString(head) {
			head = strings.ToValidUTF8(head, "")
		}
		one := letter(head)
		if len(one.names) == 0 {
			return nil
		}
		for i, n := range f.unnamed.names {
			if !slices.ContainsFunc(one.names, func(have string) bool { return sameKind(have, n) }) {
				one.add(n, f.unnamed.values[i])
			}
		}
		if len(one.names) > 1 { // a name alone tells nothing
			return []fields{one}
		}
	}
	return f.rows
}

// sameKind tells whether two columns say the same of a person, by their names.
func sameKind(a, b string) bool {
	k, _ := byName(a)
	other, _ := byName(b)
	return k == other && k != Other || strings.EqualFold(a, b)
}

// form passes rows on as one table.
func (in *input) form(rows []fields) error {
	a := &assembly{in: in, named: true, schema: Schema{Format: "form"}}
	at := map[string]int{}
	for _, f := range rows {
		for _, n := range f.names {
			key := strings.ToLower(n)
			if _, ok := at[key]; !ok && len(at) < maxColumns {
				at[key] = len(at)
				a.schema.Columns = append(a.schema.Columns, Column{Name: columnName(n)})
			}
		}
	}
	for _, f := range rows {
		cells := make([]string, len(at))
		for i, n := range f.names {
			if c, ok := at[strings.ToLower(n)]; ok {
				cells[c] = f.values[i]
			}
		}
		if err := a.row(cells); err != nil {
			return err
		}
	}
	return a.end()
}
