// Package winnow selects keyed fingerprints of passages from a stream of canonical text: robust winnowing after
// Schleimer, Wilkerson and Aiken, "Winnowing: Local Algorithms for Document Fingerprinting" (SIGMOD 2003).
// It never keeps text beyond the last K bytes and never yields a hash that could be computed without the key.
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
	// HashBits is the width of a passage's hash: the index keeps exactly these bits.
	HashBits = 60
)

// Print is a selected passage: its keyed hash (HashBits wide) and where it starts, in bytes of canonical text.
type Print struct {
	Hash   uint64
	Offset int64
}

// Table holds the secret parameters. It is immutable and may be shared.
//
// A passage is read as three numbers of 56 bits and hashed to their sum of products with three secret ones, modulo the
// prime 2^61-1: a universal family, in which two passages collide for one key in 2^61 (Carter and Wegman, "Universal
// classes of hash functions", 1979). What is selected is finalised by SipHash-1-3: universal hashing followed by a PRF is
// a PRF of the passage. Nothing that is kept shows the sum itself, nor the order by which passages are selected.
type Table struct {
	mul    [3]uint64 // below the prime
	order  uint64    // odd, and placeBits zeros
	k0, k1 uint64
}

const prime = 1<<61 - 1

// TableBytes is the number of secret bytes that NewTable takes.
const TableBytes = 6 * 8

// NewTable makes the parameters from TableBytes pseudorandom bytes.
func NewTable(secret *[TableBytes]byte) *Table {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(secret[8*i:]) }
	return &Table{mul: [3]uint64{word(0) % prime, word(1) % prime, word(2) % prime}, order: (word(3) | 1) << placeBits, k0: word(4), k1: word(5)}
}

// hash is the keyed hash of a passage.
func (t *Table) hash(p *[K]byte) uint64 {
	const low56 = 1<<56 - 1
	h0, l0 := bits.Mul64(t.mul[0], binary.LittleEndian.Uint64(p[0:])&low56)
	h1, l1 := bits.Mul64(t.mul[1], binary.LittleEndian.Uint64(p[7:])&low56)
	h2, l2 := bits.Mul64(t.mul[2], binary.LittleEndian.Uint64(p[12:])>>8)
	l0, c := bits.Add64(l0, l1, 0)
	h0 += h1 + c // three products of 117 bits do not overflow
	l0, c = bits.Add64(l0, l2, 0)
	h0 += h2 + c
	sum := l0&prime + (l0>>61 | h0<<3)
	return t.finish(sum&prime + sum>>61)
}

// finish is SipHash-1-3 of one word. The length block is left out, since every input is one word. The faster of the two
// usual SipHashes suffices here: nobody who reads an index knows, let alone chooses, what went in.
func (t *Table) finish(m uint64) uint64 {
	v0, v1 := t.k0^0x736f6d6570736575, t.k1^0x646f72616e646f6d
	v2, v3 := t.k0^0x6c7967656e657261, t.k1^0x7465646279746573^m
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0 ^= m
	v2 ^= 0xff
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	return (v0 ^ v1 ^ v2 ^ v3) >> (64 - HashBits)
}

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
