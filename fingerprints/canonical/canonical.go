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
	"unicode/utf8"

	"golang.org/x/text/cases"
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
	// Plain spares the machine's vector instructions, which give the same.
	Plain   bool
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
	for f.held > 0 && len(src) > 0 { // again where a broken character held the beginning of the next
		dst, src = f.finishPartial(dst, src)
	}
	for len(src) > 0 {
		dst, src = quick(dst, src, f.Plain)
		for len(src) > 0 && src[0] >= utf8.RuneSelf { // in other scripts, one follows the other
			if !utf8.FullRune(src) {
				f.held = copy(f.partial[:], src)
				return dst
			}
			r, n := utf8.DecodeRune(src)
			if r != utf8.RuneError {
				dst = f.appendRune(dst, r)
			}
			src = src[n:]
			if len(src) > 0 && src[0] < 0xE0 {
				break
			}
		}
	}
	return dst
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
