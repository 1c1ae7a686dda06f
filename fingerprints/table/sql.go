package table

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
)

var sqlForm = regexp.MustCompile(`(?i)(?:^|[\n;])\s*(?:insert\s+(?:ignore\s+|or\s+\w+\s+)?(?:into\s+)?[\w."\x60\[]|replace\s+into\s|create\s+table\s|copy\s+[\w."]+\s*(?:\([^)]*\)\s*)?from\s+stdin)`)

// looksSQL tells whether a text has statements that make a table or fill it.
func looksSQL(head []byte) bool { return sqlForm.Match(head) }

// sqlText reads the statements of a dump that fill tables: INSERT and COPY, in the dialects of MySQL, PostgreSQL, SQLite
// and SQL Server. Everything else is passed over.
type sqlText struct {
	in      *input
	columns map[string][]string // of CREATE TABLE
	tables  map[string]*assembly
	order   []*assembly
	slashes bool // a backslash escapes, as in MySQL
	at      token
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenName   // a quoted identifier, or a string in double quotes
	tokenString // in single quotes
	tokenMark   // any other character
)

type token struct {
	kind tokenKind
	text string
}

func (t token) is(word string) bool { return t.kind == tokenWord && strings.EqualFold(t.text, word) }
func (t token) mark(c string) bool  { return t.kind == tokenMark && t.text == c }

func (in *input) sql() error {
	head, _ := in.r.Peek(headSize)
	s := &sqlText{
		in: in, columns: map[string][]string{}, tables: map[string]*assembly{},
		slashes: bytes.IndexByte(head, '`') >= 0 || bytes.Contains(head, []byte("MySQL")) || bytes.Contains(head, []byte("MariaDB")),
	}
	err := s.statements()
	if !errors.Is(err, io.EOF) {
		return err
	}
	for _, t := range s.order {
		if err := t.end(); err != nil {
			return err
		}
	}
	return nil
}

func (s *sqlText) statements() error {
	err := s.next()
	for err == nil {
		switch {
		case s.at.is("create"):
			err = s.create()
		case s.at.is("insert"), s.at.is("replace"):
			err = s.insert()
		case s.at.is("copy"):
			err = s.copy()
		default:
			err = s.skip()
		}
	}
	return err
}

// skip goes to the next statement; a dump of SQL Server ends them with a line.
func (s *sqlText) skip() error {
	for {
		if err := s.next(); err != nil {
			return err
		}
		if s.at.mark(";") {
			return s.next()
		}
		if s.at.is("insert") || s.at.is("go") {
			return nil
		}
	}
}

// next reads the next token; io.EOF ends.
func (s *sqlText) next() error {
	r := s.in.r
	for {
		c, err := r.ReadByte()
		if err != nil {
			s.at = token{}
			return err
		}
		switch {
		case c <= ' ' || c == 0xef || c == 0xbb || c == 0xbf:
		case c == '\'':
			s.at = token{tokenString, s.quoted('\'')}
			return nil
		case c == '"' || c == '`':
			s.at = token{tokenName, s.quoted(c)}
			return nil
		case c == '[':
			s.at = token{tokenName, s.quoted(']')}
			return nil
		case c == '#' || c == '-' && s.ahead('-'):
			if err := s.until("\n"); err != nil {
				return err
			}
		case c == '/' && s.ahead('*'):
			if err := s.until("*/"); err != nil {
				return err
			}
		case wordByte(c):
			s.at = token{tokenWord, s.word(c)}
			return nil
		default:
			s.at = token{tokenMark, string(rune(c))}
			return nil
		}
	}
}

func (s *sqlText) ahead(c byte) bool {
	b, err := s.in.r.Peek(1)
	return err == nil && b[0] == c
}

func (s *sqlText) until(end string) error {
	matched := 0
	for matched < len(end) {
		c, err := s.in.r.ReadByte()
		if err != nil {
			return err
		}
		switch {
		case c == end[matched]:
			matched++
		case c == end[0]:
			matched = 1
		default:
			matched = 0
		}
	}
	return nil
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || c == '$' || c == '.' || c >= 0x80
}

func (s *sqlText) word(first byte) string {
	b := []byte{first}
	for {
		c, err := s.in.r.ReadByte()
		if err != nil {
			break
		}
		if !wordByte(c) {
			s.in.r.UnreadByte() // it was just read
			break
		}
		if len(b) < maxCell {
			b = append(b, c)
		}
	}
	return string(b)
}

// quoted reads up to the closing quote, of which two are one.
func (s *sqlText) quoted(quote byte) string {
	var b []byte
	for {
		c, err := s.in.r.ReadByte()
		if err != nil {
			break
		}
		if c == '\\' && s.slashes && quote != ']' {
			if c, err = s.in.r.ReadByte(); err != nil {
				break
			}
			if strings.IndexByte("nrt0Z", c) >= 0 {
				c = ' '
			}
		} else if c == quote {
			if !s.ahead(quote) {
				break
			}
			s.in.r.ReadByte() // it was peeked
		}
		if len(b) < maxCell {
			b = append(b, c)
		}
	}
	return clean(b)
}

// name reads a table's name, of which the last part counts ("public"."staff"), and moves on behind it.
func (s *sqlText) name() (string, error) {
	name := ""
	for s.at.kind == tokenWord || s.at.kind == tokenName || s.at.mark(".") {
		if s.at.kind != tokenMark && strings.Trim(s.at.text, ".") != "" {
			name = s.at.text
		}
		if s.at.is("values") || s.at.is("from") || s.at.is("select") {
			return "", nil
		}
		dotted := s.at.mark(".") || s.at.kind == tokenWord && strings.HasSuffix(s.at.text, ".")
		if err := s.next(); err != nil {
			return "", err
		}
		if !dotted && !s.at.mark(".") && !(s.at.kind == tokenWord && strings.HasPrefix(s.at.text, ".")) {
			break
		}
	}
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		name = name[dot+1:]
	}
	return columnName(name), nil
}

// create notes the columns of a table.
func (s *sqlText) create() error {
	for !s.at.is("table") {
		if err := s.next(); err != nil {
			return err
		}
		if s.at.mark(";") || s.at.mark("(") {
			return s.skipFrom()
		}
	}
	if err := s.next(); err != nil {
		return err
	}
	for s.at.is("if") || s.at.is("not") || s.at.is("exists") {
		if err := s.next(); err != nil {
			return err
		}
	}
	name, err := s.name()
	if err != nil {
		return err
	}
	if !s.at.mark("(") {
		return s.skipFrom()
	}
	columns, err := s.definitions()
	if len(s.columns) < 8*maxTables && name != "" {
		s.columns[strings.ToLower(name)] = columns
	}
	if err != nil {
		return err
	}
	return s.skipFrom()
}

func (s *sqlText) skipFrom() error {
	if s.at.mark(";") {
		return s.next()
	}
	return s.skip()
}

// definitions reads the list in brackets of which each item begins with a column's name.
func (s *sqlText) definitions() (columns []string, err error) {
	depth, begin := 1, true
	for depth > 0 {
		if err := s.next(); err != nil {
			return columns, err
		}
		switch {
		case s.at.mark("("):
			depth++
		case s.at.mark(")"):
			depth--
		case s.at.mark(",") && depth == 1:
			begin = true
			continue
		case begin && (s.at.kind == tokenName || s.at.kind == tokenWord && !constraint(s.at.text)) && len(columns) < maxColumns:
			columns = append(columns, columnName(s.at.text))
		}
		begin = false
	}
	return columns, nil
}

func constraint(w string) bool {
	return slices.Contains([]string{"primary", "key", "unique", "constraint", "index", "foreign", "check", "fulltext", "spatial", "exclude", "period"}, strings.ToLower(w))
}

// insert reads INSERT INTO name (columns) VALUES (...), (...).
func (s *sqlText) insert() error {
	for {
		if err := s.next(); err != nil {
			return err
		}
		if !slices.ContainsFunc([]string{"into", "ignore", "low_priority", "delayed", "or", "replace", "rollback", "abort"}, s.at.is) {
			break
		}
	}
	name, err := s.name()
	if err != nil {
		return err
	}
	columns := s.columns[strings.ToLower(name)]
	if s.at.mark("(") {
		if columns, err = s.definitions(); err == nil {
			err = s.next()
		}
		if err != nil {
			return err
		}
	}
	for !s.at.is("values") && !s.at.is("value") {
		if s.at.mark(";") || s.at.is("select") || s.at.is("insert") {
			return s.skipFrom()
		}
		if err := s.next(); err != nil {
			return err
		}
	}
	t := s.table(name, columns)
	for {
		if err := s.next(); err != nil {
			return err
		}
		if s.at.mark(",") {
			continue
		}
		if !s.at.mark("(") {
			break
		}
		cells, end := s.tuple()
		if t != nil && len(cells) > 0 {
			if err := t.row(cells); err != nil {
				return err
			}
		}
		if end != nil {
			return end
		}
	}
	if s.at.is("insert") || s.at.is("go") {
		return nil
	}
	return s.skipFrom()
}

// table returns the assembly of a table; nil when there are too many.
func (s *sqlText) table(name string, columns []string) *assembly {
	key := strings.ToLower(name) + "\x00" + strings.Join(columns, "\x00")
	t := s.tables[key]
	if t == nil && len(s.order) < maxTables {
		t = &assembly{in: s.in, schema: Schema{Format: "sql", Name: name}, named: true}
		for _, c := range columns {
			t.schema.Columns = append(t.schema.Columns, Column{Name: c})
		}
		s.tables[key], s.order = t, append(s.order, t)
	}
	return t
}

// tuple reads the values up to the closing bracket. A value is its first string, also within a function, or else its word.
func (s *sqlText) tuple() (cells []string, err error) {
	depth, text, isString := 1, "", false
	for {
		if err := s.next(); err != nil {
			return nil, err
		}
		switch {
		case s.at.mark("("):
			depth++
		case s.at.mark(")"):
			depth--
		case s.at.kind == tokenString || s.at.kind == tokenName:
			if !isString {
				text, isString = s.at.text, true
			}
		case s.at.kind == tokenWord && !isString && depth == 1 && !s.at.is("null"):
			text = s.at.text
		}
		if depth == 0 || s.at.mark(",") && depth == 1 {
			if len(cells) < maxColumns {
				cells = append(cells, text)
			}
			text, isString = "", false
		}
		if depth == 0 {
			return cells, nil
		}
	}
}

// copy reads COPY name (columns) FROM stdin; and the lines up to "\.".
func (s *sqlText) copy() error {
	if err := s.next(); err != nil {
		return err
	}
	name, err := s.name()
	if err != nil {
		return err
	}
	columns := s.columns[strings.ToLower(name)]
	if s.at.mark("(") {
		if columns, err = s.definitions(); err != nil {
			return err
		}
	}
	fromInput := false
	for !s.at.mark(";") {
		if err := s.next(); err != nil {
			return err
		}
		fromInput = fromInput || s.at.is("stdin")
	}
	if !fromInput {
		return s.next()
	}
	t := s.table(name, columns)
	if _, err := s.in.line(); err != nil { // the rest of the statement's line
		return err
	}
	unescape := strings.NewReplacer(`\N`, "", `\t`, " ", `\n`, " ", `\r`, " ", `\\`, `\`)
	for {
		l, err := s.in.line()
		if err != nil {
			return err
		}
		if l == `\.` {
			return s.next()
		}
		cells := strings.Split(l, "\t")
		for i := range cells {
			cells[i] = cutCell(unescape.Replace(cells[i]))
		}
		if t != nil {
			if err := t.row(cells); err != nil {
				return err
			}
		}
	}
}
