package fingerprints

import (
	"sync"

	"unmirror/fingerprints/index"
)

// desk is what a text is read with. One that the last text left is used again: to make it anew takes longer than to read a
// page of a kilobyte. What is left on it is overwritten before it is read.
type desk struct {
	reading textReading
	room    *index.Room
	located []index.Located
	seen    hashSet // empty
	list    []hit
	places  []posting
}

var desks = sync.Pool{New: func() any { return new(desk) }}

// deskPrints bounds what a desk keeps, in passages and in those of them that were found in one piece, and deskHits in those
// that were found in a text.
const deskPrints, deskHits = 4 * pieceBytes, 1 << 13

// beginText begins the ordinary reading of a text.
func beginText(s *secrets, snap *index.Snapshot) *textMatch {
	d := desks.Get().(*desk)
	d.reading.begin(s)
	d.reading.stream.Sift(snap.Sieve())
	return &textMatch{
		textReading: &d.reading, desk: d,
		hits: hits{snap: snap, public: s.public, room: d.room, located: d.located[:0], seen: d.seen, list: d.list[:0], postings: d.places[:0]},
	}
}

// begin begins a text with the buffers of the one before.
func (t *textReading) begin(s *secrets) {
	t.fold.Reset()
	t.stream.Begin(s.winnow)
	t.sum, t.total = textSum{key: s.sum}, 0
	t.edges = edges{t.edges.head[:0], t.edges.tail[:0]}
}

// free leaves the desks of a part's texts to others, once nothing is asked of them any more.
func (e *partMatch) free() {
	for _, t := range e.texts {
		if t != nil {
			t.free()
		}
	}
	e.texts = nil
}

func (t *textMatch) free() {
	if t.records != nil {
		t.records.scanner.Free()
		t.records = nil
	}
	d := t.desk
	if d == nil || cap(t.prints) > deskPrints || cap(t.hits.located) > deskPrints {
		return
	}
	if d.room = t.hits.room; d.room != nil { // what still waits to be looked up would be told of the next text
		d.located = t.hits.snap.AppendRest(t.hits.located[:0], d.room)
	}
	d.seen, d.list, d.places = hashSet{}, nil, nil
	if h := &t.hits; cap(h.list) <= deskHits && cap(h.postings) <= 2*deskHits && len(h.seen.slots) <= 4*deskHits {
		h.seen.empty()
		d.seen, d.list, d.places = h.seen, h.list, h.postings
	}
	if t.hits.text != nil {
		t.edges.head = t.hits.text
	}
	*t = textMatch{}
	desks.Put(d)
}
