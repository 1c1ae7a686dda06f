package page

// frame is how an item lies on the pages of one form, learned from the first of them that fits: pages of a form lie alike, so
// the others need no guesses, and one look at their cells tells how well each fits.
type frame struct {
	transform
	turn   int
	w, h   int
	across int
	over   plane // the item, laid so
	// read are the item's projections of those places of the grid that were tried, zeros where the item does not reach.
	read  [][mostBits]float32
	tried []bool
}

const (
	// A page lies as the frame's does where this share of its cells agrees so well: what the form prints.
	glanceWell  = 0.88
	glanceShare = 0.3
	// maxFrames is how many ways of lying on the paper are told apart: a form is scanned by some, and stored as it is by others.
	maxFrames = 3
	// glanceChance is the agreement of a cell that speaks neither for a page nor against it.
	glanceChance = 0.3
)

// framed keeps how the item lies on a page, unless one that is kept lies alike.
func (l *Look) framed(k *known, t *transform, own *field, turn int) {
	if len(l.frames) == maxFrames {
		return
	}
	if _, _, ok := l.glance(k); ok {
		return
	}
	f := &frame{transform: *t, turn: turn, w: k.w, h: k.h, across: k.cells.across}
	n := k.cells.across * k.cells.down
	f.read, f.tried = make([][mostBits]float32, n), make([]bool, n)
	whole := *k
	whole.need = make([]bool, len(k.need))
	for i := range whole.need {
		whole.need[i] = true
	}
	f.over = l.warp(&whole, t, own, l.sheetFor(t))
	l.frames = append(l.frames, f)
}

// Frames counts the ways of lying on the paper that were learned from pages which were compared and fitted: each lets others
// of the same form be glanced at.
func (l *Look) Frames() int {
	if l.light != nil {
		return len(l.frames) + len(l.light.frames)
	}
	return len(l.frames)
}

// Glance tells, at a small part of the cost of Compare, how well a page fits that is of the same form as one that was
// compared before and fitted: the more, the likelier it is the same. It is false where no such page was compared, where this
// one lies otherwise, or where its body is damaged.
func (l *Look) Glance(body []byte) (fits float64, ok bool) {
	k, err := readBody(body)
	if err != nil || k.ink == nil {
		return 0, false
	}
	_, fits, ok = l.onPaper(k.ink).glance(k.ink)
	return fits, ok
}

// glance finds the frame in which a page fits best, and how well; false if it fits none.
func (l *Look) glance(k *known) (best *frame, fits float64, ok bool) {
	for _, f := range l.frames {
		if of, fit := f.glance(k, l.by); fit && (!ok || of > fits) {
			best, fits, ok = f, of, true
		}
	}
	return best, fits, ok
}

// glance sums how well a page's cells agree that are on the item.
func (f *frame) glance(k *known, by []projection) (fits float64, ok bool) {
	if abs(k.w-f.w) > pitch || abs(k.h-f.h) > pitch {
		return 0, false
	}
	sum, seen, well := 0.0, 0.0, 0.0
	for i, place := range k.cells.places {
		x, y := place%k.cells.across, place/k.cells.across
		at := y*f.across + x
		if x >= f.across || at >= len(f.read) || !f.reads(at, by) {
			continue
		}
		score := float64(agreement(k.cells.signs[i], f.read[at][:k.cells.each]))
		sum += score
		seen++
		if score >= glanceWell {
			well++
		}
	}
	return sum - glanceChance*seen, seen >= sameCells && well >= glanceShare*seen
}

// reads projects a place of the item, once; false where the item does not reach.
func (f *frame) reads(at int, by []projection) bool {
	if !f.tried[at] {
		f.tried[at] = true
		if x, y := corner(at, f.across); !outside(f.over, x, y) {
			project(f.over, x, y, by, &f.read[at])
		}
	}
	return f.read[at][0] != 0
}

// start is the transform that a comparison begins with: a frame's where the page lies as that does.
func (l *Look) start(k *known) (t transform, turn, points int) {
	if f, _, ok := l.glance(k); ok {
		if points = len(l.near(k, &f.transform, f.turn, nearPixels)); points >= leastPairs {
			return f.transform, f.turn, points
		}
	}
	return l.align(k)
}
