package fingerprints

import (
	"encoding/binary"
	"math/bits"
)

const (
	sumWords = 64           // words of a block
	sumBlock = 8 * sumWords // bytes of a block
	sumPrime = 1<<61 - 1
	sumBytes = sumBlock + 2*8 // of key
	low56    = 1<<56 - 1
)

// sumKey is the key of textSum. It is immutable and may be shared.
type sumKey struct {
	words [sumWords]uint64
	poly  [2][3]uint64 // of each: itself, its square and its cube
}

func newSumKey(secret *[sumBytes]byte) *sumKey {
	k := &sumKey{}
	for i := range k.words {
		k.words[i] = binary.LittleEndian.Uint64(secret[8*i:])
	}
	for i := range k.poly {
		x := binary.LittleEndian.Uint64(secret[sumBlock+8*i:]) % sumPrime
		square := reduced(times(x, x))
		k.poly[i] = [3]uint64{x, square, reduced(times(square, x))}
	}
	return k
}

// textSum is a universal hash of a text that arrives in pieces, several times as fast as SHA-256: blocks are hashed by NH
// (Black, Halevi, Krawczyk, Krovetz and Rogaway, "UMAC: Fast and Secure Message Authentication", 1999), and those hashes
// by two polynomials modulo 2^61-1 (Carter and Wegman). Two given texts of n bytes agree for one key in 2^64, and beyond
// that for one in (2^115/n)^2. It is no digest to be kept: it goes through a PRF first.
type textSum struct {
	key  *sumKey
	poly [2]uint64 // below 2^61 + 4
	held int
	size uint64
	buf  [sumBlock]byte
}

func (s *textSum) write(p []byte) {
	s.size += uint64(len(p))
	if s.held > 0 {
		n := copy(s.buf[s.held:], p)
		s.held, p = s.held+n, p[n:]
		if s.held < sumBlock {
			return
		}
		s.block(&s.buf)
		s.held = 0
	}
	for ; len(p) >= sumBlock; p = p[sumBlock:] {
		s.block((*[sumBlock]byte)(p))
	}
	s.held = copy(s.buf[:], p)
}

// sum returns the hash of what was written; more may follow.
func (s *textSum) sum() (out [24]byte) {
	end := *s
	if end.held > 0 {
		clear(end.buf[end.held:])
		end.block(&end.buf)
	}
	for i := range end.poly { // no text is 2^56 bytes long; texts that differ in padding alone differ here
		end.poly[i] = reduced(times(end.poly[i], s.key.poly[i][0]) + end.size)
	}
	binary.LittleEndian.PutUint64(out[0:], end.poly[0])
	binary.LittleEndian.PutUint64(out[8:], end.poly[1])
	binary.LittleEndian.PutUint64(out[16:], end.size)
	return out
}

func (s *textSum) block(b *[sumBlock]byte) {
	var hi, lo, carry, h, l uint64
	for i := 0; i < sumWords; i += 8 {
		w, k := (*[8 * 8]byte)(b[8*i:]), (*[8]uint64)(s.key.words[i:])
		h, l = bits.Mul64(binary.LittleEndian.Uint64(w[0:])+k[0], binary.LittleEndian.Uint64(w[8:])+k[1])
		lo, carry = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
		h, l = bits.Mul64(binary.LittleEndian.Uint64(w[16:])+k[2], binary.LittleEndian.Uint64(w[24:])+k[3])
		lo, carry = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
		h, l = bits.Mul64(binary.LittleEndian.Uint64(w[32:])+k[4], binary.LittleEndian.Uint64(w[40:])+k[5])
		lo, carry = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
		h, l = bits.Mul64(binary.LittleEndian.Uint64(w[48:])+k[6], binary.LittleEndian.Uint64(w[56:])+k[7])
		lo, carry = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
	}
	s.mix(lo&low56, (lo>>56|hi<<8)&low56, hi>>48)
}

// mix takes the next three coefficients, each below 2^56, into both polynomials, which are not reduced further than times
// does. All products are reduced at once: only the first waits for the block before.
func (s *textSum) mix(a, b, c uint64) {
	for i := range s.poly {
		k := &s.key.poly[i]
		hi, lo := bits.Mul64(s.poly[i], k[2])
		h, l := bits.Mul64(a, k[1])
		lo, carry := bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
		h, l = bits.Mul64(b, k[0])
		lo, carry = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
		lo, carry = bits.Add64(lo, c, 0)
		s.poly[i] = folded(hi+carry, lo)
	}
}

// times is a product modulo sumPrime of two numbers below 2^61 + 4; it is less than 2^61 + 4, and not reduced further.
func times(v, k uint64) uint64 { return folded(bits.Mul64(v, k)) }

// folded is a number below 2^123 modulo sumPrime, not reduced further than that.
func folded(hi, lo uint64) uint64 {
	v := lo&sumPrime + (lo>>61 | hi<<3)
	return v&sumPrime + v>>61
}

// reduced is a number below 2^62 modulo sumPrime.
func reduced(v uint64) uint64 {
	if v = v&sumPrime + v>>61; v >= sumPrime {
		v -= sumPrime
	}
	return v
}
