package open

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// workbook writes the sheets of an xlsx as rows of tab separated cells, numbers as a reader sees them where that is
// simple, dates by their style.
func (it *item) workbook(out *textOut, entries []entry) error {
	var strs sharedStrings
	var styles []dateForm
	var epoch1904 bool
	err := eachPart(entries, []string{"xl/sharedStrings.xml"}, func(r io.Reader, _ string) error {
		return strs.read(r, it.limits.Memory/4)
	})
	err = errors.Join(err, eachPart(entries, []string{"xl/styles.xml"}, func(r io.Reader, _ string) (err error) {
		styles, err = readStyles(r)
		return err
	}), eachPart(entries, []string{"xl/workbook.xml"}, func(r io.Reader, _ string) error {
		return xmlTokens(r, func(t xml.Token) error {
			if s, ok := t.(xml.StartElement); ok && s.Name.Local == "workbookPr" {
				v := attr(s, "date1904")
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
	err = errors.Join(err, eachPart(entries, sheets, func(r io.Reader, _ string) error {
		s := sheet{out: out, strings: &strs, styles: styles, epoch1904: epoch1904}
		return s.read(r)
	}))
	return errors.Join(err, eachPart(entries, comments, func(r io.Reader, _ string) error { return ooxmlText(out, r) }))
}

func attr(t xml.StartElement, name string) string {
	for _, a := range t.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// sharedStrings is the table of texts that the cells of a workbook point into.
type sharedStrings struct {
	text []byte
	ends []int
}

func (s *sharedStrings) read(r io.Reader, limit int64) error {
	inText, phonetic := false, 0
	return xmlTokens(r, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "t":
				inText = true
			case "rPh":
				phonetic++
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "t":
				inText = false
			case "rPh":
				phonetic--
			case "si":
				s.ends = append(s.ends, len(s.text))
			}
		case xml.CharData:
			if inText && phonetic <= 0 {
				s.text = append(s.text, t...)
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
	start := 0
	if i > 0 {
		start = s.ends[i-1]
	}
	return s.text[start:s.ends[i]]
}

// dateForm is how a cell style shows a date as a Go layout; empty for styles that show no date.
type dateForm string

// builtinDates are the number formats that need no declaration (ECMA-376 part 1, 18.8.30). The day-first ones depend on
// the reader's country; ours are European.
var builtinDates = map[int]dateForm{
	14: "02/01/2006", 15: "2-Jan-06", 16: "2-Jan", 17: "Jan-06", 18: "3:04 PM", 19: "3:04:05 PM", 20: "15:04", 21: "15:04:05",
	22: "02/01/2006 15:04", 45: "04:05", 47: "04:05.0",
}

// readStyles returns the date form of each cell style.
func readStyles(r io.Reader) ([]dateForm, error) {
	custom := map[int]dateForm{}
	var styles []dateForm
	inCells := false
	err := xmlTokens(r, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "numFmt":
				if id, err := strconv.Atoi(attr(t, "numFmtId")); err == nil {
					custom[id] = layoutOf(attr(t, "formatCode"))
				}
			case "cellXfs":
				inCells = true
			case "xf":
				if !inCells || len(styles) > 1<<16 {
					break
				}
				id, _ := strconv.Atoi(attr(t, "numFmtId"))
				form, ok := custom[id]
				if !ok {
					form = builtinDates[id]
				}
				styles = append(styles, form)
			}
		case xml.EndElement:
			if t.Name.Local == "cellXfs" {
				inCells = false
			}
		}
		return nil
	})
	return styles, err
}

// layoutOf translates a number format such as "dd/mm/yyyy hh:mm" into a Go layout, or "" when it shows no date.
func layoutOf(code string) dateForm {
	code, _, _ = strings.Cut(code, ";")
	var b strings.Builder
	hours, date := false, false
	for i := 0; i < len(code); {
		c := code[i] | 0x20
		run := 1
		for i+run < len(code) && code[i+run]|0x20 == c {
			run++
		}
		switch {
		case code[i] == '[':
			if end := strings.IndexByte(code[i:], ']'); end > 0 {
				run = end + 1 // a colour or a locale
			}
		case code[i] == '"':
			if end := strings.IndexByte(code[i+1:], '"'); end >= 0 {
				b.WriteString(code[i+1 : i+1+end])
				run = end + 2
			}
		case code[i] == '\\':
			run = 1
		case c == 'y' || c == 'd' || c == 'h' || c == 's' || c == 'm':
			date = true
			b.WriteString(datePiece(c, run, hours))
			hours = c == 'h' || (hours && c == 'm')
		case code[i] == '0' || code[i] == '#' || code[i] == '?' || code[i] == '%':
			return ""
		default:
			b.WriteString(code[i : i+run])
		}
		i += run
	}
	if !date {
		return ""
	}
	return dateForm(b.String())
}

func datePiece(c byte, run int, afterHours bool) string {
	pieces := map[byte][]string{
		'y': {"06", "06", "2006"}, 'd': {"2", "02", "Mon", "Monday"}, 'h': {"15", "15"}, 's': {"5", "05"},
		'm': {"1", "01", "Jan", "January"},
	}[c]
	if c == 'm' && afterHours {
		pieces = []string{"4", "04"}
	}
	return pieces[min(run, len(pieces))-1]
}

// show writes a serial day number as a date; false when it lies outside what a date can be.
func (f dateForm) show(value string, epoch1904 bool) (string, bool) {
	days, err := strconv.ParseFloat(value, 64)
	if err != nil || f == "" || days < 0 || days > 2958466 {
		return "", false
	}
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	if epoch1904 {
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	whole := int(days)
	day := start.AddDate(0, 0, whole).Add(time.Duration((days-float64(whole))*86400+0.5) * time.Second)
	return day.Format(string(f)), true
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
	return xmlTokens(r, func(t xml.Token) error {
		switch t := t.(type) {
		case xml.StartElement:
			switch t.Name.Local {
			case "c":
				s.start(t)
			case "v", "t":
				s.inside = true
			}
		case xml.EndElement:
			switch t.Name.Local {
			case "v", "t":
				s.inside = false
			case "c":
				s.write()
			case "row":
				s.out.newline()
				s.column = 0
			}
		case xml.CharData:
			if s.inside && len(s.value) < 1<<20 {
				s.value = append(s.value, t...)
			}
		}
		return s.out.it.fatal
	})
}

// start places the cell: columns left out become empty cells, within reason.
func (s *sheet) start(t xml.StartElement) {
	s.kind, s.value = attr(t, "t"), s.value[:0]
	s.style, _ = strconv.Atoi(attr(t, "s"))
	at := 0
	for _, c := range []byte(attr(t, "r")) {
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
