package page

import "math"

// A photo has little that is darker than what is around it by a letter's breadth, or nothing: it is known by a coarse layer of
// its own, of light and shade on a plane of a sixth of the size of work.
const (
	shadeStep  = 6
	shadeSide  = workSide / shadeStep
	shadeFloor = 64 // grey values: shades of what is nearly black tell little
	// shadeLeast is the root mean square of the projections of a cell that stands out of noise, and shadeFaint of one of a
	// picture that may be a sheet of paper.
	shadeLeast, shadeFaint = 0.003, 0.006
	// A photo has most of its pixels between these shares of its bright tone, or nearly all below the upper one. A page that
	// is badly lit, or lies on a dark table, has not: what differs on it is asked strictly.
	photoDark, photoBright   = 0.2, 0.8
	photoMiddle, photoShaded = 0.5, 0.75
	// What has so many pixels below that share of its bright tone is looked at for shades, known pictures and an item's.
	shadedBright            = 0.85
	shadedKnown, shadedItem = 0.4, 0.1
	shadedPicture           = 0.1 // where its texture is a photo's
	// shadePoints are those of a known photo, beside the fixed ones and finePoints of its fine layer; shadeSeen those of an
	// item.
	shadePoints = 52
	finePoints  = 64
	shadeSeen   = 150
	shadeBudget = 1100 // bytes of cells
)

// What makes a photo the same.
const (
	shadeCells = 30 // of the coarse layer that were seen
	shadeFew   = 12 // from how many on they say something
	// Photos of faces, or X-rays of one kind, are alike as a whole: what half and three quarters of the coarse cells agree by
	// must come to the first sum, and to the second where fine cells alone lay the photos on each other.
	shadeAlike, shadeUnlike = 1.68, 1.8
	shadeFewAlike           = 1.92 // of portraits before a bright wall, with few fine cells
	shadeSure               = 80   // fine cells, from how many on they must agree, too
	shadeVaried             = 0.5  // variety of coarse cells, below which they tell nothing
	shadeClear              = 1.9  // by which a photo is so sure that its fine layer may be blurred
	shadeWorse              = 0.1  // by how much worse coarse cells may agree where the fine layer's points lay them
	readable                = 0.6  // agreement of half of the fine cells by which single ones have a say
	limitShade              = 34.0
	// A blurred photo's fine cells say little: so much, at most, may speak for something else.
	limitBlurred, allBlurred = 6.0, 12.0
	bitsOfShade              = 0.5
)

// shades is how bright a picture is, on a plane that is so many times as coarse as that of work; what is twice as bright differs alike from
// light to dark.
func shades(grey plane, step int) plane {
	out := newPlane((grey.w+step-1)/step, (grey.h+step-1)/step)
	for y := range out.h {
		for x := range out.w {
			sum, n := float32(0), float32(0)
			for v := y * step; v < min((y+1)*step, grey.h); v++ {
				for _, g := range grey.p[v*grey.w+x*step : v*grey.w+min((x+1)*step, grey.w)] {
					sum, n = sum+g, n+1
				}
			}
			out.p[y*out.w+x] = float32(math.Log(float64((sum/n + shadeFloor) / shadeFloor)))
		}
	}
	return out
}

// light is how bright a picture is, on the plane of work: what is on a photo is lighter than its surroundings as often as
// darker, such as the type on an X-ray.
func light(grey plane) plane {
	var of [256*lightSteps + 1]float32
	for i := range of {
		of[i] = float32(math.Log(float64(i)/(lightSteps*shadeFloor) + 1))
	}
	out := newPlane(grey.w, grey.h)
	for i, v := range grey.p {
		out.p[i] = of[int(min(max(v, 0), 255)*lightSteps+0.5)]
	}
	return out
}

const lightSteps = 16 // of a grey value

// fixedPoints are those that every picture has: squares of the whole and of half its size, at its middle, its edges and its
// corners. A picture that is whole is found by them, however smooth it is.
func fixedPoints(octaves []octave, w, h int) (all []keypoint) {
	short := min(w, h)
	for _, part := range [2]float64{1, 0.5} {
		size := part * float64(short-2*edgeMargin)
		seen := map[[2]int]bool{}
		for j := range 3 {
			for i := range 3 {
				x := float64(edgeMargin) + size/2 + float64(i)/2*(float64(w-2*edgeMargin)-size)
				y := float64(edgeMargin) + size/2 + float64(j)/2*(float64(h-2*edgeMargin)-size)
				if at := [2]int{int(x), int(y)}; !seen[at] {
					seen[at] = true
					all = append(all, fixedPoint(octaves, x, y, size/(reach*side)))
				}
			}
		}
	}
	return all
}

// fixedPoint is a point at the level of blur that fits its size.
func fixedPoint(octaves []octave, x, y, sigma float64) keypoint {
	k := keypoint{x: float32(x), y: float32(y), sigma: float32(sigma), level: 1}
	best := math.Inf(1)
	for n := range octaves {
		for level := 1; level <= perOctave; level++ {
			at := baseSigma * math.Exp2(float64(level)/perOctave) * float64(octaves[n].scale)
			if away := math.Abs(math.Log2(at / sigma)); away < best {
				best, k.octave, k.level = away, n, level
			}
		}
	}
	return k
}

// tally counts the pixels of a picture by their grey values.
type tally struct {
	counts [256]int
	bright int // the tone that a tenth of the pixels reaches
	all    int
}

func tallyOf(r Raster) (t tally) {
	for _, v := range r.Pix {
		t.counts[v]++
	}
	t.bright, t.all = 255, len(r.Pix)
	for seen := 0; t.bright > 0 && seen*10 < len(r.Pix); t.bright-- {
		seen += t.counts[t.bright]
	}
	return t
}

// between is how much of the picture lies between two shares of its bright tone.
func (t *tally) between(dark, bright float64) float64 {
	n := 0
	for v := int(dark * float64(t.bright)); v < int(bright*float64(t.bright)); v++ {
		n += t.counts[v]
	}
	return float64(n) / float64(t.all)
}

// shaded is how much of it is not as bright as paper.
func (t *tally) shaded() float64 { return t.between(0, shadedBright) }

// photo tells a photo from what is written on paper.
func (t *tally) photo() bool {
	return t.between(photoDark, photoBright) > photoMiddle || t.between(0, photoBright) > photoShaded
}

// kindOf tells what kind of page a picture is.
func kindOf(grey plane, t *tally) byte {
	switch {
	case t.photo():
		return kindPhoto
	case t.shaded() > shadedPicture && picture(grey, t.shaded()):
		return kindPicture
	}
	return kindWritten
}

// appendShades writes the coarse layer of a picture, of cells that vary as much as that; false where it has too few.
func (p *Printer) appendShades(body []byte, grey plane, least float32, to *words) ([]byte, bool) {
	d := shades(grey, shadeStep)
	if min(d.w, d.h) < 2*window {
		return body, false
	}
	f := p.look(d, 0, shadePoints, 1, true)
	c := takeCells(sheet(d, 1), p.shades[:], func([]float32) float32 { return least }, shadeBudget)
	if len(c.places) < leastCells {
		return body, false
	}
	return p.appendLayer(body, f, c, 1, to), true
}

// lookShades takes the coarse layer of an item's picture.
func (p *Printer) lookShades(grey plane) *Look {
	d := shades(grey, shadeStep)
	if min(d.w, d.h) < 2*window {
		return nil
	}
	l := &Look{printer: p, features: p.look(d, 0, shadeSeen, 4, true), by: p.shades[:], scaled: map[int]plane{}}
	l.sheet = sheet(d, 1)
	return l
}

// shadesSeen is what a known picture's coarse layer shows of an item's.
type shadesSeen struct {
	Result
	t     transform
	cells int
	like  float64
}

// compareShades lays the coarse layers over each other: by what they show, or from a map that the fine ones told.
func (l *Look) compareShades(k *known, from *transform) (r shadesSeen) {
	k.need, k.needAcross = tiles(k.cells, k.w, k.h)
	if from == nil {
		r.t = l.layShades(k)
	} else {
		r.t = *from
	}
	t, _, over := l.settle(k, r.t)
	s := l.verify(k, over)
	r.t, r.cells, r.like = t, len(s.cells), likeness(k.cells, &s)
	r.Result = l.judgeShades(k, &t, &s, r.like)
	return r
}

// judgeShades decides from what was seen of the coarse layer.
func (l *Look) judgeShades(k *known, t *transform, s *seen, like float64) (r Result) {
	if len(s.cells) < shadeCells || like < shadeAlike || variety(k.cells) < shadeVaried {
		return r
	}
	e := newEvidence(s.score, false)
	first, all := worst(k.cells, s, e)
	r, agreed := l.weigh(k, s, e, bitsOfShade)
	limit := limitShade
	if k.smooth {
		limit = limitEdges
	}
	if r.Same = first < limit && all < sameAll*limit; r.Same {
		r.Item, r.Known = l.boxes(k, t, agreed)
	}
	return r
}

// variety is how much the cells of a picture differ from each other, 1 where a sign of one tells nothing of another's: of a sky
// that only grows darker to one side all cells are the same, and any other such sky's are, too.
func variety(c *cells) (bits float64) {
	for bit := range c.each {
		set := 0
		for _, signs := range c.signs {
			set += int(signs >> bit & 1)
		}
		if p := float64(set) / float64(len(c.signs)); p > 0 && p < 1 {
			bits -= p*math.Log2(p) + (1-p)*math.Log2(1-p)
		}
	}
	return bits / float64(max(c.each, 1))
}

// likeness is how well half and three quarters of the cells agree: of all, or of those within the edge, where a frame or what
// was turned away may show.
func likeness(c *cells, s *seen) float64 {
	of := func(score []float32) float64 { return quantile(score, 0.5) + quantile(score, 0.25) }
	var within []float32
	for i, n := range s.cells {
		x, y := c.places[n]%c.across, c.places[n]/c.across
		if x > 0 && y > 0 && x < c.across-1 && y < c.down-1 {
			within = append(within, s.score[i])
		}
	}
	if len(within) < shadeFew {
		return of(s.score)
	}
	return max(of(s.score), of(within))
}

// differs tells whether the coarse layer shows another picture where the fine one lies on the item's.
func (r *shadesSeen) differs() bool { return r.cells >= shadeFew && r.like < shadeUnlike }

// contradicts tells whether the fine layer shows something else where the coarse one lies on the item's.
func (l *Look) contradicts(k *known, s *seen, coarse *shadesSeen) bool {
	clear := k.photo && coarse.like >= shadeClear
	e := newEvidence(s.score, clear)
	switch middle := quantile(s.score, 0.5); {
	case s.gathered:
		return true
	case len(s.cells) < sameCells:
		return false
	case middle < readable && e.noise <= noiseMost:
		return len(s.cells) >= shadeSure
	}
	first, all := worst(k.cells, s, e)
	r, _ := l.weigh(k, s, e, bitsOfCell)
	if float64(r.Differ) > differPhoto*float64(len(s.cells)) {
		return true
	}
	if clear && e.noise > noiseMost {
		return first >= limitBlurred || all >= allBlurred
	}
	limit, limitAll := e.limits(k, s)
	return first >= limit || all >= limitAll
}

// finer is the same map on planes that are so many times as fine.
func (t transform) finer(step float64) transform {
	// A pixel x of the coarse plane is step*x + (step-1)/2 of the fine one.
	m := (step - 1) / 2
	a := transform{step, 0, m, 0, step, m, 0, 0, 1}
	b := transform{1 / step, 0, -m / step, 0, 1 / step, -m / step, 0, 0, 1}
	return a.times(t.times(b))
}

func (t transform) times(u transform) (p transform) {
	for i := range 3 {
		for j := range 3 {
			for n := range 3 {
				p[3*i+j] += t[3*i+n] * u[3*n+j]
			}
		}
	}
	for i := range p[:8] {
		p[i] /= p[8]
	}
	p[8] = 1
	return p
}

// layShades is how a known picture lies on the item's, by their points or as a whole.
func (l *Look) layShades(k *known) transform {
	best, most := wholly(k, l.ink, 0), -1.0
	if t, _, points := l.align(k); points >= leastPairs {
		best, most = t, l.sample(k, &t)
	}
	for turn := range 4 {
		t := wholly(k, l.ink, turn)
		if agree := l.sample(k, &t); agree > most {
			best, most = t, agree
		}
	}
	return best
}

// wholly lays the whole of a known picture on the whole of an item's, given some quarter turns, clockwise.
func wholly(k *known, item plane, turn int) transform {
	w, h := float64(k.w-1), float64(k.h-1)
	W, H := float64(item.w-1), float64(item.h-1)
	switch turn {
	case 1:
		return transform{0, -W / h, W, H / w, 0, 0, 0, 0, 1}
	case 2:
		return transform{-W / w, 0, W, 0, -H / h, H, 0, 0, 1}
	case 3:
		return transform{0, W / h, 0, -H / w, 0, H, 0, 0, 1}
	}
	return transform{W / w, 0, 0, 0, H / h, 0, 0, 0, 1}
}
