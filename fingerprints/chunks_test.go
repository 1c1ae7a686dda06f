package fingerprints

import (
	"archive/zip"
	"bytes"
	"compress/zlib"
	"context"
	"encoding/binary"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/internal/demo"
	"unmirror/internal/testneeds"
)

func noise(seed uint64, n int) []byte {
	b := make([]byte, n)
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	rand.NewChaCha8(key).Read(b)
	return b
}

func packedStream(b []byte) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// printed writes a PDF as browsers and office programs do: compressed pages, then the fonts with their maps and a colour
// profile, which are the same in every document; a letterhead may follow. Without its end nothing of it can be read.
func printed(pages [][]byte, letterhead []byte) []byte {
	b := []byte("%PDF-1.4\n")
	add := func(dict string, body []byte) {
		b = fmt.Appendf(b, "%d 0 obj\n<<%s\n/Length %d>> stream\n", len(b), dict, len(body))
		b = append(append(b, body...), "\nendstream\nendobj\n"...)
	}
	if letterhead != nil {
		add("/Type /XObject\n/Subtype /Image\n/Filter /DCTDecode", letterhead)
	}
	for _, p := range pages {
		add("/Filter /FlateDecode", packedStream(p))
	}
	font := bytes.ReplaceAll(noise(901, 40_000), []byte("B"), nil) // nothing in it reads as a text object
	icc := noise(900, 3000)
	binary.BigEndian.PutUint32(icc, uint32(len(icc)))
	copy(icc[36:], "acsp")
	add("/N 3\n/Filter /FlateDecode", packedStream(icc))
	add("/Length1 40000\n/Filter /FlateDecode", packedStream(font))
	add("/Filter /FlateDecode", packedStream(append([]byte("/CIDInit /ProcSet findresource begin\n"), noise(902, 4000)...)))
	return append(b, "trailer\n<</Root 1 0 R>>\n%%EOF\n"...)
}

// glyphs is a page of text as browsers write it: numbers of glyphs in a font.
func glyphs(r *rand.Rand, chars int) []byte {
	var b bytes.Buffer
	for range chars / 20 {
		b.WriteString("BT /F4 12 Tf <")
		for range 20 {
			fmt.Fprintf(&b, "%04X", 3+r.IntN(60))
		}
		b.WriteString("> Tj ET\n")
	}
	return b.Bytes()
}

// chunkWorld registers binaries.
func chunkWorld(t testing.TB, files map[string][]byte) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), data: filepath.Join(t.TempDir(), "data"), files: files}
	write(t, w.dir, files)
	w.opener, w.library = newOpener(t), openLibrary(t, w.data)
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "gezond", Paths: []string{w.dir}}); err != nil {
		t.Fatal(err)
	}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	return w
}

func binaries() map[string][]byte {
	r := rand.New(rand.NewPCG(70, 1))
	scan, exif := noise(7, 90_000), noise(8, 9000)
	jpeg := slices.Concat([]byte{0xff, 0xd8, 0xff, 0xe1}, binary.BigEndian.AppendUint16(nil, uint16(len(exif)+2)), exif, []byte{0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0}, scan)
	return map[string][]byte{
		"opname.bin": noise(1, 60_000), "kluis.dat": noise(2, 33_000), "klein.dat": noise(3, 12_000), "scan.jpg": jpeg,
		"brief.pdf": printed([][]byte{glyphs(r, 1600)}, nil), "verslag.pdf": printed([][]byte{glyphs(r, 9000), glyphs(r, 8000), glyphs(r, 200)}, nil),
		"pak.zip": zipOf(map[string]string{"beeld.dat": string(noise(4, 50_000))}, "beeld.dat"),
	}
}

func TestCutJoinedAndEmbeddedBinariesAreFound(t *testing.T) {
	w := chunkWorld(t, binaries())
	f := w.files
	half := func(b []byte) []byte { return b[:len(b)/2] }
	for _, tc := range []struct {
		what, known string
		item        []byte
	}{
		{"half a binary", "opname.bin", half(f["opname.bin"])},
		{"its other half", "opname.bin", f["opname.bin"][30_000:]},
		{"a small one", "klein.dat", f["klein.dat"][:9000]},
		{"embedded", "kluis.dat", slices.Concat(noise(50, 70_001), f["kluis.dat"], noise(51, 20_000))},
		{"embedded in a picture", "kluis.dat", slices.Concat(f["scan.jpg"][:40], noise(52, 9001), f["kluis.dat"])},
		{"half a picture", "scan.jpg", half(f["scan.jpg"])},
		{"half in a zip", "opname.bin", zipOf(map[string]string{"x": string(half(f["opname.bin"]))}, "x")},
		{"half in a zip in a tar.gz", "opname.bin", tarGz(map[string]string{"a.zip": string(zipOf(map[string]string{"x": string(half(f["opname.bin"]))}, "x"))}, "a.zip")},
		{"half a member", "pak.zip!/beeld.dat", noise(4, 50_000)[:25_000]},
		{"half a letter", "brief.pdf", half(f["brief.pdf"])},
		{"three quarters of a letter", "brief.pdf", f["brief.pdf"][:len(f["brief.pdf"])*3/4]},
		{"half a report", "verslag.pdf", half(f["verslag.pdf"])},
		{"half a letter in a binary", "brief.pdf", slices.Concat(noise(53, 4321), half(f["brief.pdf"]), noise(54, 999))},
	} {
		rep := w.match(t, "x", tc.item)
		if rep.Verdict != match.Matched || rep.Best().KnownFile != tc.known || rep.Best().Grade != match.Chunks {
			t.Errorf("%s: %s (%s), %+v", tc.what, rep.Verdict, rep.Reason, rep.Best())
			continue
		}
		if b := rep.Best(); b.Coverage <= 0 || b.Coverage > 1 || b.Passages == 0 || b.Bits > maxExact {
			t.Errorf("%s: %+v", tc.what, b)
		}
	}
	whole := w.match(t, "x", slices.Concat(noise(53, 4321), f["brief.pdf"], noise(54, 999)))
	if whole.Verdict != match.Matched || whole.Best().Grade != match.Member || whole.Best().KnownFile != "brief.pdf" {
		t.Errorf("a letter in a binary: %s, %+v", whole.Verdict, whole.Best())
	}
	rep := w.match(t, "x", slices.Concat(f["opname.bin"], f["kluis.dat"]))
	if rep.Verdict != match.Matched || len(rep.Matches) != 2 || rep.Matches[0].Coverage < 0.8 || rep.Matches[1].Coverage < 0.8 {
		t.Errorf("two joined: %+v", rep)
	}
	if rep := w.match(t, "x", half(f["brief.pdf"])); rep.Reason == "" {
		t.Error("why half a letter is unreadable is not told")
	}
	for name, b := range f { // what was recognised before is recognised as before
		if rep := w.match(t, name, b); rep.Best() == nil || rep.Best().Grade != match.Identical || rep.Best().KnownFile != name {
			t.Errorf("%s: %+v", name, rep.Best())
		}
	}
}

// TestMaterialOfProgramsAccusesNobody: fonts, profiles, letterheads and paddings are the same in other people's files.
func TestMaterialOfProgramsAccusesNobody(t *testing.T) {
	r := rand.New(rand.NewPCG(71, 1))
	head := noise(60, 40_000)
	files := binaries()
	files["zero.bin"], files["mixed.bin"] = make([]byte, 300_000), slices.Concat(noise(61, 9000), make([]byte, 90_000))
	files["a/setup.bin"] = append([]byte("MZ"), noise(62, 80_000)...)
	files["a/letters.ttf"] = append([]byte("\x00\x01\x00\x00\x00\x12"), noise(63, 80_000)...)
	for i := range 3 {
		files[fmt.Sprintf("b/%d.dat", i)] = slices.Concat(noise(uint64(64+i), 30_000), head)
		files[fmt.Sprintf("c/%d.docx", i)] = docxWith(t, letter(invent(r, 3)[i]), noise(80, 30_000))
	}
	w := chunkWorld(t, files)
	items := map[string][]byte{
		"another letter of the same program": printed([][]byte{glyphs(r, 1600)}, nil), "a report of it": printed([][]byte{glyphs(r, 9000), glyphs(r, 700)}, nil),
		"zeros": make([]byte, 400_000), "padded": slices.Concat(noise(81, 5000), make([]byte, 100_000)), "another setup": append([]byte("MZ"), noise(62, 80_000)...),
		"a font in a binary": slices.Concat(noise(82, 999), files["a/letters.ttf"][100:]), "what three files share": slices.Concat(noise(83, 4000), head),
		"the picture of all letters": noise(80, 30_000)[:20_000], "next to nothing": slices.Concat(noise(84, 50_000), files["opname.bin"][:1200]),
	}
	for what, b := range items {
		for _, n := range []int{len(b), len(b) * 3 / 4, len(b) / 2} {
			if rep := w.match(t, "x", b[:n]); len(rep.Matches) > 0 && rep.Best().Grade == match.Chunks {
				t.Errorf("%d bytes of %s: %s, %+v", n, what, rep.Verdict, rep.Best())
			}
		}
	}
}

// TestWhatTwoDocumentsShareIsWeak: it may be a template, and a person looks.
func TestWhatTwoDocumentsShareIsWeak(t *testing.T) {
	head := noise(60, 40_000)
	w := chunkWorld(t, map[string][]byte{"a.dat": slices.Concat(noise(1, 30_000), head), "b.dat": slices.Concat(noise(2, 30_000), head), "copy/a.dat": slices.Concat(noise(1, 30_000), head)})
	if rep := w.match(t, "x", slices.Concat(noise(3, 30_000), head)); rep.Verdict != match.Weak {
		t.Errorf("the shared part: %s, %+v", rep.Verdict, rep.Best())
	}
	if rep := w.match(t, "x", noise(1, 30_000)); rep.Verdict != match.Matched {
		t.Errorf("what only a copy holds too: %s, %+v", rep.Verdict, rep.Best())
	}
}

func docxWith(t testing.TB, paragraphs []string, picture []byte) []byte {
	t.Helper()
	b := docx(paragraphs)
	return zipOf(map[string]string{
		"[Content_Types].xml": zipped(t, b, "[Content_Types].xml"), "word/document.xml": zipped(t, b, "word/document.xml"), "word/media/image1.bin": string(picture),
	}, "[Content_Types].xml", "word/document.xml", "word/media/image1.bin")
}

func zipped(t testing.TB, b []byte, name string) string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	out, err := fs.ReadFile(z, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestBaselineChunksNeverMatch(t *testing.T) {
	for _, baselineFirst := range []bool{true, false} {
		public := t.TempDir()
		write(t, public, map[string][]byte{"stock.dat": noise(2, 33_000), "setup.bin": append([]byte("MZ"), noise(4, 50_000)...)})
		w := chunkWorld(t, map[string][]byte{"first.dat": noise(9, 5000)})
		dir := t.TempDir()
		write(t, dir, map[string][]byte{"own.dat": slices.Concat(noise(5, 30_000), noise(2, 33_000)), "image.dat": slices.Concat(noise(6, 10), noise(4, 50_000))})
		steps := []func() error{
			func() error {
				_, err := w.library.AddBaseline(context.Background(), w.opener, AddBaseline{Paths: []string{public}})
				return err
			},
			func() error {
				_, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "x", Paths: []string{dir}})
				return err
			},
		}
		if !baselineFirst {
			slices.Reverse(steps)
		}
		for _, step := range steps {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
		for what, b := range map[string][]byte{"half": noise(2, 33_000)[:20_000], "code": noise(4, 50_000)[:40_000]} {
			if rep := w.match(t, "x", b); rep.Verdict != match.None {
				t.Errorf("baseline first %t, %s: %+v", baselineFirst, what, rep)
			}
		}
		if rep := w.match(t, "x", noise(5, 30_000)); rep.Verdict != match.Matched || rep.Best().KnownFile != "own.dat" {
			t.Errorf("baseline first %t, its own: %+v", baselineFirst, rep)
		}
	}
}

// ordinary makes up a binary of one of several kinds.
func ordinary(r *rand.Rand, i int) []byte {
	b := noise(uint64(10_000+i), 200+r.IntN(30_000))
	switch i % 6 {
	case 0:
		return append([]byte("\x89PNG\r\n\x1a\n"), b...)
	case 1:
		return slices.Concat([]byte{0xff, 0xd8, 0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0}, b)
	case 2:
		if i%5 > 0 { // the others cost a process each
			return append([]byte("GIF89a"), b...)
		}
		return printed([][]byte{glyphs(r, 100+r.IntN(3000))}, nil)[:9000+r.IntN(9000)]
	case 3:
		for j := range b {
			b[j] = byte(j/7) ^ byte(i)
		}
		return append(make([]byte, r.IntN(5000)), b...)
	case 4:
		return append([]byte("SQLite format 3\x00"), bytes.ReplaceAll(b, []byte{7}, make([]byte, 40))...)
	}
	return b
}

func TestTwoThousandOrdinaryBinariesAccuseNobody(t *testing.T) {
	w := chunkWorld(t, binaries())
	r := rand.New(rand.NewPCG(72, 1))
	for i := range rounds(2000) {
		if rep := w.match(t, "x", ordinary(r, i)); len(rep.Matches) > 0 {
			t.Fatalf("%d: %+v", i, rep.Best())
		}
	}
}

// TestChunksSurviveJoinsAndRemovals: segments are rewritten, and what is removed is not found.
func TestChunksSurviveJoinsAndRemovals(t *testing.T) {
	w := chunkWorld(t, map[string][]byte{"first.dat": noise(100, 30_000)})
	for i := range 10 {
		dir := t.TempDir()
		write(t, dir, map[string][]byte{"a.dat": noise(uint64(200+i), 30_000)})
		if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: fmt.Sprintf("leak%d", i), Paths: []string{dir}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.library.RemoveLeak(context.Background(), "leak3"); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		rep := w.match(t, "x", noise(uint64(200+i), 30_000)[:15_000])
		if i == 3 {
			if len(rep.Matches) > 0 {
				t.Errorf("removed: %+v", rep.Best())
			}
		} else if rep.Verdict != match.Matched || rep.Best().Leak != fmt.Sprintf("leak%d", i) {
			t.Errorf("leak%d: %+v", i, rep)
		}
	}
}

// chromiumPDF prints a page as browsers do.
func chromiumPDF(t testing.TB, program, dir string, paragraphs []string) []byte {
	t.Helper()
	page, out := filepath.Join(dir, "page.html"), filepath.Join(dir, "page.pdf")
	write(t, dir, map[string][]byte{"page.html": []byte("<meta charset=utf-8><body style='font:12px serif'><p>" + strings.Join(paragraphs, "<p>"))})
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
		"--user-data-dir="+filepath.Join(dir, "profile"), "--no-pdf-header-footer", "--print-to-pdf="+out, "file://"+page)
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCutPrintsOfABrowserAreFoundAndOthersAreNot(t *testing.T) {
	program := testneeds.Program(t, "chromium", "chromium")
	r := rand.New(rand.NewPCG(73, 1))
	people := invent(r, 4)
	dir, known, other := t.TempDir(), map[string][]byte{}, [][]byte{}
	known["0.pdf"], known["report.pdf"] = chromiumPDF(t, program, dir, letter(people[0])), chromiumPDF(t, program, dir, reportText(r))
	other = append(other, chromiumPDF(t, program, dir, letter(people[2])), chromiumPDF(t, program, dir, reportText(r)))
	w := chunkWorld(t, known)
	for name, b := range known {
		for _, n := range []int{len(b) / 2, len(b) * 3 / 4} {
			if rep := w.match(t, "x.pdf", b[:n]); rep.Verdict != match.Matched || rep.Best().KnownFile != name {
				t.Errorf("%d of %d bytes of %s: %s (%s), %+v", n, len(b), name, rep.Verdict, rep.Reason, rep.Best())
			}
		}
	}
	for i, b := range other {
		for _, n := range []int{len(b) / 2, len(b) * 3 / 4, len(b)} {
			if rep := w.match(t, "x.pdf", b[:n]); rep.Best() != nil && rep.Best().Grade == match.Chunks {
				t.Errorf("%d of %d bytes of another %d: %+v", n, len(b), i, rep.Best())
			}
		}
	}
}

func TestDemoWorldsDoNotMatchEachOther(t *testing.T) {
	invented := func(seed uint64) (string, map[string][]byte) {
		world, err := demo.Invent(t.TempDir(), seed)
		if err != nil {
			t.Fatal(err)
		}
		files := map[string][]byte{}
		err = fs.WalkDir(os.DirFS(world.Leak), ".", func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files[name], err = os.ReadFile(filepath.Join(world.Leak, name))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return world.Baseline, files
	}
	baseline, files := invented(1)
	w := chunkWorld(t, files)
	if _, err := w.library.AddBaseline(context.Background(), w.opener, AddBaseline{Paths: []string{baseline}}); err != nil {
		t.Fatal(err)
	}
	report := files["jaarverslag.pdf"]
	for _, n := range []int{len(report) / 2, len(report) * 3 / 4} {
		if rep := w.match(t, "x.pdf", report[:n]); rep.Verdict != match.Matched || rep.Best().KnownFile != "jaarverslag.pdf" {
			t.Errorf("%d of %d bytes: %s, %+v", n, len(report), rep.Verdict, rep.Best())
		}
	}
	for seed := uint64(2); seed < uint64(2+rounds(3)); seed++ {
		_, others := invented(seed)
		for name, b := range others {
			for _, n := range []int{len(b), len(b) / 2} {
				if rep := w.match(t, name, b[:n]); rep.Verdict == match.Matched {
					t.Errorf("world %d, %d bytes of %s: %+v", seed, n, name, rep.Best())
				}
			}
		}
	}
}

func TestATenthOfABinaryIsFoundWhereverItIsCut(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	dir := t.TempDir()
	whole := make([]byte, 60_000)
	for i := range whole {
		whole[i] = byte(r.Uint32())
	}
	if err := os.WriteFile(filepath.Join(dir, "scan.bin"), whole, 0o600); err != nil {
		t.Fatal(err)
	}
	l := openLibrary(t, filepath.Join(t.TempDir(), "data"))
	opener := newOpener(t)
	if _, err := l.AddLeak(context.Background(), opener, AddLeak{Slug: "x", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, opener, 0)
	missed := 0
	const tries = 60
	for range tries {
		at := r.IntN(len(whole) * 9 / 10)
		piece := whole[at : at+len(whole)/10]
		if rep := m.Match(context.Background(), "piece", bytes.NewReader(piece), int64(len(piece))); rep.Verdict != match.Matched {
			missed++
		}
	}
	if missed > 0 {
		t.Errorf("%d of %d tenths are missed", missed, tries)
	}
}

// padded writes blocks as mail boxes and databases do: what somebody stored, and zeros up to the end of the page.
func padded(seed uint64, pages, used, size int) []byte {
	out := []byte("!BDN")
	for i := range pages {
		out = append(append(out, noise(seed+uint64(i), used)...), make([]byte, size-used)...)
	}
	return out
}

func TestPiecesOfPaddedPagesAndOfDamagedPicturesAreFound(t *testing.T) {
	damaged := append([]byte("\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"), noise(7001, 60_000)...)
	nameless := append([]byte("\x89PNG\r\n\x1a\n"), noise(7002, 60_000)...)
	files := map[string][]byte{"box.dat": padded(1000, 300, 400, 512), "base.dat": padded(3000, 30, 1500, 4096), "foto.jpg": damaged, "foto.png": nameless}
	w := chunkWorld(t, files)
	for name, b := range files {
		for what, item := range map[string][]byte{"first half": b[:len(b)/2], "second half": b[len(b)/2:], "embedded": slices.Concat(noise(7003, 5001), b)} {
			if rep := w.match(t, "x", item); rep.Verdict != match.Matched || rep.Best().KnownFile != name || rep.Best().Grade != match.Chunks {
				t.Errorf("%s of %s: %s, %+v", what, name, rep.Verdict, rep.Best())
			}
		}
	}
	for what, item := range map[string][]byte{
		"another's box": padded(8000, 300, 400, 512), "another's base": padded(9000, 30, 1500, 4096), "another's photo": append(bytes.Clone(damaged[:20]), noise(7004, 60_000)...),
		"a page and much else": slices.Concat(noise(7005, 40_000), files["box.dat"][:600], noise(7006, 40_000)),
	} {
		if rep := w.match(t, "x", item); rep.Verdict != match.None && rep.Verdict != match.Unreadable {
			t.Errorf("%s: %s, %+v", what, rep.Verdict, rep.Best())
		}
	}
}
