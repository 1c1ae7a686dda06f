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
// A passage's hash is (x+f)(y+g)+zh modulo a prime, of the three numbers that it makes and three secret ones (Black,
// Halevi, Krawczyk, Krovetz and Rogaway, "UMAC: Fast and Secure Message Authentication", 1999, modulo a prime): it says of
// two different passages that they are the same with a probability of 2^-HashBits, and takes two multiplications. It is no
// PRF: of passages whose hashes are known, others' can be computed. So whoever keeps a hash puts it through a PRF or a
// cipher before, which makes a PRF of both, as package index does.
type Table struct {
	order   uint32 // odd
	plain   bool   // without vector instructions
	f, g, h uint64 // below prime
}

// TableBytes is the number of secret bytes that NewTable takes.
const TableBytes = 4 * 8

// NewTable makes the parameters from TableBytes pseudorandom bytes.
func NewTable(secret *[TableBytes]byte) *Table {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(secret[8*i:]) }
	return &Table{order: orderFactor(word(0)), f: word(1) % prime, g: word(2) % prime, h: word(3) % prime}
}

// Plain returns the same parameters for streams that use no vector instructions, which select the same.
func (t *Table) Plain() *Table {
	p := *t
	p.plain = true
	return &p
}

const (
	primeBits = 61
	prime     = 1<<primeBits - 1
	word7     = 1<<56 - 1
)

// hash is the keyed hash of a passage.
func (t *Table) hash(p *[K]byte) uint64 { return reduce(combine(p, t.f, t.g, t.h)) }

// combine makes the numbers of a passage's bytes, seven by seven and the last ones overlapping, and one of them, below
// 2^123.
func combine(p *[K]byte, f, g, h uint64) (high, low uint64) {
	high, low = bits.Mul64(binary.LittleEndian.Uint64(p[0:])&word7+f, binary.LittleEndian.Uint64(p[7:])&word7+g)
	more, l := bits.Mul64(binary.LittleEndian.Uint64(p[12:])>>8, h)
	low, carry := bits.Add64(low, l, 0)
	return high + more + carry, low
}

// reduce takes the remainder modulo prime, scrambles that (which is a permutation, and spares whoever uses some of the
// bits the regularity of numbers in sequence) and cuts one bit off.
func reduce(high, low uint64) uint64 {
	x := low&prime + (high<<3 | low>>primeBits)
	x = x&prime + x>>primeBits
	x ^= x >> 31
	return x * scramble << (64 - primeBits) >> (64 - HashBits)
}

// hashAllPlain writes the prints of what these windows select; the text begins at offset first. It returns 0 if no two that
// follow each other have the same hash; before is that of the one before.
func (t *Table) hashAllPlain(out []Print, w *workspace, from []uint16, first int64, before uint64) (again uint64) {
	f, g, h := t.f, t.g, t.h
	out = out[:len(from)]
	for j, window := range from {
		at := w.at[window&(room-1)] & (room - 1)
		x := reduce(combine((*[K]byte)(w.text[at:]), f, g, h))
		out[j] = Print{x, first + int64(at)}
		if x == before { // hardly ever
			again = 1
		}
		before = x
	}
	return again
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
