package index

import (
	"cmp"
	"math"
	"slices"
)

const (
	// maxWordPages is from how many pages on a word tells nothing: what a form prints, on each that was filled in.
	maxWordPages = 512
	// maxVotes bounds the work of one look-up, whatever is registered: the rarest words vote first.
	maxVotes = 1 << 15
	// leastWords is how many words a page must share to be compared.
	leastWords = 2
)

// PageVote is a page that shares words with an item's.
type PageVote struct {
	Baseline bool   // the segment is one of Baseline and not of Known
	Segment  uint32 // its place there
	Page     uint32
	Words    int     // that it shares, neighbours included
	Weight   float64 // of those words: the rarer, the more
}

// HasPages tells whether any page of a known file is registered.
func (s *Snapshot) HasPages() bool {
	return slices.ContainsFunc(s.Known, func(seg *Segment) bool { return seg.Pages() > 0 })
}

// PageCandidates returns the pages, most at most of known files and most of the baseline, that share most words with an
// item's page, the likeliest first. Its time does not depend on how many pages are registered.
func (s *Snapshot) PageCandidates(probes []uint32, most int) []PageVote {
	known := s.pageVotes(s.Known, probes, most)
	baseline := s.pageVotes(s.Baseline, probes, most)
	for i := range baseline {
		baseline[i].Baseline = true
	}
	return append(known, baseline...)
}

// wordRows are the rows of one word in one segment.
type wordRows struct {
	seg    int
	lo, hi uint32
	pages  uint32 // that have it in all segments
}

func (s *Snapshot) pageVotes(segments []*Segment, probes []uint32, most int) []PageVote {
	var found []wordRows
	for _, probe := range probes {
		first, pages := len(found), uint32(0)
		word := uint64(0)
		for i, seg := range segments {
			if seg.words.n == 0 {
				continue
			}
			if word == 0 {
				word = seg.seal.pages.word(probe)
			}
			if lo, hi := seg.words.rows(word); lo < hi {
				found = append(found, wordRows{i, lo, hi, 0})
				pages += hi - lo
			}
		}
		if pages > maxWordPages {
			found = found[:first]
		}
		for i := first; i < len(found); i++ {
			found[i].pages = pages
		}
	}
	slices.SortStableFunc(found, func(a, b wordRows) int { return cmp.Compare(a.pages, b.pages) })
	return tally(segments, found, most)
}

// ballot packs a vote into one number, so that those of one page lie side by side when they are sorted: the segment, the
// page, and in how many pages the word is.
func ballot(seg int, page, pages uint32) uint64 {
	return uint64(seg)<<48 | uint64(page)<<16 | uint64(pages)
}

// tally adds the votes up.
func tally(segments []*Segment, found []wordRows, most int) []PageVote {
	var votes []uint64
	for _, w := range found {
		if len(votes) > 0 && len(votes)+int(w.hi-w.lo) > maxVotes {
			break
		}
		t := &segments[w.seg].words
		for i := w.lo; i < w.hi; i++ {
			if page := t.values.get(int(i)); page < uint64(segments[w.seg].Pages()) {
				votes = append(votes, ballot(w.seg, uint32(page), w.pages))
			}
		}
	}
	slices.Sort(votes)
	var best []PageVote
	for len(votes) > 0 {
		v := PageVote{Segment: uint32(votes[0] >> 48), Page: uint32(votes[0] >> 16)}
		for page := votes[0] >> 16; len(votes) > 0 && votes[0]>>16 == page; votes = votes[1:] {
			v.Words++
			v.Weight += 1 / math.Sqrt(float64(votes[0]&0xffff))
		}
		if v.Words >= leastWords {
			best = keepBest(best, v, most)
		}
	}
	return best
}

// keepBest inserts a vote where it belongs among the heaviest.
func keepBest(best []PageVote, v PageVote, most int) []PageVote {
	if len(best) == most && (most == 0 || best[most-1].Weight >= v.Weight) {
		return best
	}
	at, _ := slices.BinarySearchFunc(best, v, func(a, b PageVote) int {
		if a.Weight >= b.Weight {
			return -1
		}
		return 1
	})
	best = slices.Insert(best, at, v)
	return best[:min(len(best), most)]
}
