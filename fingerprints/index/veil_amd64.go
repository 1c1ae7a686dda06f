//go:build amd64 && !purego

package index

import "unmirror/fingerprints/winnow"

// feistelAVX2 takes hashes, n of them, a multiple of four, through all rounds where they lie, as veil.twice does two.
//
//go:noescape
func feistelAVX2(start *[4]uint64, hashes *uint64, n int, number, step uint64)

// fours takes as many hashes through all rounds as the machine does four at once, and returns the others.
func (v *veil) fours(hashes []uint64, number, step uint64) []uint64 {
	n := len(hashes) &^ 3
	if n == 0 || !winnow.Vectors() {
		return hashes
	}
	feistelAVX2(&v.start, &hashes[0], n, number, step)
	return hashes[n:]
}
