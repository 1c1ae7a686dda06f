package open

import "unmirror/fingerprints/page"

// shrinker makes the raster of an image whose rows come one after the other, so that of a large scan no more lies in
// memory than its decoder holds: whole pixels are averaged in squares until the longest side fits.
type shrinker struct {
	w, h int // of the image; h is how many rows are expected
	by   int // pixels of a square's side
	out  page.Raster
	sums []uint32
	held int // rows in sums
	rows int // seen so far
	done int // rows of out
}

// newShrinker takes the raster's memory from the drawer, and returns it there.
func (d *drawer) newShrinker(w, h int) *shrinker {
	by := max(1, (max(w, h)+pageLongest-1)/pageLongest)
	s := &shrinker{w: w, h: h, by: by}
	s.out = page.Raster{W: (w + by - 1) / by, H: (h + by - 1) / by}
	d.made.Pix = grow(d.made.Pix, s.out.W*s.out.H)
	s.out.Pix = d.made.Pix
	if by > 1 {
		s.sums = make([]uint32, s.out.W)
	}
	return s
}

// row takes the next row, w bytes of grey. Rows beyond the last one are dropped.
func (s *shrinker) row(grey []byte) {
	if s.rows >= s.h {
		return
	}
	s.rows++
	if s.by == 1 {
		copy(s.out.Pix[s.done*s.out.W:(s.done+1)*s.out.W], grey[:s.w])
		s.done++
		return
	}
	s.add(grey[:s.w])
	if s.held++; s.held == s.by || s.rows == s.h {
		s.close()
	}
}

// add sums up the squares' columns.
func (s *shrinker) add(grey []byte) {
	switch s.by {
	case 2:
		n := len(grey) / 2
		sums := s.sums[:n]
		for i := range sums {
			sums[i] += uint32(grey[2*i]) + uint32(grey[2*i+1])
		}
		grey = grey[2*n:]
	default:
		n, by := len(grey)/s.by, s.by
		for i := range n {
			var t uint32
			for _, v := range grey[i*by : i*by+by] {
				t += uint32(v)
			}
			s.sums[i] += t
		}
		grey = grey[n*by:]
	}
	for _, v := range grey { // the last column's squares are narrower
		s.sums[len(s.sums)-1] += uint32(v)
	}
}

// close turns the sums into a row of the raster.
func (s *shrinker) close() {
	to := s.out.Pix[s.done*s.out.W : (s.done+1)*s.out.W]
	area := uint32(s.by * s.held)
	// Division by a constant is a multiplication: the sums are below 2^24, and 2^40 by the area is exact enough for them.
	inverse := (uint64(1)<<40)/uint64(area) + 1
	last := len(to) - 1
	for i, t := range s.sums[:last] {
		to[i] = byte(uint64(t+area/2) * inverse >> 40)
		s.sums[i] = 0
	}
	narrow := uint32((s.w - last*s.by) * s.held)
	to[last] = byte((s.sums[last] + narrow/2) / narrow)
	s.sums[last] = 0
	s.held = 0
	s.done++
}

// raster returns what came, which of a cut image is its upper part.
func (s *shrinker) raster() page.Raster {
	if s.held > 0 {
		s.close()
	}
	r := s.out
	r.H = s.done
	r.Pix = r.Pix[:r.W*r.H]
	return r
}

// turned returns the raster as an orientation of Exif asks (TIFF 6.0, tag 274): 1 is upright.
func (d *drawer) turned(r page.Raster, orientation int) page.Raster {
	if orientation < 2 || orientation > 8 {
		return r
	}
	d.turns = grow(d.turns, len(r.Pix))
	to := page.Raster{W: r.W, H: r.H, Pix: d.turns[:len(r.Pix)]}
	if orientation >= 5 {
		to.W, to.H = r.H, r.W
	}
	for y := range to.H {
		row := to.Pix[y*to.W : (y+1)*to.W]
		start, step := 0, 1
		switch orientation {
		case 2:
			start, step = y*r.W+r.W-1, -1
		case 3:
			start, step = (r.H-1-y)*r.W+r.W-1, -1
		case 4:
			start = (r.H - 1 - y) * r.W
		case 5:
			start, step = y, r.W
		case 6:
			start, step = (r.H-1)*r.W+y, -r.W
		case 7:
			start, step = (r.H-1)*r.W+r.W-1-y, -r.W
		case 8:
			start, step = r.W-1-y, r.W
		}
		for x := range row {
			row[x] = r.Pix[start+x*step]
		}
	}
	return to
}
