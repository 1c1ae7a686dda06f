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
	// farGap is how far on another run is looked for where a chain ends, in the document: where much was changed at once, the next
	// pieces are too short to be looked for anywhere. By farShift, and one in farDrift of the way, the text may have grown or shrunk
	// until then. Such a run is none by chance in all but one of 2^farSure places.
	farGap, farShift, farDrift, farSure = 1 << 10, 16, 6, 8
	// maxFar bounds how often that is done for one trace.
	maxFar = 16
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
	left := maxFar
	for _, r := range found {
		if taken[r.Text+r.Length/2] {
			continue
		}
		chain, far := x.follow(r, t, &left)
		slices.SortFunc(chain, func(a, b Run) int { return cmp.Compare(a.Text, b.Text) })
		// what another chain has is not told twice
		kept, before := [][]Run{}, -1
		for i, c := range chain {
			if taken[c.Text+c.Length/2] {
				continue
			}
			if c.Resumed = before >= 0 && before == i-1 && !slices.Contains(far, c.Text); c.Resumed || len(kept) > 0 && !slices.Contains(far, c.Text) {
				kept[len(kept)-1] = append(kept[len(kept)-1], c)
			} else {
				kept = append(kept, []Run{c})
			}
			before = i
		}
		for _, part := range kept {
			for _, c := range part {
				for at := c.Text; at < c.Text+c.Length; at++ {
					taken[at] = true
				}
			}
		}
		chains = append(chains, kept...)
	}
	slices.SortFunc(chains, func(a, b []Run) int { return cmp.Compare(a[0].Text, b[0].Text) })
	return slices.Concat(chains...)
}

// follow returns the runs that a run goes on with on either side, and where those begin that go on from afar. One that was
// found afar must go on itself: common phrases come up anywhere.
func (x *Text) follow(r Run, t *Trace, left *int) (chain []Run, far []int) {
	chain = []Run{r}
	for at := r; ; {
		next, ok := x.next(at, t)
		if !ok {
			if next, ok = x.farNext(at, t, left); !ok {
				break
			}
			first := next
			for prev, ok := x.previous(first, t); ok && prev.Text >= at.Text+at.Length && prev.Trace >= at.Trace+at.Length; prev, ok = x.previous(first, t) {
				chain, first = append(chain, prev), prev
			}
			if _, on := x.next(next, t); !on && first == next {
				break
			}
			far = append(far, first.Text)
		}
		chain, at = append(chain, next), next
	}
	for at := r; ; {
		prev, ok := x.previous(at, t)
		if !ok {
			if prev, ok = x.farPrevious(at, t, left); !ok {
				break
			}
			last := prev
			for next, ok := x.next(last, t); ok && next.Text+next.Length <= at.Text && next.Trace+next.Length <= at.Trace; next, ok = x.next(last, t) {
				chain, last = append(chain, next), next
			}
			if _, on := x.previous(prev, t); !on && last == prev {
				break
			}
			far = append(far, at.Text)
		}
		chain, at = append(chain, prev), prev
	}
	return chain, far
}

// farNext is the first run behind the end of one, a good way on, that goes on where it would if little was put in or left out.
func (x *Text) farNext(r Run, t *Trace, left *int) (Run, bool) {
	if *left--; *left < 0 {
		return Run{}, false
	}
	i, j := r.Text+r.Length, r.Trace+r.Length
	for b := range min(farGap, t.n-j-seed+1) {
		for _, p := range x.places(uint32(t.word(j+b) & (1<<seed - 1))) {
			a := int(p.at) - i
			if a < 0 || !near(a, b) {
				continue
			}
			back := min(until(&x.trace, t, i+a, j+b), a, b)
			if n := back + after(&x.trace, t, i+a, j+b); n >= farLeast(b) {
				return Run{Text: i + a - back, Trace: j + b - back, Length: n}, true
			}
		}
	}
	return Run{}, false
}

// farPrevious is the same before the beginning of a run.
func (x *Text) farPrevious(r Run, t *Trace, left *int) (Run, bool) {
	if *left--; *left < 0 {
		return Run{}, false
	}
	for b := seed; b <= min(farGap, r.Trace); b++ {
		at := r.Trace - b
		for _, p := range x.places(uint32(t.word(at) & (1<<seed - 1))) {
			a := r.Text - int(p.at)
			if a < seed || !near(a, b) {
				continue
			}
			back := until(&x.trace, t, r.Text-a, at)
			if n := back + min(after(&x.trace, t, r.Text-a, at), a, b); n >= farLeast(b) {
				return Run{Text: r.Text - a - back, Trace: at - back, Length: n}, true
			}
		}
	}
	return Run{}, false
}

// near tells whether a text may have grown from b to a.
func near(a, b int) bool { return max(a-b, b-a) <= farShift+b/farDrift }

// farLeast is how many bits must agree at that distance.
func farLeast(b int) int { return max(seed, bits.Len(uint(b*(farShift+b/farDrift)))+farSure) }

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
