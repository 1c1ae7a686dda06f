package fingerprints

import (
	"strings"

	"unmirror/fingerprints/cell"
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
	if len(digits) == 11 && !plus && cell.ValidNational(atoi(digits)) {
		see(found{kindNational, start, end, digits})
		sure = true
	}
	if len(digits) == 9 && !plus && cell.ValidBSN(atoi(digits)) {
		see(found{kindBSN, start, end, digits})
	}
	if len(digits) >= 9 && len(digits) <= 15 && (plus || digits[0] == '0') {
		if n := cell.PhoneNumber(digits, plus); len(n) >= 8 {
			see(found{kindPhone, start, end, n})
		}
	}
	return sure
}

func atoi(s string) uint64 {
	var n uint64
	for i := range len(s) {
		n = 10*n + uint64(s[i]-'0')
	}
	return n
}

// scanIBAN tries the account number that begins at i, and tells where it ends.
func scanIBAN(text string, i int, see func(found)) (taken int) {
	want := cell.IBANLength(strings.ToUpper(text[i : i+2]))
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
	if (want == 0 || len(b) == want) && cell.ValidIBAN(b) {
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
