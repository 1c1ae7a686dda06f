package open

import (
	"bytes"
	"io"
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

const (
	markupBuffer = 32 << 10
	// markupMost is how long a tag or a declaration may be.
	markupMost = 1 << 20
	// markupForgiven is how many tags may lack a closing quote, each of which costs a search through markupMost.
	markupForgiven = 64
)

// markup reads XML, several times faster than the standard library: documents need no more than tags, text and
// references, and of what is not well-formed the rest counts. It checks no nesting and fails only at a limit,
// where its reader does, and in what does not end.
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
