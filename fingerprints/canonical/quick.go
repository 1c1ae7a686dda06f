package canonical

import (
	"encoding/binary"
	"slices"
	"sync"
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

// ending is what a byte becomes behind another one: up to three bytes, the first one lowest, and how many in the uppermost.
// ASCII becomes what it becomes alone, the second byte of a character below U+0800 what the character becomes, and first ones
// nothing, nor what follows none: broken characters are dropped. E2 80, which begins general punctuation, becomes nothing,
// whatever follows. A byte of any other character is unknown.
func ending(before, c int) uint32 {
	switch {
	case c < 0x80:
		return letter(c)
	case c < 0xC0 && before >= 0xC2 && before < 0xE0:
		if e := twoByte[before&0x1F<<6|c&0x3F]; e != elsewhere {
			return e
		}
		return unknown
	case c < 0xC0 && before == 0xE2 && c != 0x80, c >= 0xE0 && c != 0xE2:
		return unknown
	}
	return 0
}

const (
	// tablePages is how many pages a table has, and pageEntries how many entries a page.
	tablePages, pageEntries = 8, 1 << 16
	// unknownPage is the one of which all is unknown.
	unknownPage = 6
)

// table tells what two bytes become, the first one lowest in the index, behind a third, which tells the page: as much as single
// tells of one byte after the other, with half as many look-ups. Behind nearly all bytes that is the first page, since a
// character that began before them has ended. The others are for the first bytes of letters of the languages written in
// Latin ones, and for general punctuation. The entries of what text is made of lie in few lines of the cache.
type table struct {
	page   [256]uint32 // where it begins
	entry  [tablePages * pageEntries]uint32
	single [1 << 16]uint32 // what a byte becomes behind another one, which is lowest in the index
}

// triples is made when it is first asked for, in about a millisecond: most processes fold no text.
var triples = sync.OnceValue(func() *table {
	t := new(table)
	for i := range t.single {
		t.single[i] = ending(i&0xff, i>>8)
	}
	pairs := t.entry[:pageEntries]
	for i := range pairs {
		pairs[i] = joined(t.single[i<<8&0xff00], t.single[i])
	}
	for lead := 0xC2; lead < 0xE0; lead++ {
		t.page[lead] = unknownPage * pageEntries
	}
	for i := range pageEntries {
		t.entry[unknownPage*pageEntries+i] = unknown
	}
	for i, lead := range []int{0xC2, 0xC3, 0xC4, 0xC5, 0xE2} {
		t.page[lead] = uint32(i+1) * pageEntries
		page := t.entry[t.page[lead]:][:pageEntries]
		copy(page, pairs)
		for j := range page {
			if follows := j & 0xff; follows >= 0x80 && follows < 0xC0 {
				page[j] = joined(t.single[follows<<8|lead], t.single[j])
			}
		}
	}
	return t
})

// joined is two entries in one.
func joined(a, b uint32) uint32 {
	if n := a>>24 + b>>24; n > 3 {
		return unknown
	}
	return a + b<<(a>>24*8)&0xffffff + b&0xff000000
}

// quick maps characters below U+0800 and general punctuation, up to the first other one, a broken or a cut one, and
// returns what follows.
func quick(dst, src []byte, plain bool) (canonical, rest []byte) {
	t := triples()
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
		n, kept, ok := fold(t, (*[blockRoom + overWrite]byte)(to), (*[blockBytes + overRead]byte)(src), size)
		dst, src = dst[:len(dst)+int(kept)], src[n:]
		if !ok {
			return dst, src
		}
	}
	for whole := wholeRunes(src); whole > 0; {
		var to [blockRoom + overWrite]byte
		var from [blockBytes + overRead]byte // what lies behind the text in it is zero, and dropped
		copied := copy(from[:], src[:whole])
		n, kept, ok := fold(t, &to, &from, uint(copied))
		took := min(int(n), copied)
		dst, src, whole = append(dst, to[:kept]...), src[took:], whole-took
		if !ok {
			break
		}
	}
	return dst, src
}

// glance is how much of a block, in bytes, tells whether it is begun as ASCII.
const glance = 32

// fold maps the first size bytes of a block, and the character that they may cut, and tells how many bytes it took and
// wrote; false when another character follows. All that a pair of bytes may become is written, and overwritten by the next
// one where it is less: there is no branch to be mispredicted between letters and spaces.
//
// It is not inlined because its loop needs every register.
//
//go:noinline
func fold(t *table, to *[blockRoom + overWrite]byte, from *[blockBytes + overRead]byte, size uint) (n, kept uint, ok bool) {
	x := binary.LittleEndian.Uint64(from[0:]) | binary.LittleEndian.Uint64(from[8:])
	y := binary.LittleEndian.Uint64(from[16:]) | binary.LittleEndian.Uint64(from[glance-8:])
	if size = min(size, blockBytes); (x|y)&high != 0 {
		return wide(t, to, from, 0, 0, size)
	}
	for n < size {
		x := binary.LittleEndian.Uint64(from[n : n+8])
		if x&high != 0 {
			return wide(t, to, from, n, kept, size)
		}
		e := t.entry[uint16(x)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.entry[uint16(x>>16)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.entry[uint16(x>>32)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.entry[x>>48]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		n += 8
	}
	return n, kept, true
}

// wide maps the rest of a block that has more than ASCII, in which others would follow too: there is no branch between
// them either. It leaves a character that the end cuts. Sixteen bytes are looked up before any of what they become is
// written, since a processor may hold a look-up back until it knows where all that comes before it is written.
//
//go:noinline
func wide(t *table, to *[blockRoom + overWrite]byte, from *[blockBytes + overRead]byte, n, kept, size uint) (took, wrote uint, ok bool) {
	before := byte(0)
	var e [8]uint32
	for n < size {
		p := (*[16]byte)(from[n : n+16])
		x := binary.LittleEndian.Uint64(p[0:])
		e[0] = t.entry[(t.page[before]+uint32(uint16(x)))%uint32(len(t.entry))]
		e[1] = t.entry[(t.page[p[1]]+uint32(uint16(x>>16)))%uint32(len(t.entry))]
		e[2] = t.entry[(t.page[p[3]]+uint32(uint16(x>>32)))%uint32(len(t.entry))]
		e[3] = t.entry[(t.page[p[5]]+uint32(x>>48))%uint32(len(t.entry))]
		x = binary.LittleEndian.Uint64(p[8:])
		e[4] = t.entry[(t.page[p[7]]+uint32(uint16(x)))%uint32(len(t.entry))]
		e[5] = t.entry[(t.page[p[9]]+uint32(uint16(x>>16)))%uint32(len(t.entry))]
		e[6] = t.entry[(t.page[p[11]]+uint32(uint16(x>>32)))%uint32(len(t.entry))]
		e[7] = t.entry[(t.page[p[13]]+uint32(x>>48))%uint32(len(t.entry))]
		held := kept
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e[0])
		kept += uint(e[0] >> 24)
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e[1])
		kept += uint(e[1] >> 24)
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e[2])
		kept += uint(e[2] >> 24)
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e[3])
		kept += uint(e[3] >> 24)
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e[4])
		kept += uint(e[4] >> 24)
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e[5])
		kept += uint(e[5] >> 24)
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e[6])
		kept += uint(e[6] >> 24)
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e[7])
		kept += uint(e[7] >> 24)
		if kept-held >= unknown>>24 {
			return others(t, to, from, n, held, size, before)
		}
		before = p[15]
		n += 16
	}
	return uncut(from, n), kept, true
}

// uncut is the length of the first n bytes of a block without a character that their end cuts.
func uncut(from *[blockBytes + overRead]byte, n uint) uint {
	switch {
	case from[n-1] >= 0xC0:
		return n - 1
	case from[n-2] == 0xE2 && from[n-1] == 0x80:
		return n - 2
	}
	return n
}

// others maps the rest of a block byte by byte, behind the one before, as far as those are known.
//
//go:noinline
func others(t *table, to *[blockRoom + overWrite]byte, from *[blockBytes + overRead]byte, n, kept, size uint, before uint8) (took, wrote uint, ok bool) {
	for n < size {
		x := binary.LittleEndian.Uint64(from[n : n+8])
		held := kept
		e := t.single[uint16(x)<<8|uint16(before)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.single[uint16(x)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.single[uint16(x>>8)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.single[uint16(x>>16)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.single[uint16(x>>24)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.single[uint16(x>>32)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.single[uint16(x>>40)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		e = t.single[uint16(x>>48)]
		binary.LittleEndian.PutUint32(to[kept&(blockRoom-1):], e)
		kept += uint(e >> 24)
		if kept-held >= unknown>>24 {
			return untilUnknown(t, to, from, n, held, before)
		}
		before = byte(x >> 56)
		n += 8
	}
	return uncut(from, n), kept, true
}

// untilUnknown does so up to the character that is not known.
func untilUnknown(t *table, to *[blockRoom + overWrite]byte, from *[blockBytes + overRead]byte, n, kept uint, before byte) (uint, uint, bool) {
	for {
		x := from[n]
		e := t.single[uint16(x)<<8|uint16(before)]
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
