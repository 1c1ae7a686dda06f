// Package winnow selects keyed fingerprints of passages from a stream of canonical text, by the mod-minimizers of Groot
// Koerkamp and Pibiri, "The mod-minimizer: A Simple and Efficient Sampling Algorithm for Long k-mers" (WABI 2024), made
// robust against repetition as Schleimer, Wilkerson and Aiken did in "Winnowing: Local Algorithms for Document
// Fingerprinting" (SIGMOD 2003).
// It never keeps text beyond the last window and never yields a hash that could be computed without the key.
//
// What is selected, exactly: each window of Guarantee bytes has span grams of gram bytes, in a secret order of ranks. Its
// greatest gram, of one rank the rightmost, begins at some byte x of the window; the window selects its passage that begins at
// x modulo Window. So either the passage begins with that gram or it ends with it, and windows that share their greatest
// gram share their passage mostly: one passage in 11 is selected, and not one in 8.5 as by an order of the passages
// themselves. A window selects nothing more if the same text was selected before and still lies in it, so that text
// without content is not selected throughout. Hence what a window selects depends on the window's text alone, and every
// run of Guarantee bytes that two texts share is found by a passage that both select.
package winnow

import "encoding/binary"

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
// A passage's hash is the upper halves of two sums of products modulo 2^64 of its five numbers of 32 bits and secret ones of
// 64, (b+s)(c+t)+(d+u)(e+v)+fw+a (Lemire and Kaser, "Strongly universal string hashing is fast", 2014: Multilinear-HM). The
// second sum has the numbers d to h of the first for b to f, and its own for a: whatever the others are, one that only it has
// makes it random where two passages differ. So these have the same hash with a probability of 2^-HashBits, and all bits of
// it are alike. It is no PRF: of passages whose hashes are known, others' can be computed. So whoever keeps a hash puts it
// through a PRF or a cipher before, which makes a PRF of both, as package index does.
type Table struct {
	order  uint32  // odd
	plain  bool    // without vector instructions
	secret secrets // of the hash
	lanes  *lanes  // they for vectors
}

// secrets are the numbers b to h, and a of both sums.
type secrets [9]uint64

// TableBytes is the number of secret bytes that NewTable takes.
const TableBytes = 8 + 9*8

// NewTable makes the parameters from TableBytes pseudorandom bytes.
func NewTable(secret *[TableBytes]byte) *Table {
	t := &Table{order: orderFactor(binary.LittleEndian.Uint64(secret[:]))}
	for i := range t.secret {
		t.secret[i] = binary.LittleEndian.Uint64(secret[8+8*i:])
	}
	t.lanes = makeLanes(&t.secret)
	return t
}

// Plain returns the same parameters for streams that use no vector instructions, which select the same.
func (t *Table) Plain() *Table {
	p := *t
	p.plain = true
	return &p
}

// hash is the keyed hash of a passage.
func (k *secrets) hash(p *[K]byte) uint64 {
	s, t := uint64(binary.LittleEndian.Uint32(p[0:])), uint64(binary.LittleEndian.Uint32(p[4:]))
	upper, rest := (k[0]+s)*(k[1]+t), (k[2]+s)*(k[3]+t)
	s, t = uint64(binary.LittleEndian.Uint32(p[8:])), uint64(binary.LittleEndian.Uint32(p[12:]))
	upper, rest = upper+(k[2]+s)*(k[3]+t), rest+(k[4]+s)*(k[5]+t)
	s = uint64(binary.LittleEndian.Uint32(p[16:]))
	upper, rest = upper+k[4]*s+k[7], rest+k[6]*s+k[8]
	return (upper&^(1<<32-1) | rest>>32) >> (64 - HashBits)
}

// hashAllPlain writes the prints of passages at these places; the text begins at offset first. It returns 0 if no two that
// follow each other have the same hash; before is that of the one before. What hash does is written out, in an order in which
// the processor's registers suffice, which saves a fourth of the time.
func (t *Table) hashAllPlain(out []Print, text *[roomy]byte, at []uint16, first int64, before uint64) (again uint64) {
	k := &t.secret
	at = at[:len(out)]
	for i, place := range at {
		p := (*[K]byte)(text[place&(room-1):])
		a, b := uint64(binary.LittleEndian.Uint32(p[0:])), uint64(binary.LittleEndian.Uint32(p[4:]))
		c, d := uint64(binary.LittleEndian.Uint32(p[8:])), uint64(binary.LittleEndian.Uint32(p[12:]))
		e := uint64(binary.LittleEndian.Uint32(p[16:]))
		upper := (k[0]+a)*(k[1]+b) + (k[2]+c)*(k[3]+d) + k[4]*e + k[7]
		rest := (k[2]+a)*(k[3]+b) + (k[4]+c)*(k[5]+d) + k[6]*e + k[8]
		hash := (upper>>32<<32 | rest>>32) >> (64 - HashBits)
		out[i] = Print{hash, first + int64(place)}
		if hash == before { // hardly ever
			again = 1
		}
		before = hash
	}
	return again
}

// All returns the hash of every passage of a text, selected or not: the i-th starts at byte i. It is for short texts.
func (t *Table) All(canonical []byte) []uint64 {
	if len(canonical) < K {
		return nil
	}
	hashes := make([]uint64, len(canonical)-K+1)
	for i := range hashes {
		hashes[i] = t.secret.hash((*[K]byte)(canonical[i:]))
	}
	return hashes
}
