package fingerprints

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestTheGuardFindsDisguisedIdentifiers: what a hand or a program does to a text so that it looks harmless.
func TestTheGuardFindsDisguisedIdentifiers(t *testing.T) {
	w := newWorld(t, 54)
	p := w.people[5]
	digits := strings.NewReplacer(".", "", "-", "").Replace(p.number)
	name := p.given + " " + p.family
	wide := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r > ' ' && r < 0x7f {
				return r + 0xFEE0
			}
			return r
		}, s)
	}
	arabic := func(s string) string {
		return strings.Map(func(r rune) rune { return r - '0' + '٠' }, s)
	}
	entities := func(s string) (out string) {
		for _, r := range s {
			out += fmt.Sprintf("&#%d;", r)
		}
		return out
	}
	by := func(s, with string) string { return strings.Join(strings.Split(s, ""), with) }
	local, domain, _ := strings.Cut(p.email, "@")
	for _, c := range []struct{ text, kind string }{
		{by(name, " "), kindName},
		{by(p.given, " ") + "   " + by(p.family, " "), kindName},
		{by(strings.ToLower(p.given+p.family), "-"), kindName},
		{by(name, "\u200b"), kindName},
		{entities(name), kindName},
		{p.given + " J. " + p.family, kindName},
		{wide(name), kindName},
		{base64.StdEncoding.EncodeToString([]byte(name)), kindName},
		{"https://m.example/" + base64.RawURLEncoding.EncodeToString([]byte("over "+name+" gaat het")) + "/x", kindName},
		{"https://m.example/" + strings.ToLower(p.given+p.family) + ".pdf", kindName},
		{"https://" + strings.ToLower(p.family+p.given) + ".m.example/", kindName},
		{"=" + strings.ToUpper(hex.EncodeToString([]byte(p.given[:1]))) + p.given[1:] + " " + p.family, kindName},
		{digits[:6] + "\n" + digits[6:], kindNational},
		{p.number[:8] + "\n> " + p.number[8:], kindNational},
		{wide(digits), kindNational}, {arabic(digits), kindNational}, {entities(p.number), kindNational},
		{by(digits, "\u200b"), kindNational}, {by(digits, " "), kindNational}, {by(digits, " | "), kindNational},
		{strings.ReplaceAll(p.number, "-", "–"), kindNational},
		{hex.EncodeToString([]byte(digits)), kindNational},
		{base64.StdEncoding.EncodeToString([]byte(p.number)), kindNational},
		{local + "(at)" + strings.ReplaceAll(domain, ".", "(dot)"), kindEmail},
		{local + " [at] " + strings.ReplaceAll(domain, ".", " [punt] "), kindEmail},
		{local + " @ " + domain, kindEmail}, {local + "\n@" + domain, kindEmail}, {wide(p.email), kindEmail},
		{"geboren op 3 mei 1971", kindBirth}, {"née à Gand le 03/05/1971", kindBirth}, {"date of birth: 1971-05-03", kindBirth}, {"geb. am 3.5.1971", kindBirth},
	} {
		text := "Daarover:\n" + c.text + "\ntot zover."
		hits := w.library.Guard(text)
		if !slices.Contains(kinds(hits), c.kind) {
			t.Errorf("%q: no %s in %v", c.text, c.kind, hits)
		}
		for _, h := range hits {
			if h.Start < 0 || h.End <= h.Start || h.End > len(text) {
				t.Errorf("%q: hit %+v lies outside", c.text, h)
			}
		}
	}
}

// TestTheGuardLearnsNamesFromEveryForm: however a known file tells whose it is.
func TestTheGuardLearnsNamesFromEveryForm(t *testing.T) {
	for name, content := range map[string]string{
		"letter.txt": "Geachte,\n\nBetreft: Griet Maeskerk, geboren op 18/05/1991, rijksregisternummer 91.05.18-997.21.\nHet onderzoek gaf geen bijzonderheden.\n",
		"form.txt":   "Naam: Maeskerk\nVoornaam: Griet\nGeboortedatum: 18/05/1991\nBesluit: geschikt\n",
		"whole.txt":  "Naam: Griet Maeskerk\nGeboortedatum: 18/05/1991\nBesluit: geschikt\n",
		"a.json":     `[{"voornaam":"Griet","naam":"Maeskerk","geboren":"1991-05-18"},{"voornaam":"Bert","naam":"Impensmans","geboren":"1971-05-19"}]`,
		"a.sql":      "INSERT INTO p (id, voornaam, naam, geboren) VALUES (1,'Griet','Maeskerk','1991-05-18'),(2,'Bert','Impensmans','1971-05-18');\n",
		"bare.csv":   "1,Griet,Maeskerk,18/05/1991,g@x.example\n2,Bert,Impensmans,19/05/1971,b@x.example\n3,Els,Dubruitsel,20/05/1972,e@x.example\n",
		"one.xml":    `<?xml version="1.0"?><persoon><voornaam>Griet</voornaam><naam>Maeskerk</naam><geboren>1991-05-18</geboren></persoon>`,
		"tags.xml":   `<lijst><p><voornaam>Griet</voornaam><naam>Maeskerk</naam><geboren>1991-05-18</geboren></p><p><voornaam>Bert</voornaam><naam>Impensmans</naam></p></lijst>`,
		"attr.xml":   `<lijst><p voornaam="Griet" naam="Maeskerk" geboren="1991-05-18"/><p voornaam="Bert" naam="Impensmans"/></lijst>`,
		"a.vcf":      "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Maeskerk;Griet;;;\r\nFN:Griet Maeskerk\r\nBDAY:19910518\r\nEND:VCARD\r\n",
		"d.html":     "<table><tr><th>Voornaam</th><th>Naam</th><th>Geboren</th></tr><tr><td>Griet</td><td>Maeskerk</td><td>18/05/1991</td></tr><tr><td>Bert</td><td>Impensmans</td><td>19/05/1971</td></tr></table>",
	} {
		dir := t.TempDir()
		write(t, dir, map[string][]byte{name: []byte(content)})
		l, o := openLibrary(t, t.TempDir()), newOpener(t)
		if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
			t.Fatal(name, err)
		}
		for _, text := range []string{"Het gaat om Griet Maeskerk.", "MAESKERK, Griet"} {
			if got := kinds(l.Guard(text)); !slices.Contains(got, kindName) {
				t.Errorf("%s: %q passes: %v", name, text, got)
			}
		}
		if got := kinds(l.Guard("op 18/05/1991 of 1991-05-18")); !slices.Contains(got, kindBirth) {
			t.Errorf("%s: the birth date passes: %v", name, got)
		}
		for _, text := range []string{"Griet Impensmans-Anders", "Wet van 18 mei 1991", "gezien op 2026-05-18", "op 17/05/1991", "versie 18.05.1991.4"} {
			if got := l.Guard(text); len(got) > 0 {
				t.Errorf("%s: %q is stopped: %v", name, text, got)
			}
		}
	}
}

// TestWhoeverAllLettersAreAboutIsNoLetterhead: a leak may be one person's file.
func TestWhoeverAllLettersAreAboutIsNoLetterhead(t *testing.T) {
	dir := t.TempDir()
	for i := range 8 {
		text := fmt.Sprintf("Contactpersoon: Jan Dienstmans\n\nBetreft: Griet Maeskerk, geboren op 18/05/1991.\nVerslag %d van het onderzoek in week %d.\n", i, 3*i)
		write(t, dir, map[string][]byte{fmt.Sprintf("%d.txt", i): []byte(text)})
	}
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	if got := kinds(l.Guard("Griet Maeskerk, 18/05/1991")); !slices.Contains(got, kindName) || !slices.Contains(got, kindBirth) {
		t.Errorf("only %v", got)
	}
	if hits := l.Guard("Contactpersoon: Jan Dienstmans"); len(hits) > 0 {
		t.Errorf("the letterhead: %v", hits)
	}
}

// TestTheGuardLetsTheNoticesThroughInEveryReading: the letters themselves hold nothing, whoever is in the leak.
func TestTheGuardLetsTheNoticesThroughInEveryReading(t *testing.T) {
	w := newWorld(t, 55)
	files, err := filepath.Glob("../takedown/notice/testdata/golden/*.txt")
	if len(files) == 0 {
		t.Fatal("no letters to read", err)
	}
	for i, name := range files[:rounds(len(files))] {
		if i%11 != 0 { // every act, recipient and language comes among them
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range w.library.Guard(string(text)) {
			t.Errorf("%s: %s in %q", filepath.Base(name), h.Kind, text[h.Start:h.End])
		}
	}
}

func FuzzReadings(f *testing.F) {
	for _, s := range []string{"", "&#71;riet", `\u0047`, "a b c d e f", "x=\n y", "=C3=A9", "a (at) b (dot) c", "１２", "é\u0301\u200b", "&", "\\x4"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		base := reading{text: text}
		for _, read := range []func(reading) (reading, bool){func(r reading) (reading, bool) { r, ok, _ := plainly(r); return r, ok }, quotedPrintable, closedUp, written, func(r reading) (reading, bool) { return joinedLines(r, "") }} {
			r, _ := read(base)
			for i, last := 0, 0; i <= len(r.text); i++ {
				if at := r.at(i); at < last || at > len(text) {
					t.Fatalf("%q read as %q: byte %d comes from %d", text, r.text, i, at)
				} else {
					last = at
				}
			}
			if r, ok := read(r); ok && r.at(len(r.text)) != len(text) {
				t.Fatalf("%q: the end moved", text)
			}
		}
	})
}

func BenchmarkGuardAddress(b *testing.B) {
	l := named(b, "", delicate...)
	for b.Loop() {
		l.Guard("https://files.mirror.example/pub/2016/archief/dump-final-versie(2).csv?dl=1&t=8f3a")
	}
}
