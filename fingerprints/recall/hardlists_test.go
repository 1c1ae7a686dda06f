package recall

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// hardPublic are what the people of a leak have in common with pages that anybody may read: staff lists, clubs, directories,
// rosters, models. Most of them name people who are in the leak.
func hardPublic() []negative {
	var all hard
	all.add("staff list: names, employer, town", listOf(12, 60, colFamily, colGiven, colEmployer, colTown))
	all.add("club: names and towns", listOf(12, 40, colFull, colTown))
	all.add("club: names, streets and towns", listOf(5, 12, colFull, colStreet, colTown))
	all.add("staff list: names, employer, a telephone of all", func(l *leak, r *rand.Rand) (string, []byte) {
		number := fmt.Sprintf("02%07d", r.IntN(10_000_000))
		return publicList(r, knownPeople(l, r, 12, 40), func(p person) []string { return []string{p.given + " " + p.family, p.employer, number} })
	})
	all.add("directory: names, enterprise numbers, info@", func(l *leak, r *rand.Rand) (string, []byte) {
		return publicList(r, knownPeople(l, r, 8, 40), func(p person) []string {
			at := slices.Index(l.names.employers, p.employer)
			return []string{p.family + ", " + p.given, p.employer, p.enterprise, "info@" + l.names.domains[at]}
		})
	})
	all.add("roster: names, other days, remarks of the list", func(l *leak, r *rand.Rand) (string, []byte) {
		o := pick(r, l.offices)
		return publicList(r, knownPeople(l, r, 10, 40), func(p person) []string {
			return []string{p.given + " " + p.family, fmt.Sprintf("%02d/%02d/2027", 1+r.IntN(28), 1+r.IntN(12)), pick(r, o.usual)}
		})
	})
	all.add("results: names, years, towns", func(l *leak, r *rand.Rand) (string, []byte) {
		return publicList(r, knownPeople(l, r, 10, 50), func(p person) []string {
			return []string{p.given + " " + p.family, fmt.Sprint(p.year), p.town, fmt.Sprintf("%d:%02d", 20+r.IntN(40), r.IntN(60))}
		})
	})
	all.add("four with name and birth date, no headings", namesakes(4, 4, 0))
	all.add("three with name and birth date among 200", namesakes(3, 3, 200))
	all.add("fifteen with name and birth date among 2000", namesakes(15, 15, 2000))
	all.add("neighbours: same family, street and town", neighbours)
	all.add("others, born on the same days", othersRows(80, func(l *leak, r *rand.Rand, t *table, known []person) {
		for i := range t.people {
			q := pick(r, known)
			l.bornWith(r, &t.people[i], q)
		}
	}))
	all.add("others, at the same employers and towns", othersRows(80, func(_ *leak, r *rand.Rand, t *table, known []person) {
		for i := range t.people {
			p, q := &t.people[i], pick(r, known)
			p.employer, p.enterprise, p.town, p.zip, p.wage = q.employer, q.enterprise, q.town, q.zip, q.wage
		}
	}))
	all.add("two with the same name, birth date and town, and numbers of their own", func(l *leak, r *rand.Rand) (string, []byte) {
		known := l.any(r, isTable).table.people
		t := table{columns: []column{colNumber, colFull, colBorn, colTown, colEmail}, people: l.names.people(r, 60, func() string { return "" }), form: anyForm(r), labels: r.IntN(4), lang: "nl"}
		for i := range 2 {
			p, q := &t.people[i*20], pick(r, known)
			l.bear(r, p, q)
			p.town, p.zip = q.town, q.zip
		}
		return "n.txt", []byte(t.text(pick(r, layouts)))
	})
	all.add("the headings over prices", func(l *leak, r *rand.Rand) (string, []byte) {
		t := l.any(r, isTable).table
		lines := []string{strings.Join(t.head(), ";")}
		for range 60 {
			var cells []string
			for range t.columns {
				cells = append(cells, fmt.Sprintf("%d.%02d", r.IntN(900), r.IntN(100)))
			}
			lines = append(lines, strings.Join(cells, ";"))
		}
		return "n.csv", []byte(strings.Join(lines, "\n"))
	})
	all.add("the model letter, filled in as an example", func(l *leak, r *rand.Rand) (string, []byte) {
		o := pick(r, l.offices)
		p := l.names.people(r, 1, func() string { return pick(r, o.usual) })[0]
		p.given, p.family, p.number, p.street, p.email = "Jan", "Janssens", "85073003328", "Kerkstraat 1", "naam@voorbeeld.example"
		paragraphs, _ := o.letter(r, p)
		return "n.txt", written("txt", paragraphs)
	})
	all.add("the template, a relative at the same address", func(l *leak, r *rand.Rand) (string, []byte) {
		o := pick(r, l.offices)
		p := l.names.people(r, 1, func() string { return pick(r, o.usual) + " " + o.tongue.sentence(r) })[0]
		q := pick(r, l.people)
		p.family, p.street, p.zip, p.town, p.phone = q.family, q.street, q.zip, q.town, q.phone
		paragraphs, _ := o.letter(r, p)
		format := pick(r, []string{"txt", "docx", "pdf", "html"})
		return "n." + format, written(format, paragraphs)
	})
	return all
}

// knownPeople are some people of one known table, by name, as public lists have them.
func knownPeople(l *leak, r *rand.Rand, least, most int) []person {
	people := some(r, l.any(r, isTable).table.people, least+r.IntN(most-least+1))
	slices.SortStableFunc(people, func(a, b person) int {
		return cmp.Or(strings.Compare(a.family, b.family), strings.Compare(a.given, b.given))
	})
	return people
}

// publicList writes a line for each.
func publicList(r *rand.Rand, people []person, cells func(person) []string) (string, []byte) {
	var lines []string
	between := pick(r, []string{", ", ";", "\t", " – ", " | "})
	for _, p := range people {
		lines = append(lines, strings.Join(cells(p), between))
	}
	if r.IntN(2) == 0 {
		return "list.html", page("List", lines)
	}
	return "list.txt", []byte(strings.Join(lines, "\n"))
}

// listOf is a list of known people in some columns that say nothing but what their neighbours know.
func listOf(least, most int, columns ...column) func(*leak, *rand.Rand) (string, []byte) {
	return func(l *leak, r *rand.Rand) (string, []byte) {
		t := table{columns: columns, people: knownPeople(l, r, least, most), labels: r.IntN(5) - 1, lang: "nl"}
		return "n.txt", []byte(t.text(pick(r, layouts)))
	}
}

// namesakes are others who have the name and birth date of known people in common, in a list with more people.
func namesakes(least, most, others int) func(*leak, *rand.Rand) (string, []byte) {
	return func(l *leak, r *rand.Rand) (string, []byte) {
		known := some(r, l.any(r, isTable).table.people, least+r.IntN(most-least+1))
		t := table{columns: []column{colFamily, colGiven, colBorn}, people: l.names.people(r, others, func() string { return "" }), form: anyForm(r), labels: -1, lang: "nl"}
		t.people = append(t.people, known...)
		r.Shuffle(len(t.people), func(i, j int) { t.people[i], t.people[j] = t.people[j], t.people[i] })
		return "n.txt", []byte(t.text(pick(r, []string{"csv;", "tsv", "pipe", "markdown", "fixed"})))
	}
}

// neighbours live where known people live.
func neighbours(l *leak, r *rand.Rand) (string, []byte) {
	return othersRows(60, func(_ *leak, r *rand.Rand, t *table, known []person) {
		for i := range t.people {
			p, q := &t.people[i], pick(r, known)
			p.street, p.zip, p.town = q.street, q.zip, q.town
			if i%2 == 0 {
				p.family = q.family
			}
		}
	})(l, r)
}
