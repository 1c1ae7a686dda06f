package recall

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// person is nobody.
type person struct {
	given, family               string
	year, month, day            int
	number                      string // national number, eleven digits with valid check digits
	bsn                         string // nine digits that pass the eleven test
	staff                       int
	street, zip, town           string
	email, phone, iban          string
	employer, enterprise, login string
	wage                        int
	remark                      string
}

// nameBook is the names of one invented country.
type nameBook struct {
	given, family, streets, towns, employers, enterprises, domains []string
}

func newNameBook(r *rand.Rand) *nameBook {
	b := &nameBook{}
	for range 120 {
		b.given = append(b.given, coin(r, 2))
	}
	for range 420 {
		f := coin(r, 2)
		switch r.IntN(12) {
		case 0:
			f = "Van " + f
		case 1:
			f = "de " + f
		case 2:
			f += "-" + coin(r, 1)
		case 3:
			f = strings.Replace(f, "e", "é", 1)
		}
		b.family = append(b.family, f)
	}
	for range 150 {
		b.streets = append(b.streets, coin(r, 2)+pick(r, []string{"straat", "laan", "weg", "plein", "dreef"}))
	}
	for range 60 {
		b.towns = append(b.towns, coin(r, 2)+pick(r, []string{"gem", "hoek", "kerke", "berg", ""}))
	}
	for range 25 {
		b.employers = append(b.employers, coin(r, 2)+" "+pick(r, []string{"bv", "nv", "SA", "GmbH", "Ltd"}))
		n := 10000000 + r.IntN(9000000)
		b.enterprises = append(b.enterprises, fmt.Sprintf("%08d%02d", n, 97-n%97)[:10])
		b.domains = append(b.domains, strings.ToLower(coin(r, 3))+".example")
	}
	return b
}

// common picks with a slope, as names are: the first of the list are frequent.
func common(r *rand.Rand, of []string) string {
	x := r.Float64()
	return of[int(x*x*float64(len(of)))]
}

func (b *nameBook) people(r *rand.Rand, n int, remark func() string) []person {
	all := make([]person, n)
	for i := range all {
		p := person{given: common(r, b.given), family: common(r, b.family), year: 1945 + r.IntN(60), month: 1 + r.IntN(12), day: 1 + r.IntN(28)}
		p.identify(r)
		b.settle(r, &p)
		p.remark = remark()
		all[i] = p
	}
	return all
}

// identify gives the numbers that hang on the birth date.
func (p *person) identify(r *rand.Rand) {
	month := p.month
	if r.IntN(30) == 0 {
		month += 40 // a BIS number
	}
	n := (p.year%100*10000+month*100+p.day)*1000 + 1 + r.IntN(997)
	over := n
	if p.year >= 2000 {
		over += 2_000_000_000
	}
	p.number = fmt.Sprintf("%09d%02d", n, 97-over%97)
	for {
		digits := 100_000_00 + r.IntN(800_000_00)
		sum, rest := 0, digits
		for w := 2; w <= 9; w++ {
			sum += w * (rest % 10)
			rest /= 10
		}
		if sum%11 < 10 {
			p.bsn = fmt.Sprintf("%08d%d", digits, sum%11)
			break
		}
	}
	account := r.IntN(10_000_000_00)
	check := account % 97
	if check == 0 {
		check = 97
	}
	bban := fmt.Sprintf("%010d%02d", account, check)
	mod := 0
	for _, c := range bban + "111400" { // B=11, E=14
		mod = (mod*10 + int(c-'0')) % 97
	}
	p.iban = fmt.Sprintf("BE%02d%s", 98-mod, bban)
}

func (b *nameBook) settle(r *rand.Rand, p *person) {
	p.staff = 10_000 + r.IntN(900_000)
	p.street = fmt.Sprintf("%s %d", pick(r, b.streets), 1+r.IntN(220))
	town := r.IntN(len(b.towns))
	p.zip, p.town = fmt.Sprint(1000+town*137%8900), b.towns[town]
	e := r.IntN(len(b.employers))
	p.employer, p.enterprise = b.employers[e], b.enterprises[e]
	plain := strings.NewReplacer(" ", "", "é", "e", "-", "")
	p.login = strings.ToLower(plain.Replace(p.given[:1]+p.family)) + fmt.Sprint(r.IntN(100))
	host := b.domains[e]
	if r.IntN(3) == 0 {
		host = pick(r, []string{"post.example", "mail.example", "brief.example"})
	}
	p.email = strings.ToLower(plain.Replace(p.given)+"."+plain.Replace(p.family)) + "@" + host
	p.phone = fmt.Sprintf("4%d%07d", 6+r.IntN(4), r.IntN(10_000_000))
	p.wage = 1800_00 + r.IntN(4000_00)
}

// form says how the values of a table are written.
type form struct{ date, number, phone, iban int }

func anyForm(r *rand.Rand) form {
	return form{r.IntN(dateForms), r.IntN(numberForms), r.IntN(3), r.IntN(2)}
}

// Ways to write a date; those from usDate on put the month first or leave out the century, and are asked for by name.
const (
	dateForms = 10
	usDate    = 10
	shortDate = 11
)

const numberForms = 5

var months = map[string][]string{
	"nl": strings.Fields("januari februari maart april mei juni juli augustus september oktober november december"),
	"fr": strings.Fields("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
	"de": strings.Fields("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
	"en": strings.Fields("January February March April May June July August September October November December"),
}

func (p person) born(form int, lang string) string {
	switch form {
	case 0:
		return fmt.Sprintf("%04d-%02d-%02d", p.year, p.month, p.day)
	case 1:
		return fmt.Sprintf("%02d/%02d/%04d", p.day, p.month, p.year)
	case 2:
		return fmt.Sprintf("%d.%d.%04d", p.day, p.month, p.year)
	case 3:
		return fmt.Sprintf("%d %s %d", p.day, months[lang][p.month-1], p.year)
	case 4:
		return fmt.Sprintf("%04d%02d%02d", p.year, p.month, p.day)
	case 5:
		return fmt.Sprintf("%02d-%02d-%04d", p.day, p.month, p.year)
	case 6:
		return fmt.Sprintf("%04d/%d/%d", p.year, p.month, p.day)
	case 7:
		return fmt.Sprintf("%04d-%02d-%02dT00:00:00Z", p.year, p.month, p.day)
	case 8:
		return fmt.Sprintf("%02d-%s-%04d", p.day, string([]rune(months["en"][p.month-1])[:3]), p.year)
	case 9:
		return fmt.Sprintf("%04d-%02d-%02d 00:00:00", p.year, p.month, p.day)
	case usDate:
		return fmt.Sprintf("%02d/%02d/%04d", p.month, p.day, p.year)
	}
	return fmt.Sprintf("%02d/%02d/%02d", p.day, p.month, p.year%100)
}

func (p person) national(form int) string {
	n := p.number
	switch form {
	case 0:
		return n[:2] + "." + n[2:4] + "." + n[4:6] + "-" + n[6:9] + "." + n[9:]
	case 1:
		return n
	case 2:
		return n[:6] + " " + n[6:9] + " " + n[9:]
	case 3:
		return n[:6] + "-" + n[6:9] + "-" + n[9:]
	}
	return n[:2] + " " + n[2:4] + " " + n[4:6] + "  " + n[6:9] + "-" + n[9:]
}

func (p person) telephone(form int) string {
	n := p.phone
	switch form {
	case 0:
		return "0" + n[:3] + " " + n[3:5] + " " + n[5:7] + " " + n[7:]
	case 1:
		return "+32" + n
	}
	return "0032 " + n[:3] + "/" + n[3:5] + "." + n[5:7] + "." + n[7:]
}

func (p person) account(form int) string {
	if form == 0 {
		return p.iban
	}
	var groups []string
	for i := 0; i < len(p.iban); i += 4 {
		groups = append(groups, p.iban[i:min(i+4, len(p.iban))])
	}
	return strings.Join(groups, " ")
}
