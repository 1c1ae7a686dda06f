package page

import (
	"math"
	"slices"
)

// A part of a page on which nothing stands but print is anybody's of that form. Where somebody wrote on it and the known page is
// blank, it is another's; but marks and notes of whoever passed a copy on stand on blank paper as well, so that a whole page, of
// which its own cells are seen, is not asked.
const (
	filledPart = 0.6 // of the known page's cells: what shows more of them is a whole page
	// A place is written on that has so much of the ink that half of the written ones have less of, and none of those around it is written on
	// by the known page; so many of them, and such a share of the cells that agree, are no dust.
	filledInk   = 0.75
	filledLeast = 12
	filledShare = 0.2
)

// filledIn tells whether an item that shows a part of a known page is written on where that is blank.
func (l *Look) filledIn(k *known, t *transform, own *field, s *seen, r *Result) bool {
	if !r.Same || k.photo || r.Coverage > filledPart {
		return false
	}
	over := l.warpAll(k, t, own)
	by := l.by[:k.cells.each]
	least := float32(filledInk * s.ink(k.cells.each))
	need := max(filledLeast, int(filledShare*float64(r.Agree)))
	near := k.cells.around()
	var out [mostBits]float32
	for place, written := range near {
		if written {
			continue
		}
		x, y := corner(place, k.cells.across)
		if !outside(over, x, y) && project(over, x, y, by, &out) >= least {
			need--
		}
	}
	return need <= 0
}

// inkOf is how much ink a seen cell has on the item.
func (s *seen) inkOf(n, each int) float32 {
	sum := float32(0)
	for _, v := range s.read[n][:each] {
		sum += float32(v * v)
	}
	return float32(math.Sqrt(float64(sum / float32(each))))
}

// ink is how much ink the cells seen have on the item: half of them have less.
func (s *seen) ink(each int) float64 {
	inks := make([]float32, 0, len(s.read))
	for n := range s.read {
		inks = append(inks, s.inkOf(n, each))
	}
	return quantile(inks, 0.5)
}

// warpAll lays the item over all of the known page, also where that is blank.
func (l *Look) warpAll(k *known, t *transform, own *field) plane {
	all := *k
	all.need = slices.Repeat([]bool{true}, len(k.need))
	return l.warp(&all, t, own, l.sheetFor(t))
}

// around marks the places that are written on and those beside them.
func (c *cells) around() []bool {
	near := make([]bool, c.across*c.down)
	for _, place := range c.places {
		x, y := place%c.across, place/c.across
		for v := max(y-1, 0); v <= min(y+1, c.down-1); v++ {
			for u := max(x-1, 0); u <= min(x+1, c.across-1); u++ {
				near[v*c.across+u] = true
			}
		}
	}
	return near
}
