package fingerprints

import (
	"bytes"
	"math"

	"unmirror/fingerprints/index"
	"unmirror/fingerprints/winnow"
)

// The head of a table names its columns: it is its schema, and stands over other people's rows as well. Its passages are
// not registered: what is in no index accuses nobody.
const (
	// leastHead is the length, in canonical bytes, from which a first line is a head; a shorter one is a title over it.
	leastHead = 24
	// mostHead bounds a head: a longer line is a table that lost its line ends.
	mostHead = 2000
	// headLines bounds the lines looked at.
	headLines = 3
	// dumpBytes is how far into a dump its head begins.
	dumpBytes = 4000
)

// tableHead follows the text of a document until its head has passed.
type tableHead struct {
	lines int
	dump  bool  // it may be a dump
	end   int64 // offset in canonical text; everything while it is being read
}

func newTableHead(kind string) tableHead {
	switch kind {
	case "csv", "tsv", "xlsx", "xls", "ods":
		return tableHead{end: math.MaxInt64}
	case "text", "sql":
		return tableHead{end: math.MaxInt64, dump: true}
	}
	return tableHead{}
}

// dumpHead returns how many of the first bytes of a text are the head of a dump: up to where it has named the columns of
// its first table, twice if it does.
func dumpHead(b []byte) int {
	b = bytes.ToLower(b[:min(len(b), 2*dumpBytes)])
	from := bytes.Index(b[:min(len(b), dumpBytes)], []byte("create table"))
	if from < 0 {
		return 0
	}
	to := from + bytes.IndexByte(b[from:], ';') + 1
	if insert := bytes.Index(b[to:], []byte("insert into")); to > from && insert >= 0 {
		to += insert + max(0, bytes.Index(b[to+insert:], []byte("values")))
	}
	return max(0, to)
}

// feedDump takes the head of a dump, which lies in its first piece.
func (t *textExtract) feedDump(b []byte, see func([]winnow.Print) error) ([]byte, error) {
	n := dumpHead(b)
	if n == 0 {
		t.head.end = 0
		return b, nil
	}
	err := t.feed(b[:n], see)
	t.head.end = t.stream.Len()
	return b[n:], err
}

// feedHead takes what belongs to the head from the next piece of text, and returns the rest.
func (t *textExtract) feedHead(b []byte, see func([]winnow.Print) error) ([]byte, error) {
	if t.head.dump && t.head.end == math.MaxInt64 && len(b) > 0 {
		return t.feedDump(b, see)
	}
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
		if p.Offset >= t.head.end && !t.later.inHead(p.Offset) {
			dst = append(dst, index.Pair{Hash: p.Hash, Doc: t.draft})
		}
	}
	return dst
}
