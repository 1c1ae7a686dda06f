package open

import (
	"bytes"
	"encoding/ascii85"
	"strings"
)

// wholeText recognises a text that is encoded from its start: ascii85, Z85, base64 in short groups, and what od prints as characters.
func wholeText(text []byte, last bool) blob {
	trimmed := bytes.TrimLeft(text[:min(len(text), judged)], " \t\r\n")
	if b := judgeGroups(trimmed, last && len(text) < judged); b != nil {
		return b
	}
	if d := newOdChars(trimmed); d != nil {
		return d
	}
	if !bytes.HasPrefix(trimmed, []byte("<~")) && !looksAscii85(trimmed) {
		return nil
	}
	sample := trimmed[:min(len(trimmed), judged/2)]
	whole := last && len(text) < judged/2
	for _, decode := range []func(dst, src []byte, last bool) ([]byte, int, bool){ascii85Step, base85Step(base85Code), base85Step(z85Code)} {
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

// z85Code is that of ZeroMQ (RFC 32/Z85).
const z85Code = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#"

func base85Step(code string) func(dst, src []byte, last bool) ([]byte, int, bool) {
	return func(dst, src []byte, last bool) ([]byte, int, bool) { return decodeBase85(dst, src, last, code) }
}

func decodeBase85(dst, src []byte, last bool, code string) ([]byte, int, bool) {
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
		v := strings.IndexByte(code, c)
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

// ascii85Mark begins a text in the code of PostScript, wherever it stands.
const ascii85Mark = "<~"

func text85(b []byte) bool { return bytes.HasPrefix(b, []byte(ascii85Mark)) }

// nextMark returns where something that is encoded may begin that tells so itself, from a place on; -1: nowhere.
func nextMark(text []byte, from int) int {
	best := -1
	for _, mark := range [...]string{uuMark, ascii85Mark} {
		if i := bytes.Index(text[min(from, len(text)):], []byte(mark)); i >= 0 && (best < 0 || from+i < best) {
			best = from + i
		}
	}
	return best
}

// judgeMarked looks at what has such a mark, in a line that begins at line.
func judgeMarked(text []byte, line, mark int, last bool) blob {
	if !text85(text[mark:]) {
		return judgeUU(text[line:])
	}
	sample := text[mark:min(len(text), mark+judged/2)]
	if got, _, _ := ascii85Step(nil, sample, false); makesSense(got, last) == nonsense {
		return nil
	}
	return &base85{step: ascii85Step}
}
