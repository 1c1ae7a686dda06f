//go:build amd64 && !purego

package winnow

import (
	"slices"

	"golang.org/x/sys/cpu"
)

// Vectors tells whether this machine's vector instructions are used.
func Vectors() bool { return cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT && cpu.X86.HasBMI2 }

// chooseAVX2 does what choosePlain does, of twice half windows, half being a multiple of 16 and the room enough.
//
//go:noescape
func chooseAVX2(from *[room]uint16, at *[room]uint32, text *[roomy]byte, half int, mul uint32, packing *[256][8]uint16) (count int)

func (s *Stream) choose(windows int) int {
	if s.t.plain || !Vectors() {
		return s.w.choosePlain(windows, s.t.order)
	}
	w := s.w
	count := chooseAVX2(&w.from, &w.at, &w.text, (windows+31)/32*16, s.t.order, &packing)
	for int(w.from[(count-1)&(room-1)]) >= windows {
		count--
	}
	return count
}

// hashBMI2 does what hashAllPlain does, of at least one window, with f, g and h, and has fetched of words that begin at ahead
// the one of each print.
//
//go:noescape
func hashBMI2(out *Print, w *workspace, from *uint16, n int, first int64, before uint64, secret *[3]uint64, ahead *uint64, words uint64) (again uint64)

func (s *Stream) hashAll(out []Print, from []uint16, first int64) (again uint64) {
	t := s.t
	if t.plain || !Vectors() {
		return t.hashAllPlain(out, s.w, from, first, s.hash)
	}
	if len(from) == 0 {
		return 0
	}
	_ = out[len(from)-1]
	ahead := &s.hash // is in the cache: nothing is fetched
	if len(s.words) > 0 {
		ahead = &s.words[0]
	}
	return hashBMI2(&out[0], s.w, &from[0], len(from), first, s.hash, &[3]uint64{t.f, t.g, t.h}, ahead, uint64(len(s.words)))
}

// siftBMI2 writes to passed the numbers, from first on, of those of n prints of which the filter has all bits, and returns
// how many there are. One more is written.
//
//go:noescape
func siftBMI2(passed *uint32, prints *Print, n int, first uint32, words *uint64, size uint64, marks *[1024]uint64) (count int)

// sift asks the filter of the prints that were not sifted before.
func (s *Stream) sift(prints []Print) {
	first := s.sifted
	n := len(prints) - first
	if n <= 0 {
		return
	}
	had := len(s.passed)
	s.passed = slices.Grow(s.passed, n+1)[:had+n+1]
	count := siftBMI2(&s.passed[had], &prints[first], n, uint32(first), &s.words[0], uint64(len(s.words)), s.marks)
	s.passed, s.sifted = s.passed[:had+count], len(prints)
}

// packing is, by the bits of a byte, the numbers of those that are set, from the lowest on.
var packing = func() (t [256][8]uint16) {
	for b := range t {
		n := 0
		for i := range uint16(8) {
			if b>>i&1 != 0 {
				t[b][n] = i
				n++
			}
		}
	}
	return t
}()
