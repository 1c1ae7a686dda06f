package open

import "math/bits"

// jpxPackets reads packets (B.9 and B.10).
type jpxPackets struct {
	t    *jpxTile
	b    []byte
	at   int
	held uint // bits of the byte before at that are left
	last byte
	over bool // the bytes have ended
}

func (p *jpxPackets) bit() int {
	if p.held == 0 {
		stuffed := p.last == 0xff
		if p.at >= len(p.b) {
			p.over = true
			return 0
		}
		p.last = p.b[p.at]
		p.at++
		if p.held = 8; stuffed {
			p.held = 7
		}
	}
	p.held--
	return int(p.last >> p.held & 1)
}

func (p *jpxPackets) number(n int) int {
	v := 0
	for range n {
		v = v<<1 | p.bit()
	}
	return v
}

// align ends a header.
func (p *jpxPackets) align() {
	if p.last == 0xff {
		p.at++ // a stuffed byte
	}
	p.held, p.last = 0, 0
}

// marker passes over a marker of so many bytes, if it stands there.
func (p *jpxPackets) marker(low byte, size int) {
	if p.t.coding.markers && p.at+1 < len(p.b) && p.b[p.at] == 0xff && p.b[p.at+1] == low {
		p.at += size
	}
}

// jpxPiece is what a packet brings of a block.
type jpxPiece struct {
	block  *jpxBlock
	passes []int
	sizes  []int
}

// packet reads one; false when there is no more.
func (p *jpxPackets) packet(layer int, at jpxPlace) bool {
	if p.at >= len(p.b) {
		return false
	}
	p.marker(0x91, 6)
	p.held, p.last = 0, 0
	var pieces []jpxPiece
	k := &p.t.comps[at.c]
	if p.bit() != 0 {
		bands := k.res[at.r].bands
		for i := range bands {
			q := &bands[i].precincts[at.n]
			for n := range q.blocks {
				if piece, ok := p.piece(q, n, layer, &k.style); ok {
					pieces = append(pieces, piece)
				}
				if p.over {
					return false
				}
			}
		}
	}
	p.align()
	p.marker(0x92, 2)
	wanted := at.c < p.t.j.wanted && at.r <= k.style.levels-p.t.j.reduce
	for _, piece := range pieces {
		if !p.take(piece, wanted, &k.style) {
			return false
		}
	}
	return true
}

// piece reads what the header tells of a block (B.10.4 to B.10.7).
func (p *jpxPackets) piece(q *jpxPrecinct, n, layer int, s *jpxStyle) (piece jpxPiece, ok bool) {
	b := &q.blocks[n]
	x, y := n%q.wide, n/q.wide
	if b.included {
		if p.bit() == 0 {
			return piece, false
		}
	} else {
		if !q.first.below(p, x, y, layer+1) {
			return piece, false
		}
		b.included = true
		for b.zeroes = 0; !q.zeroes.below(p, x, y, b.zeroes+1) && !p.over && b.zeroes < 64; b.zeroes++ {
		}
	}
	passes := p.passes()
	for p.bit() != 0 && !p.over {
		b.bits++
	}
	if b.bits > 30 {
		p.over = true
		return piece, false
	}
	piece.block = b
	each := passes
	if s.flags&jpxTermAll != 0 {
		each = 1
	}
	for ; passes > 0; passes -= each {
		piece.passes = append(piece.passes, each)
		piece.sizes = append(piece.sizes, p.number(b.bits+bits.Len(uint(each))-1))
	}
	return piece, true
}

// passes reads how many passes come (table B.4).
func (p *jpxPackets) passes() int {
	if p.bit() == 0 {
		return 1
	}
	if p.bit() == 0 {
		return 2
	}
	if v := p.number(2); v < 3 {
		return 3 + v
	}
	if v := p.number(5); v < 31 {
		return 6 + v
	}
	return 37 + p.number(7)
}

// take reads the bytes of a block.
func (p *jpxPackets) take(piece jpxPiece, wanted bool, s *jpxStyle) bool {
	for i, size := range piece.sizes {
		end := min(p.at+size, len(p.b))
		b := p.b[p.at:end]
		cut := end-p.at < size
		p.at = end
		k := piece.block
		k.passes += piece.passes[i]
		switch {
		case !wanted || k.passes > 200:
		case s.flags&jpxTermAll == 0 && len(k.segments) > 0:
			last := &k.segments[0]
			last.b = append(last.b[:len(last.b):len(last.b)], b...)
			last.passes += piece.passes[i]
		default:
			k.segments = append(k.segments, jpxSegment{b, piece.passes[i]})
		}
		if cut {
			return false
		}
	}
	return true
}

// jpxTagTree tells numbers by the least of them in ever smaller squares (B.10.2).
type jpxTagTree struct{ levels []jpxTagLevel }

type jpxTagLevel struct {
	wide  int
	least []int  // known so far
	known []bool // that it is no more
}

func newJPXTagTree(w, h int) (t jpxTagTree) {
	for {
		t.levels = append(t.levels, jpxTagLevel{w, make([]int, w*h), make([]bool, w*h)})
		if w*h <= 1 {
			return t
		}
		w, h = (w+1)/2, (h+1)/2
	}
}

// below reads until it is known whether a number is below a limit.
func (t *jpxTagTree) below(p *jpxPackets, x, y, limit int) bool {
	least := 0
	for i := len(t.levels) - 1; i >= 0; i-- {
		l := &t.levels[i]
		at := y>>i*l.wide + x>>i
		l.least[at] = max(l.least[at], least)
		for l.least[at] < limit && !l.known[at] && !p.over {
			if p.bit() != 0 {
				l.known[at] = true
			} else {
				l.least[at]++
			}
		}
		least = l.least[at]
	}
	return least < limit
}
