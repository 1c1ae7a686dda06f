// Package table recognises tables in the text of a known file, whatever it is written in, and yields their schema and
// their rows. It never keeps a row, never decides what may be fingerprinted, and on hostile text it ends, within bounds.
//
// Start at NewReader: text goes in by pieces, tables come out through a Handler.
package table

import (
	"bufio"
	"errors"
	"io"
	"slices"
)

// Kind is what a column holds.
type Kind uint8

// The kinds of column. Those up to Enterprise have a form that can be checked.
const (
	Other    Kind = iota // short words or numbers: a town, a job, a remark of a word or two
	National             // Belgian national register number or BIS number
	BSN                  // Dutch burgerservicenummer
	IBAN
	Email
	Phone
	Enterprise // Belgian enterprise number
	Given
	Family
	Name  // a whole name, or a part of one that is not told apart
	Birth // date of birth
	Date
	Key      // the table's own number of a row
	Constant // the same or next to the same everywhere, yes and no
	FreeText // sentences
	Ignored  // by the operator's word
)

var kindWords = [...]string{"other", "national", "bsn", "iban", "email", "phone", "enterprise", "given", "family", "name", "birth", "date", "key", "constant", "text", "ignore"}

func (k Kind) String() string { return kindWords[k] }

// IsName tells whether a column of this kind names persons.
func (k Kind) IsName() bool { return k == Given || k == Family || k == Name }

// Column is a column of a table.
type Column struct {
	Name string // as the table has it; empty without a header
	Kind Kind
	// MonthFirst tells of a column of days that they are written 12/31/1981; DayOf reads them.
	MonthFirst bool
}

// Schema is what is known of a table before its rows.
type Schema struct {
	Format  string // "csv", "sheet", "sql", "json", "fixed width", "form"
	Name    string // of a table of a database, or the path to the array that it is; else empty
	Columns []Column
}

// Handler takes tables. Several may be open at a time.
type Handler interface {
	// Header tells whether a table's first line is its header when the operator said so.
	Header() (yes, known bool)
	// Table takes a schema, whose kinds it may change, and answers who takes the rows; nil passes the table over.
	Table(*Schema) (Rows, error)
}

// Rows takes the rows of one table.
type Rows interface {
	// Row takes the next row. Its number counts data rows of the whole text from 0: the tables of one text continue. There
	// may be fewer cells than columns.
	Row(number uint32, cells []string) error
	End() error
}

const (
	maxCell    = 4 << 10   // bytes of a cell; the rest is dropped
	maxColumns = 256       // what lies further right is dropped
	maxName    = 200       // bytes of a column's name
	sampleRows = 200       // decide the schema
	sampleSize = 512 << 10 // or this many bytes of rows
	headSize   = 64 << 10  // decides the format
	maxTables  = 128       // open at a time
)

// Reader takes a text in pieces. Make it with NewReader, and Close it.
type Reader struct {
	pieces chan []byte
	quit   chan struct{} // closed when the parser wants no more
	err    error         // after quit
	closed bool
}

// pieceSize is how much is handed over at a time; the parser may be a few pieces behind.
const pieceSize = 64 << 10

// NewReader begins a text of a part of this kind, as package open names it. Rows reach h from another goroutine, until
// Close returns.
func NewReader(kind string, h Handler) *Reader {
	r := &Reader{pieces: make(chan []byte, 4), quit: make(chan struct{})}
	go func() {
		defer close(r.quit)
		r.err = read(kind, bufio.NewReaderSize(&pieceReader{from: r.pieces}, headSize), h)
	}()
	return r
}

// Write takes the next piece of UTF-8 text; pieces may be cut anywhere. Its error is the handler's.
func (r *Reader) Write(p []byte) (int, error) {
	for at := 0; at < len(p); at += pieceSize {
		select {
		case r.pieces <- slices.Clone(p[at:min(at+pieceSize, len(p))]):
		case <-r.quit:
			return len(p), r.err
		}
	}
	return len(p), nil
}

// Close ends the text and waits for the last row.
func (r *Reader) Close() error {
	if !r.closed {
		r.closed = true
		close(r.pieces)
	}
	<-r.quit
	return r.err
}

type pieceReader struct {
	from chan []byte
	rest []byte
}

func (p *pieceReader) Read(b []byte) (int, error) {
	for len(p.rest) == 0 {
		piece, more := <-p.from
		if !more {
			return 0, io.EOF
		}
		p.rest = piece
	}
	n := copy(b, p.rest)
	p.rest = p.rest[n:]
	return n, nil
}

// read finds the format by the first bytes and reads the whole text accordingly. Forms are read in the first headSize
// bytes, of what is no table.
func read(kind string, r *bufio.Reader, h Handler) error {
	head, err := r.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) {
		return err
	}
	whole := err != nil
	in := &input{r: r, h: h}
	switch kind {
	case "text", "csv", "tsv", "sql", "json":
		text := trimBOM(head)
		if looksJSON(text) {
			return in.json()
		}
		if looksSQL(text) {
			return in.sql()
		}
		sep, separated := delimiter(text, whole)
		cuts, laidOut := fixedCuts(text, whole)
		if separated && !(laidOut && sep == ',' && commas(text) < len(cuts)-1) {
			return in.delimited(sep)
		}
		if laidOut {
			return in.fixed(cuts)
		}
	}
	text := string(head) // reading on overwrites head
	f := &form{}
	if err := in.sheets(kind, f); err != nil || in.tables > 0 {
		return err
	}
	if rows := f.end(text); len(rows) > 0 {
		return in.form(rows)
	}
	return nil
}

func trimBOM(b []byte) []byte {
	if len(b) >= 3 && b[0] == 0xef && b[1] == 0xbb && b[2] == 0xbf {
		return b[3:]
	}
	return b
}

// input is a text that is read, with what the tables of it share.
type input struct {
	r      *bufio.Reader
	h      Handler
	rows   uint32 // data rows so far
	tables int    // that had rows
}
