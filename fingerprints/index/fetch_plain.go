//go:build !amd64 || purego

package index

// fetch has the words of the second filter fetched, where that can be.
func (s *sieve) fetch([]waiting) {}
