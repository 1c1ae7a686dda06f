//go:build !race

package open

const underRace = false
