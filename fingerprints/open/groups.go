package open

import "bytes"

// groups is a text of nothing but base64 in short groups or lines, in which no run is long enough to be noticed.
type groups struct {
	held []byte
	back bool // it is written from its end
}

func (g *groups) name() string { return "base64" }

// groupsMost bounds a text that is written from its end.
const groupsMost = 1 << 20

func (g *groups) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	for _, c := range src {
		if isBase64Any(c) {
			g.held = append(g.held, c)
		}
	}
	if g.back {
		if len(g.held) > groupsMost {
			return dst, len(src), true
		}
		if !last {
			return dst, len(src), false
		}
		dst, _ = decodeBase64(dst, reversed(g.held), true)
		return dst, len(src), true
	}
	dst, took := decodeBase64(dst, g.held, last)
	g.held = append(g.held[:0], g.held[took:]...)
	return dst, len(src), last
}

func reversed(b []byte) []byte {
	r := make([]byte, len(b))
	for i, c := range b {
		r[len(b)-1-i] = c
	}
	return r
}

// judgeGroups asks for groups of one length, parted by white space, and for code that is written from its end: it begins with what
// fills up the last group, or ends in what the first one would be.
func judgeGroups(sample []byte, whole bool) blob {
	if len(sample) < runMin {
		return nil
	}
	if back := judgeBackwards(sample, whole); back != nil {
		return back
	}
	width := alphabetRun(sample)
	if width < 4 || width >= runMin {
		return nil
	}
	fields, odd := 0, 0
	var packed []byte
	for rest := sample; len(rest) > 0; {
		n := alphabetRun(rest)
		if n == 0 && rest[0] != '=' {
			return nil
		}
		if fields++; n != width && len(rest) > n+2 {
			odd++
		}
		packed = append(packed, rest[:n]...)
		rest = bytes.TrimLeft(rest[n:], "= \t\r\n")
	}
	if fields < 4 || odd*5 > fields {
		return nil
	}
	if got, _ := decodeBase64(nil, packed, true); makesSense(got, whole) == nonsense {
		return nil
	}
	return &groups{}
}

func judgeBackwards(sample []byte, whole bool) blob {
	code := bytes.TrimLeft(sample, "=")
	n := alphabetRun(code)
	if n < runMin {
		return nil
	}
	if upper, lower, digit := mixture(code[:n]); upper == 0 || lower == 0 || digit == 0 {
		return nil
	}
	packed := reversed(code[:n])
	for phase := range 4 {
		if got, _ := decodeBase64(nil, packed[phase:], true); makesSense(got, whole) == sensibleText {
			return &groups{back: true}
		}
	}
	return nil
}
