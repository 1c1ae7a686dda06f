// Package cell finds, in a stream of text, what could be a cell of a table: words, numbers, dates, and identifiers that
// pass their check digits, each as a keyed hash that is the same however the value is written. It never keeps text beyond
// the last few hundred bytes and never yields a hash that could be computed without the key.
//
// A value that can be read in several ways (01/02/1980, a number that may be a telephone's) is several tokens at one
// place: what is known decides between them.
package cell

import (
	"encoding/binary"
	"math/bits"
)

// Kind is what a cell was read as. Values of different kinds have different hashes.
type Kind uint8

// The kinds of cell.
const (
	Word       Kind = iota // a run of letters, or of letters and digits
	Number                 // digits, without separators and leading zeros
	Date                   // a day, as YYYYMMDD
	National               // Belgian national register number or BIS number
	BSN                    // Dutch burgerservicenummer
	IBAN                   // bank account
	Email                  // e-mail address
	Phone                  // telephone number, without prefixes
	Enterprise             // Belgian enterprise number
	Kinds                  // how many there are
)

// String names a kind in messages.
func (k Kind) String() string {
	names := [Kinds]string{"word", "number", "date", "national number", "bsn", "iban", "e-mail", "telephone", "enterprise number"}
	if k >= Kinds {
		return "unknown"
	}
	return names[k]
}

// HashBits is the width of a token's hash, and LeadBits how many of its uppermost bits a filter is given.
const HashBits, LeadBits = 60, 30

// Token is one reading of one place in a text.
type Token struct {
	Hash    uint64 // keyed, HashBits wide
	At, End int64  // byte offsets in the text scanned
	// Line tells tokens apart that different lines, or different records of a list on one line, hold: it grows by one at
	// each line end and each end of a record such as "),(" and "},{".
	Line  uint32
	Dates uint32 // places before this one that were read as dates, those that a filter dropped included
	Kind  Kind
	Size  uint8 // of a Number, as SizeOf has it
	// Dropped tells that the filter dropped it. Identifiers of one person are told all the same: where one stands that is
	// not known, the text may speak of somebody else.
	Dropped bool
}

// Key holds the secret parameters. It is immutable and may be shared.
//
// A word is hashed sixteen bytes at a time by a product under secret words whose halves are joined (as wyhash and XXH3 do), a
// number by such a product of its value, an account number or an address by cyclic polynomials over a secret table of random
// words (as package winnow does) and such a product of what they give. The uppermost LeadBits of that lead a token's hash, so
// that whoever asks whether a lone cell may be known, which hardly any is, need not wait for more; the others are of SipHash-1-3,
// a PRF of kind and value, as all is that cells are paired by.
type Key struct {
	wide   [256]uint64 // by byte of an account number or an address
	start  [Kinds]uint64
	words  [2]uint64
	odd    uint64
	pair   [2]uint64
	k0, k1 uint64
	months months
}

// KeyBytes is the number of secret bytes that NewKey takes.
const KeyBytes = 256*8 + 16*8 + 7*8

// NewKey makes the parameters from KeyBytes pseudorandom bytes.
func NewKey(secret *[KeyBytes]byte) *Key {
	k := &Key{}
	next := func(i int) uint64 { return binary.LittleEndian.Uint64(secret[8*i:]) }
	for i := range k.wide {
		k.wide[i] = next(i)
	}
	for i := range k.start {
		k.start[i] = next(256 + i)
	}
	k.odd, k.pair = next(272)|1, [2]uint64{next(273) | 1, next(274) | 1}
	k.k0, k.k1 = next(275), next(276)
	k.words = [2]uint64{next(277), next(278)}
	k.months = newMonths(k)
	return k
}

// finish is SipHash-1-3 of one word, without the length block, since every input is one word.
func (k *Key) finish(m uint64) uint64 {
	v0, v1, v2, v3 := k.k0^0x736f6d6570736575, k.k1^0x646f72616e646f6d, k.k0^0x6c7967656e657261, k.k1^0x7465646279746573
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3^m)
	v0, v1, v2, v3 = sipRound(v0^m, v1, v2^0xff, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	v0, v1, v2, v3 = sipRound(v0, v1, v2, v3)
	return (v0 ^ v1 ^ v2 ^ v3) >> (64 - HashBits)
}

// hash is a token's hash by its raw one.
func (k *Key) hash(raw uint64) uint64 {
	const rest = 1<<(HashBits-LeadBits) - 1
	return raw>>(64-HashBits)&^rest | k.finish(raw)&rest
}

func sipRound(v0, v1, v2, v3 uint64) (uint64, uint64, uint64, uint64) {
	v0 += v1
	v2 += v3
	v1 = bits.RotateLeft64(v1, 13) ^ v0
	v3 = bits.RotateLeft64(v3, 16) ^ v2
	v0 = bits.RotateLeft64(v0, 32) + v3
	v2 += v1
	v3 = bits.RotateLeft64(v3, 21) ^ v0
	v1 = bits.RotateLeft64(v1, 17) ^ v2
	return v0, v1, bits.RotateLeft64(v2, 32), v3
}

// PRF is a keyed hash of two words of 64 bits and a domain, HashBits wide. Package record makes pairs of cells with it.
func (k *Key) PRF(domain, a, b uint64) uint64 {
	return k.finish(domain*k.odd + a*k.pair[0] + b*k.pair[1])
}

// number is the raw hash of a value that is all digits.
func (k *Key) number(kind Kind, value uint64) uint64 { return k.wordBlock(k.start[kind], value, 0) }

// word is the raw hash of canonical letters and digits, none of which is a zero byte.
func (k *Key) word(canonical []byte) (h uint64) {
	for len(canonical) > 0 {
		var block [wordBlock]byte
		canonical = canonical[copy(block[:], canonical):]
		h = k.wordBlock(h, binary.LittleEndian.Uint64(block[:]), binary.LittleEndian.Uint64(block[8:]))
	}
	return h
}

// wordBlock goes on with a word's raw hash at sixteen bytes of its canonical form, with zeros behind its end. A raw hash is odd, and
// so never zero.
func (k *Key) wordBlock(h, first, second uint64) uint64 {
	hi, lo := bits.Mul64(first^k.words[0]^h, second^k.words[1])
	return hi ^ lo | 1
}

const wordBlock = 16

// foldEvery is after how many bytes a long value's hash is finalised on the way: the polynomials are cyclic in 64.
const foldEvery = 48

// text is the raw hash of a value of letters, digits and punctuation, with capitals as small letters.
func (k *Key) text(kind Kind, value []byte) uint64 {
	h := k.start[kind]
	for i, c := range value {
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		h = bits.RotateLeft64(h, 1) ^ k.wide[c]
		if i%foldEvery == foldEvery-1 {
			h = k.finish(h)
		}
	}
	return k.wordBlock(0, h, 0)
}
