package fingerprints

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/record"
)

// A table of thirty columns: whatever cell of a row stands with its number, or with name and birth date, finds the row.
func TestAWideRowIsFoundByAnyOfItsCells(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 71))
	people := newLists(r).citizens(r, 60)
	value := func(i, column int) string { return fmt.Sprintf("waarde%d", (i*7919+column*104729)%997+1000*column) }
	head := []string{"voornaam", "familienaam", "geboortedatum", "telefoon", "email"}
	for c := range 24 {
		head = append(head, fmt.Sprintf("kenmerk %c", 'a'+c))
	}
	head = append(head, "rijksregisternummer")
	var b strings.Builder
	b.WriteString(strings.Join(head, ";") + "\n")
	for i, p := range people {
		row := []string{p.given, p.family, fmt.Sprintf("%02d/%02d/%d", p.born[2], p.born[1], p.born[0]), p.phone, p.email}
		for c := range 24 {
			row = append(row, value(i, c))
		}
		b.WriteString(strings.Join(append(row, p.number), ";") + "\n")
	}
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"t.csv": []byte(b.String())})
	l := openLibrary(t, filepath.Join(t.TempDir(), "data"))
	authority := "a judge's order"
	if _, err := l.AddLeak(context.Background(), newOpener(t), AddLeak{Slug: "wide", Paths: []string{dir}, NumberAuthority: &authority}); err != nil {
		t.Fatal(err)
	}
	w := &recordWorld{sec: l.secrets, snap: l.hold()}
	defer w.snap.Release()
	if known := w.snap.Known[0]; known.RowCount() != 60 || known.RecordCount() <= 120 {
		t.Fatalf("%d records of %d rows", known.RecordCount(), known.RowCount())
	}
	for c := range 24 {
		i := (5 * c) % len(people)
		p := people[i]
		for what, text := range map[string]string{
			"number":              strings.NewReplacer(".", "", "-", "").Replace(p.number) + " en " + value(i, c),
			"name and birth date": fmt.Sprintf("%s %s, %d-%02d-%02d, %s", p.given, p.family, p.born[0], p.born[1], p.born[2], value(i, c)),
		} {
			bits, found := w.look(text)
			if bits < DefaultNoticeBits || !slices.Equal(found.rows, []int{i}) {
				t.Errorf("%s with column %d: %.0f bits, rows %v, want %d", what, c, bits, found.rows, i)
			}
		}
	}
}

func TestARowIsNotLostAmongThoseAroundIt(t *testing.T) {
	const sure = 4 * 20
	name, birth := record.Cell{Kind: record.Name, Bits: sure / 2}, record.Cell{Kind: uint8(cell.Date) | record.Birth, Bits: sure}
	word, number := record.Cell{Kind: uint8(cell.Word), Bits: sure / 2}, record.Cell{Kind: uint8(cell.National), Bits: sure}
	for _, c := range []struct {
		what     string
		cells    []record.Cell
		from, to int64
		oneLine  bool
		lost     bool
	}{
		{"words of neighbours", []record.Cell{name, word}, 300, 400, false, true},
		{"a number and a name", []record.Cell{name, number}, 100, 900, false, false},
		{"a person in a line", []record.Cell{name, birth, word}, 100, 900, true, false},
		{"a person in a few lines", []record.Cell{name, birth, word}, 300, 500, false, false},
		{"a person whose cells lie as far apart", []record.Cell{name, birth, word}, 100, 800, false, true},
	} {
		around := rowFound{tried: tried{from: 100, to: 900}}
		around.weight.Bits = 200
		row := rowFound{weight: record.Weigh(c.cells, 1<<len(c.cells)-1), tried: tried{from: c.from, to: c.to, oneLine: c.oneLine}}
		if got := around.clearly(row); got != c.lost {
			t.Errorf("%s: lost %t", c.what, got)
		}
	}
}

// Registered without an authority, a table has no cells of its number column. That the numbers stand beside the names in a copy of it speaks
// against nobody.
func TestACopyIsFoundBesideNumbersThatWereLeftOut(t *testing.T) {
	r := rand.New(rand.NewPCG(81, 81))
	people := newLists(r).citizens(r, 120)
	known, others := people[:60], people[60:]
	table := func(head string, line func(p citizen, i int) string, of []citizen) []byte {
		var b strings.Builder
		b.WriteString(head + "\n")
		for i, p := range of {
			b.WriteString(line(p, i) + "\n")
		}
		return []byte(b.String())
	}
	ills := []string{"migraine", "astma", "eczeem", "hernia", "artrose"}
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"t.csv": table("naam;geboortedatum;rijksregisternummer;diagnose", func(p citizen, i int) string {
		return fmt.Sprintf("%s %s;%02d/%02d/%d;%s;%s", p.given, p.family, p.born[2], p.born[1], p.born[0], p.number, ills[i%len(ills)])
	}, known)})
	l := openLibrary(t, filepath.Join(t.TempDir(), "data"))
	if _, err := l.AddLeak(context.Background(), newOpener(t), AddLeak{Slug: "left-out", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	w := &recordWorld{sec: l.secrets, snap: l.hold()}
	defer w.snap.Release()
	copied := func(of []citizen) string {
		return string(table("diagnosis,number,born,name", func(p citizen, i int) string {
			return fmt.Sprintf("%s,%s,%d-%02d-%02d,%s", ills[i%len(ills)], p.number, p.born[0], p.born[1], p.born[2], p.family+" "+p.given)
		}, of))
	}
	if bits, found := w.look(copied(known[:10])); bits < DefaultNoticeBits || len(found.rows) != 10 {
		t.Errorf("a copy of ten rows: %.0f bits, %d rows", bits, len(found.rows))
	}
	if bits, _ := w.look(copied(slices.Concat(others, known[:3]))); bits >= DefaultNoticeBits {
		t.Errorf("other people, and three with numbers of which nobody knows whose they are: %.0f bits", bits)
	}
}
