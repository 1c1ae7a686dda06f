//go:build !amd64 || purego

package index

// hasPrefix is hasPrefixPlainly: other processors have no faster way here.
func hasPrefix(room []uint32, hashes, words []uint64, width uint32) int {
	return hasPrefixPlainly(room, hashes, words, width, 0)
}
