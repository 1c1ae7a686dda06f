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

func TestARegionWithinAnotherIsNotDrawnTwice(t *testing.T) {
	outer, inner, apart := [4]float64{0.1, 0.1, 0.8, 0.8}, [4]float64{0.2, 0.2, 0.5, 0.5}, [4]float64{0.7, 0.7, 0.9, 0.9}
	for name, c := range map[string]struct {
		item, known [][4]float64
		drawn       int
	}{
		"a table within a frame":               {[][4]float64{outer, inner}, [][4]float64{outer, inner}, 1},
		"the frame told after the table":       {[][4]float64{inner, outer}, [][4]float64{inner, outer}, 1},
		"two of the same place":                {[][4]float64{outer, outer}, [][4]float64{outer, outer}, 1},
		"two that overlap":                     {[][4]float64{outer, apart}, [][4]float64{outer, apart}, 2},
		"one within the other on the item's":   {[][4]float64{outer, inner}, [][4]float64{outer, apart}, 2},
		"not as many on one page as the other": {[][4]float64{outer, inner, apart}, [][4]float64{outer, inner}, 3},
		"none":                                 {nil, nil, 0},
	} {
		got := drawPages([]match.PageMatch{{Shape: 1, KnownShape: 1, Boxes: c.item, KnownBoxes: c.known}})[0]
		if len(got.Item.Boxes) != c.drawn {
			t.Errorf("%s: %d regions are drawn on the item's page, want %d", name, len(got.Item.Boxes), c.drawn)
		}
		if len(c.item) == len(c.known) && len(got.Known.Boxes) != c.drawn {
			t.Errorf("%s: %d regions are drawn on the known page, want %d", name, len(got.Known.Boxes), c.drawn)
		}
	}
}

func TestAPageOfNoShapeIsDrawnSquare(t *testing.T) {
	for _, shape := range []float64{0, -1, math.NaN(), math.Inf(1), 1e9} {
		if o := drawPage(shape, nil); o.W != outlineLong || o.H != outlineLong {
			t.Errorf("shape %v is drawn as %+v", shape, o)
		}
	}
}
