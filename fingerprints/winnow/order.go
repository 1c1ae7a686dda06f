package winnow

import (
	"encoding/binary"
	"math/bits"
)

// Grams are ordered by their product with a secret factor. Keys are what is compared: a product with the place of its
// gram in the low bits, so that of equal grams the later one is the greater. All keys have the highest bit, so that the
// difference of two tells by its own highest bit which is the greater, and by its low bits how far they lie apart.
const (
	placeBits = 16
	placeMask = 1<<placeBits - 1
	// orderLow is the number of low bits that a product leaves free: for a place, and to lower it by two.
	orderLow = placeBits + 2
	// usual is the product from which a gram is usually the greatest of some window: one gram in six is, and only one
	// window in 300 has none. It decides how fast a text is taken, and nothing else.
	usual = (1 << 46) / 6 * 5 << orderLow
	// edge is the key of the places before the first gram and after the last: no window reaches across.
	edge = (1<<64 - 1) &^ placeMask
)

// product orders grams: mul ends in orderLow zeros.
func product(text []byte, mul uint64) uint64 { return uint64(binary.LittleEndian.Uint32(text)) * mul }

// anyKey is the key of any product. That of a usual one is just product | place, which is greater than all others.
func anyKey(product uint64, place int) uint64 {
	if product < usual {
		product = 1<<63 | product>>2
	}
	return product | uint64(place)
}

// orderFactor makes the secret factor of the order. Grams of one letter or digit only, which come in runs, get low
// places: a number's zeros would otherwise be selected one after the other.
func orderFactor(secret uint64) (mul uint64) {
	for range 1 << 14 {
		mul = (secret | 1) << orderLow
		if !anyRunUsual(mul) {
			break
		}
		secret += scramble
		secret = (secret ^ secret>>29) * scramble
	}
	return mul
}

func anyRunUsual(mul uint64) bool {
	for _, c := range []byte("0123456789abcdefghijklmnopqrstuvwxyz") {
		if uint64(c)*0x01010101*mul >= usual {
			return true
		}
	}
	return false
}

// block is how many grams are looked at at once for the usual ones among them.
const block = 256

// places are the numbers of the bits of a byte, from the lowest on, each a byte, and counts how many there are.
var (
	places = func() (t [256]uint64) {
		for b := range t {
			for rest := uint(b); rest != 0; rest &= rest - 1 {
				t[b] |= uint64(bits.TrailingZeros(rest)) << (8 * bits.OnesCount(uint(b)&^rest))
			}
		}
		return t
	}()
	counts = func() (t [256]uint8) {
		for b := range t {
			t[b] = uint8(bits.OnesCount(uint(b)))
		}
		return t
	}()
)

// usualOnes writes where the usual ones of the first n grams in text begin, and returns how many there are; n is rounded
// up to sixteens.
func usualOnes(to *[2*block + 8]uint8, text *[block + gram - 1]byte, n int, mul uint64) int {
	const (
		above     = 1<<64 - usual // what makes a usual product overflow
		everyByte = 0x0101010101010101
	)
	count, at := 0, uint64(0)
	for i := 0; i < n; i += 16 {
		t := (*[16 + gram - 1]byte)(text[i&(block-16):])
		var c uint64 // whether a product overflows
		_, c = bits.Add64(product(t[7:], mul), above, 0)
		first, _ := bits.Add64(0, 0, c)
		_, c = bits.Add64(product(t[6:], mul), above, 0)
		first, _ = bits.Add64(first, first, c)
		_, c = bits.Add64(product(t[5:], mul), above, 0)
		first, _ = bits.Add64(first, first, c)
		_, c = bits.Add64(product(t[4:], mul), above, 0)
		first, _ = bits.Add64(first, first, c)
		_, c = bits.Add64(product(t[3:], mul), above, 0)
		first, _ = bits.Add64(first, first, c)
		_, c = bits.Add64(product(t[2:], mul), above, 0)
		first, _ = bits.Add64(first, first, c)
		_, c = bits.Add64(product(t[1:], mul), above, 0)
		first, _ = bits.Add64(first, first, c)
		_, c = bits.Add64(product(t[0:], mul), above, 0)
		first, _ = bits.Add64(first, first, c)
		_, c = bits.Add64(product(t[15:], mul), above, 0)
		then, _ := bits.Add64(0, 0, c)
		_, c = bits.Add64(product(t[14:], mul), above, 0)
		then, _ = bits.Add64(then, then, c)
		_, c = bits.Add64(product(t[13:], mul), above, 0)
		then, _ = bits.Add64(then, then, c)
		_, c = bits.Add64(product(t[12:], mul), above, 0)
		then, _ = bits.Add64(then, then, c)
		_, c = bits.Add64(product(t[11:], mul), above, 0)
		then, _ = bits.Add64(then, then, c)
		_, c = bits.Add64(product(t[10:], mul), above, 0)
		then, _ = bits.Add64(then, then, c)
		_, c = bits.Add64(product(t[9:], mul), above, 0)
		then, _ = bits.Add64(then, then, c)
		_, c = bits.Add64(product(t[8:], mul), above, 0)
		then, _ = bits.Add64(then, then, c)
		binary.LittleEndian.PutUint64(to[count&(2*block-1):], places[first&255]+at)
		count += int(counts[first&255])
		binary.LittleEndian.PutUint64(to[count&(2*block-1):], places[then&255]+at+8*everyByte)
		count += int(counts[then&255])
		at += 16 * everyByte
	}
	return count
}
