package page

import "slices"

// field is how far each block of a known page lies off from where the transform puts it: paper is bent, and fed unevenly.
type field struct {
	across, down int
	dx, dy       []float64
}

const (
	fieldPitch  = blockCells * pitch
	fieldLeast  = 0.5 // agreement of a block that has a say
	fieldAnchor = 4.0 // the weight, in cells, of lying where the transform says
	fieldFar    = 0.7 // the same where it lies farther off, which chance does not reach
)

// newField smooths the shifts of blocks.
func newField(c *cells, all []block) *field {
	f := &field{across: (c.across + blockCells - 1) / blockCells, down: (c.down + blockCells - 1) / blockCells}
	n := f.across * f.down
	f.dx, f.dy = make([]float64, n), make([]float64, n)
	weights := make([]float64, n)
	for i := range weights {
		weights[i] = fieldAnchor
	}
	for _, b := range all {
		if b.score < fieldLeast || b.far && b.score < fieldFar {
			continue
		}
		bx, by := int(b.x)/fieldPitch, int(b.y)/fieldPitch
		for y := max(by-1, 0); y <= min(by+1, f.down-1); y++ {
			for x := max(bx-1, 0); x <= min(bx+1, f.across-1); x++ {
				weight := b.score * b.score * float64(len(b.cells))
				weight *= 4 / float64((1+3*abs(x-bx))*(1+3*abs(y-by)))
				at := y*f.across + x
				f.dx[at], f.dy[at], weights[at] = f.dx[at]+weight*b.dx, f.dy[at]+weight*b.dy, weights[at]+weight
			}
		}
	}
	for i, w := range weights {
		f.dx[i], f.dy[i] = f.dx[i]/w, f.dy[i]/w
	}
	return f
}

// plus adds what parts still lie off by.
func (f *field) plus(g *field) *field {
	sum := &field{across: f.across, down: f.down, dx: slices.Clone(f.dx), dy: slices.Clone(f.dy)}
	for i := range sum.dx {
		sum.dx[i], sum.dy[i] = sum.dx[i]+g.dx[i], sum.dy[i]+g.dy[i]
	}
	return sum
}

// apply maps a pixel of the known page to the item, shifted as the blocks around it are.
func (f *field) apply(t *transform, x, y int) (float64, float64) {
	if f == nil || len(f.dx) == 0 {
		return t.apply(float64(x), float64(y))
	}
	u := min(max((float64(x)-1)/fieldPitch-0.5, 0), float64(f.across-1))
	v := min(max((float64(y)-1)/fieldPitch-0.5, 0), float64(f.down-1))
	i, j := min(int(u), max(f.across-2, 0)), min(int(v), max(f.down-2, 0))
	fu, fv := u-float64(i), v-float64(j)
	i1, j1 := min(i+1, f.across-1), min(j+1, f.down-1)
	mix := func(d []float64) float64 {
		top := d[j*f.across+i]*(1-fu) + d[j*f.across+i1]*fu
		return top*(1-fv) + (d[j1*f.across+i]*(1-fu)+d[j1*f.across+i1]*fu)*fv
	}
	return t.apply(float64(x)+mix(f.dx), float64(y)+mix(f.dy))
}
