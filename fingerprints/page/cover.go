package page

import "math"

// What is stamped on a page in thick strokes, or stuck on it, covers print and blank alike. What it hides is not seen, and speaks
// neither for nor against the page, if all beside it agrees. Another person's entry, however thick it is, stands in the place of the
// page's own: of that nothing is left around its strokes, and it covers little else. A strip along an edge, and a patch in a corner, is
// more solid than any entry.
const (
	// A stroke is so much darker than the paper and at least two pixels of work wide; a mark has some of such height and width, and what
	// is dark and so near to these is of it as well. A stroke's blurred edges reach so far.
	coverDark = 0.4
	coverHigh = 8
	coverNear = 10
	coverEdge = 2
	// A strip along an edge is so wide at most, and as long as this share of the side; a patch is so wide at least, and fills so much of
	// the rectangle around it. What is written on them hides as much as they do.
	stripWide = 0.09
	stripLong = 0.9
	solidWide = 12
	solidFull = 0.55
	// A patch lies in a corner that is so near to both edges, as a share of the sides, and so much of the item at most.
	cornerNear, cornerMost = 0.07, 0.07
	// A pale strip is so much darker than paper and so many pixels wide; so much of each of its rows is of its tone, which this part of the
	// pixels of a row are no brighter than: words on it are darker.
	paleDarker = 12.0
	paleLeast  = 6
	paleShare  = 0.3
	paleMiddle = 0.6
	// A frame's lines are so near to the strokes in it and so much darker than paper, and are seen by straight pieces of twice so many
	// pixels and one in one of so many directions. Along and across the page's lines they need not be: no projection sees such lines.
	frameAway = 26
	frameDark = 0.22
	frameHalf = 9
	frameWays = 24
)

// strokes are what of an item is dark: of each pixel the number of the stroke that it is of, from 1 on, 0 if it is of none, or unnumbered.
type strokes struct {
	w, h int
	of   []int32
}

const unnumbered = -1

// covers are what marks may cover on an item. Of two kinds of strokes the first ones are thick, the others lines of frames; of is
// nil if there are none.
type covers struct {
	strokes
	thick, all int
	aside      []bool // of each stroke: whether it is a strip along an edge, or a patch in a corner
}

// coversOf finds the strokes of what may be marks.
func coversOf(grey plane, paper int) *covers {
	dark := thickStrokes(grey, float32(paper)*(1-coverDark))
	parts := dark.parts()
	var marks []region
	for _, r := range parts {
		if min(r.x1-r.x0, r.y1-r.y0)+1 >= coverHigh || r.strip(grey.w, grey.h) {
			marks = append(marks, r)
		}
	}
	pale := paleStrips(grey, paper)
	c := &covers{aside: []bool{false}}
	if len(marks)+len(pale) == 0 {
		return c
	}
	c.strokes = strokes{grey.w, grey.h, make([]int32, len(dark.of))}
	for _, r := range pale {
		c.cover(r, true, nil)
	}
	c.take(&dark, parts, func(r region) bool { return r.nearAny(marks, coverNear) })
	c.thick = c.all
	lines := frameLines(grey, marks, float32(paper)*(1-frameDark), c.of)
	c.take(&lines, lines.parts(), func(region) bool { return true })
	return c
}

// thickStrokes are the squares of two by two that are dark.
func thickStrokes(grey plane, below float32) strokes {
	w := grey.w
	s := strokes{w, grey.h, make([]int32, len(grey.p))}
	for y := range grey.h - 1 {
		for at := y * w; at < y*w+w-1; at++ {
			if g := grey.p[at : at+w+2]; g[0] < below && g[1] < below && g[w] < below && g[w+1] < below {
				s.of[at], s.of[at+1], s.of[at+w], s.of[at+w+1] = unnumbered, unnumbered, unnumbered, unnumbered
			}
		}
	}
	return s
}

// frameLines are the slanted lines around marks, but for what those cover.
func frameLines(grey plane, marks []region, below float32, covered []int32) strokes {
	s := strokes{grey.w, grey.h, make([]int32, len(grey.p))}
	ways := slants()
	for i, g := range grey.p {
		if g >= below || covered[i] != 0 {
			continue
		}
		x, y := i%grey.w, i/grey.w
		if here := (region{x, y, x, y, 1}); here.nearAny(marks, frameAway) {
			for n := range ways {
				s.line(grey, x, y, &ways[n], below)
			}
		}
	}
	return s
}

// slant is the pixels of a straight piece, from its middle.
type slant [2*frameHalf + 1][2]int

// slants are pieces in all directions but along and across the page's lines.
func slants() (all []slant) {
	for d := 1; d < frameWays; d++ {
		if d == frameWays/2 {
			continue
		}
		var one slant
		sin, cos := math.Sincos(math.Pi * float64(d) / frameWays)
		for i := range one {
			one[i] = [2]int{int(math.Round(float64(i-frameHalf) * cos)), int(math.Round(float64(i-frameHalf) * sin))}
		}
		all = append(all, one)
	}
	return all
}

// line marks a straight piece of which x, y is the middle, if all of it is dark.
func (s *strokes) line(grey plane, x, y int, piece *slant, below float32) {
	for _, at := range piece {
		if u, v := x+at[0], y+at[1]; u < 0 || v < 0 || u >= s.w || v >= s.h || grey.p[v*s.w+u] >= below {
			return
		}
	}
	for _, at := range piece {
		s.of[(y+at[1])*s.w+x+at[0]] = unnumbered
	}
}

// parts numbers the strokes that hang together.
func (s *strokes) parts() (all []region) {
	var open []int
	for start, v := range s.of {
		if v != unnumbered {
			continue
		}
		n := int32(len(all) + 1)
		s.of[start] = n
		r := region{s.w, s.h, 0, 0, 0}
		for open = append(open[:0], start); len(open) > 0; {
			at := open[len(open)-1]
			open = open[:len(open)-1]
			x, y := at%s.w, at/s.w
			r.x0, r.y0, r.x1, r.y1, r.cells = min(r.x0, x), min(r.y0, y), max(r.x1, x), max(r.y1, y), r.cells+1
			for v := max(y-1, 0); v <= min(y+1, s.h-1); v++ {
				for u := max(x-1, 0); u <= min(x+1, s.w-1); u++ {
					if i := v*s.w + u; s.of[i] == unnumbered {
						s.of[i] = n
						open = append(open, i)
					}
				}
			}
		}
		all = append(all, r)
	}
	return all
}

// take covers with some of other strokes, which get numbers of their own.
func (c *covers) take(from *strokes, parts []region, some func(region) bool) {
	for n, r := range parts {
		if !some(r) {
			continue
		}
		strip, solid := r.strip(c.w, c.h), r.solid()
		one := func(at int) bool { return strip || solid || from.of[at] == int32(n+1) }
		c.cover(r, strip || solid && r.corner(c.w, c.h), one)
	}
}

// cover covers with one more stroke those pixels of a region that are of it, all if no function tells.
func (c *covers) cover(r region, aside bool, of func(at int) bool) {
	c.all++
	c.aside = append(c.aside, aside)
	for y := r.y0; y <= r.y1; y++ {
		for x := r.x0; x <= r.x1; x++ {
			if of == nil || of(y*c.w+x) {
				c.blot(x, y)
			}
		}
	}
}

// blot covers a pixel and those that a stroke's edge there reaches.
func (c *covers) blot(x, y int) {
	for v := max(y-coverEdge, 0); v <= min(y+coverEdge, c.h-1); v++ {
		for u := max(x-coverEdge, 0); u <= min(x+coverEdge, c.w-1); u++ {
			if i := v*c.w + u; c.of[i] == 0 {
				c.of[i] = int32(c.all)
			}
		}
	}
}

// nearAny tells whether a region is so near to one of some.
func (r *region) nearAny(some []region, within int) bool {
	for _, o := range some {
		if r.x0 <= o.x1+within && o.x0 <= r.x1+within && r.y0 <= o.y1+within && o.y0 <= r.y1+within {
			return true
		}
	}
	return false
}

// solid tells of a patch.
func (r *region) solid() bool {
	wide, high := r.x1-r.x0+1, r.y1-r.y0+1
	return min(wide, high) >= solidWide && float64(r.cells) >= solidFull*float64(wide*high)
}

// paleStrips are strips along the upper and lower edge in a tone between paper and ink, with words on them.
func paleStrips(grey plane, paper int) (all []region) {
	for _, lower := range []bool{false, true} {
		row := func(n int) []float32 {
			if lower {
				n = grey.h - 1 - n
			}
			return grey.p[n*grey.w : (n+1)*grey.w]
		}
		if grey.h < 4*paleLeast {
			break
		}
		tone := quantile(row(1), paleMiddle)
		if tone > float64(paper)-paleDarker || tone < (1-coverDark)*float64(paper) {
			continue
		}
		deep := 0
		for deep < int(stripWide*float64(grey.h)) && evenly(row(deep), float32(tone)) {
			deep++
		}
		if deep < paleLeast || quantile(row(deep+coverEdge), paleMiddle) < tone+paleDarker/2 {
			continue
		}
		r := region{x0: 0, y0: 0, x1: grey.w - 1, y1: deep}
		if lower {
			r.y0, r.y1 = grey.h-1-deep, grey.h-1
		}
		all = append(all, r)
	}
	return all
}

// evenly tells whether most of a row is of a tone.
func evenly(row []float32, tone float32) bool {
	n := 0
	for _, v := range row {
		if abs(v-tone) <= toneNear {
			n++
		}
	}
	return float64(n) >= paleShare*float64(len(row))
}

// corner tells of what lies in a corner of an item of that size.
func (r *region) corner(w, h int) bool {
	x, y := min(r.x0, w-1-r.x1), min(r.y0, h-1-r.y1)
	small := float64((r.x1-r.x0+1)*(r.y1-r.y0+1)) <= cornerMost*float64(w*h)
	return small && float64(x) <= cornerNear*float64(w) && float64(y) <= cornerNear*float64(h)
}

// strip tells of what runs along an edge of an item of that size.
func (r *region) strip(w, h int) bool {
	wide, high := float64(r.x1-r.x0+1), float64(r.y1-r.y0+1)
	lies := wide >= stripLong*float64(w) && high <= stripWide*float64(h) && (r.y0 <= 1 || r.y1 >= h-2)
	stands := high >= stripLong*float64(h) && wide <= stripWide*float64(w) && (r.x0 <= 1 || r.x1 >= w-2)
	return lies || stands
}
