package cell

import "math/bits"

// maps are which bytes of a piece of text are what, a bit each, the first one lowest.
type maps struct {
	runs          [mapWords]uint64 // of runs of ASCII letters and digits, and of what is beyond ASCII
	digits        [mapWords]uint64
	lines         [mapWords]uint64 // their ends
	inside        [mapWords]uint64 // for beside, what is written into numbers, or may be a part of a character that is
	years         [mapWords]uint64 // and of the rest what stands before years
	points        [mapWords]uint64 // before digits
	dashes        [mapWords]uint64
	firm          [mapWords]uint64 // where runs begin that are no words, or that may begin an account number
	free          [mapWords]uint64 // where runs of digits begin behind nothing that is written into numbers
	fresh         [mapWords]uint64 // nor before years
	ends          [mapWords]uint64 // what is of no run, and not written into numbers
	amount        [mapWords]uint64 // where numbers and amounts begin that are nothing
	days          [mapWords]uint64 // and what may be days of tables
	some          wordRoom
	ats, brackets uint32 // not 0: there is an '@', or a bracket that may end a record
}

// wordRoom is room for wordsWide: of each run the raw hash, where it begins, and sixteen times its size.
type wordRoom struct {
	hashes [waitRoom]uint64
	at     [waitRoom]uint32
	sizes  [waitRoom]uint32
}

const (
	mapBits  = 64
	mapWords = bufRoom/mapBits + 8
	// firm is what the beginning of a run has where maps.firm tells so.
	firm = 1 << 14
)

// countIn is how many bits of a map are set in a part of the piece.
func countIn(of *[mapWords]uint64, from, to int) uint32 {
	if from >= to {
		return 0
	}
	first, last := from/mapBits, to/mapBits
	n := -bits.OnesCount64(of[first] & (1<<(from%mapBits) - 1))
	for _, some := range of[first:last] {
		n += bits.OnesCount64(some)
	}
	return uint32(n + bits.OnesCount64(of[last]&(1<<(to%mapBits)-1)))
}
