package fingerprints

import (
	"strings"

	"unmirror/fingerprints/match"
)

// found is an identifier in a text, before it is looked up.
type found struct {
	kind       string // as match.Hit names it
	start, end int
	norm       string // in the form that is keyed
}

const (
	kindNational = "national number"
	kindBSN      = "bsn"
	kindIBAN     = "iban"
	kindEmail    = "e-mail"
	kindPhone    = "telephone"
	kindName     = "name"
	kindPassage  = "passage"
	kindFileName = match.FileName
)

// scan calls see for everything in text that has the form, and where there is one the check digits, of an identifier.
func scan(text string, see func(found)) {
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c >= '0' && c <= '9':
			if i == 0 || !isDigit(text[i-1]) {
				i = max(i, scanNumber(text, i, see)-1) // what is one number is not also the end of another
			}
		case c == '@':
			scanEmail(text, i, see)
		case isLetter(c) && i+4 < len(text) && isLetter(text[i+1]) && isDigit(text[i+2]) && isDigit(text[i+3]):
			if i == 0 || !isAlnum(text[i-1]) {
				i = max(i, scanIBAN(text, i, see)-1)
			}
		}
	}
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }

// maxDigits is the longest number looked at: the telephone numbers of E.164, with an international prefix.
const maxDigits = 17

// scanNumber tries every number that begins at i, over the separators that people write into numbers, and tells where the
// longest that is one ends.
func scanNumber(text string, i int, see func(found)) (taken int) {
	start := i
	if i > 0 && text[i-1] == '+' {
		start--
	}
	var digits []byte
	for j := i; len(digits) <= maxDigits; {
		for j < len(text) && isDigit(text[j]) {
			digits = append(digits, text[j])
			j++
		}
		if len(digits) > maxDigits {
			return taken
		}
		if number(string(digits), start < i, start, j, see) {
			taken = j
		}
		next := j
		for next < len(text) && next < j+3 && strings.IndexByte(" .-/()\t_", text[next]) >= 0 {
			next++
		}
		if next == j || next == len(text) || !isDigit(text[next]) {
			return taken
		}
		j = next
	}
	return taken
}

// number tells of digits what they may be; true when that is sure enough to look no further within them.
func number(digits string, plus bool, start, end int, see func(found)) (sure bool) {
	if len(digits) == 11 && !plus && validNational(digits) {
		see(found{kindNational, start, end, digits})
		sure = true
	}
	if len(digits) == 9 && !plus && validBSN(digits) {
		see(found{kindBSN, start, end, digits})
	}
	if len(digits) >= 9 && len(digits) <= 15 && (plus || digits[0] == '0') {
		if n := phoneNumber(digits, plus); len(n) >= 8 {
			see(found{kindPhone, start, end, n})
		}
	}
	return sure
}

// validNational checks a Belgian national register number or BIS number: YYMMDD, a serial, and 97 minus the rest of the
// first nine digits (with a 2 before them for those born since 2000) modulo 97.
func validNational(d string) bool {
	n, month, day := atoi(d[:9]), atoi(d[2:4])%20, atoi(d[4:6])
	if month > 12 || day > 31 || atoi(d[2:4]) >= 60 || n == 0 {
		return false
	}
	check := atoi(d[9:])
	return check == 97-n%97 || check == 97-(2_000_000_000+n)%97
}

// validBSN checks a Dutch burgerservicenummer by the elfproef.
func validBSN(d string) bool {
	sum := 0
	for i := range 8 {
		sum += (9 - i) * int(d[i]-'0')
	}
	sum -= int(d[8] - '0')
	return sum%11 == 0 && d != "000000000"
}

func atoi(s string) int {
	n := 0
	for i := range len(s) {
		n = 10*n + int(s[i]-'0')
	}
	return n
}

// phoneNumber drops what differs between the ways of writing one number: the international prefix, the country code of
// the neighbours, the trunk zero.
func phoneNumber(d string, plus bool) string {
	switch {
	case plus:
	case strings.HasPrefix(d, "00"):
		d = d[2:]
	default:
		return strings.TrimPrefix(d, "0")
	}
	for _, cc := range []string{"352", "32", "31", "33", "49", "44"} {
		if strings.HasPrefix(d, cc) {
			return strings.TrimPrefix(d[len(cc):], "0")
		}
	}
	return d
}

// ibanLength is the length of an IBAN by country; others are tried at the end of the word.
func ibanLength(country string) int {
	switch country {
	case "NO":
		return 15
	case "BE":
		return 16
	case "NL", "DK", "FI":
		return 18
	case "AT", "LU", "LT":
		return 20
	case "CH":
		return 21
	case "DE", "GB", "IE":
		return 22
	case "ES", "SE", "CZ", "RO":
		return 24
	case "PT":
		return 25
	case "FR", "IT", "GR":
		return 27
	case "PL", "HU":
		return 28
	}
	return 0
}

// scanIBAN tries the account number that begins at i, and tells where it ends.
func scanIBAN(text string, i int, see func(found)) (taken int) {
	want := ibanLength(strings.ToUpper(text[i : i+2]))
	var b []byte
	j := i
	for ; j < len(text) && len(b) < 34; j++ {
		c := text[j]
		if isAlnum(c) {
			b = append(b, upper(c))
		} else if (c != ' ' && c != '-' && c != '.') || j+1 >= len(text) || !isAlnum(text[j+1]) {
			break
		}
		if len(b) == want {
			j++
			break
		}
	}
	if (want == 0 && len(b) >= 15 || want > 0 && len(b) == want) && validIBAN(b) {
		see(found{kindIBAN, i, j, string(b)})
		taken = j
	}
	return taken
}

func upper(c byte) byte {
	if c >= 'a' && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// validIBAN checks ISO 13616: the first four characters moved to the end, letters as two digits, modulo 97.
func validIBAN(b []byte) bool {
	rest := 0
	for i := range b {
		c := b[(i+4)%len(b)]
		if isDigit(c) {
			rest = (10*rest + int(c-'0')) % 97
		} else {
			rest = (100*rest + int(c-'A') + 10) % 97
		}
	}
	return rest == 1
}

func scanEmail(text string, at int, see func(found)) {
	start, end := at, at+1
	for start > 0 && (isAlnum(text[start-1]) || strings.IndexByte("._%+-", text[start-1]) >= 0) && at-start < 64 {
		start--
	}
	for end < len(text) && (isAlnum(text[end]) || text[end] == '.' || text[end] == '-') && end-at < 255 {
		end++
	}
	for end > at+1 && !isAlnum(text[end-1]) {
		end--
	}
	for start < at && !isAlnum(text[start]) {
		start++
	}
	if dot := strings.LastIndexByte(text[at:end], '.'); start == at || dot < 2 || end-at-dot < 3 {
		return
	}
	see(found{kindEmail, start, end, strings.ToLower(text[start:end])})
}
