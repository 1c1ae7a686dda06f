// Package winnow selects keyed fingerprints of passages from a stream of canonical text, by the mod-minimizers of Groot
// Koerkamp and Pibiri, "The mod-minimizer: A Simple and Efficient Sampling Algorithm for Long k-mers" (WABI 2024), made
// robust against repetition as Schleimer, Wilkerson and Aiken did in "Winnowing: Local Algorithms for Document
// Fingerprinting" (SIGMOD 2003).
// It never keeps text beyond the last window and never yields a hash that could be computed without the key.
//
// What is selected, exactly: each window of Guarantee bytes has span grams of gram bytes, in a secret order. Its greatest
// gram, of equal ones the rightmost, begins at some byte x of the window; the window selects its passage that begins at
// x modulo Window. So either the passage begins with that gram or it ends with it, and windows that share their greatest
// gram share their passage mostly: one passage in 11 is selected, and not one in 8.5 as by an order of the passages
// themselves. A window selects nothing more if the same text was selected before and still lies in it, so that text
// without content is not selected throughout. Hence what a window selects depends on the window's text alone, and every
// run of Guarantee bytes that two texts share is found by a passage that both select.
package winnow

import (
	"encoding/binary"
	"math/bits"
)

const (
	// K is the length of a passage in canonical bytes. Shorter ones are common words of a language.
	K = 20
	// Window is the number of consecutive passages of which one at least is selected.
	Window = 16
	// Guarantee is the length in canonical bytes from which every run that two texts share is found.
	Guarantee = K + Window - 1
	// Spacing is the mean distance of two selected passages, in bytes.
	Spacing = (span + 1) / 3.0
	// HashBits is the width of a passage's hash.
	HashBits = 60

	// gram is the length of what passages are selected by: with K modulo Window the fewest are.
	gram = K % Window
	// span is the number of grams of a window.
	span = Guarantee - gram + 1
)

// Print is a selected passage: its keyed hash (HashBits wide) and where it starts, in bytes of canonical text.
type Print struct {
	Hash   uint64
	Offset int64
}

// Table holds the secret parameters. It is immutable and may be shared.
//
// A passage's hash is an inner product with secret factors modulo a prime (Carter and Wegman, "Universal Classes of Hash
// Functions", 1979): it says of two different passages that they are the same with a probability of 2^-HashBits, and
// takes three multiplications. It is no PRF: of passages whose hashes are known, others' can be computed. So whoever
// keeps a hash puts it through a PRF or a cipher before, which makes a PRF of both, as package index does.
type Table struct {
	order   uint64    // odd, and orderLow zeros
	factors [3]uint64 // below prime
	plus    uint64    // below prime
}

// TableBytes is the number of secret bytes that NewTable takes.
const TableBytes = 5 * 8

// NewTable makes the parameters from TableBytes pseudorandom bytes.
func NewTable(secret *[TableBytes]byte) *Table {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(secret[8*i:]) }
	return &Table{
		order:   orderFactor(word(0)),
		factors: [3]uint64{word(1) % prime, word(2) % prime, word(3) % prime},
		plus:    word(4) % prime,
	}
}

const (
	primeBits = 61
	prime     = 1<<primeBits - 1
	word7     = 1<<56 - 1
)

// hash is the keyed hash of a passage: of the numbers that its bytes make seven by seven, the last ones overlapping.
func (t *Table) hash(p *[K]byte) uint64 {
	h1, l1 := bits.Mul64(t.factors[0], binary.LittleEndian.Uint64(p[0:])&word7)
	h2, l2 := bits.Mul64(t.factors[1], binary.LittleEndian.Uint64(p[7:])&word7)
	h3, l3 := bits.Mul64(t.factors[2], binary.LittleEndian.Uint64(p[12:])>>8)
	l, c := bits.Add64(l1, l2, 0)
	h, _ := bits.Add64(h1, h2, c)
	l, c = bits.Add64(l, l3, 0)
	h, _ = bits.Add64(h, h3, c)
	x := l&prime + (h<<3 | l>>primeBits) + t.plus // below 2^63, as the sum of the products is below 2^119
	x = x&prime + x>>primeBits
	// the rest is a permutation of primeBits bits, but for the one, and spares whoever uses some of the bits the regularity
	// of numbers in sequence
	x ^= x >> 31
	return x * scramble << (64 - primeBits) >> (64 - HashBits)
}

// scramble is an odd constant, 2^64 divided by the golden ratio.
const scramble = 0x9e3779b97f4a7c15

// All returns the hash of every passage of a text, selected or not: the i-th starts at byte i. It is for short texts.
func (t *Table) All(canonical []byte) []uint64 {
	if len(canonical) < K {
		return nil
	}
	hashes := make([]uint64, len(canonical)-K+1)
	for i := range hashes {
		hashes[i] = t.hash((*[K]byte)(canonical[i:]))
	}
	return hashes
}
