package page

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"
)

// The page is laid out in cells of about two letters. Of each cell with ink some signs of secret projections are kept. A
// projection sees neither what is the same along a row of the cell nor along a column: rules, boxes and the bands of lines
// are on everybody's form, and would drown the letters that tell people apart.
const (
	pitch     = 6 // pixels of work
	window    = 8 // pixels a side that are looked at
	waves     = 5 // frequencies of a side
	mostBits  = 20
	leastBits = 7
	// A cell is written on if the root mean square of its projections is above a share of what the page's darker cells have
	// and clearly above its blank ones, within bounds.
	inkShare   = 0.35
	inkOfBlank = 2.5
	inkLeast   = 0.004
	inkMost    = 0.012
)

// projection is the weights of one bit.
type projection [window][window]float32

// slopeWeight is the weight of what slopes along a row or column, beside that of finer waves: as shadows do, too.
const slopeWeight = 0.4

// projections makes the secret projections of waves from the least number on: sums of cosines with secret signs, evened out
// since written pages hold less of the fine ones.
func projections(random func() uint64, least int) (all [mostBits]projection) {
	var wave [waves + 1][window]float64
	for u := range wave {
		for x := range window {
			wave[u][x] = math.Cos(math.Pi * float64(u) * (float64(x) + 0.5) / window)
		}
	}
	for k := range all {
		var sum [window * window]float64
		signs, norm := random(), 0.0
		for u := least; u <= waves; u++ {
			for v := least; v <= waves; v++ {
				weight := 1 + 0.25*float64(u*u+v*v)/2
				if u+v < 2 {
					weight *= slopeWeight * float64(u+v)
				}
				if signs&1 == 1 {
					weight = -weight
				}
				signs >>= 1
				for i := range sum {
					sum[i] += weight * wave[u][i%window] * wave[v][i/window]
				}
			}
		}
		for _, v := range sum {
			norm += v * v
		}
		for i, v := range sum {
			all[k][i/window][i%window] = float32(v / math.Sqrt(norm))
		}
	}
	return all
}

// The blur of a sheet, in pixels of the known page, and what reducing an image to the plane of work has blurred already.
const (
	sheetSigma   = 0.8
	reducedSigma = 0.41
)

// sheet is a page ready for projecting: blurred as a known page is, of which a pixel is so many of this plane's.
func sheet(d plane, scale float64) plane {
	variance := scale*scale*(sheetSigma*sheetSigma+reducedSigma*reducedSigma) - reducedSigma*reducedSigma
	if variance < sheetLeast*sheetLeast {
		return d
	}
	return convolve(d, gaussian(math.Sqrt(variance)))
}

// sheetLeast is the blur, in pixels, that is not worth its time.
const sheetLeast = 0.25

// project applies projections to the window whose upper left corner is at x, y, and returns their root mean square.
func project(p plane, x, y int, by []projection, out *[mostBits]float32) (rms float32) {
	var rows [window]*[window]float32
	for j := range rows {
		rows[j] = (*[window]float32)(p.p[(y+j)*p.w+x:])
	}
	for k := range by {
		w := &by[k]
		var a, b, c, d float32
		for j := range rows {
			r, v := rows[j], &w[j]
			a += float32(r[0]*v[0]) + float32(r[4]*v[4])
			b += float32(r[1]*v[1]) + float32(r[5]*v[5])
			c += float32(r[2]*v[2]) + float32(r[6]*v[6])
			d += float32(r[3]*v[3]) + float32(r[7]*v[7])
		}
		out[k] = (a + b) + (c + d)
		rms += float32(out[k] * out[k])
	}
	return float32(math.Sqrt(float64(rms / float32(len(by)))))
}

// grid is how many cells fit a plane.
func grid(w, h int) (across, down int) { return max((w-2)/pitch, 0), max((h-2)/pitch, 0) }

// corner is the upper left corner of a cell's window.
func corner(cell, across int) (x, y int) { return cell % across * pitch, cell / across * pitch }

// cells are the written cells of a known page.
type cells struct {
	across, down int
	each         int      // bits a cell
	places       []int    // of the cells, ascending
	signs        []uint32 // of the projections
}

// takeCells finds the written cells, those whose projections are as large as a threshold that is made of those of all; there
// are as many bits for each as the budget allows, in bytes.
func takeCells(s plane, by []projection, threshold func(inks []float32) float32, budget int) *cells {
	c := &cells{}
	c.across, c.down = grid(s.w, s.h)
	all := make([][mostBits]float32, c.across*c.down)
	inks := make([]float32, len(all))
	for cell := range all {
		x, y := corner(cell, c.across)
		inks[cell] = project(s, x, y, by, &all[cell])
	}
	least := threshold(inks)
	for cell, out := range all {
		if inks[cell] < least {
			continue
		}
		signs := uint32(0)
		for k, v := range out {
			if v > 0 {
				signs |= 1 << k
			}
		}
		c.places, c.signs = append(c.places, cell), append(c.signs, signs)
	}
	if len(c.places) > 0 {
		c.each = min(max((budget-(c.across*c.down+7)/8)*8/len(c.places), leastBits), mostBits)
	}
	return c
}

// inkThreshold is from what on a cell is written on.
func inkThreshold(inks []float32) float32 {
	if len(inks) == 0 {
		return inkMost
	}
	sorted := slices.Clone(inks)
	slices.Sort(sorted)
	blank, dark := sorted[len(sorted)/20], sorted[len(sorted)*9/10]
	return min(max(inkShare*dark, inkOfBlank*blank, inkLeast), inkMost)
}

// append writes the cells: one bit for each place of the grid, then the signs, packed.
func (c *cells) append(body []byte) []byte {
	body = append(body, byte(c.each))
	marks := make([]byte, (c.across*c.down+7)/8)
	for _, at := range c.places {
		marks[at/8] |= 1 << (at % 8)
	}
	body = append(body, marks...)
	held, n := uint64(0), 0
	for _, s := range c.signs {
		held |= uint64(s&(1<<c.each-1)) << n
		for n += c.each; n >= 8; n -= 8 {
			body = append(body, byte(held))
			held >>= 8
		}
	}
	if n > 0 {
		body = append(body, byte(held))
	}
	return body
}

// readCells reads what append wrote, of a page of that size, and tells what comes after it.
func readCells(body []byte, w, h int) (c *cells, rest []byte, err error) {
	c = &cells{}
	c.across, c.down = grid(w, h)
	marks := (c.across*c.down + 7) / 8
	if len(body) < 1+marks {
		return nil, nil, errShort
	}
	c.each = int(body[0])
	for i, b := range body[1 : 1+marks] {
		for ; b != 0; b &= b - 1 {
			c.places = append(c.places, 8*i+bits.TrailingZeros8(b))
		}
	}
	n := len(c.places)
	if n > 0 && (c.each < leastBits || c.each > mostBits || c.places[n-1] >= c.across*c.down) {
		return nil, nil, errStrange
	}
	body = body[1+marks:]
	if len(body) < (n*c.each+7)/8 {
		return nil, nil, errShort
	}
	var room [8]byte
	signs := body[:(n*c.each+7)/8]
	for i := range n {
		at := i * c.each
		clear(room[copy(room[:], signs[at/8:]):])
		c.signs = append(c.signs, uint32(binary.LittleEndian.Uint64(room[:])>>(at%8))&(1<<c.each-1))
	}
	return c, body[(n*c.each+7)/8:], nil
}
