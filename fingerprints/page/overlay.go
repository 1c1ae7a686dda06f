package page

import "slices"

// A watermark or a stamp's ground lies over the page in one middle tone. Where a page has such a tone in flat places, all that
// is as bright is taken for paper in a second reading, which is asked only about cells that the first could not explain.
const (
	// An overlay's tone is within these shares of the paper's, and on so many of the pixels.
	overlayDarkest   = 0.25
	overlayBrightest = 0.95
	overlaid         = 0.002
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

// cleaned is the ink of a raster without its overlay and specks; false where it has neither.
func cleaned(r Raster) (plane, bool) {
	paper, tone := tones(r)
	clean := Raster{W: r.W, H: r.H, Pix: slices.Clone(r.Pix)}
	if tone > 0 {
		var curve [256]byte
		for v := range curve {
			curve[v] = byte(min(v*paper/max(tone-toneBelow, 1), paper))
		}
		for i, v := range clean.Pix {
			clean.Pix[i] = curve[v]
		}
	}
	if specks := wipe(clean, byte(paper)); specks == 0 && tone == 0 {
		return plane{}, false
	}
	return ink(work(clean)), true
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

// tones are the paper's and the darkest flat one between paper and ink, 0 if there is none.
func tones(r Raster) (paper, overlay int) {
	var all, even [256]int
	for y := range r.H - 1 {
		row, next := r.Pix[y*r.W:(y+1)*r.W], r.Pix[(y+1)*r.W:]
		for x, v := range row[:r.W-1] {
			all[v]++
			if abs(int(v)-int(row[x+1])) <= flat && abs(int(v)-int(next[x])) <= flat {
				even[v]++
			}
		}
	}
	seen := 0
	for paper = 255; paper > 0; paper-- {
		if seen += all[paper]; 3*seen > len(r.Pix) {
			break
		}
	}
	most := int(overlaid * float64(len(r.Pix)))
	for v := int(overlayDarkest * float64(paper)); v < int(overlayBrightest*float64(paper)); v++ {
		sum := 0
		for n := max(v-toneNear, 0); n <= min(v+toneNear, paper-toneNear); n++ {
			sum += even[n]
		}
		if sum > most {
			most, overlay = sum, v
		}
	}
	return paper, overlay
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
