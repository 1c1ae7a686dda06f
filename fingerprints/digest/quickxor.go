package digest

import (
	"crypto/subtle"
	"encoding/binary"
)

// quickXor is the hash that OneDrive and SharePoint publish: each byte lies 11 bits further in a ring of 160 bits, and
// the length is added at the end ("QuickXorHash Algorithm", OneDrive API). After 160 bytes the places come again, so that
// bytes may be gathered first and laid into the ring once.
type quickXor struct {
	gathered [160]byte
	n        uint64
}

func (q *quickXor) write(p []byte) {
	for len(p) > 0 {
		at := q.n % uint64(len(q.gathered))
		n := subtle.XORBytes(q.gathered[at:], q.gathered[at:], p)
		q.n += uint64(n)
		p = p[n:]
	}
}

func (q *quickXor) sum() []byte {
	sum := make([]byte, 21)
	for i, b := range q.gathered {
		bit := i * 11 % 160
		wide := uint16(b) << (bit % 8)
		sum[bit/8] ^= byte(wide)
		sum[bit/8+1] ^= byte(wide >> 8)
	}
	sum[0] ^= sum[20] // the ring closes
	sum = sum[:20]
	tail := sum[12:]
	binary.LittleEndian.PutUint64(tail, binary.LittleEndian.Uint64(tail)^q.n)
	return sum
}
