package fingerprints

import (
	"unmirror/fingerprints/index"
	"unmirror/fingerprints/trace"
	"unmirror/fingerprints/winnow"
)

const (
	// maxHits bounds the distinct shared passages kept of one text, some 40 bytes each.
	maxHits = 1 << 20
	// maxRepeats bounds the places kept at which a known passage comes again.
	maxRepeats = 1 << 18
)

// hit is a passage of the text that is known.
type hit struct {
	offset   int64
	hash     uint64
	first    uint32 // its postings
	n        uint8
	baseline bool
}

type posting struct {
	seg uint32
	at  index.Posting
}

// hits gathers the known passages of one text, each once: a line repeated a thousand times is no more evidence than the
// line.
type hits struct {
	snap     *index.Snapshot
	public   *hashSet
	seen     hashSet
	list     []hit
	postings []posting
	repeats  []int64 // offsets of passages that were seen before: no evidence again, but the sharing goes on there
	novel    int     // hits that are not in the baseline
	full     bool
	text     []byte // what the text begins with, canonical
	traces   *trace.Table

	room    *index.Room // for see
	located []index.Located
}

// see looks passages up, ascending by offset, those of a piece at once: nearly all are unknown, and an index answers many
// such questions together several times as fast as one by one. What is known may be told only with that of later pieces,
// or by settle.
func (h *hits) see(prints []winnow.Print) {
	if h.room == nil {
		h.room = new(index.Room)
	}
	h.located = h.snap.AppendKnown(h.located[:0], prints, h.room)
	h.addLocated()
}

// seeFrom does so with what a stream appended last, of which it may have told already what is worth it.
func (h *hits) seeFrom(s *winnow.Stream, prints []winnow.Print) {
	passed, asked := s.Passed()
	if !asked {
		h.see(prints)
		return
	}
	if h.room == nil {
		h.room = new(index.Room)
	}
	h.located = h.snap.AppendPassed(h.located[:0], prints, passed, h.room)
	h.addLocated()
}

// settle ends what was seen so far.
func (h *hits) settle() {
	if h.room != nil {
		h.located = h.snap.AppendRest(h.located[:0], h.room)
		h.addLocated()
	}
}

func (h *hits) addLocated() {
	for i := range h.located {
		f := &h.located[i]
		h.add(f.Print, f.Segment, f.Posting)
	}
}

func (h *hits) add(p winnow.Print, seg uint32, at index.Posting) {
	if n := len(h.list); n > 0 && h.list[n-1].hash == p.Hash && h.list[n-1].offset == p.Offset {
		h.postings = append(h.postings, posting{seg, at})
		h.list[n-1].n++
		return
	}
	if full := len(h.list) >= maxHits; full && !h.seen.has(p.Hash) {
		h.full = true
		return
	} else if full || !h.seen.add(p.Hash) {
		if len(h.repeats) < maxRepeats {
			h.repeats = append(h.repeats, p.Offset)
		}
		return
	}
	base := h.inBaseline(p.Hash)
	if !base {
		h.novel++
	}
	h.list = append(h.list, hit{p.Offset, p.Hash, uint32(len(h.postings)), 1, base})
	h.postings = append(h.postings, posting{seg, at})
}

func (h *hits) inBaseline(hash uint64) bool {
	for _, seg := range h.snap.Baseline {
		if _, ok := seg.Find(hash); ok {
			return true
		}
	}
	return h.public.has(hash)
}
