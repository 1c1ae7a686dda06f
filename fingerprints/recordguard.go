package fingerprints

import (
	"slices"
	"strings"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/table"
)

// The guard must know whose name stands in a known file, however the file tells it: with or without a header, as JSON or SQL, in the
// fields of a form, in a letter's "betreft: …, geboren op …". Reading tables finds all of these, so it gathers the names too.

// nameWords is how many words a whole name has at most that is split into given and family name.
const nameWords = 5

// people gathers the keyed names and birth dates of a row.
func (r *rowIntake) people(cells []string) {
	var given, family, whole []string
	for i, c := range cells {
		if c = strings.TrimSpace(c); i >= len(r.columns) || c == "" || len(c) > 120 {
			continue
		}
		switch r.columns[i].Kind {
		case table.Given:
			given = append(given, c)
		case table.Family:
			family = append(family, c)
		case table.Name:
			if !strings.HasPrefix(string(canonical.Text(r.columns[i].Name)), "contactpers") { // of the organisation itself: a letterhead has it
				whole = append(whole, c)
			}
		case table.Key:
			if v := keyForm(c); v != "" && r.columns[i].Name != "" && !holdsNumber(v) {
				r.tell(tableKey(r.secrets, v))
			}
		case table.Birth:
			if read := days(r.columns[i].DayOf(c)); len(read) > 0 {
				r.tell(birthKey(r.secrets, read[0]))
			}
		}
	}
	for _, g := range given {
		for _, f := range slices.Concat(family, whole) {
			r.person(g, f)
		}
	}
	if len(given) == 0 && len(family)+len(whole) == 2 { // two columns of names that do not say which is which
		both := slices.Concat(family, whole)
		r.person(both[0], both[1])
		r.short(both[1], both[0])
	}
	for _, w := range whole {
		if len(strings.Fields(w)) <= nameWords {
			fullName(w, func(a, b string) {
				r.person(a, b)
				if !strings.Contains(w, ",") {
					r.short(b, a) // nothing says which is which
				}
			})
		}
	}
}

// people takes what rows and fields call persons. However many letters are about one of them, nobody is a letterhead for that.
func (h *harvested) people(keys []uint64) {
	for _, key := range keys {
		if h.exact.len() < maxIdentifiers {
			h.exact.add(key, h.number, false)
		}
	}
}

// person keeps the keys of one name, unless it is made of words that stand in any letter.
func (r *rowIntake) person(given, family string) {
	if !r.ordinaryName(given) || !r.ordinaryName(family) {
		r.tell(r.secrets.nameKeys(given, family)...)
	}
	r.short(given, family)
}

// short keeps the key of a name with its initial alone.
func (r *rowIntake) short(given, family string) {
	if r.ordinaryName(family) {
		return
	}
	if key, ok := r.secrets.initialKey(given, family); ok {
		r.tell(key)
	}
}

// tell keeps keys for the guard.
func (r *rowIntake) tell(keys ...uint64) {
	if len(r.names) >= maxIdentifiers {
		return
	}
	r.names = append(r.names, keys...)
	if len(r.names) > 2*r.sorted+1024 { // the same few people in many rows take no more room
		slices.Sort(r.names)
		r.names = slices.Compact(r.names)
		r.sorted = len(r.names)
	}
}

func (r *rowIntake) ordinaryName(name string) bool {
	for _, w := range namedWords(name) {
		if _, ok := r.ordinary[w.norm]; !ok {
			return false
		}
	}
	return true
}

// nameKeys are the keyed hashes of a name: in full, and with the first given name alone.
func (s *secrets) nameKeys(given, family string) (keys []uint64) {
	first, _, compound := strings.Cut(strings.TrimSpace(given), " ")
	if key, ok := s.pairKey(given, family); ok {
		keys = append(keys, key)
	}
	if key, ok := s.pairKey(first, family); ok && compound {
		keys = append(keys, key)
	}
	return keys
}

// ordinaryWords are the words of ordinary.txt.
func ordinaryWords() map[string]struct{} {
	all := map[string]struct{}{}
	for _, w := range strings.Fields(ordinaryText) {
		all[w] = struct{}{}
	}
	return all
}
