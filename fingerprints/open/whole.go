package open

import (
	"bytes"
	"encoding/ascii85"
)

// wholeText recognises a text that is encoded from its start: ascii85 and uuencode.
func wholeText(text []byte, last bool) blob {
	trimmed := bytes.TrimLeft(text[:min(len(text), judged)], " \t\r\n")
	if bytes.HasPrefix(trimmed, []byte("begin ")) {
		return &uuencoded{}
	}
	if !bytes.HasPrefix(trimmed, []byte("<~")) && !looksAscii85(trimmed) {
		return nil
	}
	sample := trimmed[:min(len(trimmed), judged/2)]
	whole := last && len(text) < judged/2
	for _, decode := range []func(dst, src []byte, last bool) ([]byte, int, bool){ascii85Step, base85Step} {
		if got, _, _ := decode(nil, sample, whole); makesSense(got, whole) != nonsense {
			return &base85{step: decode}
		}
	}
	return nil
}

// looksAscii85 asks for characters of which hardly any is a space.
func looksAscii85(b []byte) bool {
	if len(b) < runMin {
		return false
	}
	odd := 0
	for _, c := range b[:runMin] {
		if c <= ' ' || c > '~' {
			return false
		}
		if c|0x20 < 'a' || c|0x20 > 'z' {
			odd++
		}
	}
	return odd >= 8
}

// base85 is a text in one of the codes of four bytes as five characters.
type base85 struct {
	step func(dst, src []byte, last bool) ([]byte, int, bool)
}

func (b *base85) name() string { return "ascii85" }

func (b *base85) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	return b.step(dst, src, last)
}

// ascii85Step decodes the code of PostScript and of btoa.
func ascii85Step(dst, src []byte, last bool) ([]byte, int, bool) {
	used := len(src) - len(bytes.TrimLeft(src, " \t\r\n"))
	if bytes.HasPrefix(src[used:], []byte("<~")) {
		used += 2
	}
	end := bytes.Index(src[used:], []byte("~>"))
	done := end >= 0
	if !done {
		end = len(src) - used
	}
	code := src[used : used+end]
	out := make([]byte, len(code)*4+8)
	n, took, err := ascii85.Decode(out, code, done || last)
	return append(dst, out[:n]...), used + took, done || last || err != nil
}

// base85Code is the alphabet of RFC 1924, which git and Python use.
const base85Code = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~"

func base85Step(dst, src []byte, last bool) ([]byte, int, bool) {
	var group [5]uint32
	n, used := 0, 0
	emit := func(have int) {
		v := uint64(0)
		for i := range group {
			if i >= have {
				group[i] = 84
			}
			v = v*85 + uint64(group[i])
		}
		b := []byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}
		dst = append(dst, b[:have-1]...)
	}
	for i, c := range src {
		if isSpace(c) {
			continue
		}
		v := bytes.IndexByte([]byte(base85Code), c)
		if v < 0 {
			return dst, i, true
		}
		group[n] = uint32(v)
		if n++; n == 5 {
			emit(5)
			n, used = 0, i+1
		}
	}
	if last && n > 1 {
		emit(n)
	}
	if last {
		used = len(src)
	}
	return dst, used, last
}

// uuencoded is the code of Unix mail: a line that begins, lines of which the first character tells their length.
type uuencoded struct{ begun bool }

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
		line := bytes.TrimRight(src[used:used+end+1], "\r\n")
		used += end + 1
		switch {
		case !u.begun:
			u.begun = bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("begin "))
		case len(line) == 0 || line[0] == '`' || bytes.Equal(line, []byte("end")):
			return dst, used, true
		default:
			var ok bool
			if dst, ok = uuLine(dst, line); !ok {
				return dst, used, true
			}
		}
	}
	return dst, used, last
}

func uuLine(dst, line []byte) ([]byte, bool) {
	want := int(line[0]-' ') & 63
	for _, c := range line {
		if c < ' ' || c > '`' {
			return dst, false
		}
	}
	got := 0
	for i := 1; got < want; i += 4 {
		var v uint32
		for j := range 4 {
			v <<= 6
			if i+j < len(line) {
				v |= uint32(line[i+j]-' ') & 63
			}
		}
		for j := range min(3, want-got) {
			dst = append(dst, byte(v>>(16-8*j)))
			got++
		}
	}
	return dst, true
}
