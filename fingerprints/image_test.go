package fingerprints

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/draw"
	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/match"
	"unmirror/fingerprints/page"
)

const formW, formH = 707, 1000

// form draws an invented intake form, filled in for somebody, or blank for nil.
func form(t testing.TB, p *person) *image.Gray {
	t.Helper()
	img, write := blankSheet(t, formW, formH)
	write(24, 60, 60, "Externe dienst Gezond Verzonnen vzw")
	write(14, 60, 90, "Formulier voor periodiek gezondheidstoezicht")
	labels := strings.Fields("Naam Voornaam Geboren Nummer Straat Gemeente Telefoon E-mail")
	var values []string
	if p != nil {
		values = []string{p.family, p.given, p.born, p.number, p.street, p.town, p.phone, p.email}
	}
	y := 150
	for i, label := range labels {
		box(img, 60, y-28, formW-120, 38)
		write(14, 70, y, label)
		if values != nil {
			write(17, 220, y, values[i])
		}
		y += 46
	}
	write(14, 60, y+10, "Opmerkingen van de arts")
	box(img, 60, y+20, formW-120, 340)
	if p != nil {
		for i, line := range lines(p.remark, 58) {
			write(16, 75, y+60+30*i, line)
		}
	}
	write(11, 60, formH-60, "Dit document is vertrouwelijk. Bewaren zolang de wet dat oplegt.")
	return img
}

// writer writes text in a size, in pixels, from a place on.
// blankSheet is white paper, and what writes on it.
func blankSheet(t testing.TB, width, height int) (*image.Gray, func(size float64, x, y int, text string)) {
	t.Helper()
	font, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rect(0, 0, width, height))
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	return img, writer(t, img, font)
}

func writer(t testing.TB, img draw.Image, f *opentype.Font) func(size float64, x, y int, text string) {
	return func(size float64, x, y int, text string) {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: size, DPI: 72})
		if err != nil {
			t.Fatal(err)
		}
		d := font.Drawer{Dst: img, Src: image.Black, Face: face, Dot: fixed.P(x, y)}
		d.DrawString(text)
	}
}

func lines(text string, width int) (out []string) {
	line := ""
	for _, word := range strings.Fields(text) {
		if len(line)+len(word) > width {
			out, line = append(out, line), ""
		}
		line += word + " "
	}
	return append(out, line)
}

func box(img *image.Gray, x, y, w, h int) {
	for i := range w {
		img.SetGray(x+i, y, color.Gray{})
		img.SetGray(x+i, y+h, color.Gray{})
	}
	for i := range h {
		img.SetGray(x, y+i, color.Gray{})
		img.SetGray(x+w, y+i, color.Gray{})
	}
}

func jpegOf(t testing.TB, img image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngOf(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func scaled(img image.Image, share float64) image.Image {
	out := image.NewGray(image.Rect(0, 0, int(share*formW), int(share*formH)))
	draw.BiLinear.Scale(out, out.Bounds(), img, img.Bounds(), draw.Src, nil)
	return out
}

func quarter(img *image.Gray) image.Image {
	out := image.NewGray(image.Rect(0, 0, formH, formW))
	for y := range formH {
		for x := range formW {
			out.SetGray(formH-1-y, x, img.GrayAt(x, y))
		}
	}
	return out
}

// scanPDF is a PDF of pages that are images.
func scanPDF(t testing.TB, pages ...[]byte) []byte {
	t.Helper()
	doc := fpdf.New("P", "mm", "A4", "")
	for i, b := range pages {
		name := fmt.Sprint("scan", i)
		doc.RegisterImageOptionsReader(name, fpdf.ImageOptions{ImageType: "JPG"}, bytes.NewReader(b))
		doc.AddPage()
		doc.ImageOptions(name, 0, 0, 210, 297, false, fpdf.ImageOptions{ImageType: "JPG"}, 0, "")
	}
	var b bytes.Buffer
	if err := doc.Output(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func writeFiles(t testing.TB, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, b := range files {
		if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// imageOf is the match of a report that tells of a page, or nil.
func imageOf(r match.Report) *match.Match {
	for i := range r.Matches {
		if r.Matches[i].Grade == match.Image {
			return &r.Matches[i]
		}
	}
	return nil
}

// scanned is an item that shows a page of a known file.
type scanned struct {
	name, part string
	item       []byte
	known      string
	page       int
	category   string
}

func TestAScannedPageIsFoundAgainAndNobodyElses(t *testing.T) {
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	people := invent(rand.New(rand.NewPCG(6, 6)), 8)
	known := people[:3]
	var scans []*image.Gray
	files := map[string][]byte{}
	for i := range known {
		scans = append(scans, form(t, &known[i]))
		files[fmt.Sprintf("%d.jpg", i)] = jpegOf(t, scans[i], 85)
	}
	if rounds(10) == 10 { // otherwise they are not looked for below
		files["bound.pdf"] = scanPDF(t, jpegOf(t, form(t, &people[3]), 85), jpegOf(t, form(t, &people[4]), 85))
		files["blank.jpg"] = jpegOf(t, form(t, nil), 85)
	}
	manifest := "files:\n  - {match: \"1.jpg\", subject: a, categories: [health]}\n  - {match: \"bound.pdf!/page 2\", subject: b, categories: [conduct]}\n"
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "scans", Paths: []string{writeFiles(t, files)}, Manifest: strings.NewReader(manifest)}); err != nil {
		t.Fatal(err)
	}
	cases := []scanned{
		{"again.jpg", "", jpegOf(t, scans[1], 40), "1.jpg", 1, "health"},
		{"again.png", "", pngOf(t, scans[0]), "0.jpg", 1, ""},
		{"small.jpg", "", jpegOf(t, scaled(scans[2], 0.5), 70), "2.jpg", 1, ""},
		{"turned.jpg", "", jpegOf(t, quarter(scans[1]), 80), "1.jpg", 1, "health"},
		{"a.zip", "a.zip!/x.jpg", zipOf(map[string]string{"x.jpg": string(jpegOf(t, scans[1], 50))}, "x.jpg"), "1.jpg", 1, "health"},
		{"b.pdf", "b.pdf!/page 2", scanPDF(t, jpegOf(t, form(t, &people[5]), 70), jpegOf(t, scans[1], 60)), "1.jpg", 1, "health"},
		{"c.jpg", "", jpegOf(t, form(t, &people[4]), 60), "bound.pdf", 2, "conduct"},
	}
	for _, c := range cases[:max(1, rounds(len(cases)))] {
		rep := w.match(t, c.name, c.item)
		m := imageOf(rep)
		if rep.Verdict != match.Matched || m == nil || m.KnownFile != c.known || m.Part != c.part || m.Bits < DefaultNoticeBits {
			t.Errorf("%s: %s %+v, %s", c.name, rep.Verdict, rep.Matches, rep.Reason)
			continue
		}
		if (c.category != "") != (m.Subjects == 1 && slices.Contains(m.Categories, c.category)) {
			t.Errorf("%s: %d subjects, %v", c.name, m.Subjects, m.Categories)
		}
		if len(m.Pages) != 1 || m.Pages[0].KnownPage != c.page || len(m.Pages[0].Boxes) == 0 || len(m.Pages[0].KnownBoxes) == 0 {
			t.Errorf("%s: pages %+v", c.name, m.Pages)
			continue
		}
		for _, b := range append(m.Pages[0].Boxes, m.Pages[0].KnownBoxes...) {
			if b[0] < 0 || b[1] < 0 || b[2] > 1 || b[3] > 1 || b[0] >= b[2] || b[1] >= b[3] {
				t.Errorf("%s: box %v", c.name, b)
			}
		}
	}
	for i := range rounds(3) {
		if rep := w.match(t, "other.jpg", jpegOf(t, form(t, &people[5+i]), 80)); rep.Verdict != match.None {
			t.Errorf("another person's form is %s: %+v", rep.Verdict, rep.Matches)
		}
	}
}

func TestABlankFormOfTheBaselineNeverMatches(t *testing.T) {
	if rounds(10) < 10 {
		t.Skip("the race detector has nothing to find here")
	}
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	p := invent(rand.New(rand.NewPCG(7, 7)), 1)[0]
	blank, filled := form(t, nil), form(t, &p)
	dir := writeFiles(t, map[string][]byte{"blank.jpg": jpegOf(t, blank, 90), "filled.jpg": jpegOf(t, filled, 90)})
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "forms", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	if rep := w.match(t, "blank.png", pngOf(t, blank)); imageOf(rep) == nil {
		t.Fatalf("without a baseline the blank form is %s", rep.Verdict)
	}
	public := writeFiles(t, map[string][]byte{"form.png": pngOf(t, scaled(blank, 0.9))})
	if _, err := w.library.AddBaseline(context.Background(), w.opener, AddBaseline{Paths: []string{public}}); err != nil {
		t.Fatal(err)
	}
	if rep := w.match(t, "blank.png", jpegOf(t, blank, 60)); rep.Verdict != match.None {
		t.Errorf("the blank form is %s: %+v", rep.Verdict, rep.Matches)
	}
	rep := w.match(t, "filled.png", jpegOf(t, filled, 60))
	if m := imageOf(rep); rep.Verdict != match.Matched || m == nil || m.KnownFile != "filled.jpg" {
		t.Errorf("the form that was filled in is %s: %+v", rep.Verdict, rep.Matches)
	}
}

func TestADamagedPageOfTheIndexIsTold(t *testing.T) {
	if rounds(10) < 10 {
		t.Skip("the race detector has nothing to find here")
	}
	data := filepath.Join(t.TempDir(), "data")
	opener, library := newOpener(t), openLibrary(t, data)
	filled := form(t, &invent(rand.New(rand.NewPCG(7, 7)), 1)[0])
	dir := writeFiles(t, map[string][]byte{"filled.jpg": jpegOf(t, filled, 90)})
	if _, err := library.AddLeak(context.Background(), opener, AddLeak{Slug: "forms", Paths: []string{dir}}); err != nil {
		t.Fatal(err)
	}
	if err := library.Close(); err != nil {
		t.Fatal(err)
	}
	damageBody(t, data)
	w := &world{opener: opener, library: openLibrary(t, data)}
	w.matcher = NewMatcher(w.library, opener, 0)
	rep := w.match(t, "filled.png", jpegOf(t, filled, 60))
	if rep.Verdict != match.Unreadable || !strings.Contains(rep.Reason, "register the leak again") {
		t.Errorf("%s: %q %+v", rep.Verdict, rep.Reason, rep.Matches)
	}
}

// damageBody changes a byte of the index where no checksum stands over it: in the body of a page.
func damageBody(t *testing.T, data string) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(data, "*.seg"))
	if err != nil || len(segments) != 1 {
		t.Fatal(segments, err)
	}
	whole, err := os.ReadFile(segments[0])
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at < len(whole); at += 512 {
		b := bytes.Clone(whole)
		b[at] ^= 1
		if err := os.WriteFile(segments[0], b, 0o600); err != nil {
			t.Fatal(err)
		}
		if l, err := Open(data, testKeys); err == nil {
			if err := l.Close(); err != nil {
				t.Fatal(err)
			}
			return
		}
	}
	t.Fatal("everything has a checksum")
}

func TestAPageThatManyFilesHaveIsNobodysOwn(t *testing.T) {
	if rounds(10) < 10 {
		t.Skip("the race detector has nothing to find here")
	}
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	conditions := form(t, nil)
	files := map[string][]byte{}
	for i := range manyDocs {
		files[fmt.Sprintf("%d.jpg", i)] = jpegOf(t, conditions, 80+i)
	}
	dir := writeFiles(t, files)
	add := func(slug, manifest string) {
		t.Helper()
		if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: slug, Paths: []string{dir}, Manifest: strings.NewReader(manifest)}); err != nil {
			t.Fatal(err)
		}
	}
	item := jpegOf(t, conditions, 60)
	add("many", "")
	if rep := w.match(t, "x.jpg", item); rep.Verdict != match.None {
		t.Errorf("a page of %d files is %s: %+v", manyDocs, rep.Verdict, rep.Matches)
	}
	if err := w.library.RemoveLeak(context.Background(), "many"); err != nil {
		t.Fatal(err)
	}
	add("one", "files:\n  - {match: \"*.jpg\", subject: the same person}\n")
	if rep := w.match(t, "x.jpg", item); rep.Verdict != match.Matched {
		t.Errorf("a page of one person in %d files is %s: %s", manyDocs, rep.Verdict, rep.Reason)
	}
}

func TestPicturesOfALetterWithWordsAreNoPages(t *testing.T) {
	small, large := knownPage{0, 1, false}, knownPage{1, 1, true}
	words := []knownText{{length: wordsEnough}}
	for _, c := range []struct {
		name  string
		parts []*knownPart
		want  []uint32 // of the two pages
	}{
		{"a scan alone", []*knownPart{{parent: -1, kind: "jpeg"}}, []uint32{7, 7}},
		{"in a letter with words", []*knownPart{{parent: -1, kind: "docx", texts: words}, {parent: 0, kind: "jpeg"}}, []uint32{index.NoDoc, 7}},
		{"in a letter of scans", []*knownPart{{parent: -1, kind: "docx"}, {parent: 0, kind: "jpeg"}}, []uint32{7, 7}},
		{"beside a letter", []*knownPart{{parent: -1, kind: "docx", texts: words}, {parent: 0, kind: "zip"}, {parent: 1, kind: "jpeg"}}, []uint32{7, 7}},
	} {
		x := &extractedFile{parts: c.parts}
		b := &drafting{d: &index.Draft{PageFiles: []uint32{index.NoDoc, index.NoDoc}}}
		none := func(uint32) (p index.FilePage) { return p }
		b.imaged(&index.File{}, 7, []knownPage{small, large}, x.worded(len(c.parts)-1), none)
		if !slices.Equal(b.d.PageFiles, c.want) {
			t.Errorf("%s: pages of %v instead of %v", c.name, b.d.PageFiles, c.want)
		}
	}
}

func TestARuleForAPageIsKeptOnceHoweverManyImagesItHas(t *testing.T) {
	b := &drafting{d: &index.Draft{PageFiles: make([]uint32, 4)}}
	f := &index.File{}
	pages := []knownPage{{0, 1, true}, {1, 2, true}, {2, 2, true}, {3, 1, true}}
	b.imaged(f, 0, pages, false, func(n uint32) index.FilePage {
		return index.FilePage{Number: n, Subjects: []string{fmt.Sprint("s_", n)}}
	})
	if f.Pages != 4 || len(f.PageRules) != 2 {
		t.Errorf("%d pages, rules %+v", f.Pages, f.PageRules)
	}
}

// reading is a page reader that sees the same on every page.
type pageReading string

func (r pageReading) Text(context.Context, page.Raster, time.Duration) (string, time.Duration, error) {
	return string(r), time.Millisecond, nil
}

func TestTheTextOfAnImageGoesTheWayOfAllText(t *testing.T) {
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	people := invent(rand.New(rand.NewPCG(8, 8)), 9)
	files := map[string][]byte{}
	for i, p := range people[:6] {
		files[fmt.Sprintf("%d.txt", i)] = []byte(letterText(p))
	}
	if _, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "letters", Paths: []string{writeFiles(t, files)}}); err != nil {
		t.Fatal(err)
	}
	photo := form(t, &people[8])
	for _, c := range []struct {
		read string
		want match.Verdict
	}{{letterText(people[3]), match.Matched}, {"", match.None}} {
		w.matcher = NewMatcher(w.library, w.opener, 0).WithOCR(pageReading(c.read))
		rep := w.match(t, "photo.jpg", jpegOf(t, photo, 60))
		if rep.Verdict != c.want {
			t.Errorf("%.40q read on an image is %s instead of %s", c.read, rep.Verdict, c.want)
		}
		if small := w.match(t, "small.jpg", jpegOf(t, scaled(photo, 0.5), 60)); small.Verdict != match.None {
			t.Errorf("a small image was read: %s", small.Verdict)
		}
	}
}
