package cell

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestFilteredScanTellsWhatTheFilterKeepsOfAll: what the scanner remembers of what was dropped, be it by the words as they are
// written, changes nothing.
func TestFilteredScanTellsWhatTheFilterKeepsOfAll(t *testing.T) {
	k := testKey(9)
	words := slices.Concat(plain, pieces, []string{"d’après", "l’hôpital", "«naïeve»", "Straße", "straße", "œuvre", "é", "à", "Noël", "2024-03-05", "1234;", "12.50;"}, besides)
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.SliceOfN(rapid.SampledFrom(words), 1, 12).Draw(t, "words")
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(few), 0, 300).Draw(t, "text"), rapid.SampledFrom([]string{"", " ", "\n"}).Draw(t, "between"))
		most := uint64(rapid.IntRange(0, 3).Draw(t, "keeps"))
		s := k.Scanner()
		s.Filter(func(dst []uint32, hashes []uint64) []uint32 {
			for i, h := range hashes {
				if h&3 < most {
					dst = append(dst, uint32(i))
				}
			}
			return dst
		})
		got := s.End(s.Append(nil, []byte(text)))
		got = slices.DeleteFunc(got, func(t Token) bool { return t.Dropped })
		want := slices.DeleteFunc(scanAll(k, text), func(t Token) bool { return t.Hash&3 >= most })
		if !slices.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", text, got, want)
		}
	})
}
