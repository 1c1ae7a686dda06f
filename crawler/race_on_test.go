//go:build race

package crawler

// raceDetector says that everything takes ten times as long.
const raceDetector = true
