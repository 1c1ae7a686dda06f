package fingerprints

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// staff is a table whose own keys, accounts and names are invented.
const staff = "Personeelsnummer;Voornaam;Naam;Geboortedatum;Rekening;Telefoon\n" +
	"PX-20417;Griet;Maeskerk;18/05/1991;BE68 5390 0754 7034;0470 11 22 33\n" +
	"83512;Bert;Impensmans;19/05/1971;NL91 ABNA 0417 1643 00;0470 11 22 34\n" +
	"2016/00917;Els;Dubruitsel;20/05/1972;DE89 3704 0044 0532 0130 00;0470 11 22 35\n" +
	"48K12;Jan Pieter;Van den Zonnekeyn;21/05/1973;BE71 0961 2345 6769;0470 11 22 36\n" +
	"91877;Mia;Peeters;22/05/1974;BE62 5100 0754 7061;0470 11 22 37\n"

func staffed(t testing.TB) *Library {
	t.Helper()
	dir := t.TempDir()
	write(t, dir, map[string][]byte{"personeel.csv": []byte(staff)})
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTheGuardFindsWhatATableCallsAPerson(t *testing.T) {
	l := staffed(t)
	for _, c := range []struct{ text, kind string }{
		{"rekening 539-0075470-34", kindIBAN}, {"539007547034", kindIBAN}, {"539 0075470 34.", kindIBAN}, {"ABNA 0417 1643 00", kindIBAN}, {"370400440532013000", kindIBAN},
		{"BE68 539O O754 7O34", kindIBAN}, {"53900754703A of 5390O7547034", kindIBAN}, {"o47o ll 22 33", kindPhone}, {"0470-l1-22-33", kindPhone},
		{"nummer PX-20417", kindKey}, {"px-20417,", kindKey}, {"https://m.example/f/px-20417.pdf", kindKey}, {"(83512)", kindKey}, {"klant 83512 Bert", kindKey},
		{"dossier 2016/00917", kindKey}, {"48k12", kindKey}, {"map_48K12/", kindKey},
		{"G. Maeskerk", kindName}, {"Maeskerk G.", kindName}, {"MAESKERK, G.", kindName}, {"J. P. Van den Zonnekeyn", kindName}, {"J.-P. Van den Zonnekeyn", kindName}, {"J. Van den Zonnekeyn", kindName},
	} {
		text := "Daarover:\n" + c.text + "\ntot zover."
		if hits := l.Guard(text); !slices.Contains(kinds(hits), c.kind) {
			t.Errorf("%q: no %s in %v", c.text, c.kind, hits)
		}
	}
	for _, text := range []string{
		"rekening 539-0075470-35", "123-4567890-02", "PX-20418", "PX-204171", "APX-20417", "183512", "8351", "tel. +32 83512", "83512-11-20", "2026-83512", "02 555 83512",
		"Kantoor\n83512 Wasserburg", "Straat 1, D-83512 Wasserburg", "verordening 2016/00917", "M. Peeters", "B. Maeskerk", "G Maeskerk", "à Maeskerk", "met g. maeskerk niet",
		"Ollo ooIl lol", "18/05/2026", "artikel 16 van 2022/2065", "UM-2026-083512",
	} {
		if hits := l.Guard(text); len(hits) > 0 {
			t.Errorf("%q is stopped: %v", text, hits)
		}
	}
}

// TestNoLetterIsStoppedByATablesKeys: the letters hold tickets, articles, dates and our own numbers.
func TestNoLetterIsStoppedByATablesKeys(t *testing.T) {
	l := staffed(t)
	files, _ := filepath.Glob("../takedown/notice/testdata/golden/*.txt")
	if len(files) == 0 {
		t.Fatal("no letters to read")
	}
	for i, name := range files {
		if i%17 != 0 {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range l.Guard(string(text)) {
			t.Errorf("%s: %s in %q", filepath.Base(name), h.Kind, text[h.Start:h.End])
		}
	}
}

func FuzzGuarding(f *testing.F) {
	for _, s := range []string{"", "BEGIN:VCARD", "item1.N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3;G=", "<a:naam x=\"y\">é</", "G. M. Peeters", "123-4567890-02", "O8l5 2016/00917"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		c := cards{within: true}
		for _, opened := range []bool{true, false} {
			c.line(text, opened, func(_, _ string) {}, func(day string) { days(day) })
		}
		inside := func(start, end int) {
			if start < 0 || end <= start || end > len(text) {
				t.Fatalf("%q: %d to %d", text, start, end)
			}
		}
		scanHome(text, func(f found) { inside(f.start, f.end) })
		scanKeys(text, func(key string, start, end int) {
			if inside(start, end); keyForm(key) != key {
				t.Fatalf("%q is no key", key)
			}
		})
		scanShort(text, words(text), func(_, _ string, start, end int) { inside(start, end) })
		if r, ok := lettersAsDigits(reading{text: text}); ok && (len(r.text) != len(text) || r.at(len(text)) != len(text)) {
			t.Fatalf("%q read as %q", text, r.text)
		}
	})
}
