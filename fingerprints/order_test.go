package fingerprints

import (
	"math"
	"testing"
)

func TestOrderTellsCopiesFromTurnsOfPhrase(t *testing.T) {
	for _, c := range []struct {
		name     string
		k, n     int
		min, max float64
	}{
		{"all of four", 4, 4, 4, 5},
		{"all of ten", 10, 10, 21, 22},
		{"ten of twelve, two taken for another place", 10, 12, 15, 16},
		{"as many as chance puts in order", 6, 10, 0, 0},
		{"all but two of four", 2, 4, 0, 0},
	} {
		if got := orderBits(c.k, c.n); got < c.min || got > c.max || math.IsNaN(got) {
			t.Errorf("%s: %.1f bits, want %.0f to %.0f", c.name, got, c.min, c.max)
		}
	}
}

func TestOverlappingPassagesAreOnePiece(t *testing.T) {
	var pieces []piece
	for _, at := range []int64{10, 17, 25, 90, 300, 312} {
		pieces = appendPiece(pieces, at)
	}
	want := []piece{{10, 45}, {90, 110}, {300, 332}}
	if len(pieces) != len(want) {
		t.Fatalf("%v, want %v", pieces, want)
	}
	for i, p := range pieces {
		if p != want[i] {
			t.Errorf("piece %d is %v, want %v", i, p, want[i])
		}
	}
}
