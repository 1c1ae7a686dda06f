package table

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// maxQuoted ends a quoted cell that nobody closes, in bytes.
const maxQuoted = 1 << 20

// records reads lines of cells between separators, quoted as RFC 4180 has it; a line break within quotes belongs to the
// cell.
type records struct {
	r     *bufio.Reader
	sep   byte
	cells []string
	cell  []byte
}

func (c *records) push(b byte) {
	if len(c.cell) < maxCell {
		c.cell = append(c.cell, b)
	}
}

func (c *records) cut() {
	if len(c.cells) < maxColumns {
		c.cells = append(c.cells, clean(c.cell))
	}
	c.cell = c.cell[:0]
}

// clean drops the blanks around a cell and what is no text.
func clean(b []byte) string { return strings.ToValidUTF8(string(bytes.TrimSpace(b)), "") }

// next returns the cells of the next line that has any; the slice is reused. io.EOF ends.
func (c *records) next() ([]string, error) {
	c.cells, c.cell = c.cells[:0], c.cell[:0]
	for {
		b, err := c.r.ReadByte()
		if err != nil {
			if len(c.cells) == 0 && len(c.cell) == 0 {
				return nil, err
			}
			c.cut()
			return c.cells, nil
		}
		switch {
		case b == c.sep:
			c.cut()
		case b == '\n':
			if len(c.cells) == 0 && len(bytes.TrimSpace(c.cell)) == 0 {
				c.cell = c.cell[:0]
				continue
			}
			c.cut()
			return c.cells, nil
		case (b == '"' || b == '\'' && c.sep != '\t') && len(bytes.TrimSpace(c.cell)) == 0:
			if b == '\'' && !c.singleQuoted() {
				c.push(b)
				continue
			}
			c.cell = c.cell[:0]
			c.quoted(b)
		default:
			c.push(b)
		}
	}
}

// singleQuoted looks whether an apostrophe that begins a cell has its fellow before a separator, within reach.
func (c *records) singleQuoted() bool {
	ahead, _ := c.r.Peek(256)
	if end := bytes.IndexByte(ahead, '\n'); end >= 0 {
		ahead = append(bytes.TrimRight(ahead[:end:end], "\r"), c.sep)
	}
	return bytes.Contains(ahead, []byte{'\'', c.sep})
}

// quoted reads up to the closing quote; two of them are one.
func (c *records) quoted(quote byte) {
	for range maxQuoted {
		b, err := c.r.ReadByte()
		if err != nil {
			return
		}
		if b == quote {
			if ahead, err := c.r.Peek(1); err != nil || ahead[0] != quote {
				return
			}
			c.r.ReadByte() // it was peeked
		}
		c.push(b)
	}
}

// delimiter finds what separates the cells of a text by its first lines: four of five have the same number of cells.
func delimiter(head []byte, whole bool) (sep byte, ok bool) {
	best := 0.0
	for _, s := range []byte("\t;,|") {
		if score := separated(head, whole, s); score > best {
			sep, best = s, score
		}
	}
	return sep, best > 0
}

// commas is how many of them a line has, about: of columns laid out by blanks, one may hold "family name, given name".
func commas(head []byte) int {
	return bytes.Count(head, []byte{','}) / max(1, bytes.Count(bytes.TrimSpace(head), []byte{'\n'})+1)
}

// separated tells how well a separator explains the lines; 0: not at all.
func separated(head []byte, whole bool, sep byte) float64 {
	if bytes.IndexByte(head, sep) < 0 {
		return 0
	}
	r := &records{r: bufio.NewReader(bytes.NewReader(head)), sep: sep}
	var lines [][]string
	widths := map[int]int{}
	for len(lines) < 60 {
		cells, err := r.next()
		if err != nil {
			break
		}
		lines = append(lines, append([]string(nil), boxed(cells, sep)...))
	}
	if !whole && len(lines) < 60 && len(lines) > 1 {
		lines = lines[:len(lines)-1]
	}
	total, named := 0, 0
	for _, l := range lines {
		if ruled(l) {
			continue
		}
		widths[len(l)]++
		total++
		if total <= preamble && headerLine(l) {
			named++
		}
	}
	width := 0
	for w, n := range widths {
		if w > 1 && (n > widths[width] || n == widths[width] && w > width) {
			width = w
		}
	}
	same := widths[width]
	if width < 2 || same < 2 || 5*same < 4*(total-min(preamble, total/4)) {
		return 0
	}
	if named == 0 && (prose(lines, sep) || width == 2 && same < 4 && sep != '\t') {
		return 0
	}
	return float64(same)/float64(total)*100 + float64(width)
}

// prose tells whether separators are punctuation: a blank follows nearly each, or cells are long.
func prose(lines [][]string, sep byte) bool {
	if sep == '\t' {
		return false
	}
	cells, words := 0, 0
	for _, l := range lines {
		for _, c := range l {
			cells++
			words += len(strings.Fields(c))
		}
	}
	return words > 5*cells
}

// boxed drops the outer bars of a table drawn with bars.
func boxed(cells []string, sep byte) []string {
	if sep == '|' && len(cells) > 2 && cells[0] == "" && cells[len(cells)-1] == "" {
		return cells[1 : len(cells)-1]
	}
	return cells
}

// ruled tells whether a line only draws a rule.
func ruled(cells []string) bool {
	for _, c := range cells {
		if strings.Trim(c, "-=+:_ ") != "" {
			return false
		}
	}
	return true
}

func (in *input) delimited(sep byte) error {
	if b, _ := in.r.Peek(3); len(b) == 3 && len(trimBOM(b)) == 0 {
		in.r.Discard(3) // it was peeked
	}
	a := &assembly{in: in, schema: Schema{Format: "csv"}}
	r := &records{r: in.r, sep: sep}
	for {
		cells, err := r.next()
		if errors.Is(err, io.EOF) {
			return a.end()
		}
		if err != nil {
			return err
		}
		if cells = boxed(cells, sep); ruled(cells) {
			continue
		}
		if a, err = in.next(a, cells); err != nil {
			return err
		}
	}
}

// next passes a line on; a header in the middle begins the next table.
func (in *input) next(a *assembly, cells []string) (*assembly, error) {
	if (a.decided || len(a.sample) > preamble) && digitsOf(cells) < 4 && headerLine(cells) {
		if named(cells) >= 3 || 2*named(cells) > len(cells) {
			if err := a.end(); err != nil {
				return nil, err
			}
			a = &assembly{in: in, schema: Schema{Format: a.schema.Format}}
		}
	}
	return a, a.row(cells)
}

// IsHead tells whether a line, alone, names the columns of a table beyond doubt, whatever separates them.
func IsHead(line string) bool {
	for _, sep := range []string{"\t", ";", ",", "|"} {
		if strings.Count(line, sep) < 2 {
			continue
		}
		cells := strings.Split(strings.TrimSpace(line), sep)
		if len(cells) > maxColumns {
			continue
		}
		for i := range cells {
			cells[i] = strings.Trim(cells[i], "\"'` \r")
		}
		if headerLine(cells) && named(cells) >= 3 {
			return true
		}
	}
	return isSpacedHead(line)
}

// isSpacedHead tells whether a line names columns that blanks lay out.
func isSpacedHead(line string) bool {
	cells := strings.FieldsFunc(strings.ReplaceAll(strings.TrimSpace(line), "  ", "\t"), func(r rune) bool { return r == '\t' })
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	cells = slices.DeleteFunc(cells, func(c string) bool { return c == "" })
	return len(cells) <= maxColumns && len(cells) >= 3 && headerLine(cells) && named(cells) >= 3
}

func digitsOf(cells []string) (n int) {
	for _, c := range cells {
		n += digits(c)
	}
	return n
}

// named counts the cells that are names of columns beyond doubt.
func named(cells []string) (n int) {
	for _, c := range cells {
		if _, ok := byName(c); ok {
			n++
		}
	}
	return n
}

// line returns the next line without its end, cut at maxQuoted bytes.
func (in *input) line() (string, error) {
	var out []byte
	for {
		b, err := in.r.ReadSlice('\n')
		if len(out) < maxQuoted {
			out = append(out, b...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && len(out) == 0 {
			return "", err
		}
		return strings.ToValidUTF8(strings.TrimRight(string(out), "\r\n"), ""), nil
	}
}

// sheets reads lines of cells between tabs, as package open writes them for spreadsheets, databases, pages and XML; what
// stands between them is no table, but may be a form.
func (in *input) sheets(kind string, f *form) error {
	loose := kind != "xlsx" && kind != "xls" && kind != "ods" && kind != "ole"
	a := &assembly{in: in, schema: Schema{Format: "sheet"}}
	for {
		l, err := in.line()
		if errors.Is(err, io.EOF) {
			return a.end()
		}
		if err != nil {
			return err
		}
		switch kind {
		case "html":
			l = strings.TrimPrefix(l, "\t")
		case "text", "csv": // an indented line is no cell
			l = strings.TrimLeft(l, "\t ")
		}
		f.line(l)
		cells := strings.Split(strings.TrimRight(l, "\t "), "\t")
		if len(cells) > maxColumns {
			cells = cells[:maxColumns]
		}
		for i := range cells {
			cells[i] = cutCell(strings.TrimSpace(cells[i]))
		}
		if len(cells) < 2 {
			if loose && l != "" && !a.decided && len(a.sample) == 1 {
				in.rows--
				a = &assembly{in: in, schema: Schema{Format: "sheet"}}
			}
			continue
		}
		if a, err = in.next(a, cells); err != nil {
			return err
		}
	}
}

func cutCell(s string) string {
	if len(s) > maxCell {
		return strings.ToValidUTF8(s[:maxCell], "")
	}
	return s
}

// fixedCuts finds the columns of a text of fixed width: where the first lines have a blank, all of them, or nearly all where
// there are many: a value may be too long for its column. The cuts are in characters.
func fixedCuts(head []byte, whole bool) (cuts []int, ok bool) {
	lines := strings.Split(string(head), "\n")
	if !whole {
		lines = lines[:len(lines)-1]
	}
	var rows [][]rune
	longest := 0
	seen := map[string]bool{}
	for _, l := range lines {
		l = strings.TrimRight(l, " \r")
		if l == "" || strings.Trim(l, "-= +|") == "" || seen[l] {
			continue
		}
		seen[l] = true
		if rows = append(rows, []rune(l)); len(rows) >= sampleRows {
			break
		}
		longest = max(longest, len(rows[len(rows)-1]))
	}
	if len(rows) < 3 || longest > 4096 {
		return nil, false
	}
	var starts, gaps []int // where columns begin, and the blanks before
	gap, wide := 0, 0
	for at := range longest {
		if blankAt(rows, at) {
			gap++
			continue
		}
		if gap > 0 || at == 0 {
			starts, gaps = append(starts, at), append(gaps, gap)
		}
		if gap > 1 {
			wide++
		}
		gap = 0
	}
	least := 1 // blanks that make a gap: among few lines one blank may be chance, or a telephone number's
	if len(rows) < 12 || 3*wide >= len(gaps) {
		least = 2
	}
	for i, at := range starts {
		if i == 0 || gaps[i] >= least && (at < len(rows[0]) || beginsMany(rows, at)) {
			cuts = append(cuts, at)
		}
	}
	return cuts, len(cuts) >= 3 && filled(rows, cuts)
}

func blankAt(rows [][]rune, at int) bool {
	written := 0
	for i, r := range rows {
		if at < len(r) && r[at] != ' ' {
			if written++; i == 0 { // it may be the header
				return false
			}
		}
	}
	return written <= len(rows)/40
}

// beginsMany tells whether a good part of the rows have something at a place. Behind the end of the first row, which may be the
// header, the longest few cells of the last column have blanks in common by chance, where no column begins.
func beginsMany(rows [][]rune, at int) bool {
	n := 0
	for _, r := range rows {
		if at < len(r) && r[at] != ' ' {
			n++
		}
	}
	return 5*n >= len(rows)
}

// filled tells whether most cells hold something: a ragged text has columns of air by chance.
func filled(rows [][]rune, cuts []int) bool {
	full := 0
	for _, r := range rows {
		for _, c := range slice(r, cuts) {
			if c != "" {
				full++
			}
		}
	}
	return 2*full >= len(rows)*len(cuts)
}

func slice(r []rune, cuts []int) []string {
	cells := make([]string, len(cuts))
	for i, from := range cuts {
		to := len(r)
		if i+1 < len(cuts) {
			to = min(to, cuts[i+1])
		}
		if from < to {
			cells[i] = strings.TrimSpace(string(r[from:to]))
		}
	}
	return cells
}

func (in *input) fixed(cuts []int) error {
	a := &assembly{in: in, schema: Schema{Format: "fixed width"}}
	for {
		l, err := in.line()
		if errors.Is(err, io.EOF) {
			return a.end()
		}
		if err != nil {
			return err
		}
		if strings.Trim(l, "-= +|") == "" || utf8.RuneCountInString(l) > maxQuoted {
			continue
		}
		cells := slice([]rune(strings.TrimPrefix(l, "\ufeff")), cuts)
		for i := range cells {
			cells[i] = cutCell(cells[i])
		}
		if err := a.row(cells); err != nil {
			return err
		}
	}
}
