//go:build amd64 && !purego

package canonical

import (
	"math/bits"

	"golang.org/x/sys/cpu"
)

// Vectors tells whether this machine's vector instructions are used.
func Vectors() bool {
	return cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT && cpu.X86.HasBMI1 && cpu.X86.HasBMI2
}

const (
	// vectorRead is how far behind what it takes the vector version reads, vectorWrite how far behind what it keeps it writes.
	vectorRead, vectorWrite = 1, 8
	vectorBytes, wideBytes  = 32, 64
)

// Wide tells whether its vectors of 512 bits are used, too.
func Wide() bool {
	x := &cpu.X86
	return Vectors() && x.HasAVX512 && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512VBMI && x.HasAVX512VBMI2
}

// fold512 maps ASCII, characters from U+0080 to U+017F, and of U+2000 to U+203F, which are dropped, up to another character: of n bytes,
// 64 at least, whole vectors of 64 bytes. It takes no character that the end of what it takes cuts, but of three bytes the first two.
// vectorRead more bytes must follow, and it writes no more than it takes.
//
//go:noescape
func fold512(to, from *byte, n int) (took, kept int)

// foldAVX2 maps eights of four of ASCII, of characters from U+0080 to U+017F but fractions, and of U+2000 to U+203F, which are
// dropped, up to another character. It takes no more than n bytes, which vectorRead more must follow, and writes no more than it
// takes and vectorWrite more. A character that the end of what it took cuts is mapped as far as it was seen.
//
//go:noescape
func foldAVX2(to, from *byte, n int, packing *[513]uint64) (took, kept int)

// leading maps what it can of the beginning of src, by whole characters: nothing where the processor has no such instructions. There must be room for all of it.
func leading(dst, src []byte) (canonical, rest []byte) {
	room := min(len(src)-vectorRead, cap(dst)-len(dst)-vectorWrite)
	if room < vectorBytes || !Vectors() {
		return dst, src
	}
	to := dst[len(dst):cap(dst)]
	var took, kept int
	if Wide() && room >= wideBytes {
		took, kept = fold512(&to[0], &src[0], room)
	} else {
		took, kept = foldAVX2(&to[0], &src[0], room, &packing)
	}
	switch {
	case took > 0 && src[took-1] >= 0xC0: // the beginning of a character
		took--
		if lettersTwo(src[took], src[took+1]) {
			kept--
		}
	case took > 1 && src[took-2] == 0xE2 && src[took-1] == 0x80:
		took -= 2
	}
	return dst[:len(dst)+kept], src[took:]
}

// lettersTwo tells of the bytes of a letter that becomes two: Æ, Þ, ß, Ĳ and Œ, and the small ones.
func lettersTwo(first, second byte) bool {
	switch first {
	case 0xC3:
		return second&0xDF == 0x86 || second&0xDF == 0x9E || second == 0x9F
	case 0xC4:
		return second&0xFE == 0xB2
	case 0xC5:
		return second&0xFE == 0x92
	}
	return false
}

// packing is, by the bits of a byte, the numbers of those that are set, from the lowest on, each a byte, and then the same of
// bytes that lie eight further. More than eight bytes are read at each place.
var packing = func() (t [513]uint64) {
	for b := range 256 {
		for rest := uint(b); rest != 0; rest &= rest - 1 {
			t[b] |= uint64(bits.TrailingZeros(rest)) << (8 * bits.OnesCount(uint(b)&^rest))
		}
		t[256+b] = t[b] | 0x0808080808080808
	}
	return t
}()
