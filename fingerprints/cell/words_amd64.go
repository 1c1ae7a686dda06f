//go:build !purego

package cell

import "unsafe"

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

// words takes those at the beginning of some runs that usual takes as words, as it does, and returns the borders that are left.
func (s *Scanner) words(borders []byte) (left []byte) {
	if !vectors() {
		s.wordy = 0
		return borders
	}
	_ = s.buf[:bufRoom+wordBlock]
	before := len(borders)
	for len(borders) >= 2*edgeBytes {
		if s.waits > waitRoom-mostReadings {
			s.flush()
		}
		runs := min(len(borders)/(2*edgeBytes), int(waitRoom-s.waits-1)) // each may be a reading, and one more is written
		taken, waits := wordsWide(&borders[0], runs, &s.buf[0], &s.raws[s.waits], &s.wait[s.waits], int(s.dates), s.misses, &s.k.words, &masks, &s.maps.some)
		s.waits += uint(waits)
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

// wordsWide goes by the size of a reading: this does not compile where it is another one.
var _ = [1]struct{}{}[unsafe.Sizeof(reading{})-16]

// wordsWide goes on until there is no run left, or one that is firm, very long or put aside, or one that is long or beyond ASCII and not remembered.
// It writes one reading more than it tells, and reads the borders of up to eight runs more.
//
//go:noescape
func wordsWide(borders *byte, runs int, text *byte, raws *uint64, wait *reading, dates int, misses *[missSlots]uint16, key *[2]uint64, masks *[wordBlock][2]uint64, room *[2][waitRoom]uint32) (taken, waits int)
