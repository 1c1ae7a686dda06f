package open

import (
	"errors"
	"io"
	"math"

	"unmirror/fingerprints/page"
)

// pdfImage is an image XObject that is drawn on a page.
type pdfImage struct {
	f      *pdfFile
	s      *pdfBody
	w, h   int
	matrix pdfMatrix // from its unit square to the page
}

// pdfMatrix is [a b c d e f] as PDF writes it.
type pdfMatrix [6]float64

var pdfUnit = pdfMatrix{1, 0, 0, 1, 0, 0}

// times is what m does first and n then.
func (m pdfMatrix) times(n pdfMatrix) pdfMatrix {
	return pdfMatrix{
		m[0]*n[0] + m[1]*n[2], m[0]*n[1] + m[1]*n[3],
		m[2]*n[0] + m[3]*n[2], m[2]*n[1] + m[3]*n[3],
		m[4]*n[0] + m[5]*n[2] + n[4], m[4]*n[1] + m[5]*n[3] + n[5],
	}
}

// orientation tells how an image that is drawn so would have to be turned, as Exif writes it.
func (m pdfMatrix) orientation() int {
	if math.Abs(m[0])+math.Abs(m[3]) >= math.Abs(m[1])+math.Abs(m[2]) {
		switch right, up := m[0] >= 0, m[3] >= 0; {
		case right && up:
			return 1
		case up:
			return 2
		case right:
			return 4
		}
		return 3
	}
	switch up, right := m[1] >= 0, m[2] >= 0; {
	case !up && right:
		return 6
	case !up:
		return 5
	case right:
		return 7
	}
	return 8
}

// image reads the size of an image XObject; nil is none.
func (f *pdfFile) image(s *pdfBody, m pdfMatrix) *pdfImage {
	w, h := f.number(s.dict["Width"]), f.number(s.dict["Height"])
	if w < 1 || h < 1 || w > 1<<30 || h > 1<<30 {
		return nil
	}
	return &pdfImage{f: f, s: s, w: int(w), h: int(h), matrix: m}
}

// errNotDecoded says which compression of an image is not read.
type errNotDecoded struct{ filter pdfName }

func (e errNotDecoded) Error() string { return "not decoded: " + string(e.filter) }
func (e errNotDecoded) Unwrap() error { return ErrUnsupported }

// rows calls row with the image's rows.
func (p *pdfImage) rows(row func([]byte)) error {
	it := p.f.it
	r, step := p.f.unfiltered(p.s)
	switch step.name {
	case "":
		s, err := p.f.layout(p.s.dict)
		if err != nil {
			return err
		}
		return it.plainRows(r, &s, p.w, p.h, row)
	case "CCITTFaxDecode", "CCF":
		return p.fax(r, step.with, row)
	case "DCTDecode", "DCT":
		d, err := p.jpeg(r, step.with)
		if err != nil {
			return err
		}
		return d.decode(8, row)
	case "JBIG2Decode":
		return p.jbig2(r, step.with, row)
	}
	return errNotDecoded{step.name}
}

// jbig2 reads an image whose common segments may lie apart (ISO 32000-1, 7.4.7). Black is 1 in its code, and 0 as a sample.
func (p *pdfImage) jbig2(r io.Reader, with pdfDict, row func([]byte)) error {
	b, err := io.ReadAll(io.LimitReader(r, jbig2Most))
	if err != nil {
		return err
	}
	s, err := p.f.layout(p.s.dict)
	if err != nil || s.bits != 1 || s.each != 1 {
		return ErrDamaged
	}
	j, err := newJBIG2(p.f.it, p.w, p.h)
	if err != nil {
		return err
	}
	if common, ok := p.f.get(with["JBIG2Globals"]).(*pdfBody); ok {
		r, left := p.f.decoded(common)
		if left != "" {
			return ErrDamaged
		}
		globals, err := io.ReadAll(io.LimitReader(r, jbig2Most))
		if err != nil {
			return err
		}
		if err := j.segments(globals); err != nil {
			return err
		}
	}
	wrong := j.segments(b)
	if errors.Is(wrong, ErrUnsupported) || !j.any {
		return orEOF(wrong)
	}
	j.grey(s.table[1], s.table[0], row)
	return wrong
}

// jpeg opens an image whose colours the PDF says.
func (p *pdfImage) jpeg(r io.Reader, with pdfDict) (*jpegImage, error) {
	b, err := io.ReadAll(io.LimitReader(r, jpegMost))
	if err != nil {
		return nil, err
	}
	d := newJPEG(p.f.it, b)
	if err := d.frame(); err != nil {
		return nil, err
	}
	if v, ok := p.f.get(with["ColorTransform"]).(float64); ok && d.adobe < 0 {
		d.adobe = int(v)
		if len(d.comps) == 4 && v == 1 {
			d.adobe = 2
		}
	}
	decode := p.f.array(first(p.s.dict, "Decode", "D"))
	d.inverted = len(decode) >= 2 && p.f.number(decode[0]) > p.f.number(decode[1])
	if len(d.comps) < 4 {
		d.negative = d.inverted != p.f.space(first(p.s.dict, "ColorSpace", "CS"), 0).ink
	}
	return d, nil
}

func (p *pdfImage) fax(r io.Reader, with pdfDict, row func([]byte)) error {
	b, err := io.ReadAll(io.LimitReader(r, faxMost))
	if err != nil {
		return err
	}
	columns := 1728
	if v := p.f.number(with["Columns"]); v >= 1 && v <= imageSide {
		columns = int(v)
	}
	if columns < p.w {
		return ErrDamaged
	}
	s, err := p.f.layout(p.s.dict)
	if err != nil || s.bits != 1 || s.each != 1 {
		return ErrDamaged
	}
	ink := 0 // the sample that black is
	if p.f.get(with["BlackIs1"]) == true {
		ink = 1
	}
	align := p.f.get(with["EncodedByteAlign"]) == true
	k := int(p.f.number(with["K"]))
	return faxRows(newFax(b, columns, k, align), p.h, s.table[1-ink], s.table[ink], row)
}

// check bounds what the image declares.
func (p *pdfImage) check() error {
	bilevel := p.f.get(first(p.s.dict, "ImageMask", "IM")) == true || p.f.number(first(p.s.dict, "BitsPerComponent", "BPC")) == 1
	return p.f.it.declared(p.w, p.h, bilevel, 0)
}

// raster decodes an image, or strips of one that follow one another, reduced to a page's size.
func (f *pdfFile) raster(strips []*pdfImage) (page.Raster, int, error) {
	w, h := strips[0].w, 0
	for _, p := range strips {
		h += p.h
		if err := p.check(); err != nil {
			return page.Raster{}, 1, err
		}
	}
	it, turn := f.it, strips[0].matrix.orientation()
	if err := it.declared(w, h, true, 0); err != nil {
		return page.Raster{}, 1, err
	}
	if len(strips) == 1 {
		if r, step := f.unfiltered(strips[0].s); step.name == "DCTDecode" || step.name == "DCT" {
			d, err := strips[0].jpeg(r, step.with)
			if err != nil {
				return page.Raster{}, 1, err
			}
			raster, _, err := it.jpegPage(d)
			return raster, turn, err
		}
	}
	if len(strips) == 1 {
		if r, step := f.unfiltered(strips[0].s); step.name == "JPXDecode" {
			b, err := io.ReadAll(io.LimitReader(r, jpxMost))
			if err != nil {
				return page.Raster{}, 1, err
			}
			raster, err := it.jpxPage(b)
			return raster, turn, err
		}
	}
	s := it.draw.newShrinker(w, h)
	blank := make([]byte, w)
	fillWhite(blank)
	var wrong error
	some := false
	for _, p := range strips {
		got := 0
		err := p.rows(func(grey []byte) {
			if got++; got <= p.h {
				line := blank
				if len(grey) >= w {
					line = grey[:w]
				}
				s.row(line)
			}
		})
		some = some || got > 0
		if err != nil && wrong == nil {
			wrong = err
		}
		for ; got < p.h && len(strips) > 1; got++ {
			s.row(blank)
		}
	}
	if !some {
		return page.Raster{}, 1, orEOF(wrong)
	}
	return s.raster(), turn, wrong
}
