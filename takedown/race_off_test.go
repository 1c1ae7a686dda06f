//go:build !race

package takedown_test

// raceDetector says that everything takes ten times as long.
const raceDetector = false
