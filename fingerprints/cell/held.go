package cell

import (
	"math"
	"math/bits"
)

// Held is which cells there are to be found. Its union with another is that of their bits.
type Held struct {
	Kinds uint16 // a bit for each Kind
	Sizes uint64 // a bit for each size of a Number
}

// Everything is all kinds and all sizes.
var Everything = Held{Kinds: 1<<Kinds - 1, Sizes: math.MaxUint64}

// Has tells whether there are cells of a kind.
func (h Held) Has(k Kind) bool { return h.Kinds>>k&1 != 0 }

// always are the kinds that tell of whom a text speaks, whether or not they are known: identifiers of persons.
const always = 1<<Word | 1<<National | 1<<IBAN | 1<<Email

// Only spares the scanner what is nowhere held: telephone numbers where no table has any, numbers of other sizes than
// the known ones. Words and identifiers of persons are told all the same, and dates are counted.
func (s *Scanner) Only(h Held) {
	h.Kinds |= always
	if !h.Has(Number) {
		h.Sizes = 0
	}
	s.only, s.lengths = h, lengthsOf(h)
}

// SizeOf is how great a number is, from 0 to 63: how many bits it takes, less the lowest one.
func SizeOf(value uint64) uint8 { return uint8(bits.Len64(value >> 1)) }

// digitsOf is the value of the digits in a text, whatever stands between them.
func digitsOf(text []byte) (v uint64) {
	for _, c := range text {
		if isDigit(c) {
			v = 10*v + uint64(c-'0')
		}
	}
	return v
}
