//go:build !purego

package cell

import (
	"unsafe"

	"golang.org/x/sys/cpu"
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

// words takes those at the beginning of some runs that usual takes as words, as it does, and returns the borders that are left.
func (s *Scanner) words(borders []byte) (left []byte) {
	if !vectors() || !cpu.X86.HasBMI2 {
		s.wordy = 0
		return borders
	}
	if len(borders) < 2*edgeBytes || s.waits > waitRoom-mostReadings {
		return borders
	}
	_ = s.buf[:bufRoom+wordBlock]
	taken, waits := wordsWide(&borders[0], len(borders)/(2*edgeBytes), &s.buf[0], &s.wait[s.waits], int(waitRoom-mostReadings+1-s.waits), s.misses, &s.k.words, &masks)
	s.waitUsual(s.waits + uint(waits))
	if taken >= manyWords {
		s.wordy = min(s.wordy+1, mostWordy)
	} else if s.waits <= waitRoom-mostReadings {
		s.wordy--
	}
	return borders[2*edgeBytes*taken:]
}

// What wordsWide divides by is the size of a reading: this does not compile where it is another one.
var _ = [1]struct{}{}[unsafe.Sizeof(reading{})-24]

// wordsWide goes on until there is no run left, or one that is no word, or room for no more readings.
//
//go:noescape
func wordsWide(borders *byte, runs int, text *byte, wait *reading, room int, misses *[missSlots]uint16, key *[2]uint64, masks *[wordBlock][2]uint64) (taken, waits int)
