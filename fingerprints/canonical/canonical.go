// Package canonical turns visible text into its canonical form: NFKC, case-folded, without combining marks, letters and
// digits only, look-alike letters of other scripts as the Latin ones, so that one text reads the same in every format,
// encoding and layout. It never decodes a charset and never keeps text beyond the call.
//
// With everything but letters and digits fall the hyphens at line ends, soft hyphens, zero-width and direction marks.
//
// Every character is mapped on its own, without looking at its neighbours: that is what makes the form independent of
// how the text was cut into pieces, and lets a text of any length pass in bounded memory.
package canonical

import (
	"encoding/binary"
	"math/bits"
	"slices"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

// letters maps a byte to its canonical letter or digit, and keep tells with 1 or 0 whether it has one.
var (
	letters = func() (t [256]byte) {
		for c := range byte(26) {
			t['a'+c], t['A'+c] = 'a'+c, 'a'+c
		}
		for c := byte('0'); c <= '9'; c++ {
			t[c] = c
		}
		return t
	}()
	keep = func() (t [256]byte) {
		for c, to := range letters {
			t[c] = min(to, 1)
		}
		return t
	}()
)

// cacheSize is the number of characters beyond U+07FF whose mapping a Folder remembers. One language uses far fewer, but
// for the Chinese, Japanese and Korean ones.
const cacheSize = 512

type cached struct {
	r rune
	n uint8
	b [11]byte
}

// Folder canonicalises a stream of UTF-8 text. The zero value is ready; it is not safe for concurrent use.
type Folder struct {
	fold    cases.Caser
	ready   bool
	partial [utf8.UTFMax]byte // an unfinished character at the end of the last piece
	held    int
	cache   *[cacheSize]cached
	scratch []byte
}

// Append appends the canonical form of src to dst and returns it. A character that src cuts in two is kept for the next
// call; invalid UTF-8 is dropped.
func (f *Folder) Append(dst, src []byte) []byte {
	if f.held > 0 {
		dst, src = f.finishPartial(dst, src)
	}
	for len(src) > 0 {
		dst = slices.Grow(dst, growth*len(src)+slack)
		n, kept := quick(dst[len(dst):cap(dst)], src)
		dst, src = dst[:len(dst)+kept], src[n:]
		if len(src) == 0 {
			break
		}
		if !utf8.FullRune(src) {
			f.held = copy(f.partial[:], src)
			break
		}
		r, n := utf8.DecodeRune(src)
		if r != utf8.RuneError {
			dst = f.appendRune(dst, r)
		}
		src = src[n:]
	}
	return dst
}

const (
	// growth is how much longer a text can become below U+0800, and slack what quick may write beyond that.
	growth = 2
	slack  = 8
	// elsewhere stands in the table for the few characters that become more than three bytes.
	elsewhere = 0xffffffff
	high      = 0x8080808080808080
)

// quick maps characters below U+0800 and general punctuation, up to the first other one, and tells how many bytes it took
// and wrote. Every byte is written, and overwritten by the next one if it was to be dropped: there is no branch to be
// mispredicted between letters and spaces.
func quick(out, src []byte) (n, kept int) {
	for n+8 <= len(src) && kept+8 <= len(out) {
		x := binary.LittleEndian.Uint64(src[n:])
		plain := 8 // bytes before the first that is not ASCII
		if x&high != 0 {
			plain = bits.TrailingZeros64(x&high) / 8
			x &= 1<<(8*plain) - 1
		}
		o := (*[8]byte)(out[kept:])
		o[0] = letters[byte(x)]
		k := uint(keep[byte(x)])
		o[k&7] = letters[byte(x>>8)]
		k += uint(keep[byte(x>>8)])
		o[k&7] = letters[byte(x>>16)]
		k += uint(keep[byte(x>>16)])
		o[k&7] = letters[byte(x>>24)]
		k += uint(keep[byte(x>>24)])
		o[k&7] = letters[byte(x>>32)]
		k += uint(keep[byte(x>>32)])
		o[k&7] = letters[byte(x>>40)]
		k += uint(keep[byte(x>>40)])
		o[k&7] = letters[byte(x>>48)]
		k += uint(keep[byte(x>>48)])
		o[k&7] = letters[byte(x>>56)]
		k += uint(keep[byte(x>>56)])
		kept += int(k)
		if n += plain; plain < 8 {
			took, wrote := quickOne(out[kept:], src[n:])
			if took == 0 {
				return n, kept
			}
			n, kept = n+took, kept+wrote
		}
	}
	for n < len(src) {
		took, wrote := quickOne(out[kept:], src[n:])
		if took == 0 {
			break
		}
		n, kept = n+took, kept+wrote
	}
	return n, kept
}

// quickOne maps one character of those; it takes none when the next one is another, broken or cut, or too much for the
// table.
func quickOne(out, src []byte) (n, kept int) {
	c := src[0]
	switch {
	case c < utf8.RuneSelf:
		out[0] = letters[c]
		return 1, int(keep[c])
	case c >= 0xC2 && c <= 0xDF && len(src) > 1 && src[1]&0xC0 == 0x80:
		e := twoByte[(uint(c)&0x1F)<<6|uint(src[1])&0x3F]
		if e == elsewhere {
			return 0, 0
		}
		o := out[:3]
		o[0], o[1], o[2] = byte(e), byte(e>>8), byte(e>>16)
		return 2, int(e >> 24)
	case c == 0xE2 && len(src) > 2 && (src[1] == 0x80 || src[1] == 0x81 && src[2] < 0xB0) && src[2]&0xC0 == 0x80:
		return 3, 0 // U+2000 to U+206F: spaces, dashes, quotation and direction marks
	}
	return 0, 0
}

// Reset forgets an unfinished character, so that the Folder can take another text.
func (f *Folder) Reset() { f.held = 0 }

// finishPartial completes the character that the last piece cut in two.
func (f *Folder) finishPartial(dst, src []byte) ([]byte, []byte) {
	for f.held > 0 && len(src) > 0 && !utf8.FullRune(f.partial[:f.held]) {
		f.partial[f.held] = src[0]
		f.held++
		src = src[1:]
	}
	if !utf8.FullRune(f.partial[:f.held]) {
		return dst, src
	}
	r, n := utf8.DecodeRune(f.partial[:f.held])
	rest := append([]byte(nil), f.partial[n:f.held]...)
	f.held = 0
	if r != utf8.RuneError {
		dst = f.appendRune(dst, r)
	}
	if len(rest) > 0 { // the character was broken: what followed it starts anew
		dst = f.Append(dst, rest)
	}
	return dst, src
}

func (f *Folder) appendRune(dst []byte, r rune) []byte {
	if f.cache == nil {
		f.cache = new([cacheSize]cached)
	}
	slot := &f.cache[uint32(r)%cacheSize]
	if slot.r == r {
		return append(dst, slot.b[:slot.n]...)
	}
	b := f.mapRune(r)
	if len(b) <= len(slot.b) {
		slot.r, slot.n = r, uint8(len(b))
		copy(slot.b[:], b)
	}
	return append(dst, b...)
}

// Text returns the canonical form of a whole text.
func Text(s string) []byte {
	var f Folder
	return f.Append(nil, []byte(s))
}

// Mapped returns the canonical form of a text and, for each byte of it, the offset in s of the character that it came
// from. It is meant for short texts, such as a notice: the map takes eight bytes a byte.
func Mapped(s string) (canonical []byte, from []int) {
	var f Folder
	for i, r := range s {
		before := len(canonical)
		if r != utf8.RuneError {
			canonical = f.Append(canonical, utf8.AppendRune(nil, r))
		}
		for range len(canonical) - before {
			from = append(from, i)
		}
	}
	return canonical, from
}
