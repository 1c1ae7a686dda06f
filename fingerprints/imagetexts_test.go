package fingerprints

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/draw"

	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
	"unmirror/fingerprints/page"
	"unmirror/internal/testneeds"
)

// inTurn is a page reader that reads one text after the other, and then fails.
type inTurn struct {
	mu    sync.Mutex
	texts []string
}

func (r *inTurn) Text(context.Context, page.Raster, time.Duration) (string, time.Duration, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.texts) == 0 {
		return "", time.Second, errors.New("nothing left to read")
	}
	text := r.texts[0]
	r.texts = r.texts[1:]
	return text, time.Second, nil
}

// sheet is an image that is large enough to be read, and has nothing on it but a bar.
func sheet(i int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, 200, readLeast))
	draw.Draw(m, image.Rect(20, 20, 180, 60+10*i), image.White, image.Point{}, draw.Src)
	return m
}

// scannedLetters registers images of which each is read as somebody's letter, with some letters misread.
func scannedLetters(t *testing.T, r *rand.Rand, people []person, share float64, draw func(i int) *image.Gray) *world {
	t.Helper()
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	files, reader := map[string][]byte{}, &inTurn{}
	for i, p := range people {
		files[fmt.Sprintf("%d.jpg", i)] = jpegOf(t, draw(i), 80)
		reader.texts = append(reader.texts, misread(r, letterText(p), share))
	}
	added, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "scans", Paths: []string{writeFiles(t, files)}, Images: ImageTexts{Reader: reader}})
	if err != nil || added.TextRead != len(people) || added.TextUnread > 0 {
		t.Fatalf("%v: %+v", err, added)
	}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	return w
}

func TestTheTextOfAKnownPageIsFoundAsText(t *testing.T) {
	r := rand.New(rand.NewPCG(8, 8))
	people := invent(r, 6)
	for _, share := range []float64{0, .02} {
		w := scannedLetters(t, r, people[:2], share, sheet)
		for i, p := range people {
			rep := w.match(t, "x.txt", []byte(letterText(p)))
			switch known := i < 2; {
			case !known && rep.Verdict == match.Matched:
				t.Errorf("%v misread: somebody else's letter is a match: %+v", share, rep.Matches[0])
			case known && (rep.Verdict == match.None || rep.Verdict == match.Weak && share == 0):
				t.Errorf("%v misread: the same letter as text is %s", share, rep.Verdict)
			}
		}
	}
}

func TestImagesAreComparedAsImagesWhereTheirTextsWereRead(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 9))
	people := invent(r, 3)
	drawn := form(t, &people[0])
	w := scannedLetters(t, r, people[:1], 0, func(int) *image.Gray { return drawn })
	rep := w.match(t, "again.jpg", jpegOf(t, drawn, 60))
	if rep.Verdict != match.Matched || rep.Matches[0].Grade != match.Image {
		t.Errorf("the page saved again is %s: %+v", rep.Verdict, rep.Matches)
	}
	same := w.match(t, "same.jpg", jpegOf(t, drawn, 80))
	if same.Verdict != match.Matched || same.Matches[0].Grade != match.Identical || same.Matches[0].Bits < 100 {
		t.Errorf("the very file is %s: %+v", same.Verdict, same.Matches)
	}
	w.matcher = NewMatcher(w.library, w.opener, 0).WithOCR(&inTurn{texts: []string{letterText(people[0])}})
	if rep := w.match(t, "other.jpg", jpegOf(t, form(t, &people[1]), 80)); rep.Verdict != match.None && rep.Matches[0].Grade == match.Passages {
		t.Errorf("an image that shows no known page is %s by what is printed on both: %+v", rep.Verdict, rep.Matches)
	}
}

func TestImagesAreReadAsLongAsThereIsTime(t *testing.T) {
	dir := writeFiles(t, map[string][]byte{"a.jpg": jpegOf(t, sheet(0), 80)})
	for name, c := range map[string]struct {
		images       ImageTexts
		read, unread int
	}{
		"no time":     {ImageTexts{Reader: &inTurn{texts: []string{"x"}}, Most: 1}, 0, 1},
		"some time":   {ImageTexts{Reader: &inTurn{texts: []string{"x"}}, Most: time.Hour}, 1, 0},
		"any time":    {ImageTexts{Reader: &inTurn{texts: []string{"x"}}}, 1, 0},
		"it fails":    {ImageTexts{Reader: &inTurn{}}, 0, 1},
		"nobody asks": {ImageTexts{}, 0, 0},
	} {
		w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
		added, err := w.library.AddLeak(context.Background(), w.opener, AddLeak{Slug: "a", Paths: []string{dir}, Images: c.images})
		if err != nil || added.TextRead != c.read || added.TextUnread != c.unread {
			t.Errorf("%s: %d read, %d unread, %v", name, added.TextRead, added.TextUnread, err)
		}
	}
}

func TestTesseractReadsKnownPages(t *testing.T) {
	testneeds.Program(t, "tesseract", "tesseract-ocr")
	reader, err := open.NewOCR()
	if err != nil {
		t.Fatal(err)
	}
	// Enough to be found with a character misread here and there: what is read differs by the processor's instructions.
	remarks := ""
	for _, p := range invent(rand.New(rand.NewPCG(5, 5)), 4) {
		remarks += p.remark + " "
	}
	scan, write := blankSheet(t, 900, 900)
	for i, line := range lines(remarks, 60) {
		write(24, 40, 60+40*i, line)
	}
	w := &world{opener: newOpener(t), library: openLibrary(t, filepath.Join(t.TempDir(), "data"))}
	add := AddLeak{Slug: "scan", Paths: []string{writeFiles(t, map[string][]byte{"scan.png": pngOf(t, scan)})}, Images: ImageTexts{Reader: reader}}
	if added, err := w.library.AddLeak(context.Background(), w.opener, add); err != nil || added.TextRead != 1 {
		t.Fatalf("%v: %+v", err, added)
	}
	w.matcher = NewMatcher(w.library, w.opener, 0)
	if rep := w.match(t, "x.txt", []byte(strings.Repeat("Dit staat er niet. ", 9)+remarks)); rep.Verdict != match.Matched || rep.Matches[0].KnownFile != "scan.png" {
		t.Errorf("what stands on a known scan is %s as text: %+v", rep.Verdict, rep.Matches)
	}
}
