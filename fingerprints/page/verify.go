package page

// seen is what an item shows of a known page's cells, once laid over it.
type seen struct {
	cells []int               // their numbers among the known page's written cells
	score []float32           // how well the projections' signs agree: 1 wholly, 0 by chance
	read  [][mostBits]float32 // the item's projections
}

// warp lays the item over the known page; what lies outside the item is -1.
func (l *Look) warp(k *known, t *transform, sheet plane) plane {
	out := newPlane(k.w, k.h)
	for y := range out.h {
		row := out.p[y*out.w : (y+1)*out.w]
		u, v, w := t[1]*float64(y)+t[2], t[4]*float64(y)+t[5], t[7]*float64(y)+t[8]
		for x := range row {
			d := t[6]*float64(x) + w
			ix, iy := float32((t[0]*float64(x)+u)/d), float32((t[3]*float64(x)+v)/d)
			if d <= 0 || ix < -0.5 || iy < -0.5 || ix > float32(sheet.w)-0.5 || iy > float32(sheet.h)-0.5 {
				row[x] = -1
				continue
			}
			row[x] = sheet.at(ix, iy)
		}
	}
	return out
}

// verify projects every written cell of the known page as the item shows it.
func (l *Look) verify(k *known, over plane) (s seen) {
	c := k.cells
	var out [mostBits]float32
	by := l.printer.cells[:c.each]
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
		if (signs>>k&1 == 1) == (v > 0) {
			same += abs(v)
		} else {
			same -= abs(v)
		}
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
