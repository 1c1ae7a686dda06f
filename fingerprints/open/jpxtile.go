package open

import (
	"cmp"
	"math"
	"slices"
)

// jpxTile is a tile (annex B): its components, each in several resolutions, each of bands, each of code blocks.
type jpxTile struct {
	j      *jpx
	coding jpxCoding
	rect   jpxRect
	parts  [][]byte
	comps  []jpxTileComponent
	held   int // blocks and precincts
}

type jpxTileComponent struct {
	jpxRect
	style jpxStyle
	quant jpxQuant
	res   []jpxResolution
}

type jpxResolution struct {
	jpxRect
	px, py int // the size of a precinct, as powers of 2
	wide   int // precincts in a row
	high   int
	bands  []jpxBand
}

type jpxBand struct {
	jpxRect
	kind      int // 0: low both ways; 1: high across; 2: high down; 3: high both ways
	planes    int // of bits, the sign apart
	step      float32
	precincts []jpxPrecinct
}

// jpxPrecinct is what of a band one packet tells of.
type jpxPrecinct struct {
	wide, high    int
	blocks        []jpxBlock
	first, zeroes jpxTagTree
}

type jpxBlock struct {
	jpxRect
	included bool
	zeroes   int // planes that are nothing but 0
	bits     int // of the length of a length
	passes   int
	segments []jpxSegment
}

// jpxSegment is a run of passes that are coded in one.
type jpxSegment struct {
	b      []byte
	passes int
}

func (t *jpxTile) decode() error {
	for i := range t.j.comps {
		if err := t.component(i); err != nil {
			return err
		}
	}
	t.packets()
	for i := range t.j.wanted {
		if err := t.paint(i); err != nil {
			return err
		}
	}
	t.comps = nil
	return nil
}

// component lays out what a component is made of (B.3 to B.7).
func (t *jpxTile) component(i int) error {
	c, s := t.j.comps[i], t.coding.styles[i]
	k := jpxTileComponent{jpxRect: t.rect.over(c.dx, c.dy), style: s, quant: t.coding.quants[i]}
	if len(s.precincts) == 0 || len(k.quant.steps) == 0 {
		return ErrDamaged
	}
	for r := range s.levels + 1 {
		down := s.levels - r
		res := jpxResolution{jpxRect: k.jpxRect.over(1<<down, 1<<down), px: int(s.precincts[r] & 15), py: int(s.precincts[r] >> 4)}
		if !res.empty() {
			res.wide = ceilDiv(res.x1, 1<<res.px) - res.x0>>res.px
			res.high = ceilDiv(res.y1, 1<<res.py) - res.y0>>res.py
		}
		if t.held += res.wide * res.high; t.held > jpxBlocks {
			return errTooLarge
		}
		kinds := []int{1, 2, 3}
		if r == 0 {
			kinds = []int{0}
		}
		for _, kind := range kinds {
			if err := t.band(&k, &res, r, kind, c.bits); err != nil {
				return err
			}
		}
		k.res = append(k.res, res)
	}
	t.comps = append(t.comps, k)
	return nil
}

// band lays out a band and its blocks.
func (t *jpxTile) band(k *jpxTileComponent, res *jpxResolution, r, kind, bits int) error {
	s := &k.style
	level, number := s.levels-r+1, 3*(r-1)+kind
	if r == 0 {
		level, number = s.levels, 0
	}
	half := 0
	if level > 0 {
		half = 1 << (level - 1)
	}
	x, y := half*(kind&1), half*(kind>>1)
	b := jpxBand{kind: kind, jpxRect: jpxRect{k.x0 - x, k.y0 - y, k.x1 - x, k.y1 - y}.over(1<<level, 1<<level)}
	if err := b.quantised(k, number, level, bits); err != nil {
		return err
	}
	px, py := res.px, res.py
	if r > 0 {
		px, py = px-1, py-1
	}
	bw, bh := min(s.bw, px), min(s.bh, py)
	for i := range res.wide * res.high {
		cx, cy := res.x0>>res.px+i%res.wide, res.y0>>res.py+i/res.wide
		area := jpxRect{max(b.x0, cx<<px), max(b.y0, cy<<py), min(b.x1, (cx+1)<<px), min(b.y1, (cy+1)<<py)}
		p := jpxPrecinct{}
		if !area.empty() {
			x0, y0 := area.x0>>bw, area.y0>>bh
			p.wide, p.high = ceilDiv(area.x1, 1<<bw)-x0, ceilDiv(area.y1, 1<<bh)-y0
			if t.held += p.wide * p.high; t.held > jpxBlocks {
				return errTooLarge
			}
			for n := range p.wide * p.high {
				x, y := x0+n%p.wide, y0+n/p.wide
				p.blocks = append(p.blocks, jpxBlock{bits: 3, jpxRect: jpxRect{
					max(area.x0, x<<bw), max(area.y0, y<<bh), min(area.x1, (x+1)<<bw), min(area.y1, (y+1)<<bh),
				}})
			}
			p.first, p.zeroes = newJPXTagTree(p.wide, p.high), newJPXTagTree(p.wide, p.high)
		}
		b.precincts = append(b.precincts, p)
	}
	res.bands = append(res.bands, b)
	return nil
}

// quantised reads a band's step (E.1.1).
func (b *jpxBand) quantised(k *jpxTileComponent, number, level, bits int) error {
	q := k.quant
	var e, mantissa int
	if q.style == 1 {
		e = int(q.steps[0]>>11) + level - k.style.levels
		mantissa = int(q.steps[0] & 0x7ff)
	} else {
		if number >= len(q.steps) {
			return ErrDamaged
		}
		e, mantissa = int(q.steps[number]>>11), int(q.steps[number]&0x7ff)
	}
	b.planes = q.guard + e - 1
	b.step = 1
	if !k.style.reversible {
		gain := []int{0, 1, 1, 2}[b.kind]
		b.step = float32(math.Ldexp(1+float64(mantissa)/2048, bits+gain-e))
	}
	if b.planes > 30 {
		return ErrUnsupported
	}
	return nil
}

// jpxPlace is a precinct of a resolution of a component, and where it stands on the reference grid.
type jpxPlace struct{ c, r, n, x, y int }

// places lists the precincts in the order in which the packets of one layer come (B.12).
func (t *jpxTile) places() []jpxPlace {
	var list []jpxPlace
	for c := range t.comps {
		k, grid := &t.comps[c], t.j.comps[c]
		for r := range k.res {
			res, down := &k.res[r], k.style.levels-r
			for n := range res.wide * res.high {
				x, y := (res.x0>>res.px+n%res.wide)<<res.px, (res.y0>>res.py+n/res.wide)<<res.py
				list = append(list, jpxPlace{c, r, n, max(t.rect.x0, x<<down*grid.dx), max(t.rect.y0, y<<down*grid.dy)})
			}
		}
	}
	slices.SortStableFunc(list, func(a, b jpxPlace) int {
		at := cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x))
		c, r := cmp.Compare(a.c, b.c), cmp.Compare(a.r, b.r)
		switch t.coding.progression {
		case 2:
			return cmp.Or(r, at, c)
		case 3:
			return cmp.Or(at, c, r)
		case 4:
			return cmp.Or(c, at, r)
		}
		return cmp.Or(r, c)
	})
	return list
}

// packets reads all packets, or as many as came.
func (t *jpxTile) packets() {
	p := &jpxPackets{t: t, b: slices.Concat(t.parts...)}
	t.parts = nil
	list := t.places()
	switch t.coding.progression {
	case 0:
		for layer := range t.coding.layers {
			for _, at := range list {
				if !p.packet(layer, at) {
					return
				}
			}
		}
	case 1:
		for len(list) > 0 {
			n := 0
			for n < len(list) && list[n].r == list[0].r {
				n++
			}
			for layer := range t.coding.layers {
				for _, at := range list[:n] {
					if !p.packet(layer, at) {
						return
					}
				}
			}
			list = list[n:]
		}
	default:
		for _, at := range list {
			for layer := range t.coding.layers {
				if !p.packet(layer, at) {
					return
				}
			}
		}
	}
}

// paint decodes a component's blocks, puts its bands together and lays it on its plane.
func (t *jpxTile) paint(i int) error {
	k, plane := &t.comps[i], &t.j.planes[i]
	last := k.style.levels - t.j.reduce
	if last < 0 {
		return ErrDamaged
	}
	var low []float32
	for r := range last + 1 {
		res := &k.res[r]
		bands := make([][]float32, len(res.bands))
		for n := range res.bands {
			var err error
			if bands[n], err = t.coefficients(&res.bands[n], &k.style); err != nil {
				return err
			}
		}
		if r == 0 {
			low = bands[0]
			continue
		}
		low = jpxJoin(res, &k.res[r-1], low, bands, k.style.reversible)
	}
	res := k.res[last]
	for y := max(res.y0, plane.y0); y < min(res.y1, plane.y1); y++ {
		x0, x1 := max(res.x0, plane.x0), min(res.x1, plane.x1)
		if x0 < x1 {
			copy(plane.v[(y-plane.y0)*plane.w()+x0-plane.x0:], low[(y-res.y0)*res.w()+x0-res.x0:][:x1-x0])
		}
	}
	return nil
}

// coefficients decodes the blocks of a band.
func (t *jpxTile) coefficients(b *jpxBand, s *jpxStyle) ([]float32, error) {
	if b.empty() {
		return nil, nil
	}
	to := make([]float32, b.w()*b.h())
	for i := range b.precincts {
		for n := range b.precincts[i].blocks {
			k := &b.precincts[i].blocks[n]
			if len(k.segments) == 0 {
				continue
			}
			if err := t.j.it.patient(); err != nil {
				return nil, err
			}
			k.decode(to[(k.y0-b.y0)*b.w()+k.x0-b.x0:], b, s)
			k.segments = nil
		}
	}
	return to, nil
}
