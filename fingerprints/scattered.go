package fingerprints

import (
	"maps"
	"math"
	"slices"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/winnow"
)

// An edited or badly read copy shares many short runs with one document, each of which would tell nothing: what tells is
// that they all fall on the same document. In an innocent text, the turns of phrase that it happens to share with known
// documents are scattered over all of them.
//
// The bound: suppose a run that an innocent text shares falls on a document by chance, in proportion to what the document
// has of its own, p of everything. That n or more of N runs fall on one given document has a chance of at most
// 2^(-N D(n/N, p)), where D is the divergence of two coins (Chernoff's bound), and on any of all documents of as many
// times that; so at 64 bits a text is accused falsely once in 2^64, as long as runs are independent. They are not quite:
// hence p is never less than 2^-scatterBits, passages that nobody registered count as known ones, and what is shared must be
// dense. Measured: of 6,040 texts in the words of the known ones none was accused; of 2,400 letters of the known templates
// with another's data 12, all of one template in which two sentences out of a list are most of what a letter has of its
// own; of 720 such letters edited at every seventh word 3.
const (
	// others is how many passages of documents that nobody registered are assumed beside the known ones.
	others = 20_000
	// scatterBits caps what one short run can add, since the phrases of one author are not quite independent.
	scatterBits = 9.0
	// longerBits caps what the length of one short run can add, longestBits what that of the longest one can.
	longerBits  = 12
	longestBits = 36
	// leastRuns is from how many runs they are weighed together.
	leastRuns = 4
	// density is which part of the text between the first and the last run must be shared, at least, by what is the
	// document's own; anyDensity the same where all that the document holds counts.
	density, anyDensity = 0.1, 0.16
	// fitExpected is from how many passages expected that is asked.
	fitExpected = 5
	// fitRest is how many passages of the template must be there for it to be asked.
	fitRest = 6
	// fitWhole is the share of the template from which it is asked also of what is in one piece.
	fitWhole = 0.9
	// leastRest is from how many passages a run is one with a template.
	leastRest = 5
	// noRemark is the number of its own passages from which a run is too long for a remark out of a list.
	noRemark = 26
	// ofPerson is the number of its own passages from which a run is what the letter says, and more than name and birth date.
	// ofPersonRuns is the same of how many runs there are: a letter names its addressee less often. From there on, what lies
	// between them need only be the document's.
	ofPerson     = 12
	ofPersonRuns = 7
	// collectionDocs is from how many documents pieces make a collection; fewCollected of them do if the middle one's would
	// be looked at by a person.
	collectionDocs, fewCollected = 5, 3
	// collectionMost caps what is taken off, in what makes a match: files that were joined are there with more.
	collectionMost = 1.5
	// listLike is from which share of repeats on a document is a list or a table.
	listLike = 1.2
)

// fit is how much of its own a copy must keep of what it keeps of the template, by the number of places: what is in one
// place may be a remark out of a list.
var fit = [...]float64{1, 0.95, 0.85, 0.75, 0.55, 0.5, 0.45}

// tally counts what a text shares with one document.
type tally struct {
	own, public, rest int // distinct passages: its own, its own but public, and those that others hold too
	all               int
	runs, ownRuns     int
	first, last       int64   // own passages
	most              int     // own passages of one run
	longer            float64 // what the lengths of the own runs add, in bits
	pieces            []piece // the first of the stretches of own passages, in the order of the text
}

func (t *tally) add(run []weighed) {
	t.runs++
	t.all += len(run)
	own, rest := 0, 0
	for _, p := range run {
		switch {
		case p.single && p.weight > 0:
			t.pieces = appendPiece(t.pieces, p.offset)
			if own++; t.ownRuns == 0 && own == 1 {
				t.first = p.offset
			}
			t.last = p.offset
		case p.single:
			t.public++
		default:
			rest++
		}
	}
	t.own += own
	if rest >= leastRest { // less is a turn of phrase
		t.rest += rest
	}
	if own > 0 {
		t.ownRuns++
		t.most = max(t.most, own)
		t.longer += math.Min(longerBits, lengthBits(own))
	}
}

// lengthBits is what the length of a run of that many own passages tells.
func lengthBits(own int) float64 { return bitsPerChar / 2 * charsPerPassage * float64(own-1) }

// instance tells whether a text looks like another instance of the template from which the document was made.
func (t *tally) instance(doc *index.Doc) bool {
	own, rest := float64(doc.Own)-float64(t.public), float64(doc.Passages)-float64(doc.Own)
	if t.rest < fitRest || t.most >= noRemark || isList(doc) {
		return false
	}
	share := math.Min(1, float64(t.rest)/rest)
	if t.runs < 2 && share < fitWhole {
		return false // cut out in one piece: what is its own may lie elsewhere
	}
	expected := own * share
	return expected >= fitExpected && float64(t.own) < fit[min(t.ownRuns, len(fit)-1)]*expected
}

// isList tells whether a document is a table or a list, in which much comes again.
func isList(doc *index.Doc) bool { return float64(doc.Total) > listLike*float64(doc.Passages) }

// countOwn counts the runs of passages that only one group holds.
func (w *weighing) countOwn() {
	w.ownRuns = map[uint64]int{}
	last := map[uint64]int64{}
	of, end := uint64(0), int64(math.MaxInt64) // of the passage before; most are of the same group
	for i, p := range w.weights {
		if !p.single || p.weight == 0 {
			continue
		}
		d := w.docsOf(i)[0]
		if g := w.snap.Known[d.seg].DocGroup(d.doc); g != of || end == math.MaxInt64 {
			if end < math.MaxInt64 {
				last[of] = end
			}
			if end = math.MinInt64; last[g] > 0 {
				end = last[g]
			}
			of = g
		}
		if p.offset > end {
			w.ownRuns[of]++
			w.ownSum++
		}
		end = p.offset + winnow.K
	}
}

// collection is what is taken off when a text shares a little of its own with each of many documents, as a list of usual
// remarks does: what it shares with the middle one of them, or with all but the strongest. A file that was joined out of many has much of each.
func collection(found []shared, docs func(shared) uint64, noticeBits float64) float64 {
	most := map[uint64]float64{}
	for _, s := range found {
		if s.own > 0 {
			g := docs(s)
			most[g] = math.Max(most[g], s.own)
		}
	}
	if len(most) < fewCollected {
		return 0
	}
	all := slices.Sorted(maps.Values(most))
	middle := all[(len(all)-1)/2]
	if len(all) < collectionDocs && middle < weakBits {
		return 0
	}
	if middle >= weakBits { // remarks of a list are not all of a length
		middle = all[len(all)-2]
	}
	return math.Min(middle, collectionMost*noticeBits)
}

// population is the number of passages, and of documents, that an own run could have fallen on.
func (w *weighing) population() (passages, docs float64) {
	passages = others
	for _, seg := range w.snap.Known {
		for _, l := range seg.Leaks() {
			passages += float64(l.Passages)
		}
		docs += float64(seg.Docs())
	}
	return passages, docs
}

// scattered is the weight of short runs.
func (w *weighing) scattered(t *tally, ref docRef, doc *index.Doc) float64 {
	if t.ownRuns < leastRuns || isList(doc) {
		return 0
	}
	span := float64(t.last-t.first) + winnow.K
	dense := float64(t.own)*charsPerPassage >= density*span
	if t.ownRuns >= ofPersonRuns { // what lies between may be the template's
		dense = float64(t.all)*charsPerPassage >= anyDensity*span
	}
	if !dense {
		return 0
	}
	passages, docs := w.population()
	p := math.Max(float64(doc.Own)/passages, math.Exp2(-scatterBits))
	n := float64(t.ownRuns)
	total := math.Max(n, float64(w.ownSum))
	longest := math.Min(longestBits, lengthBits(t.most)) - math.Min(longerBits, lengthBits(t.most))
	bits := t.longer + longest + total*divergence(n/total, p) - math.Log2(docs)
	if bits < weakBits {
		return bits
	}
	order, found := w.order(t.pieces, ref)
	if found && order == 0 && float64(t.all)*charsPerPassage < anyOrder*span {
		return 0
	}
	return bits + order
}

// divergence is that of Kullback and Leibler between two coins, in bits; 0 when the first is not the more likely one.
func divergence(a, p float64) float64 {
	if a <= p {
		return 0
	}
	d := a * math.Log2(a/p)
	if a < 1 {
		d += (1 - a) * math.Log2((1-a)/(1-p))
	}
	return d
}
