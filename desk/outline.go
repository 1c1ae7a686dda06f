package desk

import "unmirror/fingerprints/match"

// pagesMap draws a page at the address beside the known page that it shows: outlines of what agrees, and nothing of what
// stands there.
type pagesMap struct {
	Page, KnownPage int
	Coverage        float64
	Item, Known     outline
}

type outline struct {
	W, H  int
	Boxes []box
}

type box struct{ X, Y, W, H int }

const (
	// shownPages is how many pages of a match are drawn.
	shownPages = 3
	// outlineLong is the longer side of a drawing; a box is at least a hundredth of it, so that it is seen.
	outlineLong  = 1000
	outlineLeast = 10
)

func drawPages(pages []match.PageMatch) (out []pagesMap) {
	for _, p := range pages[:min(len(pages), shownPages)] {
		p.Boxes, p.KnownBoxes = outermost(p.Boxes, p.KnownBoxes)
		out = append(out, pagesMap{p.Page, p.KnownPage, p.Coverage, drawPage(p.Shape, p.Boxes), drawPage(p.KnownShape, p.KnownBoxes)})
	}
	return out
}

// outermost leaves out what lies within another region of the known page, such as a table within the frame of its form: drawn
// over each other, they would seem to agree twice.
func outermost(item, known [][4]float64) (outerItem, outerKnown [][4]float64) {
	if len(item) != len(known) {
		return item, known
	}
	for i, b := range known {
		inside := false
		for j, o := range known {
			inside = inside || i != j && within(b, o) && (j < i || !within(o, b)) // of two alike, the first stays
		}
		if !inside {
			outerItem, outerKnown = append(outerItem, item[i]), append(outerKnown, b)
		}
	}
	return outerItem, outerKnown
}

// within says whether a lies in b, edges included.
func within(a, b [4]float64) bool {
	return a[0] >= b[0] && a[1] >= b[1] && a[2] <= b[2] && a[3] <= b[3]
}

// drawPage draws a page of so many times its height's width.
func drawPage(shape float64, boxes [][4]float64) outline {
	if !(shape > 0.05 && shape < 20) {
		shape = 1
	}
	o := outline{W: outlineLong, H: int(outlineLong / shape)}
	if shape < 1 {
		o.W, o.H = int(outlineLong*shape), outlineLong
	}
	for _, b := range boxes {
		x, y := place(b[0], o.W), place(b[1], o.H)
		o.Boxes = append(o.Boxes, box{x, y, max(outlineLeast, place(b[2], o.W)-x), max(outlineLeast, place(b[3], o.H)-y)})
	}
	return o
}

// place is where a share of a side lies on the drawing.
func place(share float64, side int) int { return int(min(max(share, 0), 1) * float64(side)) }
