package fingerprints

import (
	"cmp"
	"slices"

	"unmirror/fingerprints/winnow"
)

// Where a text is cut out of a known one, the windows at the cut select other passages than the known text's windows
// did, which went on. So at both ends of a text that shares something every passage is looked up, and in a short one all
// of them: nothing that the index holds of it is missed there.
const (
	// denseText is the length of canonical text, in bytes, up to which every passage of it is looked up.
	denseText = 512
	// edgeText is how much of either end of a longer text is.
	edgeText = winnow.Guarantee
	// hopeless is the length of a text from which it has a passage in common, selected in both, if it has anything in
	// common that could weigh.
	hopeless = 3 * winnow.Guarantee
)

// keptText is how much is kept of a text until it is weighed, in canonical bytes: a letter.
const keptText = 64 << 10

// flatChars is how many different characters a passage may have and say nothing: a number filled up with zeros.
const flatChars = 3

// flat tells whether the passage there says nothing of who wrote it, however rare it is, as far as the text was kept.
func (h *hits) flat(offset int64) bool {
	if offset+winnow.K > int64(len(h.text)) {
		return false
	}
	var seen [flatChars]byte
	n := 0
	for _, c := range h.text[offset : offset+winnow.K] {
		if slices.Contains(seen[:n], c) {
			continue
		}
		if n == flatChars {
			return false
		}
		seen[n] = c
		n++
	}
	return true
}

// flats tells of each byte of the text that was kept whether a flat passage covers it.
func (h *hits) flats() []bool {
	flat, end := make([]bool, len(h.text)), 0
	for at := range h.text {
		if h.flat(int64(at)) {
			end = at + winnow.K
		}
		flat[at] = at < end
	}
	return flat
}

// edges keeps what a text begins and ends with, in canonical bytes.
type edges struct{ head, tail []byte }

func (e *edges) keep(b []byte) {
	if n := min(keptText-len(e.head), len(b)); n > 0 {
		e.head = append(e.head, b[:n]...)
	}
	if len(b) >= edgeText {
		e.tail = append(e.tail[:0], b[len(b)-edgeText:]...)
		return
	}
	e.tail = append(e.tail[:copy(e.tail, e.tail[max(0, len(e.tail)+len(b)-edgeText):])], b...)
}

// lookEdges looks up what the selection of a text that has ended may have missed at its ends.
func (t *textMatch) lookEdges(s *secrets) {
	length := t.stream.Len()
	t.hits.settle()
	t.hits.text, t.hits.traces = t.edges.head, s.traces
	if len(t.edges.head) == 0 || len(t.hits.list) == 0 && length >= hopeless || len(t.hits.list) >= maxHits {
		return
	}
	var prints []winnow.Print
	all := func(from int64, b []byte) {
		for i, h := range s.winnow.All(b) {
			prints = append(prints, winnow.Print{Hash: h, Offset: from + int64(i)})
		}
	}
	if length <= denseText {
		all(0, t.edges.head)
	} else {
		all(0, t.edges.head[:edgeText])
		all(length-int64(len(t.edges.tail)), t.edges.tail)
	}
	t.edges = edges{}
	t.hits.seeMore(prints)
}

// seeMore looks up passages at places of which some were looked up before.
func (h *hits) seeMore(prints []winnow.Print) {
	slices.Sort(h.repeats)
	prints = slices.DeleteFunc(prints, func(p winnow.Print) bool {
		_, again := slices.BinarySearch(h.repeats, p.Offset)
		_, known := slices.BinarySearchFunc(h.list, p.Offset, func(a hit, at int64) int { return cmp.Compare(a.offset, at) })
		return again || known
	})
	before := len(h.list)
	h.see(prints)
	h.settle()
	if len(h.list) > before {
		slices.SortFunc(h.list, func(a, b hit) int { return cmp.Compare(a.offset, b.offset) })
	}
	slices.Sort(h.repeats)
}

// digits counts the digits between two offsets, as far as the text was kept.
func (h *hits) digits(from, to int64) (n int) {
	for _, c := range h.text[min(from, int64(len(h.text))):min(to, int64(len(h.text)))] {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}
