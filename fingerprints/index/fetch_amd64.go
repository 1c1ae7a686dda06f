//go:build amd64 && !purego

package index

import "unmirror/fingerprints/winnow"

// prefetch has a word fetched into the caches, and does not wait for it.
//
//go:noescape
func prefetch(word *uint64)

// fetch has the words of the second half fetched.
func (s *sieve) fetch(some []waiting) {
	if !winnow.Vectors() {
		return
	}
	words := uint64(len(s.second))
	for i := range some {
		prefetch(&s.second[secondWord(some[i].Hash, words)])
	}
}
