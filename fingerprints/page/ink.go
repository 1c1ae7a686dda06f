package page

// The paper's brightness is the brightest of each block of pixels, over windows that reach across a line of text to the paper
// between lines: tint, shade, a fold's shadow and the body of a large light watermark are paper then, and vanish.
const (
	inkBlock = 3  // pixels of work
	inkFloor = 24 // grey values: what is nearly black all over is not made to look like ink
)

// ink turns grey values into how much darker than the paper around it a pixel is: 0 paper, towards 1 black.
func ink(grey plane) plane {
	bw, bh := (grey.w+inkBlock-1)/inkBlock, (grey.h+inkBlock-1)/inkBlock
	paper := newPlane(bw, bh)
	for y := range grey.h {
		row, out := grey.p[y*grey.w:(y+1)*grey.w], paper.p[y/inkBlock*bw:]
		for x, v := range row {
			if b := &out[x/inkBlock]; v > *b {
				*b = v
			}
		}
	}
	bright := func(a, b float32) float32 { return max(a, b) }
	dark := func(a, b float32) float32 { return min(a, b) }
	paper = around(around(paper, bright), dark)
	paper = smooth(smooth(paper))
	out := newPlane(grey.w, grey.h)
	for y := range out.h {
		v := (float32(y)+0.5)/inkBlock - 0.5
		for x := range out.w {
			bg := paper.at((float32(x)+0.5)/inkBlock-0.5, v)
			i := y*out.w + x
			out.p[i] = max(0, (bg-grey.p[i])/(bg+inkFloor))
		}
	}
	return out
}

// around takes the brightest or darkest of three by three.
func around(p plane, take func(a, b float32) float32) plane {
	wide, out := newPlane(p.w, p.h), newPlane(p.w, p.h)
	for y := range p.h {
		row, to := p.p[y*p.w:(y+1)*p.w], wide.p[y*p.w:(y+1)*p.w]
		for x := range row {
			to[x] = take(row[x], take(row[max(x-1, 0)], row[min(x+1, p.w-1)]))
		}
	}
	for y := range p.h {
		above, row, below := wide.p[max(y-1, 0)*p.w:], wide.p[y*p.w:], wide.p[min(y+1, p.h-1)*p.w:]
		for x := range p.w {
			out.p[y*p.w+x] = take(row[x], take(above[x], below[x]))
		}
	}
	return out
}

// smooth is a binomial filter of three by three.
func smooth(p plane) plane {
	return convolve(p, []float32{0.5, 0.25})
}

// convolve filters rows and columns with a symmetric kernel, given from its middle outwards. Outside is the edge.
func convolve(p plane, kernel []float32) plane {
	wide, out := newPlane(p.w, p.h), newPlane(p.w, p.h)
	radius := len(kernel) - 1
	padded := make([]float32, p.w+2*radius)
	for y := range p.h {
		row, to := p.p[y*p.w:(y+1)*p.w], wide.p[y*p.w:(y+1)*p.w]
		copy(padded[radius:], row)
		for i := range radius {
			padded[i], padded[radius+p.w+i] = row[0], row[p.w-1]
		}
		for x := range to {
			to[x] = float32(padded[x+radius] * kernel[0])
		}
		for k, weight := range kernel[1:] {
			left, right := padded[radius-1-k:radius-1-k+p.w], padded[radius+1+k:radius+1+k+p.w]
			for x := range to {
				to[x] += float32((left[x] + right[x]) * weight)
			}
		}
	}
	for y := range p.h {
		to := out.p[y*p.w : (y+1)*p.w]
		for x, v := range wide.p[y*p.w : (y+1)*p.w] {
			to[x] = float32(v * kernel[0])
		}
		for k, weight := range kernel[1:] {
			up, down := max(y-1-k, 0), min(y+1+k, p.h-1)
			above, below := wide.p[up*p.w:(up+1)*p.w], wide.p[down*p.w:(down+1)*p.w]
			for x := range to {
				to[x] += float32((above[x] + below[x]) * weight)
			}
		}
	}
	return out
}

// halve takes every other pixel of what was smoothed before.
func halve(p plane) plane {
	out := newPlane((p.w+1)/2, (p.h+1)/2)
	for y := range out.h {
		for x := range out.w {
			out.p[y*out.w+x] = p.p[2*y*p.w+2*x]
		}
	}
	return out
}
