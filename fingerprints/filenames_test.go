package fingerprints

import (
	"context"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

// named registers files of these names, with a manifest, and nothing in them.
func named(t testing.TB, manifest string, names ...string) *Library {
	t.Helper()
	dir := t.TempDir()
	for _, n := range names {
		write(t, dir, map[string][]byte{n: []byte("niets bijzonders")})
	}
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	a := AddLeak{Slug: "verzonnen", Title: "Arbeidsdienst Voorbeeld 2016", Paths: []string{dir}}
	if manifest != "" {
		a.Manifest = strings.NewReader(manifest)
	}
	if _, err := l.AddLeak(context.Background(), o, a); err != nil {
		t.Fatal(err)
	}
	return l
}

var delicate = []string{
	"brieven/Zonnekeynen - tuchtdossier 2019.docx", "brieven/Élodie_Goethgebeur.pdf", "kort9x.csv", "README.md", "a/index.html", "letter.docx",
	"dump.tar.gz", "export.csv", "report 2024.pdf", "personal data.xlsx", "Regulation (EU) 2016-679.pdf", "2026-11-20.sql", "20261120_0805.log",
	"Arbeidsdienst Voorbeeld 2016.zip", "Beukelaars.txt", "notice of illegal content article 16 dsa.odt", "48151623.pdf", "xyz.doc",
	"verslag van het derde overleg met Ooghelynck over de nachtdienst.docx", "85073099932.txt", "personeelsbestand%20Nergenshuizen.xls", "HoofdmanDossier.pdf",
}

func TestGuardFindsNamesOfKnownFiles(t *testing.T) {
	l := named(t, "", delicate...)
	for _, c := range []struct{ text, hit string }{
		{"de bijlage Zonnekeynen - tuchtdossier 2019.docx staat", "Zonnekeynen - tuchtdossier 2019"},
		{"zie zonnekeynen_tuchtdossier-2019 online", "zonnekeynen_tuchtdossier-2019"},
		{"https://m.example/x/" + url.PathEscape("Zonnekeynen - tuchtdossier 2019") + ".zip", "Zonnekeynen%20-%20tuchtdossier%202019"},
		{"het bestand ELODIE GOETHGEBEUR", "ELODIE GOETHGEBEUR"},
		{"(kort9x.csv)", "kort9x.csv"},
		{"known file letter.docx, page 2", "letter.docx"},
		{"“Beukelaars.txt”", "Beukelaars.txt"},
		{"called README.md.", "README.md"},
		{"report 2024.pdf", "report 2024.pdf"},
		{"nummer 48151623", "48151623"},
		{"verslag van het derde overleg met\n  Ooghelynck over de nachtdienst", "verslag van het derde overleg met\n  Ooghelynck over de nachtdienst"},
		{"Personeelsbestand Nergenshuizen", "Personeelsbestand Nergenshuizen"},
		{"x/hoofdmandossier/y", "hoofdmandossier"},
	} {
		found := false
		for _, h := range l.Guard(c.text) {
			found = found || h.Kind == match.FileName && strings.HasPrefix(c.text[h.Start:h.End], c.hit)
		}
		if !found {
			t.Errorf("%q: %v", c.text, l.Guard(c.text))
		}
	}
	if got := kinds(l.Guard("nummer 85.07.30-999.32")); !slices.Contains(got, kindNational) {
		t.Errorf("a national number that only a file's name holds: %v", got)
	}
}

func TestGuardLetsGenericNamesThrough(t *testing.T) {
	l := named(t, "files:\n  - {match: \"**\", subject: \"{stem}\"}\n  - {match: \"**\", subject: \"{dir}\"}\n", "personal data/README.md", "article 16/letter.docx", "article 16/report 2024.pdf", "breach/personal data.xlsx", "2026-11-20.sql", "index.html")
	for _, text := range []string{
		"README", "see the report 2024 and the letter", "the personal data breach", "2026-11-20 08:05 UTC", "index", "my-letter.docx", "letter docx", "article 16",
		"https://m.example/index", "x2026-11-20", "data.example",
	} {
		if hits := l.Guard(text); len(hits) > 0 {
			t.Errorf("%q: %v", text, hits)
		}
	}
}

// TestGuardLetsNoticesThrough: whatever the files are called, the sentences of the notices themselves are no name.
func TestGuardLetsNoticesThrough(t *testing.T) {
	golden, err := filepath.Glob("../takedown/notice/testdata/golden/*.txt")
	if err != nil || len(golden) < 8 {
		t.Fatal(golden, err)
	}
	l := named(t, "files:\n  - {match: \"**\", subject: \"{stem}\"}\n  - {match: \"x\", subject: 00012}\n", append(delicate, "x")...)
	for _, path := range golden[:rounds(len(golden))] {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range l.Guard(string(b)) {
			t.Errorf("%s: %s %q", filepath.Base(path), h.Kind, b[h.Start:h.End])
		}
	}
	if hits := l.Guard("Ticket [UM-2026-00012]"); len(hits) > 0 {
		t.Errorf("ticket: %v", hits)
	}
}

func TestGuardFindsSubjects(t *testing.T) {
	l := named(t, "match,subject\na.txt,employee-0012\na.txt,Speelmanne\nb/*,{dir}/{stem}\na.txt,0815\na.txt,85.07.30-999.32\na.txt,31415\n", "a.txt", "b/Vanhaezebrouk.txt")
	for text, want := range map[string]string{
		"over employee_0012": kindSubject, "EMPLOYEE 0012": kindSubject, "de heer Speelmanne": kindSubject, "b%2FVanhaezebrouk": kindSubject,
		"nr 85073099932": kindNational, "employee": "", "employee 0013": "", "0815": "", "map 31415": kindSubject, "2026-31415": "", "131415": "",
	} {
		got := kinds(l.Guard(text))
		if want == "" && len(got) > 0 || want != "" && !slices.Contains(got, want) {
			t.Errorf("%q: %v, want %q", text, got, want)
		}
	}
}

func TestGuardKnowsNamesInArchivesUntilTheLeakIsForgotten(t *testing.T) {
	dir, pub := t.TempDir(), t.TempDir()
	write(t, dir, map[string][]byte{"x.zip": zipOf(map[string]string{"q/Impensmans klacht.txt": "niets", "Publieke folderreeks.txt": "niets"}, "q/Impensmans klacht.txt", "Publieke folderreeks.txt")})
	write(t, pub, map[string][]byte{"publieke-folderreeks.txt": []byte("ook niets")})
	l, o := openLibrary(t, t.TempDir()), newOpener(t)
	if _, err := l.AddLeak(context.Background(), o, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	if got := kinds(l.Guard("impensmans-klacht")); !slices.Equal(got, []string{kindFileName}) {
		t.Errorf("a member's name: %v", got)
	}
	if len(l.Guard("Publieke folderreeks")) == 0 {
		t.Error("a name is not found before the baseline")
	}
	if _, err := l.AddBaseline(context.Background(), o, AddBaseline{Paths: []string{pub}}); err != nil {
		t.Fatal(err)
	}
	if hits := l.Guard("Publieke folderreeks.txt"); len(hits) > 0 {
		t.Errorf("a public file's name: %v", hits)
	}
	if err := l.RemoveLeak(context.Background(), "x"); err != nil {
		t.Fatal(err)
	}
	if hits := l.Guard("impensmans-klacht"); len(hits) > 0 {
		t.Errorf("after the leak is forgotten: %v", hits)
	}
}

func BenchmarkGuardNotice(b *testing.B) {
	l := named(b, "", delicate...)
	text, err := os.ReadFile("../takedown/notice/testdata/golden/dsa16.escalation.host.de.txt")
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		l.Guard(string(text))
	}
}
