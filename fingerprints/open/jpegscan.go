package open

import (
	"encoding/binary"
	"errors"
)

// errWhole says that a scan was the whole image, and was put out as it came.
var errWhole = errors.New("the image is complete")

// jpegBits reads the bits of a scan. Behind its end are zeros, which are counted.
type jpegBits struct {
	b      []byte
	at     int
	acc    uint64 // the next bits, from the top
	n      int    // how many
	behind int    // how many of them, at the end, are behind the scan's end
}

// fill makes at least 32 bits available.
func (r *jpegBits) fill() {
	for r.n <= 32 {
		if r.behind == 0 && r.at+4 <= len(r.b) {
			v := binary.BigEndian.Uint32(r.b[r.at:])
			// No byte is 0xff when none of the complement is zero.
			if c := ^v; (c-0x01010101)&^c&0x80808080 == 0 {
				r.acc |= uint64(v) << (32 - r.n)
				r.n += 32
				r.at += 4
				return
			}
		}
		var c byte
		switch {
		case r.behind > 0 || r.at >= len(r.b):
			r.behind += 8
		case r.b[r.at] != 0xff:
			c = r.b[r.at]
			r.at++
		case r.at+1 < len(r.b) && r.b[r.at+1] == 0:
			c = 0xff
			r.at += 2
		default:
			r.behind += 8 // a marker
		}
		r.acc |= uint64(c) << (56 - r.n)
		r.n += 8
	}
}

// over reports that bits were read that are not there.
func (r *jpegBits) over() bool { return r.behind > r.n }

func (r *jpegBits) take(n int) {
	r.acc <<= n
	r.n -= n
}

// bit reads one bit.
func (r *jpegBits) bit() bool {
	if r.n < 1 {
		r.fill()
	}
	v := r.acc>>63 != 0
	r.take(1)
	return v
}

// extend reads a number of so many bits, of which the first one is the sign (T.81, F.2.2.1).
func (r *jpegBits) extend(n int) int32 {
	if n == 0 {
		return 0
	}
	v := int32(r.acc >> (64 - n))
	r.take(n)
	if v < 1<<(n-1) {
		v += -1<<n + 1
	}
	return v
}

// reset drops what is left, at a restart or before a scan: what was taken in is never beyond a marker.
func (r *jpegBits) reset() { r.acc, r.n, r.behind = 0, 0, 0 }

// jpegHuffman is a table of codes.
type jpegHuffman struct {
	fast   [512]uint16 // by 9 bits: length of the code and its value; 0: longer
	short  [512]int32  // by 9 bits, of coefficients that lie within: value, run and bits altogether; 0: none
	end    [18]int32   // first code of a length that is none, as 16 bits
	offset [17]int32   // from a code of a length to its value
	values [256]byte
}

func newJPEGHuffman(counts [16]byte, values []byte, ac bool) (*jpegHuffman, error) {
	h := &jpegHuffman{}
	copy(h.values[:], values)
	code, k := int32(0), int32(0)
	for l := 1; l <= 16; l++ {
		h.offset[l] = k - code
		for range counts[l-1] {
			if code >= 1<<l {
				return nil, ErrDamaged
			}
			if l <= 9 {
				for low := range int32(1) << (9 - l) {
					h.fast[code<<(9-l)|low] = uint16(l)<<8 | uint16(h.values[k])
				}
			}
			code++
			k++
		}
		h.end[l] = code << (16 - l)
		code <<= 1
	}
	h.end[17] = 1 << 30
	if ac {
		h.shorten()
	}
	return h, nil
}

// shorten notes the coefficients whose code and bits lie within nine.
func (h *jpegHuffman) shorten() {
	for i, e := range h.fast {
		length, run, size := int(e>>8), int(e>>4&15), int(e&15)
		if e == 0 || size == 0 || length+size > 9 {
			continue
		}
		v := i << length & 511 >> (9 - size)
		if v < 1<<(size-1) {
			v += -1<<size + 1
		}
		h.short[i] = int32(v)<<16 | int32(run)<<8 | int32(length+size)
	}
}

// symbol reads a code; there must be 16 bits. -1 is none.
func (r *jpegBits) symbol(h *jpegHuffman) int {
	if e := h.fast[r.acc>>55]; e != 0 {
		r.take(int(e >> 8))
		return int(e & 255)
	}
	code := int32(r.acc >> 48)
	l := 10
	for code >= h.end[l] {
		l++
	}
	if l > 16 {
		return -1
	}
	r.take(l)
	return int(h.values[(code>>(16-l)+h.offset[l])&255])
}

// jpegScan is one scan.
type jpegScan struct {
	comps      []*jpegComp
	start, end int // of the spectrum
	high, low  int // bits of successive approximation
	single     bool
}

// scan reads one scan. errWhole says that it was put out.
func (d *jpegImage) scan(b []byte) error {
	if d.scans++; d.scans > jpegScans {
		return &LimitError{Limit: "pages"}
	}
	if err := d.it.patient(); err != nil {
		return err
	}
	s, err := d.scanHeader(b)
	if err != nil {
		return err
	}
	wanted := false
	for _, c := range s.comps {
		wanted = wanted || c.wanted
	}
	if !wanted {
		return nil // the next marker is looked for
	}
	d.bits.reset()
	d.eobs = 0
	whole := !d.progressive && len(s.comps) == len(d.comps)
	if !whole {
		if err := d.keepCoefs(s); err != nil {
			return err
		}
	}
	if err := d.lineByLine(s, whole); err != nil {
		return err
	}
	if whole {
		return errWhole
	}
	return nil
}

func (d *jpegImage) scanHeader(b []byte) (*jpegScan, error) {
	if len(b) < 1 || len(b) < 4+2*int(b[0]) || b[0] < 1 || int(b[0]) > len(d.comps) {
		return nil, ErrDamaged
	}
	s := &jpegScan{single: b[0] == 1}
	for i := range int(b[0]) {
		id, tables := b[1+2*i], b[2+2*i]
		var c *jpegComp
		for j := range d.comps {
			if d.comps[j].id == id {
				c = &d.comps[j]
			}
		}
		if c == nil || tables>>4 > 3 || tables&15 > 3 {
			return nil, ErrDamaged
		}
		c.dc, c.ac, c.last = int(tables>>4), int(tables&15), 0
		s.comps = append(s.comps, c)
	}
	e := b[1+2*int(b[0]):]
	s.start, s.end, s.high, s.low = int(e[0]), int(e[1]), int(e[2]>>4), int(e[2]&15)
	if !d.progressive {
		s.start, s.end, s.high, s.low = 0, 63, 0, 0
	}
	if s.start > s.end || s.end > 63 || s.low > 13 || s.start == 0 && s.end > 0 && d.progressive || s.start > 0 && !s.single {
		return nil, ErrDamaged
	}
	for _, c := range s.comps {
		if s.start == 0 && s.high == 0 && d.dc[c.dc] == nil || s.end > 0 && d.ac[c.ac] == nil {
			return nil, ErrDamaged
		}
	}
	return s, nil
}

// keepCoefs makes room for the coefficients of an image in several scans.
func (d *jpegImage) keepCoefs(s *jpegScan) error {
	for _, c := range s.comps {
		if c.wanted && c.coefs == nil {
			size := 64 * c.wide * c.high
			if int64(2*size) > d.it.limits.Memory*5/8 {
				return errTooLarge
			}
			c.coefs = make([]int16, size)
		}
	}
	return nil
}

// lineByLine reads the MCUs of a scan, and of a whole image puts them out.
func (d *jpegImage) lineByLine(s *jpegScan, whole bool) error {
	across, down := d.mcus, d.lines
	if c := s.comps[0]; s.single {
		across, down = (d.w*c.h+8*d.hmax-1)/(8*d.hmax), (d.h*c.v+8*d.vmax-1)/(8*d.vmax)
	}
	left := d.restart
	for line := range down {
		if line%32 == 0 {
			if err := d.it.patient(); err != nil {
				return err
			}
		}
		for _, c := range s.comps {
			if whole && c.wanted {
				d.planeOf(c)
			}
		}
		for x := range across {
			if d.restart > 0 && left == 0 {
				left = d.restart
				if !d.again(s) {
					return d.broken(line, whole)
				}
			}
			left--
			if !d.mcu(s, x, line, whole) && !d.skipRest() || d.bits.over() && d.restart == 0 {
				return d.broken(line, whole)
			}
		}
		if whole {
			d.putLine(line)
		}
		if s.comps[0] == &d.comps[0] {
			at := line + 1
			if s.single {
				at = (line + d.comps[0].v) / d.comps[0].v
			}
			d.rowsOK = max(d.rowsOK, at)
		}
	}
	return nil
}

// broken ends a scan early: what was begun of a line is put out.
func (d *jpegImage) broken(line int, whole bool) error {
	cut := d.bits.at+2 >= len(d.bits.b)
	if whole && d.put > 0 {
		d.putLine(line)
	}
	if cut {
		return ErrTruncated
	}
	return ErrDamaged
}

// again goes over the marker at which everything begins anew.
func (d *jpegImage) again(s *jpegScan) bool {
	d.bits.reset()
	d.eobs = 0
	for _, c := range s.comps {
		c.last = 0
	}
	b := d.bits.b
	for i := d.bits.at; i+1 < len(b); i++ {
		if m := b[i+1]; b[i] == 0xff && m != 0 && m != 0xff {
			if m < jpegRST0 || m > jpegRST0+7 {
				return false
			}
			d.bits.at = i + 2
			return true
		}
	}
	return false
}

// skipRest drops what lies before the next restart, where there are any: its blocks are read as zeros.
func (d *jpegImage) skipRest() bool {
	d.bits.acc, d.bits.n, d.bits.behind = 0, 64, 64
	return d.restart > 0
}

// mcu reads one MCU: of a single component a block.
func (d *jpegImage) mcu(s *jpegScan, x, line int, whole bool) bool {
	if s.single {
		c := s.comps[0]
		if whole {
			return d.wholeBlock(c, x, 0)
		}
		return d.scanBlock(s, c, c.coefs[(line*c.wide+x)*64:])
	}
	for _, c := range s.comps {
		for v := range c.v {
			for h := range c.h {
				bx, by := x*c.h+h, v
				switch {
				case whole:
					if !d.wholeBlock(c, bx, by) {
						return false
					}
				case c.wanted:
					if !d.scanBlock(s, c, c.coefs[((line*c.v+by)*c.wide+bx)*64:]) {
						return false
					}
				default:
					if !d.passBlock(s, c) {
						return false
					}
				}
			}
		}
	}
	return true
}
