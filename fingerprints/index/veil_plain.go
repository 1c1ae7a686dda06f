//go:build !amd64 || purego

package index

// fours takes as many hashes through all rounds as the machine does four at once, and returns the others.
func (v *veil) fours(hashes []uint64, number, step uint64) []uint64 { return hashes }
