package table

import (
	"regexp"
	"slices"
	"strings"
)

// The phrases by which letters name whom they are about.
var (
	bornPhrase = regexp.MustCompile(`(?i)(?:\bgeboren\s+(?:op|te\s+[\p{L}-]+\s+op|te\s+[\p{L}-]+,)?|\bgeb\.?\s(?:\s*(?:am|op)\s)?|\bgeboortedatum\b[\s:]|\bn[ée]{1,2}(?:\(e\))?e?\s+(?:[àa]\s+[\p{L}-]+\s+)?le\b|\bdate\s+de\s+naissance\b[\s:]|\bborn\s+(?:on|in\s+[\p{L}-]+\s+on)?|\bdate\s+of\s+birth\b[\s:]|\bgeboren\s+am\b|\bgeburtsdatum\b[\s:]|\bd\.?o\.?b\b\.?|\bbirth\s?date\b|°\s*)[\s:]*(\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{4}-\d{2}-\d{2}|\d{1,2}(?:er|\.)?\s+\p{L}+\.?\s+\d{4})`)
	bornBehind = regexp.MustCompile(`(?i)\b(?:am|op)\s+(\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|\d{1,2}\.?\s+\p{L}+\.?\s+\d{4})\s+(?:in\s+[\p{L}-]+\s+|te\s+[\p{L}-]+\s+)?geboren\b`)
	natPhrase  = regexp.MustCompile(`(?i)\b(?:rijksregister\p{L}*|rrn|insz|niss|registre\s+national|num[ée]ro\s+national|national\s+(?:register\s+)?number|nationalregister\p{L}*)[^0-9\n]{0,24}(\d[\d .\-]{9,16}\d)`)
	filePhrase = regexp.MustCompile(`(?i)\b(?:dossier|file|case|zaak|akten?|kenmerk|aktenzeichen|r[ée]f(?:erence|érence|erentie)?|patient(?:en)?)(?:[ -]?(?:n(?:umm|umb)er|nr|no|n°|num[ée]ro|zeichen|id))?[.:\s#]{1,3}([A-Z]{0,4}[-/]?\d[\dA-Z/-]{4,15})\b`)
	bsnPhrase  = regexp.MustCompile(`(?i)\b(?:bsn|burgerservicenummer|sofi\p{L}*)[^0-9\n]{0,16}(\d[\d .]{7,10}\d)`)
	addressed  = regexp.MustCompile(`(?:^|[\s(])(?:[Dd]e [Hh]eer(?:/[Mm]evrouw)?|[Mm]evrouw|[Mm]ejuffrouw|[Dd]hr\.?|[Mm]evr?\.|[Mm]w\.|Monsieur|Madame|Mademoiselle|Mme\.?|Mlle\.?|M\.|Herrn?|Frau|Mr\.?|Mrs\.?|Ms\.?|van werknem(?:er|ster)|[Pp]ati[eë]nte?|[Ww]erknem(?:er|ster)|[Ww]erknemer:) +(` + personName + `)`)
	subjectOf  = regexp.MustCompile(`(?im:^(?:betreft|onderwerp|inzake|concerne|objet|betreff|betr\.?|re|subject|dossier)\s*:?\s.{0,80}?)(?:van|van de heer|van mevrouw|de|von|of|for|voor|pour|für|:|[-–—]) (` + personName + `)`)
	beforeBorn = regexp.MustCompile(`(` + personName + `)[\s,(]+(?i:geboren|geb\.|n[ée]+(?:\(e\))?e? le|born|d\.?o\.?b\b|°)`)
	bornBeside = regexp.MustCompile(`(` + personName + `)[ \t]*[,;|/(\t–—-]+[ \t]*[°*]?[ \t]*(\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2}\.? \p{L}{3,10} \d{4})\b`)
	sentTo     = regexp.MustCompile(`(?m)^[\t ]*(?:Aan|To|An|[ÀA]|[Tt]\.?a\.?v\.?|[Aa]ttn?\.?|Klant|Client|Kunde|Customer|Cliënt|Bill to|Destinataire|Empfänger)\s*:\s*(` + personName + `)`)
)

// personName is two to five capitalised words, with particles between them.
const personName = `\p{Lu}[\p{L}'’-]+(?: (?:van|de|der|den|von|zu|la|le|du|di|ten|ter|el|Van|De|Der|Den|\p{Lu}\.?))*(?: \p{Lu}[\p{L}'’-]+){1,3}`

var title = regexp.MustCompile(`^(?:De heer|Mevrouw|Mejuffrouw|Dhr|Mevr?|Mw|Monsieur|Madame|Mademoiselle|Mme|Mlle|Herrn?|Frau|Mr|Mrs|Ms|Dr)\.? `)

// letter finds the person whom a letter is about by its phrases; names are those of columns.
func letter(text string) (f fields) {
	f.phrase("name", text, beforeBorn, subjectOf, sentTo, addressed)
	if len(f.names) > 0 {
		f.values[0] = alone(title.ReplaceAllString(f.values[0], ""), text)
	} else if name := saluted(text); name != "" {
		f.add("name", name)
	} else if name, _ := dated(text); name != "" {
		f.add("name", name)
	}
	if len(f.names) == 0 {
		return fields{}
	}
	f.told(text)
	return f
}

// phrase adds what the first of some phrases that stands in the text says.
func (f *fields) phrase(name, text string, from ...*regexp.Regexp) {
	for _, re := range from {
		if m := re.FindStringSubmatch(text); m != nil {
			f.add(name, strings.TrimSpace(m[len(m)-1]))
			return
		}
	}
}

// told adds what the phrases of a letter say of the person whose name is known, and what stands beside it.
func (f *fields) told(text string) {
	f.phrase("birth date", text, bornPhrase, bornBehind)
	if !slices.Contains(f.names, "birth date") {
		if name, day := dated(text); name == f.values[0] {
			f.add("birth date", day)
		}
	}
	f.phrase("national number", text, natPhrase)
	f.phrase("bsn", text, bsnPhrase)
	if m := filePhrase.FindStringSubmatch(text); m != nil && !IsDate(m[1]) && !isNational(m[1]) {
		f.add("dossier", m[1])
	}
	f.beside(text)
	f.named(text)
}

// named adds what belongs to the person by the name itself: the mail address that is made of the family name, wherever it stands, and the
// number that stands before the name as a file's.
func (f *fields) named(text string) {
	words := strings.Fields(f.values[0])
	family := fold(words[len(words)-1])
	if len(family) >= 4 && !slices.Contains(f.names, "email") {
		for _, v := range emailBeside.FindAllString(text, 32) {
			if local, _, _ := strings.Cut(v, "@"); strings.Contains(fold(local), family) && isEmail(v) {
				f.add("email", v)
				break
			}
		}
	}
	at := strings.Index(text, f.values[0])
	if at < 0 || slices.Contains(f.names, "dossier") {
		return
	}
	line := text[max(0, strings.LastIndexByte(text[:at], '\n')):at]
	if m := fileBefore.FindStringSubmatch(line); m != nil && !IsDate(m[1]) && !isNational(m[1]) {
		f.add("dossier", m[1])
	}
}

// alone is a name without the words before it that stand there only once, while the rest is named by itself elsewhere: nouns
// have capitals too.
func alone(name, text string) string {
	n := strings.Count(text, name)
	for rest := name; ; {
		_, behind, more := strings.Cut(rest, " ")
		if !more || wordsOfName(behind) < 2 {
			return name
		}
		if rest = behind; strings.Count(text, rest) > n {
			return rest
		}
	}
}

// wordsOfName counts the words that are no particles: "Van Hove" is a family name alone.
func wordsOfName(name string) (n int) {
	for _, w := range strings.Fields(name) {
		if !particle.MatchString(w) {
			n++
		}
	}
	return n
}

var particle = regexp.MustCompile(`^(?i:van|vande|vanden|de|der|den|von|zu|zum|la|le|du|di|da|dos|ten|ter|el|al|ben|'t|d['’])$`)

// lastBorn is the last year that a date is one of birth which nothing calls so: letters are dated later.
const lastBorn = 2012

// dated is the name beside which a date of birth stands that nothing calls so, and the date.
func dated(text string) (name, day string) {
	for _, m := range bornBeside.FindAllStringSubmatch(text, 8) {
		if y := year(m[2]); y > 0 && y <= lastBorn {
			return alone(title.ReplaceAllString(m[1], ""), text), m[2]
		}
	}
	return "", ""
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

// house is a street with its number, postcode one of the Low Countries, their neighbours or Britain.
const (
	house    = `([\p{L}\d][\p{L}\d .'’-]{2,40} \d{1,4}[a-z]?(?: (?:bus|box|boîte|bte\.?|b) ?\w{1,4})?)`
	postcode = `(?:(?:\p{Lu}{1,2}[- ])?\d{4,5}(?: \p{Lu}{2})?|[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2})`
)

// What stands beside a person's name in a letter, and is the person's by its form or by a phrase.
var (
	livingPhrase = regexp.MustCompile(`(?i)\b(?:wonende|woonachtig|woont|domicili[ée]+(?:\(e\)|e)?|demeurant|habitant|wohnhaft|residing|living|lives|address:?|adres:?|adresse:?|anschrift:?)\s+(?:te|in|op|aan|[àa]|at|am)?\s*:?\s*([^;()]{5,90})`)
	addressBlock = regexp.MustCompile(`^[^\n\d]{3,60}\n\s*([^\n:@]{4,60})\n\s*(` + postcode + ` \p{L}[^\n:@\d]{1,40})(?:\n|$)`)                                      // from the name's line on
	postal       = regexp.MustCompile(`^[^\n]{0,60}?[,;:|(\n–—-][ \t]*\n?[ \t]*` + house + `(?:[ \t]*[,;|\n–—-][ \t]*| )(` + postcode + ` \p{Lu}[\p{L} '’-]{1,30})`) // from behind the name
	addressEnd   = regexp.MustCompile(`[.:!?](?:\s|$)|\n\s*\n|\d[\d .\-/]{7,}\d|[\w.+-]+@`)
	numberBeside = regexp.MustCompile(`\b\d{2}[ .]?\d{2}[ .]?\d{2}[ .-]{0,3}\d{3}[ .-]{0,3}\d{2}\b`)
	ibanBeside   = regexp.MustCompile(`\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b`)
	emailBeside  = regexp.MustCompile(`[\w.+-]+@[\w-]+(?:\.[\w-]+)+`)
	phoneBroken  = regexp.MustCompile(`(?:^|[\s:,;(])0\d[\d /.]{1,10}\n\d{2}(?:[ ./]?\d{2}){0,3}\b`)           // over two lines
	fileBefore   = regexp.MustCompile(`(?:^|[\s:#])(\p{Lu}{0,3}[-/]?\d[\d/.-]{4,12}\d)[ \t]*[-–—/|,;][ \t]*$`) // in the line of the name
	fileBeside   = regexp.MustCompile(`\b\p{Lu}{1,3}[-/]?\d{5,9}\b`)
	phoneBeside  = regexp.MustCompile(`(?:^|[\s:,;(])(?:\+|0)\d[\d /.\-()]{6,16}\d\b`)
)

// besideName is how far behind a name a letter may say more of its person, in bytes, and besideAgain how far behind the next
// besideTimes places that name him: a foot with the writer's own address may follow.
const besideName, besideAgain, besideTimes = 400, 160, 3

// beside adds the address and the identifiers that stand behind the name; what several letters have in common is left out
// where records are made.
func (f *fields) beside(text string) {
	reach := besideName
	for range 1 + besideTimes {
		at := strings.Index(text, f.values[0])
		if at < 0 {
			return
		}
		f.behind(text[at:min(len(text), at+reach)])
		text, reach = text[at+len(f.values[0]):], besideAgain
	}
}

// behind adds what is in the text that the name begins.
func (f *fields) behind(text string) {
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
	account := ibanBeside.FindString(text) // its groups of four digits look like a telephone's
	add("phone", phoneBroken, isLocalPhone)
	add("phone", phoneBeside, func(v string) bool {
		return !isNational(v) && !IsDate(v) && isPhone(v) && !strings.Contains(account, v)
	})
	if line, _, _ := strings.Cut(text, "\n"); !slices.Contains(f.names, "dossier") {
		if number := fileBeside.FindString(line); number != "" {
			f.add("dossier", number)
		}
	}
	if slices.Contains(f.names, "address") {
		return
	}
	if m := addressBlock.FindStringSubmatch(text); m != nil && strings.ContainsAny(m[1], "0123456789") {
		f.add("address", strings.TrimSpace(m[1])+", "+strings.TrimSpace(m[2]))
	} else if v := living(text); v != "" {
		f.add("address", v)
	} else if m := postal.FindStringSubmatch(text[len(f.values[0]):]); m != nil {
		f.add("address", strings.TrimSpace(m[1])+", "+strings.TrimSpace(m[2]))
	}
}

// isLocalPhone tells whether a number with a leading zero has as many digits as a telephone's.
func isLocalPhone(v string) bool {
	d, ok := onlyDigits(strings.Join(strings.Fields(v), " "))
	return ok && (len(d) == 9 || len(d) == 10)
}

// living is the address that a phrase says is the person's.
func living(text string) string {
	m := livingPhrase.FindStringSubmatch(text)
	if m == nil {
		return ""
	}
	v := m[1]
	if end := addressEnd.FindStringIndex(v); end != nil {
		v = v[:end[0]]
	}
	if v = strings.Join(strings.Fields(v), " "); len(v) < 5 || digits(v) == 0 {
		return ""
	}
	return v
}
