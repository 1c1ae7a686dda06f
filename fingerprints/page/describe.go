package page

import (
	"math"
	"math/bits"
)

// A keypoint's surroundings are described by histograms of gradients (Lowe, IJCV 2004), four by four of eight directions, in
// the frame of the page's lines. They never leave this package: what is kept is the signs of secret projections.
const (
	side       = 4
	directions = 8
	dims       = side * side * directions
	samples    = 16  // a side
	reach      = 5.0 // sigmas a histogram's side
)

type descriptor [dims]float32

// describe takes the histograms around a keypoint, turned by the page's skew.
func describe(o *octave, k *keypoint, sin, cos float32) (d descriptor) {
	gx, gy := o.gx[k.level], o.gy[k.level]
	step := k.sigma / o.scale * reach * side / samples
	cx, cy := k.x/o.scale, k.y/o.scale
	for j := range samples {
		v := float32(j) - (samples-1)/2.0
		for i := range samples {
			u := float32(i) - (samples-1)/2.0
			x, y := cx+float32((float32(u*cos)-float32(v*sin))*step), cy+float32((float32(u*sin)+float32(v*cos))*step)
			if x < 0 || y < 0 || x >= float32(gx.w-1) || y >= float32(gx.h-1) {
				continue
			}
			a, b := both(gx, gy, x, y)
			away := (float32(u*u) + float32(v*v)) / (samples * samples / 2.0)
			d.add(float32(i), float32(j), float32(a*cos)+float32(b*sin), float32(b*cos)-float32(a*sin), 1/(1+2*away))
		}
	}
	d.even()
	return d
}

// compass is the directions, clockwise from the right.
var compass = [directions][2]float32{
	{1, 0}, {math.Sqrt2 / 2, math.Sqrt2 / 2}, {0, 1}, {-math.Sqrt2 / 2, math.Sqrt2 / 2},
	{-1, 0}, {-math.Sqrt2 / 2, -math.Sqrt2 / 2}, {0, -1}, {math.Sqrt2 / 2, -math.Sqrt2 / 2},
}

// add shares a gradient out among the four histograms around it and the directions near its own.
func (d *descriptor) add(i, j, a, b, weight float32) {
	length := float32(math.Sqrt(float64(float32(a*a) + float32(b*b))))
	if length == 0 {
		return
	}
	var near [directions]int
	var by [directions]float32
	n := 0
	for k, c := range compass {
		if v := float32(a*c[0]) + float32(b*c[1]) - 0.6*length; v > 0 {
			near[n], by[n] = k, float32(v*weight)
			n++
		}
	}
	hx, hy := (i+0.5)*side/samples-0.5, (j+0.5)*side/samples-0.5
	x0, y0 := int(hx+1)-1, int(hy+1)-1
	fx, fy := hx-float32(x0), hy-float32(y0)
	for _, to := range [4]struct {
		x, y int
		w    float32
	}{{x0, y0, (1 - fx) * (1 - fy)}, {x0 + 1, y0, fx * (1 - fy)}, {x0, y0 + 1, (1 - fx) * fy}, {x0 + 1, y0 + 1, fx * fy}} {
		if to.x < 0 || to.y < 0 || to.x >= side || to.y >= side {
			continue
		}
		h := (*[directions]float32)(d[(to.y*side+to.x)*directions:])
		for m := range n {
			h[near[m]] += float32(by[m] * to.w)
		}
	}
}

// both interpolates in two planes of one size, at a place inside of them.
func both(p, q plane, x, y float32) (a, b float32) {
	i, j := int(x), int(y)
	fx, fy := x-float32(i), y-float32(j)
	at := j*p.w + i
	w00, w10, w01, w11 := (1-fx)*(1-fy), fx*(1-fy), (1-fx)*fy, fx*fy
	p0, p1 := p.p[at:at+2:at+2], p.p[at+p.w:at+p.w+2:at+p.w+2]
	q0, q1 := q.p[at:at+2:at+2], q.p[at+p.w:at+p.w+2:at+p.w+2]
	a = (float32(p0[0]*w00) + float32(p0[1]*w10)) + (float32(p1[0]*w01) + float32(p1[1]*w11))
	b = (float32(q0[0]*w00) + float32(q0[1]*w10)) + (float32(q1[0]*w01) + float32(q1[1]*w11))
	return a, b
}

// even brings all to one length, compresses, and takes away what every place has: each direction's mean.
func (d *descriptor) even() {
	sum := float32(0)
	for _, v := range d {
		sum += v
	}
	if sum == 0 {
		return
	}
	for i, v := range d {
		d[i] = float32(math.Sqrt(float64(v / sum)))
	}
	for k := range directions {
		mean := float32(0)
		for c := range side * side {
			mean += d[c*directions+k]
		}
		mean /= side * side
		for c := range side * side {
			d[c*directions+k] -= mean
		}
	}
}

// turned is what would be described if the page lay a quarter turn further, clockwise.
func (d *descriptor) turned() (t descriptor) {
	for y := range side {
		for x := range side {
			from, to := (y*side+x)*directions, (x*side+side-1-y)*directions
			for k := range directions {
				t[to+(k+directions/4)%directions] = d[from+k]
			}
		}
	}
	return t
}

// code is the signs of 64 secret projections, and how sure each is.
type code struct {
	bits uint64
	sure [64]float32
}

func (p *Printer) code(d *descriptor) (c code) {
	v := *d
	for _, signs := range p.signs {
		for i := range v {
			if signs[i>>6]>>(i&63)&1 == 1 {
				v[i] = -v[i]
			}
		}
		hadamard(&v)
	}
	for i := range c.sure {
		c.sure[i] = abs(v[i])
		if v[i] > 0 {
			c.bits |= 1 << i
		}
	}
	return c
}

// hadamard is the fast Walsh-Hadamard transform.
func hadamard(v *descriptor) {
	for half := 1; half < dims; half *= 2 {
		for i := 0; i < dims; i += 2 * half {
			a, b := v[i:i+half], v[i+half:i+2*half]
			for k, x := range a {
				a[k], b[k] = x+b[k], x-b[k]
			}
		}
	}
}

func distance(a, b uint64) int { return bits.OnesCount64(a ^ b) }
