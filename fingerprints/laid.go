package fingerprints

import (
	"math/bits"

	"unmirror/fingerprints/trace"
	"unmirror/fingerprints/winnow"
)

const (
	// A run pays editChars for each edit that it goes on behind, and editShare for each character that was changed.
	editChars, editShare = 4, 0.5
	// looseChars is how much at either end of a run may agree by chance.
	looseChars = 1
	// sharedAlong is what is left of the weight of a chain of which most is in several documents. It may be out of a list,
	// and the weights of passages lean on the dozen characters that they miss of it at either end.
	sharedAlong = 0.7
	// collectiveAlong is collectiveChars where the ends are known.
	collectiveAlong = 80
	// ofPersonTraced is ofPersonRuns of runs that are known to the character, of ofPersonChars of the document's own.
	ofPersonTraced, ofPersonChars = 5, 12
)

// laid is one document along which a text is laid.
type laid struct {
	*along
	ref    docRef
	runs   []trace.Run
	same   uint32 // the documents of its group
	length int64
	own    []float32 // by byte of the text, what it weighs as the document's
	model  []bool    // other instances of its template hold it too
}

func (a *along) lay(at int, list []weighed, length int64) *laid {
	same, siblings := uint32(0), uint32(0)
	ref := a.docs[at]
	for i, d := range a.docs {
		switch {
		case a.groups[i] == a.groups[at]:
			same |= 1 << i
		case d.seg == ref.seg && a.w.snap.Known[ref.seg].Siblings(ref.doc, d.doc):
			siblings |= 1 << i
		}
	}
	l := &laid{along: a, ref: ref, runs: a.runs[at], same: same, length: length, own: make([]float32, len(a.holds)), model: make([]bool, len(a.holds))}
	by, again := a.byPassages(list)
	for _, r := range l.runs {
		from, to := counted(r)
		spread(by[from:to])
		for i := from; i < to; i++ {
			others := a.holds[i] &^ same
			l.model[i] = others&siblings != 0
			if n := 1 + a.count(others); n < manyDocs {
				l.own[i] = rarity[n]
			}
			if by[i] >= 0 {
				l.own[i] = min(l.own[i], by[i])
			}
			if a.flat[i] {
				l.own[i] = 0
			}
		}
	}
	l.once(again)
	return l
}

// byPassages is what the passages of a document say that a byte of the text weighs, less than 0 where there is none; and
// what lies in passages that came before alone.
func (a *along) byPassages(list []weighed) (by []float32, again []bool) {
	by, again = make([]float32, len(a.holds)), make([]bool, len(a.holds))
	for i := range by {
		by[i] = -1
	}
	for _, p := range list {
		for at := p.offset; at < min(p.offset+winnow.K, int64(len(by))); at++ {
			if by[at] < 0 || p.weight < by[at] {
				by[at] = p.weight
			}
		}
	}
	for _, offset := range a.w.repeats {
		for at := offset; at < min(offset+winnow.K, int64(len(by))); at++ {
			again[at] = by[at] < 0
		}
	}
	return by, again
}

// spread gives what no passage covers in a run the weight of the nearest that one covers, if there is any: the passages
// know of all documents, those without a trace too.
func spread(by []float32) {
	last := -1
	for i, v := range by {
		if v < 0 {
			continue
		}
		for j := last + 1; j < i; j++ {
			if by[j] = v; last >= 0 && j-last <= i-j {
				by[j] = by[last]
			}
		}
		last = i
	}
	for j := last + 1; j < len(by) && last >= 0; j++ {
		by[j] = by[last]
	}
}

// once lets what comes again and again in the text weigh where it comes first, and the least that it weighs anywhere; and
// digits nothing.
func (l *laid) once(again []bool) {
	least := map[int]float32{} // by byte of the document
	for _, r := range l.runs {
		from, to := counted(r)
		for i := from; i < to; i++ {
			at := i - r.Text + r.Trace
			if v, ok := least[at]; !again[i] && (!ok || l.own[i] < v) {
				least[at] = l.own[i]
			}
		}
	}
	for _, r := range l.runs {
		from, to := counted(r)
		for i := from; i < to; i++ {
			if l.own[i] = 0; again[i] {
				continue
			}
			at := i - r.Text + r.Trace
			if !isDigit(l.w.text[i]) {
				l.own[i] = least[at]
			}
			least[at] = 0
		}
	}
}

// phrased tells whether the document is written out of few phrases.
func (l *laid) phrased() bool {
	doc := l.w.snap.Known[l.ref.seg].Doc(l.ref.doc)
	return phrased(&doc)
}

// counted is what counts of a run: not what may agree by chance.
func counted(r trace.Run) (from, to int) { return r.Text + looseChars, r.End() - looseChars }

// edit is what a run pays that goes on with another one, in characters: the more, the more was changed between them.
func edit(before, r trace.Run) float64 {
	return editChars + editShare*float64(max(0, r.Text-before.End(), r.Trace-before.Trace-before.Length-trace.Gram+1))
}

// ownRuns counts the runs with something of the document's own.
func (l *laid) ownRuns() (n int) {
	for _, r := range l.runs {
		chars := 0
		from, to := counted(r)
		for _, v := range l.own[from:to] {
			if v == 1 {
				chars++
			}
		}
		if chars >= ofPersonChars {
			n++
		}
	}
	return n
}

// appendBest appends the weight of what weighs most of a chain of runs, and of what is left of it at either side.
func (l *laid) appendBest(dst []runWeight, chain []trace.Run) []runWeight {
	from, to, begin, most, sum := 0, 0, 0, 0.0, 0.0
	for i, r := range chain {
		a, b := counted(r)
		if i > 0 {
			sum -= edit(chain[i-1], r)
			a = max(a, chain[i-1].End()-looseChars)
		}
		if sum <= 0 {
			begin, sum = i, 0
			a, _ = counted(r)
		}
		for at := a; at < b; at++ {
			sum += float64(l.own[at])
		}
		if sum > most {
			from, to, most = begin, i+1, sum
		}
	}
	if most <= baseChars {
		return dst
	}
	dst = l.appendBest(dst, chain[:from])
	best := l.chain(chain[from:to], 0)
	if alone := l.excerpt(chain[from:to]); alone.own > best.own {
		best = alone
	}
	if held := l.mostHeld(chain[from:to]); held != 0 {
		if other := l.chain(chain[from:to], held); other.own > best.own {
			best = other
		}
	}
	dst = append(dst, best)
	return l.appendBest(dst, chain[to:])
}

// mostHeld is the documents that hold most of a chain, as many groups as explain a run (collective); none of a short one.
func (l *laid) mostHeld(chain []trace.Run) (most uint32) {
	if chain[len(chain)-1].End()-chain[0].Text < collectiveAlong {
		return 0
	}
	for range coverDocs {
		var count [maxAlong]int
		for _, r := range chain {
			from, to := counted(r)
			for at := from; at < to; at++ {
				if others := l.holds[at] &^ l.same; others&most == 0 && l.own[at] > 0 {
					for ; others != 0; others &= others - 1 {
						count[bits.TrailingZeros32(others)]++
					}
				}
			}
		}
		best := 0
		for i, n := range count {
			if n > count[best] {
				best = i
			}
		}
		if count[best] == 0 {
			break
		}
		for i, g := range l.groups {
			if g == l.groups[best] {
				most |= 1 << i
			}
		}
	}
	return most
}

// chain weighs runs that go on with one another. Where most is given, what it holds weighs nothing, and what only others
// hold besides as much as what none does: their phrases, one by one, are the document's own in this order.
func (l *laid) chain(chain []trace.Run, most uint32) runWeight {
	chars, alone, template, price := 0.0, 0.0, 0.0, float64(baseChars-stretchChars)
	openLeft, inStretch := false, false
	last, plain := 0, 0
	for i, r := range chain {
		if i > 0 {
			price += edit(chain[i-1], r)
		}
		from, to := counted(r)
		for at := max(last, from); at < to; at++ {
			weight := float64(l.own[at])
			if others := l.holds[at] &^ l.same; weight > 0 && most > 0 && others != 0 {
				weight = 1
				if others&most != 0 {
					weight = 0
				}
			}
			if weight == 0 {
				if inStretch = inStretch && isDigit(l.w.text[at]); !isDigit(l.w.text[at]) {
					plain++
				}
				continue
			}
			if !inStretch {
				inStretch = true
				price += stretchChars
				openLeft = openLeft || at <= chain[0].Text+looseChars
			}
			chars += weight
			if weight == 1 {
				alone++
			}
			if l.model[at] {
				template += weight
			}
		}
		last = to
	}
	if openLeft && chain[0].Text > looseChars {
		price += openChars
	}
	if end := chain[len(chain)-1].End(); inStretch && int64(end) < l.length-looseChars {
		price += openChars
	}
	if chain[0].Text <= looseChars && int64(chain[len(chain)-1].End()) >= l.length-looseChars && plain >= borderChars {
		price -= borderLess
	}
	if alone < chars/2 {
		chars, template = chars*sharedAlong, template*sharedAlong
	}
	if chars <= price {
		return runWeight{}
	}
	weight := bitsPerChar * (chars - price)
	return runWeight{weight * (1 - template/chars), weight * template / chars}
}
