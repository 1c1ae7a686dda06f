package recall

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"unmirror/fingerprints/match"
)

// tableLine makes an item out of a known table.
func tableLine(group, name string, least match.Verdict, promise int, do func(l *leak, r *rand.Rand, t table) (string, []int)) line {
	return line{group, name, least, promise, func(l *leak, r *rand.Rand) (item, bool) {
		k := l.any(r, isTable)
		text, rows := do(l, r, *k.table)
		return item{name: "t.txt", body: []byte(text), want: []string{k.name}, rows: rows}, text != ""
	}}
}

func wholeTables() []line {
	reshaped := func(name string, do func(r *rand.Rand, t table) string) line {
		return tableLine("whole tables", name, match.Matched, 99, func(_ *leak, r *rand.Rand, t table) (string, []int) { return do(r, t), nil })
	}
	all := []line{
		reshaped("first in another database dump", func(r *rand.Rand, t table) string {
			var b strings.Builder
			for i := range 300 {
				fmt.Fprintf(&b, "INSERT INTO stock VALUES (%d, '%s', %d.%02d);\n", i, coin(r, 2), r.IntN(500), r.IntN(100))
			}
			return t.restyled(r).text("sql") + b.String()
		}),
		reshaped("rows shuffled", func(r *rand.Rand, t table) string { t, _ = t.some(r, len(t.people)); return t.text("csv;") }),
		reshaped("columns reordered", func(r *rand.Rand, t table) string {
			t.columns = slices.Clone(t.columns)
			slices.Reverse(t.columns)
			return t.text("csv;")
		}),
		reshaped("half of the columns dropped", func(r *rand.Rand, t table) string {
			t.columns = slices.Clone(t.columns)
			r.Shuffle(len(t.columns), func(i, j int) { t.columns[i], t.columns[j] = t.columns[j], t.columns[i] })
			t.columns = t.columns[:max(4, len(t.columns)/2)]
			return t.text("csv,")
		}),
		reshaped("without headings", func(r *rand.Rand, t table) string { t.labels = -1; return t.text("csv;") }),
		reshaped("split in columns by tabs, one column a block", blocks),
	}
	for _, layout := range layouts {
		all = append(all, reshaped("to "+layout+", restyled", func(r *rand.Rand, t table) string { return t.restyled(r).text(layout) }))
	}
	return all
}

// blocks keeps the rows but ends each at twelve cells' width over several lines, as pasted tables of a page often are.
func blocks(_ *rand.Rand, t table) string {
	var b strings.Builder
	for _, row := range t.rows() {
		b.WriteString(strings.Join(row, "\t\n") + "\n\n")
	}
	return b.String()
}

func someRows() []line {
	var all []line
	for _, n := range []int{100, 10, 1} {
		promise := 99
		group := fmt.Sprintf("%d rows", n)
		if n == 1 {
			promise, group = 95, "1 row"
		}
		for _, layout := range layouts {
			all = append(all, tableLine(group, "as "+layout, match.Matched, promise, func(_ *leak, r *rand.Rand, t table) (string, []int) {
				t, rows := t.some(r, n)
				return t.restyled(r).text(layout), rows
			}))
		}
		all = append(all, tableLine(group, "without remark, among 20 KB", match.Matched, promise, func(l *leak, r *rand.Rand, t table) (string, []int) {
			t, rows := t.some(r, n)
			return among(l, r, t.restyled(r).without(colRemark).text(pick(r, layouts)), 20_000), rows
		}))
	}
	return append(all, tableLine("1 row", "told in a letter's words", match.Matched, 95, announced), tableLine("1 row", "told in a sentence", match.Matched, 95, told), tableLine("1 row", "told in a sentence among 20 KB", match.Matched, 95, func(l *leak, r *rand.Rand, t table) (string, []int) {
		s, rows := told(l, r, t)
		return among(l, r, s, 20_000), rows
	}))
}

// told says what a table has on somebody, as a post does.
func told(_ *leak, r *rand.Rand, t table) (string, []int) {
	t, rows := t.some(r, 1)
	p := t.people[0]
	t.form, t.lang = anyForm(r), pick(r, []string{"nl", "fr", "de", "en"})
	has := func(c column) bool { return slices.Contains(t.columns, c) }
	s := p.given + " " + p.family
	if has(colBorn) {
		s += fmt.Sprintf(" (%s)", p.born(t.form.date, t.lang))
	}
	for _, c := range []struct {
		column column
		says   string
	}{{colStreet, " lives in %s"}, {colTown, " near %s"}, {colEmail, ", writes from %s"}, {colPhone, ", call %s"}, {colIBAN, ", and gets paid on %s"}, {colStaff, ", known there as %s"}, {colNumber, ", registered under %s"}, {colBSN, ", registered under %s"}} {
		if has(c.column) && r.IntN(4) > 0 {
			s += fmt.Sprintf(c.says, t.cell(p, c.column))
		}
	}
	return "So this is " + s + ", in case you wondered.\n", rows
}

// announced says it as an office does.
func announced(l *leak, r *rand.Rand, t table) (string, []int) {
	t, rows := t.some(r, 1)
	p, o := t.people[0], pick(r, l.offices).tongue
	if !slices.Contains(t.columns, colBorn) || !slices.Contains(t.columns, colStreet) {
		return "", nil
	}
	return fmt.Sprintf("%s %s. %s %s %s %s, %s %s, %s. %s %s\n", o.about, strings.ToUpper(p.family)+" "+p.given, p.given, p.family, o.born, p.born(pick(r, []int{1, 2, 3}), o.code), o.living, p.street, p.town, o.sentence(r), o.sentence(r)), rows
}

// partOfRows asks for rows of which only some cells are left.
func partOfRows() []line {
	names := []column{colFamily, colGiven, colFull, colReversed}
	part := func(n int, name string, least match.Verdict, promise int, number int, extra ...column) line {
		return tableLine("parts of rows", fmt.Sprintf("%s, %d", name, n), least, promise, func(_ *leak, r *rand.Rand, t table) (string, []int) {
			extra := slices.Clone(extra)
			if extra[0] == colBorn && least == match.Matched {
				extra = append(extra, pick(r, []column{colEmail, colPhone, colIBAN, colStreet, colStaff, colBSN}))
			}
			for _, c := range extra {
				if !slices.Contains(t.columns, c) {
					return "", nil
				}
			}
			t, rows := t.some(r, n)
			t = t.restyled(r).only(append(extra, names...)...)
			if number >= 0 {
				t.form.number = number
			}
			return t.text(pick(r, []string{"csv;", "csv,", "tsv", "json", "html", "keyvalue"})), rows
		})
	}
	var all []line
	for _, n := range []int{1, 10, 100} {
		all = append(all,
			part(n, "name and number in bare digits", match.Matched, 95, 1, colNumber),
			part(n, "name and number oddly spaced", match.Matched, 95, 4, colNumber),
			part(n, "name, birth date and one more", match.Matched, 95, -1, colBorn),
			part(n, "name and birth date", match.Weak, 95, -1, colBorn),
		)
	}
	dated := func(name string, promise, date int) line {
		return tableLine("parts of rows", name, match.Weak, promise, func(_ *leak, r *rand.Rand, t table) (string, []int) {
			t, rows := t.some(r, 10)
			t = t.restyled(r).only(append(names, colBorn)...)
			t.form.date = date
			return t.text(pick(r, layouts)), rows
		})
	}
	shaped := func(name string, do func(string) []byte) line {
		return tableLine("parts of rows", name, match.Matched, 99, func(_ *leak, r *rand.Rand, t table) (string, []int) {
			t, rows := t.some(r, 10)
			return string(do(t.restyled(r).without(colRemark).text(pick(r, layouts)))), rows
		})
	}
	all = append(all, dated("name and birth date, month first, 10", 95, usDate), dated("name and birth date without century, 10", 0, shortDate),
		shaped("10 rows, upper case without accents", func(s string) []byte { return []byte(strings.ToUpper(stripped(nil, s))) }),
		shaped("10 rows, Latin-1", func(s string) []byte { return []byte(winAnsi(s)) }),
		shaped("10 rows, UTF-16 and zipped", func(s string) []byte { return zipped(6, entry{"a", utf16Bytes(s, false, true)}) }),
		shaped("10 rows, base64", func(s string) []byte { return []byte(base64.StdEncoding.EncodeToString([]byte(s))) }),
	)
	for _, f := range []string{"docx", "odt", "pdf", "rtf", "eml"} {
		all = append(all, shaped("10 rows, lines of a "+f, func(s string) []byte { return written(f, strings.Split(s, "\n")) }))
	}
	all = append(all, tableLine("parts of rows", "10 rows, xlsx", match.Matched, 99, func(_ *leak, r *rand.Rand, t table) (string, []int) {
		t, rows := t.some(r, 10)
		return string(t.restyled(r).xlsx(r.IntN(2) == 0, 6)), rows
	}), tableLine("parts of rows", "10 rows, sqlite", match.Matched, 99, func(_ *leak, r *rand.Rand, t table) (string, []int) {
		t, rows := t.some(r, 10)
		return string(t.restyled(r).sqlite()), rows
	}), tableLine("parts of rows", "numbers alone, 50", match.Weak, 0, func(_ *leak, r *rand.Rand, t table) (string, []int) {
		if !slices.Contains(t.columns, colNumber) {
			return "", nil
		}
		t, _ = t.some(r, 50) // which rows, a lossy filter cannot say
		t = t.restyled(r).only(colNumber)
		return t.text(pick(r, []string{"csv;", "json", "pipe"})), nil
	}), tableLine("parts of rows", "all but the number, 1", match.Matched, 95, func(_ *leak, r *rand.Rand, t table) (string, []int) {
		t, rows := t.some(r, 1)
		return t.restyled(r).without(colNumber, colBSN, colRemark).text(pick(r, layouts)), rows
	}), tableLine("parts of rows", "all, number in bare digits, 1", match.Matched, 95, func(_ *leak, r *rand.Rand, t table) (string, []int) {
		if !slices.Contains(t.columns, colNumber) {
			return "", nil
		}
		t, rows := t.some(r, 1)
		t = t.restyled(r).without(colRemark)
		t.form.number = 1
		return t.text(pick(r, layouts)), rows
	}))
	return all
}
