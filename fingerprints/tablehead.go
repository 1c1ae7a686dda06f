package fingerprints

import (
	"bytes"
	"math"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/winnow"
)

// The head of a table names its columns: it is its schema, and stands over other people's rows as well. Its passages are
// registered as if they came again and again, so that they carry a run on and weigh nothing.
const (
	// leastHead is the length, in canonical bytes, from which a first line is a head; a shorter one is a title over it.
	leastHead = 24
	// mostHead bounds a head: a longer line is a table that lost its line ends.
	mostHead = 2000
	// headLines bounds the lines looked at.
	headLines = 3
	// asRepeated is how often a passage must come to be one that comes again and again.
	asRepeated = 3
)

// tableHead follows the text of a document until its head has passed.
type tableHead struct {
	lines int
	end   int64 // offset in canonical text; everything while it is being read
}

func newTableHead(kind string) tableHead {
	switch kind {
	case "csv", "tsv", "xlsx", "xls", "ods":
		return tableHead{end: math.MaxInt64}
	}
	return tableHead{}
}

// feedHead takes what belongs to the head from the next piece of text, and returns the rest.
func (t *textExtract) feedHead(b []byte, see func([]winnow.Print) error) ([]byte, error) {
	for t.head.end == math.MaxInt64 && len(b) > 0 {
		n := bytes.IndexByte(b, '\n') + 1
		line := b
		if n > 0 {
			line = b[:n]
		}
		if err := t.feed(line, see); err != nil {
			return nil, err
		}
		b = b[len(line):]
		if n > 0 {
			t.head.lines++
		}
		if at := t.stream.Len(); at > mostHead || n > 0 && (at >= leastHead || t.head.lines >= headLines) {
			t.head.end = min(at, mostHead)
		}
	}
	return b, nil
}

// appendPairs appends the passages of a document that is registered.
func (t *textExtract) appendPairs(dst []index.Pair, prints []winnow.Print) []index.Pair {
	for _, p := range prints {
		times := 1
		if p.Offset < t.head.end {
			times = asRepeated
		}
		for range times {
			dst = append(dst, index.Pair{Hash: p.Hash, Doc: t.draft})
		}
	}
	return dst
}
