package record

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"unmirror/fingerprints/cell"
)

func testKey() *cell.Key {
	var secret [cell.KeyBytes]byte
	rand.NewChaCha8([32]byte{1}).Read(secret[:])
	return cell.NewKey(&secret)
}

func TestPairsAreNumberedOnceEach(t *testing.T) {
	seen := map[uint32]bool{}
	for j := range MaxCells {
		for i := range j {
			n := PairNumber(i, j)
			if a, b := PairCells(n); n >= MaxPairs || seen[n] || a != i || b != j {
				t.Errorf("pair %d, %d is number %d, which is pair %d, %d", i, j, n, a, b)
			}
			seen[n] = true
		}
	}
}

func TestPairHasNoOrder(t *testing.T) {
	k := testKey()
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Uint64().Draw(t, "a"), rapid.Uint64().Draw(t, "b")
		if p := Pair(k, a, b); p != Pair(k, b, a) || p>>cell.HashBits != 0 {
			t.Fatalf("pair %x", p)
		}
		if a != b && Pair(k, a, b) == Pair(k, a, a) {
			t.Fatal("another pair has the same hash")
		}
	})
}

func TestRarityFallsWithFrequency(t *testing.T) {
	for _, marked := range []uint8{uint8(cell.Word), uint8(cell.Word) | Name, uint8(cell.Date) | Birth, uint8(cell.Number), uint8(cell.National), uint8(cell.Phone)} {
		last := uint8(255)
		for _, holding := range []int{1, 2, 5, 20, 100, 1000, 2000} {
			got := Rarity(marked, 7, 2000, holding)
			if got > last {
				t.Errorf("%x held by %d of 2000 rows is rarer than when fewer hold it", marked, holding)
			}
			last = got
		}
		if last > 1 {
			t.Errorf("%x held by every row has %d quarter bits", marked, last)
		}
	}
	if small, large := Rarity(Name, 7, 5, 1), Rarity(Name, 7, 100_000, 1); small >= large || small < 16 {
		t.Errorf("a name in a table of five has %d quarter bits, in one of 100,000 %d", small, large)
	}
}

// Cells of a usual table of some thousand people, in bits.
var (
	given    = Cell{Name, 4 * 6}
	family   = Cell{Name, 4 * 7}
	birth    = Cell{uint8(cell.Date) | Birth, 4 * 14}
	town     = Cell{uint8(cell.Word), 4 * 5}
	job      = Cell{uint8(cell.Word), 4 * 4}
	national = Cell{uint8(cell.National), 4 * 30}
	bank     = Cell{uint8(cell.IBAN), 4 * 32}
	phone    = Cell{uint8(cell.Phone), 4 * 25}
	work     = Cell{uint8(cell.Email) | Derived, 4 * 26}
	visit    = Cell{uint8(cell.Date), 4 * 3}
)

func weigh(cells ...Cell) Weight { return Weigh(cells, uint8(1<<len(cells)-1)) }

func TestVerdicts(t *testing.T) {
	const records = 2000
	for name, c := range map[string]struct {
		cells   []Cell
		persons float64
		match   bool
		told    bool
	}{
		"name":                             {[]Cell{given, family}, 1, false, false},
		"name and town":                    {[]Cell{given, family, town}, 1, false, false},
		"name, town, job":                  {[]Cell{given, family, town, job}, 1, false, false},
		"name and birth date":              {[]Cell{given, family, birth}, 1, false, true},
		"name, birth date, town":           {[]Cell{given, family, birth, town}, 1, true, true},
		"name, birth date, a visit":        {[]Cell{given, family, birth, visit}, 1, true, true},
		"name, birth date, address":        {[]Cell{given, family, birth, work}, 1, true, true},
		"the same among 1,000":             {[]Cell{given, family, birth, job}, 1000, false, true},
		"number and name":                  {[]Cell{national, given, family}, 1, true, true},
		"number and birth date":            {[]Cell{national, birth}, 1, false, true},
		"number, family name and town":     {[]Cell{national, family, town}, 1, true, true},
		"name, birth date, his address":    {[]Cell{given, family, birth, work}, 8, true, true},
		"account and name":                 {[]Cell{bank, given, family}, 1, true, true},
		"staff page":                       {[]Cell{given, family, work, phone}, 1, false, true},
		"staff page with a job":            {[]Cell{given, family, work, phone, job}, 1, false, true},
		"family in one street":             {[]Cell{family, town, job}, 1, false, false},
		"name, telephone, street and town": {[]Cell{given, family, phone, {uint8(cell.Word), 4 * 7}, town}, 1, true, true},
	} {
		bits := Combine([]Weight{weigh(c.cells...)}, Around{Records: records, Persons: c.persons})
		if got := bits >= matchBits; got != c.match {
			t.Errorf("%s: %.0f bits", name, bits)
		}
		if got := bits >= weakFloor; got != c.told {
			t.Errorf("%s: %.0f bits, told %t", name, bits, c.told)
		}
	}
}

func TestNameAndBirthDateIsWeakHoweverRare(t *testing.T) {
	rare := weigh(Cell{Name, 4 * 11}, Cell{Name, 4 * 11}, Cell{Name, 4 * 11}, birth)
	for n, match := range map[int]bool{1: false, 2: false, 4: false, 7: false, 8: true, 50: true} {
		rows := make([]Weight, n)
		for i := range rows {
			rows[i] = rare
		}
		if bits := Combine(rows, Around{Records: 2000, Persons: float64(n), Dates: float64(n)}); bits >= matchBits != match {
			t.Errorf("%d names with birth dates: %.0f bits", n, bits)
		}
	}
}

func TestCoincidencesOfOtherPeopleNeverAddUp(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 2000 {
		var rows []Weight
		// as many rows of each strength as chance makes, and eight times that for how far rarities may be off
		for s := range 12 {
			for range int(8*r.ExpFloat64()) >> s {
				rows = append(rows, Weight{Bits: float64(s) + 11 + 10, class: loose})
			}
		}
		for range 3 {
			rows = append(rows, weigh(given, family, birth))
		}
		if bits := Combine(rows, Around{Records: 2048, Persons: 1024, Dates: 1024, Rows: 2000}); bits >= matchBits {
			t.Fatalf("%d coincidences: %.0f bits", len(rows), bits)
		}
	}
}

func TestListsOfNamesAndStaffAccuseNobody(t *testing.T) {
	for name, w := range map[string]Weight{"names": weigh(given, family), "staff": weigh(given, family, work, job)} {
		rows := make([]Weight, 300)
		for i := range rows {
			rows[i] = w
		}
		if bits := Combine(rows, Around{Records: 2000, Persons: 300, Rows: 2000}); bits >= matchBits {
			t.Errorf("a list of 300 %s: %.0f bits", name, bits)
		}
	}
}

func TestNumbersNeedFarMoreThanChance(t *testing.T) {
	for _, c := range []struct {
		found, all, tables int
		match              bool
	}{{1, 1, 1, false}, {3, 3, 1, false}, {12, 12, 1, true}, {40, 1000, 5, true}, {4, 1000, 1, false}, {10, 2000, 10, false}} {
		if bits := Numbers(c.found, c.all, c.tables); bits >= matchBits != c.match {
			t.Errorf("%d of %d numbers, %d tables: %.0f bits", c.found, c.all, c.tables, bits)
		}
	}
}

func TestAWholeTableOfTelephoneNumbersIsACopyOfIt(t *testing.T) {
	w := weigh(given, work, phone)
	for _, c := range []struct {
		rows, next int
		match      bool
	}{{300, 299, true}, {300, 20, false}, {100, 99, false}, {30, 29, false}} {
		all := 300
		if c.rows == 30 {
			all = 30
		}
		rows := make([]Weight, c.rows)
		for i := range rows {
			rows[i] = w
		}
		if bits := Combine(rows, Around{Records: 2000, Persons: float64(c.rows), Rows: all, Next: c.next}); bits >= matchBits != c.match {
			t.Errorf("%d of %d rows, %d of them in order: %.0f bits", c.rows, all, c.next, bits)
		}
	}
}

func TestANamesakesLetterOfTheSameOfficeAccusesNobody(t *testing.T) {
	for name, c := range map[string]struct {
		cells []Cell
		match bool
	}{
		"the office's town":            {[]Cell{given, family, birth, town}, false},
		"and the employer":             {[]Cell{given, family, birth, town, job}, false},
		"street, house, town and work": {[]Cell{given, family, birth, town, job, {uint8(cell.Word), 4 * 7}, {uint8(cell.Number), 4 * 8}}, true},
		"a number":                     {[]Cell{given, family, national}, true},
		"a mail address":               {[]Cell{given, family, birth, work}, true},
		"the number of the file":       {[]Cell{given, family, birth, {uint8(cell.Number), 4 * 15}}, true},
		"the number of a house":        {[]Cell{given, family, birth, {uint8(cell.Number), 4 * 7}}, false},
	} {
		bits := Combine([]Weight{weigh(c.cells...).OfLetter()}, Around{Records: 2000, Persons: 1, Rows: 1})
		if got := bits >= matchBits; got != c.match {
			t.Errorf("%s: %.0f bits", name, bits)
		}
	}
}
