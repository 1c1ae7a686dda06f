package open

import "bytes"

// attr returns the value of the attribute of that local name, empty where there is none. It holds until the next call.
func (t *token) attr(name string) (value []byte) {
	t.eachAttr(func(key, v []byte) bool {
		if string(localName(key)) != name {
			return true
		}
		value = t.m.plain(v)
		return false
	})
	return value
}

// fields calls see with the values of an element that holds its data in attributes: two at least, of no name space.
// Formats for documents have theirs in one, or write how things look.
func (t *token) fields(see func(value []byte)) (some bool) {
	n := 0
	data := func(key []byte) bool { return bytes.IndexByte(key, ':') < 0 && string(key) != "xmlns" }
	t.eachAttr(func(key, _ []byte) bool {
		if data(key) {
			n++
		}
		return n < 2
	})
	if n < 2 {
		return false
	}
	t.eachAttr(func(key, value []byte) bool {
		if data(key) {
			see(t.m.plain(value))
		}
		return true
	})
	return true
}

// eachAttr calls see with names and values as they are written, until it wants no more.
func (t *token) eachAttr(see func(key, value []byte) bool) {
	for rest := t.attrs; ; {
		rest = bytes.TrimLeft(rest, " \t\r\n/")
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			return
		}
		key := bytes.TrimRight(rest[:eq], " \t\r\n")
		rest = bytes.TrimLeft(rest[eq+1:], " \t\r\n")
		value := rest
		if len(rest) > 0 && (rest[0] == '"' || rest[0] == '\'') {
			end := bytes.IndexByte(rest[1:], rest[0])
			if end < 0 {
				return
			}
			value, rest = rest[1:end+1], rest[end+2:]
		} else {
			end := bytes.IndexAny(rest, " \t\r\n")
			if end < 0 {
				end = len(rest)
			}
			value, rest = rest[:end], rest[end:]
		}
		if !see(key, value) {
			return
		}
	}
}

func localName(name []byte) []byte {
	if i := bytes.IndexByte(name, ':'); i > 0 && i+1 < len(name) {
		return name[i+1:]
	}
	return name
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
	const longest = 128 // none that anybody asks for
	b = localName(b[:min(len(b), longest)])
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
