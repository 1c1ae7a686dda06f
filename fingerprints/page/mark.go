package page

// A mark across a photo is lighter or darker than what it lies on, and lets it show through: what differs is its edges. In a
// second reading the step between the two tones around a cell is taken away, where most of the others agree.
const (
	stepWindow = 14   // pixels around a cell
	stepLeast  = 0.03 // of light, between the two tones
	stepBlur   = 1.0  // pixels, of an edge
	stepShare  = 0.08 // of the pixels, that must be of each tone
	// Half of all cells agree so well, or nothing tells a mark from something else; cells that agree less than stepWell are read once more,
	// and must agree so much better.
	stepMiddle = 0.975
	stepWell   = 0.8
	stepGain   = 0.1
)

// unstep reads the cells that disagree once more, each without the step between two tones, and tells how many agree better.
func (l *Look) unstep(k *known, t *transform, own *field, s *seen) (changed int) {
	if quantile(s.score, 0.5) < stepMiddle || s.spoilt() < markLeast {
		return 0
	}
	over := l.warp(k, t, own, l.sheetFor(t))
	var out [mostBits]float32
	by := l.by[:k.cells.each]
	for n, i := range s.cells {
		if s.score[n] >= stepWell {
			continue
		}
		x, y := corner(k.cells.places[i], k.cells.across)
		patch, ok := stepless(over, x, y)
		if !ok {
			continue
		}
		project(patch, 0, 0, by, &out)
		if score := agreement(k.cells.signs[i], out[:k.cells.each]); score > s.score[n]+stepGain {
			s.score[n] = score
			changed++
		}
	}
	return changed
}

// spoilt counts the cells that a mark, or something else, may have spoilt.
func (s *seen) spoilt() (n int) {
	for _, score := range s.score {
		if score < markCells {
			n++
		}
	}
	return n
}

// stepless is a cell's window without the step between the two tones that it and its surroundings have.
func stepless(over plane, x, y int) (plane, bool) {
	const far = (stepWindow - window) / 2
	const n = stepWindow * stepWindow
	var v [n]float32
	if x < far || y < far || x+window+far > over.w || y+window+far > over.h {
		return plane{}, false
	}
	for j := range stepWindow {
		copy(v[j*stepWindow:(j+1)*stepWindow], over.p[(y-far+j)*over.w+x-far:])
	}
	for _, g := range v {
		if g < 0 {
			return plane{}, false
		}
	}
	at, ok := twoTones(v[:])
	if !ok {
		return plane{}, false
	}
	mask := newPlane(stepWindow, stepWindow)
	for i, g := range v {
		if g > at {
			mask.p[i] = 1
		}
	}
	soft := convolve(mask, gaussian(stepBlur))
	beta := stepOf(v[:], soft.p)
	if abs(beta) < stepLeast {
		return plane{}, false
	}
	out := newPlane(window, window)
	for j := range window {
		for i := range window {
			at := (j+far)*stepWindow + i + far
			out.p[j*window+i] = v[at] - float32(beta)*soft.p[at]
		}
	}
	return out, true
}

// twoTones is the tone that parts pixels best into two (Otsu, 1979).
func twoTones(v []float32) (at float32, ok bool) {
	least, most := v[0], v[0]
	for _, g := range v {
		least, most = min(least, g), max(most, g)
	}
	const bins = 32
	if most-least < stepLeast {
		return 0, false
	}
	var count, sum [bins]float64
	all := 0.0
	for _, g := range v {
		b := min(int((g-least)/(most-least)*bins), bins-1)
		count[b]++
		sum[b] += float64(g)
		all += float64(g)
	}
	best, low, lowSum := 0.0, 0.0, 0.0
	for b := range bins - 1 {
		low, lowSum = low+count[b], lowSum+sum[b]
		high := float64(len(v)) - low
		if low < stepShare*float64(len(v)) || high < stepShare*float64(len(v)) {
			continue
		}
		d := lowSum/low - (all-lowSum)/high
		if between := low * high * d * d; between > best {
			best, at, ok = between, least+(most-least)*float32(b+1)/bins, true
		}
	}
	return at, ok
}

// stepOf is how much the second tone differs from the first, by least squares of a plane and a mask.
func stepOf(v, mask []float32) float64 {
	var m [8][9]float64
	for i, g := range v {
		row := [4]float64{1, float64(i%stepWindow)/stepWindow - 0.5, float64(i/stepWindow)/stepWindow - 0.5, float64(mask[i])}
		for a := range row {
			for b := range row {
				m[a][b] += row[a] * row[b]
			}
			m[a][8] += row[a] * float64(g)
		}
	}
	if !solve(&m, 4) {
		return 0
	}
	return m[3][8]
}
