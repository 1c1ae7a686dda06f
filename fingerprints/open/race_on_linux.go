//go:build race && linux && (amd64 || arm64)

package open

// underRace: the race detector shadows all memory several times over, so that the limits on memory mean nothing.
const underRace = true
