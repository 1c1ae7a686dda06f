package open

import "io"

// layout tells how the samples of an image XObject are to be read (ISO 32000-1, 8.9.5).
func (f *pdfFile) layout(d pdfDict) (pixels, error) {
	s := pixels{bits: int(f.number(first(d, "BitsPerComponent", "BPC"))), each: 1}
	decode := f.array(first(d, "Decode", "D"))
	inverted := len(decode) >= 2 && f.number(decode[0]) > f.number(decode[1])
	if f.get(first(d, "ImageMask", "IM")) == true {
		s.bits = 1
		s.table = greyTable(1, inverted)
		return s, nil
	}
	if s.bits == 0 {
		s.bits = 8
	}
	if s.bits < 0 {
		return s, ErrDamaged
	}
	switch space := f.space(first(d, "ColorSpace", "CS"), 0); space.kind {
	case spaceGrey:
		s.each = max(1, space.each)
		if s.bits <= 8 || inverted {
			s.table = greyTable(s.bits, inverted != space.ink)
		}
		if s.each > 1 {
			s.table = nil
		}
	case spaceRGB:
		s.each, s.mean, s.invert = 3, coloursRGB, inverted
	case spaceInk:
		s.each, s.mean, s.invert = 4, coloursInk, inverted
	case spaceIndexed:
		s.table = &space.palette
		if inverted {
			top := 1<<min(s.bits, 8) - 1
			for i := range top/2 + 1 {
				s.table[i], s.table[top-i] = s.table[top-i], s.table[i]
			}
		}
	default:
		return s, ErrUnsupported
	}
	if !s.sound() {
		return s, ErrDamaged
	}
	return s, nil
}

// Families of colour spaces.
const (
	spaceNone = iota
	spaceGrey
	spaceRGB
	spaceInk
	spaceIndexed
)

type pdfSpace struct {
	kind    int
	each    int  // of a family with as many components as it likes: how many
	ink     bool // a single component is how much ink there is
	palette [256]byte
}

// space reads a colour space; the resources' own names are resolved before.
func (f *pdfFile) space(o any, deep int) pdfSpace {
	o = f.get(o)
	a, _ := o.([]any)
	name, _ := o.(pdfName)
	if len(a) > 0 {
		name = f.name(a[0])
	}
	if deep > 4 {
		return pdfSpace{}
	}
	switch name {
	case "DeviceGray", "CalGray", "G":
		return pdfSpace{kind: spaceGrey}
	case "DeviceRGB", "CalRGB", "RGB":
		return pdfSpace{kind: spaceRGB}
	case "DeviceCMYK", "CMYK":
		return pdfSpace{kind: spaceInk}
	case "Lab":
		return pdfSpace{kind: spaceGrey, each: 3}
	case "Separation":
		return pdfSpace{kind: spaceGrey, ink: true}
	}
	if len(a) < 2 {
		return pdfSpace{}
	}
	switch name {
	case "ICCBased":
		switch d := f.dict(a[1]); int(f.number(d["N"])) {
		case 1:
			return pdfSpace{kind: spaceGrey}
		case 3:
			return pdfSpace{kind: spaceRGB}
		case 4:
			return pdfSpace{kind: spaceInk}
		default:
			return f.space(d["Alternate"], deep+1)
		}
	case "DeviceN":
		switch len(f.array(a[1])) {
		case 1:
			return pdfSpace{kind: spaceGrey, ink: true}
		case 4:
			return pdfSpace{kind: spaceInk}
		}
	case "Indexed", "I":
		if len(a) >= 4 {
			return f.indexed(a, deep)
		}
	}
	return pdfSpace{}
}

// indexed reads a palette.
func (f *pdfFile) indexed(a []any, deep int) pdfSpace {
	base := f.space(a[1], deep+1)
	each := map[int]int{spaceGrey: max(1, base.each), spaceRGB: 3, spaceInk: 4}[base.kind]
	if each == 0 {
		return pdfSpace{}
	}
	var table []byte
	switch t := f.get(a[3]).(type) {
	case []byte:
		table = t
	case *pdfBody:
		if r, left := f.decoded(t); left == "" {
			table, _ = readMost(r, 256*4, 256*4)
		}
	}
	p := pdfSpace{kind: spaceIndexed}
	for i := range min(256, len(table)/each) {
		switch c := table[i*each:]; base.kind {
		case spaceRGB:
			p.palette[i] = luma(c[0], c[1], c[2])
		case spaceInk:
			p.palette[i] = inkGrey(c[0], c[1], c[2], c[3])
		default:
			if p.palette[i] = c[0]; base.ink {
				p.palette[i] = 255 - c[0]
			}
		}
	}
	return p
}

// plainRows reads rows of samples as they lie.
func (it *item) plainRows(r io.Reader, s *pixels, w, h int, row func([]byte)) error {
	raw, grey := make([]byte, s.rowBytes(w)), make([]byte, w)
	var wide []byte
	for y := range h {
		if y&255 == 255 {
			if err := it.patient(); err != nil {
				return err
			}
		}
		if _, err := io.ReadFull(r, raw); err != nil {
			return orEOF(err)
		}
		s.grey(grey, raw, &wide)
		row(grey)
	}
	return nil
}
