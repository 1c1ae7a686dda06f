//go:build amd64 && !purego

package index

import "unmirror/fingerprints/winnow"

// hasPrefix is hasPrefixPlainly, of four hashes at a time where the processor can.
func hasPrefix(room []uint32, hashes, words []uint64, width uint32) int {
	fours := len(hashes) / 4
	if !winnow.Vectors() || fours == 0 {
		return hasPrefixPlainly(room, hashes, words, width, 0)
	}
	_ = room[len(hashes)-1]
	const low = 1<<32 - 1
	asked := [...]uint64{prefixMask(width), cellKey(0, width), uint64(len(words)), spread & low, spread >> 32}
	n := prefixWide(&room[0], &hashes[0], fours, &words[0], &asked)
	return n + hasPrefixPlainly(room[n:], hashes[4*fours:], words, width, 4*fours)
}

// prefixWide reads four hashes a step, and words only: the number of words in asked, which are those of len(words) of them, keeps it
// within.
//
//go:noescape
func prefixWide(room *uint32, hashes *uint64, fours int, words *uint64, asked *[5]uint64) int
