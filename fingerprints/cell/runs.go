package cell

import "math/bits"

// maps are which bytes of a piece of text are what, a bit each, the first one lowest.
type maps struct {
	runs          [mapWords]uint64 // of runs of ASCII letters and digits, and of what is beyond ASCII
	digits        [mapWords]uint64
	lines         [mapWords]uint64 // their ends
	inside        [mapWords]uint64 // for beside, what is written into numbers, or may be a part of a character that is
	years         [mapWords]uint64 // and of the rest what stands before years
	points        [mapWords]uint64
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

// begin tells from what the bytes are where numbers, days and account numbers may begin, and where they may end.
func (m *maps) begin(blocks int) {
	runBefore, insideBefore, yearBefore := uint64(0), uint64(1), uint64(1)
	for k := range m.runs[:blocks] {
		runs, digits, next, inside, years := m.runs[k], m.digits[k], m.digits[k+1], m.inside[k], m.years[k]
		starts := runs &^ (runs<<1 | runBefore)
		free := starts & digits &^ (inside<<1 | insideBefore)
		m.free[k], m.fresh[k] = free, free&^(years<<1|yearBefore)
		m.firm[k] = starts & (digits | ^(digits>>1|next<<63)&(runs>>1|m.runs[k+1]<<63)&(digits>>2|next<<62)&(digits>>3|next<<61))
		m.points[k] &= digits>>1 | next<<63
		m.ends[k] = ^(runs | inside)
		runBefore, insideBefore, yearBefore = runs>>63, inside>>63, years>>63
	}
}

// passOver takes numbers and amounts that are nothing out of the runs, and days that are remembered, which it counts.
//
// In front of what is passed over, and behind it, stands nothing with which an address or an account number goes on.
func (s *Scanner) passOver(m *maps, blocks int) {
	carry := uint64(0)
	for k := range m.runs[:blocks] {
		written := m.digits[k] | m.points[k]
		var sum uint64
		sum, carry = bits.Add64(written, m.amount[k], carry) // a carry goes from where an amount begins to its end
		over := written &^ sum
		for days := m.days[k]; days != 0; days &= days - 1 {
			at := uint(bits.TrailingZeros64(days))
			i := s.next + mapBits*k + int(at)
			look := s.k.isoSurface((*[wordBlock]byte)(s.buf[i : i+wordBlock : cap(s.buf)]))
			if s.misses[slot(look)] != missed(look) {
				continue
			}
			s.places[Date]++
			s.early = append(s.early, uint16(i))
			const day = uint64(1<<isoSize - 1)
			over |= day << at
			m.runs[k+1] &^= day >> (mapBits - at)
			m.firm[k+1] &^= day >> (mapBits - at)
		}
		m.runs[k] &^= over
		m.firm[k] &^= over
	}
}
