package cell

import (
	"math/bits"
	"unicode"
	"unicode/utf8"

	"unmirror/fingerprints/canonical"
)

const (
	// lookBack is how far before the end of a cell its beginning is looked for, in bytes.
	lookBack = 192
	// maxAtom is the length in bytes from which a run of letters and digits is no word any more, but encoded data.
	maxAtom = 128
	// maxWord and minWord bound a word, in bytes of its canonical form.
	maxWord, minWord = 40, 2
	// chunkBytes bounds the scanner's buffer.
	chunkBytes = 16 << 10
)

// Scanner finds the tokens of one text that arrives in pieces. Make it with Key.Scanner; it is not safe for concurrent
// use. It takes some 30 KiB.
type Scanner struct {
	k    *Key
	keep func(hash uint64) bool // nil: everything
	buf  []byte                 // the text from base on: what may be looked back at, and what is not scanned yet
	base int64
	next int // where scanning goes on in buf
	last bool
	long bool // within a run of letters and digits that is too long

	line   uint32
	closed bool // a bracket was closed, and nothing but blanks came since
	places [Kinds]uint32
	dated  uint32 // places read as dates
	dateAt int64  // where the last of them begins

	at     int // of the '@' of an address that may go on, in buf; -1: none
	iban   int // where an account number may begin; -1: none
	digits ring
	runes  [runeSlots]folded
	misses [missSlots]uint64 // raw hashes that the filter dropped
}

// Scanner begins a new text.
func (k *Key) Scanner() Scanner { return Scanner{k: k, at: -1, iban: -1, dateAt: -1} }

// Filter lets the scanner yield only tokens of which keep says so. It must always say the same of one hash.
func (s *Scanner) Filter(keep func(hash uint64) bool) { s.keep = keep }

// Places tells how many tokens of a kind there were so far, those that the filter dropped included.
func (s *Scanner) Places(k Kind) int { return int(s.places[k]) }

// Append feeds the next piece of UTF-8 text and appends the tokens found to dst, roughly in order of position.
func (s *Scanner) Append(dst []Token, piece []byte) []Token {
	for len(piece) > 0 {
		s.shift()
		n := min(len(piece), chunkBytes)
		s.buf = append(s.buf, piece[:n]...)
		piece = piece[n:]
		dst = s.scan(dst)
	}
	return dst
}

// End appends the tokens that only the end of the text completes.
func (s *Scanner) End(dst []Token) []Token {
	s.last = true
	return s.scan(dst)
}

// shift drops from the buffer what is not looked back at any more.
func (s *Scanner) shift() {
	drop := s.next - lookBack
	if drop <= 0 {
		return
	}
	s.buf = s.buf[:copy(s.buf, s.buf[drop:])]
	s.base += int64(drop)
	s.next -= drop
	s.at, s.iban = max(s.at-drop, -1), max(s.iban-drop, -1)
	s.digits.shift(drop)
}

// scan reads what is in the buffer, up to a run that the buffer's end may have cut.
func (s *Scanner) scan(dst []Token) []Token {
	buf, in := s.buf, &s.k.in
	i := s.next
	for i < len(buf) {
		c := buf[i]
		switch {
		case in[c] != 0 && !s.long:
			end, ok := 0, false
			if dst, end, ok = s.atom(dst, i); !ok {
				s.next = i
				return dst
			}
			i = end
		case in[c] != 0:
			i++
		case c < utf8.RuneSelf:
			s.separator(c)
			i++
		default:
			letters, n := s.wideAt(i)
			switch {
			case n == 0:
				s.next = i
				return dst
			case letters && !s.long:
				end, ok := 0, false
				if dst, end, ok = s.atom(dst, i); !ok {
					s.next = i
					return dst
				}
				i = end
			default:
				s.long = s.long && letters
				s.closed = s.closed && letters
				i += n
			}
		}
	}
	s.next = i
	return dst
}

// separator takes an ASCII character that is neither letter nor digit.
func (s *Scanner) separator(c byte) {
	s.long = false
	switch c {
	case '\n':
		s.line++
		s.closed = false
	case ')', '}', ']':
		s.closed = true
	case ',':
		if s.closed { // one record of a list ends, and the next begins
			s.line++
		}
		s.closed = false
	case ' ', '\t', '\r':
	default:
		s.closed = false
	}
}

// atom reads the run of letters and digits that begins at i and tells where it ends; false when the buffer may have cut
// it.
func (s *Scanner) atom(dst []Token, i int) ([]Token, int, bool) {
	buf, in := s.buf, &s.k.in
	h, n := s.k.start[Word], 0
	number, value := true, uint64(0)
	j := i
	for j < len(buf) {
		c := buf[j]
		if t := in[c]; t != 0 {
			h = bits.RotateLeft64(h, 1) ^ t
			if isDigit(c) {
				value = 10*value + uint64(c-'0')
			} else {
				number = false
			}
			n++
			j++
			continue
		}
		if c < utf8.RuneSelf {
			break
		}
		f, width := s.fold(j)
		if width == 0 && !s.last {
			j = len(buf)
			break
		}
		if f == nil || f.n == 0 && !f.ignored {
			break
		}
		for _, b := range f.b[:f.n] {
			h = bits.RotateLeft64(h, 1) ^ s.k.wide[b]
			number = number && isDigit(b)
			value = 10*value + uint64(b-'0')
			n++
		}
		j += width
	}
	if j-i > maxAtom {
		s.long = true
		s.at, s.iban = -1, -1
		return dst, i + maxAtom, true
	}
	if j == len(buf) && !s.last {
		return dst, i, false
	}
	s.closed = false
	if number && n == j-i && n > 0 {
		return s.number(dst, i, j, value), j, true
	}
	return s.word(dst, i, j, h, n), j, true
}

// word takes a run that is not all digits, with its raw hash and its canonical length.
func (s *Scanner) word(dst []Token, i, j int, h uint64, n int) []Token {
	if n >= minWord && n <= maxWord {
		dst = s.emit(dst, Word, h, i, j)
	}
	if j-i >= 4 && isDigit(s.buf[i+2]) && isDigit(s.buf[i+3]) && isLetter(s.buf[i]) && isLetter(s.buf[i+1]) {
		s.iban = i
	}
	if isDigit(s.buf[i]) {
		dst = s.timestamp(dst, i, j)
	}
	if s.iban >= 0 {
		dst = s.account(dst, j)
	}
	return s.address(dst, i, j)
}

// emit yields a token, unless the filter drops it.
func (s *Scanner) emit(dst []Token, kind Kind, raw uint64, i, j int) []Token {
	s.places[kind]++
	slot := &s.misses[raw%missSlots]
	if *slot == raw && s.keep != nil {
		return dst
	}
	hash := s.k.finish(raw)
	if s.keep != nil && !s.keep(hash) {
		*slot = raw
		return dst
	}
	return append(dst, Token{Hash: hash, At: s.base + int64(i), End: s.base + int64(j), Line: s.line, Dates: s.dated, Kind: kind})
}

const (
	runeSlots = 256
	missSlots = 1024
)

// folded is the canonical form of a character beyond ASCII.
type folded struct {
	r       rune
	n       uint8
	ignored bool // a mark or a character without width: the word goes on over it
	b       [10]byte
}

// fold reads the character at i. Its width is 0 when the buffer cuts it; nil: what stands there is no character.
func (s *Scanner) fold(i int) (*folded, int) {
	if !utf8.FullRune(s.buf[i:]) {
		return nil, 0
	}
	r, width := utf8.DecodeRune(s.buf[i:])
	if r == utf8.RuneError {
		return nil, width
	}
	f := &s.runes[uint32(r)%runeSlots]
	if f.r != r {
		*f = folded{r: r, ignored: unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)}
		if b := canonical.Text(string(r)); len(b) <= len(f.b) {
			f.n = uint8(copy(f.b[:], b))
		}
	}
	return f, width
}

// wideAt tells whether a character beyond ASCII is a letter, and its width; 0 when the buffer cuts it.
func (s *Scanner) wideAt(i int) (letter bool, width int) {
	f, width := s.fold(i)
	if width == 0 && s.last {
		return false, 1
	}
	return f != nil && f.n > 0, width
}
