package open

// colours says what the samples of a pixel mean.
type colours int

const (
	greyFirst  colours = iota // the first sample is how light it is; others do not count
	coloursRGB                // the first three
	coloursInk                // four inks: cyan, magenta, yellow, black
)

// pixels tells how the rows of an image are to be read as grey.
type pixels struct {
	bits   int // of a sample: 1, 2, 4, 8 or 16, the high byte first
	each   int // samples in a pixel
	mean   colours
	alpha  bool       // the last sample is how opaque the pixel is; behind it is paper
	table  *[256]byte // of greyFirst: the grey of each value, of one byte at most; nil: as it is
	invert bool       // of the others: each sample counts the other way round
	key    []uint16   // the samples of the colour that is not there, if there is one
}

// rowBytes is how many bytes a row of w pixels takes.
func (s *pixels) rowBytes(w int) int { return (w*s.each*s.bits + 7) / 8 }

// sound reports whether such images exist.
func (s *pixels) sound() bool {
	switch s.bits {
	case 1, 2, 4, 8, 16:
	default:
		return false
	}
	need := 1
	switch s.mean {
	case coloursRGB:
		need = 3
	case coloursInk:
		need = 4
	}
	if s.alpha {
		need++
	}
	return s.each >= need && s.each <= 32
}

// grey writes a row of len(to) pixels; wide is scratch for samples of less than a byte.
func (s *pixels) grey(to, row []byte, wide *[]byte) {
	each, step := s.each, 1
	switch {
	case s.bits < 8:
		row = s.unpack(row, len(to)*each, wide)
	case s.bits == 16:
		step = 2
	}
	switch {
	case s.mean == coloursRGB && step == 1 && !s.invert && !s.alpha && s.key == nil:
		greyRGB(to, row, each)
	case s.mean == greyFirst && each == 1 && step == 1 && s.key == nil:
		if s.table == nil {
			copy(to, row)
			return
		}
		for i, v := range row[:len(to)] {
			to[i] = s.table[v]
		}
	default:
		s.slow(to, row, each*step, step)
	}
}

// unpack spreads samples of less than a byte over bytes: as they are where a table gives them a meaning, else over the
// whole range.
func (s *pixels) unpack(row []byte, n int, wide *[]byte) []byte {
	*wide = grow(*wide, n+7)
	out := (*wide)[:n]
	full := byte(255 / (1<<s.bits - 1))
	if s.table != nil {
		full = 1
	}
	if s.bits == 1 {
		for i := 0; i < n; i += 8 {
			v := row[i/8]
			o := (*wide)[i : i+8 : i+8]
			for j := range o {
				o[j] = v >> (7 - j) & 1 * full
			}
		}
		return out
	}
	mask, per := byte(1<<s.bits-1), 8/s.bits
	for i := range out {
		shift := 8 - s.bits*(i%per+1)
		out[i] = row[i/per] >> shift & mask * full
	}
	return out
}

// greyRGB weighs the three colours as ITU-R BT.601 does.
func greyRGB(to, row []byte, each int) {
	if each == 3 {
		row = row[:3*len(to)]
		for i := range to {
			p := row[3*i : 3*i+3 : 3*i+3]
			to[i] = luma(p[0], p[1], p[2])
		}
		return
	}
	for i := range to {
		p := row[each*i : each*i+3 : each*i+3]
		to[i] = luma(p[0], p[1], p[2])
	}
}

func luma(r, g, b byte) byte {
	return byte((19595*uint32(r) + 38470*uint32(g) + 7471*uint32(b) + 1<<15) >> 16)
}

// inkGrey is how light paper is under four inks, each from none (0) to full (255).
func inkGrey(c, m, y, k byte) byte {
	return byte(uint32(luma(255-c, 255-m, 255-y)) * uint32(255-k) / 255)
}

// slow reads any layout: pixels of per bytes, of which every step-th counts.
func (s *pixels) slow(to, row []byte, per, step int) {
	flip := byte(0)
	if s.invert {
		flip = 255
	}
	for i := range to {
		p := row[i*per : (i+1)*per]
		var v byte
		switch s.mean {
		case coloursRGB:
			v = luma(p[0]^flip, p[step]^flip, p[2*step]^flip)
		case coloursInk:
			v = inkGrey(p[0]^flip, p[step]^flip, p[2*step]^flip, p[3*step]^flip)
		default:
			if v = p[0]; s.table != nil {
				v = s.table[v]
			}
		}
		switch {
		case s.alpha:
			a := uint32(p[per-step])
			v = byte((uint32(v)*a + 255*(255-a) + 127) / 255)
		case s.key != nil && s.isKey(p, step):
			v = 255
		}
		to[i] = v
	}
}

// isKey compares a pixel with the colour that is not there, in samples as they were stored.
func (s *pixels) isKey(p []byte, step int) bool {
	for i, k := range s.key {
		v := uint16(p[i*step])
		switch {
		case s.bits == 16:
			v = v<<8 | uint16(p[i*step+1])
		case s.bits < 8 && s.table == nil:
			v /= 255 / (1<<s.bits - 1)
		}
		if v != k {
			return false
		}
	}
	return true
}
