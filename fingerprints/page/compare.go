package page

import "math"

// Result is what a comparison found.
type Result struct {
	Same     bool    // the same page, of which nothing of importance differs
	FormOnly bool    // the pages fit each other, but something else is written on them: another page of the same form
	Bits     float64 // how unlikely it is that an unrelated page agrees so well
	Agree    int     // cells of about two letters that agree
	Differ   int     // cells that do not
	Photo    bool    // the known page is a photo or X-ray: its cells are no words
	Coverage float64 // of the known page's cells, how many were seen to agree
	// Item and Known are the regions that agree, on both pages, each at the same place of its list.
	Item, Known []Box

	seen chart // of a written page: its cells
}

// What makes a page the same.
const (
	sameCells   = 40    // that were seen
	sameMedian  = 0.84  // agreement of half of them
	sameAll     = 2.5   // times what the worst region may say, that the worst ones together may
	sameDiffer  = 0.08  // of the cells seen, how many may differ anywhere
	differPhoto = 0.15  // of those of a photo, the finest of which are lost in noise
	rereadWorn  = 0.015 // of the cells, that read better without overlay and specks on a page that was worn
	hopeless    = 28.0  // nats, from where on no settling makes it the same
	formMedian  = 0.35
	formPoints  = 10
	// bitsOfCell is how much of a cell's evidence counts: neighbours are not independent.
	bitsOfCell = 0.25
	bitsMost   = 1000
)

// Compare tells whether the item's page shows the known one of that body. It errs if the body is damaged.
func (l *Look) Compare(body []byte) (Result, error) {
	k, err := readBody(body)
	if err != nil {
		return Result{}, err
	}
	if k.shade != nil && l.shade != nil {
		if r := l.compareShades(k); r.Same {
			r.Photo = true
			return r, nil
		}
	}
	if k.ink == nil || len(l.points) == 0 {
		return Result{}, nil
	}
	r, t := l.onPaper(k.ink).compareInk(k.ink)
	if r.Same && k.ink.photo && k.shade != nil && l.shade != nil && l.shade.differs(k.shade, t.finer(1./shadeStep)) {
		return Result{}, nil
	}
	r.Photo = k.ink.photo
	return r, nil
}

// compareInk compares the fine layers, and tells how they lie on each other.
func (l *Look) compareInk(k *known) (Result, transform) {
	k.need, k.needAcross = tiles(k.cells, k.w, k.h)
	t, turn, points := l.start(k)
	if points < leastPairs {
		return Result{}, t
	}
	t, own, over := l.settle(k, t)
	s := l.verify(k, over)
	r := l.decide(k, &t, own, &s, points)
	if r.Same || r.FormOnly {
		l.framed(k, &t, own, turn)
	}
	if !r.FormOnly {
		return r, t
	}
	if first, _ := worst(k.cells, &s, newEvidence(s.score)); first > hopeless {
		return r, t
	}
	own, over = l.resettle(k, &t, own)
	s = l.verify(k, over)
	if again := l.decide(k, &t, own, &s, points); again.Same {
		return again, t
	}
	return r, t
}

// decide judges, and once more without overlay and specks if something differs.
func (l *Look) decide(k *known, t *transform, own *field, s *seen, points int) Result {
	e := newEvidence(s.score)
	r := l.judge(k, t, s, e, points)
	if !r.FormOnly {
		return r
	}
	if changed := l.reread(k, t, own, s); changed > 0 {
		if float64(changed) > rereadWorn*float64(len(s.cells)) {
			e.wear = 1
		}
		r = l.judge(k, t, s, e, points)
	}
	return r
}

// judge decides from what was seen.
func (l *Look) judge(k *known, t *transform, s *seen, e evidence, points int) (r Result) {
	middle := quantile(s.score, 0.5)
	if len(s.cells) < sameCells || middle < formMedian {
		return Result{}
	}
	r, agreed := l.weigh(k, s, e, bitsOfCell)
	limit := e.limit(k.photo, len(s.cells), r.Differ)
	first, all := worst(k.cells, s, e)
	share := sameDiffer
	if k.photo {
		share = differPhoto
	}
	few := float64(r.Differ) <= share*float64(len(s.cells))
	r.Same = middle >= sameMedian && few && first < limit && all < sameAll*limit
	r.FormOnly = !r.Same && points >= formPoints
	if r.Same || r.FormOnly {
		r.Item, r.Known = l.boxes(k, t, agreed)
		if !k.photo {
			r.seen = chartOf(k, t, s)
		}
	}
	return r
}

// weigh counts the cells that agree, and marks them on the known page.
func (l *Look) weigh(k *known, s *seen, e evidence, ofCell float64) (r Result, agreed []bool) {
	agreed = make([]bool, k.cells.across*k.cells.down)
	bits := 0.0
	for i, cell := range s.cells {
		speaks := e.of(s.score[i])
		bits -= speaks / math.Ln2
		switch {
		case speaks < 0:
			r.Agree++
			agreed[k.cells.places[cell]] = true
		case speaks > 1:
			r.Differ++
		}
	}
	r.Bits = min(max(bits*ofCell, 0), bitsMost)
	r.Coverage = float64(r.Agree) / float64(len(k.cells.places))
	return r, agreed
}
