//go:build !race

package fingerprints

// rounds is how often a test repeats itself.
func rounds(n int) int { return n }
