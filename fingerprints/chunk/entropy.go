package chunk

import (
	"encoding/binary"
	"math"
)

// Entropy returns how many bits a byte of a chunk tells, from 0 to 8: by the frequencies of bytes, by those of the
// differences of neighbours (which are few in ramps and tables), less what is a repetition of what stood before.
func Entropy(b []byte) float64 {
	if len(b) < Min {
		return 0
	}
	var plain, steps [256]int
	var last [1 << 12]uint16 // where four bytes that hash alike stood, plus one
	repeated := 0
	for i, v := range b {
		plain[v]++
		if i > 0 {
			steps[v-b[i-1]]++
		}
		if i+4 > len(b) || i >= 1<<16-1 {
			continue
		}
		four := binary.LittleEndian.Uint32(b[i:])
		slot := &last[four*2654435761>>20] // Knuth's multiplicative hash
		if *slot > 0 && binary.LittleEndian.Uint32(b[*slot-1:]) == four {
			repeated++
		}
		*slot = uint16(i + 1)
	}
	share := 1 - float64(repeated)/float64(len(b)-3)
	return share * min(shannon(plain[:], len(b)), shannon(steps[:], len(b)-1))
}

func shannon(counts []int, n int) (bits float64) {
	for _, c := range counts {
		if c > 0 {
			p := float64(c) / float64(n)
			bits -= p * math.Log2(p)
		}
	}
	return bits
}
