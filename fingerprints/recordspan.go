package fingerprints

import (
	"math"

	"unmirror/fingerprints/record"
)

// numberSpan is between which numbers those of a place lie, and how many there are.
type numberSpan struct {
	least, most uint64
	count       int
}

// reach takes the number of a place: digits, and perhaps letters beside them.
func (r *rowIntake) reach(at feature, text string) {
	v := uint64(0)
	for _, c := range []byte(text) {
		if c >= '0' && c <= '9' && v < math.MaxUint64/20 {
			v = 10*v + uint64(c-'0')
		}
	}
	if r.spans == nil {
		r.spans = map[feature]numberSpan{}
	}
	s, ok := r.spans[at]
	if !ok {
		s.least = v
	}
	r.spans[at] = numberSpan{min(s.least, v), max(s.most, v), s.count + 1}
}

// fewNumbers is how many numbers tell how far apart all of them lie.
const fewNumbers = 3

// mostBits is the most that a number of a place tells, in quarter bits. Numbers that count the rows are those of other tables,
// too, and what is no number of the row's own, such as a postcode, is no key however rare it is.
func (r *rowIntake) mostBits(at feature) uint8 {
	if r.plain>>at.column&1 != 0 {
		return 4*record.SerialBits - 1
	}
	if s, ok := r.spans[at]; ok && s.count >= fewNumbers && math.Log2(1+float64(s.most-s.least)) < record.KeyBits {
		return 4*record.KeyBits - 1
	}
	return math.MaxUint8
}
