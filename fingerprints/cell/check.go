package cell

import "strings"

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
func isAlnum(c byte) bool  { return isDigit(c) || isLetter(c) }

// ValidNational checks eleven digits as a Belgian national register number or BIS number: YYMMDD, a serial, and 97 minus
// the first nine digits (with a 2 before them for those born since 2000) modulo 97. Month and day may be 00: unknown.
func ValidNational(d uint64) bool {
	n, check := d/100, d%100
	month, day := n/100_000%100, n/1000%100
	if n == 0 || n >= 1_000_000_000 || month >= 60 || month%20 > 12 || day > 31 {
		return false
	}
	return check == 97-n%97 || check == 97-(2_000_000_000+n)%97
}

// ValidBSN checks nine digits as a Dutch burgerservicenummer by the elfproef.
func ValidBSN(d uint64) bool {
	if d == 0 || d > 999_999_999 {
		return false
	}
	sum := -int(d % 10)
	for i, rest := 2, d/10; i <= 9; i, rest = i+1, rest/10 {
		sum += i * int(rest%10)
	}
	return sum%11 == 0
}

// ValidEnterprise checks ten digits as a Belgian enterprise number: 0 or 1 first, the last two 97 minus the rest modulo 97.
func ValidEnterprise(d uint64) bool {
	n := d / 100
	return d > 0 && n >= 1_000_000 && n < 20_000_000 && d%100 == 97-n%97
}

// IBANLength is the length of an IBAN by its country's two capitals; 0 for countries that are not listed, whose IBANs are
// tried at the end of the word.
func IBANLength(country string) int {
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

// IBANCountries lists the countries whose length IBANLength knows.
func IBANCountries() [22]string {
	return [...]string{"AT", "BE", "CH", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "GR", "HU", "IE", "IT", "LT", "LU", "NL", "NO", "PL", "PT", "RO", "SE"}
}

// ValidIBAN checks capitals and digits by ISO 13616: the first four characters moved to the end, letters as two digits,
// modulo 97.
func ValidIBAN(b []byte) bool {
	if len(b) < 15 || len(b) > 34 || !isLetter(b[0]) || !isLetter(b[1]) || !isDigit(b[2]) || !isDigit(b[3]) {
		return false
	}
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

// PhoneNumber drops from a telephone number's digits what differs between the ways of writing it: the international
// prefix, the country code of the neighbours, the trunk zero. plus tells that a + stood before it.
func PhoneNumber(d string, plus bool) string {
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
