package fingerprints

import "math"

// pageWorth is what images of a part weigh that show pages of one known file. What is the same counts once, however often
// it stands on either side: a stamp, a logo or a sheet that is scanned twice with each letter is no more of a leak for
// that. So images and known pages that hang together by what they show weigh as much as the heaviest of their hits.
// Parts of a form on which nobody's own stands are no more of a proof for being many: own is what all others weigh.
func pageWorth(hits []imageHit) (all, own float64) {
	group := make([]int, len(hits)) // of each hit, the first one that it hangs together with
	root := func(i int) int {
		for group[i] != i {
			i = group[i]
		}
		return i
	}
	byImage, byRow := map[[2]int]int{}, map[uint32]int{}
	for i, h := range hits {
		group[i] = i
		if at, seen := byImage[h.image]; seen {
			group[i] = root(at)
		}
		byImage[h.image] = i
		if at, seen := byRow[h.row]; seen {
			a, b := root(at), root(i)
			group[max(a, b)] = min(a, b)
		}
		byRow[h.row] = i
	}
	most, capped := make([]float64, len(hits)), 0.0
	for i, h := range hits {
		if h.capped {
			capped = math.Max(capped, h.bits)
		} else if at := root(i); h.bits > most[at] {
			most[at] = h.bits
		}
	}
	for _, bits := range most {
		own += bits
	}
	return math.Max(own, capped), own
}
