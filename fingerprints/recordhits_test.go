package fingerprints

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/record"
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

// recordWorld is a table registered by its records alone.
type recordWorld struct {
	people []citizen
	lists  lists
	folder *index.Folder
	snap   *index.Snapshot
	sec    *secrets
}

// tokensOf are the cells of a citizen as registration would choose them, with their marks.
func tokensOf(k *cell.Key, c citizen) (tokens []cell.Token, marks []uint8) {
	add := func(kind cell.Kind, mark uint8, text string) {
		for _, t := range k.Cell(nil, kind, text) {
			if len(tokens) < record.MaxCells {
				tokens, marks = append(tokens, t), append(marks, uint8(kind)|mark)
			}
		}
	}
	add(cell.Word, record.Name, c.given)
	add(cell.Word, record.Name, c.family)
	add(cell.Date, record.Birth, c.date(0))
	add(cell.National, 0, c.number)
	add(cell.Phone, 0, c.phone)
	add(cell.Word, 0, c.town)
	add(cell.Email, record.Derived, c.email)
	add(cell.Word, 0, c.job)
	type marked struct {
		t cell.Token
		m uint8
	}
	var all []marked
	for i := range tokens {
		all = append(all, marked{tokens[i], marks[i]})
	}
	record.Order(all, func(m marked) uint64 { return m.t.Hash })
	for i, m := range all {
		tokens[i], marks[i] = m.t, m.m
	}
	return tokens, marks
}

func newRecordWorld(t testing.TB, seed uint64, n int) *recordWorld {
	r := rand.New(rand.NewPCG(seed, 1))
	sec, err := derive([32]byte{byte(seed), 7})
	if err != nil {
		t.Fatal(err)
	}
	w := &recordWorld{lists: newLists(r), sec: sec}
	w.people = w.lists.citizens(r, n)
	seal, err := index.NewSealer([32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if w.folder, err = index.NewFolder(dir, seal); err != nil {
		t.Fatal(err)
	}
	if err := w.folder.Add(w.draft(t, dir)); err != nil {
		t.Fatal(err)
	}
	if w.snap, err = w.folder.Load(nil); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.snap.Release() })
	return w
}

func (w *recordWorld) draft(t testing.TB, dir string) *index.Draft {
	holding := map[uint64]int{}
	for _, c := range w.people {
		tokens, _ := tokensOf(w.sec.cells, c)
		for _, x := range tokens {
			holding[x.Hash]++
		}
	}
	d := &index.Draft{Kind: index.Known, Leaks: []index.Leak{{Slug: "x"}}, Files: []index.File{{Name: "people.csv", Doc: index.NoDoc, Parent: index.NoParent}}, Numbers: []index.TableNumbers{{}}}
	sorter := index.NewSorter(dir)
	t.Cleanup(sorter.Close)
	for i, c := range w.people {
		tokens, marks := tokensOf(w.sec.cells, c)
		rec := index.Record{Row: uint32(i), Subject: [6]byte{1, byte(i), byte(i >> 8)}, N: uint8(len(tokens))}
		for j, x := range tokens {
			rec.Cells[j] = index.RecordCell{Kind: marks[j], Bits: record.Rarity(marks[j], 7, len(w.people), holding[x.Hash]), Category: 1}
			d.Cells = append(d.Cells, x.Hash)
			if x.Kind == cell.National {
				d.Numbers[0].Hashes = append(d.Numbers[0].Hashes, x.Hash)
			}
			for k := range j {
				pair := index.Pair{Hash: record.Pair(w.sec.cells, tokens[k].Hash, x.Hash), Doc: uint32(i)<<5 | record.PairNumber(k, j)}
				if err := sorter.Add([]index.Pair{pair}); err != nil {
					t.Fatal(err)
				}
			}
		}
		d.Records = append(d.Records, rec)
	}
	if err := d.PairsFromSorter(sorter, func(r uint32) uint32 { return r }); err != nil {
		t.Fatal(err)
	}
	return d
}

// look finds the tables of which a text holds records.
func (w *recordWorld) look(text string) (bits float64, found tableFound) {
	h := newRecordHits(w.sec, w.snap)
	for b := []byte(text); len(b) > 0; {
		n := min(len(b), 5000)
		h.feed(b[:n])
		b = b[n:]
	}
	if all := h.weighed(); len(all) > 0 {
		return all[0].bits, all[0]
	}
	return 0, tableFound{}
}

// pickRows takes n rows that follow one another nowhere.
func (w *recordWorld) pickRows(r *rand.Rand, n int) (rows []int, people []citizen) {
	rows = r.Perm(len(w.people))[:n]
	slices.Sort(rows)
	for _, i := range rows {
		people = append(people, w.people[i])
	}
	return rows, people
}

func without(all []field, labels ...string) []field {
	return slices.DeleteFunc(slices.Clone(all), func(f field) bool { return slices.Contains(labels, f.label) })
}

func only(all []field, labels ...string) []field {
	return slices.DeleteFunc(slices.Clone(all), func(f field) bool { return !slices.Contains(labels, f.label) })
}

func TestRowsAreFoundInAnyLayout(t *testing.T) {
	w := newRecordWorld(t, 1, 2000)
	r := rand.New(rand.NewPCG(2, 2))
	columns := map[string][]field{
		"all":               fields,
		"without number":    without(fields, "rijksregisternummer"),
		"name, date, town":  only(fields, "voornaam", "familienaam", "geboortedatum", "gemeente"),
		"number and name":   only(fields, "voornaam", "familienaam", "rijksregisternummer"),
		"date, phone, name": only(fields, "familienaam", "voornaam", "geboortedatum", "telefoon"),
	}
	for layout, write := range layouts {
		for what, cols := range columns {
			for _, n := range []int{1, 10, 100} {
				rounds := max(1, 30/n)
				found, right, wanted := 0, 0, 0
				for i := range rounds {
					rows, people := w.pickRows(r, n)
					order := slices.Clone(cols)
					r.Shuffle(len(order), func(i, j int) { order[i], order[j] = order[j], order[i] })
					bits, got := w.look(write(people, order, i%6))
					if bits >= DefaultNoticeBits {
						found++
					}
					wanted += len(rows)
					for _, row := range got.rows {
						if slices.Contains(rows, row) {
							right++
						} else {
							right--
						}
					}
				}
				if share := float64(found) / float64(rounds); share < 0.96 {
					t.Errorf("%s, %s, %d rows: found %.0f %%", layout, what, n, 100*share)
				}
				if share := float64(right) / float64(wanted); share < 0.95 {
					t.Errorf("%s, %s, %d rows: %.0f %% of the rows are right", layout, what, n, 100*share)
				}
			}
		}
	}
}

func TestNameWithBirthDateIsWeak(t *testing.T) {
	w := newRecordWorld(t, 3, 2000)
	r := rand.New(rand.NewPCG(3, 3))
	cols := only(fields, "voornaam", "familienaam", "geboortedatum")
	for layout, write := range layouts {
		weak := 0
		for i := range 50 {
			_, people := w.pickRows(r, 1)
			bits, _ := w.look(write(people, cols, i%6))
			if bits >= DefaultNoticeBits {
				t.Errorf("%s: a name with a birth date has %.0f bits", layout, bits)
			}
			if bits >= weakBits {
				weak++
			}
		}
		if weak < 49 {
			t.Errorf("%s: %d of 50 names with birth dates are weak", layout, weak)
		}
		_, people := w.pickRows(r, 30)
		if bits, _ := w.look(write(people, cols, 1)); bits < DefaultNoticeBits {
			t.Errorf("%s: thirty names with their birth dates have %.0f bits", layout, bits)
		}
	}
}

func TestOtherPeopleOfTheSameSchemaAreNoMatch(t *testing.T) {
	w := newRecordWorld(t, 4, 2000)
	r := rand.New(rand.NewPCG(4, 4))
	sets := [][]field{fields, without(fields, "rijksregisternummer"), only(fields, "voornaam", "familienaam", "geboortedatum", "gemeente"), only(fields, "voornaam", "familienaam", "gemeente", "functie", "opmerking")}
	worst := 0.0
	for layout, write := range layouts {
		for i, cols := range sets {
			for _, n := range []int{1, 10, 100, 700} {
				for range max(1, min(10, 100/n)) {
					others := w.lists.citizens(r, n)
					for range n / 233 { // namesakes with the same birth date
						o, k := &others[r.IntN(n)], w.people[r.IntN(len(w.people))]
						o.given, o.family, o.born = k.given, k.family, k.born
					}
					bits, got := w.look(write(others, cols, i))
					worst = max(worst, bits)
					if bits >= DefaultNoticeBits {
						t.Errorf("%s, columns %d, %d other people: %.0f bits, rows %v", layout, i, n, bits, got.rows)
					}
				}
			}
		}
	}
	t.Logf("the worst has %.1f bits", worst)
}

func TestMatchTellsByWhichCells(t *testing.T) {
	w := newRecordWorld(t, 11, 2000)
	r := rand.New(rand.NewPCG(11, 11))
	for want, cols := range map[string][]field{
		"name, birth date, other":           only(fields, "voornaam", "familienaam", "geboortedatum", "gemeente"),
		"name, national number":             only(fields, "voornaam", "familienaam", "rijksregisternummer"),
		"national number":                   only(fields, "rijksregisternummer"),
		"name, birth date, telephone":       only(fields, "voornaam", "familienaam", "geboortedatum", "telefoon"),
		"name, birth date, e-mail, other":   only(fields, "voornaam", "familienaam", "geboortedatum", "email", "functie"),
		"name, birth date, national number": only(fields, "voornaam", "familienaam", "geboortedatum", "rijksregisternummer"),
	} {
		_, people := w.pickRows(r, 50)
		if _, got := w.look(jsonArrays(people, cols, 0)); strings.Join(got.kinds, ", ") != want {
			t.Errorf("rows of %s are told by %q", want, got.kinds)
		}
	}
}

func TestLoneFactsAccuseNobody(t *testing.T) {
	w := newRecordWorld(t, 5, 2000)
	p, q := w.people[7], w.people[8]
	for what, text := range map[string]string{
		"name":          p.given + " " + p.family,
		"birth date":    "geboren op " + p.date(0),
		"e-mail":        p.email,
		"phone":         p.phone,
		"number":        p.number,
		"staff page":    fmt.Sprintf("%s %s, %s, %s, tel. %s", p.given, p.family, p.job, p.email, p.phone),
		"number, birth": p.number + " geboren " + p.date(0),
		"family":        fmt.Sprintf("%s %s, %s\n%s %s, %s, %s", p.given, p.family, p.street, "Zoon", p.family, p.street, p.town),
		"two people":    fmt.Sprintf("%s %s en %s %s, %s, %s", p.given, p.family, q.given, q.family, p.town, q.town),
		"number list":   strings.Join([]string{w.people[1].number, w.people[2].number, w.people[3].number}, "\n"),
	} {
		if bits, _ := w.look(text); bits >= DefaultNoticeBits {
			t.Errorf("%s: %.0f bits", what, bits)
		}
	}
}

func TestListOfBareNumbersIsFound(t *testing.T) {
	w := newRecordWorld(t, 6, 2000)
	r := rand.New(rand.NewPCG(6, 6))
	write := func(people []citizen) string {
		var b strings.Builder
		for i, c := range people {
			b.WriteString(fields[fieldNumber].of(c, i) + "\n")
		}
		return b.String()
	}
	_, people := w.pickRows(r, 40)
	if bits, got := w.look(write(people)); bits < DefaultNoticeBits || len(got.rows) != 0 {
		t.Errorf("forty numbers: %.0f bits, rows %v", bits, got.rows)
	}
	if bits, _ := w.look(write(w.lists.citizens(r, 1000))); bits >= weakBits {
		t.Errorf("numbers of others: %.0f bits", bits)
	}
}

func TestHostileTextIsBounded(t *testing.T) {
	w := newRecordWorld(t, 8, 500)
	var b strings.Builder
	r := rand.New(rand.NewPCG(8, 8))
	for b.Len() < 1<<20 {
		c := w.people[r.IntN(len(w.people))]
		fmt.Fprintf(&b, "%s %s %s %s %s ", c.given, w.people[r.IntN(len(w.people))].family, c.date(r.IntN(5)), c.town, c.phone)
	}
	h := newRecordHits(w.sec, w.snap)
	h.feed([]byte(b.String()))
	h.weighed()
	if len(h.followed.slots) > maxFollowed || len(h.rows) > maxFound || cap(h.hashes) > 4*pairBatch {
		t.Errorf("%d active, %d found, %d pairs gathered", len(h.followed.slots), len(h.rows), cap(h.hashes))
	}
}

// BenchmarkRecords is the scan for cells and records alone, on text in which next to nothing is known and on tables:
// go test -run '^$' -bench Records ./fingerprints
func BenchmarkRecords(b *testing.B) {
	w := newRecordWorld(b, 9, 5000)
	r := rand.New(rand.NewPCG(9, 9))
	prose, err := os.ReadFile("ordinary.txt")
	if err != nil {
		b.Fatal(err)
	}
	stranger := newLists(r).citizens(r, 5000)
	texts := map[string]string{
		"prose": strings.Repeat(string(prose), 64), "filler": filler(r, 1<<20), "csv": delimited(";")(stranger, fields, 0),
		"1 percent": strings.Repeat(string(prose), 20) + delimited(";")(w.people[:20], fields, 0), "same schema": delimited(";")(w.lists.citizens(r, 5000), fields, 0),
		"dense": delimited(";")(w.people, fields, 0), "dense blocks": blocks(w.people, fields, 1),
	}
	for _, name := range []string{"prose", "filler", "csv", "1 percent", "same schema", "dense", "dense blocks"} {
		b.Run(name, func(b *testing.B) {
			text := []byte(texts[name])
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				h := newRecordHits(w.sec, w.snap)
				for at := 0; at < len(text); at += 64 << 10 {
					h.feed(text[at:min(len(text), at+64<<10)])
				}
				h.weighed()
			}
		})
	}
}
