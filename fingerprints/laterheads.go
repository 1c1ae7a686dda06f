package fingerprints

import (
	"bytes"
	"math"
	"regexp"
	"slices"

	"unmirror/fingerprints/table"
	"unmirror/fingerprints/winnow"
)

// A text can hold several tables: the sheets of a workbook, the tables of a dump. The head of each is schema as much as
// the first one's. Later heads are found line by line.
type laterHeads struct {
	lines, statements bool     // what may be a head: a line of column names, a statement of a dump
	held              []byte   // the beginning of a line of which the rest has not come
	inCreate          int      // lines left of CREATE TABLE
	inInsert          bool     // VALUES has not come
	spans             []header // in canonical text, ascending
}

// header is where a head lies, as offsets in canonical text.
type header struct{ from, to int64 }

const (
	// mostCreate bounds the lines of a statement that makes a table.
	mostCreate = 300
	// mostHeadDigits is how many digits a line of column names has at most.
	mostHeadDigits = 8
)

func newLaterHeads(kind string) laterHeads {
	switch kind {
	case "csv", "tsv", "xlsx", "xls", "ods", "sqlite":
		return laterHeads{lines: true}
	case "text", "sql":
		return laterHeads{lines: true, statements: true}
	}
	return laterHeads{lines: true} // a document may hold a table
}

// feedLater takes what follows a text's first head.
func (t *textExtract) feedLater(b []byte, see func([]winnow.Print) error) error {
	h := &t.later
	if !h.lines {
		return t.feed(b, see)
	}
	if len(h.held) > 0 {
		b = append(h.held, b...)
		h.held = nil
	}
	plain := 0 // from here on nothing is fed yet
	for at := 0; at < len(b); {
		end := at + bytes.IndexByte(b[at:], '\n') + 1
		if end == at {
			if len(b)-at > mostHead {
				break
			}
			h.held = slices.Clone(b[at:])
			return t.feed(b[plain:at], see)
		}
		if n := h.head(b[at:end]); n > 0 {
			if err := t.feedSpan(b[plain:at], b[at:at+n], see); err != nil {
				return err
			}
			plain = at + n
		}
		at = end
	}
	return t.feed(b[plain:], see)
}

// feedSpan takes what stands before a head, and the head.
func (t *textExtract) feedSpan(before, head []byte, see func([]winnow.Print) error) error {
	if err := t.feed(before, see); err != nil {
		return err
	}
	t.later.spans = append(t.later.spans, header{t.stream.Len(), math.MaxInt64})
	err := t.feed(head, see)
	t.later.spans[len(t.later.spans)-1].to = t.stream.Len()
	return err
}

// endLater takes what was held back.
func (t *textExtract) endLater(see func([]winnow.Print) error) error {
	held := t.later.held
	t.later.held = nil
	return t.feed(held, see)
}

// inHead tells whether a passage begins in a later head; offsets ascend.
func (h *laterHeads) inHead(offset int64) bool {
	for len(h.spans) > 0 && h.spans[0].to <= offset {
		h.spans = h.spans[1:]
	}
	return len(h.spans) > 0 && h.spans[0].from <= offset
}

// head returns how much of the beginning of a line names columns or tables.
func (h *laterHeads) head(line []byte) int {
	if h.statements {
		if n := h.statement(line); n > 0 {
			return n
		}
	}
	if len(line) <= mostHead && headDigits(line) <= mostHeadDigits && table.IsHead(string(line)) {
		return len(line)
	}
	return 0
}

// headDigits counts a line's digits, but for those that number columns of one name: vraag 1, vraag 2, vraag 3.
func headDigits(line []byte) (digits int) {
	for _, c := range line {
		if c >= '0' && c <= '9' {
			digits++
		}
	}
	if digits <= mostHeadDigits {
		return digits
	}
	series := map[string]int{}
	for _, m := range numberedColumn.FindAllSubmatch(line, -1) {
		name := string(bytes.ToLower(m[1]))
		if series[name]++; series[name] == fewestNumbered {
			digits -= fewestNumbered * len(m[2])
		} else if series[name] > fewestNumbered {
			digits -= len(m[2])
		}
	}
	return digits
}

// numberedColumn is a column's name that ends with its number, and fewestNumbered how many of them are a series.
var numberedColumn = regexp.MustCompile(`([A-Za-z]+)[ _.-]?(\d{1,3})(?:[\s;,|"'\x60]|$)`)

const fewestNumbered = 3

// statement returns how much of a line belongs to a statement that makes a table, or leads to the rows of one.
func (h *laterHeads) statement(line []byte) int {
	if h.inCreate > 0 {
		h.inCreate--
		if bytes.IndexByte(line, ';') >= 0 {
			h.inCreate = 0
		}
		return len(line)
	}
	text := bytes.TrimLeft(line, " \t")
	begins := func(word string) bool {
		return len(text) >= len(word) && bytes.EqualFold(text[:len(word)], []byte(word))
	}
	switch {
	case h.inInsert:
		h.inInsert = false
		return h.toValues(line)
	case begins("create ") && bytes.IndexByte(text, '(') >= 0:
		if bytes.IndexByte(text, ';') < 0 {
			h.inCreate = mostCreate
		}
		return len(line)
	case begins("insert into "), begins("insert ignore into "), begins("insert or "), begins("replace into "):
		n := h.toValues(line)
		h.inInsert = n == len(line)
		return n
	case begins("create table "), begins("drop table "), begins("lock tables "), begins("unlock tables"), begins("alter table "),
		begins("copy ") && bytes.Contains(bytes.ToLower(text), []byte("from stdin")):
		return len(line)
	}
	return 0
}

// toValues returns where the rows begin in a line, or its length.
func (h *laterHeads) toValues(line []byte) int {
	if at := bytes.Index(bytes.ToLower(line[:min(len(line), mostHead)]), []byte("values")); at >= 0 {
		return at + len("values")
	}
	return len(line)
}
