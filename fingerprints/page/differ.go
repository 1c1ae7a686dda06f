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
	noiseMost   = 0.22
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
	wear  float64 // how much of the usual share of spoilt cells to expect
}

const (
	// A blurred photo's cells agree so well in the middle at least, and what a quarter of them lacks is at most so many times what
	// half of them lacks: twice, where they differ by chance.
	blurredLeast = 0.4
	blurredEven  = 2.2
	blurredNoise = 0.5
	cleanQuarter = 0.03 // what the worst quarter lacks on a copy that was worn at all
	wearLeast    = 0.15 // on a copy that only was stored anew
)

// newEvidence measures noise and wear. Of a photo that was reduced or blurred the finest may be lost all over: its cells agree as
// badly as that, but evenly, and evenly tells that a coarser layer shows the same.
func newEvidence(score []float32, evenly bool) evidence {
	if middle, quarter := quantile(score, 0.5), quantile(score, 0.25); evenly && middle > blurredLeast && middle < sameMedian && 1-quarter < blurredEven*(1-middle) {
		return evidence{noise: min(noiseOfHalf*(1-middle), blurredNoise), wear: 1}
	}
	return evidence{
		noise: min(max(noiseLeast, noiseOfHalf*(1-quantile(score, 0.5))), noiseMost),
		wear:  min(max((1-quantile(score, 0.25))/cleanQuarter, wearLeast), 1),
	}
}

// limit is how much the worst region may speak for something else: noise makes more of it.
func (e evidence) limit() float64 {
	return min(limitLeast+limitNoise*(e.noise-noiseLeast), limitMost)
}

// What the worst region may say, in nats.
const (
	limitLeast = 11.0
	limitNoise = 40.0
	limitMost  = 14.0
)

// cleanLimits are, by how much half of the cells of a copy lack to full agreement at most, how much its worst region, and the worst ones
// together, may speak for something else: the cleaner it is, the less of that is noise.
var cleanLimits = [...]struct{ lack, first, all float64 }{{0.008, 6, 11}, {0.016, 9, 20}, {0.045, 12, 30}}

// cleaner are those limits where they are stricter, between two of them in proportion.
func cleaner(first, all, middle float64) (float64, float64) {
	lack := 1 - middle
	below := cleanLimits[0]
	for _, one := range cleanLimits {
		if lack <= one.lack {
			share := 0.0
			if one.lack > below.lack {
				share = max(lack-below.lack, 0) / (one.lack - below.lack)
			}
			return min(first, below.first+share*(one.first-below.first)), min(all, below.all+share*(one.all-below.all))
		}
		below = one
	}
	return first, all
}

// quantile is the value below which that share lies.
func quantile(of []float32, share float64) float64 {
	if len(of) == 0 {
		return 0
	}
	sorted := slices.Clone(of)
	slices.Sort(sorted)
	return float64(sorted[int(share*float64(len(sorted)-1))])
}

func (e evidence) of(score float32) float64 {
	s := float64(score)
	other := math.Exp(-s*s/(2*otherSpread*otherSpread)) / (otherSpread * math.Sqrt(2*math.Pi))
	same := (1-e.wear*(spoilt+worn))*math.Exp(-(1-s)/e.noise)/e.noise +
		e.wear*(spoilt/2+worn*math.Exp(-(1-s)/wornMean)/wornMean)
	return max(math.Log(other/same), clearLeast)
}

// worstRegions is how many words at least differ between two people's pages of a form.
const worstRegions = 3

// shapes are the sizes, in cells, of what may differ: a number, a name, a line, a block, along the page or across it.
var shapes = [...][2]int{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {6, 1}, {9, 1}, {2, 2}, {3, 2}, {4, 2}, {6, 2}, {1, 2}, {1, 3}, {1, 4}, {1, 6}, {1, 9}, {2, 3}, {2, 4}, {2, 6}, {3, 3}, {4, 4}}

// worst finds the regions, of those that do not overlap, that speak most for something else being written there, and sums the
// first one and all of them.
func worst(c *cells, s *seen, e evidence) (first, all float64) {
	cell := make([]float64, c.across*c.down)
	for i, n := range s.cells {
		cell[c.places[n]] = e.of(s.score[i])
		if s.marked != nil && s.marked[i] {
			cell[c.places[n]] *= markWeight
		}
	}
	for round := range worstRegions {
		r, most := worstRegion(cell, c.across, c.down)
		if round == 0 {
			first = most
		}
		if all += most; most == 0 {
			break
		}
		for y := r.y0; y < r.y1; y++ {
			clear(cell[y*c.across+r.x0 : y*c.across+r.x1])
		}
	}
	return first, all
}

// worstRegion is the region of any shape with the greatest sum; its far corner is exclusive.
func worstRegion(cell []float64, across, down int) (r region, most float64) {
	w := across + 1
	sums := make([]float64, w*(down+1))
	for y := 1; y <= down; y++ {
		row := 0.0
		for x := 1; x <= across; x++ {
			row += cell[(y-1)*across+x-1]
			sums[y*w+x] = row + sums[(y-1)*w+x]
		}
	}
	for _, shape := range shapes {
		for y := shape[1]; y <= down; y++ {
			for x := shape[0]; x <= across; x++ {
				sum := sums[y*w+x] - sums[(y-shape[1])*w+x] - sums[y*w+x-shape[0]] + sums[(y-shape[1])*w+x-shape[0]]
				if sum > most {
					most, r = sum, region{x0: x - shape[0], y0: y - shape[1], x1: x, y1: y}
				}
			}
		}
	}
	return r, most
}
