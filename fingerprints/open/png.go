package open

import (
	"bufio"
	"encoding/binary"
	"image/png"
	"io"

	"github.com/klauspost/compress/zlib"

	"unmirror/fingerprints/page"
)

// pngImage reads the image data of a PNG (ISO 15948) as one stream, out of the chunks in which it lies. Chunks are
// passed over, not held, so that their length is of no matter; sums are not checked, since half a page is better than none.
type pngImage struct {
	r           *bufio.Reader
	left        int // bytes of the chunk at hand
	w, h        int
	samples     pixels
	interlaced  bool
	orientation int
	palette     [256]byte
	colour      byte
}

const pngHeader = 8 + 8 + 13 + 4

// png reads an image. The raster is empty where there is none.
func (it *item) png(c content) (page.Raster, int, error) {
	var h [pngHeader]byte
	if n, _ := c.ReadAt(h[:], 0); n < len(h) {
		return page.Raster{}, 1, ErrTruncated
	}
	p := &pngImage{orientation: 1}
	if err := p.header(h[8:]); err != nil {
		return page.Raster{}, 1, err
	}
	held := int64(0)
	if p.interlaced {
		held = 2 * int64(p.w) * int64(p.h) * int64(max(1, p.samples.rowBytes(1)))
	}
	if err := it.declared(p.w, p.h, p.samples.bits == 1 && p.samples.each == 1, held); err != nil {
		return page.Raster{}, 1, err
	}
	if p.interlaced {
		return it.interlaced(c)
	}
	p.r = bufio.NewReaderSize(io.NewSectionReader(c, pngHeader, c.Size()-pngHeader), chunk)
	if err := p.toData(); err != nil {
		return page.Raster{}, 1, err
	}
	z, err := zlib.NewReader(p)
	if err != nil {
		return page.Raster{}, 1, err
	}
	defer z.Close()
	s := it.draw.newShrinker(p.w, p.h)
	err = it.filteredRows(z, &p.samples, p.w, p.h, s.row)
	if s.rows == 0 {
		return page.Raster{}, 1, orEOF(err)
	}
	return s.raster(), p.orientation, err
}

// header reads the chunk IHDR.
func (p *pngImage) header(b []byte) error {
	if string(b[4:8]) != "IHDR" || binary.BigEndian.Uint32(b) != 13 {
		return ErrDamaged
	}
	w, h := binary.BigEndian.Uint32(b[8:]), binary.BigEndian.Uint32(b[12:])
	if w > 1<<31-1 || h > 1<<31-1 {
		return ErrDamaged
	}
	p.w, p.h, p.colour, p.interlaced = int(w), int(h), b[17], b[20] == 1
	s := &p.samples
	s.bits, s.each = int(b[16]), 1
	switch p.colour {
	case 0:
	case 2:
		s.mean, s.each = coloursRGB, 3
	case 3:
		s.table = &p.palette
	case 4:
		s.each, s.alpha = 2, true
	case 6:
		s.mean, s.each, s.alpha = coloursRGB, 4, true
	default:
		return ErrDamaged
	}
	if !s.sound() || b[18] != 0 || b[19] != 0 || b[20] > 1 || p.colour == 3 && s.bits > 8 {
		return ErrDamaged
	}
	return nil
}

// pngAside is the longest chunk that is read as such: palettes, what is transparent, and how the image is turned.
const pngAside = 64 << 10

// toData reads up to the next chunk of image data.
func (p *pngImage) toData() error {
	for {
		var h [8]byte
		if _, err := io.ReadFull(p.r, h[:]); err != nil {
			return orEOF(err)
		}
		n := int64(binary.BigEndian.Uint32(h[:]))
		switch kind := string(h[4:]); {
		case kind == "IDAT":
			p.left = int(n)
			return nil
		case kind == "IEND":
			return io.ErrUnexpectedEOF
		case (kind == "PLTE" || kind == "tRNS" || kind == "eXIf") && n <= pngAside:
			b := make([]byte, n)
			if _, err := io.ReadFull(p.r, b); err != nil {
				return orEOF(err)
			}
			p.aside(kind, b)
			n = 0
		}
		if _, err := io.CopyN(io.Discard, p.r, n+4); err != nil {
			return orEOF(err)
		}
	}
}

func (p *pngImage) aside(kind string, b []byte) {
	switch {
	case kind == "eXIf":
		p.orientation = readExif(b)
	case kind == "PLTE" && p.colour == 3:
		for i := 0; i+3 <= len(b) && i/3 < 256; i += 3 {
			p.palette[i/3] = luma(b[i], b[i+1], b[i+2])
		}
	case kind == "tRNS" && p.colour == 3:
		for i, a := range b[:min(len(b), 256)] {
			p.palette[i] = byte((uint32(p.palette[i])*uint32(a) + 255*(255-uint32(a))) / 255)
		}
	case kind == "tRNS" && !p.samples.alpha && len(b) == 2*p.samples.each:
		p.samples.key = nil // there may be a second one
		for ; len(b) > 0; b = b[2:] {
			p.samples.key = append(p.samples.key, binary.BigEndian.Uint16(b))
		}
	}
}

// Read gives the image data.
func (p *pngImage) Read(b []byte) (int, error) {
	for p.left == 0 {
		var h [12]byte // the sum of the last chunk, and the head of the next
		if _, err := io.ReadFull(p.r, h[:]); err != nil {
			return 0, orEOF(err)
		}
		if string(h[8:]) != "IDAT" {
			return 0, io.ErrUnexpectedEOF
		}
		p.left = int(binary.BigEndian.Uint32(h[4:]))
	}
	n, err := p.r.Read(b[:min(len(b), p.left)])
	p.left -= n
	return n, err
}

// interlaced leaves an image in seven passes to the standard library, which holds all of it.
func (it *item) interlaced(c content) (page.Raster, int, error) {
	m, err := png.Decode(bufio.NewReaderSize(sequential(c), chunk))
	if err != nil {
		return page.Raster{}, 1, err
	}
	s := it.draw.newShrinker(m.Bounds().Dx(), m.Bounds().Dy())
	eachGreyRow(m, s.row)
	return s.raster(), 1, nil
}

// filteredRows reads rows that are told by how they differ from what is left of them and above (ISO 15948, 9): those of
// PNG, and of PDF with such a predictor.
func (it *item) filteredRows(r io.Reader, s *pixels, w, h int, row func([]byte)) error {
	n, back := s.rowBytes(w), max(1, s.bits*s.each/8)
	// What lies before the row and above it is zero.
	cur, above := make([]byte, back+n+1), make([]byte, back+n+1)
	grey := make([]byte, w)
	var wide []byte
	for y := range h {
		if y&255 == 255 {
			if err := it.patient(); err != nil {
				return err
			}
		}
		line := cur[back-1:] // the filter's number, then the row
		if _, err := io.ReadFull(r, line[:n+1]); err != nil {
			return orEOF(err)
		}
		filter := line[0]
		line[0] = 0
		if !unfilter(filter, cur, above, back, n) {
			return ErrDamaged
		}
		s.grey(grey, cur[back:back+n], &wide)
		row(grey)
		cur, above = above, cur
	}
	return nil
}

// unfilter undoes a filter on row[back:back+n]; before lie back bytes of zero.
func unfilter(filter byte, row, above []byte, back, n int) bool {
	cur, up := row[back:back+n], above[back:back+n]
	left, upLeft := row[:n], above[:n]
	switch filter {
	case 0:
	case 1:
		for i := range cur {
			cur[i] += left[i]
		}
	case 2:
		for i := range cur {
			cur[i] += up[i]
		}
	case 3:
		for i := range cur {
			cur[i] += byte((int(left[i]) + int(up[i])) / 2)
		}
	case 4:
		for i := range cur {
			cur[i] += paeth(int(left[i]), int(up[i]), int(upLeft[i]))
		}
	default:
		return false
	}
	return true
}

// paeth is whichever of its neighbours is nearest to left + up - upLeft.
func paeth(left, up, upLeft int) byte {
	pa, pb := up-upLeft, left-upLeft
	pc := pa + pb
	pa, pb, pc = max(pa, -pa), max(pb, -pb), max(pc, -pc)
	switch {
	case pa <= pb && pa <= pc:
		return byte(left)
	case pb <= pc:
		return byte(up)
	}
	return byte(upLeft)
}
