package page

// A small card on a table is a small part of what is seen, and its print a few pixels high: another person's differs in a few cells, all of
// them in one place, and the others there agree. What noise and wear spoil lies anywhere, or all that is there, and what only lies a pixel
// off agrees there.
const (
	// What differs lies together if so many cells of so many nats lie in a part of a third of the width and height of what is seen, or of so
	// many cells, and no more than so much of it elsewhere.
	gatheredCells = 4
	gatheredMost  = 100 // what differs in more is looked at by its regions alone
	gatheredNats  = 6.5
	gatheredPart  = 3
	gatheredSide  = 8
	gatheredApart = 0.3
	// A quarter of that part agrees by less, and by so much less than half of it on a picture with noise, and by more with more of it.
	gatheredBelow              = 0.95
	gatheredLittle, littleStep = 0.045, 0.065
	gatheredNoisy, noisyStep   = 0.06, 0.115
	gatheredMuch, muchSlope    = 0.1, 0.25
	// On a photo with much on it a mark spoils cells by so much each; of another's print some agree by chance.
	markedNats = 3.4
	// So many cells at the edge of what is seen are left out: a frame, or what was turned away, shows there.
	gatheredEdge = 2
	// By so much less than three quarters of all cells one may agree a pixel off.
	offLess = 0.05
	// What is written on a page in so small a part of it is a card on paper.
	confinedPart = 0.25
)

// gathered tells whether what differs on a photo, or on a card, lies together in one part of it.
func (l *Look) gathered(k *known, s *seen, over plane) bool {
	if len(s.cells) == 0 || !k.photo && !k.cells.confined() {
		return false
	}
	e := newEvidence(s.score, false)
	extent := k.cells.extent(s.cells)
	differ, all := l.differing(k, s, over, e, extent)
	if len(differ) < gatheredCells || len(differ) > gatheredMost {
		return false
	}
	wide := max((extent.x1-extent.x0)/gatheredPart, gatheredSide)
	high := max((extent.y1-extent.y0)/gatheredPart, gatheredSide)
	part, most := mostWithin(differ, wide, high)
	mark := s.marked != nil && all > markedNats*float64(len(differ))
	if most < gatheredNats || all-most > gatheredApart*most || mark {
		return false
	}
	var there []float32
	for i, n := range s.cells {
		if x, y := k.cells.at(n); x >= part.x0 && x < part.x1 && y >= part.y0 && y < part.y1 {
			there = append(there, s.score[i])
		}
	}
	half, quarter := quantile(there, 0.5), quantile(there, 0.25)
	return quarter < gatheredBelow && half-quarter >= unevenness(e.noise)
}

// unevenness is by how much less than half of a part's cells a quarter of them agree at least where something else is written.
func unevenness(noise float64) float64 {
	switch {
	case noise >= gatheredNoisy:
		return noisyStep + muchSlope*max(noise-gatheredMuch, 0)
	case noise >= gatheredLittle:
		return littleStep
	}
	return 0
}

// differing are the cells that speak for something else, by how much, apart from those at the edge of what is seen and those that agree a
// pixel off.
func (l *Look) differing(k *known, s *seen, over plane, e evidence, extent region) (differ []spot, all float64) {
	least := float32(quantile(s.score, 0.25) - offLess)
	for i, n := range s.cells {
		v := e.of(s.score[i])
		if v <= 1 {
			continue
		}
		x, y := k.cells.at(n)
		if min(x-extent.x0, y-extent.y0, extent.x1-1-x, extent.y1-1-y) < gatheredEdge || l.agreesOff(k, over, n, least) {
			continue
		}
		differ = append(differ, spot{x: float32(x), y: float32(y), score: float32(v)})
		all += v
	}
	return differ, all
}

// mostWithin is the rectangle of that size within which spots come to most, and to how much.
func mostWithin(spots []spot, wide, high int) (part region, most float64) {
	for _, left := range spots {
		for _, top := range spots {
			r := region{x0: int(left.x), y0: int(top.y), x1: int(left.x) + wide, y1: int(top.y) + high}
			sum := 0.0
			for _, s := range spots {
				if x, y := int(s.x), int(s.y); x >= r.x0 && x < r.x1 && y >= r.y0 && y < r.y1 {
					sum += float64(s.score)
				}
			}
			if sum > most {
				part, most = r, sum
			}
		}
	}
	return part, most
}

// agreesOff tells whether a cell agrees so well a pixel from where it lies.
func (l *Look) agreesOff(k *known, over plane, n int, least float32) bool {
	x, y, ok := room(k, over, n, 1)
	if !ok {
		return false
	}
	var out [mostBits]float32
	for j := -1; j <= 1; j++ {
		for i := -1; i <= 1; i++ {
			project(over, x+i, y+j, l.by[:k.cells.each], &out)
			if agreement(k.cells.signs[n], out[:k.cells.each]) >= least {
				return true
			}
		}
	}
	return false
}

// at is where in the grid a written cell lies.
func (c *cells) at(n int) (x, y int) { return c.places[n] % c.across, c.places[n] / c.across }

// extent is the part of the grid in which some written cells lie.
func (c *cells) extent(of []int) region {
	r := region{x0: c.across, y0: c.down}
	for _, n := range of {
		x, y := c.at(n)
		r.x0, r.y0, r.x1, r.y1 = min(r.x0, x), min(r.y0, y), max(r.x1, x+1), max(r.y1, y+1)
	}
	return r
}

// confined tells whether all that is written lies in a small part of a page.
func (c *cells) confined() bool {
	if len(c.places) == 0 {
		return false
	}
	top, bottom := c.places[0]/c.across, c.places[len(c.places)-1]/c.across
	left, right := c.across, 0
	for _, place := range c.places {
		left, right = min(left, place%c.across), max(right, place%c.across)
	}
	return float64((right-left+1)*(bottom-top+1)) < confinedPart*float64(c.across*c.down)
}
