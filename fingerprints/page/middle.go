package page

import "slices"

// X-rays of one kind, and other smooth pictures with nothing on them as fine as a letter, are alike from light to dark, whosever they
// are. A layer between the coarse and the fine one tells them apart: noise is evened out there, and ribs are not.
const (
	middleStep = 3
	middleSide = workSide / middleStep
	// middleLeast is the root mean square of the projections of a cell that stands out of noise; those are kept that have such a share of
	// what a quarter of all cells have more of.
	middleLeast              = 0.0012
	middleShare              = 0.6
	middleBudget             = 1600 // bytes of cells
	middleTries              = 2    // times that a picture's parts are moved about
	middlePoints, middleSeen = 64, 150
	middleCut                = 1 // how near to the edge nothing is compared, in pixels
)

// What makes a smooth picture the same.
const (
	// Three quarters of the middle cells agree so well where the coarse ones come to shadeWholly, and by so much more where they come to
	// less: what noise spoils the coarse ones do not see.
	middleWell, middleMore = 0.82, 5.0
	shadeWholly            = 1.95
	// What the worst region may say, in nats, and the worst ones together.
	limitMiddle, allMiddle = 16.0, 32.0
	// A frame or a strip shows at the edges of large coarse cells, and the middle ones tell whether it is more.
	limitEdges = 85.0
	// shadeAlone is what coarse cells must come to that have nothing finer beside them.
	shadeAlone = 1.96
)

// appendMiddle writes the middle layer of a picture that has no fine one; false where it has too few cells.
func (p *Printer) appendMiddle(body []byte, grey plane) ([]byte, bool) {
	d := shades(grey, middleStep)
	if min(d.w, d.h) < 2*window {
		return body, false
	}
	c := takeCells(sheet(d, 1), p.cells[:], middleThreshold, middleBudget)
	if len(c.places) < leastCells {
		return body, false
	}
	return p.appendLayer(body, p.look(d, 0, middlePoints, 1, false), c, 0, newWords()), true
}

func middleThreshold(inks []float32) float32 {
	sorted := slices.Clone(inks)
	slices.Sort(sorted)
	return max(middleLeast, middleShare*sorted[len(sorted)*3/4])
}

// onMiddle is what is compared with a known picture's middle layer.
func (l *Look) onMiddle() *Look {
	if l.middle == nil {
		d := shades(l.grey, middleStep)
		l.middle = &Look{
			printer: l.printer, features: l.printer.look(d, 0, middleSeen, 4, false), by: l.by, part: l.part, cut: middleCut, sheet: sheet(d, 1),
			scaled: map[int]plane{}, tried: true,
		}
	}
	return l.middle
}

// compareSmooth compares a picture of which no fine layer is kept. The middle one is laid where the coarse ones lie on each other, or by its
// own points, and tells better where that is.
func (l *Look) compareSmooth(k layers, coarse *shadesSeen) Result {
	if k.middle == nil {
		r := coarse.Result
		r.Same = r.Same && coarse.like >= shadeAlone
		return r
	}
	m := l.onMiddle()
	t, over := m.layMiddle(k.middle, coarse.t.finer(shadeStep/middleStep))
	from := t.finer(middleStep / float64(shadeStep))
	if again := l.shade.compareShades(k.shade, &from); again.like > coarse.like {
		*coarse = again
	}
	s, r := m.verify(k.middle, over), coarse.Result
	e := newEvidence(s.score, false)
	first, all := worst(k.middle.cells, &s, e)
	well := quantile(s.score, 0.25) + middleMore*(coarse.like-shadeWholly)
	r.Same = r.Same && len(s.cells) >= sameCells && well >= middleWell && first < limitMiddle && all < allMiddle
	if r.Same {
		seen, _ := m.weigh(k.middle, &s, e, bitsOfCell)
		r.Bits = max(r.Bits, seen.Bits)
	}
	return r
}

// layMiddle lays a middle layer on the item's, from a map or by its points, whichever agrees more.
func (m *Look) layMiddle(k *known, t transform) (transform, plane) {
	k.need, k.needAcross = tiles(k.cells, k.w, k.h)
	if by, _, points := m.align(k); points >= leastPairs && m.sample(k, &by) > m.sample(k, &t) {
		t = by
	}
	var over plane
	for range middleTries {
		t, _, over = m.settle(k, t)
	}
	return t, over
}
