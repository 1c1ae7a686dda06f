package open

import (
	"bytes"
	"encoding/xml"
	"strconv"
	"unicode/utf8"
)

// plain resolves the references in a text, into scratch where there are any.
func (m *markup) plain(b []byte) []byte {
	at := bytes.IndexByte(b, '&')
	if at < 0 {
		return m.lines(b)
	}
	m.scratch = m.scratch[:0]
	for at >= 0 {
		m.scratch = append(m.scratch, b[:at]...)
		b = b[at:]
		n := 1
		if end := bytes.IndexByte(b[:min(len(b), longestReference)], ';'); end > 1 && m.resolve(b[1:end]) {
			n = end + 1
		} else {
			m.scratch = append(m.scratch, '&')
		}
		b = b[n:]
		at = bytes.IndexByte(b, '&')
	}
	m.scratch = append(m.scratch, b...)
	return m.lines(m.scratch)
}

// longestReference is how far from its ampersand a reference ends, in bytes.
const longestReference = 64

// resolve appends what a reference stands for; false when nobody knows.
func (m *markup) resolve(name []byte) bool {
	if r, ok := reference(name); ok {
		m.scratch = append(m.scratch, r...)
		return true
	}
	s, ok := m.entities[string(name)]
	m.scratch = append(m.scratch, s...)
	m.expanded += int64(len(s))
	return ok
}

// reference knows the references that need no declaration.
func reference(name []byte) (string, bool) {
	switch string(name) {
	case "amp":
		return "&", true
	case "lt":
		return "<", true
	case "gt":
		return ">", true
	case "quot":
		return `"`, true
	case "apos":
		return "'", true
	}
	if name[0] != '#' {
		s, ok := xml.HTMLEntity[string(name)]
		return s, ok
	}
	digits, base := name[1:], 10
	if len(digits) > 0 && digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(string(digits), base, 32)
	if err != nil || n == 0 || !utf8.ValidRune(rune(n)) {
		return "", false
	}
	return string(rune(n)), true
}

// lines makes one line feed of every line end, and keeps what is no UTF-8 out.
func (m *markup) lines(b []byte) []byte {
	if bytes.IndexByte(b, '\r') >= 0 {
		b = bytes.ReplaceAll(bytes.ReplaceAll(b, []byte("\r\n"), []byte("\n")), []byte("\r"), []byte("\n"))
	}
	if !utf8.Valid(b) {
		b = bytes.ToValidUTF8(b, []byte("\ufffd"))
	}
	return b
}
