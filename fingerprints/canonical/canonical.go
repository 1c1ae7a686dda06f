// Package canonical turns visible text into its canonical form: NFKC, case-folded, without combining marks, letters and
// digits only, so that one text reads the same in every format, encoding and layout. It never decodes a charset and
// never keeps text beyond the call.
//
// Every character is mapped on its own, without looking at its neighbours: that is what makes the form independent of
// how the text was cut into pieces, and lets a text of any length pass in bounded memory.
package canonical

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// ascii maps a byte below 0x80 to its canonical letter or digit, or to 0 when it is dropped.
var ascii = func() (t [256]byte) {
	for c := byte('0'); c <= '9'; c++ {
		t[c] = c
	}
	for c := byte('a'); c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = c, c
	}
	return t
}()

// cacheSize is the number of non-ASCII characters whose mapping a Folder remembers. One language uses far fewer.
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
	cache   [cacheSize]cached
	scratch []byte
}

// Append appends the canonical form of src to dst and returns it. A character that src cuts in two is kept for the next
// call; invalid UTF-8 is dropped.
func (f *Folder) Append(dst, src []byte) []byte {
	if f.held > 0 {
		dst, src = f.finishPartial(dst, src)
	}
	for i := 0; i < len(src); {
		if src[i] < utf8.RuneSelf {
			var n int
			dst, n = appendASCII(dst, src[i:])
			i += n
			continue
		}
		if !utf8.FullRune(src[i:]) {
			f.held = copy(f.partial[:], src[i:])
			return dst
		}
		r, n := utf8.DecodeRune(src[i:])
		if r != utf8.RuneError {
			dst = f.appendRune(dst, r)
		}
		i += n
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

// appendASCII maps the leading ASCII of src and tells how many bytes that was.
func appendASCII(dst, src []byte) ([]byte, int) {
	at := len(dst)
	if cap(dst)-at < len(src) {
		dst = append(dst, src...) // grows once; the bytes are overwritten below
	} else {
		dst = dst[:at+len(src)]
	}
	out := dst[at:]
	n, kept := 0, 0
	for n < len(src) && src[n] < utf8.RuneSelf {
		c := ascii[src[n]]
		out[kept] = c
		if c != 0 {
			kept++
		}
		n++
	}
	return dst[:at+kept], n
}

func (f *Folder) appendRune(dst []byte, r rune) []byte {
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

// mapRune is the mapping itself. Decomposing a single character and dropping its marks gives what NFKC and stripping
// marks would give for the whole text, because everything that composing could join is dropped or kept apart alike.
func (f *Folder) mapRune(r rune) []byte {
	if !f.ready {
		f.fold, f.ready = cases.Fold(), true
	}
	b := norm.NFKD.AppendString(f.scratch[:0], string(r))
	b = f.fold.Bytes(b)
	b = norm.NFKD.Bytes(b) // folding can yield characters that decompose again
	out := make([]byte, 0, len(b))
	for _, c := range string(b) {
		if unicode.IsLetter(c) || unicode.Is(unicode.Nd, c) {
			out = utf8.AppendRune(out, cherokee(c))
		}
	}
	f.scratch = b[:0]
	return out
}

// cherokee settles the one script whose folding the library swaps instead of joins: its capitals are the canonical ones
// (Unicode, CaseFolding.txt).
func cherokee(c rune) rune {
	switch {
	case c >= 0xAB70 && c <= 0xABBF:
		return c - 0xAB70 + 0x13A0
	case c >= 0x13F8 && c <= 0x13FD:
		return c - 8
	}
	return c
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
		if r < utf8.RuneSelf {
			canonical, _ = appendASCII(canonical, []byte{byte(r)})
		} else if r != utf8.RuneError {
			canonical = f.appendRune(canonical, r)
		}
		for range len(canonical) - before {
			from = append(from, i)
		}
	}
	return canonical, from
}
