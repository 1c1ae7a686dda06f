package cell

import (
	"encoding/binary"
	"slices"
)

const (
	// lookBack is how far before the end of a cell its beginning is looked for, in bytes.
	lookBack = 192
	// maxAtom is the length in bytes from which a run of letters and digits is no word any more, but encoded data.
	maxAtom = 128
	// maxWord and minWord bound a word, in bytes of its canonical form.
	maxWord, minWord = 40, 2
	// chunkBytes bounds what is scanned at once, and overRead is how far behind the buffer's text zeros stand.
	chunkBytes, overRead = 4 << 10, 256 + 16
)

// Scanner finds the tokens of one text that arrives in pieces. Make it with Key.Scanner; it is not safe for concurrent
// use. With a filter it takes some 100 KiB.
type Scanner struct {
	k    *Key
	buf  []byte // the text from base on: what may be looked back at, and what is not scanned yet
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
	edges  []byte // room for scan

	out    []Token
	filter *filter // nil: everything is told
	misses *[missSlots]uint16
	only   Held
	waits  uint // how many readings wait
	wait   [waitRoom]reading
}

// Scanner begins a new text.
func (k *Key) Scanner() Scanner {
	return Scanner{k: k, at: -1, iban: -1, long: -1, dateAt: -1, misses: &noMisses, only: Everything}
}

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
		dst = s.tokens(dst)
	}
	return dst
}

// End appends the tokens that only the end of the text completes.
func (s *Scanner) End(dst []Token) []Token {
	s.last = true
	return s.tokens(dst)
}

func (s *Scanner) tokens(dst []Token) []Token {
	s.out = dst
	n := len(s.buf)
	s.buf = append(slices.Grow(s.buf, bufRoom+wordBlock-n), zeros[:]...)[:n]
	s.scan(s.buf[:n+overRead], n)
	s.flush()
	dst, s.out = s.out, nil
	return dst
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

// zeros stand behind the text.
var zeros [overRead]byte

const (
	ones  = 0x0101010101010101
	high  = 0x80 * ones
	lower = 0x20 * ones // the bit that capitals lack, and that digits have
	alpha = 0x40 * ones // the bit that letters have, and digits lack
)

// runs has the uppermost bit of each byte that is an ASCII letter or digit, or beyond ASCII.
func runs(x uint64) uint64 {
	d := x &^ high
	l := d | lower
	return (((l + 0x1f*ones) ^ (l + 0x05*ones)) | ((d + 0x50*ones) ^ (d + 0x46*ones)) | x) & high
}

// edgeTable has for each byte the places of its bits, as numbers of sixteen bits, and how many there are.
var edgeTable = func() (t [256]struct{ first, second, n uint64 }) {
	for i := range t {
		e := &t[i]
		for b := range uint64(8) {
			switch {
			case i>>b&1 == 0:
				continue
			case e.n < 4:
				e.first |= b << (16 * e.n)
			default:
				e.second |= b << (16*e.n - 64)
			}
			e.n++
		}
	}
	return t
}()

const (
	// edgeBlock is of how many bytes the edges are told at once.
	edgeBlock = 256
	edgeBytes = 2
)

// edges tells where in a block, which begins at base, the runs of ASCII letters and digits and of what is beyond ASCII begin
// and end, by turns: as numbers of sixteen bits, of which it returns how many bytes there are, and whether the last byte is
// in a run, as before is of the byte in front. Eight bytes give the edges in them by a table, without a branch.
//
// It is not inlined because its loop needs every register.
//
//go:noinline
func edges(to *[edgeBytes * (edgeBlock + 8)]byte, b *[edgeBlock]byte, base, before uint64) (n, last uint64) {
	base *= 0x0001000100010001
	for i := 0; i < edgeBlock; i += 16 {
		m := runs(binary.LittleEndian.Uint64(b[i:i+8])) * 0x0002040810204081 >> 56
		m |= runs(binary.LittleEndian.Uint64(b[i+8:i+16])) * 0x0002040810204081 >> 56 << 8
		x := m ^ (m<<1 | before)
		before = m >> 15
		e := &edgeTable[x&0xff]
		n &= edgeBytes*edgeBlock - 1
		binary.LittleEndian.PutUint64(to[n:n+8], base+e.first)
		binary.LittleEndian.PutUint64(to[n+8:n+16], base+e.second)
		n += edgeBytes * e.n
		base += 8 * 0x0001000100010001
		e = &edgeTable[x>>8&0xff]
		n &= edgeBytes*edgeBlock - 1
		binary.LittleEndian.PutUint64(to[n:n+8], base+e.first)
		binary.LittleEndian.PutUint64(to[n+8:n+16], base+e.second)
		n += edgeBytes * e.n
		base += 8 * 0x0001000100010001
	}
	return n, before
}

// lowest and highest keep of sixteen bytes as many as a word has, by its size.
var lowest, highest = func() (lo, hi [wordBlock]uint64) {
	for i := range lo {
		lo[i], hi[i] = 1<<(8*i)-1, 1<<max(8*i-64, 0)-1
	}
	return lo, hi
}()

// scan reads the first n bytes of the buffer, up to a run that their end may have cut. The loop takes by itself what nearly
// all of a text is: words and numbers of less than sixteen bytes, and single characters between them. It has few branches:
// what a text goes on with cannot be foretold.
func (s *Scanner) scan(buf []byte, n int) {
	borders, done := s.borders(buf, n), s.next
	if len(borders) > 0 {
		done = int(binary.LittleEndian.Uint16(borders))
		s.gap(s.next, done)
	}
	for {
		if len(borders) >= 2*edgeBytes && s.at&s.iban < 0 && int(binary.LittleEndian.Uint16(borders)) != s.long {
			borders, done = s.usual(borders, done, n)
		}
		if len(borders) < 2*edgeBytes {
			break
		}
		i, j := int(binary.LittleEndian.Uint16(borders)), int(binary.LittleEndian.Uint16(borders[edgeBytes:]))
		borders = borders[2*edgeBytes:]
		between := afterRun[buf[done]] + special[buf[done+1]] // of a gap of one byte, the second one is a run's
		if between >= anyOther || uint(i-done-1) > 1 {
			s.gap(done, i)
		} else {
			s.line += between
		}
		done = j
		if s.waits > waitRoom-mostReadings {
			s.flush()
		}
		size := j - i
		b := (*[wordBlock]byte)(buf[i:])
		x, y := binary.LittleEndian.Uint64(b[:8])&lowest[size&15], binary.LittleEndian.Uint64(b[8:])&highest[size&15]
		if size < wordBlock && (x|y)&high != 0 {
			x, y, size = narrow(x, y, size)
		}
		if size < wordBlock && j < n && i != s.long {
			x |= lower & lowest[size]
			y |= lower & highest[size]
			switch {
			case x&0x60 == 0x60 && x&0x60606060 != 0x20206060 && s.at&s.iban < 0:
				h := s.k.wordBlock(0, x, y)
				w := &s.wait[s.waits%waitRoom] // field by field: a whole one would be copied
				w.raw, w.mark, w.span, w.kind = h, s.mark(), spanOf(i, j), Word
				s.waits += s.worth(h) & (uint(minWord-1-size) >> 63)
				continue
			case (x|y)&alpha == 0:
				if size == 4 && b[4] == '-' && s.isoDate(borders, b, i, n) {
					borders, done = borders[4*edgeBytes:], i+isoSize
					continue
				}
				value := eight(x << (uint(64-8*size) & 63))
				if size > 8 {
					value = decimal(x, y, size)
				}
				s.number(i, j, value)
				continue
			}
		}
		if next := s.odd(i, j); next < j {
			s.next = next
			return
		}
	}
	s.gap(done, n)
	s.next = n
}

// borders are the edges of the first n bytes of the buffer.
func (s *Scanner) borders(buf []byte, n int) []byte {
	if most := edgeBytes * (n - s.next + 2*edgeBlock); len(s.edges) < most {
		s.edges = make([]byte, most)
	}
	blocks := (n-s.next)/edgeBlock + 1
	return s.edges[:allEdges(s.edges, buf[s.next:s.next+blocks*edgeBlock], s.next)]
}

// plainEdges are the edges in text of whole blocks, one of which begins at base, and in front of which no run is open.
func plainEdges(to, text []byte, base int) int {
	size, last := uint64(0), uint64(0)
	for i := 0; i < len(text); i += edgeBlock {
		var k uint64
		k, last = edges((*[edgeBytes * (edgeBlock + 8)]byte)(to[size:]), (*[edgeBlock]byte)(text[i:]), uint64(base+i), last)
		size += k
	}
	return int(size)
}

// odd reads a run that is not what most are, and tells how far: less than to where the buffer may have cut it.
func (s *Scanner) odd(i, to int) int {
	for i < to {
		if s.waits > waitRoom-mostReadings {
			s.flush()
		}
		next, ok := s.wideWord(i, to)
		if !ok {
			if next, ok = s.slow(i); !ok {
				return i
			}
		}
		i = next
	}
	return to
}

// gap takes what stands between runs.
func (s *Scanner) gap(i, to int) {
	for ; i < to; i++ {
		if special[s.buf[i]] != 0 {
			s.separator(i)
		}
	}
}

var tens = [...]uint64{1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000}

// decimal is the value of nine to fifteen digits, the first one lowest in x, that go on in y.
func decimal(x, y uint64, size int) uint64 {
	return eight(x)*tens[size-8] + eight(y<<(128-8*size))
}

// eight is the value of eight digits or zero bytes: digits are joined to pairs, these to fours, and these to all.
func eight(x uint64) uint64 {
	x &= 0x0f * ones
	x = (x*10 + x>>8) & 0x00ff00ff00ff00ff
	x = (x*100 + x>>16) & 0x0000ffff0000ffff
	return (x*10_000 + x>>32) & 0xffffffff
}

// special are the characters that are more than a gap: line ends, and those that are looked at in their own way. afterRun
// are those of them behind a letter or a digit, where a comma ends no record.
var (
	special  = [256]uint32{'\n': 1, ',': anyOther, '@': anyOther}
	afterRun = [256]uint32{'\n': 1, '@': anyOther}
)

// anyOther is more than two line ends.
const anyOther = 4

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
