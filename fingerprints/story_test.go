package fingerprints

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
	"unmirror/internal/testneeds"
)

// reupload is a file as somebody might put it online again.
type reupload struct {
	what  string
	item  string
	bytes []byte
	file  string // the known file that must be named first
	grade match.Grade
}

func reuploads(t testing.TB, w *world) []reupload {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	text := func(i int) (string, string) {
		p := w.people[12+i]
		return fmt.Sprintf("brieven/%s_%s.txt", p.family, p.given), letterText(p)
	}
	var all []reupload
	add := func(what, item string, b []byte, file string, grade match.Grade) {
		all = append(all, reupload{what, item, b, file, grade})
	}
	for name, b := range w.files {
		add("exact "+name, filepath.Base(name), b, name, match.Identical)
		add("renamed "+name, "x9", b, name, match.Identical)
	}
	for i := range 12 {
		name, body := text(i)
		p := w.people[i]
		word := fmt.Sprintf("brieven/%s_%s.docx", p.family, p.given)
		add("zipped", "a.zip", zipOf(map[string]string{"q/z.txt": body}, "q/z.txt"), name, match.Member)
		inner := zipOf(map[string]string{"z.txt": body}, "z.txt")
		add("nested", "a.zip", zipOf(map[string]string{"b.zip": string(inner)}, "b.zip"), name, match.Member)
		add("tar.gz", "a.tar.gz", tarGz(map[string]string{"z.docx": string(w.files[word])}, "z.docx"), word, match.Member)
		add("CRLF", "z.txt", []byte(strings.ReplaceAll(body, "\n", "\r\n")), name, match.Text)
		add("UTF-16", "z.txt", utf16le(body), name, match.Text)
		add("Latin-1", "z.txt", latin1(body), name, match.Text)
		add("HTML", "z.html", []byte("<html><head><title>x</title></head><body><nav>Home</nav><pre>"+strings.ReplaceAll(body, "&", "&amp;")+"</pre></body></html>"), name, match.Passages)
		add("upper case", "z.txt", []byte(strings.ToUpper(body)), name, match.Text)
		add("docx to txt", "z.txt", []byte(letterText(p)), word, match.Text)
		add("first half", "z.txt", []byte(body[:len(body)/2]), name, match.Passages)
		add("second half", "z.txt", []byte(body[len(body)/2:]), name, match.Passages)
		at := strings.Index(body, w.people[12+i].remark) - 20
		add("excerpt", "z.txt", []byte(filler(r, 20_000)+"\n"+body[at:at+300]+"\n"+filler(r, 30_000)), name, match.Passages)
	}
	report := strings.Join(w.report, "\n")
	add("PDF to txt", "v.txt", []byte(report), "verslag.pdf", match.Text)
	add("PDF to HTML", "v.html", []byte("<p>"+strings.Join(w.report, "</p><p>")+"</p>"), "verslag.pdf", match.Text)
	csv := string(w.files["personeel.csv"])
	add("half table", "t.csv", []byte(csv[:len(csv)/2]), "personeel.csv", match.Passages)
	for range 20 {
		at := r.IntN(len(report) - 300)
		add("excerpt of the report", "v.txt", []byte(filler(r, 25_000)+report[at:at+300]+filler(r, 25_000)), "verslag.pdf", match.Passages)
	}
	archive := w.files["archief.zip"]
	add("half archive", "h.zip", archive[:len(archive)/2], "archief.zip", match.Member)
	add("half docx", "h.docx", halfDocx(w), docxName(w, 0), match.Passages)
	return all
}

func docxName(w *world, i int) string {
	return fmt.Sprintf("brieven/%s_%s.docx", w.people[i].family, w.people[i].given)
}

// halfDocx keeps the personal part, as a cut in a document does whose text is not compressed away to nothing.
func halfDocx(w *world) []byte {
	b := w.files[docxName(w, 0)]
	return b[:len(b)*7/10]
}

func TestReuploadsAreMatchedAndTheRightFileIsNamedFirst(t *testing.T) {
	w := newWorld(t, 1)
	missed, wrong := 0, 0
	all := reuploads(t, w)
	for _, u := range all {
		rep := w.match(t, u.item, u.bytes)
		best := rep.Best()
		if rep.Verdict != match.Matched {
			missed++
			bits := 0.0
			if best != nil {
				bits = best.Bits
			}
			t.Errorf("%s: verdict %s (%.0f bits, %s)", u.what, rep.Verdict, bits, rep.Reason)
			continue
		}
		if best.KnownFile != u.file {
			wrong++
			t.Errorf("%s: named %s first, not %s", u.what, best.KnownFile, u.file)
		}
		if best.Grade != u.grade {
			t.Errorf("%s: grade %s, want %s", u.what, best.Grade, u.grade)
		}
		if best.FileID == "" || best.Leak != "gezond" || rep.Digest == "" {
			t.Errorf("%s: incomplete: %+v", u.what, best)
		}
	}
	t.Logf("%d re-uploads, %d missed, %d under another name", len(all), missed, wrong)
}

func TestSevenZipIsOpened(t *testing.T) {
	program := testneeds.Program(t, "7z", "p7zip-full")
	w := newWorld(t, 2)
	archive := filepath.Join(t.TempDir(), "a.7z")
	name := docxName(w, 3)
	if out, err := exec.Command(program, "a", archive, filepath.Join(w.dir, name)).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	rep := w.match(t, "a.7z", b)
	if rep.Verdict != match.Matched || rep.Best().KnownFile != name || rep.Best().Grade != match.Member {
		t.Errorf("%s: %+v", rep.Verdict, rep.Best())
	}
}

func TestMatchIsExplained(t *testing.T) {
	w := newWorld(t, 3)
	p := w.people[14]
	rep := w.match(t, "x.zip", zipOf(map[string]string{"a/b.txt": filler(rand.New(rand.NewPCG(1, 1)), 3000) + letterText(p)}, "a/b.txt"))
	m := rep.Best()
	if m == nil || m.Grade != match.Passages || m.Part != "x.zip!/a/b.txt" {
		t.Fatalf("%+v", m)
	}
	if m.Coverage < 0.9 || m.Subjects != 1 || !slices.Equal(m.Categories, []string{"identity", "health"}) {
		t.Errorf("coverage %.2f, subjects %d, categories %v", m.Coverage, m.Subjects, m.Categories)
	}
	if len(m.Spans) == 0 || m.Spans[0][0] < 2000 || m.Spans[0][1] <= m.Spans[0][0] {
		t.Errorf("spans %v", m.Spans)
	}
	info, ok := w.library.File(m.FileID)
	if !ok || info.Name != m.KnownFile || info.Type != "txt" || info.Leak != "gezond" || info.Passages == 0 {
		t.Errorf("file %+v", info)
	}
	leaks := w.library.Leaks()
	if len(leaks) != 1 || leaks[0].Title != "De verzonnen dienst" || leaks[0].Subjects < 24 || leaks[0].Passages == 0 || leaks[0].Files != len(w.files) {
		t.Errorf("leaks %+v", leaks)
	}
}

// TestOtherPeoplesLettersOfTheTemplateAreNoMatch: the leak's own templates with other people in them accuse nobody.
func TestOtherPeoplesLettersOfTheTemplateAreNoMatch(t *testing.T) {
	w := newWorld(t, 4)
	for _, p := range w.others[:rounds(len(w.others))] {
		for name, b := range map[string][]byte{"l.txt": []byte(letterText(p)), "l.docx": docx(letter(p)), "l.pdf": pdf(letter(p))} {
			if rep := w.match(t, name, b); rep.Verdict == match.Matched {
				t.Errorf("%s of %s %s: %s of %s, %.0f bits", name, p.given, p.family, rep.Best().Grade, rep.Best().KnownFile, rep.Best().Bits)
			}
		}
	}
	blank := person{given: "................", family: "................", number: "................", born: "........", street: "......", town: "......", remark: "................"}
	if rep := w.match(t, "blank.docx", docx(letter(blank))); rep.Verdict == match.Matched {
		t.Errorf("the blank form is a match: %+v", rep.Best())
	}
	if rep := w.match(t, "t.csv", []byte(tableText(w.others))); rep.Verdict == match.Matched {
		t.Errorf("another table of the schema is a match: %+v", rep.Best())
	}
}

// TestUnrelatedDocumentsAreNoMatch: texts in several styles (UNMIRROR_TEST_DOCUMENTS of them), and every kind of real text
// that this machine's Go brings.
func TestUnrelatedDocumentsAreNoMatch(t *testing.T) {
	w := newWorld(t, 5)
	r := rand.New(rand.NewPCG(99, 1))
	n, weak := 0, 0
	check := func(name string, b []byte) {
		n++
		rep := w.match(t, name, b)
		switch rep.Verdict {
		case match.Matched:
			t.Errorf("%s is a match: %s of %s, %.0f bits", name, rep.Best().Grade, rep.Best().KnownFile, rep.Best().Bits)
		case match.Weak:
			weak++
		case match.Unreadable:
			t.Errorf("%s is unreadable: %s", name, rep.Reason)
		}
	}
	many := rounds(2000)
	if s := os.Getenv("UNMIRROR_TEST_DOCUMENTS"); s != "" {
		fmt.Sscan(s, &many)
	}
	for i := range many {
		name, b := innocent(r, i)
		check(name, b)
	}
	root := filepath.Join(goRoot(t), "src")
	real := 0
	filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && d.IsDir() && d.Name() == "testdata" {
			return filepath.SkipDir // damaged on purpose
		}
		if err != nil || real >= rounds(600) || d.IsDir() || r.IntN(8) > 0 {
			return nil
		}
		b, err := os.ReadFile(path)
		if err != nil || len(b) > 200_000 {
			return nil
		}
		real++
		check(filepath.Base(path), b)
		return nil
	})
	t.Logf("%d documents, %d weak", n, weak)
}

func goRoot(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Skip("needs the go command")
	}
	return strings.TrimSpace(string(out))
}

// innocent makes an unrelated document in one of several styles.
func innocent(r *rand.Rand, i int) (string, []byte) {
	switch i % 8 {
	case 0:
		return "note.txt", []byte(filler(r, 200+r.IntN(5000)))
	case 1: // sentences out of the same words as the leak's
		var b strings.Builder
		for range 3 + r.IntN(30) {
			b.WriteString(sentence(r) + "\n")
		}
		return "verslag.txt", []byte(b.String())
	case 2:
		var b strings.Builder
		b.WriteString("id,date,amount,city\n")
		for j := range 5 + r.IntN(100) {
			fmt.Fprintf(&b, "%d,2024-%02d-%02d,%d.%02d,%s\n", j, 1+r.IntN(12), 1+r.IntN(28), r.IntN(9999), r.IntN(100), pick(r, towns))
		}
		return "data.csv", []byte(b.String())
	case 3:
		return "page.html", []byte("<html><body><h1>" + filler(r, 40) + "</h1><p>" + sentence(r) + "</p><ul><li>" + strings.ReplaceAll(filler(r, 800), "\n", "<li>") + "</ul></body></html>")
	case 4:
		return "brief.docx", docx([]string{"Geachte heer, mevrouw,", sentence(r), filler(r, 500), "Met de meeste hoogachting,"})
	case 5:
		var b strings.Builder
		for range 20 + r.IntN(60) {
			fmt.Fprintf(&b, "2026-11-%02dT%02d:%02d:%02dZ INFO request path=/%s status=%d\n", 1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), filler(r, 12), 200+r.IntN(300))
		}
		return "app.log", []byte(b.String())
	case 6:
		b := make([]byte, 100+r.IntN(4000))
		for j := range b {
			b[j] = byte(r.Uint32())
		}
		return "blob.bin", b
	}
	p := invent(r, 1)[0]
	return "cv.txt", []byte(fmt.Sprintf("Curriculum vitae\n%s %s\n%s\n%s\nGeboren %s\n%s\n%s", p.given, pick(r, familyNames), p.street, p.town, p.born, sentence(r), filler(r, 600)))
}
