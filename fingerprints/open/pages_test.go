package open

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/bmp"
	xtiff "golang.org/x/image/tiff"

	"unmirror/fingerprints/page"
)

// viewer is a sink that takes pages, too.
type viewer struct {
	*heard
	pages []seen
}

type seen struct {
	part string
	Page
}

func (v *viewer) Page(i int, p Page) error {
	p.Raster.Pix = bytes.Clone(p.Raster.Pix)
	v.pages = append(v.pages, seen{v.parts[i].Path, p})
	return nil
}

func (v *viewer) String() string {
	s := v.heard.String()
	for _, p := range v.pages {
		s += fmt.Sprintf("\n%q page %d image %d: %d × %d", p.part, p.Number, p.Image, p.Raster.W, p.Raster.H)
	}
	return s
}

func view(t testing.TB, o *Opener, name string, item []byte) (*viewer, error) {
	t.Helper()
	v := &viewer{heard: newHeard()}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	err := o.Open(ctx, name, bytes.NewReader(item), int64(len(item)), v)
	return v, err
}

func mustView(t testing.TB, o *Opener, name string, item []byte) *viewer {
	t.Helper()
	v, err := view(t, o, name, item)
	if err != nil {
		t.Fatalf("open %s: %v%s", name, err, v)
	}
	return v
}

// drawnPage is a page with words, as no two places of it look alike: boxes by a pattern, darker to the right and below.
func drawnPage(w, h int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	fillWhite(m.Pix)
	state := uint32(7)
	for y := h / 20; y+h/40 < h*19/20; y += h / 25 {
		for x := w / 15; x < w*13/15; {
			state = state*1664525 + 1013904223
			long := w/40 + int(state>>24)*w/2000
			if state>>20&3 != 0 {
				for yy := y; yy < y+h/60; yy++ {
					for xx := x; xx < min(x+long, w*14/15); xx++ {
						m.Pix[yy*m.Stride+xx] = byte((xx*7 + yy*3) / 16 % 90)
					}
				}
			}
			x += long + w/60
		}
	}
	return m
}

// unlike is the mean difference of two rasters of the same size.
func unlike(t testing.TB, got page.Raster, want *image.Gray) float64 {
	t.Helper()
	b := want.Bounds()
	if got.W != b.Dx() || got.H != b.Dy() {
		t.Fatalf("%d × %d, want %d × %d", got.W, got.H, b.Dx(), b.Dy())
	}
	sum := 0
	for y := range got.H {
		for x := range got.W {
			d := int(got.Pix[y*got.W+x]) - int(want.GrayAt(x, y).Y)
			sum += max(d, -d)
		}
	}
	return float64(sum) / float64(got.W*got.H)
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func jpegOf(t testing.TB, m image.Image, quality int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: quality}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tinted(m *image.Gray) *image.NRGBA {
	c := image.NewNRGBA(m.Rect)
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			v := m.GrayAt(x, y).Y
			c.SetNRGBA(x, y, color.NRGBA{v, v, v, 255})
		}
	}
	return c
}

// withExif puts an orientation into a JPEG.
func withExif(b []byte, orientation byte) []byte {
	exif := []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00" + string(orientation) + "\x00\x00\x00\x00\x00\x00\x00")
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(bytes.Clone(b[:2]), segment...), b[2:]...)
}

// TestEveryKindOfImageBecomesAPage reads files that ImageMagick 6.9 made of drawnPage(240, 340), in grey and in black and white.
func TestEveryKindOfImageBecomesAPage(t *testing.T) {
	m := drawnPage(240, 340)
	_, black := bilevel(m)
	items := map[string][]byte{}
	files, err := os.ReadDir("testdata/pages")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if items[f.Name()], err = os.ReadFile("testdata/pages/" + f.Name()); err != nil {
			t.Fatal(err)
		}
	}
	var plain, colour bytes.Buffer
	if err := errors.Join(xtiff.Encode(&plain, m, nil), bmp.Encode(&colour, tinted(m))); err != nil {
		t.Fatal(err)
	}
	items["plain.tif"], items["colour.bmp"] = plain.Bytes(), colour.Bytes()
	items["clear.png"] = pngOf(t, clear1(m))
	o := newOpener(t, Limits{}, 1)
	for name, item := range items {
		v := mustView(t, o, name, item)
		if len(v.pages) < 1 || v.pages[0].Number != 1 || v.ends[0] != nil {
			t.Errorf("no page: %s", v)
			continue
		}
		want, most := m, 2.0
		if strings.HasPrefix(name, "black") {
			want, most = black, 0
		}
		if d := unlike(t, v.pages[0].Raster, want); d > most {
			t.Errorf("%s differs by %.2f", name, d)
		}
	}
}

// clear1 is black of which the alpha makes the page.
func clear1(m *image.Gray) *image.NRGBA {
	c := image.NewNRGBA(m.Rect)
	for i, v := range m.Pix {
		c.Pix[4*i+3] = 255 - v
	}
	return c
}

func TestEveryPageOfATiffIsNumbered(t *testing.T) {
	b, err := os.ReadFile("testdata/pages/black-three.tif")
	if err != nil {
		t.Fatal(err)
	}
	v := mustView(t, newOpener(t, Limits{}, 1), "a.zip", zipOf(t, file{"scan.tif", b}))
	if len(v.pages) != 3 {
		t.Fatalf("want three pages: %s", v)
	}
	for i, p := range v.pages {
		if p.part != "a.zip!/scan.tif" || p.Number != i+1 || (p.Raster.W == 340) != (i == 1) {
			t.Errorf("page %d: %s", i+1, v)
		}
	}
}

func TestAnImageIsTurnedAsItSays(t *testing.T) {
	m := drawnPage(240, 340)
	o := newOpener(t, Limits{}, 1)
	d := newDrawer(&link{})
	raster := page.Raster{W: 240, H: 340, Pix: m.Pix}
	for orientation := 1; orientation <= 8; orientation++ {
		v := mustView(t, o, "a.jpg", withExif(jpegOf(t, m, 95), byte(orientation)))
		want := d.turned(raster, orientation)
		if got := v.pages[0].Raster; unlike(t, got, &image.Gray{Pix: want.Pix, Stride: want.W, Rect: image.Rect(0, 0, want.W, want.H)}) > 1 {
			t.Errorf("orientation %d", orientation)
		}
	}
	// Two independent facts of the standard: 6 is shown turned clockwise, 8 the other way.
	small := page.Raster{W: 2, H: 1, Pix: []byte{1, 2}}
	if r := d.turned(small, 6); r.W != 1 || !bytes.Equal(r.Pix, []byte{1, 2}) {
		t.Errorf("6: %v", r)
	}
	if r := d.turned(small, 8); r.W != 1 || !bytes.Equal(r.Pix, []byte{2, 1}) {
		t.Errorf("8: %v", r)
	}
}

func TestALargeScanIsReducedByAWholeNumber(t *testing.T) {
	if raced {
		t.Skip("seconds of drawing")
	}
	m := drawnPage(2600, 3700) // by three
	want := image.NewGray(image.Rect(0, 0, 867, 1234))
	for y := range 1234 {
		for x := range 867 {
			sum, n := 0, 0
			for yy := 3 * y; yy < min(3*y+3, 3700); yy++ {
				for xx := 3 * x; xx < min(3*x+3, 2600); xx++ {
					sum, n = sum+int(m.Pix[yy*m.Stride+xx]), n+1
				}
			}
			want.Pix[y*want.Stride+x] = byte((sum + n/2) / n)
		}
	}
	o := newOpener(t, Limits{}, 1)
	if v := mustView(t, o, "a.png", pngOf(t, m)); unlike(t, v.pages[0].Raster, want) != 0 {
		t.Errorf("%s", v)
	}
	v := mustView(t, o, "a.jpg", jpegOf(t, m, 90))
	if d := unlike(t, v.pages[0].Raster, want); d > 1 {
		t.Errorf("JPEG differs by %.2f", d)
	}
}

func TestPagesAreFoundWhereverImagesAre(t *testing.T) {
	m := drawnPage(300, 420)
	jpg := jpegOf(t, m, 80)
	coded := base64.StdEncoding.EncodeToString(jpg)
	mail := "From: a@example.org\nTo: b@example.org\nMessage-ID: <x@example.org>\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nx\n--b\nContent-Type: image/jpeg; name=scan.jpg\nContent-Transfer-Encoding: base64\n\n" + coded + "\n--b--\n"
	var office bytes.Buffer
	z := zip.NewWriter(&office)
	for _, f := range []file{{"[Content_Types].xml", []byte("<Types/>")}, {"word/document.xml", []byte("<w:document><w:body><w:p><w:r><w:t>x</w:t></w:r></w:p></w:body></w:document>")}, {"word/media/image1.jpeg", jpg}} {
		w, err := z.Create(f.name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write(f.body)
	}
	z.Close()
	o := newOpener(t, Limits{}, 1)
	for name, item := range map[string][]byte{
		"a.zip":  zipOf(t, file{"scan.jpg", jpg}),
		"a.tgz":  gz(tarOf(t, file{"scan.jpg", jpg})),
		"a.eml":  []byte(mail),
		"a.docx": office.Bytes(),
		"a.html": []byte("<html><body><p>x<img src=\"data:image/jpeg;base64," + coded + "\"></body></html>"),
		"a.txt":  []byte("x\n" + coded + "\n"),
		"a.rtf":  []byte("{\\rtf1 x{\\pict\\jpegblip\\picw300\\pich420 " + hex.EncodeToString(jpg) + "}}"),
		"b.rtf":  []byte("{\\rtf1 x{\\*\\shppict{\\pict\\jpegblip\\bin" + strconv.Itoa(len(jpg)) + " " + string(jpg) + "}}y}"),
	} {
		v := mustView(t, o, name, item)
		if len(v.pages) != 1 || unlike(t, v.pages[0].Raster, m) > 3 {
			t.Errorf("%s: %s", name, v)
		}
	}
}

func TestNoPageIsDecodedUnasked(t *testing.T) {
	b, err := os.ReadFile("testdata/pages/lossy.webp")
	if err != nil {
		t.Fatal(err)
	}
	h := mustOpen(t, newOpener(t, Limits{}, 1), "a.webp", b[:len(b)/2])
	if h.ends[0] != nil {
		t.Errorf("it was looked into: %s", h)
	}
}

func TestIconsAreNoPages(t *testing.T) {
	v := mustView(t, newOpener(t, Limits{}, 1), "a.zip", zipOf(t, file{"a.png", pngOf(t, drawnPage(190, 190))}, file{"b.png", pngOf(t, drawnPage(400, 90))}))
	if len(v.pages) != 0 {
		t.Errorf("%s", v)
	}
}

func TestATileOfATiffMayBeLargerThanThePage(t *testing.T) {
	m := drawnPage(240, 340)
	tile := make([]byte, 256*352)
	for y := range 340 {
		copy(tile[y*256:], m.Pix[y*m.Stride:][:240])
	}
	fields := [][3]uint32{
		{tagWidth, 4, 240}, {tagLength, 4, 340}, {tagBits, 3, 8}, {tagCompression, 3, tiffPlain}, {tagPhotometric, 3, 1},
		{tagTileWidth, 4, 256}, {tagTileLength, 4, 352}, {tagTiles, 4, 0}, {tagTileBytes, 4, uint32(len(tile))},
	}
	at := len(tiffWith(false, fields))
	fields[7][2] = uint32(at)
	v := mustView(t, newOpener(t, Limits{}, 1), "a.tif", append(tiffWith(false, fields), tile...))
	if len(v.pages) != 1 || v.ends[0] != nil || unlike(t, v.pages[0].Raster, m) > 0 {
		t.Errorf("%s", v)
	}
}
