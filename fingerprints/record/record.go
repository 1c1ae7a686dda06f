// Package record is the arithmetic of records that registration and matching share: how pairs of a record's cells are
// keyed, how rare a cell is, and what cells found together weigh. It never sees a value, only hashes and rarities.
package record

import (
	"cmp"
	"math"
	"slices"

	"unmirror/fingerprints/cell"
)

// MaxCells is the number of a record's cells that are paired; MaxPairs how many pairs that makes.
const (
	MaxCells = 8
	MaxPairs = MaxCells * (MaxCells - 1) / 2
)

// pairDomain keeps pairs apart from whatever else the key's PRF is used for.
const pairDomain = 1

// Pair is the keyed hash, cell.HashBits wide, of two cells of one record in either order.
func Pair(k *cell.Key, a, b uint64) uint64 { return k.PRF(pairDomain, min(a, b), max(a, b)) }

// Order puts a record's cells in the order in which they are numbered, that of their hashes: so a pair that was found
// tells which of its cells is which.
func Order[C any](cells []C, hash func(C) uint64) {
	slices.SortFunc(cells, func(a, b C) int { return cmp.Compare(hash(a), hash(b)) })
}

// PairNumber numbers the pairs of cells i < j < MaxCells from 0 to MaxPairs-1.
func PairNumber(i, j int) uint32 { return uint32(j*(j-1)/2 + i) }

// PairCells is the reverse of PairNumber, for numbers below MaxPairs.
func PairCells(n uint32) (i, j int) {
	c := pairCells[n]
	return int(c[0]), int(c[1])
}

var pairCells = func() (cells [MaxPairs][2]uint8) {
	for j := range MaxCells {
		for i := range j {
			cells[PairNumber(i, j)] = [2]uint8{uint8(i), uint8(j)}
		}
	}
	return cells
}()

// A RecordCell's Kind in the index is its cell.Kind with these marks.
const (
	KindMask = 0x0F
	// Name marks a word of a person's name.
	Name = 0x10
	// Birth marks a date of birth. Other dates, such as days of a visit, are cells like any other.
	Birth = 0x20
	// Derived marks what follows from another cell of the record: an e-mail address made of the name, the town of a
	// postcode. It says little once the other is found.
	Derived = 0x40
	// Given marks a name that is a given name, where the table says which is.
	Given = 0x80
)

// Rarity is what one cell that two persons share tells, in quarter bits, as the index keeps it: holding is in how many of
// the table's rows (1 at least) the token occurs, length its length in characters. A small table says little of how rare
// its words are elsewhere, so the measured frequency, this row left out, is mixed with a prior by kind.
func Rarity(marked uint8, length, rows, holding int) uint8 {
	p := prior(marked, length)
	rows, holding = max(rows, 1), max(holding, 1)
	freq := (float64(holding-1) + pseudoRows*math.Exp2(-p)) / (float64(rows-1) + pseudoRows)
	bits := math.Min(-math.Log2(freq), most(marked, p))
	return uint8(math.Round(4 * math.Max(0, math.Min(bits, 63))))
}

// pseudoRows is how many rows the prior is worth.
const pseudoRows = 30

// prior is how rare a value of a kind is before the table is looked at, in bits. Identifiers are one person's, and the
// figures leave room for those who share one, for mistyped ones, and for numbers that only look like one.
func prior(marked uint8, length int) float64 {
	switch cell.Kind(marked & KindMask) {
	case cell.National, cell.BSN:
		return 30
	case cell.IBAN:
		return 32
	case cell.Email:
		return 26
	case cell.Phone:
		return 25
	case cell.Enterprise:
		return 18
	case cell.Date:
		if marked&Birth != 0 {
			return birthBits
		}
		return 9
	case cell.Number:
		return math.Min(3.3*float64(length)-5, 16)
	}
	if marked&Name != 0 {
		return math.Min(4+float64(length)/2, 8)
	}
	return math.Min(2+float64(length)/2, 7)
}

// birthBits is a birth date's rarity: the working population's days of birth, about 50 years of them, and somewhat less
// since they are not even.
const birthBits = 14

// most bounds a rarity by kind, in bits.
func most(marked uint8, prior float64) float64 {
	switch cell.Kind(marked & KindMask) {
	case cell.Word:
		return 11
	case cell.Date:
		return 14.5
	case cell.Number:
		return 16
	}
	return prior
}
