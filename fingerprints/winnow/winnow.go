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
// A passage is hashed by cyclic polynomials over a secret table of random words, an almost universal family (Lemire and
// Kaser, "Recursive n-gram hashing is pairwise independent, at best", 2010), and what is selected is finalised by
// SipHash-2-4: universal hashing followed by a PRF is a PRF of the passage.
type Table struct {
	in     [256]uint64
	out    [256]uint64 // in, rotated by K: what leaves
	k0, k1 uint64
}

// TableBytes is the number of secret bytes that NewTable takes.
const TableBytes = 256*8 + 16

// NewTable makes the parameters from TableBytes pseudorandom bytes.
func NewTable(secret *[TableBytes]byte) *Table {
	t := &Table{}
	for i := range t.in {
		t.in[i] = binary.LittleEndian.Uint64(secret[8*i:])
		t.out[i] = bits.RotateLeft64(t.in[i], K)
	}
	t.k0 = binary.LittleEndian.Uint64(secret[256*8:])
	t.k1 = binary.LittleEndian.Uint64(secret[256*8+8:])
	return t
}

// finish is SipHash-2-4 of one word. The length block is left out, since every input is one word.
func (t *Table) finish(m uint64) uint64 {
	v0, v1 := t.k0^0x736f6d6570736575, t.k1^0x646f72616e646f6d
	v2, v3 := t.k0^0x6c7967656e657261, t.k1^0x7465646279746573^m
	for i := range 6 {
		if i == 2 {
			v0 ^= m
			v2 ^= 0xff
		}
		v0 += v1
		v1 = bits.RotateLeft64(v1, 13) ^ v0
		v0 = bits.RotateLeft64(v0, 32)
		v2 += v3
		v3 = bits.RotateLeft64(v3, 16) ^ v2
		v0 += v3
		v3 = bits.RotateLeft64(v3, 21) ^ v0
		v2 += v1
		v1 = bits.RotateLeft64(v1, 17) ^ v2
		v2 = bits.RotateLeft64(v2, 32)
	}
	return (v0 ^ v1 ^ v2 ^ v3) >> (64 - HashBits)
}

// All returns the hash of every passage of a text, selected or not: the i-th starts at byte i. It is for short texts.
func (t *Table) All(canonical []byte) []uint64 {
	if len(canonical) < K {
		return nil
	}
	hashes := make([]uint64, 0, len(canonical)-K+1)
	var h uint64
	for i, c := range canonical {
		h = bits.RotateLeft64(h, 1) ^ t.in[c]
		if i >= K {
			h ^= t.out[canonical[i-K]]
		}
		if i >= K-1 {
			hashes = append(hashes, t.finish(h))
		}
	}
	return hashes
}

// Stream winnows one text that arrives in pieces. Make it with Table.Stream; it is not safe for concurrent use.
type Stream struct {
	t     *Table
	tail  [K]byte        // the last K bytes, as a ring
	ring  [Window]uint64 // the last Window hashes, as a ring
	n     int64          // bytes seen
	h     uint64
	least uint64 // the hash selected last
	at    int64  // and its position; -1 before the first window is full
}

// Stream begins a new text.
func (t *Table) Stream() Stream { return Stream{t: t, at: -1} }

// Len returns the number of canonical bytes seen.
func (s *Stream) Len() int64 { return s.n }

// Append feeds the next piece of canonical text and appends the passages that it selects to dst, in ascending order of
// offset.
func (s *Stream) Append(dst []Print, piece []byte) []Print {
	for len(piece) > 0 && s.n < Guarantee { // the first window fills without selecting
		dst = s.first(dst, piece[0])
		piece = piece[1:]
	}
	t, h, n, least, at := s.t, s.h, s.n, s.least, s.at
	slot := int(n % K)
	for _, c := range piece {
		h = bits.RotateLeft64(h, 1) ^ t.in[c] ^ t.out[s.tail[slot]]
		s.tail[slot] = c
		if slot++; slot == K {
			slot = 0
		}
		n++
		p := n - K
		s.ring[p&(Window-1)] = h
		// Robust winnowing: a tie keeps the passage selected before.
		if h < least {
			least, at = h, p
			dst = append(dst, Print{t.finish(h), p})
		} else if at <= p-Window {
			least, at = s.rightmost(p)
			dst = append(dst, Print{t.finish(least), at})
		}
	}
	s.h, s.n, s.least, s.at = h, n, least, at
	return dst
}

// first takes one byte before the first window is complete.
func (s *Stream) first(dst []Print, c byte) []Print {
	s.h = bits.RotateLeft64(s.h, 1) ^ s.t.in[c]
	slot := s.n % K
	if s.n >= K {
		s.h ^= s.t.out[s.tail[slot]]
	}
	s.tail[slot] = c
	s.n++
	p := s.n - K
	if p < 0 {
		return dst
	}
	s.ring[p&(Window-1)] = s.h
	if p == Window-1 {
		s.least, s.at = s.rightmost(p)
		dst = append(dst, Print{s.t.finish(s.least), s.at})
	}
	return dst
}

// rightmost returns the rightmost least hash of the window that ends at position p.
func (s *Stream) rightmost(p int64) (uint64, int64) {
	least, at := s.ring[p&(Window-1)], p
	for q := p - 1; q > p-Window; q-- {
		if h := s.ring[q&(Window-1)]; h < least {
			least, at = h, q
		}
	}
	return least, at
}
