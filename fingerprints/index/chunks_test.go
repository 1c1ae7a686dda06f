package index

import (
	"fmt"
	"slices"
	"testing"
)

func TestChunksStayWithTheirFilesThroughJoinsAndRemovals(t *testing.T) {
	f := testFolder(t)
	for i := range uint64(many) {
		slug := fmt.Sprintf("leak-%d", i)
		d := known(t, f, slug, [][]uint64{{i}, {100 + i}})
		s := NewSorter(f.dir)
		t.Cleanup(s.Close)
		if err := s.Add([]Pair{{1<<63 | i, 1}, {7, 0}, {1<<63 | i, 1}, {9, 2}}); err != nil {
			t.Fatal(err)
		}
		d.Groups = []uint32{uint32(50 + i), uint32(80 + i)}
		if err := d.ChunksFromSorter(s, []uint32{0, 1, NoDoc}); err != nil {
			t.Fatal(err)
		}
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
	}
	tidy(t, f)
	if err := f.Remove("leak-2"); err != nil {
		t.Fatal(err)
	}
	find := func(hash uint64) (names []string, groups []uint32) {
		for _, seg := range load(t, f).Known {
			for _, r := range seg.AppendChunk(nil, hash, 100) {
				file, err := seg.File(r.File)
				if err != nil {
					t.Fatal(err)
				}
				names, groups = append(names, file.Name), append(groups, r.Group)
			}
		}
		return names, groups
	}
	if names, _ := find(7); len(names) != many-1 {
		t.Errorf("the chunk of all is in %v", names)
	}
	if names, groups := find(1<<63 | 5); !slices.Equal(names, []string{"leak-5/0001.txt"}) || !slices.Equal(groups, []uint32{85}) {
		t.Errorf("in %v, groups %v", names, groups)
	}
	for _, gone := range []uint64{1<<63 | 2, 9, 8} {
		if names, _ := find(gone); len(names) > 0 {
			t.Errorf("%x is in %v", gone, names)
		}
	}
	for _, seg := range load(t, f).Known {
		all := []uint64{1<<63 | 1, 7, 1 << 62, 1<<63 | 8, 7}
		has := seg.AppendHasChunk(nil, all)
		for i, h := range all {
			if len(seg.AppendChunk(nil, h, 1)) > 0 && !slices.Contains(has, uint32(i)) {
				t.Errorf("the batch lacks %x", h)
			}
		}
	}
	if rows := load(t, f).Known[0].AppendChunk(nil, 7, 3); len(rows) > 3 {
		t.Errorf("%d rows where 3 were asked for", len(rows))
	}
}
