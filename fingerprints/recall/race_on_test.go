//go:build race

package recall

// raced: the race detector makes everything ten times slower.
const raced = true
