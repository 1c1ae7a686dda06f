package fingerprints

import (
	"strings"
	"unicode"

	"unmirror/fingerprints/canonical"
)

// column is what a table's header says of a column.
type column uint8

const (
	plainColumn column = iota
	givenColumn
	familyColumn
	fullColumn // a whole name, or a family name where another column holds the given one
	bsnColumn
	otherPerson // tells that the line is a header, no more
)

// headerWord classifies a header cell by its canonical words, in nl, fr, de and en.
func headerWord(cell string) column {
	switch string(canonical.Text(cell)) {
	case "voornaam", "voornamen", "roepnaam", "prenom", "prenoms", "vorname", "vornamen", "firstname", "firstnames", "givenname", "givennames", "first", "given":
		return givenColumn
	case "achternaam", "familienaam", "familienamen", "nomdefamille", "nachname", "familienname", "lastname", "surname", "familyname", "last":
		return familyColumn
	case "naam", "nom", "name", "namen", "noms", "fullname", "volledigenaam", "naamenvoornaam", "voornaamennaam", "naamvoornaam", "nomprenom", "nometprenom",
		"prenomnom", "prenometnom", "vollername", "werknemer", "werkneemster", "medewerker", "patient", "employee", "employe", "mitarbeiter", "personeelslid", "travailleur":
		return fullColumn
	case "bsn", "sofi", "sofinummer", "burgerservicenummer", "citizenservicenumber":
		return bsnColumn
	case "geboren", "geboortedatum", "datedenaissance", "neele", "geburtsdatum", "birthdate", "dateofbirth", "dob", "rijksregisternummer", "rrn", "insz", "niss",
		"registrenational", "numeronational", "nationalnumber", "email", "emailadres", "telefoon", "telephone", "gsm", "adres", "adresse", "address", "iban", "rekeningnummer",
		"geslacht", "sexe", "functie", "fonction", "dienst", "service", "id", "nr":
		return otherPerson
	}
	return plainColumn
}

// nameTable follows the lines of a text that is a table, and knows which columns hold names.
type nameTable struct {
	columns   []column
	separator byte
}

// cells splits a line; quotes around a cell are dropped. It is lenient: names are all it is for.
func cells(line string, separator byte) []string {
	var out []string
	for {
		line = strings.TrimLeft(line, " ")
		if strings.HasPrefix(line, `"`) {
			if end := closingQuote(line); end > 0 {
				out = append(out, strings.ReplaceAll(line[1:end], `""`, `"`))
				line = line[end+1:]
				i := strings.IndexByte(line, separator)
				if i < 0 {
					return out
				}
				line = line[i+1:]
				continue
			}
		}
		cell, rest, more := strings.Cut(line, string(separator))
		out = append(out, strings.TrimSpace(cell))
		if !more {
			return out
		}
		line = rest
	}
}

func closingQuote(line string) int {
	for i := 1; i < len(line); i++ {
		if line[i] == '"' {
			if i+1 < len(line) && line[i+1] == '"' {
				i++
				continue
			}
			return i
		}
	}
	return -1
}

// header tries to read a line as a table's header: two cells or more that say something of persons, one of them a name
// or a number.
func (t *nameTable) header(line string) bool {
	if len(line) > 4096 {
		return false
	}
	for _, sep := range []byte("\t;,|") {
		if strings.IndexByte(line, sep) < 0 {
			continue
		}
		var columns []column
		known, naming := 0, 0
		for _, c := range cells(line, sep) {
			w := headerWord(c)
			columns = append(columns, w)
			if w != plainColumn {
				known++
			}
			if w != plainColumn && w != otherPerson {
				naming++
			}
		}
		if naming >= 1 && (known >= 2 || len(columns) >= 3) {
			t.columns, t.separator = columns, sep
			return true
		}
	}
	return false
}

// row calls name for each name of a line, as given and family name, and bsn for each cell of such a column.
func (t *nameTable) row(line string, name func(given, family string), bsn func(string)) {
	var given, family, full string
	for i, c := range cells(line, t.separator) {
		if i >= len(t.columns) || c == "" {
			continue
		}
		switch t.columns[i] {
		case givenColumn:
			given = c
		case familyColumn:
			family = c
		case fullColumn:
			full = c
		case bsnColumn:
			bsn(c)
		}
	}
	switch {
	case given != "" && family != "":
		name(given, family)
	case given != "" && full != "":
		name(given, full)
	case full != "":
		fullName(full, name)
	}
}

// fullName splits a whole name wherever it could be split: "Jan Van den Berghe", "Berghe, Jan".
func fullName(full string, name func(given, family string)) {
	if family, given, ok := strings.Cut(full, ","); ok {
		name(given, family)
		return
	}
	words := strings.Fields(full)
	if len(words) < 2 || len(words) > 5 {
		return
	}
	for i := 1; i < len(words); i++ {
		name(strings.Join(words[:i], " "), strings.Join(words[i:], " "))
	}
}

// pairKey is the keyed hash of a given and a family name in either order; false when either is too short to name
// anybody.
func (s *secrets) pairKey(a, b string) (uint64, bool) {
	x, y := letters(a), letters(b)
	if len(x) < 2 || len(y) < 2 || len(x)+len(y) < 5 {
		return 0, false
	}
	if x > y {
		x, y = y, x
	}
	return prf64(s.name, x, y), true
}

func letters(s string) string {
	return strings.TrimFunc(string(canonical.Text(s)), unicode.IsDigit)
}

type word struct{ start, end int }

// words finds the runs of letters of a text. Case changes within a run split it too, since file names join names so; the
// whole run is then found as two words side by side.
func words(text string) []word {
	var out []word
	start := -1
	lower := false
	for i, r := range text {
		letter := unicode.IsLetter(r) || unicode.Is(unicode.Mn, r) || r == '\'' || r == '’'
		if start >= 0 && (!letter || (lower && unicode.IsUpper(r))) {
			out = append(out, word{start, i})
			start = -1
		}
		if letter && start < 0 {
			start = i
		}
		lower = unicode.IsLower(r)
	}
	if start >= 0 {
		out = append(out, word{start, len(text)})
	}
	return out
}

// maxNameWords is how many words a whole name has at most: "Maria del Carmen Van den Berghe" is left to its parts.
const maxNameWords = 5

// nearWords is how many bytes may lie between two words of one name.
const nearWords = 3

// scanNames calls see for every way to read neighbouring words as a given and a family name.
func scanNames(text string, all []word, see func(a, b string, start, end int)) {
	for i := range all {
		for n := 2; n <= maxNameWords && i+n <= len(all); n++ {
			if all[i+n-1].start-all[i+n-2].end > nearWords {
				break
			}
			for cut := 1; cut < n; cut++ {
				see(text[all[i].start:all[i+cut-1].end], text[all[i+cut].start:all[i+n-1].end], all[i].start, all[i+n-1].end)
			}
		}
	}
}
