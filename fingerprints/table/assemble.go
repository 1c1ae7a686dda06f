package table

import (
	"slices"
	"strings"
)

// assembly gathers a table's first rows, decides by them what it is, and then lets rows pass.
type assembly struct {
	in      *input
	schema  Schema
	named   bool // the column names are certain: no line is a header
	sample  []sampled
	size    int
	decided bool
	rows    Rows // nil: passed over
}

type sampled struct {
	number uint32
	cells  []string
}

// row takes the next row; cells are kept until the schema is decided.
func (a *assembly) row(cells []string) error {
	if len(cells) > maxColumns {
		cells = cells[:maxColumns]
	}
	if strings.Join(cells, "") == "" {
		return nil
	}
	number := a.in.rows
	a.in.rows++
	if a.decided {
		if a.rows == nil {
			return nil
		}
		return a.rows.Row(number, cells)
	}
	a.sample = append(a.sample, sampled{number, slices.Clone(cells)})
	for _, c := range cells {
		a.size += len(c) + 16
	}
	if len(a.sample) < sampleRows && a.size < sampleSize {
		return nil
	}
	return a.decide()
}

// end is the end of the table.
func (a *assembly) end() error {
	if !a.decided {
		if err := a.decide(); err != nil {
			return err
		}
	}
	if a.rows == nil {
		return nil
	}
	return a.rows.End()
}

// decide settles the header and the kinds of the columns, and passes the sample on.
func (a *assembly) decide() error {
	a.decided = true
	if len(a.sample) == 0 {
		return nil
	}
	if !a.named {
		a.header()
	}
	if len(a.sample) == 0 || !a.named && len(a.schema.Columns) == 0 && len(a.sample) < 2 {
		a.in.rows -= uint32(len(a.sample))
		a.sample = nil
		return nil
	}
	width := len(a.schema.Columns)
	for _, s := range a.sample {
		width = max(width, len(s.cells))
	}
	for len(a.schema.Columns) < width {
		a.schema.Columns = append(a.schema.Columns, Column{})
	}
	guess(a.schema.Columns, a.sample, a.schema.Format)
	orderDays(a.schema.Columns, a.sample)
	a.in.tables++
	var err error
	if a.rows, err = a.in.h.Table(&a.schema); err != nil || a.rows == nil {
		return err
	}
	for _, s := range a.sample {
		if err := a.rows.Row(s.number, s.cells); err != nil {
			return err
		}
	}
	a.sample = nil
	return nil
}

// preamble is how many lines, such as a title, may stand before a header.
const preamble = 6

// header takes the header line off the sample, with what stands before it.
func (a *assembly) header() {
	yes, known := a.in.h.Header()
	if known && !yes {
		return
	}
	at := -1
	for i := range min(len(a.sample), preamble) {
		if headerLine(a.sample[i].cells) {
			at = i
			break
		}
	}
	if at < 0 && (known && yes || unlikeRest(a.sample)) {
		at = 0
	}
	if at < 0 {
		return
	}
	for _, c := range a.sample[at].cells {
		a.schema.Columns = append(a.schema.Columns, Column{Name: columnName(c)})
	}
	a.sample = a.sample[at+1:]
	for i := range a.sample {
		a.sample[i].number -= uint32(at + 1)
	}
	a.in.rows -= uint32(at + 1)
}

func columnName(s string) string {
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > maxName {
		s = strings.ToValidUTF8(s[:maxName], "")
	}
	return s
}

// headerLine tells whether the cells are names of columns by their words: no cell holds a value that has a form, and two
// cells or half of them are words of persons' data.
func headerLine(cells []string) bool {
	filled, words := 0, 0
	for _, c := range cells {
		c = strings.TrimSpace(c)
		if c == "" {
			continue
		}
		if len(c) > 80 || digits(c) > 4 || strings.Contains(c, "@") {
			return false
		}
		filled++
		if _, ok := byName(c); ok {
			words++
		}
	}
	return filled >= 2 && (words >= 2 || words == 1 && filled == 2)
}

// unlikeRest tells whether the first line is a header by being unlike what stands below it: distinct short words without
// a digit above a column of numbers, dates or addresses.
func unlikeRest(sample []sampled) bool {
	if len(sample) < 2 {
		return false
	}
	seen := map[string]bool{}
	typed := 0
	for i, c := range sample[0].cells {
		c = strings.TrimSpace(c)
		if c == "" || len(c) > 60 || seen[c] || strings.ContainsAny(c, "@") || digits(c) > 2 {
			return false
		}
		seen[c] = true
		with, all := 0, 0
		for _, s := range sample[1:] {
			if i < len(s.cells) && s.cells[i] != "" {
				all++
				if v := s.cells[i]; 2*digits(v) >= len(v) && digits(v) > 1 || strings.Contains(v, "@") || IsDate(strings.TrimSpace(v)) {
					with++
				}
			}
		}
		if digits(c) == 0 && all > 0 && 5*with >= 4*all {
			typed++
		}
	}
	return typed > 0
}

func digits(s string) (n int) {
	for i := range len(s) {
		if s[i] >= '0' && s[i] <= '9' {
			n++
		}
	}
	return n
}
