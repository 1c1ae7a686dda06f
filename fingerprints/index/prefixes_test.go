package index

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestPrefixesAreJoinedAsSets(t *testing.T) {
	set := rapid.Custom(func(t *rapid.T) []uint32 {
		all := rapid.SliceOf(rapid.Uint32Range(0, 40)).Draw(t, "set")
		slices.Sort(all)
		return slices.Compact(all)
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := set.Draw(t, "a"), set.Draw(t, "b")
		want := slices.Concat(a, b)
		slices.Sort(want)
		want = slices.Compact(want)
		if got := MergePrefixes(slices.Clone(a), b); !slices.Equal(got, want) {
			t.Fatalf("%v and %v gave %v", a, b, got)
		}
	})
}

func TestCellsOfSeveralWidthsComeInOrder(t *testing.T) {
	sets := []cellSet{{width: 18, prefixes: []uint32{1, 5, 9}}, {width: 21, prefixes: []uint32{8, 40}}, {width: 30}, {leak: 1, width: 18, prefixes: []uint32{5}}}
	var got []uint64
	eachCell(sets, func(key uint64) { got = append(got, key) })
	if len(got) != 6 || !slices.IsSorted(got) {
		t.Fatalf("keys %x", got)
	}
}
