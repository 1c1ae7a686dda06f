package cell

import (
	"math"
	"sync"
)

const (
	// waitRoom is how many readings of a text wait for the filter, a power of two, and mostReadings how many more one run of
	// digits or letters can have.
	waitRoom, mostReadings = 256, 64
	slotBits               = 16
	missSlots              = 1 << slotBits
)

// reading is a token that the filter has not seen yet. Its raw hash, which the filter is given, and its span lie in arrays of their own.
type reading struct {
	dates   uint32 // before it
	surface uint32 // of the run as it is written, as missing has it; 0: none
	ahead   uint16 // how far behind its beginning the run begins in which it was read
	kind    Kind
	_       uint32
}

// readingBytes is the size of a reading: of a word that is nothing more, all is 0 but the dates.
const readingBytes = 16

// put adds a reading to those that wait, if fresh is 1; if it is 0, the next one takes its place.
func (s *Scanner) put(kind Kind, raw uint64, i, j int, surface uint32, fresh uint) {
	at := s.waits % waitRoom
	s.mixed = s.mixed || surface != 0 || kind > Date
	s.raws[at] = raw
	s.spans[at] = spanOf(i, j)
	w := &s.wait[at]
	w.dates, w.surface, w.ahead, w.kind = s.dates, surface, uint16(s.now-i), kind // field by field: a whole one would be copied
	s.waits += fresh
}

// span is where a reading begins in the buffer, and in the upper half where it ends.
type span uint32

func spanOf(i, j int) span { return span(uint32(i) | uint32(j)<<16) }

func (p span) from() int { return int(p & 0xffff) }
func (p span) to() int   { return int(p >> 16) }

// never is in the place of a surface where a reading is always told to the filter.
const never = 1

// filter asks of many tokens at once which are known, and remembers those that are not.
type filter struct {
	keep   func(dst []uint32, hashes []uint64) []uint32
	misses [missSlots]uint16 // by raw hash
	others surfaces
	days   daySet
	hashes [waitRoom]uint64
	found  []uint32

	// what the scanner had besides, while nobody has the filter
	buf   []byte
	edges []byte
	maps  *maps
}

// filters are those of texts that have ended: to make one takes longer than to read a page of a kilobyte.
var filters = sync.Pool{New: func() any { return new(filter) }}

// Filter lets the scanner yield only tokens of which keep says so, and others as Dropped where these may speak against
// somebody. It appends to dst the places of those of some hashes that may be known, ascending, and must always say the same
// of one hash. It goes by the LeadBits uppermost of the HashBits alone: the others are not those of the token's hash yet.
func (s *Scanner) Filter(keep func(dst []uint32, hashes []uint64) []uint32) {
	f := filters.Get().(*filter)
	f.keep = keep
	s.filter, s.misses, s.others, s.days = f, &f.misses, &f.others, &f.days
	if s.buf == nil {
		s.buf, s.edges, s.maps = f.buf[:0], f.edges, f.maps
	}
}

// Free leaves the room of a scanner with a filter to other texts. It must not be used any more.
func (s *Scanner) Free() {
	f := s.filter
	if f == nil {
		return
	}
	f.keep, f.buf, f.edges, f.maps = nil, s.buf, s.edges, s.maps
	clear(f.misses[:])
	clear(f.others[:])
	clear(f.days[:])
	*s = Scanner{}
	filters.Put(f)
}

// noMisses is remembered where there is no filter.
var noMisses [missSlots]uint16

// slot is where a hash is remembered that the filter dropped, and missed is what is, which no empty slot has: a raw hash is odd.
func slot(raw uint64) uint64   { return raw >> (64 - slotBits) }
func missed(raw uint64) uint16 { return uint16(raw) }

// missing is both.
func missing(raw uint64) uint32 { return uint32(slot(raw)) | uint32(missed(raw))<<16 }

// surfaces are remembered a second time, in other places: of two that have one place in misses one is not there, and each time it
// would be brought into its canonical form.
type surfaces [1 << 12]uint32

// noSurfaces is remembered where there is no filter.
var noSurfaces surfaces

func (o *surfaces) add(surface uint32)      { o[surface>>17%uint32(len(o))] = surface }
func (o *surfaces) has(surface uint32) bool { return o[surface>>17%uint32(len(o))] == surface }

// forget remembers that a run is nothing that is looked for by its surface: the hash of a word, with its letters of ASCII as small
// ones and what is beyond ASCII as it is written.
func (s *Scanner) forget(surface uint64) {
	if s.filter != nil {
		s.filter.misses[slot(surface)] = missed(surface)
		s.filter.others.add(missing(surface))
	}
}

// worth is 0 where a reading need not wait, since the filter has dropped the same one before, and otherwise 1.
func (s *Scanner) worth(raw uint64) uint {
	return (uint(s.misses[slot(raw)]^missed(raw)) + math.MaxUint16) >> 16
}

// emit takes one reading of a place.
func (s *Scanner) emit(kind Kind, raw uint64, i, j int) {
	s.places[kind]++
	if s.only.Kinds>>kind&1 == 0 {
		return
	}
	fresh := uint(1)
	if !personal(kind) {
		fresh = s.worth(raw)
	}
	s.put(kind, raw, i, j, 0, fresh)
}

// flush yields of the readings that wait the ones that the filter keeps.
func (s *Scanner) flush() {
	raws, wait := s.raws[:min(s.waits, waitRoom)], s.wait[:min(s.waits, waitRoom)]
	s.waits = 0
	f := s.filter
	if f == nil {
		for i := range wait {
			s.yield(&wait[i], s.spans[i], raws[i], false)
		}
		return
	}
	for i, raw := range raws {
		f.hashes[i] = raw >> (64 - HashBits)
		f.misses[slot(raw)] = missed(raw)
	}
	f.found = append(f.keep(f.found[:0], f.hashes[:len(raws)]), waitRoom)
	if !s.mixed {
		for _, i := range f.found[:len(f.found)-1] {
			s.yield(&wait[i], s.spans[i], raws[i], false)
			f.misses[slot(raws[i])] = 0
		}
		return
	}
	s.mixed = false
	found := f.found
	for i, raw := range raws {
		w := &wait[i]
		known := found[0] == uint32(i)
		if known {
			found = found[1:]
		}
		if known || personal(w.kind) {
			s.yield(w, s.spans[i], raw, !known)
		}
		if known || w.surface != 0 { // of a run that is remembered as it is written, that is enough
			f.misses[slot(raw)] = 0
		}
		if !known && w.surface > never {
			f.misses[w.surface%missSlots] = uint16(w.surface >> 16)
			f.others.add(w.surface)
		}
	}
}

func (s *Scanner) yield(w *reading, at span, raw uint64, dropped bool) {
	i, j := at.from(), at.to()
	if w.kind == Word && j-i < minWord { // it waited, since to tell it there takes time for each word
		return
	}
	run := i + int(w.ahead)
	t := Token{Hash: s.k.hash(raw), At: s.base + int64(i), End: s.base + int64(j), Line: s.lines.upTo(s.buf, run), Dates: s.datesBefore(run, w.dates), Kind: w.kind, Dropped: dropped}
	if t.Kind == Number {
		t.Size = SizeOf(digitsOf(s.buf[i:j]))
	}
	s.out = append(s.out, t)
}

// personal tells whether a kind of identifier is one person's and hardly ever taken for another.
func personal(k Kind) bool { return k == National || k == IBAN || k == Email }
