package cell

import (
	"encoding/binary"
	"math/bits"
	"slices"
)

// maps are which bytes of a piece of text are what, a bit each, the first one lowest.
type maps struct {
	runs          [mapWords]uint64 // of runs of ASCII letters and digits, and of what is beyond ASCII
	digits        [mapWords]uint64
	lines         [mapWords]uint64 // their ends
	inside        [mapWords]uint64 // for beside, what is written into numbers, or may be a part of a character that is
	years         [mapWords]uint64 // and of the rest what stands before years
	points        [mapWords]uint64 // before digits
	dashes        [mapWords]uint64
	firm          [mapWords]uint64 // where runs begin that are no words, or that may begin an account number
	free          [mapWords]uint64 // where runs of digits begin behind nothing that is written into numbers
	fresh         [mapWords]uint64 // nor before years
	ends          [mapWords]uint64 // what is of no run, and not written into numbers
	amount        [mapWords]uint64 // where numbers and amounts begin that are nothing
	days          [mapWords]uint64 // and what may be days of tables
	some          wordRoom
	ats, brackets uint32 // not 0: there is an '@', or a bracket that may end a record
}

// wordRoom is room for wordsWide: of each run the raw hash, where it begins, and sixteen times its size.
type wordRoom struct {
	hashes [waitRoom]uint64
	at     [waitRoom]uint32
	sizes  [waitRoom]uint32
}

const (
	mapBits  = 64
	mapWords = bufRoom/mapBits + 8
	// firm is what the beginning of a run has where maps.firm tells so.
	firm = 1 << 14
)

// linesIn is how many lines end in a part of the piece.
func (m *maps) linesIn(from, to int) uint32 {
	if from >= to {
		return 0
	}
	first, last := from/mapBits, to/mapBits
	n := -bits.OnesCount64(m.lines[first] & (1<<(from%mapBits) - 1))
	for _, lines := range m.lines[first:last] {
		n += bits.OnesCount64(lines)
	}
	return uint32(n + bits.OnesCount64(m.lines[last]&(1<<(to%mapBits)-1)))
}

// passOver takes numbers and amounts that are nothing out of the runs, and days that are remembered, which it counts.
//
// In front of what is passed over, and behind it, stands nothing with which an address or an account number goes on.
func (s *Scanner) passOver(m *maps, blocks int) {
	s.passDays(m, blocks)
	carry, before, borrow := uint64(0), uint64(0), uint64(0)
	runs, firm, digits, points, amounts, days := m.runs[:blocks], m.firm[:blocks], m.digits[:blocks], m.points[:blocks], m.amount[:blocks], m.days[:blocks]
	for k := range runs {
		written := digits[k] | points[k]
		var sum, day uint64
		sum, carry = bits.Add64(written, amounts[k], carry) // a carry goes from where an amount begins to its end
		begin := days[k]
		day, borrow = bits.Sub64(begin<<isoSize|before, begin, borrow) // and a borrow from where a day ends to its beginning
		before = begin >> (mapBits - isoSize)
		left := (sum | ^written) &^ day
		runs[k] &= left
		firm[k] &= left
	}
	runs, firm = m.runs[blocks:], m.firm[blocks:]
	runs[0] &^= before - borrow
	firm[0] &^= before - borrow
}

// passDays leaves those days that are remembered, and counts them.
func (s *Scanner) passDays(m *maps, blocks int) {
	s.early = slices.Grow(s.early[:0], (blocks+1)*mostDays)
	early, n := s.early[:cap(s.early)], 0
	for k, left := range m.days[:blocks] { // most blocks have two at most: how many must not be foretold then
		at := s.next + mapBits*k
		early[n] = uint16(at + bits.TrailingZeros64(left))
		n += one(left)
		left &= left - 1
		early[n] = uint16(at + bits.TrailingZeros64(left))
		n += one(left)
		for left &= left - 1; left != 0; left &= left - 1 {
			early[n] = uint16(at + bits.TrailingZeros64(left))
			n++
		}
	}
	found := early[:n]
	n = 0
	text := (*[bufRoom + 2*wordBlock]byte)(s.buf[:bufRoom+2*wordBlock])
	for _, at := range found {
		b := (*[wordBlock]byte)(text[at%bufRoom:])
		if early[n] = at; s.days.has(binary.LittleEndian.Uint64(b[:8]), uint(b[8]&15)*10+uint(b[9]&15)) {
			n++
			continue
		}
		i := uint(at) - uint(s.next)
		m.days[i/mapBits%mapWords] &^= 1 << (i % mapBits)
	}
	s.early = early[:n]
	s.places[Date] += uint32(n)
}

// mostDays is how many days there are at most in a block, and one more.
const mostDays = mapBits/isoSize + 2

// one is 1 where there is any bit.
func one(x uint64) int { return int((x | -x) >> 63) }
