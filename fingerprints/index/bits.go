package index

import (
	"encoding/binary"
	"math/bits"
)

// Numbers of a set width, packed to the bit, take a third less room than whole bytes do. The section begins with the width
// in bits, and ends with bitsPad zeros, so that eight bytes can be read wherever a number begins.

const (
	bitsPad = 8
	// maxWidth is the widest number that eight bytes hold wherever it begins among the bits of the first.
	maxWidth = 57
)

// widthOf is the width of the numbers up to most.
func widthOf(most uint64) uint { return uint(max(1, bits.Len64(most))) }

// bitWriter packs numbers into a column.
type bitWriter struct {
	to    *column
	width uint
	rest  uint64 // bits that fill no byte yet
	n     uint
}

func newBitWriter(to *column, width uint) *bitWriter {
	to.low(uint64(width), 1)
	return &bitWriter{to: to, width: width}
}

func (w *bitWriter) put(v uint64) {
	w.rest |= v << w.n
	w.n += w.width
	full := w.n / 8
	w.to.low(w.rest, int(full))
	if w.n -= 8 * full; full == 8 {
		w.rest = 0
		return
	}
	w.rest >>= 8 * full
}

// end writes what is left.
func (w *bitWriter) end() {
	if w.n > 0 {
		w.to.low(w.rest, 1)
	}
	w.to.bytes(make([]byte, bitsPad))
}

// packedBits reads what a bitWriter wrote.
type packedBits struct {
	data  []byte // without the width
	width uint
	mask  uint64
}

// openBits checks that there are n numbers.
func openBits(b []byte, n uint64) (packedBits, bool) {
	if len(b) == 0 || b[0] < 1 || b[0] > maxWidth {
		return packedBits{}, false
	}
	p := packedBits{b[1:], uint(b[0]), 1<<b[0] - 1}
	return p, uint64(len(p.data)) == (n*uint64(p.width)+7)/8+bitsPad
}

// at is where number i begins among the bytes.
func (p *packedBits) at(i int) int { return int(uint(i) * p.width >> 3) }

func (p *packedBits) get(i int) uint64 {
	bit := uint(i) * p.width
	return binary.LittleEndian.Uint64(p.data[bit>>3:]) >> (bit & 7) & p.mask
}
