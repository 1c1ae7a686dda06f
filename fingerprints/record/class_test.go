package record

import (
	"testing"

	"unmirror/fingerprints/cell"
)

var (
	fileNumber = Cell{uint8(cell.Number), 4 * 16}
	rowNumber  = Cell{uint8(cell.Number), 4*KeyBits - 1} // of a table that counts its rows
	begin      = Cell{uint8(cell.Date), 4 * 12}          // in service since
	own        = Cell{uint8(cell.Email), 4 * 26}
	street     = Cell{uint8(cell.Word), 4 * 7}
	surname    = Cell{Name, 4 * 9}
	unnamed    = Cell{uint8(cell.Word), 4 * 6} // a name, where no column says so
)

// found weighs a record of which the first n cells were found.
func found(n int, cells ...Cell) Weight { return Weigh(cells, uint8(1<<n-1)) }

func TestThreeCellsThatHangTogetherInNobodyElseAreAMatch(t *testing.T) {
	for name, c := range map[string]struct {
		w     Weight
		match bool
	}{
		"name, the file's number and a day":                                              {weigh(given, family, fileNumber, begin), true},
		"name, the file's number and a town":                                             {weigh(given, family, fileNumber, town), true},
		"name, the file's number and the address at work":                                {weigh(given, family, fileNumber, work), true},
		"the file's number, an address and a visit":                                      {weigh(fileNumber, own, visit), true},
		"the file's number, an address and a day":                                        {weigh(fileNumber, own, begin), true},
		"name, the row's number and a day":                                               {weigh(given, family, rowNumber, begin), true},
		"name, telephone and a day":                                                      {weigh(given, family, phone, begin), true},
		"name and the file's number":                                                     {weigh(given, family, fileNumber), false},
		"name, the row's number, town and job":                                           {weigh(given, family, rowNumber, town, job), false},
		"name, day, town and job: colleagues of one name":                                {weigh(given, family, begin, town, job), false},
		"another given name, the file's number and a town":                               {found(3, family, fileNumber, town, Cell{Name | Given, 4 * 6}), false},
		"an address and a visit":                                                         {weigh(own, visit), false},
		"a household: account, telephone, street":                                        {found(4, family, bank, phone, street, given), false},
		"a couple's account, a day and a word, where no column is known for given names": {found(4, surname, bank, begin, town), false},
		"a whole name and its account, where no column is known for given names":         {weigh(Cell{Name, 4 * 6}, surname, bank, town), true},
		"a household, where no column is known for a name":                               {found(3, bank, phone, unnamed, unnamed), false},
		"twins: family name, birth date, telephone, street":                              {found(4, family, birth, phone, street, given), false},
		"a staff page: name, telephone, own address, job":                                {weigh(given, family, own, phone, job), false},
		"a relative's letter, from the same house":                                       {found(4, family, phone, Cell{uint8(cell.Number), 4*SerialBits - 1}, street, given), false},
		"name, birth date and a word that is nothing":                                    {weigh(given, family, birth, Cell{uint8(cell.Word), 4 * 2}), false},
	} {
		if bits := Combine([]Weight{c.w}, Around{Records: 2000, Persons: 1.5}); bits >= matchBits != c.match {
			t.Errorf("%s: %.0f bits", name, bits)
		}
	}
}

func TestAFewNamesakesWithNextToNothingInCommonDoNotAddUp(t *testing.T) {
	rows := []Weight{}
	for range 4 {
		rows = append(rows, weigh(given, family, birth, Cell{uint8(cell.Word), 4 * 2}))
	}
	if bits := Combine(rows, Around{Records: 2000, Persons: 4, Dates: 4}); bits >= matchBits {
		t.Errorf("four namesakes born on the same days: %.0f bits", bits)
	}
}

func TestARowsOwnNumberOutweighsOneThatWasLeftOut(t *testing.T) {
	around := Around{Records: 2000, Persons: 1.5, Dates: 1}
	if bits := Combine([]Weight{weigh(given, family, birth, fileNumber).Doubted()}, around); bits < matchBits {
		t.Errorf("with its own number: %.0f bits", bits)
	}
	if bits := Combine([]Weight{weigh(given, family, birth, town).Doubted()}, around); bits >= matchBits {
		t.Errorf("with a town: %.0f bits", bits)
	}
}
