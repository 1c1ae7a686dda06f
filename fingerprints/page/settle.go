package page

import "slices"

// Points lay the item over the known page to a pixel or two. Cells say better: blocks of them are moved about until their
// projections agree most, and the map is fitted again to where they lie then.

const (
	blockCells   = 5 // a side
	blockMost    = 8 // cells of a block that are tried
	shiftBits    = 8
	shiftLeast   = 0.3  // agreement of a block that may say where it lies
	shiftStep    = 2    // pixels of work
	shiftFar     = 4    // steps either way
	shiftFine    = 0.5  // agreement of a block that need not look farther
	shiftGain    = 0.15 // what farther away must be better
	leastOfBlock = 3
	farWeight    = 0.3
	farCells     = 5
	settleMost   = 3
	resettleMost = 2
	settled      = 0.4 // pixels of work, the largest shift of a block
	strayBlock   = 2.5 // pixels of work from where the map puts a block
)

// block is a square of cells and how far, in pixels of the known page, it lies off.
type block struct {
	cells  []int // numbers among the written cells
	x, y   float64
	dx, dy float64
	score  float64 // where it agrees best
	still  float64 // where it is now
	far    bool    // found far away, which may be by chance
}

// blocks groups the written cells.
func blocks(c *cells) []block {
	across := (c.across + blockCells - 1) / blockCells
	all := make([]block, across*((c.down+blockCells-1)/blockCells))
	for i, place := range c.places {
		b := &all[place/c.across/blockCells*across+place%c.across/blockCells]
		b.cells = append(b.cells, i)
		x, y := corner(place, c.across)
		b.x, b.y = b.x+float64(x+window/2), b.y+float64(y+window/2)
	}
	kept := all[:0]
	for _, b := range all {
		n := len(b.cells)
		if n < leastOfBlock {
			continue
		}
		b.x, b.y = b.x/float64(n), b.y/float64(n)
		if n > blockMost {
			for i := range blockMost {
				b.cells[i] = b.cells[i*n/blockMost]
			}
			b.cells = b.cells[:blockMost]
		}
		kept = append(kept, b)
	}
	return kept
}

// settle improves a transform, tells what shift every part has beyond it, and lays the item over the known page by both.
func (l *Look) settle(k *known, t transform) (transform, *field, plane) {
	all := blocks(k.cells)
	sheet := l.sheetFor(&t)
	best, over := t, l.warp(k, &t, nil, sheet)
	bestOver, most := over, -1.0
	var still []block
	for round := range settleMost {
		at, quality, moved := l.shifts(k, over, all, &t, round == 0)
		if quality <= most {
			break
		}
		best, bestOver, most, still = t, over, quality, append(still[:0], all...)
		if len(at) < 5 || moved < settled {
			break
		}
		better, ok := steady(k.unit(), at)
		if !ok {
			break
		}
		t = better
		over = l.warp(k, &t, nil, sheet)
	}
	own := newField(k.cells, still)
	over = l.warp(k, &best, own, sheet)
	if _, quality, _ := l.shifts(k, over, all, &best, false); quality > most {
		return best, own, over
	}
	return best, nil, bestOver
}

// resettle lets every part shift further, and farther where it agrees well there: for a page that still disagrees somewhere.
func (l *Look) resettle(k *known, t *transform, own *field) (*field, plane) {
	all := blocks(k.cells)
	if own == nil {
		own = newField(k.cells, nil)
	}
	over := l.warp(k, t, own, l.sheetFor(t))
	for range resettleMost {
		l.shifts(k, over, all, t, true)
		own = own.plus(newField(k.cells, all))
		over = l.warp(k, t, own, l.sheetFor(t))
	}
	return own, over
}

// shifts tells where each block lies on the item, how well all agree as they lie now, and how far they should move.
func (l *Look) shifts(k *known, over plane, all []block, t *transform, far bool) (at []correspondence, quality, moved float64) {
	for i := range all {
		b := &all[i]
		if !l.shift(k, over, b, far) {
			continue
		}
		quality += b.still
		if b.score < shiftLeast {
			continue
		}
		x, y := t.apply(b.x+b.dx, b.y+b.dy)
		weight := b.score * b.score * float64(len(b.cells))
		if b.far {
			weight *= farWeight
		}
		at = append(at, correspondence{b.x, b.y, x, y, weight})
		// What agrees so well far away does not by chance: the map is off there.
		if b.score > shiftFine && (!b.far || b.score > fieldFar) {
			moved = max(moved, abs(b.dx), abs(b.dy))
		}
	}
	return at, quality, moved
}

// steady fits a map, again and again with less weight for what lies far from it (iteratively reweighted least squares with
// Cauchy's weights).
func steady(unit float64, at []correspondence) (t transform, ok bool) {
	weighted := slices.Clone(at)
	for range 5 {
		if t, ok = fitIn(unit, weighted, len(at) >= 10); !ok {
			return t, false
		}
		for i, c := range at {
			x, y := t.apply(c.kx, c.ky)
			x, y = (x-c.ix)/strayBlock, (y-c.iy)/strayBlock
			weighted[i].weight = c.weight / (1 + x*x + y*y)
		}
	}
	return t, true
}

// shift finds where a block agrees most, looking farther where it agrees badly and far is set; false if too little of it is
// on the item.
func (l *Look) shift(k *known, over plane, b *block, far bool) bool {
	if !l.nudge(k, over, b) {
		return false
	}
	if b.score < shiftFine {
		l.creep(k, over, b)
	}
	if near := *b; far && b.score < shiftFine {
		if !l.search(k, over, b) || b.score < near.score+shiftGain {
			*b = near
		}
		b.still = near.still
	}
	return true
}

// nudge compares a block where it lies and a step to each side.
func (l *Look) nudge(k *known, over plane, b *block) bool {
	var here, left, right, up, down float64
	seen := 0
	for _, i := range b.cells {
		x, y, ok := room(k, over, i, shiftStep)
		if !ok {
			continue
		}
		seen++
		here += l.scoreAt(k, over, i, x, y)
		left += l.scoreAt(k, over, i, x-shiftStep, y)
		right += l.scoreAt(k, over, i, x+shiftStep, y)
		up += l.scoreAt(k, over, i, x, y-shiftStep)
		down += l.scoreAt(k, over, i, x, y+shiftStep)
	}
	if seen < leastOfBlock {
		return false
	}
	b.dx, b.dy, b.far = shiftStep*slope(left, here, right), shiftStep*slope(up, here, down), false
	b.score, b.still = max(here, left, right, up, down)/float64(seen), here
	return true
}

// creep compares a block a pixel to each side: what is that far off agrees little where it lies, and no better a step away.
func (l *Look) creep(k *known, over plane, b *block) {
	const n = 3
	var sums [n * n]float64
	seen := 0
	for _, i := range b.cells {
		x, y, ok := room(k, over, i, shiftStep)
		if !ok {
			continue
		}
		seen++
		for s := range sums {
			sums[s] += l.scoreAt(k, over, i, x+s%n-n/2, y+s/n-n/2)
		}
	}
	best := 0
	for s := range sums {
		if sums[s] > sums[best] {
			best = s
		}
	}
	if score := sums[best] / float64(max(seen, 1)); score > max(b.score+shiftGain, shiftFine) {
		b.dx, b.dy, b.score, b.far = float64(best%n-n/2), float64(best/n-n/2), score, false
	}
}

// slope is where between -1 and 1 the best of three lies, or would between them.
func slope(before, here, after float64) float64 {
	switch {
	case before > here && before >= after:
		return -1
	case after > here:
		return 1
	}
	return parabola(before, here, after)
}

// room is a cell's place, if it can be moved that far every way and is all on the item.
func room(k *known, over plane, i, m int) (x, y int, ok bool) {
	x, y = corner(k.cells.places[i], k.cells.across)
	return x, y, x >= m && y >= m && x+window+m <= over.w && y+window+m <= over.h && !outside(over, x-m, y-m) && !outside(over, x+m, y+m)
}

// search compares a block wherever it could lie within some steps.
func (l *Look) search(k *known, over plane, b *block) bool {
	const n = 2*shiftFar + 1
	var sums [n * n]float64
	seen := 0
	for _, i := range b.cells[:min(len(b.cells), farCells)] {
		x, y, ok := room(k, over, i, shiftFar*shiftStep)
		if !ok {
			continue
		}
		seen++
		for s := range sums {
			sums[s] += l.scoreAt(k, over, i, x+(s%n-shiftFar)*shiftStep, y+(s/n-shiftFar)*shiftStep)
		}
	}
	if seen < leastOfBlock {
		return false
	}
	best := 0
	for s := range sums {
		if sums[s] > sums[best] {
			best = s
		}
	}
	bx, by := best%n, best/n
	b.dx, b.dy, b.far = float64(bx-shiftFar), float64(by-shiftFar), true
	b.score = sums[best] / float64(seen)
	if bx > 0 && bx < n-1 {
		b.dx += parabola(sums[best-1], sums[best], sums[best+1])
	}
	if by > 0 && by < n-1 {
		b.dy += parabola(sums[best-n], sums[best], sums[best+n])
	}
	b.dx, b.dy = b.dx*shiftStep, b.dy*shiftStep
	return true
}

// scoreAt is the agreement of a written cell if it lay there.
func (l *Look) scoreAt(k *known, over plane, i, x, y int) float64 {
	var out [mostBits]float32
	n := min(shiftBits, k.cells.each)
	project(over, x, y, l.by[:n], &out)
	return float64(agreement(k.cells.signs[i], out[:n]))
}
