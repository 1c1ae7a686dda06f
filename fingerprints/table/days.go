package table

import (
	"fmt"
	"strings"
)

// orderDays tells the columns whose days are written with the month first: some of them can be read in no other way, and
// none in the usual order of Europe alone. Elsewhere an ambiguous day is read in that order.
func orderDays(columns []Column, sample []sampled) {
	for i := range columns {
		monthFirst, dayFirst := 0, 0
		for _, s := range sample {
			if i >= len(s.cells) {
				continue
			}
			a, b, _, ok := dayParts(s.cells[i])
			switch {
			case ok && a <= 12 && b > 12:
				monthFirst++
			case ok && a > 12 && b <= 12:
				dayFirst++
			}
		}
		columns[i].MonthFirst = monthFirst > 0 && dayFirst == 0
	}
}

// dayParts reads 12/31/1981 and 12-31-1981, also with a time behind it.
func dayParts(text string) (a, b, year int, ok bool) {
	text, _, _ = strings.Cut(strings.TrimSpace(text), " ")
	for _, sep := range []string{"/", "-"} {
		parts := strings.Split(text, sep)
		if len(parts) != 3 || len(parts[2]) != 4 {
			continue
		}
		a, okA := smallNumber(parts[0])
		b, okB := smallNumber(parts[1])
		year, okC := smallNumber(parts[2])
		return a, b, year, okA && okB && okC && a >= 1 && a <= 31 && b >= 1 && b <= 31
	}
	return 0, 0, 0, false
}

// smallNumber reads up to four digits.
func smallNumber(s string) (n int, ok bool) {
	if len(s) == 0 || len(s) > 4 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int(c-'0')
	}
	return n, true
}

// DayOf is a cell of the column with its day written plainly, year first, where the column has the month first; any other
// cell as it is.
func (c *Column) DayOf(text string) string {
	if !c.MonthFirst {
		return text
	}
	month, day, year, ok := dayParts(text)
	if !ok || month > 12 {
		return text
	}
	return fmt.Sprintf("%04d-%02d-%02d", year, month, day)
}
