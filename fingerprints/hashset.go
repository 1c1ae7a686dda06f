package fingerprints

import "math/bits"

// hashSet is a set of keyed hashes, which are random to whoever has not the key: so they need no other hash, and lie where
// their lowest bits say or just behind. The zero value is an empty set. Many may ask it at once while nobody adds.
type hashSet struct {
	slots []uint64 // a power of two of them; 0: free
	n     int      // of the hashes that are not 0
	zero  bool     // 0 is in the set
}

// leastSlots is the size of the smallest set.
const leastSlots = 64

// hashSetOf is the set of these hashes.
func hashSetOf(hashes []uint64) *hashSet {
	s := &hashSet{slots: make([]uint64, max(leastSlots, 1<<bits.Len(uint(2*len(hashes)))))}
	for _, h := range hashes {
		s.add(h)
	}
	return s
}

// has tells whether the hash is in the set.
func (s *hashSet) has(hash uint64) bool {
	if hash == 0 || len(s.slots) == 0 {
		return hash == 0 && s.zero
	}
	slots := s.slots
	for at := hash; ; at++ {
		switch slots[at&uint64(len(slots)-1)] {
		case hash:
			return true
		case 0:
			return false
		}
	}
}

// add adds a hash, and tells whether it was not in the set before.
func (s *hashSet) add(hash uint64) bool {
	if hash == 0 {
		was := s.zero
		s.zero = true
		return !was
	}
	if 2*(s.n+1) > len(s.slots) {
		s.grow()
	}
	slots := s.slots
	for at := hash; ; at++ {
		switch slot := &slots[at&uint64(len(slots)-1)]; *slot {
		case hash:
			return false
		case 0:
			*slot = hash
			s.n++
			return true
		}
	}
}

// empty takes all out.
func (s *hashSet) empty() {
	if s.n > 0 {
		clear(s.slots)
	}
	s.n, s.zero = 0, false
}

// grow makes room for four times as many.
func (s *hashSet) grow() {
	old := s.slots
	s.slots, s.n = make([]uint64, max(leastSlots, 4*len(old))), 0
	for _, h := range old {
		if h != 0 {
			s.add(h)
		}
	}
}
