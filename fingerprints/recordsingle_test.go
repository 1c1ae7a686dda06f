package fingerprints

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// memberList is a known table of 200 members, with numbers of their own or counted from 41000 on.
func memberList(t *testing.T, counted bool) (*recordWorld, []citizen, []string) {
	r := rand.New(rand.NewPCG(83, 83))
	people := newLists(r).citizens(r, 200)
	since := make([]string, len(people))
	var b strings.Builder
	b.WriteString("naam;geboortedatum;lidnummer;postcode;gemeente;gsm;straat;lid sinds\n")
	for i := range people {
		p := &people[i]
		if counted {
			p.key = fmt.Sprint(41_000 + i)
		} else {
			p.key = fmt.Sprint(100_000 + r.IntN(800_000))
		}
		p.postcode = fmt.Sprint(1000 + 41*i)
		since[i] = fmt.Sprintf("%02d/%02d/%d", 1+r.IntN(28), 1+r.IntN(12), 2006+r.IntN(15))
		fmt.Fprintf(&b, "%s %s;%s;%s;%s;%s;%s;%s;%s\n", p.given, p.family, p.date(0), p.key, p.postcode, p.town, p.phone, p.street, since[i])
	}
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"leden.csv": []byte(b.String())})
	l := openLibrary(t, filepath.Join(t.TempDir(), "data"))
	if _, err := l.AddLeak(context.Background(), newOpener(t), AddLeak{Slug: "club", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	w := &recordWorld{sec: l.secrets, snap: l.hold()}
	t.Cleanup(func() { w.snap.Release() })
	return w, people, since
}

func TestARowOfFewCellsIsFoundByItsOwnNumber(t *testing.T) {
	w, people, since := memberList(t, false)
	for i := 3; i < len(people); i += 17 {
		p := people[i]
		for _, text := range []string{
			fmt.Sprintf("%s;%s %s;%s", p.key, p.family, p.given, p.town),
			fmt.Sprintf("Name: %s, %s\nMember no: %s\nJoined: %s\n", p.family, p.given, p.key, since[i]),
			fmt.Sprintf(`{"n":"%s %s","since":"%s","id":%s}`, p.given, strings.ToUpper(p.family), since[i], p.key),
			fmt.Sprintf("INSERT INTO m VALUES (%s,'%s %s','%s');", p.key, p.given, p.family, p.town),
			fmt.Sprintf("So it was %s %s of %s, on our list as %s, who told them.", p.given, p.family, p.town, p.key),
		} {
			if bits, found := w.look(text); bits < DefaultNoticeBits || !slices.Equal(found.rows, []int{i}) {
				t.Errorf("%q: %.0f bits, rows %v, want %d", text, bits, found.rows, i)
			}
		}
		for what, text := range map[string]string{
			"name and number":           fmt.Sprintf("%s %s, %s", p.given, p.family, p.key),
			"another's number":          fmt.Sprintf("%s %s, %s, %s", p.given, p.family, people[i-1].key, p.town),
			"a relative's name":         fmt.Sprintf("Zefanja %s, %s, %s", p.family, p.key, p.town),
			"a namesake of the town":    fmt.Sprintf("%s %s, %s, %s", p.given, p.family, since[i-1], p.town),
			"number, town and a day":    fmt.Sprintf("%s, %s, %s", p.key, p.town, since[i-1]),
			"a postcode that few have":  fmt.Sprintf("%s %s, %s %s", p.given, p.family, p.postcode, p.town),
			"the number of the house":   fmt.Sprintf("%s %s, %s", p.given, p.family, p.street),
			"namesake of the same date": fmt.Sprintf("%s %s, %s, 777123, %s", p.given, p.family, since[i], p.town),
		} {
			if bits, _ := w.look(text); bits >= DefaultNoticeBits {
				t.Errorf("%s: %q has %.0f bits", what, text, bits)
			}
		}
	}
}

// A number that counts the rows is another table's, too: of two lists that are counted alike, two persons of one name may have the same.
func TestANumberThatCountsRowsIsNobodysOwn(t *testing.T) {
	w, people, _ := memberList(t, true)
	for i := 3; i < len(people); i += 17 {
		p := people[i]
		if bits, _ := w.look(fmt.Sprintf("%s;%s %s;%s", p.key, p.family, p.given, p.town)); bits >= DefaultNoticeBits {
			t.Errorf("row %d: %.0f bits", i, bits)
		}
	}
}

// A namesake who was born on the same day and lives in the same town has a number, a telephone and a day of his own; a copy has none
// that the row does not have.
func TestWhatStandsBesideANamesakeSpeaksAgainstIt(t *testing.T) {
	w, people, _ := memberList(t, false)
	for i := 3; i < len(people); i += 17 {
		p := people[i]
		for _, layout := range []string{"%s %s;%s;%s%s\n", "Name: %s %s\nBorn: %s\nTown: %s\n%s\n", `{"n":"%s %s","b":"%s","t":"%s","x":"%s"}`} {
			look := func(more string) float64 {
				bits, _ := w.look(fmt.Sprintf(layout, p.given, p.family, p.date(i%4), p.town, more))
				return bits
			}
			if bits := look(""); bits < DefaultNoticeBits {
				t.Errorf("row %d, a copy of three cells: %.0f bits", i, bits)
			}
			for _, more := range []string{" 2019", " 12", " " + p.key} {
				if bits := look(more); bits < DefaultNoticeBits {
					t.Errorf("row %d, a copy with %q: %.0f bits", i, more, bits)
				}
			}
			for _, more := range []string{" 7771234", " 0499 98 76 54", " 03/04/2031"} {
				if bits := look(more); bits >= DefaultNoticeBits {
					t.Errorf("row %d, a namesake with %q: %.0f bits", i, more, bits)
				}
			}
		}
	}
}

// A namesake's row has another town, job or street out of the same lists as the rows of the table; a copy has only its own, and words
// that no row has.
func TestAnotherRowsWordBesideANamesakeSpeaksAgainstIt(t *testing.T) {
	r := rand.New(rand.NewPCG(89, 89))
	people := newLists(r).citizens(r, 200)
	text := "naam;geboortedatum;gemeente;postcode;beroep;straat\n"
	row := func(p citizen) string {
		return fmt.Sprintf("%s %s;%s;%s;%s;%s;%s\n", p.given, p.family, p.date(0), p.town, p.postcode, p.job, p.street)
	}
	for _, p := range people {
		text += row(p)
	}
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"leden.csv": []byte(text)})
	l := openLibrary(t, filepath.Join(t.TempDir(), "data"))
	if _, err := l.AddLeak(context.Background(), newOpener(t), AddLeak{Slug: "club", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	w := &recordWorld{sec: l.secrets, snap: l.hold()}
	t.Cleanup(func() { w.snap.Release() })
	for i := 3; i < len(people); i += 17 {
		p, q := people[i], people[(i+40)%len(people)]
		if q.town == p.town || q.job == p.job {
			continue
		}
		for _, copied := range []string{row(p), fmt.Sprintf("Name: %s %s\nBorn: %s\nTown: %s\nUnder treatment since the winter.\n", p.given, p.family, p.date(1), p.town)} {
			if bits, _ := w.look(copied); bits < DefaultNoticeBits {
				t.Errorf("row %d, a copy: %.0f bits", i, bits)
			}
		}
		q.given, q.family, q.born = p.given, p.family, p.born
		q.town, q.postcode = p.town, p.postcode
		for _, namesake := range []string{row(q), fmt.Sprintf("Name: %s %s\nBorn: %s\nTown: %s\nWork: %s\nHome: %s\n", q.given, q.family, q.date(1), q.town, q.job, q.street)} {
			if bits, _ := w.look(namesake); bits >= DefaultNoticeBits {
				t.Errorf("row %d, a namesake of the town: %.0f bits", i, bits)
			}
		}
	}
}
