package page

import (
	"encoding/binary"
	"slices"
)

// A watermark or a stamp's ground lies over the page in a middle tone. Where a page has such tones in flat places, what is as
// bright there, or as the ground that strokes are written on, is taken for paper in a second reading, which is asked only
// about cells that the first could not explain.
const (
	// An overlay's tone is within these shares of the paper's, and on so many of the blocks, of so many pixels a side, of
	// which so many at least are flat; it reaches so many blocks farther, over letters.
	overlayDarkest   = 0.25
	overlayBrightest = 0.95
	overlaid         = 0.00005
	overlaidLeast    = 4 // blocks, of however small a raster
	tintBlock        = 4
	tintFlat         = 4
	tintReach        = 12
	thinReach        = 3
	flat             = 3 // grey values between neighbours
	toneNear         = 6 // grey values around a tone
	toneBelow        = 7 // by how much what is taken for paper may be darker still
	// A stroke of text is twice this share wide, in thousandths of the longest side, and no more than so many pixels to each
	// side of its middle; the ground it is written on may be so much darker than its brightest pixels.
	strokeShare = 1.4
	strokeMost  = 2
	groundBelow = 4
	// overlayMoves is how much the two readings of a cell differ, as a share of the first, where there is an overlay.
	overlayMoves = 0.15
	rereadGain   = 0.05
	// A speck is no larger than this part of the longest side, and darker than this share of the paper.
	speckShare = 350
	speckDark  = 0.75
)

// cleaned is the ink of a raster without its overlays and specks; false where it has neither.
func cleaned(r Raster, flat *tints, paper int) (plane, bool) {
	clean := Raster{W: r.W, H: r.H, Pix: slices.Clone(r.Pix)}
	overlaid := newTints(flat, paper).lift(clean, paper)
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

func newTints(flat *tints, paper int) *tints {
	b := flat.between(max(int(overlayDarkest*float64(paper)), 1), int(overlayBrightest*float64(paper)))
	var having [256]int
	for _, t := range b.tone {
		if t != 0 {
			having[t]++
		}
	}
	least := max(overlaidLeast, int(overlaid*float64(len(b.tone))))
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

// flatTones are the tones of all flat blocks.
func flatTones(r Raster) *tints {
	b := &tints{across: r.W / tintBlock, down: r.H / tintBlock}
	b.tone = make([]byte, b.across*b.down)
	for y := range b.down {
		for x := range b.across {
			b.tone[y*b.across+x] = byte(flatTone(r, x*tintBlock, y*tintBlock))
		}
	}
	return b
}

// between keeps the tones from one up to another.
func (b *tints) between(darkest, brightest int) *tints {
	some := &tints{across: b.across, down: b.down, tone: make([]byte, len(b.tone))}
	for i, t := range b.tone {
		if int(t) >= darkest && int(t) < brightest {
			some.tone[i] = t
		}
	}
	return some
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

// lift makes paper of what is as bright as the ground, where a tint is near: the mark or the paper beside it, whose edge is as
// sharp as it was. All else is made brighter in proportion; false if there is no tint.
func (b *tints) lift(r Raster, paper int) bool {
	if !slices.ContainsFunc(b.tone, func(t byte) bool { return t != 0 }) {
		return false
	}
	near := b.spread(b.tone, tintReach)
	radius := min(max(int(strokeShare*float64(max(r.W, r.H))/1000+0.5), 1), strokeMost)
	ground := grounds(r, radius, b.spans(near, r, 2*radius))
	thin := b.thin(r, ground)
	was := Raster{W: r.W, H: r.H, Pix: slices.Clone(r.Pix)}
	for i, t := range near {
		if t == 0 {
			continue
		}
		at := i/b.across*tintBlock*r.W + i%b.across*tintBlock
		for range tintBlock {
			for x, g := range ground[at : at+tintBlock] {
				v, from := int(was.Pix[at+x]), min(max(int(g)-groundBelow, int(t)-toneBelow, 1), paper)
				if thin[i] != 0 && was.toned(at+x, int(t)) {
					from = min(from, max(v, 1))
				}
				if v >= from {
					v = max(v, paper)
				} else {
					v = int(uint32(v*paper) / uint32(from))
				}
				r.Pix[at+x] = byte(v)
			}
			at += r.W
		}
	}
	return true
}

// toned tells whether a pixel is of a tone, or lighter and beside one that is: the edge of a mark.
func (r Raster) toned(at, tone int) bool {
	if int(r.Pix[at]) < tone-toneBelow {
		return false
	}
	for _, n := range [5]int{at, at - 1, at + 1, at - r.W, at + r.W} {
		if n >= 0 && n < len(r.Pix) && abs(int(r.Pix[n])-tone) <= toneBelow {
			return true
		}
	}
	return false
}

// thin marks the blocks around strokes of a mark that are as thin as a letter's: the ground does not show them.
func (b *tints) thin(r Raster, ground []byte) []byte {
	out := make([]byte, len(b.tone))
	for i, t := range b.tone {
		if t == 0 {
			continue
		}
		shows := false
		at := i/b.across*tintBlock*r.W + i%b.across*tintBlock
		for range tintBlock {
			for _, g := range ground[at : at+tintBlock] {
				shows = shows || int(g) <= int(t)+2*toneNear
			}
			at += r.W
		}
		if !shows {
			out[i] = 1
		}
	}
	return b.spread(out, thinReach)
}

// spans are the parts of a raster's rows that blocks with a tint and what is so many pixels around them lie in.
func (b *tints) spans(near []byte, r Raster, around int) [][2]int {
	rows := make([][2]int, r.H)
	for i, t := range near {
		if t == 0 {
			continue
		}
		x, y := i%b.across*tintBlock, i/b.across*tintBlock
		for v := max(y-around, 0); v < min(y+tintBlock+around, r.H); v++ {
			s := &rows[v]
			if s[1] == 0 {
				s[0] = r.W
			}
			s[0], s[1] = min(s[0], max(x-around, 0)), max(s[1], min(x+tintBlock+around, r.W))
		}
	}
	return rows
}

// grounds is what strokes are written on: a raster closed, of which what is dark and narrower than twice a radius is as bright
// as what is around it. Only those parts of its rows are told.
func grounds(r Raster, radius int, spans [][2]int) []byte {
	invert := func(p []byte) []byte {
		for y, s := range spans {
			for x := s[0]; x < s[1]; x++ {
				p[y*r.W+x] ^= 255
			}
		}
		return p
	}
	bright := invert(brightenedBy(r.Pix, r.W, radius, spans))
	return invert(brightenedBy(bright, r.W, radius, spans))
}

// brightenedBy gives each pixel the brightest value within a square around it.
func brightenedBy(pix []byte, w, radius int, spans [][2]int) []byte {
	wide, out := make([]byte, len(pix)), make([]byte, len(pix))
	for y, s := range spans {
		row, to := pix[y*w:(y+1)*w], wide[y*w:(y+1)*w]
		copy(to[s[0]:s[1]], row[s[0]:s[1]])
		for d := 1; d <= radius; d++ {
			most(to[s[0]:max(s[1]-d, s[0])], row[min(s[0]+d, w):])
			most(to[min(s[0]+d, s[1]):s[1]], row[s[0]:])
		}
	}
	for y, s := range spans {
		to := out[y*w+s[0] : y*w+s[1]]
		for v := max(y-radius, 0); v <= min(y+radius, len(spans)-1); v++ {
			most(to, wide[v*w+s[0]:])
		}
	}
	return out
}

// most keeps the brighter of two, eight pixels at a time.
func most(to, from []byte) {
	from = from[:len(to)]
	const high = 0x8080808080808080
	for len(to) >= 8 {
		a, b := binary.LittleEndian.Uint64(to), binary.LittleEndian.Uint64(from)
		low := (a | high) - (b &^ high) // of each byte the high bit: whether its lower seven bits are no less
		mask := (((a&^b | ^(a^b)&low) & high) >> 7) * 255
		binary.LittleEndian.PutUint64(to, a&mask|b&^mask)
		to, from = to[8:], from[8:]
	}
	for i, v := range from {
		to[i] = max(to[i], v)
	}
}

// spread gives every block the darkest tint of those within so many blocks of it.
func (b *tints) spread(tone []byte, reach int) []byte {
	wide, out := make([]byte, len(tone)), make([]byte, len(tone))
	darker := func(to *byte, t byte) {
		if t != 0 && (*to == 0 || t < *to) {
			*to = t
		}
	}
	for i, t := range tone {
		if x := i % b.across; t != 0 {
			for u := max(x-reach, 0); u <= min(x+reach, b.across-1); u++ {
				darker(&wide[i-x+u], t)
			}
		}
	}
	for i, t := range wide {
		if y := i / b.across; t != 0 {
			for v := max(y-reach, 0); v <= min(y+reach, b.down-1); v++ {
				darker(&out[i+(v-y)*b.across], t)
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

// rereadable makes the second reading, once, and looks for patches.
func (l *Look) rereadable() bool {
	if !l.tried {
		l.tried = true
		paper, flat := brightest(l.raster), flatTones(l.raster)
		l.clean, l.spoilt = cleaned(l.raster, flat, paper)
		l.patches = patches(l.raster, flat, paper)
	}
	return l.spoilt
}
