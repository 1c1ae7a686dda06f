package fingerprints

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// The people of these tables: names, towns and jobs out of lists, as in any region.

type citizen struct {
	given, family, number, email, phone, street, town, postcode, job, key, iban, remark string
	born                                                                                [3]int // year, month, day
}

type lists struct{ given, family, towns, streets, jobs, remarks []string }

// newLists makes up words of syllables: 60 given names, 120 family names, 40 towns, 30 streets, 25 jobs.
func newLists(r *rand.Rand) lists {
	syllables := strings.Fields("ba ke li mo nu dra ve ste wil har jo pie ter lam fa go ru si ton vel mar ijn dou cor ber hof zan quin lau gre")
	word := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteString(pick(r, syllables))
		}
		return strings.ToUpper(b.String()[:1]) + b.String()[1:]
	}
	many := func(n, syllables int) (out []string) {
		for len(out) < n {
			if w := word(syllables); !slices.Contains(out, w) {
				out = append(out, w)
			}
		}
		return out
	}
	l := lists{many(60, 2), many(120, 3), many(40, 3), many(30, 3), many(25, 3), nil}
	for range 40 {
		l.remarks = append(l.remarks, strings.ToLower(word(2)+" "+word(3)+" "+word(2)+" "+word(4)))
	}
	return l
}

func (l lists) citizens(r *rand.Rand, n int) []citizen {
	out := make([]citizen, n)
	for i := range out {
		c := citizen{given: pick(r, l.given), family: pick(r, l.family), town: pick(r, l.towns), job: pick(r, l.jobs), remark: pick(r, l.remarks)}
		c.street = fmt.Sprintf("%sstraat %d", pick(r, l.streets), 1+r.IntN(180))
		c.postcode = fmt.Sprint(1000 + 37*slices.Index(l.towns, c.town))
		c.born = [3]int{1955 + r.IntN(50), 1 + r.IntN(12), 1 + r.IntN(28)}
		serial := ((c.born[0]%100)*100+c.born[1])*100 + c.born[2]
		nine := serial*1000 + 1 + r.IntN(997)
		base := nine
		if c.born[0] >= 2000 {
			base += 2_000_000_000
		}
		d := fmt.Sprintf("%09d%02d", nine, 97-base%97)
		c.number = fmt.Sprintf("%s.%s.%s-%s.%s", d[:2], d[2:4], d[4:6], d[6:9], d[9:])
		c.email = strings.ToLower(c.given+"."+c.family) + "@bedrijf.example"
		c.phone = fmt.Sprintf("04%02d %02d %02d %02d", 60+r.IntN(39), r.IntN(100), r.IntN(100), r.IntN(100))
		c.key = fmt.Sprintf("P%06d", 100_000+r.IntN(800_000))
		bban := fmt.Sprintf("%010d", 9_990_000_000+r.Int64N(9_999_999))
		check := int64(0)
		fmt.Sscan(bban, &check)
		check = (check-1)%97 + 1
		iban := fmt.Sprintf("%s%02d", bban, check)
		c.iban = ibanOf(iban)
		out[i] = c
	}
	return out
}

func ibanOf(bban string) string {
	rest := 0
	for _, d := range bban + "111400" {
		rest = (10*rest + int(d-'0')) % 97
	}
	s := fmt.Sprintf("BE%02d%s", 98-rest, bban)
	return s[:4] + " " + s[4:8] + " " + s[8:12] + " " + s[12:]
}

// date writes a birth date in one of several ways.
func (c citizen) date(style int) string {
	y, m, d := c.born[0], c.born[1], c.born[2]
	months := strings.Fields("januari februari maart april mei juni juli augustus september oktober november december")
	switch style {
	case 1:
		return fmt.Sprintf("%04d-%02d-%02d", y, m, d)
	case 2:
		return fmt.Sprintf("%d.%d.%d", d, m, y)
	case 3:
		return fmt.Sprintf("%d %s %d", d, months[m-1], y)
	case 4:
		return fmt.Sprintf("%04d%02d%02d", y, m, d)
	case 5:
		return fmt.Sprintf("%04d-%02d-%02dT00:00:00", y, m, d)
	}
	return fmt.Sprintf("%02d/%02d/%04d", d, m, y)
}

// field is a labelled cell of a citizen; style varies how it is written.
type field struct {
	label string
	of    func(c citizen, style int) string
}

var fields = []field{
	{"voornaam", func(c citizen, s int) string { return c.given }},
	{"familienaam", func(c citizen, s int) string { return c.family }},
	{"geboortedatum", func(c citizen, s int) string { return c.date(s) }},
	{"rijksregisternummer", func(c citizen, s int) string {
		if s%2 == 1 {
			return strings.NewReplacer(".", "", "-", "").Replace(c.number)
		}
		return c.number
	}},
	{"email", func(c citizen, s int) string { return c.email }},
	{"telefoon", func(c citizen, s int) string {
		if s%2 == 1 {
			return "+32" + strings.ReplaceAll(c.phone, " ", "")[1:]
		}
		return c.phone
	}},
	{"straat", func(c citizen, s int) string { return c.street }},
	{"gemeente", func(c citizen, s int) string { return c.town }},
	{"functie", func(c citizen, s int) string { return c.job }},
	{"opmerking", func(c citizen, s int) string { return c.remark }},
}

const fieldNumber = 3

// layouts write citizens as rows of these fields.
var layouts = map[string]func(people []citizen, fields []field, style int) string{
	"csv ;":  delimited(";"),
	"csv ,":  delimited(","),
	"tab":    delimited("\t"),
	"pipe":   delimited(" | "),
	"fixed":  fixedWidth,
	"json":   jsonObjects,
	"arrays": jsonArrays,
	"sql":    sqlInsert,
	"xml":    xmlRows,
	"blocks": blocks,
	"prose":  prose,
	"lines":  cellALine,
}

func delimited(sep string) func([]citizen, []field, int) string {
	return func(people []citizen, fields []field, style int) string {
		var b strings.Builder
		for i, f := range fields {
			if i > 0 {
				b.WriteString(sep)
			}
			b.WriteString(f.label)
		}
		for _, c := range people {
			b.WriteString("\n")
			for i, f := range fields {
				if i > 0 {
					b.WriteString(sep)
				}
				b.WriteString(f.of(c, style))
			}
		}
		return b.String()
	}
}

func each(people []citizen, fields []field, style int, row func(c citizen, i int) (before, between, after string), cell func(f field, v string) string) string {
	var b strings.Builder
	for i, c := range people {
		before, between, after := row(c, i)
		b.WriteString(before)
		for j, f := range fields {
			if j > 0 {
				b.WriteString(between)
			}
			b.WriteString(cell(f, f.of(c, style)))
		}
		b.WriteString(after)
	}
	return b.String()
}

func fixedWidth(people []citizen, fields []field, style int) string {
	return each(people, fields, style, func(citizen, int) (string, string, string) { return "", "", "\n" },
		func(_ field, v string) string { return fmt.Sprintf("%-48s", v) })
}

func jsonObjects(people []citizen, fields []field, style int) string {
	if style%2 == 0 { // in one line
		return "[" + each(people, fields, style, func(citizen, int) (string, string, string) { return "{", ",", "}, " },
			func(f field, v string) string { return fmt.Sprintf("%q:%q", f.label, v) }) + "]"
	}
	return "[" + each(people, fields, style, func(citizen, int) (string, string, string) { return "  {\n", ",\n", "\n  },\n" },
		func(f field, v string) string { return fmt.Sprintf("    %q: %q", f.label, v) }) + "]"
}

func jsonArrays(people []citizen, fields []field, style int) string {
	return "[" + each(people, fields, style, func(citizen, int) (string, string, string) { return "[", ",", "]," },
		func(_ field, v string) string { return fmt.Sprintf("%q", v) }) + "]"
}

func sqlInsert(people []citizen, fields []field, style int) string {
	return "INSERT INTO t VALUES " + each(people, fields, style, func(citizen, int) (string, string, string) { return "(", ",", "),\n" },
		func(_ field, v string) string { return "'" + v + "'" })
}

func xmlRows(people []citizen, fields []field, style int) string {
	return each(people, fields, style, func(citizen, int) (string, string, string) { return "<row>\n", "\n", "\n</row>\n" },
		func(f field, v string) string { return "  <" + f.label + ">" + v + "</" + f.label + ">" })
}

func blocks(people []citizen, fields []field, style int) string {
	return each(people, fields, style, func(citizen, int) (string, string, string) { return "", "\n", "\n\n" },
		func(f field, v string) string { return f.label + ": " + v })
}

func cellALine(people []citizen, fields []field, style int) string {
	return each(people, fields, style, func(citizen, int) (string, string, string) { return "", "\n", "\n" },
		func(_ field, v string) string { return v })
}

func prose(people []citizen, fields []field, style int) string {
	return each(people, fields, style, func(citizen, int) (string, string, string) {
		return "In het dossier staat ", ", met ", ". Meer is er niet over geweten. "
	},
		func(f field, v string) string { return f.label + " " + v })
}
