package canonical

import (
	"bytes"
	"math"
)

// What LineNumbers takes for a numbered text, and how much it holds until it knows.
const (
	numbersNoticed = 3         // lines that count upwards, one after the other
	numbersGap     = 8         // lines without a number, wrapped or empty ones, that may stand between
	numbersEnd     = 64        // lines without a number after which the numbering has ended
	numbersMissing = 4         // numbers that may be left out once the numbering was noticed
	numbersDigits  = 8         // digits of a number at most
	headBytes      = 48        // of a line, in which its number stands
	numbersHeld    = 32 << 10  // bytes held of lines that count, but not far enough yet
	numbersLook    = 256 << 10 // bytes of a text in which numbers must have begun: in a dump of gigabytes they never do
)

// LineNumbers takes the numbers off lines that count upwards by one: "12: ", "012| ", "[12]", "12)", "12" before a tab or
// on a line of its own, behind quotation and diff marks too, from any number on. It is a rival reading of a text: until
// it notices numbers it yields nothing, and where it does, the lines without them. It gives up on a long text that has none
// in its first 256 KiB, which then costs nothing more. Text passes in bounded memory. The zero
// value is ready; it is not safe for concurrent use.
type LineNumbers struct {
	head           [headBytes]byte // the beginning of a line that a piece cut
	n              int
	body           bool // the rest of the line is text
	on             bool // numbers were noticed
	run            int  // lines that counted upwards, at most numbersNoticed
	last           int64
	other          int64 // a number that did not fit in
	bare           int   // lines without a number since
	held           []byte
	seen           int  // bytes, until numbers were noticed
	noticed, never bool // ever; and that they will not be
}

// Append takes the next piece of text, in any encoding that has ASCII's digits, and appends to dst what lines of a
// numbered stretch say without their numbers.
func (l *LineNumbers) Append(dst, piece []byte) []byte {
	if l.never {
		return dst
	}
	if !l.noticed {
		if l.seen += len(piece); l.seen > numbersLook && l.run <= 1 {
			l.never, l.n, l.held = true, 0, nil
			return dst
		}
	}
	for len(piece) > 0 {
		if l.body {
			end := bytes.IndexByte(piece, '\n')
			if end < 0 {
				return l.put(dst, piece)
			}
			l.body = false
			dst, piece = l.put(dst, piece[:end+1]), piece[end+1:]
			continue
		}
		if l.n == 0 && (len(piece) >= headBytes || bytes.IndexByte(piece, '\n') >= 0) {
			dst, piece = l.line(dst, piece)
			continue
		}
		from := l.n
		l.n += copy(l.head[l.n:], piece)
		end := bytes.IndexByte(l.head[from:l.n], '\n')
		if end < 0 && l.n < headBytes {
			return dst
		}
		dst, piece = l.joined(dst, piece, from)
	}
	return dst
}

// joined takes the line that begins in head, of which the bytes from that place on are the piece's.
func (l *LineNumbers) joined(dst, piece []byte, from int) ([]byte, []byte) {
	head := l.head[:l.n]
	if end := bytes.IndexByte(head[from:], '\n'); end >= 0 {
		head = head[:from+end+1]
	}
	took := len(head) - from
	l.n = 0
	dst, rest := l.line(dst, head)
	dst = l.put(dst, rest)
	l.body = head[len(head)-1] != '\n'
	return dst, piece[took:]
}

// End takes the last line, where the text does not end with a line feed.
func (l *LineNumbers) End(dst []byte) []byte {
	if l.n == 0 {
		return dst
	}
	head := l.head[:l.n]
	l.n = 0
	dst, rest := l.line(dst, head)
	return l.put(dst, rest)
}

// line takes the beginning of a line and returns what follows.
func (l *LineNumbers) line(dst, b []byte) ([]byte, []byte) {
	l.body = true
	n, after := lineNumber(b[:min(len(b), headBytes)])
	if after == 0 || !l.fits(n) {
		l.without()
		return dst, b
	}
	l.last, l.bare = n, 0
	if l.run++; l.run >= numbersNoticed {
		l.run = numbersNoticed
		if !l.on {
			l.on, l.noticed = true, true
			dst = append(dst, l.held...)
			l.held = nil
		}
	}
	return dst, b[after:]
}

// fits tells whether a number goes on with the numbering, or begins one.
func (l *LineNumbers) fits(n int64) bool {
	if !l.on {
		if l.run == 0 || n != l.last+1 {
			l.run, l.held = 0, l.held[:0]
		}
		return true
	}
	if n > l.last && n <= l.last+1+numbersMissing {
		return true
	}
	again := n == l.other+1 // it may count anew from somewhere else
	l.other = n
	return again
}

// without counts a line without a number.
func (l *LineNumbers) without() {
	if l.run == 0 {
		return
	}
	if l.bare++; l.on && l.bare > numbersEnd || !l.on && l.bare > numbersGap {
		l.on, l.run, l.held = false, 0, l.held[:0]
	}
}

// put yields text of a numbered stretch, or holds it until that is known.
func (l *LineNumbers) put(dst, b []byte) []byte {
	switch {
	case l.on:
		return append(dst, b...)
	case l.run == 0:
	case len(l.held)+len(b) > numbersHeld:
		l.run, l.held = 0, l.held[:0]
	default:
		l.held = append(l.held, b...)
	}
	return dst
}

// lineNumber reads the number at the beginning of a line and tells where the text after it begins; 0: there is none.
func lineNumber(head []byte) (n int64, after int) {
	i := 0
	for i < len(head) && isMark(head[i]) {
		i++
	}
	if i == len(head) {
		return 0, 0
	}
	switch c := head[i]; {
	case c == 'L':
		i++
	case c == 'l' && bytes.HasPrefix(head[i:], []byte("line ")):
		i += len("line ")
	}
	from := i
	for ; i < len(head) && head[i] >= '0' && head[i] <= '9'; i++ {
		if i-from >= numbersDigits {
			return 0, 0
		}
		n = 10*n + int64(head[i]-'0')
	}
	if i == from || i < len(head) && (head[i] == ';' || head[i] == ',') { // rows of a table, whose numbers are theirs
		return 0, 0
	}
	if n > math.MaxInt32 {
		return 0, 0
	}
	for i < len(head) && (head[i] == ':' || head[i] == '|' || head[i] == ')' || head[i] == ']' || head[i] == '.') {
		i++
	}
	return n, i
}

// isMark tells of what may stand before a line's number: spaces, quotation and diff marks, brackets.
func isMark(c byte) bool {
	switch c {
	case ' ', '\t', '>', '+', '-', '|', '#', '[', '(', '*':
		return true
	}
	return false
}
