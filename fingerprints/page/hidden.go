package page

import "math"

const (
	// hiddenShare is how much of what is seen of a known page marks may hide, and coverSeen how much of it must be on the item.
	hiddenShare = 0.25
	coverSeen   = 0.75
	// A stroke is the page's own where the cells that it covers that far, so many at least, agree by so much in the mean.
	ownStroke = 28 // pixels
	ownCells  = 3
	ownAgrees = 0.75
	// A cell tells what is beside the strokes over it where so much of it is not covered. Without them it agrees by besideMean on a copy,
	// less what is lost with what they cover, and by none where something else is written. All must speak for the page by besideSure
	// nats, or not against it where so much of what the marks cover is blank on the page; and no region may speak against it by more
	// than besideMost, or that part of what all say.
	besideLeast = 0.4
	besideMean  = 0.85
	besideLoss  = 0.75
	besideSure  = 4.0
	besideMost  = 4.5
	besidePart  = 0.6
	blankShare  = 0.6
)

// underMarks is what an item's marks hide of a known page.
type underMarks struct {
	look     *Look
	known    *known
	t        *transform
	own      *field
	touching []overlap // of each cell seen
	marks    []bool    // of each stroke: whether it is a mark's
	over     []overlap // of each cell seen, empty where the strokes are no marks'
	open     seen      // what they do not hide
}

// overlap is how much of a cell strokes cover, in pixels of it, and which one most of that.
type overlap struct{ stroke, pixels int }

// uncovered judges by what marks of the item do not hide; read is how the cells agreed before overlays were taken away.
func (l *Look) uncovered(k *known, t *transform, own *field, s *seen, read []float32, points int) (r Result, open seen, ok bool) {
	if k.photo || float64(len(s.cells)) < coverSeen*float64(len(k.cells.places)) || quantile(read, 0.5) < sameMedian {
		return r, open, false
	}
	if l.covers == nil {
		l.covers = coversOf(l.grey, brightest(l.raster))
	}
	if l.covers.of == nil {
		return r, open, false
	}
	u := &underMarks{look: l, known: k, t: t, own: own}
	u.lay(s, read)
	if u.aside(s); u.hides(s, hiddenMost) {
		if r = l.judge(k, t, &u.open, newEvidence(u.open.score, false), points); r.Same {
			return r, u.open, true
		}
	}
	u.part(s, func(stroke int) bool { return u.marks[stroke] })
	if !u.hides(s, hiddenShare) {
		return r, open, false
	}
	r = l.judge(k, t, &u.open, newEvidence(u.open.score, false), points)
	if !r.Same {
		return r, open, false
	}
	beside, against := u.beside(s)
	marks := against <= max(besideMost, besidePart*beside) && (beside >= besideSure || beside >= 0 && u.blank() >= blankShare)
	return r, u.open, marks
}

// aside takes only strips along an edge and patches in a corner for marks: nobody's entry is that solid, and such is where a site puts
// its own.
func (u *underMarks) aside(s *seen) {
	u.part(s, func(stroke int) bool { return u.marks[stroke] && u.look.covers.aside[stroke] })
}

// hides tells whether marks hide some of what is seen, and no more than that share.
func (u *underMarks) hides(s *seen, most float64) bool {
	hidden := len(s.cells) - len(u.open.cells)
	return hidden > 0 && float64(hidden) <= most*float64(len(s.cells))
}

// lay tells which cells marks touch, and which strokes are marks.
func (u *underMarks) lay(s *seen, read []float32) {
	c := u.look.covers
	u.touching, u.marks = make([]overlap, len(s.cells)), make([]bool, c.all+1)
	agree, count := make([]float64, c.all+1), make([]float64, c.all+1)
	for n, i := range s.cells {
		u.touching[n] = u.at(u.known.cells.places[i])
		if o := u.touching[n]; o.pixels >= ownStroke || o.stroke > c.thick {
			agree[o.stroke] += float64(read[n])
			count[o.stroke]++
		}
	}
	for n := range u.marks {
		u.marks[n] = count[n] < ownCells || agree[n] <= ownAgrees*count[n]
	}
}

// part parts the cells into those that some strokes touch and the open ones.
func (u *underMarks) part(s *seen, mark func(stroke int) bool) {
	u.open, u.over = seen{}, make([]overlap, len(s.cells))
	for n, i := range s.cells {
		if o := u.touching[n]; o.pixels > 0 && mark(o.stroke) {
			u.over[n] = o
			continue
		}
		u.open.cells, u.open.score, u.open.read = append(u.open.cells, i), append(u.open.score, s.score[n]), append(u.open.read, s.read[n])
	}
}

// at tells which strokes lie over a place of the grid.
func (u *underMarks) at(place int) (o overlap) {
	c := u.look.covers
	x, y := corner(place, u.known.cells.across)
	x0, y0 := u.own.apply(u.t, x, y)
	x1, y1 := u.own.apply(u.t, x+window, y)
	x2, y2 := u.own.apply(u.t, x, y+window)
	most := 0 // by how many pixels the stroke has more than others (Boyer and Moore's vote)
	for n := range window * window {
		a, b := (float64(n%window)+0.5)/window, (float64(n/window)+0.5)/window
		i, j := int(x0+a*(x1-x0)+b*(x2-x0)), int(y0+a*(y1-y0)+b*(y2-y0))
		if i < 0 || j < 0 || i >= c.w || j >= c.h || c.of[j*c.w+i] == 0 {
			continue
		}
		o.pixels++
		if stroke := int(c.of[j*c.w+i]); stroke == o.stroke {
			most++
		} else if most--; most < 0 {
			o.stroke, most = stroke, 1
		}
	}
	return o
}

// beside tells what cells say that marks touch, without their strokes: by how many nats it is likelier that the page's own ink goes on
// there than that something else is written, and by how many it is less likely in the worst region.
func (u *underMarks) beside(s *seen) (sum, against float64) {
	l, k := u.look, u.known
	bare := newPlane(l.ink.w, l.ink.h)
	for i, v := range l.ink.p {
		if n := l.covers.of[i]; n == 0 || !u.marks[n] {
			bare.p[i] = v
		}
	}
	over := l.warp(k, u.t, u.own, sheet(bare, scaleOf(u.t)))
	cell := make([]float64, k.cells.across*k.cells.down)
	var out [mostBits]float32
	by := l.by[:k.cells.each]
	for n, i := range s.cells {
		share := float64(u.over[n].pixels) / (window * window)
		if share == 0 || share > 1-besideLeast {
			continue
		}
		x, y := corner(k.cells.places[i], k.cells.across)
		if outside(over, x, y) {
			continue
		}
		project(over, x, y, by, &out)
		mean := besideMean - besideLoss*share
		speaks := mean * (float64(agreement(k.cells.signs[i], out[:k.cells.each])) - mean/2) / (otherSpread * otherSpread)
		cell[k.cells.places[i]] = -speaks
		sum += speaks
	}
	_, against = worstRegion(cell, k.cells.across, k.cells.down)
	return sum, against
}

// blank is the share of the places under marks where nothing is written on the known page.
func (u *underMarks) blank() float64 {
	c := u.known.cells
	written := make([]bool, c.across*c.down)
	for _, place := range c.places {
		written[place] = true
	}
	blank, all := 0, 0
	for place := range written {
		if o := u.at(place); o.pixels >= ownStroke && u.marks[o.stroke] {
			all++
			if !written[place] {
				blank++
			}
		}
	}
	return float64(blank) / math.Max(1, float64(all))
}
