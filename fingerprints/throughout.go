package fingerprints

import "unmirror/fingerprints/trace"

// An edited copy runs along its document from beginning to end, in the template and in what is its own alike, and leaves it
// for a word now and then. Another instance of the template leaves it wherever something is somebody's own. So where what
// is the document's own outweighs all that the text has instead, it counts together, however short the runs are.
const (
	// throughoutRuns is how many runs make a text that was edited.
	throughoutRuns = 5
	// throughoutOwn is which part what is the document's own must be of that and of what the text has instead.
	throughoutOwn = 0.5
	// wordChars is how much of what the text has instead is a word that was changed.
	wordChars = 12
)

// throughout weighs all runs in the order of the document as one.
func (l *laid) throughout() runWeight {
	runs := ascending(l.runs)
	if len(runs) < throughoutRuns {
		return runWeight{}
	}
	var s, sum stretch
	instead, price := 0.0, float64(baseChars-stretchChars)
	for i, r := range runs {
		from, to := counted(r)
		if i > 0 {
			from = max(from, runs[i-1].End()-looseChars)
		}
		s = l.stretch(from, to, s.inside)
		cost := float64(stretchChars * s.pieces)
		if i > 0 {
			instead += float64(max(0, r.Text-runs[i-1].End()-wordChars))
			cost += editChars
		}
		if s.own > cost { // what is the template's pays for nothing and tells nothing
			sum.own, sum.model, price = sum.own+s.own, sum.model+s.model, price+cost
		}
	}
	if sum.own <= price || sum.own < throughoutOwn*(sum.own+instead) {
		return runWeight{}
	}
	weight := bitsPerChar * (sum.own - price)
	return runWeight{weight * (1 - sum.model/sum.own), weight * sum.model / sum.own}
}

// stretch is what a run has of the document's own: weighed characters, those of them that its template may have, in how
// many pieces, and whether it ends in one.
type stretch struct {
	own, model float64
	pieces     int
	inside     bool
}

func (l *laid) stretch(from, to int, inside bool) stretch {
	s := stretch{inside: inside}
	for at := from; at < to; at++ {
		weight := float64(l.own[at])
		if weight == 0 {
			s.inside = s.inside && isDigit(l.w.text[at])
			continue
		}
		if !s.inside {
			s.inside = true
			s.pieces++
		}
		s.own += weight
		if l.model[at] {
			s.model += weight
		}
	}
	return s
}

// ascending keeps of runs in the order of the text those that are in the order of the trace, the longer ones rather.
func ascending(runs []trace.Run) (kept []trace.Run) {
	for _, r := range runs {
		for n := len(kept); n > 0 && kept[n-1].Trace >= r.Trace && kept[n-1].Length < r.Length; n-- {
			kept = kept[:n-1]
		}
		if n := len(kept); n == 0 || kept[n-1].Trace < r.Trace {
			kept = append(kept, r)
		}
	}
	return kept
}
