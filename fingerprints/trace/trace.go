// Package trace keeps of a text one keyed bit for each of its grams, in the order of the text, and tells where another
// text runs along it: to the character, and on behind a word that somebody changed.
// It never keeps text and tells nothing of digits: numbers and dates leave the same trace whatever they are. A trace is
// no secret to who has the key, so whoever keeps one encrypts it.
//
// Winnowed passages find a text; they are a selection, and say neither where exactly a run ends nor what lies between two
// edits that are less than a passage apart. A trace cannot be looked up, but once a text is suspected it says both: that a
// hundred bits in a row agree by chance has a probability of 2^-100.
package trace

import (
	"encoding/binary"
	"math/bits"
)

const (
	// Gram is the length in canonical bytes of what a bit is of: a word or so.
	Gram = 6
	// MaxText is the length in canonical bytes of the longest text of which a trace is kept: 128 KiB of bits.
	MaxText = 1 << 20
	// TableBytes is the number of secret bytes that NewTable takes.
	TableBytes = 3 * 8

	gramMask = 1<<(8*Gram) - 1
)

// Table holds the secret parameters. It is immutable and may be shared.
type Table struct{ add, first, second uint64 }

// NewTable makes the parameters from TableBytes pseudorandom bytes.
func NewTable(secret *[TableBytes]byte) *Table {
	word := func(i int) uint64 { return binary.LittleEndian.Uint64(secret[8*i:]) }
	return &Table{add: word(0), first: word(1) | 1, second: word(2) | 1}
}

// bit is the keyed bit of a gram: of two different ones it is the same with a probability of one half.
func (t *Table) bit(gram uint64) uint64 {
	x := (gram ^ t.add) * t.first
	x = (x ^ x>>32) * t.second
	return (x ^ x>>29) * t.first >> 63
}

// class is a byte as a gram has it.
func class(c byte) byte {
	if c >= '0' && c <= '9' {
		return '0'
	}
	return c
}

// Trace is the bits of a text, the first in the lowest place of the first word.
type Trace struct {
	words []uint64 // one more than needed, so that 64 bits can be read anywhere
	n     int
}

// Len is the number of grams.
func (t Trace) Len() int { return t.n }

// word is the 64 bits from a place on; those behind the end are zeros.
func (t *Trace) word(at int) uint64 {
	i, shift := at>>6, uint(at&63)
	return t.words[i]>>shift | t.words[i+1]<<(63-shift)<<1
}

// before is the 64 bits that end with the one before a place, that one on top; those before the beginning are zeros.
func (t *Trace) before(at int) uint64 {
	if at >= 64 {
		return t.word(at - 64)
	}
	return t.words[0] << (63 - at) << 1
}

// Writer makes the trace of a text that arrives in pieces.
type Writer struct {
	table *Table
	gram  uint64
	seen  int // bytes
	words []uint64
}

// Writer begins a text.
func (t *Table) Writer() Writer { return Writer{table: t} }

// Write takes the next piece of canonical text.
func (w *Writer) Write(piece []byte) {
	if w.seen > MaxText {
		return
	}
	for _, c := range piece {
		w.gram = (w.gram<<8 | uint64(class(c))) & gramMask
		if w.seen++; w.seen < Gram {
			continue
		}
		n := w.seen - Gram
		if n&63 == 0 {
			w.words = append(w.words, 0)
		}
		w.words[n>>6] |= w.table.bit(w.gram) << (n & 63)
	}
	if w.seen > MaxText {
		w.words = nil
	}
}

// Trace returns the trace of what was written; an empty one of more than MaxText bytes. Nothing may be written after.
func (w *Writer) Trace() Trace {
	if w.seen < Gram || w.seen > MaxText {
		return Trace{words: make([]uint64, 2)}
	}
	return Trace{append(w.words, 0, 0), w.seen - Gram + 1}
}

// Of returns the trace of a text, as a Writer makes it.
func (t *Table) Of(canonical []byte) Trace {
	w := t.Writer()
	w.Write(canonical)
	return w.Trace()
}

// Bytes encodes a trace: how many bits of the last byte are none, then the bits. An empty trace has no bytes.
func (t Trace) Bytes() []byte {
	if t.n == 0 {
		return nil
	}
	size := (t.n + 7) / 8
	b := make([]byte, 1, 1+8*len(t.words))
	b[0] = byte(8*size - t.n)
	for _, w := range t.words {
		b = binary.LittleEndian.AppendUint64(b, w)
	}
	return b[:1+size]
}

// Decode reads what Bytes made; whatever else there is, it makes a trace of.
func Decode(b []byte) Trace {
	if len(b) < 2 || b[0] > 7 || len(b) > 1+MaxText/8 {
		return Trace{words: make([]uint64, 2)}
	}
	n := 8*(len(b)-1) - int(b[0])
	words := make([]uint64, (n+63)/64+2)
	for i, c := range b[1:] {
		words[i>>3] |= uint64(c) << (8 * (i & 7))
	}
	if n&63 != 0 {
		words[n>>6] &= 1<<(n&63) - 1
	}
	return Trace{words, n}
}

// Place returns where a trace has the n bits of a text from a place on: of all such places, where most of the bits before
// and behind agree too. Bits of different texts agree one time in two, so n should not be far below the logarithm of the
// trace's length.
func (t *Trace) Place(text *Trace, from, n int) (at int, ok bool) {
	if n <= 0 || from < 0 || from+n > text.n {
		return 0, false
	}
	mask := ^uint64(0) >> (64 - min(n, 64))
	first, longest := text.word(from)&mask, 0
	for i := 0; i+n <= t.n; i++ {
		if t.word(i)&mask != first {
			continue
		}
		if on := after(text, t, from, i); on >= n && on+until(text, t, from, i) > longest {
			at, longest = i, on+until(text, t, from, i)
		}
	}
	return at, longest > 0
}

// after is the number of bits from these places on that agree.
func after(a, b *Trace, i, j int) (n int) {
	most := min(a.n-i, b.n-j)
	for n < most {
		if x := a.word(i+n) ^ b.word(j+n); x != 0 {
			return min(n+bits.TrailingZeros64(x), most)
		}
		n += 64
	}
	return most
}

// until is the number of bits before these places that agree.
func until(a, b *Trace, i, j int) (n int) {
	most := min(i, j)
	for n < most {
		if x := a.before(i-n) ^ b.before(j-n); x != 0 {
			return min(n+bits.LeadingZeros64(x), most)
		}
		n += 64
	}
	return most
}
