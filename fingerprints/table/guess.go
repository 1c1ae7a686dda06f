package table

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// guess decides what the columns are by their names and by what stands in them.
func guess(columns []Column, sample []sampled, format string) {
	for i := range columns {
		columns[i].Kind = guessOne(columns[i].Name, values(sample, i), len(sample), format)
	}
	if !settleUnsaid(columns, sample, format) {
		settleNames(columns, sample)
		settleBeside(columns, sample)
		settleGiven(columns, sample, format)
	}
	settleBirth(columns, sample)
}

func values(sample []sampled, i int) []string {
	var out []string
	for _, s := range sample {
		if i < len(s.cells) {
			if v := strings.TrimSpace(s.cells[i]); v != "" && !strings.EqualFold(v, "null") {
				out = append(out, v)
			}
		}
	}
	return out
}

// distinct counts the values that differ.
func distinct(values []string) int {
	seen := map[string]bool{}
	for _, v := range values {
		seen[v] = true
	}
	return len(seen)
}

// share is the share of values for which fits holds.
func share(values []string, fits func(string) bool) float64 {
	n := 0
	for _, v := range values {
		if fits(v) {
			n++
		}
	}
	return float64(n) / float64(max(1, len(values)))
}

// guessOne takes the column's name at its word where the content does not contradict. What is called a national number or a
// BSN is one, whatever is in it: nothing of such a column may slip through as something else.
func guessOne(name string, values []string, rows int, format string) Kind {
	called, known := byName(name)
	if known && (called == National || called == BSN) {
		return called
	}
	if k, ok := formed(values); ok && (k != National || !known || !chance(called, values)) {
		return k
	}
	distinct := map[string]bool{}
	runes, longest := 0, 0
	for _, v := range values {
		distinct[v] = true
		n := utf8.RuneCountInString(v)
		runes += n
		longest = max(longest, n)
	}
	mean := runes / max(1, len(values))
	switch {
	case len(values) == 0 && !known:
		return Constant
	case format != "form" && len(values) >= 5 && len(distinct) == 1, rows >= 20 && len(distinct) <= 2 && mean < 8:
		return Constant
	case mean > 48 || mean > 24 && longest > 120:
		return FreeText
	case !known:
		return unnamed(values, len(distinct), name != "")
	}
	return plausible(called, values)
}

// chance tells whether numbers that are called something else have the check digits of a national number's by chance, of which the
// leading zeros are missing: one in a hundred has.
func chance(called Kind, values []string) bool {
	return (called == Key || called == Phone) && len(values) < 3 && share(values, func(v string) bool { return digits(v) < 11 }) == 1
}

// formed finds the kinds whose content has a form with check digits or signs of its own.
func formed(values []string) (Kind, bool) {
	switch {
	case len(values) == 0:
		return Other, false
	case share(values, isNational) >= 0.6:
		return National, true
	case share(values, isIBAN) >= 0.6:
		return IBAN, true
	case share(values, isEmail) >= 0.6:
		return Email, true
	case share(values, isEnterprise) >= 0.8 && len(values) >= 3:
		return Enterprise, true
	case len(values) >= 8 && share(values, isBSN) >= 0.8: // one number in eleven passes by chance
		return BSN, true
	}
	return Other, false
}

// plausible checks a name's word against the content.
func plausible(called Kind, values []string) Kind {
	switch called {
	case Birth, Date:
		if share(values, IsDate) < 0.5 {
			return Other
		}
	case Other: // since when a contract runs
		if len(values) > 0 && share(values, IsDate) >= 0.8 {
			return Date
		}
	case Phone:
		if share(values, func(v string) bool { return digits(v) >= 6 }) < 0.5 {
			return Other
		}
	case IBAN, Enterprise, Email:
		if share(values, func(v string) bool { return digits(v) >= 5 }) < 0.5 {
			return Other
		}
		return Key
	case Given, Family, Name:
		if share(values, func(v string) bool { return 3*digits(v) > len(v) }) > 0.5 {
			return Key
		}
	case Key:
		if share(values, func(v string) bool { return digits(v) > 0 }) < 0.5 {
			return Other
		}
	}
	return called
}

// unnamed guesses by content alone. Whether words are names shows only in how many of them are distinct and capitalised;
// with a header whose word is not known they are no names.
func unnamed(values []string, distinct int, header bool) Kind {
	switch {
	case share(values, IsDate) >= 0.8:
		return Date
	case share(values, isPhone) >= 0.8:
		return Phone
	case distinct == len(values) && share(values, func(v string) bool { return digits(v) >= 3 && !strings.Contains(v, " ") }) >= 0.8:
		return Key
	case !header && 3*distinct >= min(len(values), 60) && share(values, nameLike) >= 0.8:
		return Name
	}
	return Other
}

// nameLike tells whether a cell could be a name: up to five words of letters, capitalised but for the short particles of
// family names, "van 't Hof", "de la Cruz", "d'Haese".
func nameLike(v string) bool {
	fields := strings.Fields(v)
	if len(fields) == 0 || len(fields) > 5 || len(v) > 40 || utf8.RuneCountInString(v) <= 2 {
		return false
	}
	for _, r := range v {
		if !unicode.IsLetter(r) && !unicode.IsMark(r) && !strings.ContainsRune(" -'’.,", r) {
			return false
		}
	}
	for i, f := range fields {
		capital := strings.ContainsFunc(f, unicode.IsUpper)
		if !capital && (i == len(fields)-1 || utf8.RuneCountInString(f) > 4) {
			return false
		}
	}
	return true
}

// settleNames makes a column "name" the family name where another one has the given name, and leaves at most four columns
// that look like names without saying so. Where given and family names have their columns, what else is called a name
// ("client") and comes again and again is an enterprise.
func settleNames(columns []Column, sample []sampled) {
	given, family, said := false, false, false
	for _, c := range columns {
		given = given || c.Kind == Given
		family = family || c.Kind == Family
		said = said || c.Kind.IsName() && c.Name != ""
	}
	guessed := 0
	for i := range columns {
		c := &columns[i]
		switch {
		case c.Kind != Name:
		case c.Name != "" && given && family:
			if v := values(sample, i); len(v) >= 20 && 4*distinct(v) < min(len(v), 80) {
				c.Kind = Other
			}
		case c.Name != "" && given:
			c.Kind = Family
			given = false // a second one is somebody else's
		case c.Name == "" && (said || guessed >= 2):
			c.Kind = Other
		case c.Name == "":
			guessed++
		}
	}
}

// settleBeside takes in a table of a few rows, where nothing names anybody, the column before the date of birth for names if it holds
// nothing else by how it is written: too few rows for unsaid, but whose date of birth would stand there?
func settleBeside(columns []Column, sample []sampled) {
	if len(sample) >= fewestUnsaid || slices.ContainsFunc(columns, func(c Column) bool { return c.Kind.IsName() }) {
		return
	}
	born := slices.IndexFunc(columns, func(c Column) bool { return c.Kind == Birth })
	if born < 1 || columns[born-1].Kind != Other {
		return
	}
	if _, known := byName(columns[born-1].Name); known {
		return
	}
	v := values(sample, born-1)
	if len(v) == len(sample) && share(v, func(v string) bool { return nameLike(v) && wordsOfName(v) >= 2 && !titled(v) }) == 1 {
		columns[born-1].Kind = Name
	}
}

// settleBirth takes, where no column is called so, of the columns of dates whose years lie a working life apart the one with the earliest:
// people are born before they begin to work. A column that is called something unknown must be surer.
func settleBirth(columns []Column, sample []sampled) {
	born, earliest := -1, 0
	for i, c := range columns {
		if c.Kind == Birth {
			return
		}
		if _, known := byName(c.Name); c.Kind != Date || known {
			continue
		}
		years := bornYears(values(sample, i))
		if len(years) == 0 {
			continue
		}
		low, middle, high := years[0], years[len(years)/2], years[len(years)-1]
		sure := len(years) >= fewestUnsaid && middle < 1993 && high-low >= 20
		if low >= 1900 && low < 2005 && (sure || c.Name == "" && (high-low >= 10 || len(sample) < fewestUnsaid && low < 2000)) && (born < 0 || middle < earliest) {
			born, earliest = i, middle
		}
	}
	if born >= 0 {
		columns[born].Kind = Birth
	}
}
