package open

import (
	"bytes"
	"encoding/binary"
	"io"

	"unmirror/fingerprints/page"
)

const kindJP2 kind = "jp2"

const jp2Magic = "\x00\x00\x00\x0cjP  \r\n\x87\n"

// jp2File is what the boxes of a JP2 file say (T.800, annex I).
type jp2File struct {
	code    []byte     // the codestream
	space   int        // 12: four inks, 17: grey, 18: light and colour, else red, green and blue
	palette *[256]byte // the grey of each value
}

// readJP2 finds the codestream, which may stand alone.
func readJP2(b []byte) (f jp2File) {
	if bytes.HasPrefix(b, []byte(jpxMagic)) {
		f.code = b
		return f
	}
	f.boxes(b, 0)
	return f
}

func (f *jp2File) boxes(b []byte, deep int) {
	for len(b) >= 8 && f.code == nil {
		size, head, kind := int(binary.BigEndian.Uint32(b)), 8, string(b[4:8])
		switch {
		case size == 0:
			size = len(b)
		case size == 1 && len(b) >= 16:
			size, head = int(min(binary.BigEndian.Uint64(b[8:]), uint64(len(b)))), 16
		}
		if size < head {
			return
		}
		body := b[head:max(head, min(size, len(b)))]
		switch {
		case kind == "jp2c":
			f.code = body
		case kind == "jp2h" && deep == 0:
			f.boxes(body, 1)
		case kind == "colr" && len(body) >= 7 && body[0] == 1 && f.space == 0:
			f.space = int(binary.BigEndian.Uint32(body[3:]))
		case kind == "pclr":
			f.colours(body)
		}
		b = b[min(size, len(b)):]
	}
}

// colours reads a palette of bytes (I.5.3.4).
func (f *jp2File) colours(b []byte) {
	if len(b) < 3 {
		return
	}
	n, each := int(binary.BigEndian.Uint16(b)), int(b[2])
	if each < 1 || n > 256 || len(b) < 3+each+n*each {
		return
	}
	f.palette = new([256]byte)
	for i := range n {
		c := b[3+each+i*each:]
		if f.palette[i] = c[0]; each >= 3 {
			f.palette[i] = luma(c[0], c[1], c[2])
		}
	}
}

// jpxPage decodes an image, reduced to a page's size.
func (it *item) jpxPage(b []byte) (page.Raster, error) {
	f := readJP2(b)
	if f.code == nil {
		return page.Raster{}, ErrTruncated
	}
	j, err := newJPX(it, f.code)
	if err != nil {
		return page.Raster{}, err
	}
	wanted := j.grey(&f)
	by := (max(j.area.w(), j.area.h()) + pageLongest - 1) / pageLongest
	reduce := 0
	for f.palette == nil && 2<<reduce <= by {
		reduce++
	}
	// Planes, and while a tile is decoded its coefficients twice, of four bytes each.
	if held := 4 * int64(j.area.w()>>reduce+1) * int64(j.area.h()>>reduce+1) * int64(wanted+3); held > it.limits.Memory/2 {
		return page.Raster{}, errTooLarge
	}
	if err = j.decode(wanted, reduce); len(j.planes) == 0 {
		return page.Raster{}, err
	}
	p := j.planes[0]
	s := it.draw.newShrinker(p.w(), p.h())
	row := make([]byte, p.w())
	for y := range p.h() {
		j.row(row, y, &f)
		s.row(row)
	}
	return s.raster(), err
}

// grey tells how many components are wanted for it: the first is how light it is, unless colours stand by themselves.
func (j *jpx) grey(f *jp2File) int {
	n := 1
	switch {
	case f.palette != nil || j.coding.mixed || f.space == 17 || f.space == 18:
	case f.space == 12 && len(j.comps) >= 4:
		n = 4
	case len(j.comps) >= 3:
		n = 3
	}
	for _, c := range j.comps[:n] {
		if c != j.comps[0] {
			return 1
		}
	}
	return n
}

// row writes a row of the decoded image as grey.
func (j *jpx) row(to []byte, y int, f *jp2File) {
	c := j.comps[0]
	scale, middle := 255/float32(uint32(1)<<c.bits-1), float32(uint32(1)<<(c.bits-1))
	if c.signed {
		middle = 0
	}
	if f.palette != nil {
		scale = 1
	}
	value := func(p *jpxPlane, x int) byte {
		return byte(min(max((p.v[y*p.w()+x]+middle)*scale+0.5, 0), 255))
	}
	p := j.planes
	for x := range to {
		v := value(&p[0], x)
		switch {
		case f.palette != nil:
			v = f.palette[v]
		case len(p) == 3:
			v = luma(v, value(&p[1], x), value(&p[2], x))
		case len(p) == 4:
			v = inkGrey(v, value(&p[1], x), value(&p[2], x), value(&p[3], x))
		}
		to[x] = v
	}
}

// jp2 yields an image that is a part of its own.
func (it *item) jp2(n node, c content) error {
	b, err := io.ReadAll(io.LimitReader(sequential(c), jpxMost))
	if err != nil {
		return err
	}
	r, err := it.jpxPage(b)
	if r.H == 0 {
		return orEOF(err)
	}
	if e := it.page(n, 1, 1, r); e != nil {
		return e
	}
	return err
}
