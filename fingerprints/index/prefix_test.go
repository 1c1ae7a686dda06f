package index

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestPrefixesAreFoundTogetherAsOneByOne: vectors, where there are any, find the same places.
func TestPrefixesAreFoundTogetherAsOneByOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hash := rapid.Custom(func(t *rapid.T) uint64 { return rapid.Uint64().Draw(t, "hash") >> (64 - hashBits) })
		known := rapid.SliceOfN(hash, 1, 40).Draw(t, "known")
		width := rapid.SampledFrom(cellWidths[:]).Draw(t, "width")
		words := make([]uint64, rapid.IntRange(1, 300).Draw(t, "words"))
		for _, h := range known {
			key := cellKey(h, width)
			words[wordOf(key, uint64(len(words)))] |= bitsOf(key)
		}
		asked := append(rapid.SliceOfN(hash, 0, 40).Draw(t, "asked"), known...)
		f := filter{words: words}
		var want []uint32
		for i, h := range asked {
			if f.has(cellKey(h, width)) {
				want = append(want, uint32(i))
			}
		}
		room := make([]uint32, len(asked))
		if got := room[:hasPrefix(room, asked, words, width)]; !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
