package page

// frame is how an item lies on the pages of one form, learned from the first of them that fits: pages of a form lie alike, so
// the others need no guesses, and one look at their cells tells how well each fits.
type frame struct {
	transform
	turn   int
	w, h   int
	across int
	// read are the item's projections of every place of the grid, whichever page has it written on; seen tells which lie
	// on the item.
	read [][mostBits]float32
	seen []bool
}

const (
	// glanceLeast is the mean agreement from which on a page lies as the frame's does.
	glanceLeast = 0.6
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
	f.read, f.seen = make([][mostBits]float32, n), make([]bool, n)
	whole := *k
	whole.need = make([]bool, len(k.need))
	for i := range whole.need {
		whole.need[i] = true
	}
	over := l.warp(&whole, t, own, l.sheetFor(t))
	for i := range f.seen {
		x, y := corner(i, f.across)
		if f.seen[i] = !outside(over, x, y); f.seen[i] {
			project(over, x, y, l.printer.cells[:], &f.read[i])
		}
	}
	l.frames = append(l.frames, f)
}

// Frames counts the ways of lying on the paper that were learned from pages which were compared and fitted: each lets others
// of the same form be glanced at.
func (l *Look) Frames() int { return len(l.frames) }

// Glance tells, at a small part of the cost of Compare, how well a page fits that is of the same form as one that was
// compared before and fitted: the more, the likelier it is the same. It is false where no such page was compared, where this
// one lies otherwise, or where its body is damaged.
func (l *Look) Glance(body []byte) (fits float64, ok bool) {
	if len(l.frames) == 0 {
		return 0, false
	}
	k, err := readBody(body)
	if err != nil {
		return 0, false
	}
	_, fits, ok = l.glance(k)
	return fits, ok
}

// glance finds the frame in which a page fits best, and how well; false if it fits none.
func (l *Look) glance(k *known) (best *frame, fits float64, ok bool) {
	for _, f := range l.frames {
		if of, fit := f.glance(k); fit && (!ok || of > fits) {
			best, fits, ok = f, of, true
		}
	}
	return best, fits, ok
}

// glance sums how well a page's cells agree that are on the item.
func (f *frame) glance(k *known) (fits float64, ok bool) {
	if abs(k.w-f.w) > pitch || abs(k.h-f.h) > pitch {
		return 0, false
	}
	sum, seen := 0.0, 0.0
	for i, place := range k.cells.places {
		x, y := place%k.cells.across, place/k.cells.across
		if at := y*f.across + x; x < f.across && at < len(f.seen) && f.seen[at] {
			seen++
			sum += float64(agreement(k.cells.signs[i], f.read[at][:k.cells.each]))
		}
	}
	return sum - glanceChance*seen, seen >= sameCells && sum >= glanceLeast*seen
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
