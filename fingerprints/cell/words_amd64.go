//go:build !purego

package cell

import (
	"encoding/binary"
	"sort"
	"unsafe"
)

const (
	// manyWords is how many words are to follow each other for wordsWide to be worth its call.
	manyWords = 4
	// mostWordy is for how many calls that are not worth it wordsWide is called on.
	mostWordy = 8
)

// masks are lowest and highest.
var masks = func() (t [wordBlock][2]uint64) {
	for size := range t {
		t[size] = [...]uint64{lowest[size], highest[size]}
	}
	return t
}()

// words takes those at the beginning of some runs that usual takes as words, as it does, and words with accents, and returns the
// borders that are left.
func (s *Scanner) words(borders []byte) (left []byte) {
	if !vectors() {
		s.wordy = 0
		return borders
	}
	_ = s.buf[:bufRoom+2*wordBlock]
	take := wordsWide
	if wide() {
		take = words512
	}
	before := len(borders)
	for len(borders) >= 2*edgeBytes {
		if s.waits > waitRoom-mostReadings {
			s.flush()
		}
		runs := min(len(borders)/(2*edgeBytes), int(waitRoom-s.waits-1)) // each may be a reading, and one more is written
		taken, waits, beyond := take(&borders[0], runs, &s.buf[0], &s.raws[s.waits], &s.spans[s.waits], &s.wait[s.waits], int(s.dates), s.misses, &s.k.words, &masks, &s.maps.some)
		if beyond == 0 {
			s.waits += uint(waits)
		} else if all := s.settle(s.waits + uint(waits)); all >= 0 {
			taken = sort.Search(taken, func(run int) bool { return edgeAt(borders[2*edgeBytes*run:]) >= all })
		}
		borders = borders[2*edgeBytes*taken:]
		if taken < runs {
			break
		}
	}
	if before-len(borders) >= manyWords*2*edgeBytes {
		s.wordy = min(s.wordy+1, mostWordy)
	} else {
		s.wordy--
	}
	return borders
}

// settle settles readings up to a number, which are words: of those with accents the raw hash is that of their surface. It returns where a run begins that is not what most are, and that ends the readings; -1: there is none.
func (s *Scanner) settle(waits uint) (until int) {
	from := s.waits
	for ; from < waits; from++ {
		at, surface := s.spans[from%waitRoom], s.raws[from%waitRoom]
		i, size := at.from(), at.to()-at.from()
		b := (*[wordBlock]byte)(s.buf[i : i+wordBlock : cap(s.buf)])
		x, y := binary.LittleEndian.Uint64(b[:8])&lowest[size&15], binary.LittleEndian.Uint64(b[8:])&highest[size&15]
		if (x|y)&high == 0 {
			s.raws[s.waits%waitRoom], s.spans[s.waits%waitRoom], s.wait[s.waits%waitRoom] = surface, at, reading{dates: s.dates}
			s.waits++
			continue
		}
		if s.others.has(missing(surface)) {
			continue
		}
		if x, y, size = narrow(x, y, size); size >= wordBlock {
			return i
		}
		x |= lower & lowest[size]
		y |= lower & highest[size]
		if x&0x60 != 0x60 || x&accountMask == accountForm {
			return i
		}
		s.now = i
		s.shortWord(x, y, size, at, surface)
	}
	return -1
}

// wordsWide goes by the size of a reading: this does not compile where it is another one.
var _ = [1]struct{}{}[unsafe.Sizeof(reading{})-readingBytes]

// wordsWide goes on until there is no run left, or one that is firm, very long or put aside, or one that is long and not remembered.
// It writes one reading more than it tells, which are words of less than sixteen bytes, and reads the borders of up to eight runs
// more; beyond is not 0 where some word is not all ASCII: its raw hash is that of its surface. All hashes are made before any is
// looked up, so that what is remembered may be on its way meanwhile.
//
//go:noescape
func wordsWide(borders *byte, runs int, text *byte, raws *uint64, spans *span, wait *reading, dates int, misses *[missSlots]uint16, key *[2]uint64, masks *[wordBlock][2]uint64, room *wordRoom) (taken, waits, beyond int)

// words512 does what wordsWide does.
//
//go:noescape
func words512(borders *byte, runs int, text *byte, raws *uint64, spans *span, wait *reading, dates int, misses *[missSlots]uint16, key *[2]uint64, masks *[wordBlock][2]uint64, room *wordRoom) (taken, waits, beyond int)
