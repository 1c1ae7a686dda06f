package page

import "math"

// correspondence is a place on a known page and the place on the item where it was seen, with a weight.
type correspondence struct{ kx, ky, ix, iy, weight float64 }

// fitUnit brings places on the plane of work to about 1, so that sums stay well conditioned.
const fitUnit = workSide / 2

// perspectiveDoubt weighs a page's having no perspective against a place's lying where it was seen: the first is so to a
// twentieth, the second to a pixel or two.
const perspectiveDoubt = 0.02

// fit is the least-squares affine map or homography of correspondences (linear equations of a homography whose last element
// is 1; Hartley and Zisserman, Multiple View Geometry, 4.1).
func fit(all []correspondence, perspective bool) (t transform, ok bool) {
	return fitIn(fitUnit, all, perspective)
}

// fitIn is fit on a plane of which that is half the longest side, in pixels.
func fitIn(unit float64, all []correspondence, perspective bool) (t transform, ok bool) {
	unknowns := 6
	if perspective {
		unknowns = 8
	}
	var m [8][9]float64
	add := func(row [8]float64, right, weight float64) {
		for i := range unknowns {
			for j := range unknowns {
				m[i][j] += weight * row[i] * row[j]
			}
			m[i][8] += weight * row[i] * right
		}
	}
	for _, c := range all {
		x, y, u, v := c.kx/unit-1, c.ky/unit-1, c.ix/unit-1, c.iy/unit-1
		add([8]float64{x, y, 1, 0, 0, 0, -u * x, -u * y}, u, c.weight)
		add([8]float64{0, 0, 0, x, y, 1, -v * x, -v * y}, v, c.weight)
	}
	// Few places, or places in one part of a page, say little of its perspective.
	m[6][6] += perspectiveDoubt
	m[7][7] += perspectiveDoubt
	if !solve(&m, unknowns) {
		return t, false
	}
	var h transform
	for i := range unknowns {
		h[i] = m[i][8]
	}
	h[8] = 1
	return h.scaled(unit), h.sane()
}

// sane tells whether a map keeps sides and neither mirrors nor squeezes the page beyond what a photo does.
func (t *transform) sane() bool {
	det := t[0]*t[4] - t[1]*t[3]
	if det < 0.01 || det > 100 || abs(t[6]) > 0.4 || abs(t[7]) > 0.4 {
		return false
	}
	a, b := math.Hypot(t[0], t[3]), math.Hypot(t[1], t[4])
	return a < 1.8*b && b < 1.8*a && abs(t[0]*t[1]+t[3]*t[4]) < 0.35*a*b
}

// scaled turns a map between places brought to about 1 into one between pixels.
func (t transform) scaled(unit float64) transform {
	// N^-1 H N with N: x -> x/unit - 1.
	var left transform
	for i := range 3 {
		left[i] = unit * (t[i] + t[6+i])
		left[3+i] = unit * (t[3+i] + t[6+i])
		left[6+i] = t[6+i]
	}
	for i := 0; i < 9; i += 3 {
		left[i+2] -= left[i] + left[i+1]
		left[i], left[i+1] = left[i]/unit, left[i+1]/unit
	}
	last := left[8]
	if abs(last) < 1e-12 {
		last = 1e-12
	}
	for i := range left {
		left[i] /= last
	}
	return left
}

// solve is Gaussian elimination with pivots; the solution is left in the last column.
func solve(m *[8][9]float64, n int) bool {
	for c := range n {
		p := c
		for r := c + 1; r < n; r++ {
			if abs(m[r][c]) > abs(m[p][c]) {
				p = r
			}
		}
		if abs(m[p][c]) < 1e-9 {
			return false
		}
		m[c], m[p] = m[p], m[c]
		for r := range n {
			if r == c {
				continue
			}
			f := m[r][c] / m[c][c]
			for k := c; k < 9; k++ {
				m[r][k] -= f * m[c][k]
			}
		}
	}
	for c := range n {
		m[c][8] /= m[c][c]
	}
	return true
}
