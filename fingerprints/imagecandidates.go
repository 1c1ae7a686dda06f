package fingerprints

import (
	"cmp"
	"slices"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/page"
)

// candidates are the pages that share most words with an image in one of its quarter turns, the likeliest first: known ones, then those
// of the baseline.
func candidates(snap *index.Snapshot, look *page.Look) []index.PageVote {
	var all []index.PageVote
	for _, words := range look.Probes() {
		all = append(all, snap.PageCandidates(words, maxCompared)...)
	}
	slices.SortStableFunc(all, func(a, b index.PageVote) int { return cmp.Compare(b.Weight, a.Weight) })
	type place struct {
		baseline  bool
		seg, page uint32
	}
	seen := make(map[place]bool, len(all))
	var known, baseline []index.PageVote
	for _, v := range all {
		at := place{v.Baseline, v.Segment, v.Page}
		if seen[at] {
			continue
		}
		seen[at] = true
		if v.Baseline {
			baseline = append(baseline, v)
		} else {
			known = append(known, v)
		}
	}
	return append(known[:min(len(known), maxCompared)], baseline[:min(len(baseline), maxCompared)]...)
}

// otherForms puts those pages last that are of the same form as one no point of which lies alike.
func (c *comparing) otherForms(v index.PageVote, votes []index.PageVote) []index.PageVote {
	form := c.formOf(v)
	if form == nil {
		return votes
	}
	first, last := make([]index.PageVote, 0, len(votes)), []index.PageVote(nil)
	for _, o := range votes {
		if other := c.formOf(o); other != nil && form.Like(other) {
			last = append(last, o)
		} else {
			first = append(first, o)
		}
	}
	return append(first, last...)
}

// formOf is a known page's form, nil if it has none or is damaged.
func (c *comparing) formOf(v index.PageVote) *page.Form {
	at := [2]uint32{v.Segment, v.Page}
	if form, read := c.forms[at]; read {
		return form
	}
	if c.forms == nil {
		c.forms = map[[2]uint32]*page.Form{}
	}
	if b, err := c.snap.Known[v.Segment].PageBody(v.Page); err == nil {
		if _, body, err := openBody(b); err == nil {
			c.forms[at], _ = page.FormOf(body) // an error leaves it nil
		}
	}
	return c.forms[at]
}
