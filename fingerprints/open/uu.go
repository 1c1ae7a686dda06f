package open

import (
	"bytes"
	"strings"
)

// uuMark is what stands before the lines of the code of Unix mail, at the beginning of a line, with a mode and a name behind it.
const uuMark = "begin "

// uuencoded is that code: a line that begins, lines of which the first character tells their length.
type uuencoded struct {
	begun  bool
	prefix []byte // of every line, as where it is quoted
	code   string // of another alphabet than that of the character's number; "": none
}

// xxCode is the alphabet of xxencode.
const xxCode = "+-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// uuPrefixMost is how much may stand before each line.
const uuPrefixMost = 16

// judgeUU reads a line that has the mark, from its beginning on.
func judgeUU(b []byte) blob {
	line, rest, found := bytes.Cut(b, []byte{'\n'})
	i := bytes.Index(line, []byte(uuMark))
	if !found || i < 0 || i > uuPrefixMost {
		return nil
	}
	mode := line[i+len(uuMark):]
	if len(mode) < 4 || !isDigit(mode[0]) || !isDigit(mode[1]) || !isDigit(mode[2]) {
		return nil
	}
	u := &uuencoded{prefix: append([]byte(nil), line[:i]...)}
	first, _, found := bytes.Cut(rest, []byte{'\n'})
	first = bytes.TrimPrefix(bytes.TrimRight(first, "\r"), u.prefix)
	switch {
	case !found || len(first) < 2:
		return nil
	case u.lineOf(first):
	case (&uuencoded{code: xxCode}).lineOf(first):
		u.code = xxCode
	default:
		return nil
	}
	return u
}

// lineOf tells whether a line is as long as its first character says.
func (u *uuencoded) lineOf(line []byte) bool {
	n, ok := u.value(line[0])
	return ok && n > 0 && len(line) >= 2+(n-1)*4/3 && len(line) <= 3+(n+2)/3*4
}

// value is the number that a character stands for.
func (u *uuencoded) value(c byte) (int, bool) {
	if u.code != "" {
		v := strings.IndexByte(u.code, c)
		return v, v >= 0
	}
	return int(c-' ') & 63, c >= ' ' && c <= '`'
}

func (u *uuencoded) name() string { return "uuencode" }

func (u *uuencoded) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	used := 0
	for used < len(src) {
		end := bytes.IndexByte(src[used:], '\n')
		if end < 0 {
			if !last {
				return dst, used, len(src)-used > lineKept
			}
			end = len(src) - used - 1
		}
		line := bytes.TrimPrefix(bytes.TrimRight(src[used:used+end+1], "\r\n"), u.prefix)
		used += end + 1
		switch {
		case !u.begun:
			u.begun = true
		case len(line) == 0 || bytes.Equal(line, []byte("end")):
			return dst, used, true
		default:
			var ok bool
			if dst, ok = u.line(dst, line); !ok {
				return dst, used, true
			}
		}
	}
	return dst, used, last
}

// line decodes one; false: it is the last one, or none.
func (u *uuencoded) line(dst, line []byte) ([]byte, bool) {
	want, ok := u.value(line[0])
	if !ok || want == 0 {
		return dst, false
	}
	for _, c := range line {
		if _, ok := u.value(c); !ok {
			return dst, false
		}
	}
	got := 0
	for i := 1; got < want; i += 4 {
		var v uint32
		for j := range 4 {
			v <<= 6
			if i+j < len(line) {
				n, _ := u.value(line[i+j])
				v |= uint32(n)
			}
		}
		for j := range min(3, want-got) {
			dst = append(dst, byte(v>>(16-8*j)))
			got++
		}
	}
	return dst, true
}
