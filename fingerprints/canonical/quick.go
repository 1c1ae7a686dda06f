package canonical

import (
	"encoding/binary"
	"math/bits"
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
	high      = 0x8080808080808080
)

// pairs maps two bytes of ASCII: up to two bytes, the first one lowest, and how many in the uppermost. The entries of what
// text is made of lie in few lines of the cache.
var pairs = func() *[1 << 16]uint32 {
	letter := func(c int) uint32 {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z':
			return 1<<24 | uint32(c)
		case c >= 'A' && c <= 'Z':
			return 1<<24 | uint32(c) | 0x20
		}
		return 0
	}
	t := new([1 << 16]uint32)
	for i := range t {
		first, second := letter(i&0xff), letter(i>>8)
		t[i] = first + second<<(first>>24*8)&0xffff + second>>24<<24
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
	for len(src) > 0 {
		var to [blockRoom + overWrite]byte
		var from [blockBytes + overRead]byte // what lies behind the text in it is zero, and dropped
		size := uint(copy(from[:blockBytes], src))
		n, kept, ok := block(&to, &from, size)
		dst, src = append(dst, to[:kept]...), src[min(n, size):]
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
		wide := x & high
		if wide != 0 {
			x &= wide&-wide>>7 - 1 // what stands before the first character beyond ASCII
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
		if wide == 0 {
			n += 8
			continue
		}
		n += uint(bits.TrailingZeros64(wide)) / 8
		c := uint(binary.LittleEndian.Uint16(from[n : n+2]))
		if c&0xC0E0 != 0x80C0 {
			if c != 0x80E2 && (c != 0x81E2 || from[n+2] >= 0xB0) || from[n+2]&0xC0 != 0x80 {
				return n, kept, false
			}
			n += 3 // U+2000 to U+206F: spaces, dashes, quotation and direction marks
			continue
		}
		if e = twoByte[c&0x1F<<6|c>>8&0x3F]; e == elsewhere {
			return n, kept, false
		}
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		n += 2
	}
	return n, kept, true
}

// TwoByte is the canonical form of the character whose UTF-8 is the two bytes of c, the first one lowest: up to three bytes,
// the first one lowest, and how many in the uppermost byte. It is false for what is no such character and for the few that
// become more.
func TwoByte(c uint16) (form uint32, ok bool) {
	form = twoByte[uint(c&0x1F)<<6|uint(c>>8&0x3F)]
	return form, c&0xC0E0 == 0x80C0 && form != elsewhere
}
