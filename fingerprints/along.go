package fingerprints

import (
	"cmp"
	"math/bits"
	"slices"

	"unmirror/fingerprints/trace"
	"unmirror/fingerprints/winnow"
)

// Passages are a selection: they leave out a dozen characters at either end of a run, and between two edits that are less
// than a window apart, nearly all. So where a text shares something with known documents and is no match yet, it is laid
// along their traces (package trace), which tell what is shared to the character. It is weighed as runs of passages are,
// with nearly the same prices. Nobody's own is what other documents' traces have there too. Digits leave no trace and
// weigh nothing.
const (
	// maxAlong is how many documents a text is laid along; a bit each.
	maxAlong = 32
	// maxTraced bounds the grams that a text is compared with.
	maxTraced = 4 << 20
	// chainBits is runBits where runs are known to the character: two remarks out of a list may be one person's twice.
	chainBits = 60
	// leastScore is from which weight of its passages on a document is looked at again: that of one of its own.
	leastScore = 1
)

// along is a text laid along documents.
type along struct {
	w      *weighing
	text   *trace.Text
	docs   []docRef
	runs   [][]trace.Run // of each
	groups []uint64
	holds  []uint32 // by byte of the text, the documents whose traces have it, a bit each
	flat   []bool   // by byte of the text, whether it lies in a flat passage
}

// lookAgain weighs the documents again by their traces, if none of them is a match yet. off is what will be taken off.
func (w *weighing) lookAgain(candidates []docRef, lists [][]weighed, out []shared, length int64, noticeBits, off float64) {
	if w.traces == nil || len(w.text) < trace.Gram || slices.ContainsFunc(out, func(s shared) bool { return s.bits-off >= noticeBits }) {
		return
	}
	var a *along
	for i := range out {
		doc := w.snap.Known[candidates[i].seg].Doc(candidates[i].doc)
		if price, _ := w.listPrice(candidates[i], &doc); price > 0 || w.scores[candidates[i]] < leastScore {
			continue
		}
		if a == nil {
			a = w.layAlong(candidates)
		}
		if at := slices.Index(a.docs, candidates[i]); at >= 0 {
			a.weigh(at, lists[i], &out[i], length, noticeBits, off)
		}
	}
}

// layAlong lays the text along the documents that share most with it: those that may be told, and others that hold the
// same.
func (w *weighing) layAlong(candidates []docRef) *along {
	a := &along{w: w, text: w.traces.Text(w.text), holds: make([]uint32, len(w.text)), flat: w.flats()}
	left, untraced := maxTraced, map[docRef]uint32{}
	for _, ref := range w.alike(candidates) {
		seg := w.snap.Known[ref.seg]
		t := trace.Decode(seg.Trace(ref.doc))
		if left -= t.Len(); left < 0 {
			continue
		}
		var runs []trace.Run
		if t.Len() > 0 {
			runs = a.text.Runs(&t)
		} else {
			untraced[ref] = 1 << len(a.docs)
		}
		for _, r := range runs {
			for at := r.Text; at < r.End(); at++ {
				a.holds[at] |= 1 << len(a.docs)
			}
		}
		a.docs, a.runs = append(a.docs, ref), append(a.runs, runs)
		a.groups = append(a.groups, seg.Doc(ref.doc).Group)
	}
	a.hold(untraced)
	return a
}

// hold notes what documents without a trace hold, as tables are, by their passages: what two of them hold besides a letter
// is out of a list.
func (a *along) hold(untraced map[docRef]uint32) {
	if len(untraced) == 0 {
		return
	}
	from := uint32(0)
	for i, end := range a.w.ends {
		holds := uint32(0)
		for _, d := range a.w.docs[from:end] {
			holds |= untraced[d]
		}
		if from = end; bits.OnesCount32(holds) < 2 {
			continue
		}
		offset := a.w.list[i].offset
		for at := offset; at < min(offset+winnow.K, int64(len(a.holds))); at++ {
			a.holds[at] |= holds
		}
	}
}

// alike returns half as many of the candidates as are looked at, and of all documents those that share most passages,
// whatever they weigh.
func (w *weighing) alike(candidates []docRef) []docRef {
	passages := map[docRef]int{}
	for _, d := range w.docs {
		passages[d]++
	}
	all := make([]docRef, 0, len(passages))
	for d := range passages {
		all = append(all, d)
	}
	slices.SortFunc(all, func(a, b docRef) int {
		return cmp.Or(cmp.Compare(passages[b], passages[a]), cmp.Compare(a.seg, b.seg), cmp.Compare(a.doc, b.doc))
	})
	chosen := slices.Clone(candidates[:min(len(candidates), maxAlong/2)])
	for _, d := range all {
		if len(chosen) == maxAlong {
			break
		}
		if !slices.Contains(chosen, d) {
			chosen = append(chosen, d)
		}
	}
	return chosen
}

// weigh weighs one document, of which list are the passages found.
func (a *along) weigh(at int, list []weighed, s *shared, length int64, noticeBits, off float64) {
	l := a.lay(at, list, length)
	var runs []runWeight
	for rest := l.runs; len(rest) > 0; {
		n := 1
		for n < len(rest) && rest[n].Resumed {
			n++
		}
		runs = l.appendBest(runs, rest[:n])
		rest = rest[n:]
	}
	best := strongestOf(runs)
	own := best.own - best.less(chainBits).own - looks(runs)
	for _, run := range runs {
		own += run.less(chainBits).own
	}
	through := 0.0
	if !s.instance {
		through = l.throughout().own
		own = max(own, through)
	}
	if s.kindred && (l.copied() || l.outdone()) {
		s.kindred, s.bits = false, max(s.bits, s.own)
	}
	if own <= s.own {
		return
	}
	bits, beyond := own, s.beyond
	remark := bits >= templateBits*noticeBits && best.own < copyShare*noticeBits && through < noticeBits
	if s.instance || remark && (s.kindred || l.kindred(s.spans)) {
		bits = min(bits, templateBits*noticeBits)
	} else if bits >= weakBits && l.ownRuns() >= ofPersonTraced && !l.phrased() {
		beyond = bits + personBits
	}
	if s.bits-off < weakBits && bits-off < noticeBits {
		return // a person is not asked about what passages alone make nothing of
	}
	s.own, s.bits, s.beyond = own, max(s.bits, bits), beyond
}

// count is the number of groups among documents.
func (a *along) count(docs uint32) (n int) {
	var seen [maxAlong]uint64
	for ; docs != 0; docs &= docs - 1 {
		g := a.groups[bits.TrailingZeros32(docs)]
		if !slices.Contains(seen[:n], g) {
			seen[n] = g
			n++
		}
	}
	return n
}
