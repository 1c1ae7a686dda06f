package table

import (
	"regexp"
	"strings"
)

// onlyDigits drops the separators that people write into numbers; false when something else is in it.
func onlyDigits(v string) (string, bool) {
	var b []byte
	for i := range len(v) {
		switch c := v[i]; {
		case c >= '0' && c <= '9':
			b = append(b, c)
		case strings.IndexByte(" .-/()+", c) < 0:
			return "", false
		}
	}
	return string(b), true
}

func number(s string) (n int) {
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}

// isNational checks a Belgian national register number or BIS number, of which a spreadsheet may have dropped the leading
// zeros.
func isNational(v string) bool {
	d, ok := onlyDigits(v)
	if !ok || len(d) < 9 || len(d) > 11 {
		return false
	}
	d = strings.Repeat("0", 11-len(d)) + d
	n, month, day, check := number(d[:9]), number(d[2:4])%20, number(d[4:6]), number(d[9:])
	if month > 12 || day > 31 || number(d[2:4]) >= 60 || n == 0 {
		return false
	}
	return check == 97-n%97 || check == 97-(2_000_000_000+n)%97
}

// isBSN checks a Dutch burgerservicenummer by the elfproef.
func isBSN(v string) bool {
	d, ok := onlyDigits(v)
	if !ok || len(d) < 8 || len(d) > 9 || number(d) == 0 {
		return false
	}
	d = strings.Repeat("0", 9-len(d)) + d
	sum := 0
	for i := range 8 {
		sum += (9 - i) * int(d[i]-'0')
	}
	return (sum-int(d[8]-'0'))%11 == 0
}

// isEnterprise checks a Belgian enterprise number: ten digits from 0 or 1, the last two 97 minus the rest modulo 97.
func isEnterprise(v string) bool {
	v = strings.TrimPrefix(strings.ToUpper(strings.TrimSpace(v)), "BE")
	d, ok := onlyDigits(v)
	if !ok || len(d) != 10 || d[0] > '1' {
		return false
	}
	return number(d[8:]) == 97-number(d[:8])%97
}

// isIBAN checks ISO 13616: the first four characters moved to the end, letters as two digits, modulo 97.
func isIBAN(v string) bool {
	v = strings.ToUpper(strings.NewReplacer(" ", "", "-", "", ".", "").Replace(v))
	if len(v) < 15 || len(v) > 34 {
		return false
	}
	rest := 0
	for i := range len(v) {
		c := v[(i+4)%len(v)]
		switch {
		case c >= '0' && c <= '9':
			rest = (10*rest + int(c-'0')) % 97
		case c >= 'A' && c <= 'Z':
			rest = (100*rest + int(c-'A') + 10) % 97
		default:
			return false
		}
	}
	return rest == 1 && v[0] >= 'A' && v[1] >= 'A' && v[2] <= '9' && v[3] <= '9'
}

var (
	emailForm = regexp.MustCompile(`^[^\s@<>"]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)
	dateForm  = regexp.MustCompile(`^(?:(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2,4})|(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})|((?:19|20)\d{2})(\d{2})(\d{2}))(?:$|[T ,])`)
	monthForm = regexp.MustCompile(`(?i)(?:\b|\d)(?:jan|f[eé]v|feb|m[aä]r|maart|mrt|apr|avr|mai|may|mei|jui|jun|jul|aug|ao[uû]|sep|okt|oct|nov|dec|d[eé]c|dez)[\p{L}.]*[\s./-]*(?:\d{1,2},?\s+)?((?:19|20)\d{2})\b`)
	// shortMonth is a date as database exports write it, with a year of two digits: 03-FEB-78
	shortMonth = regexp.MustCompile(`(?i)^\d{1,2}[\s./-](?:jan|feb|mar|apr|may|mei|mai|jun|jul|aug|sep|okt|oct|nov|dec|dez)[\s./-](\d{2})(?:\s|$)`)
)

func isEmail(v string) bool { return emailForm.MatchString(v) }

// isPhone tells whether a cell looks like a telephone number: a trunk zero or a plus, and the usual number of digits.
func isPhone(v string) bool {
	d, ok := onlyDigits(v)
	if ok && strings.HasPrefix(d, "00") && len(d) < 11 { // a country's code stands behind
		return false
	}
	return ok && len(d) >= 8 && len(d) <= 15 && (strings.HasPrefix(strings.TrimSpace(v), "+") || d[0] == '0' || strings.ContainsAny(v, " /"))
}

// IsDate tells whether a cell is a date in one of the usual syntaxes.
func IsDate(v string) bool { return year(v) > 0 }

// year is the year of a date; 0 when it is none. Two digits are of the last hundred years or so.
func year(v string) int {
	if m := dateForm.FindStringSubmatch(v); m != nil {
		day, month, y := m[1], m[2], m[3]
		if m[4] != "" {
			y, month, day = m[4], m[5], m[6]
		} else if m[7] != "" {
			y, month, day = m[7], m[8], m[9]
		}
		d, mo, n := number(day), number(month), number(y)
		if mo > 12 {
			d, mo = mo, d
		}
		if mo < 1 || mo > 12 || d < 1 || d > 31 || len(y) == 3 {
			return 0
		}
		switch {
		case len(y) == 4 && (n < 1850 || n > 2150):
			return 0
		case len(y) == 2:
			return century(n)
		}
		return n
	}
	if len(v) > 40 {
		return 0
	}
	if m := monthForm.FindStringSubmatch(v); m != nil {
		return number(m[1])
	}
	if m := shortMonth.FindStringSubmatch(v); m != nil {
		return century(number(m[1]))
	}
	return 0
}

// century puts a year of two digits into the last hundred years or so.
func century(y int) int {
	if y < 30 {
		return 2000 + y
	}
	return 1900 + y
}
