package winnow

import "encoding/binary"

// Grams are ordered by the upper bits of their product with a secret odd factor, modulo 2^32: their rank. Of grams of one rank
// the later one is the greater. A rank and a gram's place in its window fit in 16 bits, of which vectors hold sixteen.
const (
	rankBits  = 11
	rankShift = 32 - rankBits
	// usual is the product from which a gram is usually the greatest of some window: one gram in six is, and only one
	// window in 300 has none.
	usual = (1 << 32) / 6 * 5
)

// product orders grams, by its upper bits.
func product(text []byte, mul uint32) uint32 { return binary.LittleEndian.Uint32(text) * mul }

// orderFactor makes the secret factor of the order. Grams of one letter or digit only, which come in runs, get low
// places: a number's zeros would otherwise be selected one after the other.
func orderFactor(secret uint64) (mul uint32) {
	for range 1 << 14 {
		mul = uint32(secret>>32) | 1
		if !anyRunUsual(mul) {
			break
		}
		secret += scramble
		secret = (secret ^ secret>>29) * scramble
	}
	return mul
}

func anyRunUsual(mul uint32) bool {
	for _, c := range []byte("0123456789abcdefghijklmnopqrstuvwxyz") {
		if uint32(c)*0x01010101*mul >= usual {
			return true
		}
	}
	return false
}

// scramble is an odd constant, 2^64 divided by the golden ratio.
const scramble = 0x9e3779b97f4a7c15
