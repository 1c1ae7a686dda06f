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
	"os/exec"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"unmirror/fingerprints/page"
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
	text, err := o.Text(context.Background(), page.Raster{W: 1, H: 1169, Pix: make([]byte, 1169)})
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
	if _, err := o.Text(context.Background(), of(2)); limitOf(err) != "wall" {
		t.Errorf("one that hangs: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := o.Text(ctx, of(2)); !errors.Is(err, context.Canceled) {
		t.Errorf("one that is called off: %v", err)
	}
	o.limits.Wall = time.Minute
	if text, err := o.Text(context.Background(), of(3)); err != nil || len(text) != ocrMost {
		t.Errorf("one that prints without end: %d bytes, %v", len(text), err)
	}
	if _, err := o.Text(context.Background(), of(4)); !errors.Is(err, ErrCrashed) {
		t.Errorf("one that fails: %v", err)
	}
}

func TestWithoutALanguageThereIsNoOCR(t *testing.T) {
	if _, err := newOCR(selfPath(), "5", []string{"osd", "jpn"}); !errors.Is(err, ErrNoOCR) {
		t.Errorf("got %v", err)
	}
}

// TestTesseractReadsAPage runs where tesseract is installed, which the checks of this project do not require.
func TestTesseractReadsAPage(t *testing.T) {
	if _, err := exec.LookPath("tesseract"); err != nil {
		t.Skip("program tesseract not found: apt-get install tesseract-ocr")
	}
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
	text, err := o.Text(context.Background(), page.Raster{W: 1000, H: 400, Pix: m.Pix})
	if err != nil || !strings.Contains(text, "patient") || !strings.Contains(text, "March") {
		t.Errorf("%v: %q", err, text)
	}
}
