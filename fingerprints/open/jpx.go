package open

import (
	"encoding/binary"
	"io"
)

// jpx decodes JPEG 2000 (ITU-T T.800, of which annexes are named below), as far as a page needs it: to grey, and no finer than
// pages are kept. Of a cut image it gives what came, which is all of it, coarsely. Regions of interest, changes of the
// order and headers packed apart are not read.
type jpx struct {
	it     *item
	b      []byte
	area   jpxRect // on the reference grid, as are the tiles
	tile   jpxRect // the first one, as if it were not cut off by the area
	comps  []jpxComponent
	coding jpxCoding
	tiles  map[int]*jpxTile
	order  []int // of tiles, as they came
	reduce int   // resolutions that are not wanted
	wanted int   // components that are, from the first on
	planes []jpxPlane
}

type jpxRect struct{ x0, y0, x1, y1 int }

func (r jpxRect) w() int      { return r.x1 - r.x0 }
func (r jpxRect) h() int      { return r.y1 - r.y0 }
func (r jpxRect) empty() bool { return r.x1 <= r.x0 || r.y1 <= r.y0 }

// over divides by a step of so many on each axis, upwards.
func (r jpxRect) over(dx, dy int) jpxRect {
	return jpxRect{ceilDiv(r.x0, dx), ceilDiv(r.y0, dy), ceilDiv(r.x1, dx), ceilDiv(r.y1, dy)}
}

func ceilDiv(a, b int) int {
	if a < 0 {
		return -(-a / b)
	}
	return (a + b - 1) / b
}

// jpxPlane is one component of the image, at the resolution that is wanted.
type jpxPlane struct {
	jpxRect
	v []float32
}

type jpxComponent struct {
	bits   int
	signed bool
	dx, dy int
}

// jpxCoding is how tiles are coded: what the main header says, or a tile's own.
type jpxCoding struct {
	progression, layers int
	mixed               bool // the first three components were made into light and colour
	markers             bool // packets may begin or end with markers
	styles              []jpxStyle
	quants              []jpxQuant
}

// jpxStyle is how a component is coded (A.6.1).
type jpxStyle struct {
	levels     int
	bw, bh     int // of a code block, as powers of 2
	flags      int
	reversible bool
	precincts  []byte
	own        bool // of the component itself, not of all
}

// jpxQuant is how a component is quantised (A.6.4).
type jpxQuant struct {
	style, guard int
	steps        []uint16 // exponent and mantissa
	own          bool
}

// Bounds of what a codestream may declare.
const (
	jpxArea   = 100_000_000
	jpxBlocks = 1 << 19 // of a tile, and precincts as well
	jpxMost   = 64 << 20
	jpxTiles  = 65_535
	jpxMagic  = "\xff\x4f\xff\x51"
)

// Flags of a style.
const (
	jpxBypass   = 1
	jpxReset    = 2
	jpxTermAll  = 4
	jpxCausal   = 8
	jpxSegments = 32
)

// newJPX reads the headers of a codestream. Nothing is decoded.
func newJPX(it *item, b []byte) (*jpx, error) {
	j := &jpx{it: it, b: b, tiles: map[int]*jpxTile{}}
	if len(b) < 4 || string(b[:4]) != jpxMagic {
		return nil, ErrDamaged
	}
	if err := j.headers(); err != nil && (len(j.order) == 0 || err == ErrUnsupported) {
		return nil, err
	}
	if len(j.order) == 0 {
		return nil, ErrTruncated
	}
	return j, nil
}

// headers goes through the markers of the codestream (A.2).
func (j *jpx) headers() error {
	at := 2
	var tile *jpxTile
	ends := 0
	for {
		if at+4 > len(j.b) {
			return io.ErrUnexpectedEOF
		}
		marker := binary.BigEndian.Uint16(j.b[at:])
		if marker == 0xffd9 {
			return nil
		}
		if marker == 0xff93 {
			if tile == nil {
				return ErrDamaged
			}
			end := min(ends, len(j.b))
			tile.parts = append(tile.parts, j.b[at+2:max(end, at+2)])
			at, tile = max(end, at+2), nil
			continue
		}
		size := int(binary.BigEndian.Uint16(j.b[at+2:]))
		if size < 2 || at+2+size > len(j.b) {
			return io.ErrUnexpectedEOF
		}
		body := j.b[at+4 : at+2+size]
		if marker == 0xff90 {
			var err error
			if tile, ends, err = j.tilePart(body, at); err != nil {
				return err
			}
		} else if err := j.segment(marker, body, tile); err != nil {
			return err
		}
		at += 2 + size
	}
}

// segment reads a marker segment of the main header, or of a tile's.
func (j *jpx) segment(marker uint16, b []byte, tile *jpxTile) error {
	c := &j.coding
	if tile != nil {
		c = &tile.coding
	}
	if len(j.comps) == 0 && marker != 0xff51 {
		return ErrDamaged
	}
	switch marker {
	case 0xff51:
		return j.size(b)
	case 0xff52:
		return c.cod(b)
	case 0xff53:
		return c.coc(b)
	case 0xff5c:
		return c.qcd(b)
	case 0xff5d:
		return c.qcc(b)
	case 0xff5e, 0xff5f, 0xff60, 0xff61: // RGN, POC, PPM, PPT
		return ErrUnsupported
	}
	return nil
}

// size reads the sizes of image, tiles and components (A.5.1).
func (j *jpx) size(b []byte) error {
	if len(b) < 36 || len(j.comps) > 0 {
		return ErrDamaged
	}
	n := func(i int) int { return int(binary.BigEndian.Uint32(b[2+4*i:])) }
	j.area = jpxRect{n(2), n(3), n(0), n(1)}
	j.tile = jpxRect{n(6), n(7), n(6) + n(4), n(7) + n(5)}
	count := int(binary.BigEndian.Uint16(b[34:]))
	if j.area.empty() || j.tile.empty() || j.tile.x0 > j.area.x0 || j.tile.y0 > j.area.y0 || j.tile.x1 <= j.area.x0 || j.tile.y1 <= j.area.y0 || count < 1 || len(b) < 36+3*count {
		return ErrDamaged
	}
	if count > 16 {
		return ErrUnsupported
	}
	if err := j.it.declared(j.area.w(), j.area.h(), false, 0); err != nil {
		return err
	}
	if j.area.x1 > 1<<30 || j.area.y1 > 1<<30 || j.area.w()*j.area.h() > jpxArea || j.across()*j.down() > jpxTiles {
		return errTooLarge
	}
	for i := range count {
		c := b[36+3*i:]
		k := jpxComponent{bits: int(c[0]&127) + 1, signed: c[0]&128 != 0, dx: int(c[1]), dy: int(c[2])}
		if k.dx < 1 || k.dy < 1 || k.bits > 24 {
			return ErrDamaged
		}
		j.comps = append(j.comps, k)
	}
	j.coding.styles, j.coding.quants = make([]jpxStyle, count), make([]jpxQuant, count)
	return nil
}

// across and down count the tiles.
func (j *jpx) across() int { return ceilDiv(j.area.x1-j.tile.x0, j.tile.w()) }
func (j *jpx) down() int   { return ceilDiv(j.area.y1-j.tile.y0, j.tile.h()) }

// cod reads how all components are coded (A.6.1).
func (c *jpxCoding) cod(b []byte) error {
	if len(b) < 10 {
		return ErrDamaged
	}
	c.markers = b[0]&6 != 0
	c.progression, c.layers, c.mixed = int(b[1]), int(binary.BigEndian.Uint16(b[2:])), b[4] != 0
	s, err := jpxStyleOf(b[5:], b[0]&1 != 0)
	if err != nil {
		return err
	}
	for i := range c.styles {
		if !c.styles[i].own {
			c.styles[i] = s
		}
	}
	return nil
}

// coc reads how one component is (A.6.2).
func (c *jpxCoding) coc(b []byte) error {
	if len(b) < 7 || int(b[0]) >= len(c.styles) {
		return ErrDamaged
	}
	s, err := jpxStyleOf(b[2:], b[1]&1 != 0)
	s.own = true
	c.styles[b[0]] = s
	return err
}

func jpxStyleOf(b []byte, precincts bool) (s jpxStyle, err error) {
	s = jpxStyle{levels: int(b[0]), bw: int(b[1]&15) + 2, bh: int(b[2]&15) + 2, flags: int(b[3]), reversible: b[4] == 1}
	if s.levels > 32 || s.bw > 10 || s.bh > 10 || s.bw+s.bh > 12 {
		return s, ErrDamaged
	}
	if s.flags&jpxBypass != 0 || s.flags&64 != 0 {
		return s, ErrUnsupported
	}
	s.precincts = make([]byte, s.levels+1)
	for i := range s.precincts {
		s.precincts[i] = 0xff
		if !precincts {
			continue
		}
		if 5+i >= len(b) || i > 0 && (b[5+i]&15 == 0 || b[5+i]>>4 == 0) {
			return s, ErrDamaged
		}
		s.precincts[i] = b[5+i]
	}
	return s, nil
}

// qcd reads how all components are quantised (A.6.4).
func (c *jpxCoding) qcd(b []byte) error {
	q, err := jpxQuantOf(b)
	for i := range c.quants {
		if !c.quants[i].own {
			c.quants[i] = q
		}
	}
	return err
}

func (c *jpxCoding) qcc(b []byte) error {
	if len(b) < 2 || int(b[0]) >= len(c.quants) {
		return ErrDamaged
	}
	q, err := jpxQuantOf(b[1:])
	q.own = true
	c.quants[b[0]] = q
	return err
}

func jpxQuantOf(b []byte) (q jpxQuant, err error) {
	if len(b) < 2 {
		return q, ErrDamaged
	}
	q.style, q.guard = int(b[0]&31), int(b[0]>>5)
	b = b[1:]
	switch q.style {
	case 0:
		for _, v := range b {
			q.steps = append(q.steps, uint16(v>>3)<<11)
		}
	case 1, 2:
		for ; len(b) >= 2; b = b[2:] {
			q.steps = append(q.steps, binary.BigEndian.Uint16(b))
		}
	default:
		return q, ErrDamaged
	}
	return q, nil
}

// tilePart reads the header of a part of a tile (A.4.2), which ends so far on.
func (j *jpx) tilePart(b []byte, at int) (*jpxTile, int, error) {
	if len(b) < 8 || len(j.comps) == 0 || j.coding.layers == 0 {
		return nil, 0, ErrDamaged
	}
	number, size := int(binary.BigEndian.Uint16(b)), int(binary.BigEndian.Uint32(b[2:]))
	if number >= j.across()*j.down() {
		return nil, 0, ErrDamaged
	}
	end := at + size
	if size == 0 {
		end = len(j.b)
	}
	t := j.tiles[number]
	if t == nil {
		t = &jpxTile{j: j, coding: j.coding}
		t.coding.styles = append([]jpxStyle(nil), j.coding.styles...)
		t.coding.quants = append([]jpxQuant(nil), j.coding.quants...)
		x, y := number%j.across(), number/j.across()
		t.rect = jpxRect{
			max(j.tile.x0+x*j.tile.w(), j.area.x0), max(j.tile.y0+y*j.tile.h(), j.area.y0),
			min(j.tile.x0+(x+1)*j.tile.w(), j.area.x1), min(j.tile.y0+(y+1)*j.tile.h(), j.area.y1),
		}
		j.tiles[number] = t
		j.order = append(j.order, number)
	}
	return t, end, nil
}

// decode fills the planes of the first components, at a resolution that is so many times halved.
func (j *jpx) decode(wanted, reduce int) error {
	for _, s := range j.coding.styles {
		reduce = min(reduce, s.levels)
	}
	j.wanted, j.reduce = wanted, reduce
	for _, c := range j.comps[:wanted] {
		r := j.area.over(c.dx, c.dy).over(1<<reduce, 1<<reduce)
		if r.empty() {
			return ErrDamaged
		}
		j.planes = append(j.planes, jpxPlane{r, make([]float32, r.w()*r.h())})
	}
	for _, number := range j.order {
		if err := j.it.patient(); err != nil {
			return err
		}
		if err := j.tiles[number].decode(); err != nil {
			return err
		}
		delete(j.tiles, number)
	}
	return nil
}
