package open

import (
	"io"
	"strconv"
	"strings"
	"time"
)

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
	err := xmlTokens(r, func(t *token) error {
		switch t.kind {
		case tokenStart:
			switch t.name {
			case "numFmt":
				if id, err := strconv.Atoi(string(t.attr("numFmtId"))); err == nil {
					custom[id] = layoutOf(string(t.attr("formatCode")))
				}
			case "cellXfs":
				inCells = true
			case "xf":
				if !inCells || len(styles) > 1<<16 {
					break
				}
				id, _ := strconv.Atoi(string(t.attr("numFmtId")))
				form, ok := custom[id]
				if !ok {
					form = builtinDates[id]
				}
				styles = append(styles, form)
			}
		case tokenEnd:
			if t.name == "cellXfs" {
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
