package page

import "math"

// seen is what an item shows of a known page's cells, once laid over it.
type seen struct {
	cells []int               // their numbers among the known page's written cells
	score []float32           // how well the projections' signs agree: 1 wholly, 0 by chance
	read  [][mostBits]float32 // the item's projections
	// marked are those that a watermark may have spoilt; nil where none was looked for.
	marked []bool
	// lifted tells that an overlay was taken away, which leaves something of itself.
	lifted bool
	// gathered tells that what differs lies together in one part of a photo.
	gathered bool
}

// warpStep is the number of pixels between which a homography is taken for linear, and the side of the tiles that are read.
const warpStep = 16

// tiles marks those parts of a page that its written cells may need, also when blocks are moved about.
func tiles(c *cells, w, h int) (need []bool, across int) {
	across = (w + warpStep - 1) / warpStep
	need = make([]bool, across*((h+warpStep-1)/warpStep))
	const far = shiftFar * shiftStep
	for _, place := range c.places {
		x, y := corner(place, c.across)
		for v := max(y-far, 0) / warpStep; v <= min(y+window+far, h-1)/warpStep; v++ {
			for u := max(x-far, 0) / warpStep; u <= min(x+window+far, w-1)/warpStep; u++ {
				need[v*across+u] = true
			}
		}
	}
	return need, across
}

// warp lays the item over the known page where that is written on; what lies outside the item is -1.
func (l *Look) warp(k *known, t *transform, own *field, sheet plane) plane {
	out := newPlane(k.w, k.h)
	for y := range out.h {
		row := out.p[y*out.w : (y+1)*out.w]
		need := k.need[y/warpStep*k.needAcross:]
		at := -1
		var x0, y0 float64
		for x := 0; x < len(row); x += warpStep {
			if !need[x/warpStep] {
				continue
			}
			if at != x {
				x0, y0 = own.apply(t, x, y)
			}
			x1, y1 := own.apply(t, x+warpStep, y)
			part := row[x:min(x+warpStep, len(row))]
			sheet.line(part, float32(x0), float32(y0), float32((x1-x0)/warpStep), float32((y1-y0)/warpStep), l.cut)
			x0, y0, at = x1, y1, x+warpStep
		}
	}
	return out
}

// edgeCut is how near to the item's edge, in pixels of work, nothing is compared: letters may be cut there.
const edgeCut = 2

// line reads pixels along a straight line; what lies outside, or near the edge, is -1.
func (p plane) line(to []float32, x, y, dx, dy, cut float32) {
	right, bottom := float32(p.w-1)-cut, float32(p.h-1)-cut
	for i := range to {
		if x > cut-1e-3 && y > cut-1e-3 && x < right && y < bottom {
			u, v := int(x), int(y)
			fx, fy := x-float32(u), y-float32(v)
			at := v*p.w + u
			a, b := p.p[at:at+2:at+2], p.p[at+p.w:at+p.w+2:at+p.w+2]
			top, low := a[0]+float32(fx*(a[1]-a[0])), b[0]+float32(fx*(b[1]-b[0]))
			to[i] = top + float32(fy*(low-top))
		} else {
			to[i] = -1
		}
		x, y = x+dx, y+dy
	}
}

// verify projects every written cell of the known page as the item shows it.
func (l *Look) verify(k *known, over plane) (s seen) {
	c := k.cells
	var out [mostBits]float32
	by := l.by[:c.each]
	for i, cell := range c.places {
		x, y := corner(cell, c.across)
		if outside(over, x, y) {
			continue
		}
		project(over, x, y, by, &out)
		s.cells, s.score, s.read = append(s.cells, i), append(s.score, agreement(c.signs[i], out[:c.each])), append(s.read, out)
	}
	return s
}

// outside tells whether a corner of the window lies outside the item.
func outside(over plane, x, y int) bool {
	upper, lower := over.p[y*over.w+x:], over.p[(y+window-1)*over.w+x:]
	return upper[0] < 0 || upper[window-1] < 0 || lower[0] < 0 || lower[window-1] < 0
}

// agreement weighs each sign by how clear it is in the item.
func agreement(signs uint32, of []float32) float32 {
	same, all := float32(0), float32(1e-6)
	for k, v := range of {
		all += abs(v)
		same += math.Float32frombits(math.Float32bits(v) ^ (^signs>>k&1)<<31)
	}
	return same / all
}

// moved tells whether another reading of a cell differs from the first.
func (s *seen) moved(n int, other []float32) bool {
	moved, all := float32(0), float32(1e-9)
	for k, v := range other {
		d := v - s.read[n][k]
		moved, all = moved+float32(d*d), all+float32(s.read[n][k]*s.read[n][k])
	}
	return moved > overlayMoves*overlayMoves*all
}
