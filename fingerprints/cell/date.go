package cell

import (
	"strings"
	"unicode/utf8"

	"unmirror/fingerprints/canonical"
)

const minYear, maxYear = 1880, 2049

// monthNames are the months as canonical text, in nl, fr, de and en, with their usual short forms.
const monthNames = `
januari january janvier januar janner jan janv
februari february fevrier februar feb febr fev fevr
maart march mars marz maerz mrt mar mrz
april avril apr avr
mei may mai
juni june juin jun
juli july juillet jul juil
augustus august aout aug aou
september septembre sep sept
oktober october octobre okt oct
november novembre nov
december decembre dezember dec dez`

// months finds a month by a word's raw hash, in a table open for probing.
type months [256]struct {
	raw   uint64
	month uint8
}

func newMonths(k *Key) (m months) {
	for i, line := range strings.Split(strings.TrimSpace(monthNames), "\n") {
		for _, w := range strings.Fields(line) {
			raw := k.word([]byte(w))
			at := uint8(raw)
			for m[at].month != 0 && m[at].raw != raw {
				at++
			}
			m[at].raw, m[at].month = raw, uint8(i+1)
		}
	}
	return m
}

// of is the month of a word; 0: none.
func (m *months) of(raw uint64) uint8 {
	for at := uint8(raw); m[at].month != 0; at++ {
		if m[at].raw == raw {
			return m[at].month
		}
	}
	return 0
}

// endsDate tries the last run of digits as the end of a date; prev is the run before it.
func (s *Scanner) endsDate(c, prev *digitRun) {
	v := c.value
	switch n := c.n(); n {
	case 8:
		s.date(v/10_000, v/100%100, v%100, c.at, c.end)
		s.date(v%10_000, v/10_000%100, v/1_000_000, c.at, c.end)
	case 14: // a time follows
		v /= 1_000_000
		s.date(v/10_000, v/100%100, v%100, c.at, c.end)
	case 1, 2, 4:
		switch {
		case c.linked && prev.linked:
			s.threeParts(c, c.end)
		case n == 1, c.linked && prev.n() > 2: // a number with a fraction
		case c.at > 0 && dateGaps[s.buf[c.at-1]]:
			s.named(c)
		}
	}
}

// threeParts tries three runs of digits, of which c is the last, ending at end.
func (s *Scanner) threeParts(c *digitRun, end int) {
	b, a := s.digits.back(1), s.digits.back(2)
	if b == nil || a == nil || !b.linked || a.at < 0 || b.n() > 2 {
		return
	}
	sep := dateSeparator(s.buf[b.end:c.at])
	if sep == 0 || sep != dateSeparator(s.buf[a.end:b.at]) {
		return
	}
	switch {
	case a.n() == 4 && c.n() <= 2:
		s.date(a.value, b.value, c.value, a.at, end)
		return
	case a.n() > 2 || c.n() == 1 || c.n() == 2 && sep == ' ':
		return
	case c.n() == 4:
		s.eitherOrder(a.value, b.value, c.value, sep, a.at, end)
		return
	}
	for _, century := range [...]uint64{1900, 2000} {
		if century+c.value < twoDigitsUntil {
			s.eitherOrder(a.value, b.value, century+c.value, sep, a.at, end)
		}
	}
}

// dateSeparator is the one separator in a gap, blanks around it left out; 0 when it is none of a date.
func dateSeparator(gap []byte) byte {
	sep := byte(' ')
	for _, c := range gap {
		switch {
		case c == ' ':
		case sep == ' ' && (c == '/' || c == '-' || c == '.'):
			sep = c
		default:
			return 0
		}
	}
	return sep
}

// twoDigitsUntil is the year that a year of two digits does not reach.
const twoDigitsUntil = 2030

// eitherOrder reads day and month in the order of Europe, and in that of the United States where it is another day.
func (s *Scanner) eitherOrder(a, b, year uint64, sep byte, i, j int) {
	s.date(year, b, a, i, j)
	if a != b && sep != '.' {
		s.date(year, a, b, i, j)
	}
}

// date yields a day, if there can be such a day.
func (s *Scanner) date(year, month, day uint64, i, j int) {
	if year < minYear || year > maxYear || month < 1 || month > 12 || day < 1 || day > 31 {
		return
	}
	if at := s.base + int64(i); at != s.dateAt {
		s.dates++
		s.dateAt, s.readings = at, 0
	}
	s.readings++
	s.dateEnd = s.base + int64(j)
	s.emit(Date, s.k.number(Date, year*10_000+month*100+day), i, j)
}

// maxTimeGap is how many characters may stand between a day and its time.
const maxTimeGap = 2

// timed takes the hour of a day's time, behind which its minutes follow. Nobody is born at a time that is told to the minute, in a chat or
// a log each line has one: such a day speaks of no person more. Midnight is what databases write behind any day.
func (s *Scanner) timed(i int, hour uint64) {
	gap := s.base + int64(i) - s.dateEnd
	if hour == 0 || hour > 23 || s.dateEnd == 0 || gap < 1 || gap > maxTimeGap || s.dateEnd <= s.dateAt {
		return
	}
	for _, c := range s.buf[i-int(gap) : i] {
		if c != ' ' && c != ',' && c|0x20 != 't' {
			return
		}
	}
	s.dates--
	s.places[Date] -= s.readings
	s.dateAt, s.dateEnd = -1, 0
}

// timestamp reads the date of 1985-07-30T12:00 and of 19850730T1200, whose last run of digits goes on in letters.
func (s *Scanner) timestamp(i, j int) {
	n := i
	var v uint64
	for n < j && isDigit(s.buf[n]) && n-i < 9 {
		v = 10*v + uint64(s.buf[n]-'0')
		n++
	}
	if n == j || s.buf[n]|0x20 != 't' {
		return
	}
	switch n - i {
	case 8:
		s.date(v/10_000, v/100%100, v%100, i, n)
	case 2:
		b, a := s.digits.back(0), s.digits.back(1)
		if a != nil && a.at >= 0 && b.linked && a.n() == 4 && b.n() == 2 && b.end == i-1 && s.buf[i-1] == '-' && s.buf[a.end] == '-' {
			s.date(a.value, b.value, v, a.at, n)
		}
	}
	if j-n == len("T20") && j < len(s.buf) && s.buf[j] == ':' && isDigit(s.buf[n+1]) && isDigit(s.buf[n+2]) {
		s.timed(n+1, digitsOf(s.buf[n+1:j]))
	}
}

// named reads a date whose month is a word: "12 maart 1981", "12. März 1981", "March 12, 1981", "1er mars 1981".
func (s *Scanner) named(year *digitRun) {
	i, j := s.wordBefore(year.at)
	if j-i < 1 {
		return
	}
	var month uint8
	var day uint64
	if day = dayOf(s.buf[i:j]); day > 0 {
		i, j = s.wordBefore(i)
		month = s.monthOf(s.buf[i:j])
	} else if month = s.monthOf(s.buf[i:j]); month > 0 {
		i, j = s.wordBefore(i)
		if w := string(s.buf[i:j]); w == "of" || w == "de" {
			i, j = s.wordBefore(i)
		}
		day = dayOf(s.buf[i:j])
	}
	switch {
	case month == 0 || day == 0:
		return
	case year.n() == 4:
		s.date(year.value, uint64(month), day, i, year.end)
		return
	}
	for _, century := range [...]uint64{1900, 2000} {
		if century+year.value < twoDigitsUntil {
			s.date(century+year.value, uint64(month), day, i, year.end)
		}
	}
}

// maxMonth is the length of the longest month's name, in bytes.
const maxMonth = 12

// wordBefore is the run of letters and digits that ends, up to three separators apart, before i; empty when there is none.
func (s *Scanner) wordBefore(i int) (from, to int) {
	to = i
	for to > 0 && i-to < maxSeparators && dateGaps[s.buf[to-1]] {
		to--
	}
	from = to
	for from > 0 && to-from <= maxMonth && (isAlnum(s.buf[from-1]) || s.buf[from-1] >= utf8.RuneSelf) {
		from--
	}
	if to == i || to-from > maxMonth {
		return to, to
	}
	return from, to
}

// dateGaps are the characters that people write between a day, a month's name and a year.
var dateGaps = [256]bool{' ': true, '.': true, ',': true, '-': true, '/': true, '\t': true}

// monthOf is the month of that name; 0: none.
func (s *Scanner) monthOf(word []byte) uint8 {
	var room [maxMonth]byte
	lower := room[:0]
	for _, c := range word {
		if c >= utf8.RuneSelf {
			return s.k.months.of(s.k.word(canonical.Text(string(word))))
		}
		lower = append(lower, c|0x20)
	}
	return s.k.months.of(s.k.word(lower))
}

// dayOf reads a day of the month, also as an ordinal: 12, 12th, 1er, 1ste, 1°, and behind the sign of a birth: °12. 0 when it is none.
func dayOf(word []byte) uint64 {
	if len(word) > 2 && (string(word[:2]) == "°" || string(word[:2]) == "º") {
		word = word[2:]
	}
	n, v := 0, uint64(0)
	for n < len(word) && n < 3 && isDigit(word[n]) {
		v = 10*v + uint64(word[n]-'0')
		n++
	}
	if n == 0 || n > 2 || v > 31 {
		return 0
	}
	switch string(word[n:]) {
	case "", "st", "nd", "rd", "th", "er", "e", "ste", "de", "°", "º":
		return v
	}
	return 0
}
