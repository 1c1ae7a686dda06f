//go:build amd64 && !purego

package winnow

import (
	"math/bits"

	"golang.org/x/sys/cpu"
)

// Vectors tells whether this machine's vector instructions are used.
func Vectors() bool { return cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT }

// chooseAVX2 does what choosePlain does, for eights of windows: what follows the last window asked for is to be left out.
// It reads roomy bytes of text at most, and writes no more than eight picks beyond those it counts.
//
//go:noescape
func chooseAVX2(to *[pickMask + 1]uint32, text *[roomy]byte, eights int, mul uint32, packing *[256]uint64) (count int)

func (s *Stream) choose(windows int) int {
	if s.t.plain || !Vectors() {
		return s.w.choosePlain(windows, s.t.order)
	}
	count := chooseAVX2(&s.w.picked, &s.w.text, (windows+7)/8, s.t.order, &packing)
	for windows&7 != 0 && int(s.w.picked[(count-1)&pickMask]>>fromBits) >= windows {
		count--
	}
	return count
}

// packing is, by the bits of a byte, the numbers of those that are set, from the lowest on, each a byte.
var packing = func() (t [256]uint64) {
	for b := range t {
		for rest := uint(b); rest != 0; rest &= rest - 1 {
			t[b] |= uint64(bits.TrailingZeros(rest)) << (8 * bits.OnesCount(uint(b)&^rest))
		}
	}
	return t
}()
