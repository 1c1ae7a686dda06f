package fingerprints

import (
	"slices"
	"strconv"
	"strings"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/record"
	"unmirror/fingerprints/table"
)

// subjectOf is the opaque id of whom a row is about: by the operator's column, or the national number where it may be
// used, or the table's key, or name and birth date. Zero when nothing tells. What a number alone tells is keyed for this
// registration only: under a key that is kept, all numbers there are could be tried.
func (r *rowIntake) subjectOf(cells []string) (id [6]byte) {
	if r.whose != id {
		return r.whose
	}
	at := func(i int) string {
		if i < len(cells) {
			return strings.TrimSpace(cells[i])
		}
		return ""
	}
	key, value := r.secrets.subject, ""
	if r.subject >= 0 {
		if value = at(r.subject); r.columns[r.subject].leftOut || !r.authority && holdsNumber(value) {
			key = r.passing
		}
	} else if value = r.number(); value != "" {
		key = r.passing
	} else if value = r.guessedSubject(at); holdsNumber(value[strings.LastIndexByte(value, 0)+1:]) {
		key = r.passing
	}
	if value == "" {
		return id
	}
	sum := prf(key, r.slug, value)
	copy(id[:], sum[:])
	return id
}

// number is the row's national number or BSN, if it is a cell.
func (r *rowIntake) number() string {
	for _, t := range r.row {
		if k := cell.Kind(t.mark & record.KindMask); k == cell.National || k == cell.BSN {
			return strconv.FormatUint(t.hash, 16)
		}
	}
	return ""
}

// holdsNumber tells whether the digits of a text, whatever stands between and beside them, are a national number.
func holdsNumber(text string) bool {
	n, v := 0, uint64(0)
	for i := range len(text) {
		if c := text[i]; c >= '0' && c <= '9' {
			if n++; n > nationalDigits {
				return false
			}
			v = 10*v + uint64(c-'0')
		}
	}
	return n == nationalDigits && cell.ValidNational(v)
}

// nationalDigits is how many digits a national number has.
const nationalDigits = 11

// guessedSubject is what tells whose a row is, and of a table's key its value after a zero byte.
func (r *rowIntake) guessedSubject(at func(int) string) string {
	for i, c := range r.columns {
		if v := at(i); c.Kind == table.Key && v != "" {
			// a key is one table's own, unless several files call it alike and by more than "id"
			if len(c.Name) < 4 {
				return "key " + r.name + "\x00" + r.info.Table + "\x00" + v
			}
			return "key " + strings.ToLower(c.Name) + "\x00" + v
		}
	}
	var parts []string
	birth := ""
	for _, t := range r.row {
		if t.mark&record.Name != 0 {
			parts = append(parts, strconv.FormatUint(t.hash, 16))
		}
		if t.mark&record.Birth != 0 && birth == "" {
			birth = strconv.FormatUint(t.hash, 16)
		}
	}
	if len(parts) < 2 && birth == "" || len(parts) == 0 {
		return ""
	}
	slices.Sort(parts)
	return "person " + strings.Join(parts, " ") + " " + birth
}
