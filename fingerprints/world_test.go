package fingerprints

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

func TestMain(m *testing.M) {
	open.Child()
	if crashChild() {
		return
	}
	os.Exit(m.Run())
}

// The invented world: an occupational-health service that never was, and people who are not.

var (
	givenNames = strings.Fields(`Anselma Bavo Coleta Diederik Eulalie Floribert Godelieve Hubrecht Idesbald Jozefien Kunegonde Lieven Machteld Norbertijn
		Odiel Petronella Quirinus Rosalinde Servaas Tuur Ursela Valentijn Wivina Xaveer Yolente Zeger Alodia Bertilla Crispijn Dorothea`)
	familyNames = strings.Fields(`Abrahamsen Beukelaars Craeyveldt Dhoossche Eeckeloot Fonteynaert Goethgebeur Hertoghen Impensmans Jorisdael Kesteloey Lauwereyns
		Mertensdal Nuyttenhove Ooghelynck Paesmansse Quaghebeuren Raeymaeckt Speelmanne Temmermanek Uyttenbroecke Vanhaezebrouk Wauteraerts Ysewynckel
		Zonnekeynen Achtergaelen Baeckelandts Coppenolleman Duyvejonckx Elskenshout`)
	streets = strings.Fields(`Wilgendreef Klaverpad Torenvalkstraat Houtduifplein Moerbeilaan Zilverschoonweg Kievitshoek Rozemarijngang Lindegaarde Beekprikweg`)
	towns   = strings.Fields(`Oudenhoek Zandbergen-aan-Lede Sint-Goriks Molenvliet Ter-Heuvelen Hoogwater`)
	words1  = strings.Fields(`rugklachten slapeloosheid zwangerschap migraine hartritme polsbreuk burn-out allergie gehoorverlies schouderletsel astma eczeem
		uitputting angstaanvallen diabetes hernia tendinitis epilepsie bloedarmoede knieoperatie longontsteking sinusitis reuma spataders`)
	words2 = strings.Fields(`collega ploegbaas echtgenoot dochter magazijn nachtdienst heftruck vergadering vertrouwenspersoon huisarts kinesist leidinggevende
		personeelsdienst werkpost beeldscherm ladder solvent lasrook koelcel vrachtwagen kantine parking archief labo`)
	verbs = strings.Fields(`meldt vermijdt betwist aanvaardt vermoedt herhaalt verzwijgt overweegt weigert vraagt bespreekt onderschat vergeet verwacht
		beschrijft ervaart verdraagt noteert bevestigt ontkent`)
	adjectives = strings.Fields(`hardnekkige tijdelijke ernstige onverwachte gedeeltelijke chronische hevige lichte onverklaarde toenemende herhaalde plotse
		dubbelzijdige terugkerende stille verborgen zware oude recente vermeende`)
)

type person struct {
	given, family, number, street, town, email, phone, remark string
	born                                                      string
}

func pick(r *rand.Rand, words []string) string { return words[r.IntN(len(words))] }

// sentence makes up what nobody else wrote.
func sentence(r *rand.Rand) string {
	return fmt.Sprintf("%s %s %s %s na %d dagen %s, terwijl de %s de %s %s %s.", strings.ToUpper(pick(r, words2)[:1])+pick(r, words2)[1:],
		pick(r, verbs), pick(r, adjectives), pick(r, words1), 2+r.IntN(90), pick(r, words2), pick(r, words2), pick(r, adjectives), pick(r, words1), pick(r, verbs))
}

func nationalNumber(r *rand.Rand) (number, born string) {
	y, m, d := 50+r.IntN(49), 1+r.IntN(12), 1+r.IntN(28)
	n := (y*10000+m*100+d)*1000 + 1 + r.IntN(997)
	digits := fmt.Sprintf("%09d%02d", n, 97-n%97)
	return fmt.Sprintf("%s.%s.%s-%s.%s", digits[:2], digits[2:4], digits[4:6], digits[6:9], digits[9:]), fmt.Sprintf("%02d/%02d/19%02d", d, m, y)
}

func invent(r *rand.Rand, n int) []person {
	people := make([]person, n)
	for i := range people {
		p := person{given: givenNames[i%len(givenNames)], family: familyNames[(i*7+i/len(givenNames)*3)%len(familyNames)]}
		p.number, p.born = nationalNumber(r)
		p.street, p.town = fmt.Sprintf("%s %d", pick(r, streets), 1+r.IntN(200)), fmt.Sprintf("%d %s", 9000+r.IntN(900), pick(r, towns))
		p.email = strings.ToLower(p.given + "." + p.family + "@voorbeeld.example")
		p.phone = fmt.Sprintf("04%02d %02d %02d %02d", 60+r.IntN(39), r.IntN(100), r.IntN(100), r.IntN(100))
		p.remark = sentence(r) + " " + sentence(r)
		people[i] = p
	}
	return people
}

// letter is a template with what is somebody's own in it.
func letter(p person) []string {
	return []string{
		"Externe dienst voor preventie Gezond Verzonnen vzw – Fantasielaan 1, 9999 Nergenshuizen – info@gezond-verzonnen.example",
		"Betreft: periodiek gezondheidstoezicht van " + p.given + " " + p.family,
		"Geboren op " + p.born + ", rijksregisternummer " + p.number + ", wonende te " + p.street + ", " + p.town + ".",
		"Geachte heer, mevrouw,",
		"In het kader van het gezondheidstoezicht op de werknemers heeft onze preventieadviseur-arbeidsarts u onderzocht. Wij delen u hierbij het resultaat van dit onderzoek mee, zoals de codex over het welzijn op het werk dat voorschrijft. Deze beoordeling is vertrouwelijk en alleen voor u bestemd.",
		"Opmerkingen van de arts: " + p.remark,
		"Als u het niet eens bent met deze beoordeling, kunt u binnen zeven werkdagen een overleg vragen met de arts. U kunt dat doen per aangetekende brief aan het bovenstaande adres. Uw dossier wordt bewaard zolang de wet dat oplegt, en u hebt het recht om het in te kijken.",
		"Met de meeste hoogachting, de preventieadviseur-arbeidsarts",
	}
}

func letterText(p person) string { return strings.Join(letter(p), "\n\n") + "\n" }

func docx(paragraphs []string) []byte {
	var body strings.Builder
	for _, p := range paragraphs {
		body.WriteString("<w:p><w:r><w:t xml:space=\"preserve\">" + strings.ReplaceAll(p, "&", "&amp;") + "</w:t></w:r></w:p>")
	}
	return zipOf(map[string]string{
		"[Content_Types].xml": `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>`,
		"_rels/.rels":         `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>`,
		"word/document.xml":   `<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>` + body.String() + `</w:body></w:document>`,
	}, "[Content_Types].xml", "_rels/.rels", "word/document.xml")
}

func zipOf(files map[string]string, order ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, name := range order {
		f, _ := w.Create(name) // a bytes.Buffer does not fail
		f.Write([]byte(files[name]))
	}
	w.Close()
	return b.Bytes()
}

func tarGz(files map[string]string, order ...string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, name := range order {
		w.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name]))})
		w.Write([]byte(files[name]))
	}
	w.Close()
	z.Close()
	return b.Bytes()
}

// pdf writes a document of one page of text lines.
func pdf(lines []string) []byte {
	var page strings.Builder
	page.WriteString("BT /F1 9 Tf 11 TL 40 800 Td\n")
	for _, l := range lines {
		l = strings.NewReplacer("–", "-", "(", `\(`, ")", `\)`).Replace(l)
		for len(l) > 0 {
			cut := min(len(l), 100)
			if cut < len(l) {
				cut = strings.LastIndexByte(l[:cut], ' ') + 1
			}
			fmt.Fprintf(&page, "(%s) Tj T*\n", strings.TrimSpace(l[:cut]))
			l = l[cut:]
		}
	}
	page.WriteString("ET")
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", page.Len(), page.String()),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, a := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", a)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, xref)
	return b.Bytes()
}

func tableText(people []person) string {
	var b strings.Builder
	b.WriteString("Voornaam;Achternaam;Rijksregisternummer;Geboren;E-mail;Telefoon;Adres;Gemeente;Opmerking\n")
	for _, p := range people {
		fmt.Fprintf(&b, "%s;%s;%s;%s;%s;%s;%s;%s;\"%s\"\n", p.given, p.family, p.number, p.born, p.email, p.phone, p.street, p.town, p.remark)
	}
	return b.String()
}

// reportText is a longer text of the leak, without template.
func reportText(r *rand.Rand) []string {
	out := []string{"Verslag van de vergadering over het ziekteverzuim in de verzonnen vestiging"}
	for range 7 {
		var b strings.Builder
		for range 6 {
			b.WriteString(sentence(r) + " ")
		}
		out = append(out, b.String())
	}
	return out
}

// world is a leak on disk, registered.
type world struct {
	dir, data string
	people    []person // those in table and letters
	others    []person // those who are in no leak
	report    []string
	files     map[string][]byte
	library   *Library
	opener    *open.Opener
	matcher   *Matcher
}

var testKeys = Keys{Matching: [32]byte{1, 2, 3, 4}, Names: [32]byte{5, 6, 7, 8}}

// leakFiles makes the files of the leak.
func leakFiles(r *rand.Rand, people []person, report []string) map[string][]byte {
	files := map[string][]byte{"personeel.csv": []byte(tableText(people)), "verslag.pdf": pdf(report)}
	members := map[string]string{}
	var order []string
	for i, p := range people {
		switch {
		case i < 12:
			files[fmt.Sprintf("brieven/%s_%s.docx", p.family, p.given)] = docx(letter(p))
		case i < 24:
			files[fmt.Sprintf("brieven/%s_%s.txt", p.family, p.given)] = []byte(letterText(p))
		default: // these are in the archive alone
			name := fmt.Sprintf("oud/%s.txt", p.family)
			members[name] = letterText(p)
			order = append(order, name)
		}
	}
	files["archief.zip"] = zipOf(members, order...)
	scan := make([]byte, 20_000)
	for i := range scan {
		scan[i] = byte(r.Uint32())
	}
	files["scan.bin"] = scan
	return files
}

const manifestText = `
files:
  - match: "brieven/*"
    subject: "{stem}"
    categories: [identity, health]
  - match: "archief.zip!/**"
    subject: "{stem}"
    categories: [health]
tables:
  - match: "*.csv"
    column: Rijksregisternummer
    categories: {Opmerking: [health, conduct], "*": [identity]}
`

func newOpener(t testing.TB) *open.Opener {
	t.Helper()
	o, err := open.New(open.DefaultLimits(), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { o.Close() })
	return o
}

func openLibrary(t testing.TB, dir string) *Library {
	t.Helper()
	l, err := Open(dir, testKeys)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func write(t testing.TB, dir string, files map[string][]byte) {
	t.Helper()
	for name, b := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 42))
	w := &world{dir: t.TempDir(), data: filepath.Join(t.TempDir(), "data")}
	all := invent(r, 90)
	w.people, w.others = all[:36], all[36:]
	w.report = reportText(r)
	w.files = leakFiles(r, w.people, w.report)
	write(t, w.dir, w.files)
	w.opener = newOpener(t)
	w.library = openLibrary(t, w.data)
	added, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{
		Slug: "gezond", Title: "De verzonnen dienst", Paths: []string{w.dir}, Manifest: strings.NewReader(manifestText),
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(added.Unreadable) > 0 || added.Files != len(w.files) {
		t.Fatalf("added %+v, of %d files", added, len(w.files))
	}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	return w
}

func (w *world) match(t testing.TB, name string, b []byte) match.Report {
	t.Helper()
	return w.matcher.Match(context.Background(), name, bytes.NewReader(b), int64(len(b)))
}

func utf16le(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

func latin1(s string) []byte {
	var b []byte
	for _, r := range s {
		if r > 0xff {
			r = '-'
		}
		b = append(b, byte(r))
	}
	return b
}

// filler is unrelated text.
func filler(r *rand.Rand, n int) string {
	syllables := strings.Fields("ba ko ri tel mun sa vor dek lim pro sti gra hul wen zor fa lek nim tra bos pid ruk")
	var b strings.Builder
	for b.Len() < n {
		for range 1 + r.IntN(4) {
			b.WriteString(pick(r, syllables))
		}
		b.WriteString([]string{" ", " ", " ", ", ", ". ", "\n"}[r.IntN(6)])
	}
	return b.String()[:n]
}
