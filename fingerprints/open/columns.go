package open

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strings"
)

// columns watches a text for a table that was written column by column: a line for each column, columns one under the other, or lists
// in a JSON object. Then what tells of one person stands far apart, and nothing of it could be put together. The rows become a
// member, with a line for each.
type columns struct {
	text []byte
	not  bool // it is none, or too long
	json bool
	told bool // the rows were given
}

const (
	// columnsMost bounds the text that is turned round, in bytes.
	columnsMost = 1 << 20
	// fewestTurned is of how many rows it takes to tell; fewer stand near enough to each other. mostTurned is how many columns there may be.
	fewestTurned = 3
	mostTurned   = 64
	// columnLine is how long the lines of a column are at most on average.
	columnLine = 64
)

// rowsName is the member with the rows.
const rowsName = "rows"

// see takes the next piece of the text; at the last one it gives the rows, nil when the text is no such table.
func (c *columns) see(b []byte, last bool) []byte {
	if c.not {
		return nil
	}
	if len(c.text) == 0 && len(b) > 0 {
		c.json = beginsObject(b)
		c.not = !c.json && !mayBeColumns(b)
	}
	if c.not = c.not || len(c.text)+len(b) > columnsMost; c.not {
		c.text = nil
		return nil
	}
	c.text = append(c.text, b...)
	if !last {
		return nil
	}
	text := c.text
	c.text, c.not = nil, true
	if c.json {
		return turned(listsOf(text))
	}
	lines := bytes.Split(bytes.Trim(text, " \r\n"), []byte{'\n'}) // a tab at the end is an empty cell
	if rows := turned(acrossLines(lines)); rows != nil {
		return rows
	}
	return turned(stacked(lines))
}

// beginsObject tells whether a text is a JSON object whose first value is a list or an object.
func beginsObject(b []byte) bool {
	rest, ok := bytes.CutPrefix(bytes.TrimLeft(b, " \t\r\n\ufeff"), []byte{'{'})
	if rest = bytes.TrimLeft(rest, " \t\r\n"); !ok || len(rest) == 0 || rest[0] != '"' {
		return false
	}
	_, rest, ok = bytes.Cut(rest[1:], []byte{'"'})
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if !ok || len(rest) < 2 || rest[0] != ':' {
		return false
	}
	rest = bytes.TrimLeft(rest[1:], " \t\r\n")
	return len(rest) > 0 && (rest[0] == '[' || rest[0] == '{')
}

// mayBeColumns asks for few lines, or short ones.
func mayBeColumns(b []byte) bool {
	n := bytes.Count(b, []byte{'\n'}) + 1
	return n <= 2*mostTurned || len(b) <= columnLine*n
}

// acrossLines reads lines of as many cells each, of which the first is the column's name.
func acrossLines(lines [][]byte) [][]string {
	if len(lines) < 2 || len(lines) > 2*mostTurned {
		return nil
	}
	for _, sep := range []byte("\t;|,") {
		if bytes.Count(lines[0], []byte{sep}) < fewestTurned {
			continue
		}
		var all [][]string
		formed := false
		for _, l := range lines {
			if l = bytes.Trim(l, " \r"); len(bytes.TrimSpace(l)) == 0 {
				continue
			}
			cells := cellsOf(string(l), sep)
			if len(all) > 0 && len(cells) != len(all[0]) || len(all) == mostTurned {
				all = nil
				break
			}
			all = append(all, cells)
			formed = formed || oneForm(cells[1:])
		}
		if formed && len(all) > 1 {
			return all
		}
	}
	return nil
}

// cellsOf splits a line, with quotes as RFC 4180 has them.
func cellsOf(line string, sep byte) (cells []string) {
	for {
		rest, quoted := strings.CutPrefix(line, `"`)
		if !quoted {
			cell, behind, more := strings.Cut(line, string(sep))
			cells = append(cells, strings.TrimSpace(cell))
			if line = behind; !more {
				return cells
			}
			continue
		}
		end := 0
		for end < len(rest) && (rest[end] != '"' || end+1 < len(rest) && rest[end+1] == '"') {
			if rest[end] == '"' {
				end++
			}
			end++
		}
		end = min(end, len(rest))
		cells = append(cells, strings.ReplaceAll(rest[:end], `""`, `"`))
		_, behind, more := strings.Cut(rest[end:], string(sep))
		if line = behind; !more {
			return cells
		}
	}
}

// oneForm tells whether all cells are written alike, as dates or telephone numbers are.
func oneForm(cells []string) bool {
	first, filled := byte(0), 0
	for _, c := range cells {
		if c == "" {
			continue
		}
		f := formOf(c)
		if filled++; f == 0 || filled > 1 && f != first {
			return false
		}
		first = f
	}
	return filled >= fewestTurned
}

// formOf is the form of a cell that is a column's beyond doubt: a date, an address, a number; 0: any other.
func formOf(c string) byte {
	if len(c) < 6 || len(c) > 64 {
		return 0
	}
	digits, marks, letters := 0, 0, 0
	for i := range len(c) {
		switch b := c[i]; {
		case b >= '0' && b <= '9':
			digits++
		case b == '@':
			return '@'
		case b == '-' || b == '/' || b == '.':
			marks++
		case b|0x20 >= 'a' && b|0x20 <= 'z' || b >= 0x80:
			letters++
		case b == ' ' || b == '+' || b == '(' || b == ')':
		default:
			return 0
		}
	}
	switch {
	case digits >= 14 && letters >= 2 && c[0] >= 'A' && c[1] >= 'A': // an account
		return 'i'
	case letters > 0 && digits >= 5 && digits <= 6 && c[0] <= '9' && c[len(c)-1] <= '9': // a day with its month's name
		return 'd'
	case letters > 0 || digits < 6:
		return 0
	case digits <= 8 && (marks == 2 || digits == 8 && marks == 0):
		return 'd'
	}
	return 'n'
}

// stacked reads columns that stand one under the other, with names over them or none: how long they are tells one of dates or numbers.
// An empty line stands between them or is an empty cell.
func stacked(lines [][]byte) [][]string {
	var filled, all []string
	for _, l := range lines {
		l := string(bytes.TrimSpace(l))
		if all = append(all, l); l != "" {
			filled = append(filled, l)
		}
	}
	if columns := evenly(filled, 0); columns != nil || len(filled) == len(all) {
		return columns
	}
	if columns := evenly(append(all, ""), 1); columns != nil {
		return columns
	}
	return evenly(all, 0)
}

// mostRuns is how many columns of one form are asked how long they are: some have empty cells.
const mostRuns = 8

// evenly cuts lines into columns of the same length, gap lines apart.
func evenly(lines []string, gap int) [][]string {
	for _, r := range formedRuns(lines) {
		for _, head := range [...]int{1, 0} {
			each := head + r.long + gap
			if n := len(lines) / each; n < 2 || n > mostTurned || len(lines)%each != 0 || r.from%each != head {
				continue
			}
			var columns [][]string
			for at := 0; at < len(lines); at += each {
				columns = append(columns, lines[at:at+each-gap])
			}
			return columns
		}
	}
	return nil
}

// formedRun is a run of lines that are written alike.
type formedRun struct{ from, long int }

// formedRuns are the longest runs, longest first.
func formedRuns(lines []string) (runs []formedRun) {
	begun, form := 0, byte(0)
	for i := 0; i <= len(lines); i++ {
		f := byte(0)
		if i < len(lines) {
			f = formOf(lines[i])
		}
		if f == form && i < len(lines) {
			continue
		}
		if form != 0 && i-begun >= fewestTurned {
			runs = append(runs, formedRun{begun, i - begun})
		}
		begun, form = i, f
	}
	slices.SortStableFunc(runs, func(a, b formedRun) int { return cmp.Compare(b.long, a.long) })
	return runs[:min(len(runs), mostRuns)]
}

// listsOf reads an object of lists, or of objects with the same names, which are the rows' numbers.
func listsOf(text []byte) [][]string {
	d := json.NewDecoder(bytes.NewReader(bytes.TrimLeft(text, "\ufeff")))
	d.UseNumber()
	if _, err := d.Token(); err != nil {
		return nil
	}
	var all [][]string
	for d.More() && len(all) < mostTurned {
		name, err := d.Token()
		if err != nil {
			return nil
		}
		cells := listOf(d)
		if len(cells) < fewestTurned {
			return nil
		}
		head, _ := name.(string)
		all = append(all, append([]string{head}, cells...))
		if len(cells) != len(all[0])-1 {
			return nil
		}
	}
	if len(all) < 2 {
		return nil
	}
	return all
}

// listOf reads the values of a list or of an object; nil when it has others than words and numbers.
func listOf(d *json.Decoder) (cells []string) {
	open, err := d.Token()
	if err != nil || open != json.Delim('[') && open != json.Delim('{') {
		return nil
	}
	for d.More() {
		if open == json.Delim('{') {
			if _, err := d.Token(); err != nil {
				return nil
			}
		}
		v, err := d.Token()
		if err != nil {
			return nil
		}
		switch v := v.(type) {
		case string:
			cells = append(cells, v)
		case json.Number:
			cells = append(cells, v.String())
		case json.Delim:
			return nil
		default: // null, true
			cells = append(cells, "")
		}
	}
	if _, err := d.Token(); err != nil {
		return nil
	}
	return cells
}

// turned writes columns as rows; nil for none.
func turned(columns [][]string) []byte {
	if len(columns) < 2 {
		return nil
	}
	var out []byte
	for row := range columns[0] {
		for i, c := range columns {
			if i > 0 {
				out = append(out, '\t')
			}
			if row < len(c) {
				out = append(out, strings.Map(inCell, c[row])...)
			}
		}
		out = append(out, '\n')
	}
	return out
}

// inCell makes blanks of what would end a cell.
func inCell(r rune) rune {
	if r == '\t' || r == '\n' || r == '\r' {
		return ' '
	}
	return r
}
