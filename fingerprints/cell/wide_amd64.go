//go:build !purego

package cell

import (
	"math/bits"

	"golang.org/x/sys/cpu"
)

// places are the bits of each byte, in its lowest bytes.
var places = func() (t [256]uint64) {
	for i := range t {
		for n, x := 0, uint(i); x != 0; n, x = n+1, x&(x-1) {
			t[i] |= uint64(bits.TrailingZeros(x)) << (8 * n)
		}
	}
	return t
}()

// vectors tells whether the processor's vector instructions are used.
func vectors() bool { return cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT }

// allEdges is plainEdges, 32 bytes at a time where the processor can; and then dashes, quotation marks and spaces beyond ASCII,
// as usualGap knows them, are in no run. Behind the text there are two bytes more.
func allEdges(to, text []byte, base int) int {
	if !vectors() || len(text) < edgeBlock {
		return plainEdges(to, text, base)
	}
	blocks := len(text) / edgeBlock * (edgeBlock / 64)
	_ = to[edgeBytes*(64*blocks+8)-1] // what is written has room
	return edgesWide(&to[0], &text[0], blocks, uint64(base), &places)
}

// edgesWide reads 64 bytes a block, and two more, and writes what allEdges does, and up to 16 bytes behind it.
//
//go:noescape
func edgesWide(to, text *byte, blocks int, base uint64, places *[256]uint64) int

// finishAll is finish of each word, four at a time where the processor can.
func (k *Key) finishAll(words []uint64) {
	if fours := len(words) / 4; vectors() && fours > 0 {
		v0, v1, v2, v3 := k.start4()
		finishWide(&words[0], fours, &[5]uint64{v0, v1, v2, v3, 0xff})
		words = words[4*fours:]
	}
	k.finishPlainly(words)
}

//go:noescape
func finishWide(words *uint64, fours int, state *[5]uint64)
