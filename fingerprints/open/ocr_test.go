package open

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"unmirror/fingerprints/page"
	"unmirror/internal/testneeds"
)

// standIn is this program in the place of tesseract: it reads the image and tells what it was asked, and what it could do.
// The size of the image says how it behaves.
func standIn() {
	var w, h int
	in := bufio.NewReader(os.Stdin)
	fmt.Fscanf(in, "P5\n%d %d\n255\n", &w, &h)
	n, _ := in.Discard(w*h + 1)
	fmt.Printf("%s of %d × %d, %d pixels, threads %s\n", strings.Join(os.Args[1:], " "), w, h, n, os.Getenv("OMP_THREAD_LIMIT"))
	switch w {
	case 1:
		if _, err := os.ReadFile("/etc/passwd"); err == nil {
			fmt.Println("could read")
		}
		if _, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
			fmt.Println("could listen")
		}
	case 2:
		time.Sleep(time.Hour)
	case 3:
		for {
			fmt.Print(strings.Repeat("x", 1<<16))
		}
	case 4:
		os.Exit(1)
	}
	os.Exit(0)
}

func standInOCR(t *testing.T) *OCR {
	t.Helper()
	o, err := newOCR(selfPath(), "5", []string{"osd", "fra", "nld"})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func TestTesseractIsAskedInItsLanguagesAndConfined(t *testing.T) {
	o := standInOCR(t)
	if o.String() != "tesseract 5 (nld, fra)" {
		t.Errorf("%s", o)
	}
	text, err := o.read(context.Background(), page.Raster{W: 1, H: 1169, Pix: make([]byte, 1169)}, time.Minute)
	if want := "stdin stdout -l nld+fra --dpi 100 of 1 × 1169, 1169 pixels, threads 1\n"; err != nil || text != want {
		confined := !strings.Contains(Support()[0], "lacks it") && !strings.Contains(Support()[1], "lacks it")
		if err != nil || confined || !strings.HasPrefix(text, want) {
			t.Errorf("%v: %q", err, text)
		}
	}
}

func TestAReaderOfTextThatDoesNotEndIsStopped(t *testing.T) {
	o := standInOCR(t)
	of := func(w int) page.Raster { return page.Raster{W: w, H: 1, Pix: make([]byte, w)} }
	o.limits.Wall = time.Second
	if _, err := o.read(context.Background(), of(2), time.Minute); limitOf(err) != "wall" {
		t.Errorf("one that hangs: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := o.read(ctx, of(2), time.Minute); !errors.Is(err, context.Canceled) {
		t.Errorf("one that is called off: %v", err)
	}
	o.limits.Wall = time.Minute
	if text, err := o.read(context.Background(), of(3), time.Minute); err != nil || len(text) != ocrMost {
		t.Errorf("one that prints without end: %d bytes, %v", len(text), err)
	}
	if _, err := o.read(context.Background(), of(4), time.Minute); !errors.Is(err, ErrCrashed) {
		t.Errorf("one that fails: %v", err)
	}
}

func TestAsManyPagesAreReadAtATimeAsThereAreProcessors(t *testing.T) {
	o := standInOCR(t)
	hang := page.Raster{W: 2, H: 1, Pix: make([]byte, 2)}
	ctx, cancel := context.WithCancel(context.Background())
	var busy sync.WaitGroup
	for range cap(o.turns) {
		busy.Go(func() {
			if _, _, err := o.Text(ctx, hang, time.Minute); !errors.Is(err, context.Canceled) {
				t.Errorf("one that is called off: %v", err)
			}
		})
	}
	for len(o.turns) < cap(o.turns) {
		time.Sleep(time.Millisecond)
	}
	late, gone := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer gone()
	if _, took, err := o.Text(late, page.Raster{W: 5, H: 1, Pix: make([]byte, 5)}, time.Minute); !errors.Is(err, context.DeadlineExceeded) || took != 0 {
		t.Errorf("one more was read at once: %v, %s", err, took)
	}
	cancel()
	busy.Wait()
	if text, took, err := o.Text(context.Background(), page.Raster{W: 5, H: 1, Pix: make([]byte, 5)}, time.Minute); err != nil || text == "" || took <= 0 {
		t.Errorf("once they have ended: %v, %q, %s", err, text, took)
	}
	if _, _, err := o.Text(context.Background(), hang, 50*time.Millisecond); limitOf(err) != "wall" {
		t.Errorf("one that has little time: %v", err)
	}
}

func TestWithoutALanguageThereIsNoOCR(t *testing.T) {
	if _, err := newOCR(selfPath(), "5", []string{"osd", "jpn"}); !errors.Is(err, ErrNoOCR) {
		t.Errorf("got %v", err)
	}
}

func TestTesseractReadsAPage(t *testing.T) {
	testneeds.Program(t, "tesseract", "tesseract-ocr")
	o, err := NewOCR()
	if err != nil {
		t.Fatal(err)
	}
	f, err := opentype.Parse(goregular.TTF)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 28, DPI: 72})
	if err != nil {
		t.Fatal(err)
	}
	m := image.NewGray(image.Rect(0, 0, 1000, 400))
	fillWhite(m.Pix)
	d := font.Drawer{Dst: draw.Image(m), Src: image.Black, Face: face}
	for i, line := range []string{"The patient was seen on Monday", "and will come back in March"} {
		d.Dot = fixed.P(60, 120+60*i)
		d.DrawString(line)
	}
	text, _, err := o.Text(context.Background(), page.Raster{W: 1000, H: 400, Pix: m.Pix}, time.Minute)
	if err != nil || !strings.Contains(text, "patient") || !strings.Contains(text, "March") {
		t.Errorf("%v: %q", err, text)
	}
}
