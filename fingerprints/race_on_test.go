//go:build race

package fingerprints

// rounds is how often a test of one goroutine repeats itself: the race detector takes ten times as long and has nothing to find there.
// Tests without it go the whole way.
func rounds(n int) int { return max(1, n/10) }
