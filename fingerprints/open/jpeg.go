package open

import (
	"encoding/binary"
	"errors"
	"io"

	"unmirror/fingerprints/page"
)

// jpeg decodes JPEG images (ITU-T T.81: baseline, extended and progressive, Huffman coded, 8 bits) as grey. It is ours
// because a page is all that is wanted: of an image in luma and chroma only the luma is transformed and kept; what is to
// be reduced is transformed at half, quarter or eighth size; a baseline image takes the memory of one row of blocks and
// a progressive one two bytes a pixel; and what is cut yields what is there.
type jpegImage struct {
	it   *item
	bits jpegBits

	w, h        int
	progressive bool
	comps       []jpegComp
	hmax, vmax  int
	mcus, lines int // of the image
	quant       [4][64]int32
	dc, ac      [4]*jpegHuffman
	restart     int  // MCUs between restarts, 0: none
	adobe       int  // its colour transform, -1: not told
	inverted    bool // four inks are told as the light that they leave
	negative    bool // what is put out is to be the other way round
	lumaOnly    bool
	orientation int

	side   int // pixels of a block's side in what is put out
	row    func([]byte)
	put    int // rows put out
	eobs   int // blocks that end here, of a progressive scan
	blocks [64]int32
	scans  int
	above  []byte // scratch for a row
	rowsOK int    // lines of MCUs that any scan of the first component reached
}

type jpegComp struct {
	id         byte
	h, v       int
	tq         int
	dc, ac     int // tables of the scan
	last       int32
	wide, high int     // blocks, with those that fill up the last MCUs
	coefs      []int16 // of an image in several scans
	plane      []byte  // one line of MCUs
	wanted     bool
}

// Markers.
const (
	jpegSOF0 = 0xc0
	jpegSOF1 = 0xc1
	jpegSOF2 = 0xc2
	jpegDHT  = 0xc4
	jpegRST0 = 0xd0
	jpegSOI  = 0xd8
	jpegEOI  = 0xd9
	jpegSOS  = 0xda
	jpegDQT  = 0xdb
	jpegDRI  = 0xdd
	jpegAPP1 = 0xe1
	jpegAPPE = 0xee
)

const (
	jpegMost  = 96 << 20 // bytes of one image that are read
	jpegScans = 100      // real ones have ten
)

// jpeg reads an image, reduced to a page's size. The raster is empty where there is none.
func (it *item) jpeg(c content) (page.Raster, int, error) {
	b, err := readMost(sequential(c), c.Size(), jpegMost)
	if err != nil {
		return page.Raster{}, 1, err
	}
	d := newJPEG(it, b)
	if err := d.frame(); err != nil {
		return page.Raster{}, 1, err
	}
	return it.jpegPage(d)
}

// readMost reads what is there, up to so many bytes.
func readMost(r io.Reader, size, most int64) ([]byte, error) {
	b := make([]byte, min(size, most))
	n, err := io.ReadFull(r, b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		err = nil
	}
	return b[:n], err
}

// jpegPage decodes an image whose frame is known, reduced to a page's size.
func (it *item) jpegPage(d *jpegImage) (page.Raster, int, error) {
	by := (max(d.w, d.h) + pageLongest - 1) / pageLongest
	side := 8
	for side > 1 && by%2 == 0 {
		side, by = side/2, by/2
	}
	s := it.draw.newShrinker((d.w*side+7)/8, (d.h*side+7)/8)
	err := d.decode(side, s.row)
	if s.rows == 0 {
		return page.Raster{}, 1, err
	}
	return s.raster(), d.orientation, err
}

func newJPEG(it *item, b []byte) *jpegImage {
	return &jpegImage{it: it, bits: jpegBits{b: b}, adobe: -1, orientation: 1}
}

// segment returns the next marker and what belongs to it; a marker of 0 is the end.
func (d *jpegImage) segment() (marker byte, body []byte) {
	b := d.bits.b
	for i := d.bits.at; i+1 < len(b); i++ {
		m := b[i+1]
		if b[i] != 0xff || m == 0 || m == 0xff {
			continue
		}
		if m == jpegSOI || m == 1 || m >= jpegRST0 && m <= jpegRST0+7 {
			i++
			continue
		}
		if m == jpegEOI || i+4 > len(b) {
			d.bits.at = i + 2
			return m, nil
		}
		n := int(binary.BigEndian.Uint16(b[i+2:]))
		if n < 2 || i+2+n > len(b) {
			d.bits.at = len(b)
			return 0, nil
		}
		d.bits.at = i + 2 + n
		return m, b[i+4 : i+2+n]
	}
	d.bits.at = len(b)
	return 0, nil
}

// frame reads up to the frame's header.
func (d *jpegImage) frame() error {
	for {
		m, b := d.segment()
		switch {
		case m == 0:
			return ErrTruncated
		case m == jpegSOF0, m == jpegSOF1, m == jpegSOF2:
			d.progressive = m == jpegSOF2
			return d.start(b)
		case m == jpegEOI, m == jpegSOS:
			return ErrDamaged
		case m >= 0xc3 && m <= 0xcf && m != jpegDHT && m != 0xc8 && m != 0xcc:
			return ErrUnsupported // lossless, hierarchical or arithmetic
		}
		if err := d.table(m, b); err != nil {
			return err
		}
	}
}

// start reads the frame's header.
func (d *jpegImage) start(b []byte) error {
	if len(b) < 6 || len(b) < 6+3*int(b[5]) {
		return ErrDamaged
	}
	if b[0] != 8 {
		return ErrUnsupported
	}
	d.h, d.w = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
	n := int(b[5])
	if n != 1 && n != 3 && n != 4 {
		return ErrUnsupported
	}
	d.hmax, d.vmax = 1, 1
	for i := range n {
		e := b[6+3*i:]
		c := jpegComp{id: e[0], h: int(e[1] >> 4), v: int(e[1] & 15), tq: int(e[2])}
		if c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4 || c.tq > 3 {
			return ErrDamaged
		}
		if n == 1 {
			c.h, c.v = 1, 1 // T.81, A.2.2: the blocks of a single component follow one another
		}
		d.hmax, d.vmax = max(d.hmax, c.h), max(d.vmax, c.v)
		d.comps = append(d.comps, c)
	}
	held := int64(2 * d.w * d.h)
	if n == 4 || !d.isLuma() {
		held *= int64(n)
	}
	if !d.progressive {
		held = 0 // unless it is in several scans
	}
	if err := d.it.declared(d.w, d.h, false, held); err != nil {
		return err
	}
	d.mcus, d.lines = (d.w+8*d.hmax-1)/(8*d.hmax), (d.h+8*d.vmax-1)/(8*d.vmax)
	for i := range d.comps {
		c := &d.comps[i]
		c.wide, c.high = d.mcus*c.h, d.lines*c.v
	}
	return nil
}

// isLuma reports whether the first component is how light a pixel is: all others then do not count.
func (d *jpegImage) isLuma() bool {
	switch {
	case len(d.comps) == 1:
		return true
	case len(d.comps) == 4:
		return false
	case d.adobe >= 0:
		return d.adobe != 0
	}
	return d.comps[0].id != 'R' || d.comps[1].id != 'G' || d.comps[2].id != 'B'
}

// table reads what a segment defines.
func (d *jpegImage) table(m byte, b []byte) error {
	switch m {
	case jpegDQT:
		return d.quantisers(b)
	case jpegDHT:
		return d.codes(b)
	case jpegDRI:
		if len(b) < 2 {
			return ErrDamaged
		}
		d.restart = int(binary.BigEndian.Uint16(b))
	case jpegAPPE:
		if len(b) >= 12 && string(b[:5]) == "Adobe" {
			d.adobe = int(b[11])
			d.inverted = true
		}
	case jpegAPP1:
		if len(b) > 14 && string(b[:6]) == "Exif\x00\x00" && d.w == 0 {
			d.orientation = readExif(b[6:])
		}
	}
	return nil
}

func (d *jpegImage) quantisers(b []byte) error {
	for len(b) > 0 {
		deep, id := b[0]>>4 > 0, b[0]&15
		size := 64
		if deep {
			size = 128
		}
		if id > 3 || len(b) < 1+size {
			return ErrDamaged
		}
		for i := range 64 {
			if deep {
				d.quant[id][zigzag[i]] = int32(binary.BigEndian.Uint16(b[1+2*i:]))
			} else {
				d.quant[id][zigzag[i]] = int32(b[1+i])
			}
		}
		b = b[1+size:]
	}
	return nil
}

func (d *jpegImage) codes(b []byte) error {
	for len(b) > 0 {
		if len(b) < 17 {
			return ErrDamaged
		}
		n := 0
		for _, c := range b[1:17] {
			n += int(c)
		}
		class, id := b[0]>>4, b[0]&15
		if class > 1 || id > 3 || n > 256 || len(b) < 17+n {
			return ErrDamaged
		}
		h, err := newJPEGHuffman([16]byte(b[1:17]), b[17:17+n], class == 1)
		if err != nil {
			return err
		}
		if class == 0 {
			d.dc[id] = h
		} else {
			d.ac[id] = h
		}
		b = b[17+n:]
	}
	return nil
}

// decode reads the scans and calls row with the image's rows, of blocks of so many pixels a side.
func (d *jpegImage) decode(side int, row func([]byte)) error {
	d.side, d.row = side, row
	if d.negative {
		var other []byte
		d.row = func(grey []byte) {
			other = grow(other, len(grey))
			for i, v := range grey {
				other[i] = 255 - v
			}
			row(other)
		}
	}
	d.lumaOnly = d.isLuma()
	for i := range d.comps {
		d.comps[i].wanted = i == 0 || !d.lumaOnly
	}
	var wrong error
	for {
		m, b := d.segment()
		var err error
		switch m {
		case jpegSOS:
			err = d.scan(b)
			if err == errWhole {
				return nil
			}
		case jpegEOI, 0:
			if m == 0 && wrong == nil {
				wrong = ErrTruncated
			}
			return errors.Join(wrong, d.finish())
		default:
			err = d.table(m, b)
		}
		if isLimit(err) {
			return err
		}
		if err != nil && wrong == nil {
			wrong = err
		}
		if d.put > 0 {
			return wrong
		}
	}
}

// finish puts out an image of several scans.
func (d *jpegImage) finish() error {
	if d.rowsOK == 0 || d.comps[0].coefs == nil {
		return ErrDamaged
	}
	for line := range min(d.rowsOK, d.lines) {
		for i := range d.comps {
			c := &d.comps[i]
			if !c.wanted || c.coefs == nil {
				continue
			}
			d.planeOf(c)
			for y := range c.v {
				for x := range c.wide {
					at := ((line*c.v+y)*c.wide + x) * 64
					q := &d.quant[c.tq]
					for k, v := range c.coefs[at : at+64] {
						d.blocks[k] = int32(v) * q[k]
					}
					d.transform(c, x, y)
				}
			}
		}
		d.putLine(line)
		if line%64 == 0 {
			if err := d.it.patient(); err != nil {
				return err
			}
		}
	}
	return nil
}

// planeOf makes room for a component's line of MCUs.
func (d *jpegImage) planeOf(c *jpegComp) {
	if c.plane == nil {
		c.plane = make([]byte, c.wide*d.side*c.v*d.side)
		fillWhite(c.plane)
	}
}

// putLine puts out the rows of one line of MCUs.
func (d *jpegImage) putLine(line int) {
	w, h := (d.w*d.side+7)/8, (d.h*d.side+7)/8
	rows := min(d.vmax*d.side, h-line*d.vmax*d.side)
	for y := range rows {
		d.put++
		c := &d.comps[0]
		if d.lumaOnly && c.h == d.hmax && c.v == d.vmax {
			d.row(c.plane[y*c.wide*d.side:][:w])
			continue
		}
		d.above = grow(d.above, w)
		for x := range d.above {
			d.above[x] = d.mixed(x, y)
		}
		d.row(d.above)
	}
}

// mixed is the grey of a pixel whose components are all wanted, or lie at different sizes.
func (d *jpegImage) mixed(x, y int) byte {
	var v [4]byte
	for i := range d.comps {
		c := &d.comps[i]
		if c.wanted && c.plane != nil {
			v[i] = c.plane[(y*c.v/d.vmax)*c.wide*d.side+x*c.h/d.hmax]
		}
	}
	switch {
	case d.lumaOnly:
		return v[0]
	case len(d.comps) == 3:
		return luma(v[0], v[1], v[2])
	case d.adobe == 2: // three inks as luma, and black; the luma of inks told as light is that of the inks
		if d.inverted {
			return byte(uint32(255-v[0]) * uint32(v[3]) / 255)
		}
		return byte(uint32(v[0]) * uint32(255-v[3]) / 255)
	case d.inverted:
		return byte(uint32(luma(v[0], v[1], v[2])) * uint32(v[3]) / 255)
	}
	return inkGrey(v[0], v[1], v[2], v[3])
}
