package fingerprints

import (
	"math"

	"unmirror/fingerprints/winnow"
)

// maxSpans bounds what a match tells of where; neighbours are joined beyond it.
const maxSpans = 200

// looks is what is paid for having looked for the strongest among many.
func looks(runs []runWeight) float64 { return math.Log2(float64(max(1, len(runs)))) }

// strongestOf returns the run that weighs most.
func strongestOf(runs []runWeight) (best runWeight) {
	for _, run := range runs {
		if run.bits() > best.bits() {
			best = run
		}
	}
	return best
}

// together adds runs up, of which all but the strongest pay.
func together(runs []runWeight) (sum runWeight) {
	best := strongestOf(runs)
	for _, run := range runs {
		sum.add(run.less(runBits))
	}
	// the strongest was made to pay, too: once
	paid := best.less(runBits)
	sum.own, sum.template = sum.own-paid.own+best.own, sum.template-paid.template+best.template
	return sum.less(looks(runs))
}

func joinSpans(spans [][2]int64) [][2]int64 {
	for gap := int64(winnow.K); len(spans) > maxSpans; gap *= 4 {
		out := spans[:1]
		for _, s := range spans[1:] {
			if last := &out[len(out)-1]; s[0]-last[1] <= gap {
				last[1] = s[1]
			} else {
				out = append(out, s)
			}
		}
		spans = out
	}
	return spans
}

// runWeight is the weight of a run, in bits: of text that is a document's own, and of text that may be a template's.
type runWeight struct{ own, template float64 }

func (w runWeight) bits() float64 { return w.own + w.template }

func (w *runWeight) add(other runWeight) {
	w.own, w.template = w.own+other.own, w.template+other.template
}

// less takes bits off, of both kinds alike.
func (w runWeight) less(bits float64) runWeight {
	if w.bits() <= bits {
		return runWeight{}
	}
	share := 1 - bits/w.bits()
	return runWeight{w.own * share, w.template * share}
}

// cover is the weight of a character by the passages that cover it: nothing if one of them is boilerplate, since where
// distinctive text borders on boilerplate, the passages that reach over the border prove the distinctive part only;
// otherwise their mean.
func cover(passages []weighed) (weight float64, template bool) {
	for _, p := range passages {
		if p.weight == 0 {
			return 0, false
		}
		weight += float64(p.weight)
		template = template || p.template
	}
	return weight / float64(len(passages)), template
}

// ends says how distinctive text stands in its run.
type ends struct{ openLeft, openRight, cutLeft, cutRight bool }

// price is what a run pays for its ends, in characters.
func (e ends) price() (chars float64) {
	if e.openLeft && !e.cutLeft {
		chars += openChars
	}
	if e.openRight && !e.cutRight {
		chars += openChars
	}
	return chars
}

// beyond is how many distinctive characters lie between the run and the ends of a text that begins or ends within it.
func (e ends) beyond(run []weighed, length int64) (chars float64) {
	if e.openLeft && e.cutLeft {
		chars += float64(run[0].offset) * float64(run[0].weight)
	}
	if last := run[len(run)-1]; e.openRight && e.cutRight {
		chars += float64(length-last.offset-winnow.K) * float64(last.weight)
	}
	return chars
}

// weighRun weighs one run of overlapping passages, in a text of that length.
func weighRun(run []weighed, length int64) runWeight {
	var chars, template float64 // weighed characters, and those of them that a template may hold
	var e ends
	price, inStretch := float64(baseChars-stretchChars), false
	begin, end := run[0].offset, run[len(run)-1].offset+winnow.K
	// the first and the last window of a text select within it
	e.cutLeft, e.cutRight = begin < winnow.Window, length-end < winnow.Window
	first, next, plain := 0, 0, int64(0) // the passages that cover the position; what weighs nothing
	for at := begin; at < end; {
		for next < len(run) && run[next].offset <= at {
			next++
		}
		for first < next && run[first].offset+winnow.K <= at {
			first++
		}
		if first == next { // only passages that come again: they carry the run on and weigh nothing
			at, inStretch = run[next].offset, false
			continue
		}
		to := run[first].offset + winnow.K
		if next < len(run) {
			to = min(to, run[next].offset)
		}
		weight, mayBe := cover(run[first:next])
		if weight > 0 {
			if !inStretch {
				price += stretchChars
				e.openLeft = e.openLeft || at == begin
			}
			chars += float64(to-at) * weight
			if mayBe {
				template += float64(to-at) * weight
			}
		} else {
			plain += to - at
		}
		inStretch = weight > 0
		at = to
	}
	e.openRight = inStretch
	if chars >= provenChars {
		share := endShare
		if e.cutLeft && e.cutRight {
			share = filledShare
		}
		chars += share * e.beyond(run, length)
	}
	if e.cutLeft && e.cutRight && plain >= borderChars {
		price -= borderLess
	}
	if price += e.price(); chars <= price {
		return runWeight{}
	}
	bits := bitsPerChar * (chars - price)
	return runWeight{bits * (1 - template/chars), bits * template / chars}
}
