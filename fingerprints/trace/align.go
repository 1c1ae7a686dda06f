package trace

import (
	"cmp"
	"math/bits"
	"slices"
)

const (
	// seed is how many bits in a row make two places worth a look.
	seed = 24
	// sure is how many bits more than the logarithm of the number of pairs of places must agree for a run to be none by
	// chance: one text in 2^sure has such a run.
	sure = 7
	// MaxGap is how far a run may go on behind its end, in either text: behind a word that was changed, with the grams
	// that reach into it. resumed is how many bits must agree there, of some 800 pairs of places.
	MaxGap  = 28
	resumed = 17
	// maxShift is how much longer or shorter what was changed may be: a word that was put in or left out.
	maxShift = 12
	// maxSame is how many places of the text are looked at that have the same bits; more are a repetition.
	maxSame = 4
	// maxRuns bounds the runs found of one trace.
	maxRuns = 1 << 12
	// maxDigits is how many digits the bytes of a seed have at most: numbers leave no trace.
	maxDigits = (seed + Gram) / 2
	// sieveBits is the size of the sieve of a text's seeds.
	sieveBits = 16
)

// Run is a stretch of grams whose bits agree: from Text on in the text, and from Trace on in the trace. Its bytes are
// Length+Gram-1. At either end it may be a byte or so too long, as one gram of two agrees by chance. Resumed tells that it
// goes on with the run before it in the order of Runs, behind what was changed.
type Run struct {
	Text, Trace, Length int
	Resumed             bool
}

// End is where the bytes of the run end in the text.
func (r Run) End() int { return r.Text + r.Length + Gram - 1 }

// Text is a text that is compared with many traces.
type Text struct {
	trace Trace
	sieve [1 << sieveBits / 64]uint64
	seeds []place // by bits, then place
}

type place struct{ bits, at uint32 }

// Text prepares canonical text, at most MaxText of it.
func (t *Table) Text(canonical []byte) *Text {
	x := &Text{trace: t.Of(canonical)}
	digits := 0
	count := func(at, by int) {
		if c := canonical[at]; c >= '0' && c <= '9' {
			digits += by
		}
	}
	const span = seed + Gram - 1
	for at := range canonical {
		count(at, 1)
		from := at - span + 1
		if from < 0 {
			continue
		}
		if digits <= maxDigits {
			s := uint32(x.trace.word(from) & (1<<seed - 1))
			x.seeds = append(x.seeds, place{s, uint32(from)})
			x.sieve[s&(1<<sieveBits-1)>>6] |= 1 << (s & 63)
		}
		count(from, -1)
	}
	slices.SortFunc(x.seeds, func(a, b place) int { return cmp.Or(cmp.Compare(a.bits, b.bits), cmp.Compare(a.at, b.at)) })
	return x
}

// places are where the text has these bits.
func (x *Text) places(s uint32) []place {
	if x.sieve[s&(1<<sieveBits-1)>>6]>>(s&63)&1 == 0 {
		return nil
	}
	i, ok := slices.BinarySearchFunc(x.seeds, s, func(p place, s uint32) int { return cmp.Compare(p.bits, s) })
	if !ok {
		return nil
	}
	end := i
	for end < len(x.seeds) && x.seeds[end].bits == s {
		end++
	}
	if end-i > maxSame {
		return nil
	}
	return x.seeds[i:end]
}

// Runs returns where a text runs along a trace, in the order of the text. No run lies in another.
func (x *Text) Runs(t *Trace) []Run {
	least := max(seed, bits.Len(uint(x.trace.n))+bits.Len(uint(t.n))+sure)
	var found []Run
	done := map[int]int{} // by diagonal, where its last run ends in the trace
	for at := 0; at+seed <= t.n && len(found) < maxRuns; at++ {
		for _, p := range x.places(uint32(t.word(at) & (1<<seed - 1))) {
			i := int(p.at)
			if end, ok := done[i-at]; ok && at < end {
				continue
			}
			back := until(&x.trace, t, i, at)
			r := Run{Text: i - back, Trace: at - back, Length: back + after(&x.trace, t, i, at)}
			done[i-at] = r.Trace + r.Length
			if r.Length >= least {
				found = append(found, r)
			}
		}
	}
	return x.goOn(found, t)
}

// goOn lets the longest runs go on behind what was changed, and drops the runs that lie in one.
func (x *Text) goOn(found []Run, t *Trace) []Run {
	slices.SortStableFunc(found, func(a, b Run) int { return cmp.Compare(b.Length, a.Length) })
	taken := make([]bool, x.trace.n)
	var chains [][]Run
	for _, r := range found {
		if taken[r.Text+r.Length/2] {
			continue
		}
		chain := []Run{r}
		for next, ok := x.next(r, t); ok; next, ok = x.next(next, t) {
			chain = append(chain, next)
		}
		for prev, ok := x.previous(r, t); ok; prev, ok = x.previous(prev, t) {
			chain = append(chain, prev)
		}
		slices.SortFunc(chain, func(a, b Run) int { return cmp.Compare(a.Text, b.Text) })
		// what another chain has is not told twice
		kept, before := chain[:0], -1
		for i, c := range chain {
			if !taken[c.Text+c.Length/2] {
				c.Resumed = before >= 0 && before == i-1
				before = i
				kept = append(kept, c)
			}
		}
		for i := range kept {
			for at := kept[i].Text; at < kept[i].Text+kept[i].Length; at++ {
				taken[at] = true
			}
		}
		chains = append(chains, kept)
	}
	slices.SortFunc(chains, func(a, b []Run) int { return cmp.Compare(a[0].Text, b[0].Text) })
	return slices.Concat(chains...)
}

// next is how a run goes on behind its end.
func (x *Text) next(r Run, t *Trace) (best Run, ok bool) {
	i, j := r.Text+r.Length, r.Trace+r.Length
	for a := range min(MaxGap, x.trace.n-i) {
		for b := max(0, a-maxShift); b < min(MaxGap, t.n-j, a+maxShift+1); b++ {
			if n := after(&x.trace, t, i+a, j+b); n >= resumed && n > best.Length {
				best = Run{Text: i + a, Trace: j + b, Length: n}
			}
		}
	}
	return best, best.Length > 0
}

// previous is what a run goes on with before its beginning.
func (x *Text) previous(r Run, t *Trace) (best Run, ok bool) {
	for a := range min(MaxGap, r.Text) {
		for b := max(0, a-maxShift); b < min(MaxGap, r.Trace, a+maxShift+1); b++ {
			if n := until(&x.trace, t, r.Text-a, r.Trace-b); n >= resumed && n > best.Length {
				best = Run{Text: r.Text - a - n, Trace: r.Trace - b - n, Length: n}
			}
		}
	}
	return best, best.Length > 0
}
