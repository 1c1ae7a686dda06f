package cell

import "math"

const (
	// waitRoom is how many readings of a text wait for the filter, a power of two, and mostReadings how many more one run of
	// digits or letters can have.
	waitRoom, mostReadings = 256, 64
	missSlots              = 32768
)

// reading is a token that the filter has not seen yet.
type reading struct {
	raw     uint64
	dates   uint32 // before it
	span    uint32 // where it begins in the buffer, and in the upper half where it ends
	surface uint32 // of the run as it is written, as missing has it; 0: none
	run     uint16 // where the run begins in which it was read
	kind    Kind
}

// put sets a reading: field by field, since a whole one would be copied.
func (w *reading) put(kind Kind, raw uint64, span, dates uint32, run int) {
	w.raw, w.dates, w.span, w.surface, w.run, w.kind = raw, dates, span, 0, uint16(run), kind
}

func spanOf(i, j int) uint32 { return uint32(i) | uint32(j)<<16 }

func (r *reading) from() int { return int(r.span & 0xffff) }
func (r *reading) to() int   { return int(r.span >> 16) }

// never is in the place of a surface where a reading is always told to the filter.
const never = 1

// filter asks of many tokens at once which are known, and remembers those that are not.
type filter struct {
	keep   func(dst []uint32, hashes []uint64) []uint32
	misses [missSlots]uint16 // by raw hash: its uppermost bits, and one that no empty slot has
	hashes [waitRoom]uint64
	found  []uint32
}

// Filter lets the scanner yield only tokens of which keep says so, and others as Dropped where these may speak against
// somebody. It appends to dst the places of those of some hashes that may be known, ascending, and must always say the same
// of one hash.
func (s *Scanner) Filter(keep func(dst []uint32, hashes []uint64) []uint32) {
	s.filter = &filter{keep: keep}
	s.misses = &s.filter.misses
}

// noMisses is remembered where there is no filter.
var noMisses [missSlots]uint16

// missed is what is remembered of a raw hash that the filter dropped.
func missed(raw uint64) uint16 { return uint16(raw>>48) | 1 }

// missing is where a hash is remembered that the filter dropped, and in the upper half what is.
func missing(raw uint64) uint32 { return uint32(raw%missSlots) | uint32(missed(raw))<<16 }

// forget remembers that a run is nothing that is looked for by its surface: the hash of a word, with its letters of ASCII as small
// ones and what is beyond ASCII as it is written.
func (s *Scanner) forget(surface uint64) {
	if s.filter != nil {
		s.filter.misses[surface%missSlots] = missed(surface)
	}
}

// worth is 0 where a reading need not wait, since the filter has dropped the same one before, and otherwise 1.
func (s *Scanner) worth(raw uint64) uint {
	return (uint(s.misses[raw%missSlots]^missed(raw)) + math.MaxUint16) >> 16
}

// emit takes one reading of a place.
func (s *Scanner) emit(kind Kind, raw uint64, i, j int) {
	s.places[kind]++
	if s.only.Kinds>>kind&1 == 0 {
		return
	}
	s.wait[s.waits%waitRoom].put(kind, raw, spanOf(i, j), s.dates, s.now)
	if personal(kind) {
		s.waits++
	} else {
		s.waits += s.worth(raw)
	}
}

// flush yields of the readings that wait the ones that the filter keeps.
func (s *Scanner) flush() {
	wait := s.wait[:min(s.waits, waitRoom)]
	s.waits = 0
	f := s.filter
	if f == nil {
		for i := range wait {
			s.yield(&wait[i], s.k.finish(wait[i].raw), false)
		}
		return
	}
	hashes := f.hashes[:len(wait)]
	for i := range wait {
		hashes[i] = wait[i].raw
	}
	s.k.finishAll(hashes)
	f.found = append(f.keep(f.found[:0], hashes), waitRoom)
	found := f.found
	for i := range wait {
		w := &wait[i]
		switch {
		case found[0] == uint32(i):
			found = found[1:]
			s.yield(w, hashes[i], false)
			continue
		case personal(w.kind):
			s.yield(w, hashes[i], true)
		}
		if w.surface == never {
			continue
		}
		f.misses[w.raw%missSlots] = missed(w.raw)
		if w.surface != 0 {
			f.misses[w.surface%missSlots] = uint16(w.surface >> 16)
		}
	}
}

func (s *Scanner) yield(w *reading, hash uint64, dropped bool) {
	if w.kind == Word && w.to()-w.from() < minWord { // it waited, since to tell it there takes time for each word
		return
	}
	t := Token{Hash: hash, At: s.base + int64(w.from()), End: s.base + int64(w.to()), Line: s.lines.upTo(s.buf, int(w.run)), Dates: w.dates, Kind: w.kind, Dropped: dropped}
	if t.Kind == Number {
		t.Size = SizeOf(digitsOf(s.buf[w.from():w.to()]))
	}
	s.out = append(s.out, t)
}

// personal tells whether a kind of identifier is one person's and hardly ever taken for another.
func personal(k Kind) bool { return k == National || k == IBAN || k == Email }
