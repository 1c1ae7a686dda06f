package open

import (
	"bytes"
	"errors"
	"slices"
	"unicode/utf8"
)

// A piece of a database without its beginning has no schema, and where its pages begin is not known. Its rows are found
// all the same: a row tells its own length twice, once as a number and once by the sum of its values.

const (
	sqliteRowMin  = 12       // bytes of a row that is looked for
	sqliteRowMost = 16 << 10 // larger ones mostly have overflow pages
	sqliteRowHead = 512      // bytes of what tells of its values; more are no row of a table about people
	sqliteSniff   = 16 << 10
	sqliteWindow  = 256 << 10
)

// hasSQLiteRows tells a piece of a database by two rows that lie next to each other, which chance does not make. Rows
// must be much of the beginning: what merely holds a database further on is something else.
func hasSQLiteRows(b []byte) bool {
	b = b[:min(len(b), sqliteSniff)]
	adjacent, filled, after := false, 0, false
	for at := 0; at+sqliteRowMin < len(b); {
		n := sqliteRowAt(b[at:])
		adjacent = adjacent || after && n > 0
		after = n > 0
		filled += n
		at += max(n, 1)
	}
	return adjacent && filled >= (len(b)-bytes.Count(b, []byte{0}))/3
}

// sqliteRowAt is the length of the cell of a table at the start of b, or 0: its size, its number, and values of which
// some are text and which make up the size.
func sqliteRowAt(b []byte) int {
	size, n := sqliteVarint(b[:min(len(b), 3)])
	if n == 0 || size < sqliteRowMin || size > sqliteRowMost {
		return 0
	}
	id, k := sqliteVarint(b[n:])
	if k == 0 || id < 0 || int64(len(b)-n-k) < size {
		return 0
	}
	payload := b[n+k:][:size]
	header, h := sqliteVarint(payload)
	if h == 0 || header < 3 || header > min(size, sqliteRowHead) {
		return 0
	}
	var text, sum int64
	each := func(see func(kind, long int64) bool) bool {
		for types := payload[h:header]; len(types) > 0; {
			t, w := sqliteVarint(types)
			if w == 0 || t < 0 || t == 10 || t == 11 || !see(t, sqliteSize(t)) {
				return false
			}
			types = types[w:]
		}
		return true
	}
	if !each(func(_, long int64) bool { sum += long; return sum <= size }) || header+sum != size {
		return 0
	}
	body := payload[header:]
	plain := each(func(kind, long int64) bool {
		ok := true
		if kind >= 13 && kind%2 == 1 {
			text, ok = text+long, plainSQLiteText(body[:long])
		}
		body = body[long:]
		return ok
	})
	if !plain || text < 4 {
		return 0
	}
	return n + k + int(size)
}

func plainSQLiteText(b []byte) bool {
	return utf8.Valid(b) && !bytes.ContainsFunc(b, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
}

// sqlitePiece writes the rows of a database of which the beginning is missing.
func (it *item) sqlitePiece(n node, c content) error {
	d := &sqlite{it: it, n: n, out: it.textOut(n, 0), c: c}
	var rows [][]any // of one page, the last one first, as they lie in it
	flush := func() {
		for _, row := range slices.Backward(rows) {
			d.row(sqliteTable{id: -1}, 0, row)
		}
		rows = rows[:0]
	}
	window := make([]byte, sqliteWindow)
	for at := int64(0); at < c.Size() && it.fatal == nil; {
		got, err := c.ReadAt(window, at)
		if got == 0 {
			return errors.Join(err, d.out.close())
		}
		b, last := window[:got], at+int64(got) >= c.Size()
		used := 0
		for used < len(b) && (last || len(b)-used > sqliteRowMost+12) {
			k := sqliteRowAt(b[used:])
			if k == 0 {
				flush()
				used++
				continue
			}
			_, skip := sqliteVarint(b[used:])
			_, more := sqliteVarint(b[used+skip:])
			if row, ok := d.record(bytes.Clone(b[used+skip+more : used+k])); ok {
				rows = append(rows, row)
			}
			used += k
		}
		at += int64(used)
	}
	flush()
	if it.fatal != nil {
		return it.fatal
	}
	return errors.Join(ErrTruncated, d.out.close())
}
