package open

import (
	"bytes"
	"regexp"
	"strings"
)

// What the entities of a document may come to, in bytes: of one, and of all references together before they are held
// against what was read. Honest declarations are names, signs and addresses.
const (
	maxEntity    = 4 << 10
	maxExpansion = 1 << 20
	maxEntities  = 10_000
)

var errEntities error = &LimitError{Limit: "entities"}

var entityDeclaration = regexp.MustCompile(`<!ENTITY\s+(%\s+)?([^\s"'<>&;%]+)\s+(?:"([^"]*)"|'([^']*)')`)

// directive takes a declaration, of which the document type is the one that may hold others.
func (m *markup) directive() error {
	n, err := m.directiveEnd()
	if err != nil {
		return err
	}
	b := m.buf[m.at : m.at+n]
	m.at += n + 1
	return m.declare(b)
}

// directiveEnd returns where the declaration ends that begins at m.at: at a bracket outside quotes and comments, as deep
// as it began.
func (m *markup) directiveEnd() (int, error) {
	var quote byte
	depth, comment := 0, false
	for i := 0; ; {
		b := m.buf[m.at:m.end]
		for ; i < len(b); i++ {
			c := b[i]
			switch {
			case comment:
				comment = !(c == '>' && bytes.HasSuffix(b[:i], []byte("--")))
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '<':
				depth++
			case c == '-' && depth > 1 && bytes.HasSuffix(b[:i], []byte("<!-")):
				comment = true
				depth--
			case c == '>':
				if depth--; depth == 0 {
					return i, nil
				}
			}
		}
		if m.more() {
			continue
		}
		long := bytes.Contains(m.buf[m.at:m.end], []byte("<!ENTITY"))
		m.at = m.end
		switch {
		case m.err != nil:
			return 0, m.cut()
		case long:
			return 0, errEntities
		}
		return 0, ErrDamaged
	}
}

// declare takes the entities that a document type declares. Those that come to much, or to themselves, are a bomb: nobody
// else can have meant them.
func (m *markup) declare(b []byte) error {
	found := entityDeclaration.FindAllSubmatch(b, maxEntities)
	if len(found) == maxEntities {
		return errEntities
	}
	raw := map[string]string{}
	for _, d := range found {
		name, value := string(d[2]), string(d[3])+string(d[4])
		if len(d[1]) > 0 {
			name = "%" + name
		}
		if _, twice := raw[name]; !twice { // the first declaration holds (XML 1.0, 4.2)
			raw[name] = value
		}
	}
	e := expansion{raw: raw, done: map[string]string{}, busy: map[string]bool{}}
	for name := range raw {
		if _, err := e.of(name); err != nil {
			return err
		}
	}
	m.entities = e.done
	return nil
}

// expansion resolves entities that refer to each other.
type expansion struct {
	raw, done map[string]string
	busy      map[string]bool // those that the one in hand is for
	total     int
}

func (e *expansion) of(name string) (string, error) {
	if s, ok := e.done[name]; ok {
		return s, nil
	}
	if e.busy[name] {
		return "", errEntities
	}
	e.busy[name] = true
	var out strings.Builder
	rest := e.raw[name]
	for len(rest) > 0 {
		i := strings.IndexAny(rest, "&%")
		if i < 0 {
			i = len(rest)
		}
		out.WriteString(rest[:i])
		if rest = rest[i:]; rest == "" {
			break
		}
		s, n, err := e.reference(rest)
		if err != nil {
			return "", err
		}
		out.WriteString(s)
		rest = rest[n:]
		if out.Len() > maxEntity {
			return "", errEntities
		}
	}
	if e.total += out.Len(); out.Len() > maxEntity || e.total > maxExpansion {
		return "", errEntities
	}
	e.done[name] = out.String()
	return e.done[name], nil
}

// reference resolves what stands at the start of s and returns how many bytes it took.
func (e *expansion) reference(s string) (string, int, error) {
	end := strings.IndexByte(s[:min(len(s), longestReference)], ';')
	if end <= 1 {
		return s[:1], 1, nil
	}
	name := s[1:end]
	if s[0] == '%' {
		name = s[:end]
	}
	if _, ok := e.raw[name]; ok {
		text, err := e.of(name)
		return text, end + 1, err
	}
	if text, ok := reference([]byte(name)); ok && s[0] == '&' {
		return text, end + 1, nil
	}
	return s[:1], 1, nil
}
