//go:build !purego

package cell

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestEdgesAreFoundTogetherAsOneByOne(t *testing.T) {
	if !vectors() {
		t.Skip("there are no vectors")
	}
	rapid.Check(t, func(t *rapid.T) {
		text := edgyText(t, mapBits)
		base := rapid.IntRange(0, 1<<13).Draw(t, "base")
		to := make([]byte, edgeBytes*(len(text)+edgeBlock))
		blocks := len(text) / mapBits
		var m maps
		any := runsWide(&m, &text[0], blocks)
		for i, c := range text {
			if m.digits[i/mapBits]>>(i%mapBits)&1 != 0 != isDigit(c) || isDigit(c) && any == 0 {
				t.Fatalf("%q: byte %d", text, i)
			}
		}
		var marks [mapWords]uint64
		edges := edgesOf(text, base, true)
		for i := 0; i < len(edges); i += 2 {
			if rapid.Bool().Draw(t, "firm") {
				at := int(edges[i]) - base
				marks[at/mapBits] |= 1 << (at % mapBits)
				edges[i] |= firm
			}
		}
		if got := placesIn(to[:edgesWide(&to[0], &m.runs, &marks, blocks, uint64(base), &places)]); !slices.Equal(got, edges) {
			t.Fatalf("%q: %v, want %v", text, got, edges)
		}
	})
}
