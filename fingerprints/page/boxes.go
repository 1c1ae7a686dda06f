package page

import (
	"cmp"
	"slices"
)

const (
	boxesMost = 12
	boxLeast  = 4 // cells
	joinX     = 3 // cells between the cells of one region
	joinY     = 2
)

// boxes are the regions of cells that agree, on the item and on the known page; the largest ones.
func (l *Look) boxes(k *known, t *transform, agreed []bool) (item, page []Box) {
	for _, r := range regions(agreed, k.cells.across) {
		x0, y0 := float64(r.x0*pitch), float64(r.y0*pitch)
		x1, y1 := float64(r.x1*pitch+window), float64(r.y1*pitch+window)
		page = append(page, boxOf([][2]float64{{x0, y0}, {x1, y1}}, k.w, k.h))
		var corners [][2]float64
		for _, c := range [4][2]float64{{x0, y0}, {x1, y0}, {x0, y1}, {x1, y1}} {
			x, y := t.apply(c[0], c[1])
			corners = append(corners, [2]float64{x, y})
		}
		item = append(item, l.part.of(boxOf(corners, l.ink.w, l.ink.h)))
	}
	return item, page
}

func boxOf(corners [][2]float64, w, h int) Box {
	b := Box{1, 1, 0, 0}
	for _, c := range corners {
		x, y := min(max(c[0]/float64(w), 0), 1), min(max(c[1]/float64(h), 0), 1)
		b = Box{min(b.X0, x), min(b.Y0, y), max(b.X1, x), max(b.Y1, y)}
	}
	return b
}

// region is some cells, both ends included.
type region struct{ x0, y0, x1, y1, cells int }

// regions joins marked cells that lie near each other, the largest regions first.
func regions(marked []bool, across int) (all []region) {
	for start := range marked {
		if !marked[start] {
			continue
		}
		marked[start] = false
		r := region{start % across, start / across, start % across, start / across, 0}
		for open := []int{start}; len(open) > 0; {
			at := open[len(open)-1]
			open = open[:len(open)-1]
			x, y := at%across, at/across
			r.x0, r.y0, r.x1, r.y1, r.cells = min(r.x0, x), min(r.y0, y), max(r.x1, x), max(r.y1, y), r.cells+1
			for v := max(y-joinY, 0); v <= y+joinY && v*across < len(marked); v++ {
				for u := max(x-joinX, 0); u <= min(x+joinX, across-1); u++ {
					if marked[v*across+u] {
						marked[v*across+u] = false
						open = append(open, v*across+u)
					}
				}
			}
		}
		if r.cells >= boxLeast {
			all = append(all, r)
		}
	}
	slices.SortStableFunc(all, func(a, b region) int { return cmp.Compare(b.cells, a.cells) })
	return all[:min(len(all), boxesMost)]
}
