package canonical

import (
	"encoding/binary"
	"slices"
)

const (
	// blockBytes is how much text is mapped at once, and blockRoom what that can become: two bytes become three at most.
	blockBytes = 128
	blockRoom  = 256
	// overRead and overWrite are how far beyond that a block is read and written.
	overRead, overWrite = 16, 8
	// vectorPays is how many bytes vectors must have taken before what they leave, to be asked again soon.
	vectorPays = 64
	// elsewhere stands in the table for the few characters that become more than three bytes.
	elsewhere = 0xffffffff
	// unknown makes more of what is written than a block can.
	unknown = 128 << 24
	high    = 0x8080808080808080
)

// letter is what a byte of ASCII becomes, and in the uppermost byte whether it becomes anything.
func letter(c int) uint32 {
	switch {
	case c >= '0' && c <= '9', c >= 'a' && c <= 'z':
		return 1<<24 | uint32(c)
	case c >= 'A' && c <= 'Z':
		return 1<<24 | uint32(c) | 0x20
	}
	return 0
}

// pairs maps two bytes of ASCII: up to two bytes, the first one lowest, and how many in the uppermost. The entries of what
// text is made of lie in few lines of the cache.
var pairs = func() *[1 << 16]uint32 {
	t := new([1 << 16]uint32)
	for i := range t {
		first, second := letter(i&0xff), letter(i>>8)
		t[i] = first + second<<(first>>24*8)&0xffff + second>>24<<24
	}
	return t
}()

// endings maps a byte behind another one, which is lowest in the index: up to three bytes, the first one lowest, and how many
// in the uppermost. ASCII becomes what it becomes alone, the second byte of a character below U+0800 what the character
// becomes, and first ones nothing, nor what follows none: broken characters are dropped. E2 80, which begins general
// punctuation, becomes nothing, whatever follows. A byte of any other character is unknown.
var endings = func() *[1 << 16]uint32 {
	t := new([1 << 16]uint32)
	for i := range t {
		before, c := i&0xff, i>>8
		switch {
		case c < 0x80:
			t[i] = letter(c)
		case c < 0xC0 && before >= 0xC2 && before < 0xE0:
			if t[i] = twoByte[before&0x1F<<6|c&0x3F]; t[i] == elsewhere {
				t[i] = unknown
			}
		case c < 0xC0 && before == 0xE2 && c != 0x80, c >= 0xE0 && c != 0xE2:
			t[i] = unknown
		}
	}
	return t
}()

// quick maps characters below U+0800 and general punctuation, up to the first other one, a broken or a cut one, and
// returns what follows.
func quick(dst, src []byte, plain bool) (canonical, rest []byte) {
	if len(src) > blockBytes {
		dst = slices.Grow(dst, len(src)*3/2+blockRoom+overWrite)
	}
	for len(src) >= blockBytes+overRead && cap(dst)-len(dst) >= blockRoom+overWrite {
		size := uint(blockBytes)
		if !plain {
			before := len(src)
			dst, src = leading(dst, src)
			if took := before - len(src); len(src) < blockBytes+overRead || cap(dst)-len(dst) < blockRoom+overWrite {
				break
			} else if took >= vectorPays {
				size = 1 // over what stopped it
			}
		}
		to := dst[len(dst) : len(dst)+blockRoom+overWrite]
		n, kept, ok := block((*[blockRoom + overWrite]byte)(to), (*[blockBytes + overRead]byte)(src), size)
		dst, src = dst[:len(dst)+int(kept)], src[n:]
		if !ok {
			return dst, src
		}
	}
	for whole := wholeRunes(src); whole > 0; {
		var to [blockRoom + overWrite]byte
		var from [blockBytes + overRead]byte // what lies behind the text in it is zero, and dropped
		copied := copy(from[:], src[:whole])
		n, kept, ok := block(&to, &from, uint(copied))
		took := min(int(n), copied)
		dst, src, whole = append(dst, to[:kept]...), src[took:], whole-took
		if !ok {
			break
		}
	}
	return dst, src
}

// block maps the first size bytes of a block, and the character that they may cut, and tells how many bytes it took and
// wrote; false when another character follows. All that a pair of bytes may become is written, and overwritten by the next
// one where it is less: there is no branch to be mispredicted between letters and spaces.
//
// It is not inlined because its loop needs every register.
//
//go:noinline
func block(to *[blockRoom + overWrite]byte, from *[blockBytes + overRead]byte, size uint) (n, kept uint, ok bool) {
	t := pairs
	size = min(size, blockBytes)
	for n < size {
		x := binary.LittleEndian.Uint64(from[n : n+8])
		if x&high != 0 {
			return wide(to, from, n, kept, size)
		}
		e := t[uint16(x)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[uint16(x>>16)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[uint16(x>>32)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[x>>48]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		n += 8
	}
	return n, kept, true
}

// wide maps the rest of a block that has more than ASCII, in which others would follow too: there is no branch between
// them either. It leaves a character that the end cuts.
//
//go:noinline
func wide(to *[blockRoom + overWrite]byte, from *[blockBytes + overRead]byte, n, kept, size uint) (took, wrote uint, ok bool) {
	t := endings
	before := uint64(0)
	for n < size {
		x := binary.LittleEndian.Uint64(from[n : n+8])
		held := kept
		e := t[uint16(x)<<8|uint16(before)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[uint16(x)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[uint16(x>>8)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[uint16(x>>16)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[uint16(x>>24)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[uint16(x>>32)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[uint16(x>>40)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t[uint16(x>>48)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		if kept-held >= unknown>>24 {
			return untilUnknown(to, from, n, held, byte(before))
		}
		before = x >> 56
		n += 8
	}
	switch {
	case from[n-1] >= 0xC0:
		n--
	case from[n-2] == 0xE2 && from[n-1] == 0x80:
		n -= 2
	}
	return n, kept, true
}

// untilUnknown does so up to the character that is not known.
func untilUnknown(to *[blockRoom + overWrite]byte, from *[blockBytes + overRead]byte, n, kept uint, before byte) (uint, uint, bool) {
	for {
		x := from[n]
		e := endings[uint16(x)<<8|uint16(before)]
		if e == unknown {
			break
		}
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		before = x
		n++
	}
	if from[n] < 0xC0 { // its second byte
		n--
	}
	return n, kept, false
}

// TwoByte is the canonical form of the character whose UTF-8 is the two bytes of c, the first one lowest: up to three bytes,
// the first one lowest, and how many in the uppermost byte. It is false for what is no such character and for the few that
// become more.
func TwoByte(c uint16) (form uint32, ok bool) {
	form = twoByte[uint(c&0x1F)<<6|uint(c>>8&0x3F)]
	return form, c&0xC0E0 == 0x80C0 && form != elsewhere
}
