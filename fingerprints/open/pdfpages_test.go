package open

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"image"
	"os"
	"os/exec"
	"strings"
	"testing"

	"unmirror/internal/testneeds"
)

// scanned is an image in a PDF.
type scanned struct {
	dict  string // besides type and length
	data  []byte
	place string // its matrix; empty: the whole page
}

// pdfScan writes a PDF with pages of images.
func pdfScan(pages ...[]scanned) []byte {
	var b bytes.Buffer
	var offsets []int
	object := func(body string) int {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(offsets), body)
		return len(offsets)
	}
	b.WriteString("%PDF-1.5\n%\xe2\xe3\xcf\xd3\n")
	var kids []string
	for _, p := range pages {
		var drawn, names strings.Builder
		for i, s := range p {
			n := object(fmt.Sprintf("<</Type/XObject/Subtype/Image%s/Length %d>>\nstream\n%s\nendstream", s.dict, len(s.data), s.data))
			fmt.Fprintf(&names, "/Im%d %d 0 R", i, n)
			if s.place == "" {
				s.place = "595 0 0 842 0 0"
			}
			fmt.Fprintf(&drawn, "q %s cm /Im%d Do Q\n", s.place, i)
		}
		c := object(fmt.Sprintf("<</Length %d>>\nstream\n%s\nendstream", drawn.Len(), drawn.String()))
		kids = append(kids, fmt.Sprintf("%d 0 R", object(fmt.Sprintf("<</Type/Page/Parent 9999 0 R/Contents %d 0 R/MediaBox[0 0 595 842]/Resources<</XObject<<%s>>>>>>", c, names.String()))))
	}
	root := object(fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(pages), strings.Join(kids, " ")))
	catalogue := object(fmt.Sprintf("<</Type/Catalog/Pages %d 0 R>>", root))
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(offsets)+1)
	for _, off := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", off)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d/Root %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(offsets)+1, catalogue, start)
	return b.Bytes()
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	z.Write(b)
	z.Close()
	return out.Bytes()
}

// idat is the image data of a PNG.
func idat(b []byte) []byte {
	var all []byte
	for b = b[8:]; len(b) > 8; {
		n := binary.BigEndian.Uint32(b)
		if string(b[4:8]) == "IDAT" {
			all = append(all, b[8:8+n]...)
		}
		b = b[12+n:]
	}
	return all
}

func sized(m image.Image) string {
	return fmt.Sprintf("/Width %d/Height %d", m.Bounds().Dx(), m.Bounds().Dy())
}

func rgbOf(m *image.Gray) []byte {
	var b []byte
	for _, v := range m.Pix {
		b = append(b, v, v, v)
	}
	return b
}

// bilevel is the page in black and white, a bit a pixel, white as 1.
func bilevel(m *image.Gray) (bits []byte, as *image.Gray) {
	as = image.NewGray(m.Rect)
	w := m.Rect.Dx()
	for y := range m.Rect.Dy() {
		row := make([]byte, (w+7)/8)
		for x := range w {
			if m.Pix[y*m.Stride+x] > 127 {
				row[x/8] |= 0x80 >> (x % 8)
				as.Pix[y*as.Stride+x] = 255
			}
		}
		bits = append(bits, row...)
	}
	return bits, as
}

func TestImagesOfAPdfAreReadInEveryColourSpaceAndFilter(t *testing.T) {
	m := drawnPage(250, 351)
	bits, black := bilevel(m)
	size := sized(m)
	flate := "/Filter/FlateDecode"
	var inverse []byte
	for _, v := range bits {
		inverse = append(inverse, ^v)
	}
	cmyk := make([]byte, 0, 4*len(m.Pix))
	for _, v := range m.Pix {
		cmyk = append(cmyk, 0, 0, 0, 255-v)
	}
	palette := make([]byte, 0, 768)
	for i := range 256 {
		palette = append(palette, byte(i), byte(i), byte(i))
	}
	cases := []struct {
		name, dict string
		data       []byte
		want       *image.Gray
		off        float64
	}{
		{"jpeg", "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/DCTDecode", jpegOf(t, m, 90), m, 1},
		{"colour jpeg", "/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter[/DCTDecode]", jpegOf(t, tinted(m), 90), m, 1},
		{"jpeg in hex", "/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter[/ASCIIHexDecode/DCTDecode]", fmt.Appendf(nil, "%x>", jpegOf(t, tinted(m), 90)), m, 1},
		{"flate", "/ColorSpace/DeviceGray/BitsPerComponent 8" + flate, deflated(m.Pix), m, 0},
		{"flate rgb", "/ColorSpace/DeviceRGB/BitsPerComponent 8" + flate, deflated(rgbOf(m)), m, 0},
		{"flate icc", "/ColorSpace[/ICCBased<</N 3>>]/BitsPerComponent 8" + flate, deflated(rgbOf(m)), m, 0},
		{"png predictor", fmt.Sprintf("/ColorSpace/DeviceGray/BitsPerComponent 8%s/DecodeParms<</Predictor 15/Columns %d>>", flate, m.Rect.Dx()), idat(pngOf(t, m)), m, 0},
		{"cmyk", "/ColorSpace/DeviceCMYK/BitsPerComponent 8" + flate, deflated(cmyk), m, 0},
		{"indexed", fmt.Sprintf("/ColorSpace[/Indexed/DeviceRGB 255<%x>]/BitsPerComponent 8%s", palette, flate), deflated(m.Pix), m, 0},
		{"a bit", "/ColorSpace/DeviceGray/BitsPerComponent 1" + flate, deflated(bits), black, 0},
		{"a bit, inverted", "/ColorSpace/DeviceGray/BitsPerComponent 1/Decode[1 0]" + flate, deflated(inverse), black, 0},
		{"mask", "/ImageMask true" + flate, deflated(bits), black, 0},
		{"inverted mask", "/ImageMask true/Decode[1 0]" + flate, deflated(inverse), black, 0},
		{"indexed bit", "/ColorSpace[/Indexed/DeviceGray 1<ff00>]/BitsPerComponent 1" + flate, deflated(inverse), black, 0},
		{"separation", "/ColorSpace[/Separation/Black/DeviceGray 1 0 R]/BitsPerComponent 1" + flate, deflated(inverse), black, 0},
		{"not compressed", "/ColorSpace/DeviceGray/BitsPerComponent 1", bits, black, 0},
		{"hex of run bytes", "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter[/AHx/RL]", fmt.Appendf(nil, "%x80>", runBytes(bits)), black, 0},
		{"ascii85", "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter[/ASCII85Decode/FlateDecode]", []byte(a85(deflated(bits), true)[2:]), black, 0},
	}
	var pages [][]scanned
	for _, c := range cases {
		pages = append(pages, []scanned{{dict: size + c.dict, data: c.data}})
	}
	v := mustView(t, newOpener(t, Limits{}, 1), "a.pdf", pdfScan(pages...))
	if len(v.pages) != len(cases) {
		t.Fatalf("want %d pages: %s", len(cases), v)
	}
	for i, c := range cases {
		if p := v.pages[i]; p.Number != i+1 || p.Image != 1 {
			t.Errorf("%s is called %d, image %d", c.name, p.Number, p.Image)
		} else if d := unlike(t, p.Raster, c.want); d > c.off {
			t.Errorf("%s differs by %.2f", c.name, d)
		}
	}
}

// runBytes writes bytes as runs, all of them literal.
func runBytes(b []byte) []byte {
	var out []byte
	for len(b) > 0 {
		n := min(len(b), 128)
		out = append(append(out, byte(n-1)), b[:n]...)
		b = b[n:]
	}
	return out
}

func TestPagesOfAPdfAreCountedAndTurnedAndStripsAreJoined(t *testing.T) {
	m := drawnPage(500, 704)
	flate := func(p *image.Gray) scanned {
		return scanned{dict: sized(p) + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", data: deflated(p.Pix)}
	}
	whole := flate(m)
	var cut []scanned
	for i := range 8 {
		strip := flate(m.SubImage(image.Rect(0, i*88, 500, (i+1)*88)).(*image.Gray))
		strip.data = deflated(m.Pix[i*88*500 : (i+1)*88*500])
		strip.place = fmt.Sprintf("595 0 0 105.25 0 %g", 842-105.25*float64(i+1))
		cut = append(cut, strip)
	}
	upsideDown := whole
	upsideDown.place = "-595 0 0 -842 595 842"
	quarter := whole
	quarter.place = "0 842 -595 0 595 0"
	icon := flate(drawnPage(150, 190))
	v := mustView(t, newOpener(t, Limits{}, 1), "a.pdf", pdfScan([]scanned{icon, whole}, cut, []scanned{upsideDown}, []scanned{quarter}))
	if len(v.pages) != 4 {
		t.Fatalf("want 4 pages: %s", v)
	}
	for i, p := range v.pages {
		if p.Number != i+1 || p.Image != 1 {
			t.Errorf("page %d is called %d, image %d", i+1, p.Number, p.Image)
		}
	}
	if d := unlike(t, v.pages[0].Raster, m) + unlike(t, v.pages[1].Raster, m); d > 0 {
		t.Errorf("whole and strips differ by %.2f", d)
	}
	d := newDrawer(&link{})
	for i, turn := range map[int]int{2: 3, 3: 8} {
		back := d.turned(v.pages[i].Raster, map[int]int{3: 3, 8: 6}[turn])
		if off := unlike(t, back, m); off > 0 {
			t.Errorf("page %d turned differs by %.2f", i+1, off)
		}
	}
}

func TestAPdfMadeAnewByAnotherProgramGivesTheSamePages(t *testing.T) {
	cairo := testneeds.Program(t, "pdftocairo", "poppler-utils")
	m := drawnPage(500, 707)
	flate := scanned{dict: sized(m) + "/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", data: deflated(m.Pix)}
	jpg := scanned{dict: sized(m) + "/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode", data: jpegOf(t, tinted(m), 90)}
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/a.pdf", pdfScan([]scanned{flate}, []scanned{jpg}), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(cairo, "-pdf", dir+"/a.pdf", dir+"/b.pdf").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	b, err := os.ReadFile(dir + "/b.pdf")
	if err != nil {
		t.Fatal(err)
	}
	v := mustView(t, newOpener(t, Limits{}, 1), "b.pdf", b)
	if len(v.pages) != 2 || v.pages[1].Number != 2 || unlike(t, v.pages[0].Raster, m)+unlike(t, v.pages[1].Raster, m) > 2 {
		t.Errorf("%s", v)
	}
}

func TestObjectsThatLieInStreamsAreFound(t *testing.T) {
	m := drawnPage(240, 340)
	packed := []string{"<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 1/Kids[3 0 R]>>", "<</Type/Page/Parent 2 0 R/Contents 5 0 R/Resources 7 0 R/MediaBox[0 0 595 842]>>", "<</XObject<</A#42 4 0 R>>>>"}
	var head, body strings.Builder
	for i, number := range []int{1, 2, 3, 7} {
		fmt.Fprintf(&head, "%d %d ", number, body.Len())
		body.WriteString(packed[i] + " ")
	}
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	stream := func(number int, dict string, data []byte) {
		fmt.Fprintf(&b, "%d 0 obj\n<<%s/Length %d>>stream\r\n%s\nendstream\nendobj\n", number, dict, len(data), data)
	}
	stream(4, "/Type/XObject/Subtype/Image"+sized(m)+"/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", deflated(m.Pix))
	stream(5, "", []byte("q 595 0 0 842 0 0 cm BI /W 1 /H 1 ID \x00 /AB Do EI /AB Do Q"))
	stream(6, fmt.Sprintf("/Type/ObjStm/N 4/First %d/Filter/FlateDecode", head.Len()), deflated([]byte(head.String()+body.String())))
	stream(8, "/Type/XRef/Root 1 0 R/Size 9/W[1 2 1]", make([]byte, 36))
	v := mustView(t, newOpener(t, Limits{}, 1), "a.pdf", b.Bytes())
	if len(v.pages) != 1 || v.pages[0].Number != 1 || unlike(t, v.pages[0].Raster, m) != 0 {
		t.Errorf("%s", v)
	}
}

func TestAnImageThatIsNotDecodedIsToldAndTheTextStands(t *testing.T) {
	symbols := jbig2SegmentOf(0, 16, make([]byte, 10)) // patterns of a half-tone
	for filter, data := range map[string][]byte{"JBIG2Decode": symbols, "JPXDecode": jpxWith(1000, 1400, 0xff5f)} {
		v := mustView(t, newOpener(t, Limits{}, 1), "a.pdf", pdfScan([]scanned{{dict: "/Width 1000/Height 1400/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/" + filter, data: data}}))
		if p := v.at(t, "a.pdf!/page 1 image 1"); v.ends[p.Index] != ErrUnsupported || v.ends[0] != nil || len(v.pages) > 0 {
			t.Errorf("%s: %s", filter, v)
		}
	}
}
