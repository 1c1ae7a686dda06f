package open

import (
	"bytes"
	"encoding/xml"
	"io"
	"strconv"
	"unicode/utf8"
)

// tokenKind says what a token of XML is.
type tokenKind uint8

const (
	tokenStart tokenKind = iota
	tokenEnd
	tokenText
)

// token is a tag or a run of text. Its slices hold until the next one.
type token struct {
	kind  tokenKind
	name  string // the local name, without the prefix of its name space, of a name that a reader asks for
	attrs []byte // as they are written
	text  []byte // with its references resolved; a long text comes in several pieces, cut between characters
	m     *markup
}

// attr returns the value of the attribute of that local name, empty where there is none. It holds until the next call.
func (t *token) attr(name string) []byte {
	for rest := t.attrs; ; {
		rest = bytes.TrimLeft(rest, " \t\r\n/")
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return nil
		}
		key := bytes.TrimRight(rest[:eq], " \t\r\n")
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		value := rest
		if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
			end := bytes.IndexByte(rest[1:], rest[0])
			if end < 0 {
				return nil
			}
			value, rest = rest[1:end+1], rest[end+2:]
		} else {
			end := bytes.IndexAny(rest, " \t\r\n")
			if end < 0 {
				end = len(rest)
			}
			value, rest = rest[:end], rest[end:]
		}
		if string(localName(key)) == name {
			return t.m.plain(value)
		}
	}
}

func localName(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i > 0 && i+1 < len(name) {
		return name[i+1:]
	}
	return name
}

const (
	markupBuffer = 32 << 10
	// markupMost is how long a tag or a declaration may be.
	markupMost = 1 << 20
	// markupForgiven is how many tags may lack a closing quote, each of which costs a search through markupMost.
	markupForgiven = 64
)

// markup reads XML, several times faster than the standard library: documents need no more than tags, text and
// references, and of what is not well-formed the rest counts. It checks no nesting and never fails but at a limit or
// where its reader does.
type markup struct {
	r        io.Reader
	buf      []byte
	at, end  int
	err      error // of the reader; what was read before it comes first
	t        token
	names    map[string]string
	scratch  []byte
	forgiven int

	entities map[string]string // what the document declares
	read     int64             // bytes
	expanded int64             // bytes that declared entities became
}

// xmlTokens gives the tokens of a document part to f until its end; a part that breaks off ends with ErrTruncated.
func xmlTokens(r io.Reader, f func(*token) error) error {
	m := &markup{r: r, buf: make([]byte, markupBuffer), names: map[string]string{}}
	m.t.m = m
	for {
		if m.at == m.end && !m.fill() {
			if m.err == io.EOF {
				return nil
			}
			return m.err
		}
		if err := m.step(f); err != nil {
			return err
		}
	}
}

// fill reads as much as there is room for behind what is not yet taken; false when nothing came.
func (m *markup) fill() bool {
	m.end = copy(m.buf, m.buf[m.at:m.end])
	m.at = 0
	before := m.end
	for m.err == nil && m.end < len(m.buf) {
		var n int
		n, m.err = m.r.Read(m.buf[m.end:])
		m.end += n
		m.read += int64(n)
	}
	return m.end > before
}

// more makes room for a token that is longer than the buffer, up to markupMost.
func (m *markup) more() bool {
	if m.at == 0 && m.end == len(m.buf) {
		if len(m.buf) >= markupMost {
			return false
		}
		m.buf = append(m.buf, make([]byte, len(m.buf))...)
	}
	return m.fill()
}

// cut is the error of a token that does not end.
func (m *markup) cut() error {
	if m.err != nil && m.err != io.EOF {
		return m.err
	}
	return ErrTruncated
}

// step takes what stands next: text up to a tag, or a tag.
func (m *markup) step(f func(*token) error) error {
	if m.buf[m.at] != '<' {
		return m.text(f)
	}
	const cdata = "<![CDATA["
	for m.end-m.at < len(cdata) && m.fill() {
	}
	b := m.buf[m.at:m.end]
	switch {
	case len(b) < 2:
		m.at = m.end
		return m.cut()
	case bytes.HasPrefix(b, []byte("<!--")):
		m.at += len("<!--")
		return m.until("-->", nil)
	case bytes.HasPrefix(b, []byte(cdata)):
		m.at += len(cdata)
		return m.until("]]>", f)
	case b[1] == '!':
		return m.directive()
	case b[1] == '?':
		m.at += 2
		return m.until("?>", nil)
	case b[1] == '/' || b[1] == '_' || b[1] == ':' || b[1] >= utf8.RuneSelf || b[1]|0x20 >= 'a' && b[1]|0x20 <= 'z':
		return m.tag(f)
	}
	m.at++
	m.t.kind, m.t.text = tokenText, b[:1]
	return f(&m.t)
}

// text gives a run of text.
func (m *markup) text(f func(*token) error) error {
	b := m.buf[m.at:m.end]
	i := bytes.IndexByte(b, '<')
	if i < 0 && m.err == nil {
		m.fill() // what a buffer holds together is told together
		b = m.buf[m.at:m.end]
		i = bytes.IndexByte(b, '<')
	}
	if i < 0 {
		i = len(b)
		if m.err == nil {
			i = whole(b)
		}
	}
	m.at += i
	before := m.expanded
	m.t.kind, m.t.text = tokenText, m.plain(b[:i])
	if m.expanded > before && m.expanded > maxExpansion+8*m.read {
		return errEntities
	}
	return f(&m.t)
}

// whole is how much of a text that goes on may be taken without cutting a character, a reference or a line end.
func whole(b []byte) int {
	n := len(b)
	if i := bytes.LastIndexByte(b[max(0, n-longestReference):], '&'); i >= 0 {
		i += max(0, n-longestReference)
		if bytes.IndexByte(b[i:], ';') < 0 {
			n = i
		}
	}
	if n > 0 && b[n-1] == '\r' {
		n--
	}
	for back := 1; back < utf8.UTFMax && back <= n; back++ {
		if utf8.RuneStart(b[n-back]) {
			if !utf8.FullRune(b[n-back : n]) {
				n -= back
			}
			break
		}
	}
	if n == 0 {
		return len(b)
	}
	return n
}

// until passes over what ends with a mark, or gives it as text.
func (m *markup) until(mark string, f func(*token) error) error {
	for {
		b := m.buf[m.at:m.end]
		i := bytes.Index(b, []byte(mark))
		n := i
		if i < 0 {
			if n = len(b); m.err == nil {
				n = whole(b[:max(0, len(b)-len(mark))])
			}
		}
		if f != nil && n > 0 {
			m.t.kind, m.t.text = tokenText, m.lines(b[:n])
			if err := f(&m.t); err != nil {
				return err
			}
		}
		m.at += n
		if i >= 0 {
			m.at += len(mark)
			return nil
		}
		if !m.fill() && m.err != nil {
			m.at = m.end
			return m.cut()
		}
	}
}

// tag gives a tag, and the end of an element that is empty.
func (m *markup) tag(f func(*token) error) error {
	n, quote, err := m.tagEnd()
	if err != nil {
		return err
	}
	if n < 0 {
		return m.longTag(quote, f)
	}
	b := m.buf[m.at+1 : m.at+n]
	m.at += n + 1
	t := &m.t
	t.kind, t.text, t.attrs = tokenStart, nil, nil
	if b[0] == '/' {
		t.kind = tokenEnd
		t.name = m.name(bytes.TrimRight(b[1:], " \t\r\n"))
		return f(t)
	}
	empty := b[len(b)-1] == '/'
	if empty {
		b = b[:len(b)-1]
	}
	end := nameEnd(b)
	t.name, t.attrs = m.name(b[:end]), b[end:]
	if err := f(t); err != nil || !empty {
		return err
	}
	t.kind, t.attrs = tokenEnd, nil
	return f(t)
}

// name keeps the names that were seen, which are few.
func (m *markup) name(b []byte) string {
	b = localName(b)
	if s, ok := m.names[string(b)]; ok {
		return s
	}
	s := string(b)
	if len(m.names) < 1024 {
		m.names[s] = s
	}
	return s
}

func nameEnd(b []byte) int {
	for i, c := range b {
		if isSpace(c) {
			return i
		}
	}
	return len(b)
}

// tagEnd returns where the tag ends that begins at m.at. Where a quote does not close, it ends at the first bracket; -1
// says that it is longer than markupMost, and in which quote that was.
func (m *markup) tagEnd() (int, byte, error) {
	var quote byte
	for i := 1; ; {
		end := 0
		if i, end, quote = tagScan(m.buf[m.at:m.end], i, quote); end >= 0 {
			return end, 0, nil
		}
		if m.more() {
			continue
		}
		first := bytes.IndexByte(m.buf[m.at:m.end], '>')
		switch {
		case first >= 0 && m.forgiven < markupForgiven:
			m.forgiven++
			return first, 0, nil
		case m.err == nil:
			return -1, quote, nil
		}
		m.at = m.end
		return 0, 0, m.cut()
	}
}

// tagScan looks for a tag's end from b[i] on, in a quote or not, and returns where to go on and where it ends, if it does.
func tagScan(b []byte, i int, quote byte) (next, end int, in byte) {
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case quote != 0:
			j := bytes.IndexByte(b[i:], quote)
			if j < 0 {
				return len(b), -1, quote
			}
			i += j
			quote = 0
		case c == '>':
			return i, i, 0
		case c == '"' || c == '\'':
			quote = c
		}
	}
	return i, -1, quote
}

// longTag passes over a tag with an attribute that is long, such as a picture, and tells its name alone.
func (m *markup) longTag(quote byte, f func(*token) error) error {
	b := m.buf[m.at+1 : m.at+256]
	t := &m.t
	t.kind, t.text, t.attrs, t.name = tokenStart, nil, nil, m.name(b[:nameEnd(b)])
	for end := -1; end < 0; {
		last := m.buf[m.end-1]
		m.at = m.end
		if !m.fill() {
			return m.cut()
		}
		if _, end, quote = tagScan(m.buf[:m.end], 0, quote); end < 0 {
			continue
		}
		if end > 0 {
			last = m.buf[end-1]
		}
		m.at = end + 1
		if err := f(t); err != nil || last != '/' {
			return err
		}
	}
	t.kind = tokenEnd
	return f(t)
}

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
