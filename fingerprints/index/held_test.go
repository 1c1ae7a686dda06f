package index

import (
	"fmt"
	"math"
	"testing"
)

func TestWhatTablesHoldOutlivesJoinsAndRemovals(t *testing.T) {
	f := testFolder(t)
	for i := range many {
		d, _ := withTable(t, f, fmt.Sprintf("leak-%d", i), 5)
		for r := range d.Records { // one table has what no other has
			d.Records[r].Cells[3].Kind = 0x20 | uint8(4+i%4)
		}
		d.NumberSizes = 1 << (10 + i)
		if err := f.Add(d); err != nil {
			t.Fatal(err)
		}
		tidy(t, f)
	}
	held := func() (kinds uint16, sizes uint64) {
		for _, seg := range load(t, f).Known {
			k, s := seg.Held()
			kinds, sizes = kinds|k, sizes|s
		}
		return kinds, sizes
	}
	if kinds, sizes := held(); kinds != 0xF7 || sizes != (1<<many-1)<<10 {
		t.Errorf("kinds %x, sizes %x", kinds, sizes)
	}
	for i := 3; i < many; i += 4 {
		if err := f.Remove(fmt.Sprintf("leak-%d", i)); err != nil {
			t.Fatal(err)
		}
	}
	if kinds, sizes := held(); kinds != 0x77 || sizes&(1<<12) == 0 {
		t.Errorf("after removals: kinds %x, sizes %x", kinds, sizes)
	}
}

func TestTablesThatDoNotTellTheirSizesHaveAny(t *testing.T) {
	f := testFolder(t)
	d, _ := withTable(t, f, "one", 5)
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	if kinds, sizes := load(t, f).Known[0].Held(); kinds != 0x0F || sizes != math.MaxUint64 {
		t.Errorf("kinds %x, sizes %x", kinds, sizes)
	}
}

func TestTheRowsThatRecordsAreOfAreCounted(t *testing.T) {
	f := testFolder(t)
	d, _ := withTable(t, f, "one", 6)
	for i := range d.Records { // each row is two records
		d.Records[i].Row = uint32(i / 2)
	}
	if err := f.Add(d); err != nil {
		t.Fatal(err)
	}
	if seg := load(t, f).Known[0]; seg.RowCount() != (seg.RecordCount()+1)/2 {
		t.Errorf("%d rows of %d records", seg.RowCount(), seg.RecordCount())
	}
}
