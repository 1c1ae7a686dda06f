//go:build amd64 && !purego

package winnow

import (
	"slices"

	"golang.org/x/sys/cpu"
)

// Vectors tells whether this machine's vector instructions are used.
func Vectors() bool {
	return cpu.X86.HasAVX2 && cpu.X86.HasPOPCNT && cpu.X86.HasBMI1 && cpu.X86.HasBMI2
}

// chooseAVX2 writes the places of the passages that twice half windows select, half being a multiple of 16 and the room
// enough, where a window selects another one than the window before, and by window the place of what it selects. It returns
// how many select another. In passing it has the first words fetched, of those that begin at ahead, that are asked for: of
// each half's sixteen windows three.
//
//go:noescape
func chooseAVX2(chosen *[room]uint16, at *[roomy]uint16, text *[roomy]byte, half int, mul uint32, asked *[room]uint64, ahead *uint64) (count int)

// choose returns how many windows select another passage than the window before does, and the place of the first one's.
func (s *Stream) choose(text *[roomy]byte, windows int) (count, place int) {
	if s.t.plain || !Vectors() {
		return s.w.choosePlain(text, windows, s.t.order), int(s.w.places[0])
	}
	w := s.w
	ahead := &s.hash // is in the cache: nothing is fetched
	if s.waiting > 0 {
		ahead = &s.words[0]
	}
	if Wide() {
		count = choose512(&w.chosen, &w.at, text, windows, s.t.order, &w.asked, ahead)
		if fetched := (windows + 31) / 32 * 3; fetched < s.waiting {
			fetch(&w.asked[fetched], s.waiting-fetched, ahead)
		}
		return count, int(w.at[0])
	}
	half := (windows + 31) / 32 * 16
	count = chooseAVX2(&w.chosen, &w.at, text, half, s.t.order, &w.asked, ahead)
	if fetched := half / 16 * 3; fetched < s.waiting {
		fetch(&w.asked[fetched], s.waiting-fetched, ahead)
	}
	for i := windows; i < 2*half; i++ { // which are none
		if w.at[i] != w.at[i-1] {
			count--
		}
	}
	return count, int(w.at[0])
}

// changes writes which of the first windows select another passage than the one before. Hardly any batch needs to know.
func (s *Stream) changes(windows int) {
	w, n := s.w, 0
	if s.t.plain || !Vectors() {
		w.changesPlain()
		return
	}
	for i, place := range w.at[:windows] {
		w.from[n&(room-1)] = uint16(i)
		if i == 0 || place != w.at[i-1] {
			n++
		}
	}
}

// lanes are the secret numbers of four hashes, in the order in which they are used.
type lanes [2*6 + 1][4]uint64

func makeLanes(k *secrets) *lanes {
	l := new(lanes)
	across := k[6]>>32 | k[4]>>32<<32 // the upper halves of those of both sums that the fifth number is multiplied by
	for i, number := range [...]uint64{k[0], k[1], k[2], k[3], k[4], k[7], k[2], k[3], k[4], k[5], k[6], k[8], across} {
		l[i] = [4]uint64{number, number, number, number}
	}
	return l
}

// hashAVX2 does what hashAllPlain does, of at least one passage, and tells in asked of each print which of a filter's words, of
// which there are size, it is asked for, and above eight times which marks. It does so of up to three prints more. If some
// prints wait, it asks the filter of those of which asked tells before it overwrites that, and writes to passed the numbers
// of those of which the filter has all bits, among them up to three that do not wait, and one more; count is how many they are.
//
//go:noescape
func hashAVX2(out *Print, text *[roomy]byte, chosen *uint16, n int, first int64, before uint64, keys *lanes, asked *[room]uint64, size uint64, words *uint64, marks *[1024]uint64, passed *uint32, waiting int) (again uint64, count int)

// hashAll writes the prints of what was chosen, but for the first few, and asks the filter of those that wait.
func (s *Stream) hashAll(out []Print, text *[roomy]byte, few int, first int64) (again uint64) {
	t := s.t
	if t.plain || !Vectors() {
		return t.hashAllPlain(out, text, s.w.places[few:], first, s.hash)
	}
	if len(out) == 0 {
		s.sift(0)
		return 0
	}
	_ = out[:len(out)+hashRoom]
	hash, several := hashAVX2, 4
	if Wide() {
		hash, several = hash512, 8
	}
	n := s.waiting
	if n == 0 {
		again, _ = hash(&out[0], text, &s.w.chosen[few], len(out), first, s.hash, t.lanes, &s.w.asked, uint64(len(s.words)), nil, nil, nil, 0)
		return again
	}
	_ = s.w.numbers[n+hashRoom]
	again, count := hash(&out[0], text, &s.w.chosen[few], len(out), first, s.hash, t.lanes, &s.w.asked, uint64(len(s.words)), &s.words[0], s.marks, &s.w.numbers[0], n)
	for _, i := range s.w.numbers[:count] {
		if int(i) < n {
			s.passed = append(s.passed, uint32(s.sifted)+i)
		}
	}
	s.sift((len(out) + several - 1) &^ (several - 1))
	return again
}

// fetch has at least one word fetched that is asked for.
//
//go:noescape
func fetch(asked *uint64, n int, words *uint64)

// siftBMI2 writes to passed the numbers, from first on, of those of n prints of which the filter has all bits, and returns
// how many there are. One more is written.
//
//go:noescape
func siftBMI2(passed *uint32, asked *uint64, n int, first uint32, words *uint64, marks *[1024]uint64) (count int)

// sift asks the filter of the prints that wait, but for those of whom it was asked already, the first few.
func (s *Stream) sift(few int) {
	if n := s.waiting - few; n > 0 {
		had := len(s.passed)
		s.passed = slices.Grow(s.passed, n+1)[:had+n+1]
		count := siftBMI2(&s.passed[had], &s.w.asked[few], n, uint32(s.sifted+few), &s.words[0], s.marks)
		s.passed = s.passed[:had+count]
	}
	s.sifted, s.waiting = s.sifted+s.waiting, 0
}

// siftNow does so when nothing has been fetched.
func (s *Stream) siftNow() {
	if s.waiting > 0 {
		fetch(&s.w.asked[0], s.waiting, &s.words[0])
	}
	s.sift(0)
}
