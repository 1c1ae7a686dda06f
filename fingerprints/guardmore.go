package fingerprints

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/match"
)

const (
	kindBirth = "birth date"
	// maxEncoded bounds what is decoded of one text, in places.
	maxEncoded = 200
	// gluedLeast is how many letters two names have together, at least, that are looked for without anything between them.
	gluedLeast = 7
)

// dressed looks through the readings of a text besides the one as it stands.
func (g *guard) dressed(r reading) {
	plain, changed, bold := plainly(r)
	if bold {
		g.identifiers(plain)
		g.named(plain.text, g.hitter(plain))
	} else if changed {
		scan(plain.text, g.known(plain))
	}
	if quoted, ok := quotedPrintable(plain); ok {
		g.identifiers(quoted)
	}
	for _, with := range []string{"", " "} {
		if lines, ok := joinedLines(plain, with); ok {
			scan(lines.text, g.known(lines))
		}
	}
	if closed, ok := closedUp(plain); ok {
		g.identifiers(closed)
		g.glued(closed, false)
	}
	if spoken, ok := written(plain); ok {
		scan(spoken.text, g.known(spoken))
	}
	if digits, ok := lettersAsDigits(plain); ok {
		scan(digits.text, g.known(digits))
		scanHome(digits.text, g.known(digits))
	}
	g.glued(plain, true)
	g.births(plain)
	g.keys(plain)
}

func (g *guard) hitter(r reading) func(kind string, start, end int) {
	return func(kind string, start, end int) {
		g.hits = append(g.hits, match.Hit{Kind: kind, Start: r.at(start), End: r.at(end)})
	}
}

// known tells of the identifiers of a reading that the index knows.
func (g *guard) known(r reading) func(found) {
	hit := g.hitter(r)
	return func(f found) {
		if g.has(f) {
			hit(f.kind, f.start, f.end)
		}
	}
}

// identifiers looks for identifiers and names.
func (g *guard) identifiers(r reading) {
	hit := g.hitter(r)
	scan(r.text, g.known(r))
	scanHome(r.text, g.known(r))
	all := words(r.text)
	see := func(a, b string, start, end int) {
		if g.isName(a, b) {
			hit(kindName, start, end)
		}
	}
	scanNames(r.text, all, see)
	scanInitials(r.text, all, see)
	scanShort(r.text, all, func(initial, family string, start, end int) {
		if key, ok := g.secrets.initialKey(initial, family); ok && g.hasExact(key) {
			hit(kindName, start, end)
		}
	})
}

func (g *guard) isName(a, b string) bool {
	key, ok := g.secrets.pairKey(a, b)
	return ok && g.hasExact(key)
}

// scanInitials reads over a letter between the names: "Jan P. Peeters".
func scanInitials(text string, all []word, see func(a, b string, start, end int)) {
	for i := 1; i+1 < len(all); i++ {
		if utf8.RuneCountInString(text[all[i].start:all[i].end]) != 1 || all[i].start-all[i-1].end > nearWords {
			continue
		}
		for n := 1; n < maxNameWords && i+n < len(all) && all[i+n].start-all[i+n-1].end <= nearWords; n++ {
			see(text[all[i-1].start:all[i-1].end], text[all[i+1].start:all[i+n].end], all[i-1].start, all[i+n].end)
		}
	}
}

// glued looks for names without anything between them, in addresses and file names or everywhere.
func (g *guard) glued(r reading, addresses bool) {
	hit := g.hitter(r)
	for at := 0; at < len(r.text); {
		end := at + strings.IndexFunc(r.text[at:]+" ", unicode.IsSpace)
		if token := r.text[at:end]; !addresses || strings.ContainsAny(strings.TrimRight(token, ".,;:!?)"), "/._=@%&#") {
			g.gluedIn(token, func(from, to int) { hit(kindName, at+from, at+to) })
		}
		_, n := utf8.DecodeRuneInString(r.text[end:])
		at = end + n
		if n == 0 {
			return
		}
	}
}

func (g *guard) gluedIn(token string, hit func(from, to int)) {
	from := -1
	for i, c := range token + "/" {
		letter := unicode.IsLetter(c) || unicode.Is(unicode.Mn, c)
		if letter && from < 0 {
			from = i
		} else if !letter && from >= 0 {
			if run := token[from:i]; len(run) >= gluedLeast && len(run) <= 60 {
				for cut := 2; cut < len(run)-1; cut++ {
					if utf8.RuneStart(run[cut]) && g.isName(run[:cut], run[cut:]) {
						hit(from, i)
						break
					}
				}
			}
			from = -1
		}
	}
}

var (
	base64Token = regexp.MustCompile(`[A-Za-z0-9+/]{8,}`)
	base64URL   = regexp.MustCompile(`[A-Za-z0-9_-]{8,}`)
	hexToken    = regexp.MustCompile(`(?:[0-9A-Fa-f]{2}){6,}`)
)

// encoded yields what stands in base64 or hexadecimal in a text and is text itself.
func encoded(text string, see func(plain string, start, end int)) {
	for _, way := range []struct {
		token  *regexp.Regexp
		decode func(string) ([]byte, error)
	}{
		{base64Token, base64.RawStdEncoding.DecodeString},
		{base64URL, base64.RawURLEncoding.DecodeString},
		{hexToken, hex.DecodeString},
	} {
		for _, m := range way.token.FindAllStringIndex(text, maxEncoded) {
			if b, err := way.decode(text[m[0]:m[1]]); err == nil && readable(b) {
				see(string(b), m[0], m[1])
			}
		}
	}
}

// readable tells whether bytes are text.
func readable(b []byte) bool {
	if len(b) < 6 || !utf8.Valid(b) {
		return false
	}
	for _, r := range string(b) {
		if !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return false
		}
	}
	return true
}

var (
	dayFirst  = `(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})`
	yearFirst = `(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})`
	inWords   = `(\d{1,2})(?:er|\.|e|st|nd|rd|th)?\s+(?:of\s+|de\s+)?(\p{L}{3,10})\.?\s+(\d{4})`
	anyDate   = regexp.MustCompile(`(?:^|[^\p{L}\d.])(?:` + dayFirst + `|` + yearFirst + `|` + inWords + `)(?:$|[^\d])`)
	// A notice has no reason to say when somebody was born, whoever it is.
	bornThen = regexp.MustCompile(`(?i)(?:^|[^\p{L}])(?:geboren|geb\.|geboortedatum|geboortedag|gebdat\p{L}*|n[ée]e?(?:\(e\))?\s+(?:[àa]\s+\S+\s+)?le|naissance|geburtsdatum|geburtstag|born|birth(?:\s?dates?|\s?day)?|dob)[^\p{L}\d\n]{0,3}(?:(?:op|am|on|le|is|was|te|in|:)[\s:]+){0,3}(?:\p{L}+[ ,]+){0,2}(` +
		`\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}(?:er|\.)?\s+\p{L}{3,10}\.?\s+\d{4}|\d{8})`)
	lawBefore = regexp.MustCompile(`(?i)(?:wet|loi|act|gesetz|verordening|r[èe]glement|regulation|verordnung|besluit|arr[êe]t[ée]?|arrest|richtlijn|directive|richtlinie)[^.;]{0,40}$`)
)

// bornBefore is the year up to which a date that is some victim's birth date is taken for one also where nothing says so. Later ones are
// the days of notices and incidents.
const bornBefore = 2008

// births finds dates of birth: any that is called so, and those of victims.
func (g *guard) births(r reading) {
	if len(g.snap.Known) == 0 {
		return // nothing leaked
	}
	hit := g.hitter(r)
	for _, m := range bornThen.FindAllStringSubmatchIndex(r.text, -1) {
		hit(kindBirth, m[2], m[3])
	}
	for at := 0; at < len(r.text); {
		m := anyDate.FindStringSubmatchIndex(r.text[at:])
		if m == nil {
			return
		}
		first, last := m[1], m[0]
		for i := 2; i < len(m); i += 2 {
			if m[i] >= 0 {
				first, last = min(first, m[i]), max(last, m[i+1])
			}
		}
		start, end := at+first, at+last
		if rest := r.text[end:]; len(rest) > 1 && rest[0] == '.' && isDigit(rest[1]) {
			at = end
			continue // a version, an address
		}
		for _, day := range days(r.text[start:end]) {
			if day.Year() <= bornBefore && g.hasExact(birthKey(g.secrets, day)) && (m[14] < 0 || !lawBefore.MatchString(r.text[max(0, start-60):start])) {
				hit(kindBirth, start, end)
				break
			}
		}
		at = end
	}
}

func birthKey(s *secrets, day time.Time) uint64 {
	return prf64(s.ident, kindBirth, day.Format(time.DateOnly))
}

// days reads a date: day first, and month first where that is another one.
func days(text string) (out []time.Time) {
	add := func(year, month, day string) {
		if len(month) < 2 {
			month = "0" + month
		}
		if len(day) < 2 {
			day = "0" + day
		}
		if t, err := time.Parse(time.DateOnly, year+"-"+month+"-"+day); err == nil {
			out = append(out, t)
		}
	}
	m := anyDate.FindStringSubmatch(text)
	switch {
	case m == nil:
	case m[1] != "":
		add(m[3], m[2], m[1])
		if m[1] != m[2] {
			add(m[3], m[1], m[2])
		}
	case m[4] != "":
		add(m[4], m[5], m[6])
	case m[7] != "":
		if month := monthNamed(m[8]); month > 0 {
			add(m[9], fmt.Sprint(month), m[7])
		}
	}
	return out
}

// monthNamed is the month of a name in nl, fr, de or en; 0: it is none.
func monthNamed(name string) int {
	n := string(canonical.Text(name))
	for i, begins := range []string{"jan", "feb fev", "maa mrt mar", "apr avr", "mei mai may", "juni juin june jun", "juli juil july jul", "aug aou", "sep", "okt oct", "nov", "dec dez"} {
		for _, b := range strings.Fields(begins) {
			if strings.HasPrefix(n, b) {
				return i + 1
			}
		}
	}
	return 0
}
