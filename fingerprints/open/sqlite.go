package open

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// sqlite reads the tables of a database file (www.sqlite.org/fileformat2.html) without running any of SQLite on it:
// each as a line of column names and lines of tab separated values, an empty line between two. A page is read once at
// most, so that trees that run in circles end. Files of some size within the rows become members.
type sqlite struct {
	it     *item
	n      node
	out    *textOut
	c      content
	page   int64
	usable int64
	coding uint32
	seen   []uint64 // a bit a page
	wrong  error
	blobs  int
	read   int64 // bytes of rows; honest ones do not overlap, so that there are no more than the file has
}

const (
	sqliteMagic = "SQLite format 3\x00"
	// sqliteDeep bounds the depth of a tree; the format itself stays below twenty.
	sqliteDeep = 40
	// sqliteValue bounds one row, in bytes.
	sqliteValue = 64 << 20
	// blobMin is the size from which a value of bytes is opened, and blobMost how many of one file are.
	blobMin, blobMost = 64, 20_000
)

func (it *item) sqlite(n node, c content) error {
	var h [100]byte
	if got, _ := c.ReadAt(h[:], 0); got < len(h) {
		return ErrTruncated
	}
	if string(h[:len(sqliteMagic)]) != sqliteMagic {
		return it.sqlitePiece(n, c)
	}
	be := binary.BigEndian
	d := &sqlite{it: it, n: n, out: it.textOut(n, 0), c: c, page: int64(be.Uint16(h[16:])), coding: be.Uint32(h[56:])}
	if d.page == 1 {
		d.page = 64 << 10
	}
	if d.usable = d.page - int64(h[20]); d.page < 512 || d.page&(d.page-1) != 0 || d.usable < 480 {
		return ErrDamaged
	}
	d.seen = make([]uint64, (c.Size()/d.page+1)/64+1)
	if c.Size() < d.page*int64(be.Uint32(h[28:])) {
		d.wrong = ErrTruncated
	}
	var tables []sqliteTable
	d.tree(1, 0, func(_ int64, row []any) {
		if t, ok := tableOf(row); ok && len(tables) < 10_000 {
			tables = append(tables, t)
		}
	})
	for i, t := range tables {
		if i > 0 {
			d.out.string("\n")
		}
		d.out.string(strings.Join(t.columns, "\t") + "\n")
		d.tree(t.root, 0, func(id int64, row []any) { d.row(t, id, row) })
		if it.fatal != nil {
			return it.fatal
		}
	}
	if d.wrong != nil {
		d.orphans()
	}
	return errors.Join(d.wrong, d.out.close())
}

// orphans reads the rows on pages that no tree led to, as when the pages above them are lost.
func (d *sqlite) orphans() {
	var kind [1]byte
	for at := range min(d.c.Size()/d.page+1, int64(len(d.seen))*64) {
		if d.seen[at/64]&(1<<(at%64)) != 0 || d.it.fatal != nil {
			continue
		}
		if n, _ := d.c.ReadAt(kind[:], at*d.page); n == 1 && kind[0] == 13 {
			d.tree(uint32(at+1), 0, func(id int64, row []any) { d.row(sqliteTable{id: -1}, id, row) })
		}
	}
}

// sqliteTable is one table as the schema describes it.
type sqliteTable struct {
	root    uint32
	columns []string
	id      int // the column that is the number of the row, -1 when none is
}

func tableOf(row []any) (sqliteTable, bool) {
	if len(row) < 5 || row[0] != "table" {
		return sqliteTable{}, false
	}
	name, _ := row[1].(string)
	root, _ := row[3].(int64)
	sql, _ := row[4].(string)
	if root < 2 || root > math.MaxUint32 || strings.HasPrefix(name, "sqlite_") {
		return sqliteTable{}, false
	}
	t := sqliteTable{root: uint32(root), id: -1}
	for _, c := range columnDefinitions(sql) {
		name, rest := columnName(c)
		if name == "" {
			continue
		}
		if words := strings.Fields(strings.ToUpper(rest)); len(words) >= 3 && words[0] == "INTEGER" && words[1] == "PRIMARY" {
			t.id = len(t.columns)
		}
		t.columns = append(t.columns, plainCell(name))
	}
	return t, true
}

// columnDefinitions cuts the list of a CREATE TABLE at its outer commas.
func columnDefinitions(sql string) []string {
	_, list, found := strings.Cut(sql, "(")
	if !found {
		return nil
	}
	var defs []string
	start, depth := 0, 0
	quote := byte(0)
	for i := 0; i < len(list); i++ {
		c := list[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == '[':
			quote = ']'
		case c == '(':
			depth++
		case c == ',' && depth == 0:
			defs = append(defs, list[start:i])
			start = i + 1
		case c == ')':
			if depth--; depth < 0 {
				return append(defs, list[start:i])
			}
		}
	}
	return append(defs, list[start:])
}

// columnName parts a definition into name and type; the name is empty for constraints of the whole table.
func columnName(def string) (name, rest string) {
	def = strings.TrimSpace(def)
	if def == "" {
		return "", ""
	}
	if i := strings.IndexByte("\"'`[", def[0]); i >= 0 {
		end := strings.IndexByte(def[1:], "\"'`]"[i])
		if end < 0 {
			return "", ""
		}
		return def[1 : 1+end], def[2+end:]
	}
	words := strings.Fields(def)
	switch strings.ToUpper(words[0]) {
	case "CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN":
		return "", ""
	}
	return words[0], def[len(words[0]):]
}

// tree visits the rows of a table's tree, in order.
func (d *sqlite) tree(number uint32, deep int, visit func(id int64, row []any)) {
	if d.it.fatal != nil {
		return
	}
	at := int64(number) - 1
	if number == 0 || at >= int64(len(d.seen))*64 || deep > sqliteDeep || d.seen[at/64]&(1<<(at%64)) != 0 {
		d.fault(ErrDamaged)
		return
	}
	d.seen[at/64] |= 1 << (at % 64)
	page := make([]byte, d.page)
	if got, _ := d.c.ReadAt(page, at*d.page); int64(got) < d.page {
		d.fault(ErrTruncated)
		if page = page[:got]; got < 120 {
			return
		}
	}
	head := page
	if number == 1 {
		head = page[100:]
	}
	be := binary.BigEndian
	kind, cells := head[0], int(be.Uint16(head[3:]))
	pointers := 8
	if kind == 5 || kind == 2 {
		pointers = 12
	}
	for i := range cells {
		p := pointers + 2*i
		if p+2 > len(head) {
			d.fault(ErrDamaged)
			return
		}
		if d.it.fatal != nil || d.read > 2*d.c.Size() {
			d.fault(ErrDamaged)
			return
		}
		cell := int(be.Uint16(head[p:]))
		if cell+4 >= len(page) {
			d.fault(ErrDamaged)
			continue
		}
		d.cell(kind, page[cell:], deep, visit)
	}
	if kind == 5 || kind == 2 {
		d.tree(be.Uint32(head[8:]), deep+1, visit)
	}
}

// fault remembers what was wrong first.
func (d *sqlite) fault(err error) {
	if d.wrong == nil {
		d.wrong = err
	}
}

// cell reads one cell of a page: of an inner page the child before it, of a leaf the row. Tables without row numbers
// have their rows in trees of the other sort, on inner pages too.
func (d *sqlite) cell(kind byte, b []byte, deep int, visit func(int64, []any)) {
	if kind == 5 || kind == 2 {
		d.tree(binary.BigEndian.Uint32(b), deep+1, visit)
		b = b[4:]
	}
	if kind == 5 {
		return
	}
	size, n := sqliteVarint(b)
	b = b[n:]
	id := int64(0)
	if kind == 13 {
		id, n = sqliteVarint(b)
		b = b[n:]
	}
	if n == 0 || size < 1 || size > sqliteValue || kind != 13 && kind != 10 && kind != 2 {
		d.fault(ErrDamaged)
		return
	}
	d.read += size
	if payload, ok := d.payload(b, size, kind == 13); ok {
		if row, ok := d.record(payload); ok {
			visit(id, row)
			return
		}
	}
	d.fault(ErrDamaged)
}

// row writes one row, and opens the files in it.
func (d *sqlite) row(t sqliteTable, id int64, row []any) {
	for i, v := range row {
		if i > 0 {
			d.out.string("\t")
		}
		switch v := v.(type) {
		case nil:
			if i == t.id {
				d.out.string(strconv.FormatInt(id, 10))
			}
		case int64:
			d.out.string(strconv.FormatInt(v, 10))
		case float64:
			d.out.string(strconv.FormatFloat(v, 'f', -1, 64))
		case string:
			d.out.string(plainCell(v))
		case []byte:
			d.blob(id, i, v)
		}
	}
	d.out.string("\n")
}

func (d *sqlite) blob(id int64, column int, b []byte) {
	if len(b) < blobMin {
		return
	}
	switch d.blobs++; {
	case d.n.depth >= d.it.limits.Depth:
		d.fault(&LimitError{Limit: "depth"})
	case d.blobs > blobMost:
		d.fault(&LimitError{Limit: "parts"})
	default:
		d.it.member(d.n, fmt.Sprintf("row%d.%d", id, column+1), int64(len(b)), io.Reader(strings.NewReader(string(b))))
	}
}

// plainCell keeps a value on its line and in its column.
func plainCell(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '\t' || r == '\n' || r == '\r' {
			return ' '
		}
		return r
	}, s)
}
