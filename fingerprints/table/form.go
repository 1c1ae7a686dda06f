package table

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// form gathers "Label: value" lines and the phrases of letters as a row about one person; a label that comes again begins
// the next row.
type form struct {
	rows    []fields
	at      fields
	unnamed fields // the first that tell of somebody whom no label names
	pending string // a label at the end of its line: the value stands on the next
	who     string // a name beside an unknown label, and in which of the lines read
	whoAt   int
	lines   int
}

const (
	maxLabel = 44  // bytes
	maxValue = 240 // bytes
	maxForms = sampleRows
)

// line reads one line.
func (f *form) line(l string) {
	l = strings.TrimSpace(plainBlanks(l))
	if l == "" || len(l) > 1<<12 {
		return
	}
	f.lines++
	if f.pending != "" {
		if !strings.Contains(l, ":") && len(l) <= maxValue {
			f.add(f.pending, l)
			f.pending = ""
			return
		}
		f.pending = ""
	}
	parts := columnsOfLine.Split(l, -1)
	if len(parts) == 2 && !strings.Contains(l, ":") && (isLabel(parts[0]) && !isLabel(parts[1]) && len(parts[1]) <= maxValue || labels(parts[0], parts[1])) {
		f.add(parts[0], parts[1])
		return
	}
	if len(parts) == 1 && !strings.Contains(l, ":") && f.worded(l) {
		return
	}
	for _, part := range parts {
		label, value, ok := strings.Cut(part, ":")
		label, value = strings.Trim(strings.TrimSpace(label), "*-•>_\"' "), strings.TrimSpace(value)
		if !ok || label == "" || len(label) > maxLabel || strings.Count(label, " ") > 5 {
			continue
		}
		if _, known := byName(label); !known {
			if label = byForm(value); label == "" && f.personal() && addressForm.MatchString(value) {
				label = "address"
			}
			if label == "" {
				f.somebody(value)
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

// somebody keeps a name beside an unknown label: of "Versicherter: …" nothing but the date of birth in the line below says that it is a
// person's.
func (f *form) somebody(value string) {
	if nameLike(value) && wordsOfName(value) >= 2 && !titled(value) {
		f.who, f.whoAt = value, f.lines
	}
}

// worded takes a line of a label and its value with nothing but a blank between, as a page leaves of columns: "DOB 24.07.1982". The
// value's form must be what the label says.
func (f *form) worded(l string) bool {
	words := strings.Split(l, " ")
	for n := min(3, len(words)-1); n > 0; n-- {
		label, value := strings.Join(words[:n], " "), strings.TrimSpace(strings.Join(words[n:], " "))
		k, known := byName(label)
		if known && len(label) <= maxLabel && len(value) <= maxValue && fitsKind(k, label, value) {
			f.add(label, value)
			return true
		}
	}
	if len(words) > 2 && !isGiven(fold(words[0])) { // "Versicherter Jan Peeters"
		f.somebody(strings.Join(words[1:], " "))
	}
	return false
}

// fitsKind tells whether a value is of a label's kind by its form, and all of it.
func fitsKind(k Kind, label, value string) bool {
	switch k {
	case Birth:
		return IsDate(value) && len(value) <= maxDay
	case Phone:
		return isPhone(value)
	case IBAN:
		return isIBAN(value)
	case Email:
		return isEmail(value)
	case National:
		return isNational(value)
	case BSN:
		return isBSN(value)
	case Name:
		return isLabel(label) && nameLike(value) && wordsOfName(value) >= 2
	}
	return isAddress(label) && addressForm.MatchString(value)
}

// maxDay is longer than a date is written, in bytes.
const maxDay = 24

// plainBlanks writes what looks like blanks as blanks: pages and word processors have them of many widths.
func plainBlanks(s string) string {
	if !strings.ContainsFunc(s, isWideBlank) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if isWideBlank(r) {
			return ' '
		}
		return r
	}, s)
}

func isWideBlank(r rune) bool { return r > 0x7f && unicode.Is(unicode.Zs, r) }

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

// personal tells whether the row has begun to tell of a person: an address before that is the writer's.
func (f *form) personal() bool {
	return slices.ContainsFunc(f.at.names, func(label string) bool {
		k, _ := byName(label)
		return k.IsName() || k == Birth
	})
}

// addressForm is an address in one line.
var addressForm = regexp.MustCompile(`^` + house + `, ` + postcode + ` \p{Lu}[\p{L} '’-]{1,30}$`)

// maxIdentifier is longer than an identifier is written, in bytes.
const maxIdentifier = 60

// isLabel tells whether a word by itself says what of a person stands beside it.
func isLabel(word string) bool {
	h, ok := words.whole[fold(strings.TrimSpace(word))]
	return ok && h.kind != Other && h.kind != Date && h.kind != Key
}

// labels tells whether a word that may mean other things says what stands beside it, by the form of that.
func labels(word, value string) bool {
	k, ok := byName(strings.TrimSpace(word))
	switch {
	case !ok || len(word) > maxLabel || len(value) > maxValue:
		return false
	case k == Birth:
		return IsDate(value)
	case k == Phone:
		return isPhone(value)
	case k == Key:
		return len(value) <= maxIdentifier && strings.Count(value, " ") < 2 && strings.ContainsAny(value, "0123456789") && !IsDate(value)
	}
	return k == Other && isAddress(word) && strings.ContainsAny(value, "0123456789")
}

// isAddress tells whether a column's name is of an address.
func isAddress(name string) bool {
	w := fold(name)
	for _, of := range [...]string{"adres", "address", "anschrift", "domicile", "woonplaats", "wohnort"} {
		if strings.Contains(w, of) {
			return true
		}
	}
	return false
}

var columnsOfLine = regexp.MustCompile(`\t|\s{3,}|\s\|\s|;\s`)

func (f *form) add(label, value string) {
	for _, have := range f.at.names {
		if strings.EqualFold(have, label) {
			f.cut()
			break
		}
	}
	if k, _ := byName(label); k == Birth && f.who != "" && f.lines-f.whoAt <= 1 && !slices.ContainsFunc(f.at.names, isNameLabel) {
		f.at.add("name", f.who)
	}
	f.at.add(label, value)
}

func isNameLabel(label string) bool {
	k, _ := byName(label)
	return k.IsName()
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

// end gives the rows of a text whose beginning is head.
func (f *form) end(head string) []fields {
	f.cut()
	if len(f.rows) == 0 {
		if !utf8.ValidString(head) {
			head = strings.ToValidUTF8(head, "")
		}
		head = plainBlanks(head)
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
	if len(f.rows) == 1 {
		f.rows[0].complete(plainBlanks(strings.ToValidUTF8(head, "")))
	}
	return f.rows
}

// complete adds what the text says besides of the one person whom its labels name.
func (f *fields) complete(text string) {
	one := fields{}
	for i, n := range f.names {
		if k, _ := byName(n); k == Name && strings.Contains(f.values[i], " ") {
			one.add("name", f.values[i])
			break
		}
	}
	if len(one.names) == 0 {
		return
	}
	one.told(text)
	for i, n := range one.names {
		if !slices.ContainsFunc(f.names, func(have string) bool { return sameKind(have, n) || n == "address" && isAddress(have) }) {
			f.add(n, one.values[i])
		}
	}
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
