package open

import (
	"bytes"
	"encoding/binary"
	"io"
)

// jbig2 decodes images in black and white as scanners write them into a PDF (ITU-T T.88, of which clauses are named below):
// regions of pixels, coded by arithmetic or as faxes are. Of symbols, half-tones and refinements it says ErrUnsupported,
// before any row.
type jbig2 struct {
	it   *item
	w, h int
	row  int    // bytes of a row of bits
	bits []byte // 1 is black
	any  bool   // a region was drawn
}

const (
	jbig2Most     = 64 << 20 // bytes of one image
	jbig2Segments = 100_000
)

// newJBIG2 makes the page of an image, whose size was checked.
func newJBIG2(it *item, w, h int) (*jbig2, error) {
	if err := it.declared(w, h, true, int64(w)*int64(h)/8); err != nil {
		return nil, err
	}
	row := (w + 7) / 8
	return &jbig2{it: it, w: w, h: h, row: row, bits: make([]byte, row*h)}, nil
}

// jbig2Segment is the header of a segment (7.2).
type jbig2Segment struct {
	kind   int
	length int // -1: not known
}

// Kinds of segments (7.3).
const (
	jbig2GenericNow   = 38
	jbig2GenericSame  = 39
	jbig2PageInfo     = 48
	jbig2EndOfPage    = 49
	jbig2EndOfStripe  = 50
	jbig2EndOfFile    = 51
	jbig2Profiles     = 52
	jbig2Extension    = 62
	jbig2LengthOpen   = 1<<32 - 1
	jbig2RegionHeader = 17
)

// segments draws what the segments of a stream say.
func (j *jbig2) segments(b []byte) error {
	for n := 0; len(b) > 0 && n < jbig2Segments; n++ {
		s, rest, ok := jbig2Head(b)
		if !ok {
			return orSome(j.any, io.ErrUnexpectedEOF)
		}
		if s.length < 0 {
			if s.length = jbig2Open(rest); s.length < 0 {
				return ErrDamaged
			}
		}
		body, cut := rest, true
		if s.length <= len(rest) {
			body, b, cut = rest[:s.length], rest[s.length:], false
		}
		switch s.kind {
		case jbig2PageInfo:
			j.page(body)
		case jbig2GenericNow, jbig2GenericSame:
			if err := j.generic(body); err != nil {
				return err
			}
		case jbig2EndOfPage, jbig2EndOfFile:
			return nil
		case jbig2EndOfStripe, jbig2Profiles, jbig2Extension:
		default:
			return errNotDecoded{"JBIG2Decode of symbols"}
		}
		if cut {
			return io.ErrUnexpectedEOF
		}
	}
	return nil
}

// orSome is what a missing end means: something was drawn, or nothing.
func orSome(any bool, err error) error {
	if any {
		return nil
	}
	return err
}

// jbig2Head reads the header of a segment (7.2.2 to 7.2.7).
func jbig2Head(b []byte) (s jbig2Segment, rest []byte, ok bool) {
	if len(b) < 11 {
		return s, nil, false
	}
	number, flags := binary.BigEndian.Uint32(b), b[4]
	s.kind = int(flags & 63)
	refs, at := int(b[5]>>5), 6
	if refs == 7 {
		refs = int(binary.BigEndian.Uint32(b[5:]) & (1<<29 - 1))
		at = 9 + (refs+8)/8
	}
	each := 4
	switch {
	case number <= 256:
		each = 1
	case number <= 65536:
		each = 2
	}
	at += refs * each
	if at++; flags&64 != 0 {
		at += 3
	}
	if at < 0 || at+4 > len(b) {
		return s, nil, false
	}
	s.length = int(binary.BigEndian.Uint32(b[at:]))
	if s.length == jbig2LengthOpen {
		s.length = -1
	}
	return s, b[at+4:], true
}

// jbig2Open finds the end of a region whose length is not told (7.2.7): two bytes that occur nowhere else, and how many rows
// there are.
func jbig2Open(b []byte) int {
	if len(b) <= jbig2RegionHeader {
		return -1
	}
	end := []byte{0xff, 0xac}
	if b[jbig2RegionHeader]&1 != 0 {
		end = []byte{0, 0}
	}
	at := bytes.Index(b[jbig2RegionHeader:], end)
	if n := jbig2RegionHeader + at + 6; at >= 0 && n <= len(b) {
		return n
	}
	return -1
}

// page fills the page with its colour (7.4.8). What it says of its size is the PDF's to say.
func (j *jbig2) page(b []byte) {
	if len(b) >= 17 && b[16]&4 != 0 && !j.any {
		for i := range j.bits {
			j.bits[i] = 0xff
		}
	}
}

// jbig2Region is the header of a region (7.4.1).
type jbig2Region struct {
	w, h, x, y int
	how        byte // how it is laid on the page: or, and, xor, xnor, in place of
}

func jbig2RegionOf(b []byte) (r jbig2Region, rest []byte, ok bool) {
	if len(b) < jbig2RegionHeader {
		return r, nil, false
	}
	n := func(at int) int { return int(binary.BigEndian.Uint32(b[at:])) }
	r = jbig2Region{n(0), n(4), n(8), n(12), b[16] & 7}
	return r, b[jbig2RegionHeader:], true
}

// generic draws a region of pixels (7.4.6).
func (j *jbig2) generic(b []byte) error {
	r, b, ok := jbig2RegionOf(b)
	if !ok || len(b) < 1 || r.how > 4 {
		return ErrDamaged
	}
	if r.w < 1 || r.w > 2*j.w+64 {
		return ErrDamaged
	}
	r.h = max(0, min(r.h, j.h-r.y)) // what lies below the page is not seen
	flags := b[0]
	b = b[1:]
	j.any = true
	if flags&1 != 0 {
		return j.faxed(r, b)
	}
	g := newJBIG2Rows(r.w, int(flags>>1&3))
	if flags&16 != 0 && flags>>1&3 == 0 {
		return errNotDecoded{"JBIG2Decode with twelve adaptive pixels"}
	}
	n := 2 * len(g.adaptive)
	if len(b) < n {
		return ErrDamaged
	}
	if !g.adapt(b[:n]) {
		return ErrDamaged
	}
	code := newArithmetic(b[n:])
	same, typical := false, flags&8 != 0
	for y := range r.h {
		if y&127 == 127 {
			if err := j.it.patient(); err != nil {
				return err
			}
		}
		if typical && code.bit(&g.contexts[jbig2Typical[g.template]]) != 0 {
			same = !same
		}
		g.next(code, same)
		j.lay(r, y, g.current())
	}
	return nil
}

// faxed draws a region that is coded as faxes are (6.2.6).
func (j *jbig2) faxed(r jbig2Region, b []byte) error {
	f := newFax(b, r.w, -1, false)
	row := make([]byte, r.w)
	for y := range r.h {
		if y&127 == 127 {
			if err := j.it.patient(); err != nil {
				return err
			}
		}
		changes, err := f.next()
		if err != nil {
			if y == 0 {
				return orEOF(err)
			}
			return nil // what came is there
		}
		paintFax(row, changes, 0, 1)
		j.lay(r, y, row)
	}
	return nil
}

// lay puts a row of a region on the page, a byte a pixel.
func (j *jbig2) lay(r jbig2Region, y int, row []byte) {
	if y += r.y; y < 0 || y >= j.h || r.x >= j.w {
		return
	}
	to := j.bits[y*j.row:][:j.row]
	for x, v := range row[:min(len(row), j.w-r.x)] {
		at, mask := (r.x+x)>>3, byte(0x80)>>((r.x+x)&7)
		black := v != 0
		switch was := to[at]&mask != 0; r.how {
		case 0:
			black = black || was
		case 1:
			black = black && was
		case 2:
			black = black != was
		case 3:
			black = black == was
		}
		if black {
			to[at] |= mask
		} else {
			to[at] &^= mask
		}
	}
}

// jbig2Typical are the contexts in which it is told that a row is the one above it again (6.2.5.7).
var jbig2Typical = [4]int{0x9b25, 0x0795, 0x00e5, 0x0195}

// jbig2Template says which pixels foretell a pixel (6.2.5.3): so many of the row two above it, of the one above it and of its
// own, up to so far right of it. Adaptive ones stand where they do unless they are told to stand elsewhere.
type jbig2Template struct {
	two, twoRight, one, oneRight, own int
	adaptive                          []jbig2Adaptive
}

type jbig2Adaptive struct{ bit, x, y int }

func jbig2Templates(number int) jbig2Template {
	switch number {
	case 0:
		return jbig2Template{5, 2, 7, 3, 4, []jbig2Adaptive{{4, 3, -1}, {10, -3, -1}, {11, 2, -2}, {15, -2, -2}}}
	case 1:
		return jbig2Template{4, 2, 6, 3, 3, []jbig2Adaptive{{3, 3, -1}}}
	case 2:
		return jbig2Template{3, 1, 5, 2, 2, []jbig2Adaptive{{2, 2, -1}}}
	}
	return jbig2Template{0, 0, 6, 2, 4, []jbig2Adaptive{{4, 2, -1}}}
}

// jbig2Margin is how many pixels beyond either end of a row are asked for by the templates; jbig2Back how many rows back an
// adaptive pixel may lie.
const (
	jbig2Margin = 8
	jbig2Back   = 128
)

// jbig2Rows decodes the rows of a region.
type jbig2Rows struct {
	jbig2Template
	template int
	w        int
	contexts []byte
	moved    []jbig2Adaptive // those that stand elsewhere
	back     [][]byte        // the last rows in turn, a byte a pixel, with their margins
	y        int             // of the next row
}

func newJBIG2Rows(w, template int) *jbig2Rows {
	g := &jbig2Rows{jbig2Template: jbig2Templates(template), template: template, w: w, contexts: make([]byte, 1<<16)}
	g.keep(3)
	return g
}

func (g *jbig2Rows) keep(rows int) {
	g.back = make([][]byte, rows)
	for i := range g.back {
		g.back[i] = make([]byte, g.w+2*jbig2Margin)
	}
}

// adapt reads where the adaptive pixels stand (7.4.6.3).
func (g *jbig2Rows) adapt(b []byte) bool {
	far := 2
	for i, a := range g.adaptive {
		x, y := int(int8(b[2*i])), int(int8(b[2*i+1]))
		if y > 0 || y == 0 && x >= 0 || y < -jbig2Back {
			return false
		}
		if x != a.x || y != a.y {
			g.moved = append(g.moved, jbig2Adaptive{a.bit, x, y})
			far = max(far, -y)
		}
	}
	if far > 2 {
		g.keep(far + 1)
	}
	return true
}

// line is the row so many above the one that is decoded, which is 0.
func (g *jbig2Rows) line(above int) []byte {
	return g.back[(g.y-above+2*len(g.back))%len(g.back)]
}

// current is the row decoded last.
func (g *jbig2Rows) current() []byte { return g.line(1)[jbig2Margin:][:g.w] }

// next decodes a row, or takes the one above it again.
func (g *jbig2Rows) next(code *arithmetic, same bool) {
	own, one, two := g.line(0), g.line(1), g.line(2)
	if same {
		copy(own, one)
		g.y++
		return
	}
	g.decode(code, own, one, two)
	g.y++
}

func (g *jbig2Rows) decode(code *arithmetic, own, one, two []byte) {
	maskTwo, maskOne, maskOwn := 1<<g.two-1, 1<<g.one-1, 1<<g.own-1
	shiftTwo, shiftOne := g.one+g.own, g.own
	cTwo, cOne, cOwn := 0, 0, 0
	for x := range g.twoRight {
		cTwo = cTwo<<1 | int(two[jbig2Margin+x])
	}
	for x := range g.oneRight {
		cOne = cOne<<1 | int(one[jbig2Margin+x])
	}
	rightTwo, rightOne := two[jbig2Margin+g.twoRight:], one[jbig2Margin+g.oneRight:]
	to := own[jbig2Margin:][:g.w]
	for x := range to {
		cTwo = (cTwo<<1 | int(rightTwo[x])) & maskTwo
		cOne = (cOne<<1 | int(rightOne[x])) & maskOne
		context := cTwo<<shiftTwo | cOne<<shiftOne | cOwn
		for _, a := range g.moved {
			context &^= 1 << a.bit
			if at := x + a.x; at >= 0 && at < g.w {
				context |= int(g.line(-a.y)[jbig2Margin+at]) << a.bit
			}
		}
		v := code.bit(&g.contexts[context])
		to[x] = v
		cOwn = (cOwn<<1 | int(v)) & maskOwn
	}
}

// jbig2Grey calls row with the rows of a finished page.
func (j *jbig2) grey(white, black byte, row func([]byte)) {
	line := make([]byte, j.w)
	for y := range j.h {
		bits := j.bits[y*j.row:]
		for x := range line {
			line[x] = white
			if bits[x>>3]&(0x80>>(x&7)) != 0 {
				line[x] = black
			}
		}
		row(line)
	}
}
