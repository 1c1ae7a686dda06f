package cell

import "bytes"

// digitRun is a run of digits that has no letters at its ends.
type digitRun struct {
	at, end int // in the buffer
	value   uint64
	linked  bool // only what people write into numbers stands between it and the run before
	digits  int  // of it and of those that it is linked to
	above   int  // of those that the line before ends with, where the first of these begins a line
}

// n is the number of digits.
func (d *digitRun) n() int { return d.end - d.at }

const (
	ringSize = 16
	// maxDigits is the longest number looked at: the telephone numbers of E.164, with an international prefix.
	maxDigits = 17
	// maxNumber is the length of the longest number that is a token.
	maxNumber = maxDigits + 2
	// maxSeparators is how many separators may stand between two groups of one number.
	maxSeparators = 3
)

// ring holds the last runs of digits.
type ring struct {
	runs [ringSize]digitRun
	n    uint
}

// back is the i-th run before the last; nil when there is none.
func (r *ring) back(i int) *digitRun {
	if uint(i) >= r.n || i >= ringSize {
		return nil
	}
	return &r.runs[(r.n-1-uint(i))%ringSize]
}

func (r *ring) shift(drop int) {
	for i := range r.runs {
		r.runs[i].at -= drop
		r.runs[i].end -= drop
	}
}

// number takes a run of digits. Most are nothing but a number: what may be more is looked at closely.
func (s *Scanner) number(i, j int, value uint64) {
	r := &s.digits
	prev := &r.runs[(r.n-1)%ringSize]
	d := &r.runs[r.n%ringSize]
	r.n++
	n := j - i
	d.at, d.end, d.value, d.digits, d.linked, d.above = i, j, value, n, false, 0 // field by field: a whole one would be copied
	gap := uint(i - prev.end)                                                    // great behind what the buffer holds no more, and of no meaning behind nothing
	linked := 0
	if gap == 1 {
		linked = int(inNumbers[s.buf[prev.end]])
	}
	if gap-2 < maxSeparators-1 && numberGap(s.buf[prev.end:i]) {
		linked = 1
	}
	if r.n == 1 {
		linked = 0
	}
	d.linked = linked != 0
	d.digits += prev.digits & -linked
	if d.above = prev.above & -linked; linked == 0 && gap <= maxSeparators && r.n > 1 && breaks(prev.digits, n) && lineBreak(s.buf[prev.end:i]) {
		d.above = prev.digits
	}
	if d.above > 0 && d.above+d.digits == nationalDigits {
		s.overLines()
	}

	if value >= leastNumber && s.only.Sizes>>SizeOf(value)&1 != 0 && n <= maxNumber {
		s.plain(value, i, j)
	}

	if n <= 2 && j < len(s.buf) && s.buf[j] == ':' {
		s.timed(i, value)
	}
	near := linked != 0
	behind := n > 1 && i > 0 && dateGaps[s.buf[i-1]] && !(near && prev.end-prev.at > 2) // a year behind a month, and no fraction
	if n <= 4 && (n == 3 && gap <= maxSeparators || n != 3 && (behind || near && prev.linked)) || n >= 8 || d.digits >= leastIdentifier || s.at&s.iban >= 0 {
		s.closely(d, prev, n, j)
	}
}

// plain takes a number that is a token.
func (s *Scanner) plain(value uint64, i, j int) {
	raw := s.k.number(Number, value)
	s.put(Number, raw, i, j, 0, s.worth(raw))
}

// closely takes a run of digits that may be part of something.
func (s *Scanner) closely(d, prev *digitRun, n, j int) {
	if n > maxNumber {
		return
	}
	if n >= 8 {
		s.single(d)
	}
	if n == 3 && s.digits.n > 1 {
		s.grouped()
	}
	if d.digits >= leastIdentifier {
		s.chain()
	}
	s.endsDate(d, prev)
	if s.iban >= 0 {
		s.account(j)
	}
	if s.at >= 0 {
		s.address(d.at, j)
	}
}

const (
	// leastNumber is the least number that is a token: lesser ones are everywhere.
	leastNumber = 100
	// leastIdentifier is how many digits an identifier has at least.
	leastIdentifier = 9
)

// inNumbers are the ASCII characters that people write into numbers.
var inNumbers = [256]uint8{' ': 1, '.': 1, '-': 1, '/': 1, '(': 1, ')': 1, '_': 1}

// numberGap tells whether only what people write into numbers stands there.
func numberGap(gap []byte) bool {
	for i := 0; i < len(gap); i++ {
		switch {
		case inNumbers[gap[i]] != 0:
		case gap[i] == 0xC2 && i+1 < len(gap) && gap[i+1] == 0xA0: // a space that does not break
			i++
		case gap[i] == 0xE2 && i+2 < len(gap) && gap[i+1] == 0x80 && (gap[i+2] == 0xAF || gap[i+2]&^0x0F == 0x80 || gap[i+2]&^0x07 == 0x90): // a narrow one, others of typesetters, dashes
			i += 2
		default:
			return false
		}
	}
	return len(gap) > 0
}

// nationalDigits is how many digits a national number has, which people write in groups of six, three and two.
const nationalDigits = 11

// breaks tells whether a national number may go on in the next line, by how many digits end a line and begin the next.
func breaks(above, n int) bool { return above+n == nationalDigits || above == 6 || above == 9 }

// lineBreak tells whether one line ends there and nothing else stands there but blanks, and before it what is written into numbers.
func lineBreak(gap []byte) bool {
	n := 0
	for i, c := range gap {
		switch c {
		case '\n':
			n++
		case ' ', '\t', '\r':
		case '-', '.', '/':
			if i > 0 {
				return false
			}
		default:
			return false
		}
	}
	return n == 1
}

// overLines tries the last runs, of two lines, as a national number.
func (s *Scanner) overLines() {
	value, scale, n := uint64(0), uint64(1), 0
	last := s.digits.back(0)
	for i := range ringSize {
		d := s.digits.back(i)
		if d == nil || d.at < 0 || n+d.n() > nationalDigits {
			return
		}
		value += d.value * scale
		n += d.n()
		for range d.n() {
			scale *= 10
		}
		if n == nationalDigits {
			if ValidNational(value) {
				s.emit(National, s.k.number(National, value), d.at, last.end)
			}
			return
		}
	}
}

// single tries a run without separators as what spreadsheets make of identifiers: the leading zeros are gone.
func (s *Scanner) single(d *digitRun) {
	v := d.value
	switch n := d.n(); n {
	case 8:
		if ValidBSN(v) {
			s.emit(BSN, s.k.number(BSN, v), d.at, d.end)
		}
		s.emit(Phone, s.k.number(Phone, v), d.at, d.end)
	case 9, 10:
		if ValidNational(v) {
			s.emit(National, s.k.number(National, v), d.at, d.end)
		}
		if n == 9 && ValidEnterprise(v) {
			s.emit(Enterprise, s.k.number(Enterprise, v), d.at, d.end)
		}
		if n == 9 && s.buf[d.at] != '0' {
			s.emit(Phone, s.k.number(Phone, v), d.at, d.end)
		}
	}
	if n := d.n(); n >= 10 && n <= 13 && s.buf[d.at] != '0' { // a country code without its plus
		if p := phoneValue(s.buf[d.at:d.end], true); p != v {
			s.emit(Phone, s.k.number(Phone, p), d.at, d.end)
		}
	}
}

// chain tries every number of linked runs that ends with the last run.
func (s *Scanner) chain() {
	var value uint64
	n, scale := 0, uint64(1)
	last := s.digits.back(0)
	for i := range ringSize {
		d := s.digits.back(i)
		if d == nil || d.at < 0 || n+d.n() > maxDigits {
			break
		}
		value += d.value * scale
		n += d.n()
		for range d.n() {
			scale *= 10
		}
		if n >= leastIdentifier {
			s.identifier(d.at, last.end, n, value)
		}
		if !d.linked {
			break
		}
	}
}

// grouped tries the last run as the end of a number in groups of three digits: 1.234.567.
func (s *Scanner) grouped() {
	last := s.digits.back(0)
	value, scale, at := last.value, uint64(1000), last.at
	for i := 1; i <= 4; i++ {
		d := s.digits.back(i)
		if d == nil || d.at < 0 || d.n() > 3 || !groupGap(s.buf[d.end:at]) {
			break
		}
		value += d.value * scale
		scale *= 1000
		at = d.at
		if s.buf[at] != '0' && s.only.Sizes>>SizeOf(value)&1 != 0 {
			s.emit(Number, s.k.number(Number, value), at, last.end)
		}
		if d.n() < 3 {
			break
		}
	}
}

// groupGap tells whether one separator of thousands stands there.
func groupGap(gap []byte) bool {
	return len(gap) == 1 && bytes.IndexByte([]byte(" .,'"), gap[0]) >= 0 || string(gap) == "\u00a0" || string(gap) == "\u202f"
}

// identifier tries n digits, separators left out, as what has that many.
func (s *Scanner) identifier(i, j, n int, value uint64) {
	plus := i > 0 && s.buf[i-1] == '+'
	switch {
	case plus:
	case n == 11 && ValidNational(value):
		s.emit(National, s.k.number(National, value), i, j)
	case n == 9 && ValidBSN(value):
		s.emit(BSN, s.k.number(BSN, value), i, j)
	case n == 10 && ValidEnterprise(value):
		s.emit(Enterprise, s.k.number(Enterprise, value), i, j)
	}
	if n >= 9 && n <= 15 && s.only.Has(Phone) && (plus || s.buf[i] == '0') {
		if p := phoneValue(s.buf[i:j], plus); p >= 1_000_000 {
			s.emit(Phone, s.k.number(Phone, p), i, j)
		}
	}
}

// phoneValue is the telephone number in a text of digits and separators, as a number.
func phoneValue(text []byte, plus bool) uint64 {
	var digits [maxDigits]byte
	n := 0
	for _, c := range text {
		if isDigit(c) && n < len(digits) {
			digits[n] = c
			n++
		}
	}
	var v uint64
	for _, c := range PhoneNumber(string(digits[:n]), plus) {
		v = 10*v + uint64(c-'0')
	}
	return v
}

// account tries the text from where an account number may begin, up to j.
func (s *Scanner) account(j int) {
	text := s.buf[s.iban:j]
	if len(text) > 60 {
		s.iban = -1
		return
	}
	var b [34]byte
	n := 0
	for i, c := range text {
		switch {
		case isAlnum(c) && n == len(b), !isAlnum(c) && (c != ' ' && c != '-' && c != '.' || !isAlnum(text[i-1])):
			s.iban = -1
			return
		case isAlnum(c):
			if c >= 'a' {
				c -= 'a' - 'A'
			}
			b[n] = c
			n++
		}
	}
	want := IBANLength(string(b[:2]))
	if n >= 15 && (want == 0 || n == want) && ValidIBAN(b[:n]) {
		s.emit(IBAN, s.k.text(IBAN, b[:n]), s.iban, j)
	}
	if n > want && want > 0 {
		s.iban = -1
	}
}

const maxLocal, maxDomain = 64, 96

// address tries the run [i,j) as the end of an e-mail address. Where the address ends is not looked ahead for: each label
// after the second gives another reading.
func (s *Scanner) address(i, j int) {
	if j-s.at > maxDomain || i-1 > s.at && s.buf[i-1] != '.' && s.buf[i-1] != '-' || i-2 > s.at && !isAlnum(s.buf[i-2]) {
		s.at = -1
		return
	}
	if s.buf[i-1] != '.' || j-i < 2 || !isLetter(s.buf[i]) {
		return
	}
	from := s.at
	for from > 0 && s.at-from < maxLocal && (isAlnum(s.buf[from-1]) || bytes.IndexByte([]byte("._%+-"), s.buf[from-1]) >= 0) {
		from--
	}
	for from < s.at && !isAlnum(s.buf[from]) {
		from++
	}
	if from == s.at {
		return
	}
	s.emit(Email, s.k.text(Email, s.buf[from:j]), from, j)
}
