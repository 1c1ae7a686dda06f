// Package people invents employees for demonstrations and tests: names, numbers with valid check digits, addresses and remarks.
//
// It never draws on anybody who exists: names and streets are made up, national numbers carry serials that are not issued (999 for men,
// 000 for women), bank accounts belong to a bank code that no bank has, and mail goes to the reserved domain example.
package people

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// Person is an invented employee.
type Person struct {
	ID       string // staff number, "P-0012"
	Given    string
	Family   string
	Woman    bool
	Born     time.Time
	National string // Belgian national number, "85.07.30-999.32"
	Email    string
	Phone    string // in a zone that does not exist
	IBAN     string // with spaces
	Street   string // with house number
	Town     string // with post code
	Job      string
	Employer string
	Health   []string // sentences
	Family2  string   // a sentence about the family
	Conduct  string   // a sentence about conduct
}

// Name is the whole name, given name first.
func (p Person) Name() string { return p.Given + " " + p.Family }

// Title is how a letter addresses the person, in Dutch.
func (p Person) Title() string {
	if p.Woman {
		return "mevrouw"
	}
	return "de heer"
}

// NationalDigits is the national number without punctuation.
func (p Person) NationalDigits() string { return digits(p.National) }

// Identifiers lists every way in which the person's identifiers are written in the invented files.
func (p Person) Identifiers() []string {
	return []string{p.Name(), p.Family + " " + p.Given, p.National, p.NationalDigits(), p.Email, p.Phone, p.IBAN,
		strings.ReplaceAll(p.IBAN, " ", ""), p.Street}
}

// Remarks lists the sentences about the person.
func (p Person) Remarks() []string {
	return append(append([]string(nil), p.Health...), p.Family2, p.Conduct)
}

// Invent makes n people; the same seed makes the same people. n is at most 400, so that nobody has the same birthday or the same name
// as somebody else.
func Invent(seed uint64, n int) []Person {
	r := rand.New(rand.NewPCG(seed, 0x70656f706c65))
	n = min(n, 400)
	givens, families := r.Perm(len(women)+len(men)), r.Perm(len(familyNames))
	// 18,262 days from 1956 on are the years of birth of a working population; each is used once, because the serial is fixed.
	days := r.Perm(18262)
	out := make([]Person, n)
	for i := range out {
		g := givens[i%len(givens)]
		// 47 and 45 have no common divisor, so no pair comes twice.
		p := Person{ID: fmt.Sprintf("P-%04d", i+1), Family: familyNames[families[i%len(families)]], Woman: g < len(women)}
		if p.Woman {
			p.Given = women[g]
		} else {
			p.Given = men[g-len(women)]
		}
		p.Born = time.Date(1956, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, days[i])
		p.National = NationalNumber(p.Born, map[bool]int{false: 999, true: 0}[p.Woman])
		p.Email = fmt.Sprintf("%s.%s@%s.example", plain(p.Given), plain(p.Family), pick(r, mailHosts))
		p.Phone = fmt.Sprintf("02 0%02d %02d %02d", i/100, i%100, r.IntN(100))
		p.IBAN = IBAN(fmt.Sprintf("999%03d%04d", r.IntN(1000), i))
		p.Street = fmt.Sprintf("%s %d", pick(r, streets), 1+r.IntN(180))
		p.Town = pick(r, towns)
		p.Job, p.Employer = pick(r, jobs), pick(r, employers)
		remark(r, &p)
		out[i] = p
	}
	return out
}

// NationalNumber writes the Belgian national number of a birth date and serial: check digits are 97 − (nine digits mod 97), with a "2"
// before the nine digits for those born from 2000 on.
func NationalNumber(born time.Time, serial int) string {
	nine := born.Year()%100*10_000_000 + int(born.Month())*100_000 + born.Day()*1000 + serial
	checked := nine
	if born.Year() >= 2000 {
		checked += 2_000_000_000
	}
	return fmt.Sprintf("%02d.%02d.%02d-%03d.%02d", born.Year()%100, born.Month(), born.Day(), serial, 97-checked%97)
}

// IBAN makes a Belgian account number of its first ten digits (bank code and number).
func IBAN(ten string) string {
	var n int
	_, _ = fmt.Sscanf(ten, "%d", &n)
	check := n % 97
	if check == 0 {
		check = 97
	}
	bban := fmt.Sprintf("%s%02d", ten, check)
	// ISO 13616: the account, then "BE" as 11 14, then 00; what is missing to 98 mod 97 are the check digits.
	rest := 0
	for _, c := range bban + "111400" {
		rest = (rest*10 + int(c-'0')) % 97
	}
	s := fmt.Sprintf("BE%02d%s", 98-rest, bban)
	return s[:4] + " " + s[4:8] + " " + s[8:12] + " " + s[12:]
}

// remark draws what the doctor wrote. Each sentence joins several drawings, so that no two people share a long run of text.
func remark(r *rand.Rand, p *Person) {
	pronoun := map[bool]string{false: "hij", true: "zij"}[p.Woman]
	day := func() string {
		return fmt.Sprintf("%d %s %d", 1+r.IntN(28), pick(r, months), 2021+r.IntN(5))
	}
	for range 3 + r.IntN(2) {
		p.Health = append(p.Health, fmt.Sprintf("Op %s meldde %s zich met %s na %s; %s vond %s en raadde %s aan gedurende %d %s.",
			day(), p.Given, pick(r, complaints), pick(r, events), pick(r, doctors), pick(r, findings), pick(r, measures), 2+r.IntN(11), pick(r, spans)))
	}
	p.Health = append(p.Health, fmt.Sprintf("Bloeddruk %d/%d, gewicht %d,%d kg, gehoorverlies rechts %d dB bij %d Hz; medicatie: %s, %d mg per dag.",
		105+r.IntN(60), 62+r.IntN(35), 50+r.IntN(60), r.IntN(10), 5+r.IntN(40), 500*(1+r.IntN(12)), pick(r, drugs), 5*(1+r.IntN(40))))
	p.Family2 = fmt.Sprintf("Thuis: %s, %s; %s vertelde dat %s sinds %s.", pick(r, homes), pick(r, children), pronoun, pick(r, worries), day())
	p.Conduct = fmt.Sprintf("Leidinggevende meldt op %s dat %s %s %s; afspraak: %s.", day(), p.Given, pick(r, behaviours), pick(r, occasions), pick(r, agreements))
}

func pick(r *rand.Rand, from []string) string { return from[r.IntN(len(from))] }

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// plain makes a name fit for an address.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("éèëê", r):
			return 'e'
		case strings.ContainsRune("ïî", r):
			return 'i'
		case r == 'ç':
			return 'c'
		case r == 'ö':
			return 'o'
		case r == ' ' || r == '\'' || r == '-':
			return -1
		}
		return r
	}, strings.ToLower(s))
}
