package fingerprints

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
	"unmirror/fingerprints/winnow"
)

// threeTables is a database of people as a dump: three tables, whose columns have names of their own.
func threeTables(people []person, remarks uint64, perRow bool) string {
	r := rand.New(rand.NewPCG(remarks, 3))
	var b strings.Builder
	b.WriteString("-- dump\nSET NAMES utf8;\n")
	tables := []struct{ name, columns, definition string }{
		{"medewerkers", "medewerker_id, voornaam, familienaam, geboortedatum", "medewerker_id int NOT NULL AUTO_INCREMENT, voornaam varchar(80), familienaam varchar(80), geboortedatum date, PRIMARY KEY (medewerker_id)"},
		{"arbeidsongevallen", "ongeval_id, medewerker_id, letsel_omschrijving, dagen_arbeidsongeschikt, aangifte_verzekeraar", "ongeval_id int NOT NULL, medewerker_id int NOT NULL, letsel_omschrijving text, dagen_arbeidsongeschikt int DEFAULT NULL, aangifte_verzekeraar varchar(120)"},
		{"consultaties_preventieadviseur", "consultatie_id, medewerker_id, aanleiding_van_gesprek, advies_aan_leidinggevende, vertrouwelijk_verslag", "consultatie_id int NOT NULL, medewerker_id int NOT NULL, aanleiding_van_gesprek varchar(255), advies_aan_leidinggevende text, vertrouwelijk_verslag longtext"},
	}
	for n, t := range tables {
		fmt.Fprintf(&b, "DROP TABLE IF EXISTS `%s`;\nCREATE TABLE `%s` (\n  %s\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\n", t.name, t.name, strings.ReplaceAll(t.definition, ", ", ",\n  "))
		head := fmt.Sprintf("INSERT INTO `%s` (%s) VALUES\n", t.name, t.columns)
		for i, p := range people {
			switch {
			case perRow || i == 0:
				b.WriteString(head)
			default:
				b.WriteString(",\n")
			}
			if n == 0 {
				fmt.Fprintf(&b, "(%d,'%s','%s','%s')", r.IntN(1e6), p.given, p.family, p.born)
			} else {
				fmt.Fprintf(&b, "(%d,%d,'%s',%d,'%s')", r.IntN(1e6), r.IntN(1e6), filler(r, 20), r.IntN(90), filler(r, 30))
			}
			if perRow || i == len(people)-1 {
				b.WriteString(";\n")
			}
		}
	}
	return b.String()
}

// twoSheets is a text with two tables of tab separated cells.
func twoSheets(people []person, seed uint64) string {
	r := rand.New(rand.NewPCG(seed, 4))
	var b strings.Builder
	b.WriteString("voornaam\tfamilienaam\tgeboortedatum\tgemeente\n")
	for _, p := range people {
		fmt.Fprintf(&b, "%s\t%s\t%s\t%.7s\n", p.given, p.family, p.born, filler(r, 9))
	}
	b.WriteString("voornaam\tfamilienaam\trijksregisternummer\tdatum laatste onderzoek\tbeslissing arbeidsarts\topmerking voor dossier\tvolgende afspraak\n")
	for _, p := range people {
		fmt.Fprintf(&b, "%s\t%s\t\t%d\t%.9s\t%.9s\t%d\n", p.given, p.family, r.IntN(1e6), filler(r, 12), filler(r, 12), r.IntN(1e6))
	}
	return b.String()
}

func TestNamesOfColumnsAnywhereInATextAccuseNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 32))
	all := invent(r, 24)
	known, others := all[:12], all[12:]
	dir := t.TempDir()
	write(t, dir, map[string][]byte{
		"een.sql": []byte(threeTables(known, 1, false)), "twee.sql": []byte(threeTables(known[:2], 2, true)), "bladen.txt": []byte(twoSheets(known, 3)),
	})
	l := libraryIn(t)
	if _, err := l.AddLeak(context.Background(), newOpener(t), AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, newOpener(t), 0)
	for name, text := range map[string]string{
		"others.sql": threeTables(others, 5, false), "others-rows.sql": threeTables(others, 6, true), "others.txt": twoSheets(others, 7),
		"schema.sql": threeTables(nil, 8, false),
	} {
		rep := m.Match(context.Background(), name, bytes.NewReader([]byte(text)), int64(len(text)))
		for _, got := range rep.Matches {
			t.Errorf("%s: %s with %.0f bits", name, got.Grade, got.Bits)
		}
	}
	for name, text := range map[string]string{"een.sql": threeTables(known, 1, false)[200:], "bladen.txt": twoSheets(known, 3)[100:]} {
		rep := m.Match(context.Background(), name, bytes.NewReader([]byte(text)), int64(len(text)))
		if rep.Verdict != match.Matched {
			t.Errorf("%s: the known one is not found: %+v", name, rep.Verdict)
		}
	}
}

func TestLaterHeadsAreFoundHoweverATextIsCut(t *testing.T) {
	text := threeTables(invent(rand.New(rand.NewPCG(1, 1)), 3), 1, false) + twoSheets(invent(rand.New(rand.NewPCG(1, 2)), 3), 1)
	l := libraryIn(t)
	marked := func(size int) (all []header) {
		x := &textExtract{textReading: newTextReading(l.secrets), later: newLaterHeads("text")}
		for at := 0; at < len(text); at += size {
			if err := x.feedLater([]byte(text[at:min(at+size, len(text))]), nothingSeen); err != nil {
				t.Fatal(err)
			}
		}
		if err := x.endLater(nothingSeen); err != nil {
			t.Fatal(err)
		}
		return x.later.spans
	}
	want := fmt.Sprint(marked(len(text)))
	for _, size := range []int{1, 7, 64, 1000} {
		if got := fmt.Sprint(marked(size)); got != want {
			t.Errorf("in pieces of %d bytes: heads at %s, want %s", size, got, want)
		}
	}
	if len(marked(len(text))) < 15 {
		t.Errorf("heads at %s", want)
	}
}

func nothingSeen([]winnow.Print) error { return nil }

func TestNumberedColumnsAreAHead(t *testing.T) {
	h := newLaterHeads("text")
	for line, want := range map[string]bool{
		"name;employer;date of birth;vraag 7;vraag 8;vraag 9;vraag 10;vraag 11;vraag 12":                    true,
		"naam    geboortedatum  gemeente  kenmerk 23  kenmerk 24  kenmerk 25  kenmerk 26  kenmerk 27":       true,
		`"naam","gemeente","functie","score_101","score_102","score_103"`:                                   true,
		"An Zeltmans;Molenweg 12;9400 Gavere;0470 12 34 56;12/03/1981;arts;partner":                         false,
		"naam;gemeente;functie;7401011;7402012;7403013":                                                     false,
		"naam van de klant op 12 maart 1981, wonende te Gent in bus 3, met bus 14 en bus 15 vertrok bus 16": false,
	} {
		if got := h.head([]byte(line)) > 0; got != want {
			t.Errorf("%q: %t", line, got)
		}
	}
}
