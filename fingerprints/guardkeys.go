package fingerprints

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/cell"
)

const (
	// kindKey is what a table calls somebody: the number of a member of staff, a customer, a file.
	kindKey = "number of a record"
	// keyLeast is how long such a number is, at least, in bytes.
	keyLeast = 5
	// keyMost is how long it is at most.
	keyMost = 40
	// keyGroups is how many groups of letters and digits it has at most.
	keyGroups = 6
)

// keyForm is a table's key as it stands in a text; "" where it tells nobody apart: too short, without a digit, a date, a year's law.
func keyForm(v string) string {
	v = strings.ToLower(strings.TrimSpace(v))
	if len(v) < keyLeast || len(v) > keyMost || !strings.ContainsFunc(v, unicode.IsDigit) || len(days(v)) > 0 || strings.ContainsAny(v, "@ \t\n") {
		return ""
	}
	for i := range len(v) {
		if !isAlnum(v[i]) && (i == 0 || i == len(v)-1 || !joinsKey(v[i])) {
			return ""
		}
	}
	return v
}

func joinsKey(c byte) bool { return strings.IndexByte("-._/", c) >= 0 }

// keyGroup is a run of letters and digits.
type keyGroup struct{ start, end int }

// scanKeys calls see for whatever may be a table's key, in the form that keyForm gives it.
func scanKeys(text string, see func(key string, start, end int)) {
	var groups []keyGroup // joined to one another by one character
	for i := 0; i < len(text); {
		if !isAlnum(text[i]) {
			i++
			continue
		}
		j := i + 1
		for j < len(text) && isAlnum(text[j]) {
			j++
		}
		if n := len(groups); n > 0 && (i-groups[n-1].end != 1 || !joinsKey(text[i-1])) {
			groups = groups[:0]
		}
		if groups = append(groups, keyGroup{i, j}); len(groups) > keyGroups {
			groups = groups[1:]
		}
		for _, g := range groups {
			if v := keyForm(text[g.start:min(j, g.start+keyMost+1)]); v != "" && standsAsKey(text, v, g.start, j) {
				see(v, g.start, j)
			}
		}
		i = j
	}
}

var (
	yearAndNumber = regexp.MustCompile(`^(?:19|20)\d\d[/.-]\d{1,5}$`)
	placeBehind   = regexp.MustCompile(`^ \p{Lu}\p{L}+`)
)

// standsAsKey tells numbers that stand for themselves from a part of a date, a telephone number or an address, from a postal code before
// its town, and from the number of a law.
func standsAsKey(text, v string, start, end int) bool {
	if strings.ContainsFunc(v, unicode.IsLetter) {
		return true
	}
	if start > 1 && (joinsKey(text[start-1]) || strings.IndexByte(" ,:+", text[start-1]) >= 0) && isDigit(text[start-2]) || start > 0 && text[start-1] == '+' {
		return false
	}
	if end+1 < len(text) && (joinsKey(text[end]) || strings.IndexByte(" ,:", text[end]) >= 0) && isDigit(text[end+1]) {
		return false
	}
	before := strings.TrimRight(text[max(0, start-60):start], " ")
	if len(v) == keyLeast && placeBehind.MatchString(text[end:]) && (before == "" || strings.IndexByte("\n,-", before[len(before)-1]) >= 0) {
		return false
	}
	return !yearAndNumber.MatchString(v) || !lawBefore.MatchString(text[max(0, start-60):start])
}

// keys finds the keys of known tables.
func (g *guard) keys(r reading) {
	hit := g.hitter(r)
	scanKeys(r.text, func(key string, start, end int) {
		if g.hasExact(tableKey(g.secrets, key)) {
			hit(kindKey, start, end)
		}
	})
}

func tableKey(s *secrets, form string) uint64 { return prf64(s.ident, kindKey, form) }

// homeAccounts are the countries whose IBAN is two letters and two check digits before the number as it is written at home, by that
// number's length.
func homeAccounts(length int) (out []string) {
	for _, country := range cell.IBANCountries() {
		if cell.IBANLength(country) == 4+length {
			out = append(out, country)
		}
	}
	return out
}

// longestHome is the length of the longest of them, and homeDigits how many of its characters are digits at least.
const (
	longestHome = 24
	homeDigits  = 10
)

// scanHome finds account numbers without country and check digits, such as the Belgian ones of before: 123-4567890-02. Whatever has the
// length is one: the check digits of its IBAN are made, which then is looked up.
func scanHome(text string, see func(found)) {
	for i := 0; i < len(text); i++ {
		if !isAlnum(text[i]) || i > 0 && isAlnum(text[i-1]) {
			continue
		}
		var b []byte
		digits := 0
		for j := i; len(b) <= longestHome; {
			for j < len(text) && isAlnum(text[j]) && len(b) <= longestHome {
				if isDigit(text[j]) {
					digits++
				}
				b = append(b, upper(text[j]))
				j++
			}
			if len(b)-digits > 5 || digits == 0 && len(b) != 4 && len(b) != 1 {
				break // words
			}
			if digits >= homeDigits {
				for _, country := range homeAccounts(len(b)) {
					see(found{kindIBAN, i, j, withCheck(country, b)})
				}
			}
			next := j
			for next < len(text) && next < j+3 && strings.IndexByte(" .-/", text[next]) >= 0 {
				next++
			}
			if next == j || next == len(text) || !isAlnum(text[next]) {
				break
			}
			j = next
		}
	}
}

// withCheck makes an IBAN by ISO 13616: the check digits are 98 less the rest of number, country and 00 by 97.
func withCheck(country string, b []byte) string {
	rest := 0
	for _, c := range append([]byte(string(b)+country), '0', '0') {
		if isDigit(c) {
			rest = (10*rest + int(c-'0')) % 97
		} else {
			rest = (100*rest + int(c-'A') + 10) % 97
		}
	}
	check := 98 - rest
	iban := append([]byte(country), byte('0'+check/10), byte('0'+check%10))
	if iban = append(iban, b...); !cell.ValidIBAN(iban) {
		return ""
	}
	return string(iban)
}

// lettersAsDigits reads the letters O and l in numbers as what they look like.
func lettersAsDigits(r reading) (reading, bool) {
	w := rewriting{of: r}
	for i := 0; i < len(r.text); {
		j := i
		for j < len(r.text) && isAlnum(r.text[j]) {
			j++
		}
		if j == i {
			w.put(r.text[i:i+1], i)
			i++
			continue
		}
		token := r.text[i:j]
		from := 0
		if len(token) > 3 && isLetter(token[0]) && isLetter(token[1]) && !asDigits(token) {
			from = 2 // a country before an account number
		}
		as := asDigits(token[from:]) && (strings.ContainsFunc(token, unicode.IsDigit) || len(token) <= 4 && besideDigits(r.text, i, j))
		for k := range len(token) {
			c := token[k]
			if as && k >= from && isLetter(c) {
				c, w.changed = '0', true
				if token[k]|0x20 != 'o' {
					c = '1'
				}
			}
			w.put(string(c), i+k)
		}
		i = j
	}
	return w.end()
}

func asDigits(token string) bool {
	return token != "" && strings.Trim(token, "0123456789OolI") == ""
}

// besideDigits tells whether a digit stands before or behind, over what people write into numbers.
func besideDigits(text string, from, to int) bool {
	before := strings.TrimRight(text[max(0, from-3):from], " .-/()")
	behind := strings.TrimLeft(text[to:min(len(text), to+3)], " .-/()")
	return before != "" && isDigit(before[len(before)-1]) || behind != "" && isDigit(behind[0])
}

// initialKey is the keyed hash of a family name with the first letter of a given one; false where so many are called so that it names
// nobody.
func (s *secrets) initialKey(given, family string) (uint64, bool) {
	g, f := letters(given), letters(family)
	if g == "" || len(f) < 4 || commonFamily(f) {
		return 0, false
	}
	_, n := utf8.DecodeRuneInString(g)
	return prf64(s.name, "initial", g[:n], f), true
}

// scanShort calls see for every initial beside what may be a family name: "J. Peeters", "J.-P. Van den Berghe", "Peeters J.".
func scanShort(text string, all []word, see func(initial, family string, start, end int)) {
	single := func(i int) bool {
		w := text[all[i].start:all[i].end]
		c, n := utf8.DecodeRuneInString(w)
		return n == len(w) && unicode.IsUpper(c) && strings.HasPrefix(text[all[i].end:], ".")
	}
	for i := range all {
		if !single(i) {
			continue
		}
		initial, last := text[all[i].start:all[i].end], i
		for last+1 < len(all) && single(last+1) && all[last+1].start-all[last].end <= nearWords {
			last++
		}
		for n := 1; n < maxNameWords && last+n < len(all) && all[last+n].start-all[last+n-1].end <= nearWords; n++ {
			see(initial, text[all[last+1].start:all[last+n].end], all[i].start, all[last+n].end)
		}
		for n := 1; n < maxNameWords && i-n >= 0 && all[i-n+1].start-all[i-n].end <= nearWords; n++ {
			see(initial, text[all[i-n].start:all[i-1].end], all[i-n].start, all[i].end)
		}
	}
}

// commonFamily tells family names that so many bear in Belgium, the Netherlands, France and Germany that one letter before them names nobody.
func commonFamily(name string) bool {
	switch string(canonical.Text(name)) {
	case "peeters", "janssens", "janssen", "maes", "jacobs", "mertens", "willems", "claes", "goossens", "wouters", "desmet", "desmedt", "dubois", "lambert", "dupont", "martin",
		"simon", "laurent", "leroy", "lemmens", "vermeulen", "michiels", "hermans", "aerts", "pauwels", "devos", "vandenbroeck", "vandamme", "vandeputte", "vandevelde", "dewit", "dewilde",
		"desutter", "declercq", "declerck", "declerq", "depauw", "dhondt", "decock", "debruyn", "debruyne", "degroote", "desmedts", "smets", "stevens", "segers", "martens",
		"jansen", "devries", "dejong", "dejonge", "vandijk", "bakker", "visser", "smit", "meijer", "meyer", "deboer", "mulder", "degroot", "bos", "vos", "peters", "hendriks", "vanleeuwen",
		"dekker", "brouwer", "dewitt", "dijkstra", "smits", "degraaf", "vandermeer", "vandenberg", "vandenberghe", "vandenbosch", "vandenbossche", "vandenheuvel", "kok", "jacobsen",
		"bernard", "thomas", "petit", "robert", "richard", "durand", "moreau", "lefebvre", "lefevre", "michel", "garcia", "david", "bertrand", "roux", "vincent", "fournier", "morel", "girard",
		"andre", "mercier", "blanc", "guerin", "boyer", "garnier", "chevalier", "francois", "muller", "mueller", "schmidt", "schneider", "fischer", "weber", "wagner", "becker", "schulz",
		"hoffmann", "schafer", "schaefer", "koch", "bauer", "richter", "klein", "wolf", "schroder", "schroeder", "neumann", "schwarz", "zimmermann", "braun", "kruger", "krueger", "hofmann",
		"hartmann", "lange", "smith", "jones", "brown", "taylor", "williams", "nguyen", "vandenbergh", "declercqs", "verhoeven", "verstraete", "cools", "coppens", "hendrickx", "baert":
		return true
	}
	return false
}
