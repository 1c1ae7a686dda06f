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
	poly  [2]uint64
}

func newSumKey(secret *[sumBytes]byte) *sumKey {
	k := &sumKey{}
	for i := range k.words {
		k.words[i] = binary.LittleEndian.Uint64(secret[8*i:])
	}
	for i := range k.poly {
		k.poly[i] = binary.LittleEndian.Uint64(secret[sumBlock+8*i:]) % sumPrime
	}
	return k
}

// textSum is a universal hash of a text that arrives in pieces, several times as fast as SHA-256: blocks are hashed by NH
// (Black, Halevi, Krawczyk, Krovetz and Rogaway, "UMAC: Fast and Secure Message Authentication", 1999), and those hashes
// by two polynomials modulo 2^61-1 (Carter and Wegman). Two given texts of n bytes agree for one key in 2^64, and beyond
// that for one in (2^115/n)^2. It is no digest to be kept: it goes through a PRF first.
type textSum struct {
	key  *sumKey
	poly [2]uint64
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
	end.mix(end.size) // no text is 2^56 bytes long; texts that differ in padding alone differ here
	binary.LittleEndian.PutUint64(out[0:], end.poly[0])
	binary.LittleEndian.PutUint64(out[8:], end.poly[1])
	binary.LittleEndian.PutUint64(out[16:], end.size)
	return out
}

func (s *textSum) block(b *[sumBlock]byte) {
	var hi, lo, carry uint64
	k := &s.key.words
	for i := 0; i < sumWords; i += 2 {
		h, l := bits.Mul64(binary.LittleEndian.Uint64(b[8*i:])+k[i], binary.LittleEndian.Uint64(b[8*i+8:])+k[i+1])
		lo, carry = bits.Add64(lo, l, 0)
		hi, _ = bits.Add64(hi, h, carry)
	}
	s.mix(lo & low56)
	s.mix((lo>>56 | hi<<8) & low56)
	s.mix(hi >> 48)
}

// mix takes the next coefficient, below 2^56, into both polynomials.
func (s *textSum) mix(m uint64) {
	for i := range s.poly {
		hi, lo := bits.Mul64(s.poly[i], s.key.poly[i])
		v := lo&sumPrime + (lo>>61 | hi<<3) + m
		v = v&sumPrime + v>>61
		if v >= sumPrime {
			v -= sumPrime
		}
		s.poly[i] = v
	}
}
