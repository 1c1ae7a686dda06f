//go:build !purego

package cell

import (
	"math/bits"

	"golang.org/x/sys/cpu"
)

// places are the bits of each byte, in its lowest bytes.
var places = func() (t [256]uint64) {
	for i := range t {
		for n, x := 0, uint(i); x != 0; n, x = n+1, x&(x-1) {
			t[i] |= uint64(bits.TrailingZeros(x)) << (8 * n)
		}
	}
	return t
}()

// vectors tells whether the processor's vector instructions are used.
func vectors() bool {
	return cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT && cpu.X86.HasBMI2 && cpu.X86.HasBMI1
}

// wide tells whether its vectors of 512 bits are used, too.
func wide() bool {
	x := &cpu.X86
	return vectors() && x.HasAVX512 && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512VBMI && x.HasAVX512VBMI2
}

// wideBorders does what plainEdges does; but dashes, quotation marks and spaces beyond ASCII, as usualGap knows them, are in no run,
// numbers, amounts and days that are nothing are passed over, and the beginnings of runs are marked as firm that wordsWide does not
// take. Behind the text there are two bytes more.
func (s *Scanner) wideBorders(to, buf []byte, n int) int {
	if s.maps == nil {
		s.maps = new(maps)
	}
	m, blocks, text := s.maps, (n-s.next)/mapBits+1, buf[s.next:]
	_, _, _ = text[mapBits*blocks+1], to[edgeBytes*(mapBits*blocks+8)-1], m.runs[blocks+8] // what is read and written has room
	if m.tellRuns(&text[0], blocks) == 0 {
		return tellEdges(&to[0], &m.runs, &noMarks, blocks, uint64(s.next))
	}
	if s.only.Sizes == 0 {
		classesWide(m, &text[0], blocks)
	}
	fours := (blocks + 3) / 4
	m.runs[blocks], m.digits[blocks] = 0, 0
	beginWide(m, fours)
	if s.only.Sizes == 0 {
		m.points[blocks], m.dashes[blocks], m.ends[blocks] = 0, 0, 0
		numbersWide(m, fours)
		s.passOver(m, blocks)
	}
	return tellEdges(&to[0], &m.runs, &m.firm, blocks, uint64(s.next))
}

func (m *maps) tellRuns(text *byte, blocks int) (any uint64) {
	if wide() {
		return runs512(m, text, blocks)
	}
	return runsWide(m, text, blocks)
}

func tellEdges(to *byte, runs, marks *[mapWords]uint64, blocks int, base uint64) int {
	if wide() {
		return edges512(to, runs, marks, blocks, base)
	}
	return edgesWide(to, runs, marks, blocks, base, &places)
}

var noMarks [mapWords]uint64

// What assembly alone reads and writes has the room here that it goes by.
var _ = func(m *maps) int {
	return len(m.inside) + len(m.years) + len(m.free) + len(m.fresh) + len(m.amount) + len(m.some.hashes) + len(m.some.at) + len(m.some.sizes)
}

// passOver takes numbers and amounts that are nothing out of the runs, and days that are remembered, which it counts.
//
// In front of what is passed over, and behind it, stands nothing with which an address or an account number goes on.
func (s *Scanner) passOver(m *maps, blocks int) {
	_, _ = s.buf[:bufRoom+2*wordBlock], m.runs[blocks] // what is read and written has room
	s.early = uint32(passWide(m, &s.buf[s.next], blocks, s.days, &days))
	s.earlier, s.earlierThan = 0, s.next
	s.places[Date] += s.early
}

// days is what passWide reads days with.
var days = dayWeights{
	digits: [...]uint8{0, 1, 2, 3, 5, 6, 8, 9, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80},
	values: [...]uint8{15, 15, 15, 15, 15, 15, 15, 15, 0, 0, 0, 0, 0, 0, 0, 0},
	pairs:  [...]int8{10, 1, 10, 1, 10, 1, 10, 1, 0, 0, 0, 0, 0, 0, 0, 0},
	least:  [...]uint16{firstYear / 100, 0, 0, 0, 0, 0, 0, 0},
	most:   [...]uint16{lastYear / 100, 99, yearBits/monthBits - 1, monthBits - 1, 0, 0, 0, 0},
	parts:  [...]int16{100, 1, monthBits, 1, 0, 0, 0, 0},
}

// dayWeights tell which bytes of a day are digits, what they leave of these, what the two of a pair are worth, between what the pairs
// are kept, so that what is no day is one that no daySet has, and what they are worth in the year, and in what is within it.
type dayWeights struct {
	digits, values [16]uint8
	pairs          [16]int8
	least, most    [8]uint16
	parts          [8]int16
}

// passWide does what passOver does, leaves of the days those that are remembered, and tells how many they are. It reads up to 80 bytes
// more of the text.
//
//go:noescape
func passWide(m *maps, text *byte, blocks int, set *daySet, weights *dayWeights) (n int)

// runsWide tells the runs and the digits of 64 bytes a block, and reads two more, and whether there is any digit.
//
//go:noescape
func runsWide(m *maps, text *byte, blocks int) (any uint64)

// classesWide tells what is inside of numbers, stands before years, and which are points and dashes.
//
//go:noescape
func classesWide(m *maps, text *byte, blocks int)

// beginWide tells from what the bytes are where runs begin that are no words, where numbers, days and account numbers may begin, and
// where they may end, of four blocks a time, and reads one more.
//
//go:noescape
func beginWide(m *maps, fours int)

// numbersWide tells where numbers, amounts and days begin, of four blocks a time, and reads one more.
//
// A number is of up to seven digits, and an amount of up to seven and a point; behind what stands before years no number of two or
// four digits is told.
//
//go:noescape
func numbersWide(m *maps, fours int)

// edgesWide writes what plainEdges does, and up to 16 bytes behind it.
//
//go:noescape
func edgesWide(to *byte, runs, marks *[mapWords]uint64, blocks int, base uint64, places *[256]uint64) int

// runs512 does what runsWide does.
//
//go:noescape
func runs512(m *maps, text *byte, blocks int) (any uint64)

// edges512 does what edgesWide does, and writes nothing behind what the blocks can have.
//
//go:noescape
func edges512(to *byte, runs, marks *[mapWords]uint64, blocks int, base uint64) int
