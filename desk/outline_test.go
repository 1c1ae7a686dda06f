package desk

import (
	"math"
	"testing"

	"unmirror/fingerprints/match"
)

func TestPagesAreDrawnInTheirShapeWithTheirBoxesInside(t *testing.T) {
	pages := []match.PageMatch{{
		Page: 3, KnownPage: 7, Coverage: 0.5, Shape: 0.5, KnownShape: 2,
		Boxes:      [][4]float64{{0.1, 0.2, 0.3, 0.4}, {-1, 0.5, 2, 0.5}},
		KnownBoxes: [][4]float64{{0, 0, 1, 1}},
	}}
	got := drawPages(pages)
	if len(got) != 1 || got[0].Item.W != 500 || got[0].Item.H != 1000 || got[0].Known.W != 1000 || got[0].Known.H != 500 {
		t.Fatalf("drawn as %+v", got)
	}
	if b := got[0].Item.Boxes[0]; b != (box{50, 200, 100, 200}) {
		t.Errorf("first box %+v", b)
	}
	if b := got[0].Item.Boxes[1]; b != (box{0, 500, 500, outlineLeast}) {
		t.Errorf("a box beyond the edges became %+v", b)
	}
}

func TestAPageOfNoShapeIsDrawnSquare(t *testing.T) {
	for _, shape := range []float64{0, -1, math.NaN(), math.Inf(1), 1e9} {
		if o := drawPage(shape, nil); o.W != outlineLong || o.H != outlineLong {
			t.Errorf("shape %v is drawn as %+v", shape, o)
		}
	}
}
