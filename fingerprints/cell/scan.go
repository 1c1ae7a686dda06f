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
// use. It takes some 90 KiB.
type Scanner struct {
	k    *Key
	keep func(hash uint64) bool // nil: everything
	buf  []byte                 // the text from base on: what may be looked back at, and what is not scanned yet
	base int64
	next int // where scanning goes on in buf
	last bool
	long int // up to where in buf a run of letters and digits is too long to be a cell; it may go on there

	line   uint32
	places [Kinds]uint32
	dated  uint32 // places read as dates
	dateAt int64  // where the last of them begins

	at     int // of the '@' of an address that may go on, in buf; -1: none
	iban   int // where an account number may begin; -1: none
	digits ring
	runes  [runeSlots]folded
	misses [missSlots]uint16 // of raw hashes that the filter dropped, the uppermost bits
}

// Scanner begins a new text.
func (k *Key) Scanner() Scanner { return Scanner{k: k, at: -1, iban: -1, long: -1, dateAt: -1} }

// Filter lets the scanner yield only tokens of which keep says so, and others as Dropped where these may speak against
// somebody. It must always say the same of one hash.
func (s *Scanner) Filter(keep func(hash uint64) bool) { s.keep = keep }

// Places tells how many tokens of a kind there were so far, those that the filter dropped included. Words and plain
// numbers are not counted.
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
	s.at, s.iban, s.long = max(s.at-drop, -1), max(s.iban-drop, -1), max(s.long-drop, -1)
	s.digits.shift(drop)
}

// scan reads what is in the buffer, up to a run that the buffer's end may have cut. The loop takes by itself what nearly
// all of a text is: words of ASCII that the filter is known to drop, and what stands between them.
func (s *Scanner) scan(dst []Token) []Token {
	buf, in, start := s.buf, &s.k.in, s.k.start[Word]
	filtering := s.keep != nil
	i := s.next
	for i < len(buf) {
		c := buf[i]
		t := in[c]
		if t == 0 && c < utf8.RuneSelf {
			if special[c] {
				s.separator(i)
			}
			i++
			continue
		}
		if c > '9' && s.at&s.iban < 0 && i != s.long {
			h, j := start, i
			for j < len(buf) {
				t := in[buf[j]]
				if t == 0 {
					break
				}
				h = bits.RotateLeft64(h, 1) ^ t
				j++
			}
			n := j - i
			if j < len(buf) && buf[j] >= utf8.RuneSelf {
				h, j, n = s.wideRun(h, j, n)
			}
			if j < len(buf) && j > i && (buf[j] < utf8.RuneSelf || s.gapAt(j)) && j-i <= maxWord && !isAccount(buf[i:j]) {
				if n >= minWord && !(filtering && s.misses[h%missSlots] == uint16(h>>48)) {
					dst = s.emit(dst, Word, h, i, j)
				}
				if i = j; buf[j] >= utf8.RuneSelf {
					i += 3
				} else if !special[buf[j]] {
					i++
				}
				continue
			}
		}
		if c <= '9' && c >= '0' && i != s.long {
			value, j := uint64(0), i
			for j < len(buf) && buf[j]-'0' <= 9 {
				value = 10*value + uint64(buf[j]-'0')
				j++
			}
			if j < len(buf) && buf[j] < utf8.RuneSelf && in[buf[j]] == 0 && j-i <= maxWord {
				dst = s.number(dst, i, j, value)
				i = j
				continue
			}
		}
		var ok bool
		if dst, i, ok = s.slow(dst, i, t != 0); !ok {
			break
		}
	}
	s.next = i
	return dst
}

// wideRun goes on with a run of letters and digits at a character beyond ASCII, as far as these were seen before: its raw
// hash, where it ends, and the length of its canonical form.
func (s *Scanner) wideRun(h uint64, j, n int) (uint64, int, int) {
	buf, in := s.buf, &s.k.in
	for j+1 < len(buf) && buf[j] >= 0xC2 && buf[j] < 0xE0 && buf[j+1]&0xC0 == 0x80 {
		r := rune(buf[j]&0x1F)<<6 | rune(buf[j+1]&0x3F)
		f := &s.runes[uint32(r)%runeSlots]
		if f.r != r || f.n == 0 {
			break
		}
		h = bits.RotateLeft64(h, int(f.n)) ^ f.roll
		n += int(f.n)
		for j += 2; j < len(buf); j++ {
			t := in[buf[j]]
			if t == 0 {
				break
			}
			h = bits.RotateLeft64(h, 1) ^ t
			n++
		}
	}
	return h, j, n
}

// slow reads one run of letters and digits, or one character beyond ASCII, from i on and tells where it ends; false when
// the buffer may have cut it.
func (s *Scanner) slow(dst []Token, i int, letters bool) ([]Token, int, bool) {
	width := 1
	if !letters {
		if letters, width = s.wideAt(i); width == 0 {
			return dst, i, false
		}
	}
	switch {
	case !letters:
		return dst, i + width, true
	case i == s.long:
		s.long += width
		return dst, s.long, true
	}
	return s.atom(dst, i)
}

// isAccount tells whether a word begins as an account number does.
func isAccount(w []byte) bool {
	return len(w) >= 4 && isDigit(w[2]) && isDigit(w[3]) && isLetter(w[0]) && isLetter(w[1])
}

// special are the ASCII characters that are more than a gap.
var special = [256]bool{'\n': true, ',': true, '@': true}

// separator takes a special character.
func (s *Scanner) separator(i int) {
	switch s.buf[i] {
	case '\n':
		s.line++
	case '@':
		s.at = i
	case ',':
		j := i - 1
		for j >= 0 && i-j < maxBlanks && (s.buf[j] == ' ' || s.buf[j] == '\n' || s.buf[j] == '\r' || s.buf[j] == '\t') {
			j--
		}
		if j >= 0 && (s.buf[j] == ')' || s.buf[j] == '}' || s.buf[j] == ']') { // one record of a list ends, and the next begins
			s.line++
		}
	}
}

// maxBlanks is how many blanks may stand between a bracket and its comma.
const maxBlanks = 16

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
			number = number && isDigit(c)
			value = 10*value + uint64(c-'0')
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
		h = bits.RotateLeft64(h, int(f.n)) ^ f.roll
		number = number && f.n == 0
		n += int(f.n)
		j += width
	}
	if j-i > maxAtom {
		s.long, s.at, s.iban = i+maxAtom, -1, -1
		return dst, s.long, true
	}
	if j == len(buf) && !s.last {
		return dst, i, false
	}
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
	if isAccount(s.buf[i:j]) {
		s.iban = i
	}
	if isDigit(s.buf[i]) {
		dst = s.timestamp(dst, i, j)
	}
	if s.iban >= 0 {
		dst = s.account(dst, j)
	}
	if s.at >= 0 {
		dst = s.address(dst, i, j)
	}
	return dst
}

// emit yields a token, unless the filter drops it.
func (s *Scanner) emit(dst []Token, kind Kind, raw uint64, i, j int) []Token {
	s.places[kind]++
	slot := &s.misses[raw%missSlots]
	dropped := s.keep != nil && *slot == uint16(raw>>48)
	if dropped && !personal(kind) {
		return dst
	}
	hash := s.k.finish(raw)
	if !dropped && s.keep != nil && !s.keep(hash) {
		*slot = uint16(raw >> 48)
		dropped = true
	}
	if dropped && !personal(kind) {
		return dst
	}
	return append(dst, Token{Hash: hash, At: s.base + int64(i), End: s.base + int64(j), Line: s.line, Dates: s.dated, Kind: kind, Dropped: dropped})
}

// personal tells whether a kind of identifier is one person's and hardly ever taken for another.
func personal(k Kind) bool { return k == National || k == IBAN || k == Email }

const (
	runeSlots = 256
	missSlots = 32768
)

// folded is the canonical form of a character beyond ASCII.
type folded struct {
	r       rune
	n       uint8
	ignored bool   // a mark or a character without width: the word goes on over it
	roll    uint64 // the raw hash of its canonical bytes
}

// fold reads the character at i. Its width is 0 when the buffer cuts it; nil: what stands there is no character.
func (s *Scanner) fold(i int) (*folded, int) {
	b := s.buf[i:]
	if len(b) >= 2 && b[0] >= 0xC2 && b[0] < 0xE0 && b[1]&0xC0 == 0x80 {
		r := rune(b[0]&0x1F)<<6 | rune(b[1]&0x3F)
		if f := &s.runes[uint32(r)%runeSlots]; f.r == r {
			return f, 2
		}
	}
	if f := s.three(i); f != nil {
		return f, 3
	}
	if !utf8.FullRune(b) {
		return nil, 0
	}
	r, width := utf8.DecodeRune(b)
	if r == utf8.RuneError {
		return nil, width
	}
	f := &s.runes[uint32(r)%runeSlots]
	if f.r != r {
		*f = folded{r: r, ignored: unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf)}
		for _, c := range canonical.Text(string(r)) {
			f.roll = bits.RotateLeft64(f.roll, 1) ^ s.k.wide[c]
			f.n++
		}
	}
	return f, width
}

// three is the character of three bytes at i, if it was seen before.
func (s *Scanner) three(i int) *folded {
	b := s.buf[i:]
	if len(b) < 3 || b[0]&0xF0 != 0xE0 || b[1]&0xC0 != 0x80 || b[2]&0xC0 != 0x80 {
		return nil
	}
	r := rune(b[0]&0x0F)<<12 | rune(b[1]&0x3F)<<6 | rune(b[2]&0x3F)
	if f := &s.runes[uint32(r)%runeSlots]; f.r == r && r >= 0x800 {
		return f
	}
	return nil
}

// gapAt tells whether a character at i is known to end a word, such as a quotation mark.
func (s *Scanner) gapAt(i int) bool {
	f := s.three(i)
	return f != nil && f.n == 0 && !f.ignored
}

// wideAt tells whether a character beyond ASCII is a letter, and its width; 0 when the buffer cuts it.
func (s *Scanner) wideAt(i int) (letter bool, width int) {
	f, width := s.fold(i)
	if width == 0 && s.last {
		return false, 1
	}
	return f != nil && f.n > 0, width
}
