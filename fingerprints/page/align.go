package page

import (
	"cmp"
	"math"
	"slices"
)

// transform maps places of a known page to those of an item: a homography.
type transform [9]float64

func (t *transform) apply(x, y float64) (float64, float64) {
	w := t[6]*x + t[7]*y + t[8]
	if abs(w) < 1e-9 {
		w = 1e-9
	}
	return (t[0]*x + t[1]*y + t[2]) / w, (t[3]*x + t[4]*y + t[5]) / w
}

// pair is a point of a known page and one of the item that look alike.
type pair struct {
	known, item int
	turn        int // quarter turns, clockwise, that the item was given
	distance    int
}

const (
	pairBits   = 20   // bits of 64 by which a pair may differ
	seedPairs  = 48   // the closest pairs, of which any two are tried
	seedApart  = 0.19 // of half the longest side, between two points
	nearPixels = 5.0
	leastPairs = 6
	turnSlack  = 12.0 // degrees
	scaleSlack = 0.6  // octaves
	widerBits  = 24
	guessMost  = 6
	guessApart = 6.0 // pixels of work
	guessShare = 4   // of the best guess's support a guess must have, at least
	widerNear  = 6.0
	// homographyPairs is from how many pairs on a map is a homography.
	homographyPairs = 14
)

// pairs finds for every known point the item's most similar one, the closest pairs first.
func (l *Look) pairs(k *known) (found []pair) {
	for i := range k.points {
		best := pair{known: i, distance: pairBits + 1}
		for j := range l.codes {
			for t := range l.codes[j] {
				if d := distance(k.points[i].bits, l.codes[j][t].bits); d < best.distance {
					best = pair{known: i, item: j, turn: (4 - t) % 4, distance: d}
				}
			}
		}
		if best.distance <= pairBits {
			found = append(found, best)
		}
	}
	slices.SortStableFunc(found, func(a, b pair) int { return cmp.Compare(a.distance, b.distance) })
	return found
}

// guess is a transform that some pairs support.
type guess struct {
	transform
	turn, support int
}

// align finds the transform under which most points of the known page lie on similar ones of the item. Forms repeat
// themselves, so the best of several guesses is the one under which cells agree.
func (l *Look) align(k *known) (best transform, turn, points int) {
	found := l.pairs(k)
	most := -1.0
	for _, g := range l.guesses(k, found) {
		for _, from := range freedoms(k) {
			t, n := l.refine(k, g.transform, g.turn, found, from)
			if agree := l.sample(k, &t); agree > most {
				best, turn, points, most = t, g.turn, n, agree
			}
		}
	}
	return best, turn, points
}

// freedoms are from how many pairs on a map may be affine, and from how many a homography: the few points of a page with
// little on it lie in one part of it, and what is fitted to them too freely lays the rest anywhere. There the simpler maps are
// tried, too, and cells tell.
func freedoms(k *known) [][2]int {
	if len(k.points) >= knownPoints || k.photo && len(k.points) >= finePoints {
		return [][2]int{{leastPairs, homographyPairs}}
	}
	const never = knownPoints + 1
	return [][2]int{{leastPairs, homographyPairs}, {leastPairs, never}, {never, never}}
}

// guesses lays any two of the closest pairs on each other, and keeps the best supported maps that differ.
func (l *Look) guesses(k *known, found []pair) (best []guess) {
	seeds := found[:min(len(found), seedPairs)]
	for i, a := range seeds {
		for _, b := range seeds[i+1:] {
			t, ok := l.similarity(k, a, b)
			if !ok {
				continue
			}
			g := guess{t, a.turn, l.supporters(k, found, &t, a.turn, nil)}
			if g.support >= leastPairs {
				best = keepGuess(best, g, float64(k.w)/2, float64(k.h)/2)
			}
		}
	}
	for len(best) > 0 && best[len(best)-1].support < best[0].support/guessShare {
		best = best[:len(best)-1]
	}
	return best
}

// keepGuess adds a guess in its order, unless a better supported one lays the page's middle at the same place.
func keepGuess(best []guess, g guess, x, y float64) []guess {
	gx, gy := g.apply(x, y)
	at := len(best)
	for i := range best {
		bx, by := best[i].apply(x, y)
		near := best[i].turn == g.turn && abs(gx-bx) < guessApart && abs(gy-by) < guessApart
		if best[i].support >= g.support {
			if near {
				return best
			}
			continue
		}
		at = min(at, i)
		if near {
			best = slices.Delete(best, i, i+1)
			break
		}
	}
	best = slices.Insert(best, at, g)
	return best[:min(len(best), guessMost)]
}

// sample is the mean agreement of some cells spread over the known page, under a transform.
func (l *Look) sample(k *known, t *transform) float64 {
	const most = 160
	var patch [window * window]float32
	var out [mostBits]float32
	over := plane{w: window, h: window, p: patch[:]}
	step := max(1, len(k.cells.places)/most)
	sum, seen := 0.0, 0
	for i := 0; i < len(k.cells.places); i += step {
		x, y := corner(k.cells.places[i], k.cells.across)
		for j := range window {
			x0, y0 := t.apply(float64(x), float64(y+j))
			x1, y1 := t.apply(float64(x+window), float64(y+j))
			l.sheet.line(patch[j*window:(j+1)*window], float32(x0), float32(y0), float32((x1-x0)/window), float32((y1-y0)/window), l.cut)
		}
		if outside(over, 0, 0) {
			continue
		}
		n := min(shiftBits, k.cells.each)
		project(over, 0, 0, l.by[:n], &out)
		sum, seen = sum+float64(agreement(k.cells.signs[i], out[:n])), seen+1
	}
	return sum / float64(max(seen, sameCells/step))
}

// similarity is the shift, turn and scale that lays two pairs on each other, if their turns and scales agree to it.
func (l *Look) similarity(k *known, a, b pair) (t transform, ok bool) {
	if a.turn != b.turn {
		return t, false
	}
	ka, kb, ia, ib := &k.points[a.known], &k.points[b.known], &l.points[a.item], &l.points[b.item]
	kx, ky := kb.x-ka.x, kb.y-ka.y
	ix, iy := float64(ib.x-ia.x), float64(ib.y-ia.y)
	apart := kx*kx + ky*ky
	if apart < seedApart*seedApart*k.unit()*k.unit() {
		return t, false
	}
	c, s := (kx*ix+ky*iy)/apart, (kx*iy-ky*ix)/apart
	scale := math.Hypot(c, s)
	if scale < 0.05 || abs(math.Log2(scale*ka.sigma/float64(ia.sigma))) > scaleSlack || abs(math.Log2(scale*kb.sigma/float64(ib.sigma))) > scaleSlack {
		return t, false
	}
	angle := math.Atan2(s, c)*180/math.Pi - (l.skew - k.skew) - float64(a.turn)*90
	if abs(math.Remainder(angle, 360)) > turnSlack {
		return t, false
	}
	return transform{c, -s, float64(ia.x) - c*ka.x + s*ka.y, s, c, float64(ia.y) - s*ka.x - c*ka.y, 0, 0, 1}, true
}

// supporters counts the pairs that a transform lays on each other, and adds them to those given.
func (l *Look) supporters(k *known, found []pair, t *transform, turn int, keep *[]pair) (n int) {
	for _, p := range found {
		if p.turn != turn {
			continue
		}
		x, y := t.apply(k.points[p.known].x, k.points[p.known].y)
		x, y = x-float64(l.points[p.item].x), y-float64(l.points[p.item].y)
		if x*x+y*y < nearPixels*nearPixels {
			n++
			if keep != nil {
				*keep = append(*keep, p)
			}
		}
	}
	return n
}

// refine fits an affine map to the supporters, then looks for more pairs near where it lays each point, and fits a
// homography where there are enough; from says how many each takes.
func (l *Look) refine(k *known, t transform, turn int, found []pair, from [2]int) (transform, int) {
	var support []pair
	n := l.supporters(k, found, &t, turn, &support)
	near := widerNear
	for range 3 {
		if len(support) < from[0] {
			break
		}
		fitted, ok := l.fit(k, support, len(support) >= from[1])
		if !ok {
			break
		}
		t, n = fitted, len(support)
		support = l.near(k, &t, turn, near)
		near *= 0.7
	}
	return t, n
}

// near pairs every known point with the most similar of the item's points around where it should lie.
func (l *Look) near(k *known, t *transform, turn int, within float64) (found []pair) {
	across := 1 + int(float64(l.ink.w)/within)
	buckets := map[int][]int{}
	for j := range l.points {
		b := int(float64(l.points[j].y)/within)*across + int(float64(l.points[j].x)/within)
		buckets[b] = append(buckets[b], j)
	}
	back := (4 - turn) % 4
	for i := range k.points {
		x, y := t.apply(k.points[i].x, k.points[i].y)
		if x < 0 || y < 0 || x > float64(l.ink.w) || y > float64(l.ink.h) {
			continue
		}
		best := pair{known: i, turn: turn, distance: widerBits + 1}
		at := int(y/within)*across + int(x/within)
		for _, b := range [9]int{at - across - 1, at - across, at - across + 1, at - 1, at, at + 1, at + across - 1, at + across, at + across + 1} {
			for _, j := range buckets[b] {
				dx, dy := float64(l.points[j].x)-x, float64(l.points[j].y)-y
				if d := distance(k.points[i].bits, l.codes[j][back].bits); d < best.distance && dx*dx+dy*dy < within*within {
					best.item, best.distance = j, d
				}
			}
		}
		if best.distance <= widerBits {
			found = append(found, best)
		}
	}
	return found
}

func (l *Look) fit(k *known, support []pair, perspective bool) (transform, bool) {
	at := make([]correspondence, len(support))
	for i, p := range support {
		at[i] = correspondence{k.points[p.known].x, k.points[p.known].y, float64(l.points[p.item].x), float64(l.points[p.item].y), 1}
	}
	return fitIn(k.unit(), at, perspective)
}
