package fingerprints

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestATallyYieldsKeysInOrder(t *testing.T) {
	var all keyTally
	for i := range uint64(5000) {
		all.add(i*0x9e3779b97f4a7c15, 1, true)
	}
	if n := all.len(); n != 5000 {
		t.Errorf("%d keys", n)
	}
	if keys := all.take(func(n int) bool { return n != 1 }); len(keys) != 5000 || !slices.IsSorted(keys) {
		t.Errorf("%d keys, or out of order", len(keys))
	}
}

// TestATallyCountsTextsAsAMapDoes compares it with the plain way to count, however often it sorts in.
func TestATallyCountsTextsAsAMapDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sets [2]tallyShard
		counts := map[uint64]int{}
		for w := range sets {
			seen := map[sighting]bool{}
			text := uint32(0)
			for range rapid.IntRange(0, 60).Draw(t, "sightings") {
				text += uint32(rapid.IntRange(0, 3).Draw(t, "on") / 3)
				s := sighting{uint64(rapid.IntRange(0, 12).Draw(t, "key")), text, text%4 != 3}
				sets[w].add(s.key, s.text, s.prose)
				if s.prose && !seen[s] {
					counts[s.key]++
				} else {
					counts[s.key] += 0
				}
				seen[s] = true
				if rapid.IntRange(0, 5).Draw(t, "settle") == 0 {
					sets[w].settle()
				}
			}
		}
		sets[0].absorb(&sets[1])
		for i, key := range sets[0].keys {
			if got := int(sets[0].seen[i]); got != counts[key] {
				t.Fatalf("key %d: in %d texts, want %d", key, got, counts[key])
			}
		}
		few := func(n int) bool { return n > 2 }
		maps.DeleteFunc(counts, func(_ uint64, n int) bool { return few(n) })
		if got, want := sets[0].take(nil, few), slices.Sorted(maps.Keys(counts)); !slices.Equal(got, want) {
			t.Fatalf("kept %v, want %v", got, want)
		}
	})
}
