//go:build amd64 && !purego

package index

import "unmirror/fingerprints/winnow"

// fetch has of so many words those fetched into the caches that the second filter is asked for some, of which there is one
// at least, and does not wait for them.
//
//go:noescape
func fetch(some *waiting, n int, words *uint64, size uint64)

// fetch has the words of the second filter fetched.
func (s *sieve) fetch(some []waiting) {
	if winnow.Vectors() && len(some) > 0 && len(s.second) > 0 {
		fetch(&some[0], len(some), &s.second[0], uint64(len(s.second)))
	}
}
