package page

import (
	"fmt"
	"image"
	"math/rand/v2"
	"testing"
)

// contract is dense print in which an amount, a day, a number of hours and a name are somebody's own.
func contract(who uint64) *image.Gray {
	p := newPen(4)
	p.font = testFonts()[0]
	r := rand.New(rand.NewPCG(who, 21))
	y := p.wrapped(70, 140, 860, px(9), prose(p.rand, 300))
	own := fmt.Sprintf("%s %d,%02d %s", prose(p.rand, 4), 100000+r.IntN(900000), r.IntN(100), prose(p.rand, 5))
	own += fmt.Sprintf(" %02d/%02d/%d", 1+r.IntN(28), 1+r.IntN(12), 1990+r.IntN(30))
	own += fmt.Sprintf(" %s %d %s", prose(p.rand, 4), 10+r.IntN(80), person(who).last)
	y = p.wrapped(70, y, 860, px(9), own)
	p.wrapped(70, y+10, 860, px(9), prose(p.rand, 300))
	return p.img
}

// Little of a dense page is somebody's own: what differs there on a clean copy is no noise.
func TestAFewEntriesInDensePrintAreAnothers(t *testing.T) {
	keys := 5
	if raceEnabled {
		keys = 1
	}
	for key := range keys {
		p := New([]byte{byte(key), 1})
		known, ok := p.Print(raster(contract(1)))
		if !ok {
			t.Fatal("no print")
		}
		for who := uint64(1); who < 5; who++ {
			result, err := p.Look(raster(jpegged(cropped(contract(who), 0.02, 0.05, 0, 0.05), 85))).Compare(known.Body)
			if err != nil {
				t.Fatal(err)
			}
			if result.Same != (who == 1) {
				t.Errorf("key %d, page %d: same %t: %s", key, who, result.Same, short(result))
			}
		}
	}
}

func TestACleanerCopyIsAskedMoreStrictly(t *testing.T) {
	least := 0.0
	for _, middle := range []float64{1, 0.995, 0.992, 0.988, 0.984, 0.97, 0.96, 0.955, 0.95} {
		first, all := cleaner(limitMost, sameAll*limitMost, middle)
		if first < least || first > limitMost || all < first || all > sameAll*limitMost {
			t.Errorf("half of the cells agree by %.3f: limits %.1f and %.1f", middle, first, all)
		}
		least = first
	}
	if first, all := cleaner(limitMost, sameAll*limitMost, 0.9); first != limitMost || all != sameAll*limitMost {
		t.Errorf("a worn copy is asked more strictly: %.1f, %.1f", first, all)
	}
}
