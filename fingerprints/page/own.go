package page

import (
	"math"
	"math/bits"
)

// What an item shows of several people's pages of one form tells what of it the form prints, and what is somebody's own: in a
// few numbers on the lower half of an invoice, digits agree with another's by chance, and all else is the form's.
const (
	ownLess  = 0.6  // agreement below which what is seen is not on another's page
	ownLeast = 8    // cells that say something
	ownWorse = 0.25 // than half of all cells three quarters of somebody's own agree at most on a copy
	ownSeen  = 12   // cells from how many on a page was recognised by what is its own
)

// spot is a cell of a known page where it was seen on an item, and how well it agrees.
type spot struct{ x, y, score float32 }

// chart is the cells of a known page that were seen on an item.
type chart struct {
	spots  []spot
	middle float64 // agreement of half of them
	pitch  float64 // of a cell, in the item's pixels
	across int
	parts  [][]spot // of squares of a pitch, row by row; made when first asked
}

func chartOf(k *known, t *transform, s *seen) chart {
	c := chart{spots: make([]spot, len(s.cells)), middle: quantile(s.score, 0.5), pitch: pitch * math.Sqrt(max(abs(t[0]*t[4]-t[1]*t[3]), 1e-3))}
	for i, n := range s.cells {
		x, y := corner(k.cells.places[n], k.cells.across)
		u, v := t.apply(float64(x)+window/2, float64(y)+window/2)
		c.spots[i] = spot{float32(u), float32(v), s.score[i]}
	}
	return c
}

// parted sorts the cells by where they were seen.
func (c *chart) parted() {
	if c.parts != nil {
		return
	}
	c.across = int(workSide/c.pitch) + 2
	c.parts = make([][]spot, c.across*c.across)
	for _, s := range c.spots {
		if at, ok := c.part(float64(s.x), float64(s.y)); ok {
			c.parts[at] = append(c.parts[at], s)
		}
	}
}

func (c *chart) part(x, y float64) (at int, ok bool) {
	x, y = math.Floor(x/c.pitch), math.Floor(y/c.pitch)
	return int(y)*c.across + int(x), x >= 0 && y >= 0 && x < float64(c.across) && y < float64(c.across)
}

// at is how well the cell there agrees, 0 where the known page has none. Of pages that lie otherwise in their squares, the
// best of the cells that reach there.
func (c *chart) at(s spot) (best float32) {
	far := float32(c.pitch * math.Sqrt2 / 2)
	for j := -1.0; j <= 1; j++ {
		for i := -1.0; i <= 1; i++ {
			at, ok := c.part(float64(s.x)+i*c.pitch, float64(s.y)+j*c.pitch)
			if !ok {
				continue
			}
			for _, o := range c.parts[at] {
				if u, v := o.x-s.x, o.y-s.y; float32(u*u)+float32(v*v) <= far*far {
					best = max(best, o.score)
				}
			}
		}
	}
	return best
}

// Own tells of a page that an item shows how its own cells agree, which most of the other pages of its form that were compared
// with the item do not have there: foreign if these show something else, and seen if there are enough to recognise it by.
func (r *Result) Own(others []*Result) (foreign, seen bool) {
	var own []float32
	lying := make([]*chart, 0, len(others))
	for _, o := range others {
		if o.seen.middle >= sameMedian {
			o.seen.parted()
			lying = append(lying, &o.seen)
		}
	}
	for _, s := range r.seen.spots {
		less := 0
		for _, o := range lying {
			if o.at(s) < ownLess {
				less++
			}
		}
		if less > 0 && 2*less >= len(lying) {
			own = append(own, s.score)
		}
	}
	return len(own) >= ownLeast && quantile(own, 0.25) < r.seen.middle-ownWorse, len(own) >= ownSeen
}

// Alike tells of two known pages that they are one, stored twice alike: all that both lay in squares agrees. Errors are those of
// damaged bodies.
func Alike(a, b []byte) (bool, error) {
	one, err := readBody(a)
	if err != nil {
		return false, err
	}
	two, err := readBody(b)
	if err != nil || one.ink == nil || two.ink == nil || one.ink.w != two.ink.w || one.ink.h != two.ink.h {
		return false, err
	}
	other := make(map[int]uint32, len(two.ink.cells.places))
	for i, place := range two.ink.cells.places {
		other[place] = two.ink.cells.signs[i]
	}
	each := min(one.ink.cells.each, two.ink.cells.each)
	both, unlike := 0, 0
	for i, place := range one.ink.cells.places {
		signs, ok := other[place]
		if !ok {
			continue
		}
		both++
		if differ := bits.OnesCount32((signs ^ one.ink.cells.signs[i]) & (1<<each - 1)); float64(differ) > alikeSigns*float64(each) {
			unlike++
		}
	}
	most := max(len(one.ink.cells.places), len(other))
	return float64(both) >= alikePlaces*float64(most) && float64(unlike) <= alikeCells*float64(most), nil
}

// What makes two known pages alike: how many of their cells both have, and how many of these may have so many other signs.
const (
	alikePlaces = 0.96
	alikeCells  = 0.005
	alikeSigns  = 0.3
)
