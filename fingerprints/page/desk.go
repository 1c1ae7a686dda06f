package page

import "math"

// A page that was photographed lies slanted on a darker ground. Its four edges tell how: it is laid flat before it is looked
// at, since a slant moves what is at its far end by more than a letter, and the ground has points of its own.
const (
	deskSide = 160 // pixels of the longest side of the plane on which edges are looked for
	deskStep = 5   // grey values by which paper is brighter than the ground, at least
	// An edge is no deeper than this part of the page and slants by no more than this; so much of it is seen.
	deskDeep  = 0.3
	deskSlant = 0.2
	deskSeen  = 0.55
	deskNear  = 0.8 // pixels from an edge
	deskTries = 3   // places of a line at which an edge may be
	deskStray = 4   // every so many lines may begin an edge
	deskLeast = 0.4 // of the picture that is the page
	deskMost  = 0.985
	flatSide  = 1260 // pixels of the longest side of what was laid flat
)

// edge is a side of a page: how deep it lies at a line, from that side of the picture, in pixels, and how much deeper at the
// next one.
type edge struct{ deep, slant float64 }

// onDesk is a raster's page laid flat, if four edges of paper on a darker ground are seen, and which part of the raster it is.
func onDesk(r Raster) (Raster, part, bool) {
	step := (max(r.W, r.H) + deskSide - 1) / deskSide
	p := blockMeans(r, step)
	if min(p.w, p.h) < deskSide/4 {
		return r, part{}, false
	}
	var edges [4]edge
	for side := range edges {
		e, ok := p.paperEdge(side)
		if !ok {
			return r, part{}, false
		}
		edges[side] = e
	}
	corners, ok := cornersOf(edges, float64(p.w), float64(p.h))
	if !ok {
		return r, part{}, false
	}
	for i := range corners {
		for j := range 2 {
			corners[i][j] = (corners[i][j] + 0.5) * float64(step)
		}
	}
	flat := r.flattened(corners)
	for i := range corners {
		corners[i] = [2]float64{corners[i][0] / float64(r.W), corners[i][1] / float64(r.H)}
	}
	return flat, part(squareTo(corners)), true
}

// blockMeans is a raster in blocks of so many pixels a side.
func blockMeans(r Raster, step int) plane {
	p := newPlane(r.W/step, r.H/step)
	sums := make([]int, p.w)
	for y := range p.h {
		clear(sums)
		for v := y * step; v < (y+1)*step; v++ {
			row := r.Pix[v*r.W:]
			for x := range sums {
				for _, g := range row[x*step : (x+1)*step] {
					sums[x] += int(g)
				}
			}
		}
		for x, sum := range sums {
			p.p[y*p.w+x] = float32(sum) / float32(step*step)
		}
	}
	return p
}

// lines are those of a plane that run inwards from a side: how many, and how long.
func (p plane) lines(side int) (n, long int) {
	if side%2 == 0 {
		return p.h, p.w
	}
	return p.w, p.h
}

// inward is a line from a side inwards.
func (p plane) inward(side, i int, to []float32) {
	at, step := i*p.w, 1
	switch side {
	case 1:
		at, step = i, p.w
	case 2:
		at, step = i*p.w+p.w-1, -1
	case 3:
		at, step = (p.h-1)*p.w+i, -p.w
	}
	for d := range to {
		to[d] = p.p[at]
		at += step
	}
}

// paperEdge finds the edge on which most lines from a side step from ground to paper.
func (p plane) paperEdge(side int) (best edge, ok bool) {
	n, long := p.lines(side)
	far := int(deskDeep * float64(long))
	line := make([]float32, far+4)
	steps := make([][]float64, n)
	for i := range steps {
		p.inward(side, i, line)
		steps[i] = paperSteps(line)
	}
	most := 0
	for i := 0; i < n/2; i += deskStray {
		for j := n / 2; j < n; j += deskStray {
			for _, a := range steps[i] {
				for _, b := range steps[j] {
					e := edge{slant: (b - a) / float64(j-i)}
					e.deep = a - e.slant*float64(i)
					if math.Abs(e.slant) > deskSlant {
						continue
					}
					if seen, _ := e.on(steps); seen > most {
						most, best = seen, e
					}
				}
			}
		}
	}
	if float64(most) < deskSeen*float64(n) {
		return best, false
	}
	for range 2 {
		_, best = best.on(steps)
	}
	return best, true
}

// paperSteps are the first places of a line at which what follows is brighter than what comes before, to parts of a pixel.
func paperSteps(line []float32) (at []float64) {
	step := func(d int) float32 {
		before, n := float32(0), float32(0)
		for i := max(d-3, 0); i < d; i++ {
			before, n = before+line[i], n+1
		}
		return (line[d+1]+line[d+2])/2 - before/n
	}
	rise := func(d int) float64 { return max(float64(line[d]-line[d-1]), 0) }
	last, brightest := float32(0), line[0]
	for d := 1; d+3 < len(line) && len(at) < deskTries; d++ {
		here := step(d)
		brightest = max(brightest, line[max(d-2, 0)])
		// Nothing of the ground is as bright as the paper: a table's rule is darker, but lies on it.
		if here >= deskStep && here > last && here >= step(d+1) && (line[d+1]+line[d+2])/2-brightest >= deskStep {
			// The step is between d-1 and d+1: its middle by the two rises.
			a, b := rise(d), rise(d+1)
			at = append(at, float64(d)-0.5+b/max(a+b, 1e-6))
		}
		last = here
	}
	return at
}

// on counts the lines with a step on the edge, and fits the edge to them.
func (e edge) on(steps [][]float64) (seen int, fitted edge) {
	var n, si, sii, sd, sid float64
	for i, all := range steps {
		for _, d := range all {
			if math.Abs(d-e.deep-e.slant*float64(i)) < deskNear {
				seen++
				x := float64(i)
				n, si, sii, sd, sid = n+1, si+x, sii+x*x, sd+d, sid+x*d
				break
			}
		}
	}
	if det := n*sii - si*si; det > 1e-6 {
		fitted.slant = (n*sid - si*sd) / det
		fitted.deep = (sd - fitted.slant*si) / n
		return seen, fitted
	}
	return seen, e
}

// cornersOf are the corners of a page with these edges, clockwise from the upper left; false where it is too small, or all of
// the picture.
func cornersOf(e [4]edge, w, h float64) (c [4][2]float64, ok bool) {
	// x = across[0] + across[1] y of the left and right edge, y likewise of the upper and lower.
	left, upper := [2]float64{e[0].deep, e[0].slant}, [2]float64{e[1].deep, e[1].slant}
	right, lower := [2]float64{w - 1 - e[2].deep, -e[2].slant}, [2]float64{h - 1 - e[3].deep, -e[3].slant}
	for i, at := range [4][2][2]float64{{left, upper}, {right, upper}, {right, lower}, {left, lower}} {
		x := (at[0][0] + at[0][1]*at[1][0]) / (1 - at[0][1]*at[1][1])
		c[i] = [2]float64{x, at[1][0] + at[1][1]*x}
	}
	area := 0.0
	for i := range c {
		j := (i + 1) % 4
		area += (c[i][0]*c[j][1] - c[j][0]*c[i][1]) / 2
	}
	return c, area >= deskLeast*w*h && area <= deskMost*w*h
}

// squareTo maps the square from 0 to 1 to a quadrangle (Heckbert, Fundamentals of Texture Mapping, 1989).
func squareTo(c [4][2]float64) transform {
	x1, y1, x2, y2 := c[1][0]-c[2][0], c[1][1]-c[2][1], c[3][0]-c[2][0], c[3][1]-c[2][1]
	sx, sy := c[0][0]-c[1][0]+c[2][0]-c[3][0], c[0][1]-c[1][1]+c[2][1]-c[3][1]
	det := x1*y2 - x2*y1
	g, h := (sx*y2-x2*sy)/det, (x1*sy-sx*y1)/det
	return transform{
		c[1][0] - c[0][0] + g*c[1][0], c[3][0] - c[0][0] + h*c[3][0], c[0][0],
		c[1][1] - c[0][1] + g*c[1][1], c[3][1] - c[0][1] + h*c[3][1], c[0][1],
		g, h, 1,
	}
}

// flattened is a quadrangle of a raster as a rectangle with sides as long as its are on the mean.
func (r Raster) flattened(c [4][2]float64) Raster {
	length := func(i, j int) float64 { return math.Hypot(c[i][0]-c[j][0], c[i][1]-c[j][1]) }
	w, h := (length(0, 1)+length(3, 2))/2, (length(0, 3)+length(1, 2))/2
	if k := flatSide / max(w, h); k < 1 {
		w, h = k*w, k*h
	}
	out := Raster{W: int(w), H: int(h)}
	out.Pix = make([]byte, out.W*out.H)
	t := squareTo(c)
	for y := range out.H {
		v := (float64(y) + 0.5) / h
		row := out.Pix[y*out.W : (y+1)*out.W]
		x0, y0 := t.apply(0.5/w, v)
		for x := 0; x < len(row); x += warpStep {
			x1, y1 := t.apply((float64(x+warpStep)+0.5)/w, v)
			r.read(row[x:min(x+warpStep, len(row))], x0-0.5, y0-0.5, (x1-x0)/warpStep, (y1-y0)/warpStep)
			x0, y0 = x1, y1
		}
	}
	return out
}

// read reads pixels along a straight line; outside it holds the edge.
func (r Raster) read(to []byte, x, y, dx, dy float64) {
	const one = 1 << 16
	u, v, du, dv := int(x*one), int(y*one), int(dx*one), int(dy*one)
	right, bottom := (r.W-1)*one-1, (r.H-1)*one-1
	for i := range to {
		a, b := min(max(u, 0), right), min(max(v, 0), bottom)
		fx, fy := a&(one-1)>>8, b&(one-1)>>8
		at := b>>16*r.W + a>>16
		p, q := r.Pix[at:at+2:at+2], r.Pix[at+r.W:at+r.W+2:at+r.W+2]
		top, low := int(p[0])<<8+fx*(int(p[1])-int(p[0])), int(q[0])<<8+fx*(int(q[1])-int(q[0]))
		to[i] = byte((top<<8 + fy*(low-top)) >> 16)
		u, v = u+du, v+dv
	}
}

// alone is the page on a raster without what is around it, and which part of the raster it is.
func alone(r Raster) (Raster, part) {
	if flat, p, ok := onDesk(r); ok {
		return flat, p
	}
	return unframed(r)
}
