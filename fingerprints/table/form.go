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
	if len(parts) == 2 && !strings.Contains(l, ":") && (isLabel(parts[0]) && !isLabel(parts[1]) && len(parts[1]) <= maxValue || labels(parts[0], parts[1])) {
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
	if len(f.rows) == 1 {
		f.rows[0].complete(strings.ToValidUTF8(head, ""))
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
