package page

// A logo pasted on a page, or a thing that lies on it, hides what is written there: a solid patch of one tone, which the known page does
// not have. What is under it speaks neither for nor against. Bands and fields that a form prints are no patches: they are long, or on the
// known page as well.
const (
	// A patch is darker than this share of the paper, of so many of all blocks, no more than so many times as long as it is wide, and
	// fills so much of the rectangle around it.
	patchBrightest = 0.8
	patchDarkest   = 0.04
	patchLeast     = 0.002
	patchMost      = 0.05
	patchLong      = 2.2
	patchSolid     = 0.5
	patchReach     = 1 // blocks around it that its blurred edge reaches
	// hiddenMost is how much of what is seen of a known page patches hide at most, and patchAgrees the agreement from which a cell under
	// one shows that the known page has it, too.
	hiddenMost  = 0.15
	patchAgrees = 0.6
)

// patches is where solid patches lie on a raster, as a plane of work: 1 under one. It is empty without any.
func patches(r Raster, flat *tints, paper int) plane {
	b := flat.between(max(int(patchDarkest*float64(paper)), 1), int(patchBrightest*float64(paper)))
	hidden, any := make([]bool, len(b.tone)), false
	done := make([]bool, len(b.tone))
	for i, t := range b.tone {
		if t != 0 && !done[i] {
			any = b.patch(i, done, hidden) || any
		}
	}
	if !any {
		return plane{}
	}
	w, h := workSize(r.W, r.H)
	out := newPlane(w, h)
	for y := range h {
		for x := range w {
			u, v := min(x*r.W/w/tintBlock, b.across-1), min(y*r.H/h/tintBlock, b.down-1)
			if hidden[v*b.across+u] {
				out.p[y*w+x] = 1
			}
		}
	}
	return out
}

// patch takes the blocks that hang together with one in tone, and marks what they hide if they are a patch.
func (b *tints) patch(from int, done, hidden []bool) bool {
	area := []int{from}
	done[from] = true
	left, right, top, bottom := b.across, 0, b.down, 0
	for at := 0; at < len(area); at++ {
		i := area[at]
		x, y := i%b.across, i/b.across
		left, right, top, bottom = min(left, x), max(right, x), min(top, y), max(bottom, y)
		for _, step := range [4][2]int{{-1, 0}, {1, 0}, {0, -1}, {0, 1}} {
			u, v := x+step[0], y+step[1]
			if u < 0 || v < 0 || u >= b.across || v >= b.down {
				continue
			}
			if n := v*b.across + u; !done[n] && b.tone[n] != 0 && abs(int(b.tone[n])-int(b.tone[i])) <= toneNear {
				done[n] = true
				area = append(area, n)
			}
		}
	}
	wide, high, all := float64(right-left+1), float64(bottom-top+1), float64(len(b.tone))
	if wide*high < patchLeast*all || wide*high > patchMost*all || max(wide, high) > patchLong*min(wide, high) || float64(len(area)) < patchSolid*wide*high {
		return false
	}
	b.fill(area, [4]int{left, right, top, bottom}, hidden)
	return true
}

// fill marks what lies between blocks of an area, both in its row and in its column, with what is around that.
func (b *tints) fill(area []int, box [4]int, hidden []bool) {
	left, right, top, bottom := box[0], box[1], box[2], box[3]
	rows, columns := make([][2]int, bottom-top+1), make([][2]int, right-left+1)
	widen := func(s *[2]int, at int) {
		if s[1] == 0 {
			s[0] = at
		}
		s[0], s[1] = min(s[0], at), max(s[1], at+1)
	}
	for _, i := range area {
		x, y := i%b.across, i/b.across
		widen(&rows[y-top], x)
		widen(&columns[x-left], y)
	}
	for y := top; y <= bottom; y++ {
		for x := left; x <= right; x++ {
			if row, column := rows[y-top], columns[x-left]; x < row[0] || x >= row[1] || y < column[0] || y >= column[1] {
				continue
			}
			for v := max(y-patchReach, 0); v <= min(y+patchReach, b.down-1); v++ {
				for u := max(x-patchReach, 0); u <= min(x+patchReach, b.across-1); u++ {
					hidden[v*b.across+u] = true
				}
			}
		}
	}
}

// uncover leaves out the cells that patches of the item hide, and tells how many.
func (l *Look) uncover(k *known, t *transform, own *field, s *seen) (hidden int) {
	l.rereadable()
	if l.patches.p == nil || k.photo {
		return 0
	}
	over := l.warp(k, t, own, l.patches)
	under, agree := make([]bool, len(s.cells)), 0
	for n, i := range s.cells {
		x, y := corner(k.cells.places[i], k.cells.across)
		if under[n] = touched(over, x, y); under[n] {
			hidden++
			if s.score[n] >= patchAgrees {
				agree++
			}
		}
	}
	if hidden == 0 || 2*agree >= hidden || float64(hidden) > hiddenMost*float64(len(s.cells)) {
		return 0
	}
	var open seen
	for n := range s.cells {
		if !under[n] {
			open.cells, open.score, open.read = append(open.cells, s.cells[n]), append(open.score, s.score[n]), append(open.read, s.read[n])
		}
	}
	s.cells, s.score, s.read = open.cells, open.score, open.read
	return hidden
}

// touched tells whether a patch reaches into the window whose upper left corner is at x, y; every third pixel tells.
func touched(over plane, x, y int) bool {
	for v := y; v < y+window; v += 3 {
		for u := x; u < x+window; u += 3 {
			if over.p[v*over.w+u] > 0.25 {
				return true
			}
		}
	}
	return false
}
