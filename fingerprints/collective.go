package fingerprints

import (
	"cmp"
	"slices"

	"unmirror/fingerprints/winnow"
)

// A long run can be distinctive although its passages are not: phrases that stand in many known documents each, one by
// one, are the author's own in this order. What speaks against it is a template, whose instances hold long stretches of
// the run together. So a run is weighed a second time, as if only what a few other documents together do not hold
// counted; the greater weight holds.
const (
	// coverDocs is how many other documents may explain a run: an instance of a template is put together from
	// paragraphs that few siblings hold between them.
	coverDocs = 3
	// collectiveChars is the length from which a run is weighed so; a phrase is shorter.
	collectiveChars = 120
)

// collective weighs a run by what no coverDocs other documents together hold of it.
func (w *weighing) collective(run []weighed, ref docRef, length int64) runWeight {
	if run[len(run)-1].offset+winnow.K-run[0].offset < collectiveChars || !slices.ContainsFunc(run, shares) {
		return runWeight{}
	}
	own := w.snap.Known[ref.seg].DocGroup(ref.doc)
	holds := map[uint64][]int{} // by group, the passages of the run that its documents hold
	left := make([]weighed, len(run))
	for i, p := range run {
		left[i] = weighed{offset: p.offset, weight: 1}
		if p.public {
			left[i].weight = 0
			continue
		}
		for _, d := range w.docsOf(p.hit) {
			g := w.snap.Known[d.seg].DocGroup(d.doc)
			if g == own {
				continue
			}
			if at := holds[g]; len(at) == 0 || at[len(at)-1] != i {
				holds[g] = append(at, i)
			}
		}
	}
	for range coverDocs {
		takeMost(holds, left)
	}
	return weighRun(left, length)
}

// shares tells of a passage that is not its document's alone: a run without one weighs the most that it can.
func shares(p weighed) bool { return p.weight < 1 }

// takeMost takes away what the group that explains most of what is left holds.
func takeMost(holds map[uint64][]int, left []weighed) {
	var best []int
	var of uint64
	most := 0
	for g, at := range holds {
		n := 0
		for _, i := range at {
			if left[i].weight > 0 {
				n++
			}
		}
		if n > most || n == most && n > 0 && g < of {
			best, of, most = at, g, n
		}
	}
	for _, i := range best {
		left[i].weight = 0
	}
}

// docsOf gives the documents that hold a hit's passage.
func (w *weighing) docsOf(hit int) []docRef {
	from := uint32(0)
	if hit > 0 {
		from = w.ends[hit-1]
	}
	return w.docs[from:w.ends[hit]]
}

// strongest orders shared documents: by weight, then by how much of the known one is there.
func strongest(a, b shared) int {
	return cmp.Or(cmp.Compare(b.bits, a.bits), cmp.Compare(b.coverage, a.coverage), cmp.Compare(b.passages, a.passages))
}

// reach is how far a run goes on from the passage at one offset towards the next one: a passage's length, and further
// where passages that were seen before bridge the way.
func (h *hits) reach(from, next int64) int64 {
	end := from + winnow.K
	i, _ := slices.BinarySearch(h.repeats, from)
	for ; i < len(h.repeats) && h.repeats[i] <= end && end < next; i++ {
		end = h.repeats[i] + winnow.K
	}
	return end
}
