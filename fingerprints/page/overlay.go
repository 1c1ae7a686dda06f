package page

import "slices"

// A watermark or a stamp's ground lies over the page in a middle tone. Where a page has such tones in flat places, what is as
// bright there is taken for paper in a second reading, which is asked only about cells that the first could not explain.
const (
	// An overlay's tone is within these shares of the paper's, and on so many of the blocks, of so many pixels a side, of
	// which so many at least are flat; it reaches so many blocks farther, over letters.
	overlayDarkest   = 0.25
	overlayBrightest = 0.95
	overlaid         = 0.0005
	tintBlock        = 4
	tintFlat         = 4
	tintReach        = 4
	flat             = 3 // grey values between neighbours
	toneNear         = 6 // grey values around a tone
	toneBelow        = 7 // by how much what is taken for paper may be darker still
	// overlayMoves is how much the two readings of a cell differ, as a share of the first, where there is an overlay.
	overlayMoves = 0.15
	rereadGain   = 0.05
	// A speck is no larger than this part of the longest side, and darker than this share of the paper.
	speckShare = 350
	speckDark  = 0.75
)

// cleaned is the ink of a raster without its overlays and specks; false where it has neither.
func cleaned(r Raster) (plane, bool) {
	paper := brightest(r)
	clean := Raster{W: r.W, H: r.H, Pix: slices.Clone(r.Pix)}
	overlaid := newTints(r, paper).lift(clean, paper)
	if specks := wipe(clean, byte(paper)); specks == 0 && !overlaid {
		return plane{}, false
	}
	return ink(work(clean)), true
}

// tints are the flat tones between paper and ink of the blocks of a raster, 0 where there is none. Each block has its own: a mark
// over a tinted row is darker than beside it, and a page's own bands are as flat as the mark.
type tints struct {
	across, down int
	tone         []byte
}

func newTints(r Raster, paper int) *tints {
	b := &tints{across: r.W / tintBlock, down: r.H / tintBlock}
	b.tone = make([]byte, b.across*b.down)
	darkest, brightest := int(overlayDarkest*float64(paper)), int(overlayBrightest*float64(paper))
	var having [256]int
	for y := range b.down {
		for x := range b.across {
			if t := flatTone(r, x*tintBlock, y*tintBlock); t >= darkest && t < brightest {
				b.tone[y*b.across+x] = byte(t)
				having[t]++
			}
		}
	}
	least := int(overlaid * float64(len(b.tone)))
	var often [256]bool
	for v := range often {
		n := 0
		for _, one := range having[max(v-toneNear, 0):min(v+toneNear+1, 256)] {
			n += one
		}
		often[v] = n > least
	}
	for i, t := range b.tone {
		if !often[t] {
			b.tone[i] = 0
		}
	}
	return b
}

// flatTone is the mean of a block's pixels that are as bright as their neighbours, if enough are and all alike; 0 if not.
func flatTone(r Raster, x, y int) int {
	n, sum, least, most := 0, 0, 255, 0
	for v := y; v < min(y+tintBlock, r.H-1); v++ {
		row, next := r.Pix[v*r.W+x:], r.Pix[(v+1)*r.W+x:]
		for u := range min(tintBlock, r.W-1-x) {
			p := int(row[u])
			if abs(p-int(row[u+1])) <= flat && abs(p-int(next[u])) <= flat {
				n, sum, least, most = n+1, sum+p, min(least, p), max(most, p)
			}
		}
	}
	if n < tintFlat || most-least > 2*toneNear {
		return 0
	}
	return sum / n
}

// lift makes paper of what is as bright as the darkest tint nearby, and all else brighter in proportion; false if there is no tint.
func (b *tints) lift(r Raster, paper int) (any bool) {
	near := slices.Clone(b.tone)
	for range tintReach {
		near = b.spread(near)
	}
	var curve [256]byte
	last := byte(0)
	for i, t := range near {
		if t == 0 {
			continue
		}
		if any = true; t != last {
			last = t
			for v := range curve {
				curve[v] = byte(min(v*paper/max(int(t)-toneBelow, 1), max(paper, v)))
			}
		}
		at := i/b.across*tintBlock*r.W + i%b.across*tintBlock
		for range tintBlock {
			for x, v := range r.Pix[at : at+tintBlock] {
				r.Pix[at+x] = curve[v]
			}
			at += r.W
		}
	}
	return any
}

// spread gives every block the darkest tint of those around it.
func (b *tints) spread(tone []byte) []byte {
	out := make([]byte, len(tone))
	for i := range tone {
		x, y := i%b.across, i/b.across
		for v := max(y-1, 0); v <= min(y+1, b.down-1); v++ {
			for u := max(x-1, 0); u <= min(x+1, b.across-1); u++ {
				if t := tone[v*b.across+u]; t != 0 && (out[i] == 0 || t < out[i]) {
					out[i] = t
				}
			}
		}
	}
	return out
}

// brightest is the tone from which on a third of a raster is as bright: its paper's.
func brightest(r Raster) int {
	var all [256]int
	for _, v := range r.Pix {
		all[v]++
	}
	seen := 0
	for paper := 255; paper > 0; paper-- {
		if seen += all[paper]; 3*seen > len(r.Pix) {
			return paper
		}
	}
	return 0
}

// wipe takes away what is dark, alone and no larger than a dot, and tells how often.
func wipe(r Raster, paper byte) (wiped int) {
	size := max(1, (max(r.W, r.H)+speckShare/2)/speckShare)
	dark := byte(float64(paper) * speckDark)
	for y := 1; y+size < r.H; y++ {
		above, row := r.Pix[(y-1)*r.W:y*r.W], r.Pix[y*r.W:(y+1)*r.W]
		for x := size; x+size < r.W; x++ {
			if row[x] >= dark || above[x] < dark || row[x-1] < dark {
				continue
			}
			for left := x; left > x-size; left-- {
				if framed(r, left-1, y-1, size+1, dark) {
					for v := y; v < y+size; v++ {
						for u := left; u < left+size; u++ {
							r.Pix[v*r.W+u] = paper
						}
					}
					wiped++
					break
				}
			}
		}
	}
	return wiped
}

// framed tells whether nothing is dark on the border of a square whose corners are so far apart.
func framed(r Raster, x, y, size int, dark byte) bool {
	top, bottom := y*r.W+x, (y+size)*r.W+x
	for i := range size + 1 {
		if r.Pix[top+i] < dark || r.Pix[bottom+i] < dark || r.Pix[top+i*r.W] < dark || r.Pix[top+i*r.W+size] < dark {
			return false
		}
	}
	return true
}

// reread reads the cells once more without overlay and specks, and keeps what agrees better where there are any. It tells
// how many cells that changes.
func (l *Look) reread(k *known, t *transform, own *field, s *seen) (changed int) {
	if !l.rereadable() {
		return 0
	}
	over := l.warp(k, t, own, sheet(l.clean, scaleOf(t)))
	c := k.cells
	var out [mostBits]float32
	by := l.by[:c.each]
	for n, i := range s.cells {
		x, y := corner(c.places[i], c.across)
		if outside(over, x, y) {
			continue
		}
		project(over, x, y, by, &out)
		if score := agreement(c.signs[i], out[:c.each]); score > s.score[n]+rereadGain && s.moved(n, out[:c.each]) {
			s.score[n] = score
			changed++
		}
	}
	return changed
}

// rereadable makes the second reading, once.
func (l *Look) rereadable() bool {
	if !l.tried {
		l.tried = true
		l.clean, l.spoilt = cleaned(l.raster)
	}
	return l.spoilt
}
