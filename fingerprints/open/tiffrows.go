package open

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"math/bits"

	"github.com/klauspost/compress/zlib"
	"golang.org/x/image/tiff/lzw"
)

// Compressions of TIFF.
const (
	tiffPlain    = 1
	tiffRuns     = 2 // of T.4, without ends of lines
	tiffT4       = 3
	tiffT6       = 4
	tiffLZW      = 5
	tiffOldJPEG  = 6
	tiffJPEG     = 7
	tiffDeflate  = 8
	tiffPackBits = 32773
	tiffDeflate0 = 32946
)

const (
	tiffPieces = imageSide // as many as a page has rows
	tiffFailed = 64        // so many pieces are tried that do not decode
)

// tiffLayout is how the pixels of a page lie in strips or tiles.
type tiffLayout struct {
	it        *item
	d         *tiffPage
	w, h      int
	tall      int // how often each row counts: pixels of fax machines are taller than wide
	tw, th    int // of a strip or tile
	across    int // tiles in a row
	at, sizes []int64
	skip      int // pieces before those that are read
	pack      int64
	samples   pixels
	predicted bool
	swap      bool // samples of two bytes lie the low one first
	some      bool // any piece could be read
	failed    int  // pieces that could not
	buf       *bufio.Reader
	wide, raw []byte
}

func (it *item) tiffLayout(d *tiffPage) (*tiffLayout, error) {
	p := &tiffLayout{
		it: it, d: d, tall: 1, across: 1, w: int(d.number(tagWidth, 0)), h: int(d.number(tagLength, 0)), pack: d.number(tagCompression, tiffPlain),
		predicted: d.number(tagPredictor, 1) == 2,
	}
	if err := p.colours(); err != nil {
		return nil, err
	}
	bilevel := p.samples.bits == 1 && p.samples.each == 1
	if x, y := d.number(tagAcross, 0), d.number(tagDown, 0); bilevel && y > 0 && x*10 >= 16*y && x*10 <= 24*y && p.h < imageSide/2 {
		p.tall = 2
	}
	if err := it.declared(p.w, p.h*p.tall, bilevel, 0); err != nil {
		return nil, err
	}
	return p, p.pieces()
}

// pieces finds the strips or tiles.
func (p *tiffLayout) pieces() error {
	d := p.d
	p.tw, p.th = p.w, int(min(d.number(tagRowsPerStrip, int64(p.h)), int64(p.h)))
	places, sizes := uint16(tagStrips), uint16(tagStripBytes)
	if tw := int(d.number(tagTileWidth, 0)); tw > 0 {
		p.tw, p.th = tw, int(d.number(tagTileLength, 0))
		if p.tw > imageSide || p.th > imageSide {
			return errTooLarge
		}
		p.across = (p.w + p.tw - 1) / p.tw
		places, sizes = tagTiles, tagTileBytes
	}
	if p.th <= 0 {
		return ErrDamaged
	}
	if int64(p.w)*int64(p.th) > p.it.limits.Memory/4 && p.across > 1 {
		return errTooLarge
	}
	pieces := int64(p.across) * int64((p.h+p.th-1)/p.th)
	if d.number(tagPlanar, 1) == 2 && p.samples.each > 1 {
		p.skip = int(pieces)
		if p.samples.mean != coloursRGB {
			return ErrUnsupported
		}
		p.samples = pixels{bits: p.samples.bits, each: 1} // green tells most
	}
	if pieces > tiffPieces {
		return errTooLarge
	}
	p.at, p.sizes = d.numbers(places, pieces+int64(p.skip)), d.numbers(sizes, pieces+int64(p.skip))
	if len(p.at) == 0 {
		if p.pack != tiffOldJPEG || d.number(tagJPEGStart, 0) == 0 {
			return ErrDamaged
		}
		p.at = []int64{d.number(tagJPEGStart, 0)}
	}
	if start := d.number(tagJPEGStart, 0); p.pack == tiffOldJPEG && start > 0 {
		// The whole image lies there as a file of its own, of which the strips are parts.
		p.at, p.sizes, p.th, p.pack = []int64{start}, []int64{d.number(tagJPEGLength, 0)}, p.h, tiffJPEG
	}
	return nil
}

// colours reads what the samples mean.
func (p *tiffLayout) colours() error {
	d := p.d
	s := &p.samples
	s.each = int(d.number(tagSamples, 1))
	depth := d.numbers(tagBits, 8)
	s.bits = 1
	for i, b := range depth {
		if s.bits = int(b); b != depth[0] && i < s.each {
			return ErrUnsupported
		}
	}
	meaning := d.number(tagPhotometric, 0)
	if d.number(tagFormat, 1) != 1 && p.pack != tiffJPEG {
		return ErrUnsupported
	}
	need := 1
	switch meaning {
	case 0, 1, 8:
		s.table = greyTable(s.bits, meaning == 0)
	case 2:
		s.mean, need = coloursRGB, 3
	case 3:
		if s.table = p.colourMap(); s.table == nil {
			return ErrDamaged
		}
	case 5:
		s.mean, need = coloursInk, 4
	case 6:
		sub := d.numbers(tagSubsampling, 2)
		if p.pack != tiffJPEG && p.pack != tiffOldJPEG && (len(sub) < 2 || sub[0] != 1 || sub[1] != 1) {
			return ErrUnsupported
		}
	default:
		return ErrUnsupported
	}
	if extra := d.number(tagExtra, 0); s.each == need+1 && (extra == 1 || extra == 2) {
		s.alpha = true
	}
	p.swap = s.bits == 16 && p.d.t.order == binary.ByteOrder(binary.LittleEndian)
	if !s.sound() {
		return ErrUnsupported
	}
	return nil
}

// greyTable gives the grey of each value of a sample of so many bits; nil where it is the value itself, and
// where there are no such samples.
func greyTable(depth int, inverted bool) *[256]byte {
	if depth < 1 || !inverted && depth >= 8 {
		return nil
	}
	var t [256]byte
	top := 1<<min(depth, 8) - 1
	for v := range t {
		t[v] = byte(min(v, top) * 255 / top)
		if inverted {
			t[v] = 255 - t[v]
		}
	}
	return &t
}

func (p *tiffLayout) colourMap() *[256]byte {
	n := 1 << p.samples.bits
	m := p.d.numbers(tagColourMap, 3*256)
	if p.samples.bits > 8 || len(m) < 3*n {
		return nil
	}
	var t [256]byte
	for i := range n {
		t[i] = luma(byte(m[i]>>8), byte(m[n+i]>>8), byte(m[2*n+i]>>8))
	}
	return &t
}

// rows calls row with the page's rows. What cannot be read is white, or left off at the end, and the error says why.
func (p *tiffLayout) rows(row func([]byte)) error {
	var wrong error
	var band []byte // a row of tiles; strips need none
	if p.across > 1 {
		band = make([]byte, p.w*p.th)
	}
	blank := make([]byte, p.w)
	fillWhite(blank)
	missing := 0 // rows that could not be read: white, if any follow
	for i, y := p.skip, 0; y < p.h; y += p.th {
		high := min(p.th, p.h-y)
		if err := p.it.patient(); err != nil {
			return errors.Join(err, wrong)
		}
		if p.failed >= tiffFailed {
			break
		}
		if p.across == 1 {
			got := 0
			err := p.decode(i, p.tw, high, func(grey []byte) {
				for ; missing > 0; missing-- {
					row(blank)
				}
				row(grey[:p.w]) // a single tile may be wider
				got++
			})
			wrong = p.outcome(wrong, err, got)
			missing += high - got
			i++
			continue
		}
		fillWhite(band)
		for x := 0; x < p.w; x += p.tw {
			at := 0
			err := p.decode(i, p.tw, p.th, func(grey []byte) {
				if at < high {
					copy(band[at*p.w+x:(at+1)*p.w], grey)
					at++
				}
			})
			wrong = p.outcome(wrong, err, at)
			i++
		}
		for at := range high {
			row(band[at*p.w : (at+1)*p.w])
		}
	}
	return faultOf(wrong)
}

// outcome notes how a piece went of which so many rows came, and returns the first trouble so far.
func (p *tiffLayout) outcome(wrong, err error, rows int) error {
	p.some = p.some || rows > 0
	if err == nil {
		return wrong
	}
	p.failed++
	if wrong == nil {
		wrong = faultOf(err)
	}
	return wrong
}

func fillWhite(b []byte) {
	for i := range b {
		b[i] = 255
	}
}

// decode reads one strip or tile, at most h rows of w pixels.
func (p *tiffLayout) decode(i, w, h int, row func([]byte)) error {
	r, size, err := p.piece(i)
	if err != nil {
		return err
	}
	if p.d.number(tagFillOrder, 1) == 2 && p.pack <= tiffT6 {
		r = mirrored{r}
	}
	switch p.pack {
	case tiffRuns, tiffT4, tiffT6:
		return p.fax(r, size, w, h, row)
	case tiffJPEG, tiffOldJPEG:
		return p.jpeg(r, w, h, row)
	case tiffPlain:
	case tiffLZW:
		l := lzw.NewReader(bufio.NewReader(r), lzw.MSB, 8)
		defer l.Close()
		r = l
	case tiffDeflate, tiffDeflate0:
		z, err := zlib.NewReader(bufio.NewReader(r))
		if err != nil {
			return err
		}
		defer z.Close()
		r = z
	case tiffPackBits:
		r = &packBits{r: bufio.NewReader(r), eod: -1}
	default:
		return ErrUnsupported
	}
	if p.buf == nil {
		p.buf = bufio.NewReaderSize(r, chunk)
	}
	p.buf.Reset(r)
	return p.plain(p.buf, w, h, row)
}

// plain reads rows of samples.
func (p *tiffLayout) plain(r io.Reader, w, h int, row func([]byte)) error {
	s := &p.samples
	p.raw = grow(p.raw, s.rowBytes(w))
	grey := make([]byte, w)
	for range h {
		if _, err := io.ReadFull(r, p.raw); err != nil {
			return orEOF(err)
		}
		if p.swap {
			for i := 0; i+1 < len(p.raw); i += 2 {
				p.raw[i], p.raw[i+1] = p.raw[i+1], p.raw[i]
			}
		}
		if p.predicted {
			addUp(p.raw, s.bits, s.each)
		}
		s.grey(grey, p.raw, &p.wide)
		row(grey)
	}
	return nil
}

// addUp undoes the predictor of TIFF: each sample is told by how it differs from that of the pixel before.
func addUp(row []byte, depth, each int) {
	switch depth {
	case 8:
		for i := each; i < len(row); i++ {
			row[i] += row[i-each]
		}
	case 16:
		for i := 2 * each; i+1 < len(row); i += 2 {
			v := binary.BigEndian.Uint16(row[i:]) + binary.BigEndian.Uint16(row[i-2*each:])
			binary.BigEndian.PutUint16(row[i:], v)
		}
	}
}

// faxMost is how many bytes of one coded image are read; a sheet of A0 has a tenth of it.
const faxMost = 64 << 20

func (p *tiffLayout) fax(r io.Reader, size int64, w, h int, row func([]byte)) error {
	b, err := io.ReadAll(io.LimitReader(r, min(size, faxMost)))
	if err != nil {
		return err
	}
	k, align := -1, false
	switch options := p.d.number(tagFaxOptions, 0); p.pack {
	case tiffRuns:
		k, align = 0, true
	case tiffT4:
		k = int(options & 1)
	}
	white, black := byte(255), byte(0)
	if p.d.number(tagPhotometric, 0) == 1 {
		white, black = black, white
	}
	return faxRows(newFax(b, w, k, align), h, white, black, row)
}

// faxRows calls row with at most h rows. An end before is none of the caller's troubles, as long as there was a row.
func faxRows(f *fax, h int, white, black byte, row func([]byte)) error {
	grey := make([]byte, f.w)
	for y := range h {
		changes, err := f.next()
		if err == io.EOF && y > 0 {
			return nil
		}
		if err != nil {
			return orEOF(err)
		}
		paintFax(grey, changes, white, black)
		row(grey)
	}
	return nil
}

// mirrored turns the bits of each byte round.
type mirrored struct{ r io.Reader }

func (m mirrored) Read(b []byte) (int, error) {
	n, err := m.r.Read(b)
	for i, c := range b[:n] {
		b[i] = bits.Reverse8(c)
	}
	return n, err
}

// packBits reads runs of bytes: Apple's PackBits in TIFF, and the RunLengthDecode of PDF (ISO 32000-1, 7.4.5), which has an end.
type packBits struct {
	r     *bufio.Reader
	eod   int // the length byte that is the end; -1: none
	left  int
	again bool
	value byte
}

func (p *packBits) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		if p.left == 0 {
			c, err := p.r.ReadByte()
			if err != nil {
				return n, err
			}
			switch {
			case int(c) == p.eod:
				return n, io.EOF
			case c < 128:
				p.left, p.again = int(c)+1, false
			case c > 128:
				p.left, p.again = 257-int(c), true
				if p.value, err = p.r.ReadByte(); err != nil {
					return n, err
				}
			}
			continue
		}
		m := min(p.left, len(b)-n)
		if p.again {
			for i := range m {
				b[n+i] = p.value
			}
		} else {
			got, err := io.ReadFull(p.r, b[n:n+m])
			if err != nil {
				return n + got, err
			}
		}
		n += m
		p.left -= m
	}
	return n, nil
}

// jpeg decodes a strip or tile that is a JPEG image, whose tables may lie with the page.
func (p *tiffLayout) jpeg(r io.Reader, w, h int, row func([]byte)) error {
	b, err := io.ReadAll(io.LimitReader(r, jpegMost))
	if err != nil {
		return err
	}
	if tables, _ := p.d.bytes(tagJPEGTables, chunk); len(tables) > 4 {
		b = append(tables[:len(tables)-2:len(tables)-2], b...) // markers of a second beginning are passed over
	}
	d := newJPEG(p.it, b)
	if err := d.frame(); err != nil {
		return err
	}
	if p.d.number(tagPhotometric, 6) == 2 {
		d.adobe = 0
	}
	line := make([]byte, w)
	fillWhite(line)
	got := 0
	return d.decode(8, func(grey []byte) {
		if got++; got <= h {
			copy(line, grey)
			row(line)
		}
	})
}
