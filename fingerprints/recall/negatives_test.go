package recall

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// negative is a kind of document that is no leak. It must never be a match.
type negative struct {
	group, name string
	make        func(l *leak, r *rand.Rand) (string, []byte)
}

func negatives() []negative {
	return slices.Concat(ordinary(), hardLetters(), hardTables(), hardLists(), hardPublic())
}

// other is an invented office, with people of its own.
func other(r *rand.Rand, t *tongue, n int) (*letterhead, []person) {
	names := newNameBook(r)
	return newOffice(r, t, names), names.people(r, n, func() string { return t.sentence(r) })
}

// ordinary documents have nothing to do with the leak, but for its language.
func ordinary() []negative {
	var all []negative
	add := func(name string, do func(l *leak, r *rand.Rand, t *tongue) (string, []byte)) {
		all = append(all, negative{"ordinary", name, func(l *leak, r *rand.Rand) (string, []byte) {
			t := pick(r, l.offices).tongue
			if r.IntN(2) == 0 {
				t = pick(r, rich())
			}
			return do(l, r, t)
		}})
	}
	add("prose", func(_ *leak, r *rand.Rand, t *tongue) (string, []byte) {
		format := pick(r, []string{"txt", "docx", "odt", "pdf", "html", "eml", "rtf"})
		return "n." + format, written(format, t.prose(r, 300+r.IntN(20_000)))
	})
	add("long prose", func(_ *leak, r *rand.Rand, t *tongue) (string, []byte) {
		return "n.txt", []byte(strings.Join(t.prose(r, 200_000), "\n"))
	})
	add("letters of others", func(_ *leak, r *rand.Rand, t *tongue) (string, []byte) {
		o, people := other(r, t, 1)
		paragraphs, _ := o.letter(r, people[0])
		format := pick(r, []string{"txt", "docx", "odt", "pdf", "html", "eml", "rtf"})
		return "n." + format, written(format, paragraphs)
	})
	add("tables of others", func(_ *leak, r *rand.Rand, t *tongue) (string, []byte) {
		_, people := other(r, t, 20+r.IntN(200))
		p := table{columns: pick(r, schemas), people: people, form: anyForm(r), labels: r.IntN(4), lang: t.code}
		return "n.csv", []byte(p.text(pick(r, layouts)))
	})
	add("figures", func(_ *leak, r *rand.Rand, _ *tongue) (string, []byte) {
		var b strings.Builder
		b.WriteString("id;date;amount;quantity;product\n")
		for i := range 20 + r.IntN(400) {
			fmt.Fprintf(&b, "%d;2025-%02d-%02d;%d.%02d;%d;%s\n", i+1, 1+r.IntN(12), 1+r.IntN(28), r.IntN(9999), r.IntN(100), r.IntN(50), coin(r, 2))
		}
		return "n.csv", []byte(b.String())
	})
	add("logs", func(_ *leak, r *rand.Rand, _ *tongue) (string, []byte) {
		var b strings.Builder
		for range 50 + r.IntN(500) {
			fmt.Fprintf(&b, "2026-11-%02dT%02d:%02d:%02d.%06dZ level=info msg=served path=/%s/%d status=%d took=%dms\n", 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60),
				r.IntN(1_000_000), strings.ToLower(coin(r, 2)), r.IntN(100_000), 200+r.IntN(300), r.IntN(900))
		}
		return "n.log", []byte(b.String())
	})
	add("code", func(_ *leak, r *rand.Rand, _ *tongue) (string, []byte) {
		var b strings.Builder
		b.WriteString("package main\n\n")
		for range 5 + r.IntN(60) {
			a, c := strings.ToLower(coin(r, 2)), strings.ToLower(coin(r, 1))
			fmt.Fprintf(&b, "// %s returns what %s holds.\nfunc %s(%s int) (int, error) {\n\tif %s > %d {\n\t\treturn 0, errors.New(\"too many\")\n\t}\n\treturn %s * %d, nil\n}\n\n", a, c, a, c, c, r.IntN(1000), c, r.IntN(100))
		}
		return "n.go", []byte(b.String())
	})
	add("bytes", func(_ *leak, r *rand.Rand, _ *tongue) (string, []byte) {
		b := make([]byte, 1000+r.IntN(100_000))
		noise(r)(b)
		return "n.bin", b
	})
	add("numbers", func(_ *leak, r *rand.Rand, _ *tongue) (string, []byte) {
		var b strings.Builder
		for range 2000 {
			fmt.Fprintf(&b, "%d ", r.IntN(1_000_000_000))
		}
		return "n.txt", []byte(b.String())
	})
	return all
}

// hard documents share with the leak whatever other people's may: template, schema, layout, names, towns, remarks out
// of a list.
type hard []negative

func (h *hard) add(name string, do func(l *leak, r *rand.Rand) (string, []byte)) {
	*h = append(*h, negative{"hard", name, do})
}

// hardLetters are of the leak's own templates.
func hardLetters() []negative {
	var all hard
	letter := func(who func(l *leak, r *rand.Rand, p *person)) func(*leak, *rand.Rand) (string, []byte) {
		return func(l *leak, r *rand.Rand) (string, []byte) {
			o := pick(r, l.offices)
			p := l.names.people(r, 1, func() string { return o.remark(r) })[0]
			who(l, r, &p)
			paragraphs, _ := o.letter(r, p)
			format := pick(r, []string{"txt", "docx", "odt", "pdf", "html", "eml", "rtf"})
			return "n." + format, written(format, paragraphs)
		}
	}
	all.add("the template, others", letter(func(*leak, *rand.Rand, *person) {}))
	all.add("the template, remarks of the list", letter(func(l *leak, r *rand.Rand, p *person) {
		var s []string
		for range 1 + r.IntN(4) {
			s = append(s, pick(r, pick(r, l.offices).usual))
		}
		p.remark = strings.Join(s, " ")
	}))
	all.add("the template, same name", letter(func(l *leak, r *rand.Rand, p *person) {
		q := pick(r, l.people)
		p.given, p.family, p.email = q.given, q.family, q.email
	}))
	all.add("the template, same name and birth date", letter(func(l *leak, r *rand.Rand, p *person) {
		q := pick(r, l.people)
		l.bear(r, p, q)
	}))
	all.add("the template, same street and house", letter(func(l *leak, r *rand.Rand, p *person) {
		q := pick(r, l.people)
		p.family, p.street, p.zip, p.town = q.family, q.street, q.zip, q.town
	}))
	all.add("the blank form", func(l *leak, r *rand.Rand) (string, []byte) {
		o := pick(r, l.offices)
		format := pick(r, []string{"txt", "docx", "pdf"})
		return "n." + format, written(format, slices.Concat(o.head, []string{o.tongue.about + " ..........., " + o.tongue.born + " ../../...., " + o.tongue.living + " ..........."}, o.middle, []string{"................................"}, o.tail))
	})
	all.add("the list of remarks", func(l *leak, r *rand.Rand) (string, []byte) {
		return "n.txt", []byte(strings.Join(pick(r, l.offices).remarks, "\n"))
	})
	return all
}

// othersRows writes n other people's rows in a schema of the leak, more often than not in the leak's own layout.
func othersRows(n int, change func(l *leak, r *rand.Rand, t *table, known []person)) func(*leak, *rand.Rand) (string, []byte) {
	return func(l *leak, r *rand.Rand) (string, []byte) {
		k := l.any(r, isTable)
		t := *k.table
		o := pick(r, l.offices)
		t.people = l.names.people(r, n, func() string { return pick(r, o.usual) })
		for i := range t.people {
			for l.hasNumber(t.people[i].number) {
				t.people[i].identify(r)
			}
		}
		change(l, r, &t, k.table.people)
		layout := k.format // that of the leak itself, more often than not
		if r.IntN(3) == 0 || layout == "sqlite" {
			layout = pick(r, layouts)
		}
		if layout == "xlsx" {
			return "n.xlsx", t.xlsx(r.IntN(2) == 0, 6)
		}
		return "n.txt", []byte(t.text(layout))
	}
}

// hardTables are of the leak's own schemas.
func hardTables() []negative {
	var all hard
	all.add("the schema, others", othersRows(150, func(*leak, *rand.Rand, *table, []person) {}))
	all.add("the schema, others, one row", othersRows(1, func(*leak, *rand.Rand, *table, []person) {}))
	all.add("the schema, some same names", othersRows(100, func(_ *leak, r *rand.Rand, t *table, known []person) {
		for i := range t.people {
			if i%5 == 0 {
				q := pick(r, known)
				t.people[i].given, t.people[i].family = q.given, q.family
			}
		}
	}))
	all.add("the schema, three with the same name and birth date", othersRows(60, func(l *leak, r *rand.Rand, t *table, known []person) {
		for i := range 3 {
			p, q := &t.people[i*20], pick(r, known)
			l.bear(r, p, q)
		}
	}))
	all.add("the schema, no rows", othersRows(0, func(*leak, *rand.Rand, *table, []person) {}))
	return all
}

// hardLists hold public facts, and single cells of the leak's rows.
func hardLists() []negative {
	var all hard
	all.add("enterprises and their public numbers", func(l *leak, r *rand.Rand) (string, []byte) {
		var b strings.Builder
		for i, e := range l.names.employers {
			n := l.names.enterprises[i]
			fmt.Fprintf(&b, "%s;BE %s.%s.%s;%s\n", e, n[:4], n[4:7], n[7:], pick(r, l.names.towns))
		}
		return "n.csv", []byte(b.String())
	})
	all.add("towns and their codes, streets", func(l *leak, r *rand.Rand) (string, []byte) {
		t := table{columns: []column{colZip, colTown, colStreet}, people: l.names.people(r, 400, func() string { return "" }), labels: -1}
		return "n.csv", []byte(t.text("csv;"))
	})
	all.add("names alone", othersRows(0, func(_ *leak, r *rand.Rand, t *table, known []person) {
		*t = table{columns: []column{colFamily, colGiven}, people: some(r, known, 80)}
	}))
	all.add("birth dates alone", othersRows(0, func(_ *leak, r *rand.Rand, t *table, known []person) {
		*t = table{columns: []column{colBorn}, people: some(r, known, 80), lang: "nl"}
	}))
	all.add("an e-mail address at work", othersRows(0, func(_ *leak, r *rand.Rand, t *table, known []person) {
		*t = table{columns: []column{colEmail}, people: atWork(some(r, known, 3))}
	}))
	all.add("numbers of others alone", othersRows(60, func(_ *leak, r *rand.Rand, t *table, _ []person) {
		t.columns, t.form = []column{colNumber, colBSN}, anyForm(r)
	}))
	all.add("staff page: names, employer, e-mail at work", staffPage)
	all.add("telephone book of others, same streets", func(l *leak, r *rand.Rand) (string, []byte) {
		t := table{columns: []column{colFamily, colGiven, colStreet, colTown, colPhone}, people: l.names.people(r, 300, func() string { return "" })}
		return "n.txt", []byte(t.text(pick(r, layouts)))
	})
	return all
}

// bear gives a person the name and birth date of another one, and numbers of his own.
func (l *leak) bear(r *rand.Rand, p *person, q person) {
	p.given, p.family = q.given, q.family
	l.bornWith(r, p, q)
}

// bornWith gives a person the birth date of another one, and a number that nobody in the leak has.
func (l *leak) bornWith(r *rand.Rand, p *person, q person) {
	p.year, p.month, p.day = q.year, q.month, q.day
	for p.identify(r); l.hasNumber(p.number); {
		p.identify(r)
	}
}

func (l *leak) hasNumber(number string) bool {
	has := func(p person) bool { return p.number == number }
	return slices.ContainsFunc(l.people, has) || slices.ContainsFunc(l.known, func(k *known) bool { return k.table != nil && slices.ContainsFunc(k.table.people, has) })
}

func some(r *rand.Rand, people []person, n int) []person {
	c := slices.Clone(people)
	r.Shuffle(len(c), func(i, j int) { c[i], c[j] = c[j], c[i] })
	return c[:min(n, len(c))]
}

// staffPage is what an employer itself has on its site: the people of the leak who have an address at work.
func staffPage(l *leak, r *rand.Rand) (string, []byte) {
	k := l.any(r, isTable)
	var lines []string
	for _, p := range atWork(some(r, k.table.people, 25)) {
		lines = append(lines, fmt.Sprintf("%s %s, %s, %s", p.given, p.family, p.employer, p.email))
	}
	return "team.html", page("Our team", lines)
}

// atWork keeps those whose address is their employer's.
func atWork(people []person) []person {
	return slices.DeleteFunc(slices.Clone(people), func(p person) bool {
		return strings.HasSuffix(p.email, "@post.example") || strings.HasSuffix(p.email, "@mail.example") || strings.HasSuffix(p.email, "@brief.example")
	})
}
