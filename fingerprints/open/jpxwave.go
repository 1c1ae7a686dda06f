package open

// The lifting steps of both wavelets (annex F). That of whole numbers is taken without rounding: a page does not show it.
var (
	jpxWhole = []float32{-0.25, 0.5}
	jpxReal  = []float32{-0.443506852043971, -0.882911075530934, 0.052980118572961, 1.586134342059924}
)

const jpxScale = 1.230174104914001

// jpxJoin puts a resolution together from the one below it and three bands.
func jpxJoin(res, lower *jpxResolution, low []float32, bands [][]float32, reversible bool) []float32 {
	w, h := res.w(), res.h()
	if res.empty() {
		return nil
	}
	steps, scale := jpxReal, float32(jpxScale)
	if reversible {
		steps, scale = jpxWhole, 1
	}
	to := make([]float32, w*h)
	// Rows and columns of an even number on the grid are those of the lower resolution.
	ox, oy := res.x0&1, res.y0&1
	put := func(from []float32, x, y int, r jpxRect) {
		for j := range r.h() {
			row := to[(2*j+y)*w:][:w]
			for i, v := range from[j*r.w() : (j+1)*r.w()] {
				row[2*i+x] = v
			}
		}
	}
	put(low, ox, oy, lower.jpxRect)
	for i, at := range [][2]int{{1 - ox, oy}, {ox, 1 - oy}, {1 - ox, 1 - oy}} {
		put(bands[i], at[0], at[1], res.bands[i].jpxRect)
	}
	for y := range h {
		jpxAcross(to[y*w:(y+1)*w], ox, steps, scale)
	}
	jpxDown(to, w, h, oy, steps, scale)
	return to
}

// mirror reflects an index at both ends.
func mirror(i, n int) int {
	if i < 0 {
		i = -i
	}
	if i >= n {
		i = 2*(n-1) - i
	}
	return max(i, 0)
}

// jpxAcross undoes the wavelet in a row whose first value is of an odd number, or not.
func jpxAcross(row []float32, odd int, steps []float32, scale float32) {
	n := len(row)
	if n == 1 {
		if odd == 1 {
			row[0] /= 2
		}
		return
	}
	if scale != 1 {
		for i := odd; i < n; i += 2 {
			row[i] *= scale
		}
		for i := 1 - odd; i < n; i += 2 {
			row[i] /= scale
		}
	}
	first := odd
	for _, c := range steps {
		i := first
		if i == 0 {
			row[0] += 2 * c * row[1]
			i = 2
		}
		for ; i < n-1; i += 2 {
			row[i] += c * (row[i-1] + row[i+1])
		}
		if i == n-1 {
			row[i] += 2 * c * row[i-1]
		}
		first = 1 - first
	}
}

// jpxDown does so in all columns at once.
func jpxDown(v []float32, w, h, odd int, steps []float32, scale float32) {
	row := func(y int) []float32 { return v[y*w : (y+1)*w] }
	if h == 1 {
		if odd == 1 {
			for i := range v {
				v[i] /= 2
			}
		}
		return
	}
	if scale != 1 {
		for y := range h {
			f := scale
			if y&1 != odd {
				f = 1 / scale
			}
			to := row(y)
			for i := range to {
				to[i] *= f
			}
		}
	}
	first := odd
	for _, c := range steps {
		for y := first; y < h; y += 2 {
			to, a, b := row(y), row(mirror(y-1, h)), row(mirror(y+1, h))
			for i := range to {
				to[i] += c * (a[i] + b[i])
			}
		}
		first = 1 - first
	}
}
