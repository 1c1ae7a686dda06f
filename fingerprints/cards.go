package fingerprints

import (
	"html"
	"io"
	"mime/quotedprintable"
	"regexp"
	"strings"
	"unicode"
)

// cards follows the lines of a text for names that stand in no table with a head: in a vCard (RFC 6350), between tags, and in the rows that
// are left of XML once its tags are gone. The zero value is at the beginning of a text.
type cards struct {
	within   bool
	ordinary map[string]struct{} // words that are nobody's name
}

// line calls name for each name of a line, as given and family name, and birth for each date of birth. An opened line is one of XML
// without its tags.
func (c *cards) line(line string, opened bool, name func(given, family string), birth func(day string)) {
	switch {
	case len(line) > maxLine:
	case opened:
		c.row(line, name, birth)
	case strings.IndexByte(line, '<') >= 0:
		tagged(line, name, birth)
	case c.within || strings.EqualFold(strings.TrimSpace(line), "BEGIN:VCARD"):
		c.card(line, name, birth)
	}
}

// card reads a line of a vCard.
func (c *cards) card(line string, name func(given, family string), birth func(day string)) {
	property, value, ok := strings.Cut(line, ":")
	if !ok {
		return
	}
	property, params, _ := strings.Cut(strings.ToUpper(strings.TrimSpace(property)), ";")
	if dot := strings.LastIndexByte(property, '.'); dot >= 0 {
		property = property[dot+1:] // a group
	}
	if strings.Contains(params, "QUOTED-PRINTABLE") {
		if b, err := io.ReadAll(quotedprintable.NewReader(strings.NewReader(value))); err == nil {
			value = string(b)
		}
	}
	switch value = strings.TrimSpace(strings.ReplaceAll(value, `\`, "")); property {
	case "BEGIN":
		c.within = true
	case "END":
		c.within = false
	case "N":
		if parts := strings.Split(value, ";"); len(parts) > 1 && parts[0] != "" && parts[1] != "" {
			name(strings.ReplaceAll(parts[1], ",", " "), strings.ReplaceAll(parts[0], ",", " "))
		}
	case "FN":
		if len(strings.Fields(value)) <= nameWords {
			fullName(value, name)
		}
	case "BDAY":
		birth(value)
	}
}

var (
	tagText   = regexp.MustCompile(`<(?:[\w-]+:)?([\p{L}][\w.-]{1,40})(?:\s[^<>]*)?>([^<>]{2,120})</`)
	attribute = regexp.MustCompile(`\s(?:[\w-]+:)?([\p{L}][\w.-]{1,40})\s*=\s*["']([^"'<>]{2,120})["']`)
)

// tagged reads what stands between tags, and in their attributes.
func tagged(line string, name func(given, family string), birth func(day string)) {
	for _, form := range []*regexp.Regexp{tagText, attribute} {
		given, family := "", ""
		for _, m := range form.FindAllStringSubmatch(line, -1) {
			value := strings.TrimSpace(html.UnescapeString(m[2]))
			switch word := headerWord(m[1]); {
			case word == givenColumn:
				given = value
			case word == familyColumn, word == fullColumn && given != "" && family == "":
				family = value
			case word == fullColumn:
				if family = value; len(strings.Fields(value)) > 1 {
					fullName(value, name)
				}
			case word == otherPerson:
				birth(value)
			}
			if given != "" && family != "" {
				name(given, family)
				given, family = "", ""
			}
		}
	}
}

// row reads the cells that are left of an element: the first two neighbours that look like names, where a number, a date or an address
// stands beside them.
func (c *cards) row(line string, name func(given, family string), birth func(day string)) {
	cells := strings.Split(strings.TrimRight(line, "\t "), "\t")
	if len(cells) < 3 || !strings.ContainsFunc(line, unicode.IsDigit) && !strings.Contains(line, "@") {
		return
	}
	if c.ordinary == nil {
		c.ordinary = ordinaryWords()
	}
	for i := 1; i < len(cells); i++ {
		if a, b := strings.TrimSpace(cells[i-1]), strings.TrimSpace(cells[i]); c.called(a) && c.called(b) {
			name(a, b)
			for _, cell := range cells {
				if len(cell) <= len("31.12.1999 ") {
					birth(cell)
				}
			}
			return
		}
	}
}

// called tells whether a cell looks like a given or a family name.
func (c *cards) called(text string) bool {
	fields := strings.Fields(text)
	if len(fields) == 0 || len(fields) > 4 || len(text) > 40 {
		return false
	}
	proper := false
	for i, r := range text {
		if !unicode.IsLetter(r) && !strings.ContainsRune(" -'’.", r) {
			return false
		}
		proper = proper || unicode.IsUpper(r) && (i == 0 || text[i-1] == ' ')
	}
	for _, w := range fields {
		if _, ok := c.ordinary[letters(w)]; ok {
			return false
		}
	}
	return proper
}
