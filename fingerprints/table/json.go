package table

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// ReadsAll tells by the beginning of a text whether it is JSON in whose strings nothing else is written: of escapes it
// has only those for characters beyond ASCII, and the slash. A text without them holds the same tables.
func ReadsAll(head []byte) bool {
	if !looksJSON(trimBOM(head)) {
		return false
	}
	for {
		i := bytes.IndexByte(head, '\\')
		if i < 0 || i+1 == len(head) {
			return true
		}
		if head[i+1] != 'u' && head[i+1] != '/' {
			return false
		}
		head = head[i+2:]
	}
}

// looksJSON tells whether a text begins as an object or an array does.
func looksJSON(head []byte) bool {
	head = bytes.TrimLeft(head, " \t\r\n")
	if len(head) < 2 {
		return false
	}
	rest := bytes.TrimLeft(head[1:], " \t\r\n")
	if len(rest) == 0 {
		return false
	}
	switch head[0] {
	case '{':
		return rest[0] == '"'
	case '[':
		return bytes.IndexByte([]byte(`{["`), rest[0]) >= 0
	}
	return false
}

// maxDepth is how deep a JSON text may nest; the rest is not read.
const maxDepth = 64

var errJSON = errors.New("no JSON from here on")

// jsonText reads objects of arrays, lines of objects, objects by key, and arrays of arrays as rows. Nested objects are
// flattened with dotted names.
type jsonText struct {
	in     *input
	tables map[string]*jsonTable
	order  []*jsonTable
}

type jsonTable struct {
	*assembly
	at map[string]int
}

// fields is an object that becomes a row.
type fields struct{ names, values []string }

func (f *fields) add(name, value string) {
	if len(f.names) < maxColumns {
		f.names, f.values = append(f.names, name), append(f.values, value)
	}
}

func (in *input) json() error {
	if b, _ := in.r.Peek(3); len(b) == 3 && len(trimBOM(b)) == 0 {
		in.r.Discard(3) // it was peeked
	}
	j := &jsonText{in: in, tables: map[string]*jsonTable{}}
	var err error
	for err == nil {
		var c byte
		if c, err = j.peek(); err != nil {
			break
		}
		switch c {
		case '{':
			err = j.root()
		case '[':
			err = j.array("", nil, "", 1)
		case ',':
			j.in.r.Discard(1) // it was peeked
		default:
			err = errJSON
		}
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, errJSON) {
		return err
	}
	for _, t := range j.order {
		if err := t.end(); err != nil {
			return err
		}
	}
	return nil
}

// root reads an object at the top: a line of many, or what holds the arrays. The latter's own fields are no row.
func (j *jsonText) root() error {
	before := j.in.rows
	var f fields
	err := j.object("", &f, "", 1)
	if err != nil && j.in.rows == before && len(f.names) == 0 {
		return err
	}
	known := 0
	for _, n := range f.names {
		if _, ok := byName(n); ok {
			known++
		}
	}
	if j.in.rows == before && len(f.names) >= 2 || known >= 2 {
		return errors.Join(j.emit("", &f), err)
	}
	return err
}

// emit passes a row on to the table of this path.
func (j *jsonText) emit(path string, f *fields) error {
	if len(f.names) == 0 {
		return nil
	}
	t := j.tables[path]
	if t == nil {
		if len(j.order) >= maxTables {
			return nil
		}
		t = &jsonTable{&assembly{in: j.in, named: true, schema: Schema{Format: "json", Name: columnName(path)}}, map[string]int{}}
		j.tables[path], j.order = t, append(j.order, t)
	}
	cells := make([]string, len(t.schema.Columns), maxColumns)
	for i, name := range f.names {
		at, ok := t.at[name]
		if !ok {
			if t.decided || len(t.at) >= maxColumns {
				continue
			}
			at = len(t.at)
			t.at[name] = at
			t.schema.Columns = append(t.schema.Columns, Column{Name: columnName(name)})
			cells = append(cells, "")
		}
		cells[at] = f.values[i]
	}
	return t.row(cells)
}

// emitRow passes an array of scalars on.
func (j *jsonText) emitRow(path string, cells []string) error {
	path += "[]"
	t := j.tables[path]
	if t == nil {
		if len(j.order) >= maxTables {
			return nil
		}
		t = &jsonTable{&assembly{in: j.in, schema: Schema{Format: "json", Name: columnName(path)}}, nil}
		j.tables[path], j.order = t, append(j.order, t)
	}
	return t.row(cells)
}

// peek returns the next byte that is no white space.
func (j *jsonText) peek() (byte, error) {
	for {
		b, err := j.in.r.ReadByte()
		if err != nil {
			return 0, err
		}
		if b != ' ' && b != '\t' && b != '\r' && b != '\n' {
			return b, j.in.r.UnreadByte()
		}
	}
}

func (j *jsonText) expect(want byte) error {
	b, err := j.peek()
	if err != nil {
		return err
	}
	if b != want {
		return errJSON
	}
	j.in.r.Discard(1) // it was peeked
	return nil
}

// object reads an object into f, its names after prefix. Objects within it that are alike, where it has nothing of its
// own, are rows by key.
func (j *jsonText) object(path string, f *fields, prefix string, depth int) error {
	if depth > maxDepth {
		return errJSON
	}
	if err := j.expect('{'); err != nil {
		return err
	}
	var children []child
	byKey := false
	for {
		c, err := j.peek()
		if err != nil {
			return err
		}
		switch c {
		case '}':
			j.in.r.Discard(1) // it was peeked
			for _, ch := range children {
				ch.flatten(f)
			}
			return nil
		case ',':
			j.in.r.Discard(1) // it was peeked
			continue
		}
		name, err := j.text()
		if err == nil {
			err = j.expect(':')
		}
		if err != nil {
			return err
		}
		if c, err = j.peek(); err != nil {
			return err
		}
		if c != '{' || prefix != "" {
			if err := j.member(path, f, prefix+name, depth); err != nil {
				return err
			}
			continue
		}
		ch := child{key: name}
		err = j.object(join(path, name), &ch.fields, "", depth+1)
		children = append(children, ch)
		if byKey = byKey || len(f.names) == 0 && len(children) <= 2*few && alike(children); byKey {
			for _, ch := range children {
				ch.add("key", ch.key)
				err = errors.Join(err, j.emit(join(path, "*"), &ch.fields))
			}
			children = children[:0]
		}
		if len(children) > maxColumns {
			children = children[:maxColumns]
		}
		if err != nil {
			return err
		}
	}
}

type child struct {
	fields
	key string
}

func (c *child) flatten(f *fields) {
	for i, n := range c.names {
		f.add(c.key+"."+n, c.values[i])
	}
}

// alike tells whether the first few objects have mostly the same names.
func alike(children []child) bool {
	if len(children) < 3 {
		return false
	}
	have := map[string]int{}
	least := maxColumns
	for _, c := range children {
		least = min(least, len(c.names))
		for _, n := range c.names {
			have[n]++
		}
	}
	shared := 0
	for _, n := range have {
		if n == len(children) {
			shared++
		}
	}
	return shared >= 2 && 3*shared >= 2*least
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	if len(path) > 4*maxName {
		return path
	}
	return path + "." + name
}

// member reads a value of an object.
func (j *jsonText) member(path string, f *fields, name string, depth int) error {
	if len(name) > 4*maxName {
		name = name[:4*maxName]
	}
	c, err := j.peek()
	if err != nil {
		return err
	}
	switch c {
	case '{':
		return j.object(join(path, name), f, name+".", depth+1)
	case '[':
		return j.array(join(path, name), f, name, depth+1)
	}
	v, err := j.scalar()
	if err == nil {
		f.add(name, v)
	}
	return err
}

// few is how many objects in an array of a row are still that row's own, such as its addresses.
const few = 3

// array reads an array: objects are rows, arrays of scalars are rows, scalars are one cell of the object that has them.
func (j *jsonText) array(path string, owner *fields, name string, depth int) error {
	if depth > maxDepth {
		return errJSON
	}
	if err := j.expect('['); err != nil {
		return err
	}
	var scalars []string
	var held []fields
	own := owner != nil && len(owner.names) >= few
	for {
		c, err := j.peek()
		if err != nil {
			return err
		}
		switch c {
		case ']':
			j.in.r.Discard(1) // it was peeked
			for i, h := range held {
				(&child{h, name + "." + strconv.Itoa(i)}).flatten(owner)
			}
			if owner == nil {
				return j.arrayRow(path, scalars)
			}
			if len(scalars) > 0 {
				owner.add(name, strings.Join(scalars, " "))
			}
			return nil
		case ',':
			j.in.r.Discard(1) // it was peeked
			continue
		case '{':
			var f fields
			if err = j.object(path, &f, "", depth+1); err == nil {
				held = append(held, f)
			}
			if !own || len(held) > few {
				own = false
				for i := range held {
					err = errors.Join(err, j.emit(path, &held[i]))
				}
				held = held[:0]
			}
		case '[':
			err = j.array(path, nil, "", depth+1)
		default:
			var v string
			if v, err = j.scalar(); len(scalars) < maxColumns {
				scalars = append(scalars, v)
			}
		}
		if err != nil {
			return err
		}
	}
}

func (j *jsonText) arrayRow(path string, scalars []string) error {
	if len(scalars) < 2 {
		return nil
	}
	return j.emitRow(path, scalars)
}

// scalar reads a string, a number or a word; null is empty.
func (j *jsonText) scalar() (string, error) {
	c, err := j.peek()
	if err != nil {
		return "", err
	}
	if c == '"' {
		return j.text()
	}
	var b []byte
	for len(b) < maxName {
		c, err := j.in.r.ReadByte()
		if err != nil {
			break
		}
		if strings.IndexByte(",]} \t\r\n", c) >= 0 {
			err = j.in.r.UnreadByte()
			if err != nil {
				return "", err
			}
			break
		}
		b = append(b, c)
	}
	if len(b) == 0 || len(b) == maxName || bytes.IndexByte([]byte("-0123456789tfnNI"), b[0]) < 0 {
		return "", errJSON
	}
	if string(b) == "null" {
		return "", nil
	}
	return string(b), nil
}

// text reads a string; beyond maxCell bytes it is read but not kept.
func (j *jsonText) text() (string, error) {
	if err := j.expect('"'); err != nil {
		return "", err
	}
	var b []byte
	for {
		c, err := j.in.r.ReadByte()
		if err != nil {
			return "", err
		}
		switch c {
		case '"':
			return clean(b), nil
		case '\\':
			r, err := j.escape()
			if err != nil {
				return "", err
			}
			if len(b) < maxCell {
				b = utf8.AppendRune(b, r)
			}
		default:
			if len(b) < maxCell {
				b = append(b, c)
			}
		}
	}
}

func (j *jsonText) escape() (rune, error) {
	c, err := j.in.r.ReadByte()
	if err != nil {
		return 0, err
	}
	switch c {
	case 'n', 'r', 't', 'b', 'f':
		return ' ', nil
	case 'u':
		r, err := j.hex4()
		if err != nil || !utf16.IsSurrogate(r) {
			return r, err
		}
		if ahead, err := j.in.r.Peek(2); err != nil || string(ahead) != `\u` {
			return utf8.RuneError, nil
		}
		j.in.r.Discard(2) // it was peeked
		low, err := j.hex4()
		return utf16.DecodeRune(r, low), err
	}
	return rune(c), nil
}

func (j *jsonText) hex4() (rune, error) {
	var b [4]byte
	if _, err := io.ReadFull(j.in.r, b[:]); err != nil {
		return 0, err
	}
	n, err := strconv.ParseUint(string(b[:]), 16, 32)
	if err != nil {
		return utf8.RuneError, nil
	}
	return rune(n), nil
}
