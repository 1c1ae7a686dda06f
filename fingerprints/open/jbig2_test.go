package open

import (
	"bytes"
	"encoding/binary"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"unmirror/internal/testneeds"
)

// jbig2Coder is the encoder of annex E of T.88, of which the decoder knows nothing but the table.
type jbig2Coder struct {
	out  []byte // the first byte is none
	c, a uint32
	left int
}

func newJBIG2Coder() *jbig2Coder { return &jbig2Coder{out: []byte{0}, a: 0x8000, left: 12} }

func (e *jbig2Coder) put(context *byte, bit byte) {
	s, likely := arithmeticStates[*context>>1], *context&1
	e.a -= s.qe
	if bit == likely {
		if e.a&0x8000 != 0 {
			e.c += s.qe
			return
		}
		if e.a < s.qe {
			e.a = s.qe
		} else {
			e.c += s.qe
		}
		*context = s.more<<1 | likely
	} else {
		if e.a < s.qe {
			e.c += s.qe
		} else {
			e.a = s.qe
		}
		if s.switchSense {
			likely ^= 1
		}
		*context = s.less<<1 | likely
	}
	for {
		e.a <<= 1
		e.c <<= 1
		if e.left--; e.left == 0 {
			e.byteOut()
		}
		if e.a&0x8000 != 0 {
			return
		}
	}
}

func (e *jbig2Coder) byteOut() {
	last := &e.out[len(e.out)-1]
	if *last != 0xff && e.c >= 0x8000000 {
		if *last++; *last == 0xff {
			e.c &= 0x7ffffff
		}
	}
	if *last == 0xff {
		e.out = append(e.out, byte(e.c>>20))
		e.c, e.left = e.c&0xfffff, 7
		return
	}
	e.out = append(e.out, byte(e.c>>19))
	e.c, e.left = e.c&0x7ffff, 8
}

func (e *jbig2Coder) end() []byte {
	most := e.c + e.a
	if e.c |= 0xffff; e.c >= most {
		e.c -= 0x8000
	}
	for range 2 {
		e.c <<= e.left
		e.byteOut()
	}
	return append(e.out[1:], 0xff, 0xac)
}

// jbig2Pixels is what a test draws: 1 is black.
type jbig2Pixels struct {
	w, h int
	at   func(x, y int) byte
}

func (p jbig2Pixels) get(x, y int) byte {
	if x < 0 || y < 0 || x >= p.w || y >= p.h {
		return 0
	}
	return p.at(x, y)
}

func pixelsOf(m *image.Gray) jbig2Pixels {
	return jbig2Pixels{m.Rect.Dx(), m.Rect.Dy(), func(x, y int) byte { return 1 - m.Pix[y*m.Stride+x]/255 }}
}

// jbig2Contexts lists where the pixels of a template's context stand, the lowest bit first (6.2.5.3, figures 3 to 6).
func jbig2Contexts(template int, adaptive []int8) (at [][2]int) {
	a := func(i int) [2]int { return [2]int{int(adaptive[2*i]), int(adaptive[2*i+1])} }
	row := func(y, from, to int) (list [][2]int) {
		for x := from; x >= to; x-- {
			list = append(list, [2]int{x, y})
		}
		return list
	}
	switch template {
	case 0:
		at = append(row(0, -1, -4), a(0))
		at = append(at, row(-1, 2, -2)...)
		at = append(at, a(1), a(2))
		return append(append(at, row(-2, 1, -1)...), a(3))
	case 1:
		at = append(row(0, -1, -3), a(0))
		return append(append(at, row(-1, 2, -2)...), row(-2, 2, -1)...)
	case 2:
		at = append(row(0, -1, -2), a(0))
		return append(append(at, row(-1, 1, -2)...), row(-2, 1, -1)...)
	}
	at = append(row(0, -1, -4), a(0))
	return append(at, row(-1, 1, -3)...)
}

// encode codes pixels; typical says that rows like the one above are told as such.
func (p jbig2Pixels) encode(template int, adaptive []int8, typical bool) []byte {
	e, contexts, places := newJBIG2Coder(), make([]byte, 1<<16), jbig2Contexts(template, adaptive)
	was := byte(0)
	for y := range p.h {
		if typical {
			same := byte(1)
			for x := range p.w {
				if p.get(x, y) != p.get(x, y-1) {
					same = 0
				}
			}
			e.put(&contexts[jbig2Typical[template]], same^was)
			if was = same; same == 1 {
				continue
			}
		}
		for x := range p.w {
			context := 0
			for i, d := range places {
				context |= int(p.get(x+d[0], y+d[1])) << i
			}
			e.put(&contexts[context], p.get(x, y))
		}
	}
	return e.end()
}

func usualAdaptive(template int) (out []int8) {
	for _, a := range jbig2Templates(template).adaptive {
		out = append(out, int8(a.x), int8(a.y))
	}
	return out
}

// region is the data of a segment of a generic region.
func (p jbig2Pixels) region(x, y int, how byte, template int, adaptive []int8, typical bool) []byte {
	b := regionHead(p.w, p.h, x, y, how)
	flags := byte(template << 1)
	if typical {
		flags |= 8
	}
	b = append(b, flags)
	for _, a := range adaptive {
		b = append(b, byte(a))
	}
	return append(b, p.encode(template, adaptive, typical)...)
}

func regionHead(w, h, x, y int, how byte) (b []byte) {
	for _, v := range []int{w, h, x, y} {
		b = binary.BigEndian.AppendUint32(b, uint32(v))
	}
	return append(b, how)
}

func jbig2SegmentOf(number, kind int, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(number))
	b = append(b, byte(kind), 0, 1)
	return append(binary.BigEndian.AppendUint32(b, uint32(len(body))), body...)
}

func jbig2PageOf(w, h int, flags byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(w))
	b = binary.BigEndian.AppendUint32(b, uint32(h))
	return jbig2SegmentOf(0, jbig2PageInfo, append(b, 0, 0, 0, 0, 0, 0, 0, 0, flags, 0, 0))
}

func bilevelDict(m image.Image) string {
	return sized(m) + "/ColorSpace/DeviceGray/BitsPerComponent 1/Filter/JBIG2Decode"
}

func TestJBIG2OfScannersIsRead(t *testing.T) {
	m := drawnPage(240, 340)
	_, black := bilevel(m)
	p, w, h := pixelsOf(black), 240, 340
	page := jbig2PageOf(w, h, 0)
	whole := func(template int, adaptive []int8, typical bool) []byte {
		return append(bytes.Clone(page), jbig2SegmentOf(1, jbig2GenericSame, p.region(0, 0, 0, template, adaptive, typical))...)
	}
	strip := func(from, to int) jbig2Pixels {
		return jbig2Pixels{w, to - from, func(x, y int) byte { return p.at(x, y+from) }}
	}
	striped := bytes.Clone(page)
	striped = append(striped, jbig2SegmentOf(1, jbig2GenericNow, strip(0, 100).region(0, 0, 4, 0, usualAdaptive(0), true))...)
	striped = append(striped, jbig2SegmentOf(2, jbig2EndOfStripe, []byte{0, 0, 0, 99})...)
	striped = append(striped, jbig2SegmentOf(3, jbig2GenericNow, strip(100, h).region(0, 100, 0, 0, usualAdaptive(0), false))...)
	striped = append(striped, jbig2SegmentOf(4, jbig2EndOfPage, nil)...)
	open := jbig2SegmentOf(1, jbig2GenericNow, append(p.region(0, 0, 0, 0, usualAdaptive(0), false), 0, 0, 1, 84))
	binary.BigEndian.PutUint32(open[7:], jbig2LengthOpen)
	cases := map[string][]byte{
		"template 0":                 whole(0, usualAdaptive(0), false),
		"template 1":                 whole(1, usualAdaptive(1), false),
		"template 2":                 whole(2, usualAdaptive(2), true),
		"template 3":                 whole(3, usualAdaptive(3), true),
		"rows like the one above":    whole(0, usualAdaptive(0), true),
		"adaptive pixels far away":   whole(0, []int8{-5, 0, 17, -30, 2, -2, -2, -2}, false),
		"an adaptive pixel far back": whole(1, []int8{3, -128}, true),
		"stripes":                    striped,
		"of no told length":          append(bytes.Clone(page), open...),
		"as a fax":                   append(bytes.Clone(page), jbig2SegmentOf(1, jbig2GenericNow, append(append(regionHead(w, h, 0, 0, 0), 1), faxOf(t, "black-Group4.tif")...))...),
		"on black paper":             append(jbig2PageOf(w, h, 4), jbig2SegmentOf(1, jbig2GenericNow, p.region(0, 0, 1, 0, usualAdaptive(0), true))...),
	}
	o := newOpener(t, Limits{}, 1)
	for name, b := range cases {
		v := mustView(t, o, "a.pdf", pdfScan([]scanned{{dict: bilevelDict(m), data: b}}))
		if len(v.pages) != 1 || unlike(t, v.pages[0].Raster, black) != 0 {
			t.Errorf("%s: %s", name, v)
		}
	}
}

func TestPopplerReadsTheJBIG2OfTheseTests(t *testing.T) {
	tool := testneeds.Program(t, "pdfimages", "poppler-utils")
	m := drawnPage(240, 340)
	_, black := bilevel(m)
	p := pixelsOf(black)
	dir := t.TempDir()
	file := filepath.Join(dir, "a.pdf")
	b := append(jbig2PageOf(240, 340, 0), jbig2SegmentOf(1, jbig2GenericSame, p.region(0, 0, 0, 0, usualAdaptive(0), true))...)
	if err := os.WriteFile(file, pdfScan([]scanned{{dict: bilevelDict(m), data: b}}), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(tool, "-png", file, filepath.Join(dir, "x")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	f, err := os.Open(filepath.Join(dir, "x-000.png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	for y := range 340 {
		for x := range 240 {
			if r, _, _, _ := got.At(x, y).RGBA(); byte(r>>8) != black.Pix[y*black.Stride+x] {
				t.Fatalf("pixel %d, %d differs", x, y)
			}
		}
	}
}

// FuzzJBIG2 runs the decoder on any segments.
func FuzzJBIG2(f *testing.F) {
	_, black := bilevel(drawnPage(40, 30))
	p := pixelsOf(black)
	f.Add(append(jbig2PageOf(40, 30, 0), jbig2SegmentOf(1, jbig2GenericSame, p.region(0, 0, 0, 0, usualAdaptive(0), true))...))
	f.Add(append(jbig2PageOf(40, 30, 4), jbig2SegmentOf(1, jbig2GenericNow, p.region(7, 9, 3, 1, []int8{3, -128}, false))...))
	f.Fuzz(func(t *testing.T, b []byte) {
		it := drawingItem(b)
		j, err := newJBIG2(it, 40, 30)
		if err != nil {
			t.Fatal(err)
		}
		start, rows := time.Now(), 0
		_ = j.segments(b)
		j.grey(255, 0, func(row []byte) { rows += len(row) / 40 })
		if took := time.Since(start); rows != 30 || took > 2*time.Minute {
			t.Fatalf("%d rows after %s", rows, took)
		}
	})
}

func BenchmarkJBIG2(b *testing.B) {
	m := drawnPage(1000, 1414)
	_, black := bilevel(m)
	p := pixelsOf(black)
	code := append(jbig2PageOf(1000, 1414, 0), jbig2SegmentOf(1, jbig2GenericSame, p.region(0, 0, 0, 0, usualAdaptive(0), true))...)
	for b.Loop() {
		j, err := newJBIG2(drawingItem(code), 1000, 1414)
		if err != nil || j.segments(code) != nil {
			b.Fatal(err)
		}
	}
}
