package page

import "math/bits"

// Form is a known page, to be compared with another that may be of the same form and was stored alike: drawn by one program, or fed alike
// into one scanner. What both print is in the same squares then.
type Form struct {
	w, h  int
	cells *cells
	at    []int32 // of each place one more than the number of the cell there; made when first asked
}

const (
	formSigns = 0.13 // of a cell's signs, how many may differ where two pages have the same
	formShare = 0.25 // of the cells of one, how many the other has at least
	formTried = 150  // cells that tell
)

func formOf(k *known) *Form { return &Form{w: k.w, h: k.h, cells: k.cells} }

// FormOf reads a known page's body; it is nil where only its light and shade are kept. Errors are those of damaged bodies.
func FormOf(body []byte) (*Form, error) {
	l, err := readBody(body)
	if err != nil || l.ink == nil {
		return nil, err
	}
	return formOf(l.ink), nil
}

// Like tells whether another page is of the same form, stored alike, by some of the cells.
func (f *Form) Like(other *Form) bool {
	step := 1 + len(f.cells.places)/formTried
	tried, both := 0, 0
	for n := 0; n < len(f.cells.places); n += step {
		tried++
		if differ, there := f.differ(other, n); there && differ <= formSigns {
			both++
		}
	}
	return f.near(other) && float64(both) >= formShare*float64(tried)
}

func (f *Form) near(other *Form) bool {
	return abs(f.w-other.w) <= pitch && abs(f.h-other.h) <= pitch
}

// differ is the share of a cell's signs that are otherwise on another page; false where nothing is written there.
func (f *Form) differ(other *Form, n int) (share float64, there bool) {
	if other.at == nil {
		other.at = make([]int32, other.cells.across*other.cells.down)
		for i, place := range other.cells.places {
			other.at[place] = int32(i) + 1
		}
	}
	x, y := f.cells.places[n]%f.cells.across, f.cells.places[n]/f.cells.across
	if x >= other.cells.across || y >= other.cells.down || other.at[y*other.cells.across+x] == 0 {
		return 1, false
	}
	each := min(f.cells.each, other.cells.each)
	signs := f.cells.signs[n] ^ other.cells.signs[other.at[y*other.cells.across+x]-1]
	return float64(bits.OnesCount32(signs&(1<<each-1))) / float64(each), true
}

// lacks counts for each of some cells whether another page has something else there; false, and nothing counted, if that one is of another
// form or was stored otherwise.
func (f *Form) lacks(other *Form, cells, lacking []int) bool {
	if !f.near(other) {
		return false
	}
	both := 0
	otherwise := make([]int, len(cells))
	for i, n := range cells {
		differ, there := f.differ(other, n)
		if !there || differ > alikeSigns {
			otherwise[i] = 1
		} else if differ <= formSigns {
			both++
		}
	}
	if float64(both) < formShare*float64(len(cells)) {
		return false
	}
	for i, one := range otherwise {
		lacking[i] += one
	}
	return true
}
