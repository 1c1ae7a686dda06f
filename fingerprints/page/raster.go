package page

// Raster is a page or photo as it was opened: 8-bit grey, row by row from the top, 0 black. The longest side is at most
// 1,800 pixels; the opener reduces what is larger.
type Raster struct {
	W, H int
	Pix  []byte
}

// valid tells whether the raster's sides fit its pixels.
func (r Raster) valid() bool {
	return r.W > 0 && r.H > 0 && r.W <= maxSide && r.H <= maxSide && len(r.Pix) == r.W*r.H
}

const (
	// maxSide bounds the sides of a raster, in pixels.
	maxSide = 1 << 14
	// workSide is the longest side of the plane on which all work is done, in pixels: a page of 1,000 x 1,414 that comes back
	// at a quarter of its size has 353, so nothing finer than this could be compared anyway.
	workSide = 420
)

// plane is a picture in work.
type plane struct {
	w, h int
	p    []float32
}

func newPlane(w, h int) plane { return plane{w: w, h: h, p: make([]float32, w*h)} }

// at interpolates between pixels; outside it holds the edge.
func (p plane) at(x, y float32) float32 {
	x, y = min(max(x, 0), float32(p.w-1)), min(max(y, 0), float32(p.h-1))
	i, j := min(int(x), p.w-2), min(int(y), p.h-2)
	if i < 0 || j < 0 {
		return p.p[max(j, 0)*p.w+max(i, 0)]
	}
	fx, fy := x-float32(i), y-float32(j)
	a := p.p[j*p.w+i : j*p.w+i+2]
	b := p.p[(j+1)*p.w+i : (j+1)*p.w+i+2]
	top, bottom := a[0]+float32(fx*(a[1]-a[0])), b[0]+float32(fx*(b[1]-b[0]))
	return top + float32(fy*(bottom-top))
}

// taps are the source pixels of one pixel of the target and their weights.
type taps struct {
	from    int
	weights []float32
}

// triangle makes the taps of a triangle filter that is as wide as a pixel of the target, or of the source where that is the
// larger.
func triangle(source, target int) []taps {
	step := float64(source) / float64(target)
	radius := max(step, 1)
	all := make([]taps, target)
	for i := range all {
		centre := (float64(i)+0.5)*step - 0.5
		from := max(int(centre-radius+1), 0)
		to := min(int(centre+radius), source-1)
		from = min(from, to)
		weights, sum := make([]float32, 0, to-from+1), 0.0
		for j := from; j <= to; j++ {
			w := 1 - abs(float64(j)-centre)/radius
			w = max(w, 1e-6)
			weights, sum = append(weights, float32(w)), sum+w
		}
		for k := range weights {
			weights[k] = float32(float64(weights[k]) / sum)
		}
		all[i] = taps{from: from, weights: weights}
	}
	return all
}

func abs[T float32 | float64 | int](v T) T { return max(v, -v) }

// work brings a raster to the size of work, in grey values of 0 to 255.
func work(r Raster) plane {
	w, h := workSize(r.W, r.H)
	wide := newPlane(w, r.H)
	columns := triangle(r.W, w)
	for y := range r.H {
		row, out := r.Pix[y*r.W:(y+1)*r.W], wide.p[y*w:(y+1)*w]
		for x := range out {
			t := &columns[x]
			sum := float32(0)
			for k, v := range row[t.from : t.from+len(t.weights)] {
				sum += float32(float32(v) * t.weights[k])
			}
			out[x] = sum
		}
	}
	done := newPlane(w, h)
	for y, t := range triangle(r.H, h) {
		out := done.p[y*w : (y+1)*w]
		for k, weight := range t.weights {
			row := wide.p[(t.from+k)*w : (t.from+k+1)*w]
			for x, v := range row {
				out[x] += float32(v * weight)
			}
		}
	}
	return done
}

func workSize(w, h int) (int, int) {
	long := max(w, h)
	return max((w*workSide+long/2)/long, 2), max((h*workSide+long/2)/long, 2)
}
