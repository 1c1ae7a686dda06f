package page

import (
	"math"
	"slices"
)

// Result is what a comparison found.
type Result struct {
	Same     bool    // the same page, of which nothing of importance differs
	FormOnly bool    // the pages fit each other, but something else is written on them: another page of the same form
	Bits     float64 // how unlikely it is that an unrelated page agrees so well
	Agree    int     // cells of about two letters that agree
	Differ   int     // cells that do not
	Photo    bool    // the known page is a photo or X-ray: its cells are no words
	Brief    bool    // it was told apart before its cells were compared, at a part of the cost
	Covered  bool    // marks of the item hide some of it, and the rest was judged
	Filled   bool    // a part of it was seen, on which the item is written on where the known page is blank
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
		return l.compareBoth(k), nil
	}
	if k.ink == nil || len(l.points) == 0 {
		return Result{}, nil
	}
	paper := l.onPaper(k.ink)
	at := paper.lay(k.ink)
	if at.points < leastPairs {
		return Result{Brief: true}, nil
	}
	r, _ := paper.compareInk(k.ink, at)
	r.Photo = k.ink.photo
	return r, nil
}

// compareBoth compares both layers, each of which is laid on the item's once: the one that says where gives the other's start.
func (l *Look) compareBoth(k layers) Result {
	coarse := l.shade.compareShades(k.shade, nil)
	if k.ink == nil || len(l.points) == 0 {
		shown := l.compareSmooth(k, &coarse)
		shown.Photo = true
		return shown
	}
	shown := coarse.Result
	shown.Photo = true
	paper := l.onPaper(k.ink)
	at := l.layBoth(k, paper.lay(k.ink), &coarse)
	poor := len(k.ink.cells.places) < richCells
	if poor && at.points < leastPairs {
		// X-rays of one kind are alike from light to dark, parts of them the more, and may be settled until bones' edges agree, too.
		return Result{Photo: true, Brief: true}
	}
	few := k.ink.bright && poor
	if few && coarse.like < shadeFewAlike || !shown.Same && (at.points < leastPairs || k.ink.photo && coarse.differs()) {
		return Result{Photo: true, Brief: true}
	}
	fine, s := paper.compareInk(k.ink, at)
	fine.Photo = k.ink.photo
	switch differs := k.ink.photo && coarse.differs(); {
	case fine.Same && !differs:
		// What is as fine as a letter and what is as coarse as a face agree each for itself.
		fine.Bits = min(fine.Bits+shown.Bits, bitsMost)
	case shown.Same && (fine.Same || !paper.contradicts(k.ink, &s, &coarse)):
		shown.Bits = max(shown.Bits, fine.Bits)
		return shown
	case fine.Same:
		return Result{}
	}
	return fine
}

// laid is how a known page's fine layer lies on an item's, by how many points.
type laid struct {
	t            transform
	turn, points int
	// clear tells that the coarse layers agree there, unlike that they do not: a mark over the one picture is no matter then.
	clear, unlike bool
}

// layBoth decides by the coarse layer whether the fine ones lie by their points, and there it is laid then, or where it lay.
func (l *Look) layBoth(k layers, at laid, coarse *shadesSeen) laid {
	if at.points >= leastPairs {
		from := at.t.finer(1. / shadeStep)
		if there := l.shade.compareShades(k.shade, &from); coarse.Same && there.like < coarse.like-shadeWorse {
			at = laid{}
		} else {
			*coarse = there
		}
	}
	if at.points < leastPairs && coarse.Same {
		at = laid{t: coarse.t.finer(shadeStep)}
	}
	at.clear, at.unlike = coarse.like >= shadeClear, coarse.like < shadeAlike
	return at
}

// lay lays the fine layers over each other by their points.
func (l *Look) lay(k *known) (at laid) {
	k.need, k.needAcross = tiles(k.cells, k.w, k.h)
	at.t, at.turn, at.points = l.start(k)
	return at
}

// compareInk compares the fine layers where they lie on each other, and tells what was seen.
func (l *Look) compareInk(k *known, at laid) (Result, seen) {
	t, own, over := l.settle(k, at.t)
	s := l.read(k, over)
	r := l.decide(k, &t, own, &s, at)
	if s.gathered = l.gathered(k, &s, over); s.gathered {
		r.otherwise(at)
	}
	r.Filled = l.filledIn(k, &t, own, &s, &r)
	if at.points >= leastPairs && (r.Same || r.FormOnly) {
		l.framed(k, &t, own, at.turn)
	}
	if !r.FormOnly || k.photo && !at.clear {
		return r, s
	}
	if first, _ := worst(k.cells, &s, newEvidence(s.score, false)); first > hopeless && !k.photo {
		return r, s
	}
	if k.photo {
		t, own, over = l.settle(k, t)
	} else {
		own, over = l.resettle(k, &t, own)
	}
	again := l.read(k, over)
	better := l.decide(k, &t, own, &again, at)
	if again.gathered = l.gathered(k, &again, over); better.Same && !again.gathered {
		better.Filled = l.filledIn(k, &t, own, &again, &better)
		return better, again
	}
	return r, s
}

// otherwise is what was found to be another page after all.
func (r *Result) otherwise(at laid) {
	r.FormOnly = r.FormOnly || r.Same && at.points >= formPoints
	r.Same = false
}

// read compares the cells of a known page with an item that was laid over it.
func (l *Look) read(k *known, over plane) seen {
	s := l.verify(k, over)
	if k.photo {
		s.marks(k, over)
	}
	return s
}

// decide judges, and once more if something differs: without overlay and specks, or without the steps at the edges of a mark on a photo.
func (l *Look) decide(k *known, t *transform, own *field, s *seen, at laid) Result {
	e := newEvidence(s.score, false)
	r := l.judge(k, t, s, e, at.points)
	if !r.FormOnly || at.unlike {
		return r
	}
	all, read := *s, slices.Clone(s.score)
	again := l.reread
	if k.photo {
		again = l.unstep
	}
	changed := again(k, t, own, s)
	if float64(changed) > rereadWorn*float64(len(s.cells)) {
		e.wear, s.lifted = 1, true
	}
	if l.uncover(k, t, own, s)+changed > 0 {
		r = l.judge(k, t, s, e, at.points)
	}
	if !r.FormOnly {
		return r
	}
	if without, open, ok := l.uncovered(k, t, own, &all, read, at.points); ok {
		*s, r = open, without
		r.Covered = true
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
	limit, limitAll := e.limits(k, s)
	if !k.photo && !s.lifted {
		limit, limitAll = cleaner(limit, limitAll, middle)
	}
	first, all := worst(k.cells, s, e)
	share := sameDiffer
	if k.photo {
		share = differPhoto
	}
	few := float64(r.Differ) <= share*float64(len(s.cells))
	r.Same = middle >= sameMedian && few && first < limit && all < limitAll
	r.FormOnly = !r.Same && points >= formPoints
	if r.Same || r.FormOnly {
		r.Item, r.Known = l.boxes(k, t, agreed)
		if !k.photo {
			r.seen = chartOf(k, t, s, e)
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
