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
			for _, n := range []int{1, 10, 100, rounds(700)} {
				for range rounds(max(1, min(10, 100/n))) {
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
		"name, birth date, other":         only(fields, "voornaam", "familienaam", "geboortedatum", "gemeente"),
		"name, national number":           only(fields, "voornaam", "familienaam", "rijksregisternummer"),
		"national number":                 only(fields, "rijksregisternummer"),
		"name, birth date, telephone":     only(fields, "voornaam", "familienaam", "geboortedatum", "telefoon"),
		"name, birth date, e-mail, other": only(fields, "voornaam", "familienaam", "geboortedatum", "email", "functie"),
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
	for b.Len() < rounds(1<<20) {
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

func TestWhatIsFoundByChanceMakesRoomForMore(t *testing.T) {
	h := &recordHits{records: 5000, rows: map[recordRef]rowFound{}}
	for i := range uint32(maxFound) {
		h.rows[recordRef{0, i}] = rowFound{weight: record.Weight{Bits: float64(12 + i%16)}}
	}
	h.rows[recordRef{1, 0}] = rowFound{weight: record.Weight{Bits: 90}}
	if !h.room() || len(h.rows) > maxFound*3/4 {
		t.Errorf("%d records are held, and there is room: %t", len(h.rows), h.room())
	}
	if _, ok := h.rows[recordRef{1, 0}]; !ok || h.full {
		t.Error("the strongest is gone, or no more are looked for")
	}
	for i := range uint32(maxFound) {
		h.rows[recordRef{2, i}] = rowFound{weight: record.Weight{Bits: 90}}
	}
	if !h.room() || !h.full {
		t.Error("a text full of records is not sampled further on")
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
