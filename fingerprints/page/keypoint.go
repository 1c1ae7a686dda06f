package page

import (
	"cmp"
	"math"
	"slices"
)

// Keypoints are extrema of differences of Gaussians (Lowe, IJCV 2004) at the scales of letters to words and pictures: what is
// finer does not survive a page's reduction to a quarter.
const (
	baseSigma   = 0.8   // pixels of work
	perOctave   = 2     // scales an octave
	octaves     = 3     //
	inherent    = 0.4   // the blur of the plane itself
	contrastMin = 0.004 // of a difference of Gaussians
	edgeRatio   = 12.0  // principal curvatures: what lies on a rule could lie anywhere on it
	edgeMargin  = 4     // pixels of an octave
)

// keypoint is a place that would be found again. Its units are pixels of the plane of work.
type keypoint struct {
	x, y, sigma float32
	strength    float32
	octave      int
	level       int
}

// octave is a page at one resolution: levels are more and more blurred.
type octave struct {
	scale  float32 // pixels of work a pixel
	levels []plane
	gx, gy []plane // of those levels at which keypoints are described
}

func gaussian(sigma float64) []float32 {
	radius := max(int(math.Ceil(2.8*sigma)), 1)
	kernel, sum := make([]float64, radius+1), 0.0
	for i := range kernel {
		kernel[i] = math.Exp(-float64(i*i) / (2 * sigma * sigma))
		sum += kernel[i]
		if i > 0 {
			sum += kernel[i]
		}
	}
	out := make([]float32, radius+1)
	for i, v := range kernel {
		out[i] = float32(v / sum)
	}
	return out
}

func pyramid(d plane) []octave {
	var all []octave
	scale := float32(1)
	first := convolve(d, gaussian(math.Sqrt(baseSigma*baseSigma-inherent*inherent)))
	for range octaves {
		if min(first.w, first.h) < 4*edgeMargin {
			break
		}
		o := octave{scale: scale, levels: []plane{first}}
		sigma := baseSigma
		for i := range perOctave + 2 {
			next := baseSigma * math.Exp2(float64(i+1)/perOctave)
			o.levels = append(o.levels, convolve(o.levels[i], gaussian(math.Sqrt(next*next-sigma*sigma))))
			sigma = next
		}
		o.gx, o.gy = make([]plane, perOctave+1), make([]plane, perOctave+1)
		for i := 1; i <= perOctave; i++ {
			o.gx[i], o.gy[i] = gradient(o.levels[i])
		}
		all = append(all, o)
		first, scale = halve(o.levels[perOctave]), scale*2
	}
	return all
}

func gradient(p plane) (gx, gy plane) {
	gx, gy = newPlane(p.w, p.h), newPlane(p.w, p.h)
	for y := 1; y < p.h-1; y++ {
		for x := 1; x < p.w-1; x++ {
			i := y*p.w + x
			gx.p[i], gy.p[i] = p.p[i+1]-p.p[i-1], p.p[i+p.w]-p.p[i-p.w]
		}
	}
	return gx, gy
}

// keypoints finds all keypoints of a page.
func keypoints(all []octave) (found []keypoint) {
	for n, o := range all {
		diffs := make([]plane, len(o.levels)-1)
		for i := range diffs {
			diffs[i] = newPlane(o.levels[0].w, o.levels[0].h)
			a, b := o.levels[i].p, o.levels[i+1].p
			for k := range diffs[i].p {
				diffs[i].p[k] = b[k] - a[k]
			}
		}
		for level := 1; level <= perOctave; level++ {
			found = extrema(found, diffs[level-1:level+2], n, level, o.scale)
		}
	}
	return found
}

func extrema(found []keypoint, diffs []plane, octave, level int, scale float32) []keypoint {
	d := diffs[1]
	for y := edgeMargin; y < d.h-edgeMargin; y++ {
		for x := edgeMargin; x < d.w-edgeMargin; x++ {
			i := y*d.w + x
			v := d.p[i]
			left, right := d.p[i-1], d.p[i+1]
			if abs(v) < contrastMin || (v > left) != (v > right) || !extreme(diffs, i, v) || onEdge(d, i) {
				continue
			}
			dx := parabola(float64(d.p[i-1]), float64(v), float64(d.p[i+1]))
			dy := parabola(float64(d.p[i-d.w]), float64(v), float64(d.p[i+d.w]))
			ds := parabola(float64(diffs[0].p[i]), float64(v), float64(diffs[2].p[i]))
			found = append(found, keypoint{
				x: (float32(x) + float32(dx)) * scale, y: (float32(y) + float32(dy)) * scale,
				sigma:    float32(baseSigma*math.Exp2((float64(level)+ds)/perOctave)) * scale,
				strength: abs(v), octave: octave, level: level,
			})
		}
	}
	return found
}

// extreme tells whether no neighbour in place and scale is more extreme.
func extreme(diffs []plane, i int, v float32) bool {
	w := diffs[0].w
	for _, d := range []plane{diffs[1], diffs[0], diffs[2]} {
		for _, row := range [3]int{i - w, i, i + w} {
			n := d.p[row-1 : row+2]
			if v > 0 && (n[0] > v || n[1] > v || n[2] > v) || v < 0 && (n[0] < v || n[1] < v || n[2] < v) {
				return false
			}
		}
	}
	return true
}

func onEdge(d plane, i int) bool {
	p, w := d.p, d.w
	xx, yy := p[i-1]+p[i+1]-2*p[i], p[i-w]+p[i+w]-2*p[i]
	xy := (p[i+w+1] + p[i-w-1] - p[i+w-1] - p[i-w+1]) / 4
	trace, det := xx+yy, float32(xx*yy)-float32(xy*xy)
	return det <= 0 || float32(trace*trace)*edgeRatio > det*(edgeRatio+1)*(edgeRatio+1)
}

// spread chooses n keypoints, the strongest of each part of the page in turn, so that every written region has some.
func spread(all []keypoint, w, h, n int) []keypoint {
	const across, down = 8, 8
	var buckets [across * down][]keypoint
	for _, k := range all {
		b := min(int(k.y)*down/h, down-1)*across + min(int(k.x)*across/w, across-1)
		buckets[b] = append(buckets[b], k)
	}
	for _, b := range buckets {
		slices.SortFunc(b, func(a, b keypoint) int {
			return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x))
		})
	}
	chosen := make([]keypoint, 0, n)
	for round := 0; len(chosen) < n; round++ {
		before := len(chosen)
		for _, b := range buckets {
			if round < len(b) && len(chosen) < n {
				chosen = append(chosen, b[round])
			}
		}
		if len(chosen) == before {
			break
		}
	}
	return chosen
}
