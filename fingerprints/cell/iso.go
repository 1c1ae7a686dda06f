package cell

import "encoding/binary"

// A day as tables have it, 1980-03-31, is read as a whole: its three runs of digits one by one would take most of the time
// that such a table takes.
const (
	isoSize = len("1980-03-31")
	// isoEdges are the edges of month and day, from where the year begins.
	isoEdges = 5 | 7<<16 | 8<<32 | 10<<48
	// isoForm is what of the first eight bytes, the first one lowest, isoMask leaves: runs have no other characters that
	// begin as digits do.
	isoForm, isoMask = 0x2d30302d30303030, 0xfff0f0fff0f0f0f0
	isoDay, isoRest  = 0x3030, 0xf0f0
	// isoSix added to what is in the place of digits makes others of what only begins as digits do.
	isoSix = 0x0006060006060606
)

// noIso are the characters behind which a day may be part of something longer.
var noIso = [256]bool{' ': true, '.': true, '-': true, '/': true, '(': true, ')': true, '_': true, 0xA0: true}

// isoDate takes a day that begins with the four digits at i, where nothing more can be read out of it, and does what number
// does of its three runs. borders are the edges behind the year, and b is the text from i on, of which n bytes of the buffer
// are scanned; false: it is none.
func (s *Scanner) isoDate(borders []byte, b *[wordBlock]byte, i, n int) bool {
	if len(borders) < 4*edgeBytes || i+isoSize >= n || binary.LittleEndian.Uint64(borders)&^(firm*eachEdge) != isoEdges+uint64(i)*eachEdge {
		return false
	}
	x, day := binary.LittleEndian.Uint64(b[:]), uint64(binary.LittleEndian.Uint16(b[8:]))
	if x&isoMask != isoForm || day&isoRest != isoDay || s.at&s.iban >= 0 || i > 0 && noIso[s.buf[i-1]] {
		return false
	}
	waits := s.waits
	year := eight(x << 32)
	month, day := x>>40&15*10+x>>48&15, day&15*10+day>>8&15
	r := &s.digits
	d := &r.runs[r.n%ringSize]
	d.at, d.end, d.value, d.digits, d.linked, d.above = i, i+4, year, 4, false, 0
	r.n++
	if year >= leastNumber && s.only.Sizes>>SizeOf(year)&1 != 0 {
		s.plain(year, i, i+4)
	}
	if i > 0 && dateGaps[s.buf[i-1]] {
		s.named(d)
	}
	d = &r.runs[r.n%ringSize]
	d.at, d.end, d.value, d.digits, d.linked, d.above = i+5, i+7, month, 6, true, 0
	r.n++
	d = &r.runs[r.n%ringSize]
	d.at, d.end, d.value, d.digits, d.linked, d.above = i+8, i+10, day, 8, true, 0
	r.n++
	if year < minYear || year > maxYear || month-1 > 11 || day-1 > 30 {
		return true
	}
	s.dated(i)
	s.dateEnd, s.readings = s.base+int64(i+isoSize), 1
	if s.only.Has(Date) {
		raw := s.k.number(Date, year*10_000+month*100+day)
		s.put(Date, raw, i, i+isoSize, 0, s.worth(raw))
	}
	if waits == s.waits && s.filter != nil {
		s.days.add(year, month, day)
	}
	return true
}

// daySet is the days of tables that are remembered as nothing that is looked for, of which a text may have very many: a bit each,
// with room for days that there cannot be, which are not in it.
type daySet [(lastYear - firstYear + 1) * yearBits / 64]uint64

const (
	firstYear, lastYear = 1700, 2199
	monthBits           = 33
	yearBits            = 16 * monthBits
)

// noDays is remembered where there is no filter.
var noDays daySet

// add adds a day that there can be.
func (d *daySet) add(year, month, day uint64) {
	i := (year-firstYear)*yearBits + month*monthBits + day
	d[i/64] |= 1 << (i % 64)
}

// has tells whether a day is in the set, of which x has year and month as a table has them, and a dash behind.
func (d *daySet) has(x uint64, day uint) bool {
	x &= 0x000f0f000f0f0f0f
	x = x*10 + x>>8 // pairs of digits, of which none is more than a byte has
	year, month := uint(uint8(x))*100+uint(uint8(x>>16)), uint(uint8(x>>40))
	i := (year-firstYear)*yearBits + month*monthBits + day
	return day < monthBits && month < yearBits/monthBits && i/64 < uint(len(d)) && d[i/64]>>(i%64)&1 != 0
}

// isoKnown tells whether a day that begins at i is remembered as none that is looked for, and is part of nothing more: it is a
// date, and there can be nothing else.
func (s *Scanner) isoKnown(b *[wordBlock]byte, i int) bool {
	x, day := binary.LittleEndian.Uint64(b[:8]), binary.LittleEndian.Uint16(b[8:10])
	form := (x^isoForm|(x+isoSix)^isoForm)&isoMask | uint64((day^isoDay|(day+0x0606)^isoDay)&isoRest)
	return form == 0 && s.days.has(x, uint(day&15*10+day>>8&15)) &&
		(beside.before[s.buf[i-1]]|beside.behind[b[isoSize]])&(inNumber|beforeYears|behindThrees|inRun) == 0
}

// dated counts a day.
func (s *Scanner) dated(i int) {
	s.dates++
	s.dateAt = s.base + int64(i)
	s.places[Date]++
}

// datesBefore is how many places were read as dates before a place, of which then were when it was come to, but for those that were
// passed over. No place is before the one asked for last.
func (s *Scanner) datesBefore(place int, then uint32) uint32 {
	if s.early == 0 {
		return then
	}
	if place > s.earlierThan {
		s.earlier += countIn(&s.maps.days, s.earlierThan-s.lines.from, place-s.lines.from)
		s.earlierThan = place
	}
	return then + s.earlier
}
