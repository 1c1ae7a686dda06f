package fingerprints

import (
	"testing"

	"pgregory.net/rapid"
)

func TestHashSetHoldsWhatWasAdded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// few different ones, and neighbours, so that many come again and lie behind one another
		hashes := rapid.SliceOf(rapid.OneOf(rapid.Uint64Range(0, 40), rapid.Uint64Range(1<<40, 1<<40+300), rapid.Uint64())).Draw(t, "hashes")
		want := map[uint64]bool{}
		var s hashSet
		for _, h := range hashes {
			if s.has(h) != want[h] || s.add(h) == want[h] {
				t.Fatalf("%x was there: %v", h, want[h])
			}
			want[h] = true
		}
		made := hashSetOf(hashes)
		for h := range want {
			if !s.has(h) || !made.has(h) || s.has(h+1) != want[h+1] || made.has(h-1) != want[h-1] {
				t.Fatalf("%x or its neighbours are lost", h)
			}
		}
	})
}

func TestSetThatWasEmptiedHoldsNothing(t *testing.T) {
	var s hashSet
	for round := range uint64(3) {
		for h := range uint64(200) {
			if !s.add(h * (round + 1)) {
				t.Fatalf("round %d: %d is in an empty set", round, h*(round+1))
			}
		}
		s.empty()
		for h := range uint64(600) {
			if s.has(h) {
				t.Fatalf("round %d: %d is left", round, h)
			}
		}
	}
}
