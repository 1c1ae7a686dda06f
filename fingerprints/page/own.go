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
	// A cell that has so much less ink than half of those that are written on may be blank on another's page of the form, which lies
	// otherwise in its squares: a rule's end, a dash, a letter's edge.
	faintShare = 0.7
)

// Of pages that lie alike in their squares, their bodies tell what is whose, whatever is seen of it: noise is nobody's own.
const (
	clearCells = 3 // cells that say something
	clearSeen  = 6 // cells from how many on a page was recognised by them
	// Each speaks for the page on a copy by so many nats at least, or by so many where there are many.
	clearSpeaks, manySpeak = 1.5, 1.0
	manyClear              = 12
	// A region of somebody's own may speak against the page by so many nats, and by one more for so many cells, up to limitMost.
	clearLimit = 6.0
	clearMore  = 20.0
)

// spot is a cell of a known page where it was seen on an item, how well it agrees, and how much ink is there.
type spot struct{ x, y, score, ink float32 }

// chart is the cells of a known page that were seen on an item.
type chart struct {
	spots  []spot
	middle float64 // agreement of half of them
	pitch  float64 // of a cell, in the item's pixels
	across int
	parts  [][]spot // of squares of a pitch, row by row; made when first asked
	// faintInk is how much ink the lighter ones of the written cells have.
	faintInk float32
	form     *Form
	cells    []int // numbers of the cells among the known page's written ones
	evidence
}

func chartOf(k *known, t *transform, s *seen, e evidence) chart {
	c := chart{
		form: formOf(k), cells: s.cells, evidence: e, spots: make([]spot, len(s.cells)), middle: quantile(s.score, 0.5),
		pitch: pitch * math.Sqrt(max(abs(t[0]*t[4]-t[1]*t[3]), 1e-3)),
	}
	for i, n := range s.cells {
		x, y := corner(k.cells.places[n], k.cells.across)
		u, v := t.apply(float64(x)+window/2, float64(y)+window/2)
		c.spots[i] = spot{float32(u), float32(v), s.score[i], s.inkOf(i, k.cells.each)}
	}
	c.faintInk = faintShare * float32(s.ink(k.cells.each))
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

// at is how well the cell there agrees, and whether the known page has one. Of pages that lie otherwise in their squares, the
// best of the cells that reach there.
func (c *chart) at(s spot) (best float32, there bool) {
	far := float32(c.pitch * math.Sqrt2 / 2)
	for j := -1.0; j <= 1; j++ {
		for i := -1.0; i <= 1; i++ {
			at, ok := c.part(float64(s.x)+i*c.pitch, float64(s.y)+j*c.pitch)
			if !ok {
				continue
			}
			for _, o := range c.parts[at] {
				if u, v := o.x-s.x, o.y-s.y; float32(u*u)+float32(v*v) <= far*far {
					best, there = max(best, o.score), true
				}
			}
		}
	}
	return best, there
}

// faint tells of a cell with so little ink, which agrees, that on a page that lies otherwise in its squares it is not written on.
func (c *chart) faint(s spot) bool { return s.ink < c.faintInk && s.score >= ownLess }

// Own is what an item shows of what a page has and most of the other pages of its form have not.
type Own struct {
	Foreign bool // something else is there
	Seen    bool // enough to recognise the page by
	Bare    bool // hardly anything: what is seen is the form
}

// Own compares with the other pages of a form that were compared with the item.
func (r *Result) Own(others []*Result) Own {
	if r.seen.form != nil {
		if own, ok := r.seen.clear(others); ok {
			return own
		}
	}
	return r.seen.guessed(others)
}

// clear tells by those of the other pages that were stored as this one; false if none was.
func (c *chart) clear(others []*Result) (own Own, ok bool) {
	lacking, lying := make([]int, len(c.cells)), 0
	for _, o := range others {
		if o.seen.form != nil && c.form.lacks(o.seen.form, c.cells, lacking) {
			lying++
		}
	}
	if lying == 0 {
		return Own{}, false
	}
	all := c.form.cells
	marked := make([]bool, all.across*all.down)
	for i, n := range lacking {
		marked[all.places[c.cells[i]]] = n > 0 && 2*n >= lying
	}
	var s seen
	speaks := 0.0
	for i, n := range c.cells {
		if all.together(marked, all.places[n]) {
			s.cells, s.score = append(s.cells, n), append(s.score, c.spots[i].score)
			speaks -= c.of(c.spots[i].score)
		}
	}
	n := len(s.cells)
	against, _ := worst(all, &s, c.evidence)
	least := clearSpeaks
	if n >= manyClear {
		least = manySpeak
	}
	own.Foreign = n >= clearCells && (speaks < least*float64(n) || against > min(clearLimit+float64(n)/clearMore, limitMost))
	own.Seen, own.Bare = n >= clearSeen && !own.Foreign, n < clearSeen
	return own, true
}

// together tells whether a place is marked and one beside it, too: a cell alone may be one that is hardly written on.
func (c *cells) together(marked []bool, place int) bool {
	x, y, n := place%c.across, place/c.across, 0
	if !marked[place] {
		return false
	}
	for v := max(y-1, 0); v <= min(y+1, c.down-1); v++ {
		for u := max(x-1, 0); u <= min(x+1, c.across-1); u++ {
			if marked[v*c.across+u] {
				n++
			}
		}
	}
	return n > 1
}

// guessed tells by what the item shows: what does not agree there with another page is not on that one.
func (c *chart) guessed(others []*Result) Own {
	var own []float32
	lying := make([]*chart, 0, len(others))
	for _, o := range others {
		if o.seen.middle >= sameMedian {
			o.seen.parted()
			lying = append(lying, &o.seen)
		}
	}
	for _, s := range c.spots {
		less := 0
		for _, o := range lying {
			if best, there := o.at(s); best < ownLess && (there || !c.faint(s)) {
				less++
			}
		}
		if less > 0 && 2*less >= len(lying) {
			own = append(own, s.score)
		}
	}
	return Own{Foreign: len(own) >= ownLeast && quantile(own, 0.25) < c.middle-ownWorse, Seen: len(own) >= ownSeen}
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
