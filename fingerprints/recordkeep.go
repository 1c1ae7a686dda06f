package fingerprints

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"unmirror/fingerprints/cell"
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/open"
	"unmirror/fingerprints/record"
)

const (
	// maxRecordNumber bounds the records of a registration: a pair's place is a record's number and five bits.
	maxRecordNumber = 1 << 27
	// leastRarity is the rarity, in quarter bits, below which a token is no cell: next to everybody has it.
	leastRarity = 4
)

// keeping writes the records of a table.
type keeping struct {
	*rowIntake
	derived map[feature]bool
	least   float64 // bits that a pair must have to lie in few records
	pairs   []index.Pair
	records []byte
}

// rowRecords is how many records a row becomes at most, in a table of so many rows: each costs some 250 bytes.
func rowRecords(rows int) int {
	switch {
	case rows <= 20_000:
		return 16
	case rows <= 100_000:
		return 8
	case rows <= 400_000:
		return 4
	}
	return 2
}

// keep makes a row's records. All of them hold its core, so that whatever else is in one finds the row with it; where its
// identifiers are too many for one record with the core, they are another one, for those who leave the name out.
func (k *keeping) keep(number uint32, subject [6]byte, row []intakeToken) error {
	row = k.useful(row)
	if len(row) < 2 {
		return nil
	}
	core, rest := split(row)
	room := record.MaxCells - len(core)
	first := min(len(rest), room)
	if err := k.write(number, subject, slices.Concat(core, rest[:first]), 0); err != nil {
		return err
	}
	if len(core) == 0 {
		return nil
	}
	left := rowRecords(k.rows) - 1
	if k.info.Format == "form" {
		left = 1
	} else if ids := identifying(row); left > 0 && identifiersOf(rest) > first {
		left--
		if err := k.write(number, subject, ids, 0); err != nil {
			return err
		}
	}
	for from := first; from < len(rest) && left > 0; from, left = from+room, left-1 {
		if err := k.write(number, subject, slices.Concat(core, rest[from:min(len(rest), from+room)]), len(core)); err != nil {
			return err
		}
	}
	return nil
}

// identifiersOf counts the identifiers at the beginning of what split leaves of a row.
func identifiersOf(rest []intakeToken) (n int) {
	for n < len(rest) && cell.Kind(rest[n].mark&record.KindMask) >= cell.National {
		n++
	}
	return n
}

// identifying are the identifiers of a row, as many as a record has room for.
func identifying(row []intakeToken) (ids []intakeToken) {
	for _, t := range row {
		if cell.Kind(t.mark&record.KindMask) >= cell.National && len(ids) < record.MaxCells {
			ids = append(ids, t)
		}
	}
	return ids
}

// useful drops repeats and what is next to constant, and marks what follows from another cell.
func (k *keeping) useful(row []intakeToken) []intakeToken {
	var out []intakeToken
	nth := map[uint8]uint8{}
	for _, t := range row {
		f := feature{t.column, nth[t.column]}
		nth[t.column]++
		if t.bits < leastRarity || k.letterhead(t) || slices.ContainsFunc(out, func(o intakeToken) bool { return o.hash == t.hash }) {
			continue
		}
		if k.derived[f] {
			t.mark |= record.Derived
		}
		out = append(out, t)
	}
	return out
}

// fewForms is how many forms it takes to tell a letterhead from the person.
const fewForms = 5

// letterhead tells whether an address or an account number of a form may be that of whoever wrote it.
func (k *keeping) letterhead(t intakeToken) bool {
	return k.info.Format == "form" && cell.Kind(t.mark&record.KindMask) >= cell.IBAN && (k.among < fewForms || k.counts.of(t.hash) > 1)
}

// split puts aside the core of a row, name, birth date and a citizen's number, and orders the rest by what tells most:
// identifiers, keys, then one word of each column after the other, the rarest first.
func split(row []intakeToken) (core, rest []intakeToken) {
	const (
		maxNames           = 3
		sureNames, ownName = 2, 20 // quarter bits: particles of names leave their places to what tells more
	)
	var names []intakeToken
	birth, number := false, false
	for _, t := range row {
		kind := cell.Kind(t.mark & record.KindMask)
		switch {
		case t.mark&record.Name != 0:
			names = append(names, t)
		case t.mark&record.Birth != 0 && !birth:
			core, birth = append(core, t), true
		case (kind == cell.National || kind == cell.BSN) && !number:
			core, number = append(core, t), true
		default:
			rest = append(rest, t)
		}
	}
	slices.SortStableFunc(names, func(a, b intakeToken) int { return cmp.Compare(b.bits, a.bits) })
	n := min(len(names), maxNames)
	for n > sureNames && names[n-1].bits < ownName {
		n--
	}
	core = append(names[:n:n], core...)
	return core, byWorth(append(rest, names[n:]...))
}

// byWorth orders what is beside the core of a row.
func byWorth(rest []intakeToken) []intakeToken {
	seen := map[uint8]int{}
	slices.SortStableFunc(rest, func(a, b intakeToken) int { return cmp.Compare(b.bits, a.bits) })
	order := make(map[uint64]int, len(rest))
	for _, t := range rest {
		rank := 1 + seen[t.column]
		if cell.Kind(t.mark&record.KindMask) >= cell.National {
			rank = 0
		}
		seen[t.column]++
		order[t.hash] = rank
	}
	slices.SortStableFunc(rest, func(a, b intakeToken) int { return cmp.Compare(order[a.hash], order[b.hash]) })
	return rest
}

// write adds one record and its pairs, but those of the first told cells, which another record of the row has.
func (k *keeping) write(number uint32, subject [6]byte, cells []intakeToken, told int) error {
	had := cells[:told:told]
	cells = slices.Clone(cells)
	isTold := func(hash uint64) bool {
		return slices.ContainsFunc(had, func(t intakeToken) bool { return t.hash == hash })
	}
	record.Order(cells, func(t intakeToken) uint64 { return t.hash })
	at := k.out.base + uint32(k.out.kept)
	rec := index.Record{Row: number, Subject: subject, N: uint8(len(cells))}
	for j, b := range cells {
		rec.Cells[j] = index.RecordCell{Kind: b.mark, Bits: b.bits, Category: b.category}
		k.out.cells.add(b.hash)
		for i, a := range cells[:j] {
			if float64(a.bits)/4+float64(b.bits)/4 < k.least || isTold(a.hash) && isTold(b.hash) {
				continue
			}
			k.pairs = append(k.pairs, index.Pair{Hash: record.Pair(k.secrets.cells, a.hash, b.hash), Doc: at<<5 | record.PairNumber(i, j)})
		}
	}
	k.records = index.AppendRecord(k.records, &rec)
	if id := subjectNumber(subject); id != 0 && (len(k.out.about) == 0 || k.out.about[len(k.out.about)-1] != id) {
		k.out.about = append(k.out.about, id)
	}
	k.out.kept++
	return k.flush(pairBuffer, recordBuffer)
}

// recordBuffer is how many bytes of records are gathered before they are written.
const recordBuffer = 64 << 10

// flush passes on what was gathered, of which there must be as much.
func (k *keeping) flush(pairs, records int) error {
	if len(k.records) >= records && len(k.records) > 0 {
		if k.out.rows == nil {
			k.out.rows = open.NewSpool(k.dir)
		}
		if _, err := k.out.rows.Write(k.records); err != nil {
			return fmt.Errorf("spool records: %w", err)
		}
		k.records = k.records[:0]
	}
	if len(k.pairs) < pairs {
		return nil
	}
	err := k.recording.pairs.Add(k.pairs)
	k.pairs = k.pairs[:0]
	return err
}

// cellPrefixes gathers the leading bits of cells, as many as an index keeps, each once.
type cellPrefixes struct{ sorted, fresh []uint32 }

// freshCells is how many are gathered before they are sorted in; more, where there are many.
const freshCells = 1 << 14

func (c *cellPrefixes) add(hash uint64) {
	if len(c.fresh) >= max(freshCells, len(c.sorted)/8) {
		c.settle()
	}
	c.fresh = append(c.fresh, index.CellPrefix(hash))
}

// settle sorts in what is gathered.
func (c *cellPrefixes) settle() {
	slices.Sort(c.fresh)
	c.sorted = index.MergePrefixes(c.sorted, slices.Compact(c.fresh))
	c.fresh = c.fresh[:0]
}

// feature is a place in a row: the nth token of a column.
type feature struct{ column, nth uint8 }

const (
	// dependencyRows is how many rows are looked at for what follows from what.
	dependencyRows = 2000
	// fewestDependent is in how many rows something can be seen to follow: two values, each of them three times.
	fewestDependent = 6
	// maxFeatures is how many places of a row are compared with each other.
	maxFeatures = 12
)

// dependencies finds the places of a row that follow from another one, as a town from its postcode: few distinct values
// of the one stand beside each value of the other, which itself comes more than once.
func (r *rowIntake) dependencies() (map[feature]bool, error) {
	if r.rows < fewestDependent {
		return nil, nil
	}
	type pair struct{ a, b uint64 }
	places := map[feature]int{}
	var features []feature
	ones := map[pair]struct{}{} // place and value
	var distinct, filled [maxFeatures]int
	var both [maxFeatures][maxFeatures]map[pair]struct{}
	rows := 0
	stop := errors.New("enough rows")
	err := r.each(func(_ uint32, _ [6]byte, row []intakeToken) error {
		if rows++; rows > dependencyRows {
			return stop
		}
		var values [maxFeatures]uint64
		nth := map[uint8]uint8{}
		for _, t := range row {
			f := feature{t.column, nth[t.column]}
			nth[t.column]++
			if t.mark&(record.Name|record.Birth) != 0 || cell.Kind(t.mark&record.KindMask) >= cell.National {
				continue
			}
			at, ok := places[f]
			if !ok {
				if len(features) == maxFeatures {
					continue
				}
				at = len(features)
				places[f], features = at, append(features, f)
			}
			values[at] = t.hash
			filled[at]++
			if p := (pair{uint64(at), t.hash}); !has(ones, p) {
				ones[p] = struct{}{}
				distinct[at]++
			}
		}
		for i := range features {
			for j := range features {
				if i == j || values[i] == 0 || values[j] == 0 {
					continue
				}
				if both[i][j] == nil {
					both[i][j] = map[pair]struct{}{}
				}
				both[i][j][pair{values[i], values[j]}] = struct{}{}
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, stop) {
		return nil, err
	}
	derived := map[feature]bool{}
	for j, f := range features {
		for i, from := range features {
			n := len(both[i][j])
			if i == j || n == 0 || derived[from] || distinct[i] < 2 || filled[i] < 3*distinct[i] {
				continue
			}
			if 10*n <= 11*distinct[i] { // each value of the one has next to always the same of the other
				derived[f] = true
				break
			}
		}
	}
	return derived, nil
}

func has[K comparable](m map[K]struct{}, k K) bool { _, ok := m[k]; return ok }

// counter64 counts hashes: exactly while there are few, then by a count-min sketch (Cormode and Muthukrishnan 2005), which
// never counts too few: a token is never taken for rarer than it is.
type counter64 struct {
	exact  map[uint64]uint32
	sketch []uint32
}

const (
	exactCounts = 1 << 18
	sketchSize  = 1 << 22 // counters a row, of which there are two: 32 MiB
)

func (c *counter64) add(h uint64) {
	if c.sketch != nil {
		c.bump(h, 1)
		return
	}
	c.exact[h]++
	if len(c.exact) > exactCounts {
		c.sketch = make([]uint32, 2*sketchSize)
		for h, n := range c.exact {
			c.bump(h, n)
		}
		c.exact = nil
	}
}

// bump adds to the lesser counter alone where one suffices (conservative update).
func (c *counter64) bump(h uint64, n uint32) {
	a, b := &c.sketch[h%sketchSize], &c.sketch[sketchSize+(h>>30)%sketchSize]
	to := min(*a, *b) + n
	*a, *b = max(*a, to), max(*b, to)
}

func (c *counter64) of(h uint64) uint32 {
	if c.sketch == nil {
		return c.exact[h]
	}
	return min(c.sketch[h%sketchSize], c.sketch[sketchSize+(h>>30)%sketchSize])
}
