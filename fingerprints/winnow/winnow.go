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
// A passage's hash is SipHash-1-3 of it (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012, in the reduced
// form that Python and Rust use): a PRF, so that an index tells nothing without the key. Nothing that is kept shows the
// order by which passages are selected.
type Table struct {
	order uint64    // odd, and orderLow zeros
	start [4]uint64 // SipHash's state before the first word
}

// TableBytes is the number of secret bytes that NewTable takes.
const TableBytes = 3 * 8

// NewTable makes the parameters from TableBytes pseudorandom bytes.
func NewTable(secret *[TableBytes]byte) *Table {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(secret[8*i:]) }
	k0, k1 := word(1), word(2)
	return &Table{
		order: orderFactor(word(0)),
		start: [4]uint64{k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573},
	}
}

// hash is the keyed hash of a passage: its two words and a half, the rest of the third one telling its length.
func (t *Table) hash(p *[K]byte) uint64 {
	v0, v1, v2, v3 := t.start[0], t.start[1], t.start[2], t.start[3]
	m := binary.LittleEndian.Uint64(p[0:])
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3^m)
	v0 ^= m
	m = binary.LittleEndian.Uint64(p[8:])
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3^m)
	v0 ^= m
	m = uint64(binary.LittleEndian.Uint32(p[16:])) | K<<56
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3^m)
	v0, v1, v2, v3 = sipRound(v0^m, v1, v2^0xff, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	return (v0 ^ v1 ^ v2 ^ v3) >> (64 - HashBits)
}

// sipRound is four additions, rotations and exclusive ors: the round of SipHash.
func sipRound(v0, v1, v2, v3 uint64) (uint64, uint64, uint64, uint64) {
	v0 += v1
	v2 += v3
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 = bits.RotateLeft64(v0, 32)
	v2 += v1
	v0 += v3
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v2 = bits.RotateLeft64(v2, 32)
	return v0, v1, v2, v3
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
