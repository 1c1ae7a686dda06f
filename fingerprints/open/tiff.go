package open

import (
	"encoding/binary"
	"errors"
	"io"
)

// Tags of TIFF 6.0 and its supplements.
const (
	tagSubfile      = 254
	tagWidth        = 256
	tagLength       = 257
	tagBits         = 258
	tagCompression  = 259
	tagPhotometric  = 262
	tagFillOrder    = 266
	tagStrips       = 273
	tagOrientation  = 274
	tagSamples      = 277
	tagRowsPerStrip = 278
	tagStripBytes   = 279
	tagAcross       = 282
	tagDown         = 283
	tagPlanar       = 284
	tagFaxOptions   = 292
	tagPredictor    = 317
	tagColourMap    = 320
	tagTileWidth    = 322
	tagTileLength   = 323
	tagTiles        = 324
	tagTileBytes    = 325
	tagExtra        = 338
	tagFormat       = 339
	tagJPEGTables   = 347
	tagJPEGStart    = 513
	tagJPEGLength   = 514
	tagSubsampling  = 530
)

// tiff is a TIFF file: a chain of directories, one for each page.
type tiff struct {
	c     content
	order binary.ByteOrder
	first int64
}

func openTIFF(c content) (*tiff, error) {
	var h [8]byte
	if n, _ := c.ReadAt(h[:], 0); n < len(h) {
		return nil, ErrTruncated
	}
	t := &tiff{c: c, order: binary.LittleEndian}
	if h[0] == 'M' {
		t.order = binary.BigEndian
	}
	t.first = int64(t.order.Uint32(h[4:]))
	return t, nil
}

// tiffPage is one directory.
type tiffPage struct {
	t      *tiff
	fields map[uint16]tiffField
}

type tiffField struct {
	kind  uint16
	count int64
	value [4]byte // the values, or where they are
}

const tiffFields = 1000 // of one directory; real ones have forty

// directory reads the one at an offset, and returns that of the next.
func (t *tiff) directory(at int64) (*tiffPage, int64, error) {
	var n [2]byte
	if got, _ := t.c.ReadAt(n[:], at); got < len(n) {
		return nil, 0, ErrTruncated
	}
	count := int(t.order.Uint16(n[:]))
	if count == 0 || count > tiffFields {
		return nil, 0, ErrDamaged
	}
	b := make([]byte, 12*count+4)
	got, _ := t.c.ReadAt(b, at+2)
	if got < 12*count {
		return nil, 0, ErrTruncated
	}
	d := &tiffPage{t: t, fields: make(map[uint16]tiffField, count)}
	for i := range count {
		e := b[12*i:]
		f := tiffField{kind: t.order.Uint16(e[2:]), count: int64(t.order.Uint32(e[4:]))}
		copy(f.value[:], e[8:12])
		d.fields[t.order.Uint16(e)] = f
	}
	return d, int64(t.order.Uint32(b[12*count:])), nil
}

// tiffSizes are the bytes of a value by the kind of a field; the kinds that are not numbers from 0 on are left out.
var tiffSizes = [...]int64{1: 1, 3: 2, 4: 4, 5: 8, 7: 1, 13: 4}

// bytes returns the first values of a field, as they lie there.
func (d *tiffPage) bytes(tag uint16, most int64) (b []byte, each int64) {
	f, ok := d.fields[tag]
	if !ok || int(f.kind) >= len(tiffSizes) || tiffSizes[f.kind] == 0 || f.count < 1 {
		return nil, 1
	}
	each = tiffSizes[f.kind]
	size := min(f.count, most) * each
	if f.count*each <= 4 {
		return f.value[:size], each
	}
	at := int64(d.t.order.Uint32(f.value[:]))
	if size > d.t.c.Size()-at {
		return nil, each
	}
	b = make([]byte, size)
	if got, _ := d.t.c.ReadAt(b, at); int64(got) < size {
		return nil, each
	}
	return b, each
}

// numbers returns the first values of a field. Of a fraction it gives a thousand times the value.
func (d *tiffPage) numbers(tag uint16, most int64) []int64 {
	b, each := d.bytes(tag, most)
	list := make([]int64, 0, int64(len(b))/each)
	for ; int64(len(b)) >= each; b = b[each:] {
		switch each {
		case 1:
			list = append(list, int64(b[0]))
		case 2:
			list = append(list, int64(d.t.order.Uint16(b)))
		case 4:
			list = append(list, int64(d.t.order.Uint32(b)))
		default:
			list = append(list, int64(d.t.order.Uint32(b))*1000/max(1, int64(d.t.order.Uint32(b[4:]))))
		}
	}
	return list
}

func (d *tiffPage) number(tag uint16, missing int64) int64 {
	if list := d.numbers(tag, 1); len(list) > 0 {
		return list[0]
	}
	return missing
}

// tiff yields the pages of a TIFF.
func (it *item) tiff(n node, c content) error {
	t, err := openTIFF(c)
	if err != nil {
		return err
	}
	var wrong error
	seen := map[int64]bool{}
	for at, number := t.first, 1; at != 0; number++ {
		if seen[at] {
			return errors.Join(wrong, ErrDamaged) // a circle
		}
		if len(seen) >= it.limits.Pages {
			return errors.Join(&LimitError{Limit: "pages"}, wrong)
		}
		seen[at] = true
		if err := it.patient(); err != nil {
			return errors.Join(err, wrong)
		}
		d, next, err := t.directory(at)
		if err != nil {
			return errors.Join(wrong, err)
		}
		if d.number(tagSubfile, 0)&1 == 0 { // not a small copy of another page
			wrong = errors.Join(wrong, it.tiffPage(n, d, number))
		}
		if it.fatal != nil {
			return it.fatal
		}
		at = next
	}
	return wrong
}

func (it *item) tiffPage(n node, d *tiffPage, number int) error {
	p, err := it.tiffLayout(d)
	if err != nil {
		return err
	}
	s := it.draw.newShrinker(p.w, p.h*p.tall)
	err = p.rows(func(row []byte) {
		for range p.tall {
			s.row(row)
		}
	})
	r := s.raster()
	if r.H == 0 || !p.some {
		return err
	}
	if e := it.page(n, number, 1, it.draw.turned(r, int(d.number(tagOrientation, 1)))); e != nil {
		return e
	}
	return err
}

// piece is the bytes of a strip or tile.
func (p *tiffLayout) piece(i int) (io.Reader, int64, error) {
	if i >= len(p.at) {
		return nil, 0, ErrDamaged
	}
	at, size := p.at[i], p.d.t.c.Size()-p.at[i]
	if i < len(p.sizes) && p.sizes[i] > 0 {
		size = min(size, p.sizes[i])
	}
	if size <= 0 {
		return nil, 0, ErrTruncated
	}
	return io.NewSectionReader(p.d.t.c, at, size), size, nil
}
