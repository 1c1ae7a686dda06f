package open

import (
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// workbook writes the sheets of an xlsx as rows of tab separated cells, numbers as a reader sees them where that is
// simple, dates by their style. Of one that is cut, the texts follow that no cell read points to.
func (it *item) workbook(out *textOut, entries []entry, cut bool) error {
	var strs sharedStrings
	var styles []dateForm
	var epoch1904 bool
	err := it.eachPart(entries, []string{"xl/sharedStrings.xml"}, func(r io.Reader, _ string) error {
		return strs.read(r, it.limits.Memory/4)
	})
	err = errors.Join(err, it.eachPart(entries, []string{"xl/styles.xml"}, func(r io.Reader, _ string) (err error) {
		styles, err = readStyles(r)
		return err
	}), it.eachPart(entries, []string{"xl/workbook.xml"}, func(r io.Reader, _ string) error {
		return xmlTokens(r, func(t *token) error {
			if t.kind == tokenStart && t.name == "workbookPr" {
				v := string(t.attr("date1904"))
				epoch1904 = v == "1" || v == "true"
			}
			return nil
		})
	}))
	var sheets, comments []string
	for _, e := range entries {
		switch {
		case strings.HasPrefix(e.name, "xl/worksheets/sheet") && strings.HasSuffix(e.name, ".xml"):
			sheets = append(sheets, e.name)
		case strings.HasPrefix(e.name, "xl/comments") && strings.HasSuffix(e.name, ".xml"):
			comments = append(comments, e.name)
		}
	}
	slices.SortFunc(sheets, byNumber)
	err = errors.Join(err, it.eachPart(entries, sheets, func(r io.Reader, _ string) error {
		s := sheet{out: out, strings: &strs, styles: styles, epoch1904: epoch1904}
		return s.read(r)
	}))
	if cut || err != nil {
		strs.writeRest(out)
	}
	return errors.Join(err, it.eachPart(entries, comments, func(r io.Reader, _ string) error { return ooxmlText(out, r) }))
}

// sharedStrings is the table of texts that the cells of a workbook point into.
type sharedStrings struct {
	text []byte
	ends []int
	used int // from here on, no cell asked for one
}

func (s *sharedStrings) read(r io.Reader, limit int64) error {
	inText, phonetic := false, 0
	return xmlTokens(r, func(t *token) error {
		switch t.kind {
		case tokenStart:
			switch t.name {
			case "t":
				inText = true
			case "rPh":
				phonetic++
			}
		case tokenEnd:
			switch t.name {
			case "t":
				inText = false
			case "rPh":
				phonetic--
			case "si":
				s.ends = append(s.ends, len(s.text))
			}
		case tokenText:
			if inText && phonetic <= 0 {
				s.text = append(s.text, t.text...)
			}
		}
		if int64(len(s.text)+8*len(s.ends)) > limit {
			return errTooLarge
		}
		return nil
	})
}

func (s *sharedStrings) at(i int) []byte {
	if i < 0 || i >= len(s.ends) {
		return nil
	}
	s.used = max(s.used, i+1)
	start := 0
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.text[start:s.ends[i]]
}

// writeRest writes the texts behind the last one that a cell asked for. Programs list them as they come in the rows, so
// that those of one row stand together.
func (s *sharedStrings) writeRest(out *textOut) {
	const line = 32
	if n := len(s.ends); len(s.text) > 0 && (n == 0 || s.ends[n-1] < len(s.text)) {
		s.ends = append(s.ends, len(s.text)) // the last one, which broke off
	}
	for n := 0; s.used < len(s.ends) && out.it.fatal == nil; n++ {
		out.Write(s.at(s.used))
		if n%line == line-1 {
			out.newline()
		} else {
			out.string("\t")
		}
	}
	out.newline()
}

// sheet writes one worksheet.
type sheet struct {
	out       *textOut
	strings   *sharedStrings
	styles    []dateForm
	epoch1904 bool

	column int // of the next cell, from 0
	kind   string
	style  int
	value  []byte
	inside bool // a value or an inline text
}

func (s *sheet) read(r io.Reader) error {
	return xmlTokens(r, func(t *token) error {
		switch t.kind {
		case tokenStart:
			switch t.name {
			case "c":
				s.start(t)
			case "v", "t":
				s.inside = true
			}
		case tokenEnd:
			switch t.name {
			case "v", "t":
				s.inside = false
			case "c":
				s.write()
			case "row":
				s.out.newline()
				s.column = 0
			}
		case tokenText:
			if s.inside && len(s.value) < 1<<20 {
				s.value = append(s.value, t.text...)
			}
		}
		return s.out.it.fatal
	})
}

// start places the cell: columns left out become empty cells, within reason.
func (s *sheet) start(t *token) {
	s.kind, s.value = string(t.attr("t")), s.value[:0]
	s.style, _ = strconv.Atoi(string(t.attr("s")))
	at := 0
	for _, c := range t.attr("r") {
		if c < 'A' || c > 'Z' || at > 1<<14 {
			break
		}
		at = at*26 + int(c-'A') + 1
	}
	if gap := at - 1 - s.column; gap > 0 && gap <= 64 {
		s.out.string(strings.Repeat("\t", gap))
	}
	if at > 0 {
		s.column = at - 1
	}
}

func (s *sheet) write() {
	text := s.value
	switch s.kind {
	case "s":
		i, err := strconv.Atoi(string(s.value))
		if err != nil {
			i = -1
		}
		text = s.strings.at(i)
	case "", "n":
		text = []byte(s.number(string(s.value)))
	}
	s.out.Write(text)
	s.out.string("\t")
	s.column++
}

// number shows a number as a spreadsheet does in a general cell: fifteen digits at most.
func (s *sheet) number(v string) string {
	if s.style > 0 && s.style < len(s.styles) {
		if shown, ok := s.styles[s.style].show(v, s.epoch1904); ok {
			return shown
		}
	}
	if len(v) < 16 && !strings.ContainsAny(v, "eE") {
		return v
	}
	f, err := strconv.ParseFloat(v, 64)
	if err != nil {
		return v
	}
	short, err := strconv.ParseFloat(strconv.FormatFloat(f, 'g', 15, 64), 64)
	if err != nil || short > 1e21 || short < -1e21 {
		return v
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}
