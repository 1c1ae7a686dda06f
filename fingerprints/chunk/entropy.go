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

// filling is how many equal bytes in a row say nothing: what fills up a page of a database or of a mail box, or the
// ground of a picture.
const filling = 16

// Solid returns a chunk without what fills it up, or nothing where less than a chunk would be left. What it tells by the
// byte is not less for lying in a page with room to spare.
func Solid(b []byte) []byte {
	var rest []byte
	kept := 0 // what of b is in rest, or was left out
	for i := 0; i < len(b); {
		end := i + 1
		for end < len(b) && b[end] == b[i] {
			end++
		}
		if end-i >= filling {
			rest = append(rest, b[kept:i]...)
			kept = end
		}
		i = end
	}
	if kept == 0 {
		return b
	}
	if rest = append(rest, b[kept:]...); len(rest) < Min {
		return nil
	}
	return rest
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
