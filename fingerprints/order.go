package fingerprints

import (
	"math"
	"math/bits"
	"slices"

	"unmirror/fingerprints/trace"
	"unmirror/fingerprints/winnow"
)

// What an edited copy keeps of a document stands in the document's order. Turns of phrase that an innocent text shares
// with a long document do not, and they all fall on that document where no other known one is of its language: the bound
// of scattered runs does not know that. So where a document's trace tells where its pieces lie, their order decides whether
// scattered runs count, and adds what it tells: k of n pieces are in order by chance with a probability of at most
// C(n,k)/k!, as each choice of k is in order once in k!.
const (
	// leastOrdered is how many pieces must be found for their order to tell anything.
	leastOrdered = 4
	// orderedShare is the share of the pieces that are in order in a copy; the others are taken for another place.
	orderedShare = 0.8
	// anyOrder is the density from which lines may have been shuffled: nearly all of the text is the document's.
	anyOrder = 0.5
	// maxPieces bounds the work.
	maxPieces = 64
	// roundPiece is how much is looked at on either side of a piece, in bytes, to tell its place from others.
	roundPiece = 32
	// clearBits is how many bits less than the logarithm of the trace's length a piece may have.
	clearBits = 2
)

// piece is a stretch of passages, in canonical text.
type piece struct{ from, to int64 }

// appendPiece adds a passage to the last of the pieces if it overlaps it.
func appendPiece(pieces []piece, offset int64) []piece {
	if n := len(pieces); n > 0 && offset <= pieces[n-1].to {
		pieces[n-1].to = offset + winnow.K
		return pieces
	}
	if len(pieces) == maxPieces {
		return pieces
	}
	return append(pieces, piece{offset, offset + winnow.K})
}

// order is what the order of the pieces in the document tells, in bits: 0 where they are in none. found tells whether it
// could be looked at.
func (w *weighing) order(pieces []piece, ref docRef) (tells float64, found bool) {
	if w.traces == nil {
		return 0, false
	}
	t := trace.Decode(w.snap.Known[ref.seg].Trace(ref.doc))
	least := bits.Len(uint(t.Len())) - clearBits
	n := 0
	var ends []int // of the chains in order of each length, where the one that ends first does
	for _, p := range pieces {
		from, to := int(p.from), int(p.to)
		if to > len(w.text) || to-from-trace.Gram+1 < least {
			continue
		}
		begin := max(0, from-roundPiece)
		around := w.traces.Of(w.text[begin:min(len(w.text), to+roundPiece)])
		at, ok := t.Place(&around, from-begin, to-from-trace.Gram+1)
		if !ok {
			continue
		}
		n++
		i, _ := slices.BinarySearch(ends, at)
		if i == len(ends) {
			ends = append(ends, at)
		}
		ends[i] = at
	}
	if n < leastOrdered {
		return 0, false
	}
	return orderBits(len(ends), n), true
}

// orderBits is the weight of k of n pieces in order.
func orderBits(k, n int) float64 {
	if float64(k) < orderedShare*float64(n) {
		return 0
	}
	all, _ := math.Lgamma(float64(n + 1))
	in, _ := math.Lgamma(float64(k + 1))
	out, _ := math.Lgamma(float64(n - k + 1))
	return math.Max(0, (in-(all-in-out))/math.Ln2)
}
