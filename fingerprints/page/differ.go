package page

import (
	"math"
	"slices"
)

// How the agreement of a cell is distributed. Of a copy, what is missing to full agreement falls off exponentially, at a
// rate that the better half of the page tells, with a few cells spoilt by specks, folds and the edges of overlays. Where
// something else is written, signs agree by chance.
const (
	noiseLeast  = 0.04
	noiseMost   = 0.3
	noiseOfHalf = 1.6  // mean of an exponential distribution over its median, and a little
	spoilt      = 0.03 // of cells, in any way
	worn        = 0.07 // of cells, by wornMean
	wornMean    = 0.25
	otherSpread = 0.4
	clearLeast  = -3.0
)

// evidence is, for a cell, the logarithm of how much likelier its agreement is where something else is written than on a copy
// as noisy as this one.
type evidence struct {
	noise float64
}

func newEvidence(score []float32) evidence {
	return evidence{noise: min(max(noiseLeast, noiseOfHalf*(1-median(score))), noiseMost)}
}

func median(of []float32) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Clone(of)
	slices.Sort(sorted)
	return float64(sorted[len(sorted)/2])
}

func (e evidence) of(score float32) float64 {
	s := float64(score)
	other := math.Exp(-s*s/(2*otherSpread*otherSpread)) / (otherSpread * math.Sqrt(2*math.Pi))
	same := (1-spoilt-worn)*math.Exp(-(1-s)/e.noise)/e.noise + spoilt/2 + worn*math.Exp(-(1-s)/wornMean)/wornMean
	return max(math.Log(other/same), clearLeast)
}

// shapes are the sizes, in cells, of what may differ: a number, a name, a line, a block, along the page or across it.
var shapes = [...][2]int{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {6, 1}, {9, 1}, {2, 2}, {3, 2}, {4, 2}, {6, 2}, {1, 2}, {1, 3}, {1, 4}, {1, 6}, {1, 9}, {2, 3}, {2, 4}, {2, 6}, {3, 3}, {4, 4}}

// worst finds the region that speaks most for something else being written there.
func worst(c *cells, s *seen, e evidence) (most float64) {
	w := c.across + 1
	sums := make([]float64, w*(c.down+1))
	for i, cell := range s.cells {
		place := c.places[cell]
		sums[(place/c.across+1)*w+place%c.across+1] = e.of(s.score[i])
	}
	for y := 1; y <= c.down; y++ {
		row := 0.0
		for x := 1; x <= c.across; x++ {
			row += sums[y*w+x]
			sums[y*w+x] = row + sums[(y-1)*w+x]
		}
	}
	for _, shape := range shapes {
		for y := shape[1]; y <= c.down; y++ {
			for x := shape[0]; x <= c.across; x++ {
				most = max(most, sums[y*w+x]-sums[(y-shape[1])*w+x]-sums[y*w+x-shape[0]]+sums[(y-shape[1])*w+x-shape[0]])
			}
		}
	}
	return most
}
