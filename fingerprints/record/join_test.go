package record

import (
	"testing"

	"unmirror/fingerprints/cell"
)

func TestJoinedRecordsCountTheirCoreOnce(t *testing.T) {
	whole := weigh(given, family, birth, town)
	w, n := Join([]Part{{[]Cell{given, family, birth, phone}, 0b0111}, {[]Cell{given, family, birth, town}, 0b1111}})
	if w.Bits != whole.Bits || w.class != whole.class || n != 4 {
		t.Errorf("%d cells, %.1f bits, want 4 with %.1f", n, w.Bits, whole.Bits)
	}
	// the given name was found by one record, the town by the other
	w, n = Join([]Part{{[]Cell{given, family, birth, phone}, 0b0111}, {[]Cell{given, family, birth, town}, 0b1110}})
	if w.Bits != whole.Bits || w.partly || n != 4 {
		t.Errorf("of two halves: %d cells, %.1f bits, want 4 with %.1f", n, w.Bits, whole.Bits)
	}
	// an identifier of several records is one
	if w, _ = Join([]Part{{[]Cell{phone, given}, 0b11}, {[]Cell{phone, family}, 0b11}}); w.Bits != weigh(phone, given, family).Bits {
		t.Errorf("a telephone number in two records: %.1f bits", w.Bits)
	}
}

func TestJoinedRecordsOfManyWordsStayBounded(t *testing.T) {
	var parts []Part
	for range 10 {
		parts = append(parts, Part{[]Cell{given, family, birth, town, job, town, job, town}, 0b11111000})
	}
	if w, _ := Join(parts); w.Bits > 4*5 {
		t.Errorf("fifty words out of lists: %.1f bits", w.Bits)
	}
}

func TestWhoIsNobodyElse(t *testing.T) {
	first := Cell{given.Kind | Given, given.Bits}
	bsn := Cell{uint8(cell.BSN), 4 * 30}
	of := func(mask uint8, cells ...Cell) Weight { return Weigh(cells, mask) }
	for name, c := range map[string]struct {
		w     Weight
		match bool
	}{
		"number and a diagnosis":                   {weigh(national, job), true},
		"number and its own birth date":            {weigh(national, birth), false},
		"BSN and birth date":                       {weigh(bsn, birth), true},
		"a twin at home":                           {of(0b11110, first, family, birth, town, phone), false},
		"a twin at home, no column of first names": {of(0b11110, given, family, birth, town, phone), false},
		"somebody at home":                         {weigh(first, family, birth, town, phone), true},
		"a twin's account":                         {of(0b11110, first, family, birth, town, bank), false},
		"a couple's account":                       {of(0b11110, first, family, phone, town, bank), false},
		"a couple's account, whole names":          {of(0b11110, given, family, phone, town, bank), false},
		"an account that is somebody else's":       {of(0b11100, first, family, phone, town, bank), false},
		"an account in a table without names":      {weigh(phone, town, job, bank), true},
		"an account and a given name":              {of(0b10001, first, family, phone, town, bank), false},
		"an account and a name":                    {of(0b10011, first, family, phone, town, bank), true},
		"a copy without birth date":                {weigh(first, family, phone, town, bank), true},
		"a list of telephones":                     {weigh(given, family, phone, job, town), false},
	} {
		if bits := Combine([]Weight{c.w}, Around{Records: 2000, Persons: 1}); bits >= matchBits != c.match {
			t.Errorf("%s: %.0f bits", name, bits)
		}
	}
}

func TestAListOfStaffOfASmallTableAccusesNobody(t *testing.T) {
	row := weigh(given, family, town, job, Cell{uint8(cell.Word), 4 * 8})
	for _, c := range []struct {
		rows, of, next int
		match          bool
	}{{60, 60, 3, false}, {60, 60, 59, true}, {400, 450, 10, true}, {400, 2000, 10, false}} {
		rows := make([]Weight, c.rows)
		for i := range rows {
			rows[i] = row
		}
		if bits := Combine(rows, Around{Records: 2000, Persons: float64(c.rows), Rows: c.of, Next: c.next}); bits >= matchBits != c.match {
			t.Errorf("%d of %d, %d in order: %.0f bits", c.rows, c.of, c.next, bits)
		}
	}
}
