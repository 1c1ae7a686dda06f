package fingerprints

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

// scanText matches a text.
func scanText(m *Matcher, text string) match.Report {
	return m.Match(context.Background(), "item.txt", strings.NewReader(text), int64(len(text)))
}

func TestALetterIsFoundByTheNumberOfItsFile(t *testing.T) {
	people := invent(rand.New(rand.NewPCG(29, 30)), 20)
	files := map[string][]byte{}
	head := func(i int, p person) string {
		return fmt.Sprintf("Dossier: B27%04d\nNaam: %s %s\nGeboortedatum: %s\n", 13*i, p.given, p.family, p.born)
	}
	for i, p := range people {
		files[fmt.Sprintf("brief%02d.txt", i)] = []byte(head(i, p) + "\n" + p.remark + "\n")
	}
	l := libraryIn(t)
	if _, err := addStaff(t, l, AddLeak{}, files); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, newOpener(t), 0)
	for i, p := range people[:5] {
		if rep := scanText(m, head(i, p)); rep.Verdict != match.Matched {
			t.Errorf("the head of letter %d is %s", i, rep.Verdict)
		}
		if rep := scanText(m, head(i+100, p)); rep.Verdict != match.Weak {
			t.Errorf("a namesake's, of another file, is %s", rep.Verdict)
		}
	}
}

// The letters of one office: its own sentences, and remarks out of a list.
type officeLetters struct {
	template, remarks []string
	people            []person
	chosen            [][]string // of each
}

func newOfficeLetters(r *rand.Rand, n int) (o officeLetters) {
	words := lexicon(r, 3000)
	for range 4 {
		o.template = append(o.template, plainProse(r, words, 14))
	}
	for range 40 {
		o.remarks = append(o.remarks, plainProse(r, words, 12))
	}
	o.people = invent(r, n)
	for range n {
		o.chosen = append(o.chosen, o.some(r, 3))
	}
	return o
}

func (o *officeLetters) some(r *rand.Rand, n int) (chosen []string) {
	for _, i := range r.Perm(len(o.remarks))[:n] {
		chosen = append(chosen, o.remarks[i])
	}
	return chosen
}

// write gives the lines of a letter.
func (o *officeLetters) write(p person, remarks []string) []string {
	lines := []string{"DIENST FANTASIE", "Ledige Plein 3, 9999 Nergens", fmt.Sprintf("%s %s", p.given, p.family), p.street, p.town, "Geachte " + p.family + ",", o.template[0],
		fmt.Sprintf("Betreft: %s %s, geboren op %s, rijksregisternummer %s", p.given, p.family, p.born, p.number), o.template[1]}
	return append(append(lines, remarks...), o.template[2], o.template[3])
}

func TestALettersPersonAndRemarksTellTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	o := newOfficeLetters(r, 40)
	files, names := map[string][]byte{}, []string{}
	for i, p := range o.people {
		names = append(names, fmt.Sprintf("brief%02d.txt", i))
		files[names[i]] = []byte(strings.Join(o.write(p, o.chosen[i]), "\n"))
	}
	l := libraryIn(t)
	if _, err := addStaff(t, l, AddLeak{}, files); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, newOpener(t), 0)
	shuffled := func(lines []string) string {
		r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
		return strings.Join(lines, "\n")
	}
	found := 0
	for i, p := range o.people {
		if rep := scanText(m, shuffled(o.write(p, o.chosen[i]))); rep.Verdict == match.Matched && rep.Matches[0].KnownFile == names[i] {
			found++
		}
		other := invent(r, 60)[20+i%40]
		for what, text := range map[string]string{
			"a letter to another with two of the remarks": shuffled(o.write(other, append(o.some(r, 1), o.chosen[i][1:]...))),
			"another's row of a table with a remark":      fmt.Sprintf("Naam;Geboren;Rijksregisternummer;Adres;Opmerking\n%s %s;%s;%s;%s, %s;%s\n", other.given, other.family, other.born, other.number, other.street, other.town, o.chosen[i][0]),
		} {
			if rep := scanText(m, text); rep.Verdict == match.Matched {
				t.Errorf("%s is a match: %+v", what, rep.Matches[0])
			}
		}
		other.given, other.family, other.born = p.given, p.family, p.born
		if rep := scanText(m, shuffled(o.write(other, append(o.some(r, 2), o.chosen[i][0])))); rep.Verdict == match.Matched {
			t.Errorf("a letter to a namesake born on the same day, with a remark, is a match: %+v", rep.Matches[0])
		}
	}
	if found < 39 {
		t.Errorf("%d of 40 shuffled letters are recognised", found)
	}
}

func TestPassagesAndRecordOfALetterAddUp(t *testing.T) {
	letter := fileRef{0, 1}
	for what, c := range map[string]struct {
		told   aside
		person addressee
		match  bool
	}{
		"two remarks and an address":                {aside{remarks: 16, part: 0.6}, addressee{beyond: 10, sure: true, some: true}, true},
		"two remarks, and cells that are not there": {aside{remarks: 16, part: 0.6}, addressee{beyond: 10, missed: 3, sure: true, some: true}, false},
		"the same of an excerpt":                    {aside{remarks: 18, part: 0.2}, addressee{beyond: 10, missed: 3, sure: true, some: true}, true},
		"an address without a remark":               {aside{remarks: 1, part: 0.6}, addressee{beyond: 30, sure: true, some: true}, false},
		"remarks, and somebody else":                {aside{remarks: 30, part: 0.6}, addressee{beyond: 30, some: true}, false},
		"remarks without anybody":                   {aside{remarks: 30, part: 0.6}, addressee{}, false},
	} {
		r := ranking{m: &Matcher{noticeBits: DefaultNoticeBits}}
		matches := []ranked{{match.Match{Grade: match.Records, Bits: 50}, letter, levelPassages}}
		r.samePerson(matches, map[fileRef]aside{letter: c.told}, map[fileRef]addressee{letter: c.person}, somebody{})
		if got := matches[0].Bits >= DefaultNoticeBits; got != c.match {
			t.Errorf("%s: %.0f bits", what, matches[0].Bits)
		}
	}
}

func TestOnePersonsLettersShareWhatIsThePersons(t *testing.T) {
	people := invent(rand.New(rand.NewPCG(31, 32)), 20)
	letter := func(i int, p person, remark string) string {
		return fmt.Sprintf("DIENST Kwartel, tel. 053 11 22 33\nNaam: %s %s\nGeboortedatum: %s\nTelefoon: 0479 %02d 33 %02d\n\n%s\n", p.given, p.family, p.born, 10+3*i, 99-2*i, remark)
	}
	files := map[string][]byte{}
	for i, p := range people {
		first, second := letter(i, p, p.remark), letter(i, p, "Tweede brief: "+p.remark+" en verder")
		files[fmt.Sprintf("brief%02d.txt", i)], files[fmt.Sprintf("later/vervolg%02d.txt", i)] = []byte(first), []byte(second)
	}
	l := libraryIn(t)
	if _, err := addStaff(t, l, AddLeak{}, files); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, newOpener(t), 0)
	for i, p := range people[:5] {
		if rep := scanText(m, fmt.Sprintf("%s %s; 0479 %02d 33 %02d; %s\n", p.given, p.family, 10+3*i, 99-2*i, p.born)); rep.Verdict != match.Matched {
			t.Errorf("name, telephone and date of birth %d are %s", i, rep.Verdict)
		}
		if rep := scanText(m, fmt.Sprintf("%s %s; 053 11 22 33; %s\n", p.given, p.family, p.born)); rep.Verdict == match.Matched {
			t.Errorf("with the office's telephone %d is a match", i)
		}
	}
}

// TestARowWithANumberThatNobodyHasIsAboutSomebodyElse: it begins with the number, as an excerpt of a letter may that does not reach
// back to the name; but that number is known.
func TestARowWithANumberThatNobodyHasIsAboutSomebodyElse(t *testing.T) {
	r := rand.New(rand.NewPCG(35, 36))
	o := newOfficeLetters(r, 12)
	files := map[string][]byte{}
	for i, p := range o.people {
		files[fmt.Sprintf("brief%02d.txt", i)] = []byte(strings.Join(o.write(p, o.chosen[i]), "\n"))
	}
	l := libraryIn(t)
	statute := "an invented statute"
	if _, err := addStaff(t, l, AddLeak{NumberAuthority: &statute}, files); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, newOpener(t), 0)
	held := func(remark string) (n int) {
		for _, all := range o.chosen {
			for _, s := range all {
				if s == remark {
					n++
				}
			}
		}
		return n
	}
	others := invent(r, 40)[20:]
	for i, p := range o.people {
		for _, remark := range o.chosen[i] {
			if held(remark) > 1 {
				continue // of a list, and weighs less
			}
			other := others[i]
			if rep := scanText(m, fmt.Sprintf("%s;%s;%s\n", other.family, other.number, remark)); rep.Verdict == match.Matched {
				t.Errorf("another's row with a remark is a match: %+v", rep.Matches[0])
			}
			if rep := scanText(m, fmt.Sprintf("%s %s", p.number, remark)); rep.Verdict != match.Matched {
				t.Errorf("an excerpt from the number on is %s: %+v", rep.Verdict, rep.Matches)
			}
		}
	}
}

// TestAGivenNameElsewhereInALetterMakesNobodyOfAHousehold: a relative has family name, address and telephone in common with a known
// person, and her letter mentions somebody who is called as that person is. Beside each other the names are his.
func TestAGivenNameElsewhereInALetterMakesNobodyOfAHousehold(t *testing.T) {
	r := rand.New(rand.NewPCG(46, 47))
	people := invent(r, 40)
	tables := map[string]string{"one.csv": "voornaam;naam;geboren;straat;gemeente;telefoon\n", "two.csv": "naam;geboren;straat;gemeente;telefoon\n"}
	for i, p := range people {
		if i%2 == 0 {
			tables["one.csv"] += strings.Join([]string{p.given, p.family, p.born, p.street, p.town, p.phone}, ";") + "\n"
		} else {
			tables["two.csv"] += strings.Join([]string{p.given + " " + p.family, p.born, p.street, p.town, p.phone}, ";") + "\n"
		}
	}
	l := libraryIn(t)
	if _, err := addStaff(t, l, AddLeak{}, map[string][]byte{"one.csv": []byte(tables["one.csv"]), "two.csv": []byte(tables["two.csv"])}); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, newOpener(t), 0)
	words := lexicon(r, 2000)
	for _, p := range people[:12] {
		for _, before := range []int{30, 130} {
			write := func(given string) string {
				return fmt.Sprintf("Naam: %s %s\nAdres: %s, %s\nTelefoon: %s\n\n%s\nVolgens %s %s", given, p.family, p.street, p.town, p.phone, plainProse(r, words, before), p.given, plainProse(r, words, 30))
			}
			if rep := scanText(m, write("Zzifa")); rep.Verdict == match.Matched {
				t.Errorf("a relative's letter is a match: %+v", rep.Matches[0])
			}
			if rep := scanText(m, write(p.given)); rep.Verdict != match.Matched {
				t.Errorf("his own is %s: %+v", rep.Verdict, rep.Matches)
			}
		}
	}
}
