package open

import (
	"bytes"
	"strconv"
)

// What a PDF is made of (ISO 32000-1, 7.3): names, references, dictionaries, keywords; besides float64, []byte for a
// string, []any, bool and nil.
type (
	pdfName string
	pdfRef  struct{ number, generation int }
	pdfDict map[pdfName]any
	pdfWord string
)

// pdfDeep bounds the nesting of arrays and dictionaries.
const pdfDeep = 32

// pdfLexer reads objects out of bytes. What is malformed is passed over, and never costs more than its length.
type pdfLexer struct {
	b    []byte
	i    int
	refs bool // "1 0 R" is a reference, which it is not in what is drawn
	deep int
}

func isPDFSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isPDFDelimiter(c byte) bool {
	switch c {
	case '(', ')', '<', '>', '[', ']', '{', '}', '/', '%':
		return true
	}
	return false
}

func (l *pdfLexer) space() {
	for l.i < len(l.b) {
		switch c := l.b[l.i]; {
		case isPDFSpace(c):
			l.i++
		case c == '%':
			for l.i < len(l.b) && l.b[l.i] != '\n' && l.b[l.i] != '\r' {
				l.i++
			}
		default:
			return
		}
	}
}

// next returns the next object; false is the end of the bytes. An end of an array or dictionary is a pdfWord.
func (l *pdfLexer) next() (any, bool) {
	l.space()
	if l.i >= len(l.b) {
		return nil, false
	}
	switch c := l.b[l.i]; c {
	case '/':
		return l.name(), true
	case '(':
		s, n := literal(l.b[l.i:])
		l.i += max(n, 1)
		return s, true
	case '[':
		l.i++
		return l.array(), true
	case '<':
		if l.i+1 < len(l.b) && l.b[l.i+1] == '<' {
			l.i += 2
			return l.dict(), true
		}
		return l.hex(), true
	case '>':
		l.i++
		if l.i < len(l.b) && l.b[l.i] == '>' {
			l.i++
		}
		return pdfWord(">>"), true
	case ']', '{', '}', ')':
		l.i++
		return pdfWord(c), true
	}
	return l.word(), true
}

func (l *pdfLexer) name() pdfName {
	l.i++
	start, escaped := l.i, false
	for l.i < len(l.b) && !isPDFSpace(l.b[l.i]) && !isPDFDelimiter(l.b[l.i]) {
		escaped = escaped || l.b[l.i] == '#'
		l.i++
	}
	raw := l.b[start:l.i]
	if !escaped {
		return pdfName(raw)
	}
	var out []byte
	for i := 0; i < len(raw); i++ {
		if raw[i] == '#' && i+2 < len(raw) {
			if v, err := strconv.ParseUint(string(raw[i+1:i+3]), 16, 8); err == nil {
				out = append(out, byte(v))
				i += 2
				continue
			}
		}
		out = append(out, raw[i])
	}
	return pdfName(out)
}

func (l *pdfLexer) array() []any {
	var list []any
	if l.deep++; l.deep > pdfDeep {
		l.i = len(l.b)
	}
	defer func() { l.deep-- }()
	for {
		o, ok := l.next()
		if !ok || o == pdfWord("]") || o == pdfWord(">>") {
			return list
		}
		list = append(list, o)
	}
}

func (l *pdfLexer) dict() pdfDict {
	d := pdfDict{}
	if l.deep++; l.deep > pdfDeep {
		l.i = len(l.b)
	}
	defer func() { l.deep-- }()
	for {
		k, ok := l.next()
		if !ok || k == pdfWord(">>") {
			return d
		}
		key, isName := k.(pdfName)
		if !isName {
			continue
		}
		v, ok := l.next()
		if !ok || v == pdfWord(">>") {
			return d
		}
		d[key] = v
	}
}

func (l *pdfLexer) hex() []byte {
	l.i++
	end := bytes.IndexByte(l.b[l.i:], '>')
	if end < 0 {
		end = len(l.b) - l.i
	}
	digits := l.b[l.i : l.i+end]
	l.i = min(l.i+end+1, len(l.b))
	return hexDigits(nil, digits)
}

// hexDigits appends the bytes that digits stand for; an odd one at the end is the high half of a byte.
func hexDigits(to, digits []byte) []byte {
	have, high := false, byte(0)
	for _, c := range digits {
		v, ok := hexValue(c)
		switch {
		case !ok:
		case have:
			to = append(to, high<<4|v)
			have = false
		default:
			have, high = true, v
		}
	}
	if have {
		to = append(to, high<<4)
	}
	return to
}

func hexValue(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// word reads a number, a reference or a keyword.
func (l *pdfLexer) word() any {
	start := l.i
	for l.i < len(l.b) && !isPDFSpace(l.b[l.i]) && !isPDFDelimiter(l.b[l.i]) {
		l.i++
	}
	w := l.b[start:l.i]
	if c := w[0]; c >= '0' && c <= '9' || c == '-' || c == '+' || c == '.' {
		v, err := strconv.ParseFloat(string(w), 64)
		if err != nil {
			return float64(0)
		}
		if l.refs && v >= 0 && v < 1<<30 && c != '.' {
			if g, ok := l.reference(); ok {
				return pdfRef{int(v), g}
			}
		}
		return v
	}
	switch string(w) {
	case "true":
		return true
	case "false":
		return false
	case "null":
		return nil
	}
	return pdfWord(w)
}

// reference reads what makes a number a reference, or nothing.
func (l *pdfLexer) reference() (generation int, ok bool) {
	i := l.i
	for i < len(l.b) && isPDFSpace(l.b[i]) {
		i++
	}
	start := i
	for i < len(l.b) && l.b[i] >= '0' && l.b[i] <= '9' && i-start < 6 {
		generation = generation*10 + int(l.b[i]-'0')
		i++
	}
	if i == start {
		return 0, false
	}
	gap := i
	for i < len(l.b) && isPDFSpace(l.b[i]) {
		i++
	}
	if i == gap || i >= len(l.b) || l.b[i] != 'R' || i+1 < len(l.b) && !isPDFSpace(l.b[i+1]) && !isPDFDelimiter(l.b[i+1]) {
		return 0, false
	}
	l.i = i + 1
	return generation, true
}
