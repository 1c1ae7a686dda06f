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
// use. With a filter it takes some 170 KiB.
type Scanner struct {
	k    *Key
	buf  []byte // the text from base on: what may be looked back at, and what is not scanned yet
	base int64
	next int // where scanning goes on in buf
	last bool
	long int // up to where in buf a run of letters and digits is too long to be a cell; it may go on there

	places [Kinds]uint32
	lines  lineCount
	dates  uint32 // places read as dates
	dateAt int64  // where the last of them begins
	// dateEnd is where it ends; 0: it is not known, or of no more concern. readings are its own.
	dateEnd  int64
	readings uint32
	// early is how many days of this piece were passed over, which dates does not count yet; earlier of them are before a place.
	early, earlier uint32
	earlierThan    int

	at     int // of the '@' of an address that may go on, in buf; -1: none
	iban   int // where an account number may begin; -1: none
	digits ring
	runes  [runeSlots]folded
	edges  []byte // room for scan
	maps   *maps

	out     []Token
	filter  *filter // nil: everything is told
	misses  *[missSlots]uint16
	others  *surfaces
	days    *daySet
	only    Held
	lengths lengths // of numbers, as only has them
	waits   uint    // how many readings wait
	mixed   bool    // some of them are not of kinds or runs that are remembered by their raw hash alone
	raws    [waitRoom]uint64
	spans   [waitRoom]span
	wait    [waitRoom]reading

	now   int // where the run begins that is read
	wordy int // more than 0: words follow each other often, so that they are taken together
}

// Scanner begins a new text.
func (k *Key) Scanner() Scanner {
	return Scanner{k: k, at: -1, iban: -1, long: -1, dateAt: -1, misses: &noMisses, others: &noSurfaces, days: &noDays, only: Everything, lengths: allLengths}
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
	s.buf = append(slices.Grow(s.buf, bufRoom+2*wordBlock-n), zeros[:]...)[:n]
	s.scan(s.buf[:n+overRead], n)
	s.flush()
	s.lines.upTo(s.buf, s.next)
	s.dates += s.early
	s.early = 0
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

// inRuns has the uppermost bit of each byte that is an ASCII letter or digit, or beyond ASCII.
func inRuns(x uint64) uint64 {
	d := x &^ high
	l := d | lower
	return (((l + 0x1f*ones) ^ (l + 0x05*ones)) | ((d + 0x50*ones) ^ (d + 0x46*ones)) | x) & high
}

// edgeTable has for each byte the places of its bits, as numbers of sixteen bits, and how many bytes these take.
var edgeTable = func() (t [256]struct{ first, second, bytes uint64 }) {
	for i := range t {
		e := &t[i]
		n := uint64(0)
		for b := range uint64(8) {
			switch {
			case i>>b&1 == 0:
				continue
			case n < 4:
				e.first |= b << (16 * n)
			default:
				e.second |= b << (16*n - 64)
			}
			n++
		}
		e.bytes = edgeBytes * n
	}
	return t
}()

const (
	// edgeBlock is of how many bytes the edges are told at once.
	edgeBlock = 256
	edgeBytes = 2
	// edgeRoom is how many bytes the edges of a block take at most, and what is written behind them.
	edgeRoom = edgeBytes * (edgeBlock + 8)
	eachEdge = 0x0001000100010001
	// gather brings the uppermost bits of eight bytes into the uppermost byte.
	gather = 0x0002040810204081
)

// edges tells where in a block, which begins at base, the runs of ASCII letters and digits and of what is beyond ASCII begin
// and end, by turns: as numbers of sixteen bits, of which it returns how many bytes there are, and whether the last byte is
// in a run, as before is of the byte in front. Eight bytes give the edges in them by a table, without a branch.
//
// It is not inlined because its loop needs every register.
//
//go:noinline
func edges(to *[edgeRoom]byte, b *[edgeBlock]byte, base, before uint64) (n, last uint64) {
	base *= eachEdge
	for i := 0; i < edgeBlock; i += 16 {
		x := inRuns(binary.LittleEndian.Uint64(b[i:i+8])) * gather >> 56
		y := inRuns(binary.LittleEndian.Uint64(b[i+8:i+16])) * gather >> 56
		e := &edgeTable[uint8(x^(x<<1|before))]
		p := (*[16]byte)(to[n&(edgeBytes*edgeBlock-1):])
		binary.LittleEndian.PutUint64(p[:8], base+e.first)
		binary.LittleEndian.PutUint64(p[8:], base+e.second)
		n += e.bytes
		e = &edgeTable[uint8(y^(y<<1|x>>7))]
		before = y >> 7
		base += 8 * eachEdge
		p = (*[16]byte)(to[n&(edgeBytes*edgeBlock-1):])
		binary.LittleEndian.PutUint64(p[:8], base+e.first)
		binary.LittleEndian.PutUint64(p[8:], base+e.second)
		n += e.bytes
		base += 8 * eachEdge
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

// scan reads the first n bytes of the buffer, up to a run that their end may have cut.
func (s *Scanner) scan(buf []byte, n int) {
	borders := s.borders(buf, n)
	s.lines.begin(buf[:n], s.next, s.maps)
	behind := s.addresses(borders, buf[:n])
	if len(borders) > 0 && !s.runs(borders, n) {
		return
	}
	if behind >= 0 {
		s.at = behind
	}
	s.next = n
}

// runs reads the runs between some borders. It returns false where the end of the buffer may have cut the last one, which is
// to be read again.
func (s *Scanner) runs(borders []byte, n int) bool {
	if edgeAt(borders) == s.long {
		putAside(borders)
	}
	if last := borders[len(borders)-2*edgeBytes:]; edgeAt(last[edgeBytes:]) >= n {
		putAside(last)
	}
	s.wordy = max(s.wordy, 4)
	for left := borders; ; {
		if s.at&s.iban < 0 {
			left = s.whileUsual(left)
		}
		if len(left) == 0 {
			return true
		}
		var done bool
		if left, done = s.one(left, n); !done {
			return false
		}
	}
}

// whileUsual takes what is usual of some runs, and returns the borders that are left.
func (s *Scanner) whileUsual(borders []byte) (left []byte) {
	for {
		if s.waits > waitRoom-mostReadings {
			s.flush()
		}
		if s.wordy > 0 {
			borders = s.words(borders)
		}
		left = s.usual(borders)
		if s.wordy <= 0 || len(left) == len(borders) {
			return left
		}
		borders = left
	}
}

// one reads the first run of some borders, and returns the borders that are left; false where the end of the buffer may have
// cut it.
func (s *Scanner) one(borders []byte, n int) (left []byte, whole bool) {
	i, j := edgeAt(borders), edgeAt(borders[edgeBytes:])
	if binary.LittleEndian.Uint16(borders)&aside != 0 {
		s.addressBegins(i)
	}
	before := s.traces()
	surface, plain := s.plainRun(i, j, n)
	for left = borders; len(left) == len(borders); {
		if s.waits > waitRoom-mostReadings {
			s.flush()
		}
		i := edgeAt(left)
		s.now = i
		if j-i < wordBlock && j < n && i != s.long {
			var done bool
			if left, done = s.short(left, i, j, n); done {
				continue
			}
		}
		left = left[2*edgeBytes:]
		if next := s.odd(i, j); next < j {
			s.next = next
			return left, false
		}
	}
	if plain && before == s.traces() {
		s.forget(surface)
	}
	return left, true
}

// traces is what a run may leave.
type traces struct {
	waits, digits  uint
	at, iban, long int
}

func (s *Scanner) traces() traces { return traces{s.waits, s.digits.n, s.at, s.iban, s.long} }

// borders are the edges of the first n bytes of the buffer, but for those of runs that are passed over.
func (s *Scanner) borders(buf []byte, n int) []byte {
	if most := edgeBytes * (n - s.next + 2*edgeBlock); len(s.edges) < most {
		s.edges = make([]byte, most)
	}
	if vectors() {
		return s.edges[:s.wideBorders(s.edges, buf, n)]
	}
	s.maps = nil
	blocks := (n-s.next)/edgeBlock + 1
	return s.edges[:plainEdges(s.edges, buf[s.next:s.next+blocks*edgeBlock], s.next)]
}

// plainEdges are the edges in text of whole blocks, one of which begins at base, and in front of which no run is open.
func plainEdges(to, text []byte, base int) int {
	size, last := uint64(0), uint64(0)
	for i := 0; i < len(text); i += edgeBlock {
		var k uint64
		k, last = edges((*[edgeRoom]byte)(to[size:]), (*[edgeBlock]byte)(text[i:]), uint64(base+i), last)
		size += k
	}
	return int(size)
}

// odd reads a run that is not what most are, and tells how far: less than to where the buffer may have cut it.
func (s *Scanner) odd(i, to int) int {
	for i < to {
		s.now = i
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
