package page

// A photo of another person's card on the same table, or of another face in the same room, differs in one part of it, however rich the
// rest is, and a logo in a corner cannot be told from that. Noise, wear and a mark across the whole of a photo spoil cells in all parts:
// only then is it asked less strictly.
const (
	// Of the cells that differ, so many lie within half the width and height of what is seen where one part of it is another.
	oneParts   = 0.7
	leastApart = 8 // cells that differ, or nothing tells that they lie apart
	// What the worst regions together may say in nats where one part differs, which grows with noise, and where it may be a mark on a photo
	// with much on it.
	allPhoto  = 18.0
	allNoise  = 30.0
	allMarked = 24.0
	// limitPhoto is for the worst region where cells differ in all parts, and richCells from how many on a photo has much on it.
	limitPhoto = 18.0
	richCells  = 400
)

// limits are how much the worst region of a photo or page may speak for something else, and the worst ones together.
func (e evidence) limits(k *known, s *seen) (first, all float64) {
	switch rich := len(s.cells) >= richCells; {
	case !k.photo:
		return e.limit(), sameAll * e.limit()
	case e.spread(k, s) && (!k.bright || rich):
		return limitPhoto, sameAll * limitPhoto
	case s.marked != nil:
		return e.limit(), allMarked
	}
	return e.limit(), allPhoto + allNoise*(e.noise-noiseLeast)
}

// spread tells whether the cells that differ lie in all parts of what is seen.
func (e evidence) spread(k *known, s *seen) bool {
	w := k.cells.across + 1
	sums := make([]int, w*(k.cells.down+1))
	r := region{x0: k.cells.across, y0: k.cells.down}
	all := 0
	for i, n := range s.cells {
		x, y := k.cells.places[n]%k.cells.across, k.cells.places[n]/k.cells.across
		r.x0, r.y0, r.x1, r.y1 = min(r.x0, x), min(r.y0, y), max(r.x1, x+1), max(r.y1, y+1)
		if e.of(s.score[i]) > 1 {
			sums[(y+1)*w+x+1]++
			all++
		}
	}
	if all < leastApart {
		return false
	}
	for y := 1; y <= k.cells.down; y++ {
		for x := 1; x < w; x++ {
			sums[y*w+x] += sums[(y-1)*w+x] + sums[y*w+x-1] - sums[(y-1)*w+x-1]
		}
	}
	most, wide, high := 0, (r.x1-r.x0+1)/2, (r.y1-r.y0+1)/2
	for y := r.y0 + high; y <= r.y1; y++ {
		for x := r.x0 + wide; x <= r.x1; x++ {
			most = max(most, sums[y*w+x]-sums[(y-high)*w+x]-sums[y*w+x-wide]+sums[(y-high)*w+x-wide])
		}
	}
	return float64(most) <= oneParts*float64(all)
}
