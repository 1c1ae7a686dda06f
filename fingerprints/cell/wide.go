package cell

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"

	"unmirror/fingerprints/canonical"
)

const runeSlots = 256

// folded is the canonical form of a character beyond ASCII.
type folded struct {
	r       rune
	ignored bool // a mark or a character without width: the word goes on over it
	text    []byte
}

// gap tells whether the character ends a word, such as a quotation mark.
func (f *folded) gap() bool { return len(f.text) == 0 && !f.ignored }

// fold reads the character at i. Its width is 0 when the buffer cuts it; nil: what stands there is no character.
func (s *Scanner) fold(i int) (*folded, int) {
	b := s.buf[i:]
	if !utf8.FullRune(b) {
		return nil, 0
	}
	r, width := utf8.DecodeRune(b)
	if r == utf8.RuneError {
		return nil, width
	}
	f := &s.runes[uint32(r)%runeSlots]
	if f.r != r {
		*f = folded{r: r, ignored: unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf), text: canonical.Text(string(r))}
	}
	return f, width
}

// run is the run of ASCII letters and digits that b, of at least eight bytes, begins with: up to eight, the letters small,
// with zeros behind.
func run(b []byte) (x uint64, size int) {
	x = binary.LittleEndian.Uint64(b)
	stop := (inRuns(x) ^ high) | x&high
	return (x | lower) & (stop&-stop>>7 - 1), bits.TrailingZeros64(stop) / 8
}

// narrow writes the accented letters of a word of less than sixteen bytes, with zeros behind, as plain ones, and tells the
// word's size then: more than such a word has when there are other characters in it.
func narrow(x, y uint64, size int) (uint64, uint64, int) {
	for {
		first, second := x, y
		wide := x & high
		if wide == 0 {
			first, second, wide = y, 0, y&high
			if wide == 0 {
				return x, y, size
			}
		}
		at := uint(bits.TrailingZeros64(wide)-7) & 63
		form, two := canonical.TwoByte(uint16(first>>at | second<<8<<(56-at)))
		before := uint64(1)<<at - 1
		switch {
		case !two:
			return x, y, wordBlock
		case form&0xff0000c0 == 1<<24|0x40: // one letter: what follows moves up
			after := (first>>8 | second<<56) &^ (before<<8 | 0xff)
			first, second = first&before|uint64(form&0xff)<<at|after, second>>8
			size--
		case form&0xff00c0c0 == 2<<24|0x4040: // two letters, such as those of a ligature
			first = first&^(0xffff<<at) | uint64(form&0xffff)<<at
			if at == 56 {
				second = second&^0xff | uint64(form>>8&0xff)
			}
		default:
			return x, y, wordBlock
		}
		if x&high != 0 {
			x, y = first, second
		} else {
			y = first
		}
	}
}

// wideWord reads a word in which there may be characters of two bytes, and tells where scanning goes on; false when it is
// long, has other characters, or is more than a word. Its canonical form is gathered in two registers.
func (s *Scanner) wideWord(i, to int) (next int, ok bool) {
	if s.at&s.iban >= 0 || i == s.long {
		return 0, false
	}
	buf := s.buf[:len(s.buf)+overRead]
	x, y, size, j, end := uint64(0), uint64(0), 0, i, -1
	for {
		add, n := run(buf[j : j+8])
		j += n
		if end = j; size+n > wordBlock {
			return 0, false
		}
		x, y = x|add<<(8*size), y|beyond(add, size)
		size += n
		if j >= to {
			break
		}
		if n == 8 {
			continue
		}
		c := binary.LittleEndian.Uint16(buf[j : j+2])
		form, two := canonical.TwoByte(c)
		if !two || form == 0 {
			width := usualGap(c, buf[j+2])
			if width == 0 {
				f, w := s.fold(j)
				if f == nil || !f.gap() {
					return 0, false
				}
				width = w
			}
			j += width
			break
		}
		add, n = uint64(form&0xffffff), int(form>>24)
		j += 2
		if size+n > wordBlock {
			return 0, false
		}
		x, y = x|add<<(8*size), y|beyond(add, size)
		size += n
	}
	if j >= len(s.buf) || isDigit(buf[i]) || isAccount(buf[i:end]) {
		return 0, false
	}
	if size >= minWord {
		s.wordIn(x, s.k.wordBlock(0, x, y), i, end)
	}
	return j, true
}

// usualGap is the width of the character of two bytes, the first one lowest in c, or of the third one too, where it is a dash,
// a quotation mark or another of those that usually end a word; 0 for others.
func usualGap(c uint16, third byte) int {
	switch {
	case c == 0x80E2 && third >= 0x90 && third <= 0xA9:
		return 3 // U+2010 to U+2029
	case c == 0xA0C2, c == 0xABC2, c == 0xBBC2:
		return 2 // a space that does not break, quotation marks
	}
	return 0
}

// beyond is what of up to eight bytes that are added behind size others lies beyond the first eight.
func beyond(add uint64, size int) uint64 {
	if size < 8 {
		return add >> (64 - 8*size)
	}
	return add << (8*size - 64)
}

// slow reads one run of letters and digits, or one character beyond ASCII, from i on and tells where it ends; false when
// the buffer may have cut it.
func (s *Scanner) slow(i int) (int, bool) {
	if s.buf[i] < utf8.RuneSelf {
		if i != s.long {
			return s.atom(i)
		}
		_, size := run(s.buf[i : i+8 : cap(s.buf)])
		s.long += size
		return s.long, true
	}
	f, width := s.fold(i)
	switch {
	case width == 0 && !s.last:
		return i, false
	case f == nil:
		return i + max(width, 1), true
	case i == s.long && !f.gap():
		s.long += width
	case i != s.long && len(f.text) > 0:
		return s.atom(i)
	}
	return i + width, true
}

// atom reads the run of letters and digits that begins at i and tells where it ends; false when the buffer may have cut
// it.
func (s *Scanner) atom(i int) (int, bool) {
	var form [maxWord + 16]byte
	buf := s.buf[:len(s.buf)+overRead]
	n, j, number := 0, i, true
	for j < len(s.buf) && j-i <= maxAtom {
		x, size := run(buf[j : j+8])
		if n < maxWord+8 {
			binary.LittleEndian.PutUint64(form[n:], x)
		}
		number = number && x&alpha == 0
		n += size
		j += size
		if size == 8 {
			continue
		}
		if buf[j] < utf8.RuneSelf {
			break
		}
		f, width := s.fold(j)
		if width == 0 && !s.last {
			return i, false
		}
		if f == nil || f.gap() {
			break
		}
		copy(form[min(n, len(form)):], f.text)
		number = false
		n += len(f.text)
		j += width
	}
	switch {
	case j-i > maxAtom:
		s.long, s.at, s.iban = j, -1, -1
		return j, true
	case j == len(s.buf) && !s.last:
		return i, false
	case number:
		s.number(i, j, value(buf[i:j]))
		return j, true
	}
	s.word(i, j, form[:min(n, len(form))])
	return j, true
}

// value is the value of digits; that of more than nineteen is not asked for.
func value(digits []byte) (v uint64) {
	for _, c := range digits {
		v = 10*v + uint64(c-'0')
	}
	return v
}

// word takes a run that is not all digits, with its canonical form.
func (s *Scanner) word(i, j int, form []byte) {
	if len(form) >= minWord && len(form) <= maxWord {
		var first [8]byte
		copy(first[:], form)
		s.wordIn(binary.LittleEndian.Uint64(first[:]), s.k.word(form), i, j)
	}
	if isAccount(s.buf[i:j]) {
		s.iban = i
	}
	if isDigit(s.buf[i]) {
		s.timestamp(i, j)
	}
	if s.iban >= 0 {
		s.account(j)
	}
	if s.at >= 0 {
		s.address(i, j)
	}
}

// wordIn takes a word by the first bytes of its canonical form and by its raw hash. One that is written as an account number
// begins is not remembered: where it is written in ASCII, it must be looked at.
func (s *Scanner) wordIn(first, raw uint64, i, j int) {
	if first&accountMask != accountForm {
		s.emit(Word, raw, i, j)
		return
	}
	s.places[Word]++
	s.put(Word, raw, i, j, never, 1)
}

// isAccount tells whether a word begins as an account number does.
func isAccount(w []byte) bool {
	return len(w) >= 4 && isDigit(w[2]) && isDigit(w[3]) && isLetter(w[0]) && isLetter(w[1])
}
