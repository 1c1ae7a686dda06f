package open

import (
	"bytes"
	"unicode/utf8"
)

// What programs put into a text to colour it, and what is struck over.

// undoANSI drops what colours and moves on a terminal (ECMA-48, 5.4).
func undoANSI(dst, src []byte) ([]byte, int) {
	for i := len("\x1b["); i < min(len(src), escapeMax); i++ {
		switch c := src[i]; {
		case c >= '@' && c <= '~':
			return dst, i + 1
		case c < ' ' || c > '?':
			return dst, 0
		}
	}
	return dst, 0
}

// bracketTags are what stands in brackets on boards.
var bracketTags = map[string]bool{
	"b": true, "i": true, "u": true, "s": true, "color": true, "size": true, "font": true, "quote": true, "code": true, "url": true, "center": true,
	"left": true, "right": true, "spoiler": true, "list": true, "*": true, "hr": true, "table": true, "tr": true, "td": true, "th": true, "sup": true, "sub": true,
	"email": true, "indent": true, "highlight": true, "pre": true, "noparse": true, "background": true, "bg": true, "li": true, "ul": true, "ol": true,
}

// undoBracket drops the tags of boards, and what colours on a terminal where the character before it was lost.
func undoBracket(dst, src []byte) ([]byte, int) {
	b := src[1:min(len(src), escapeMax)]
	end := bytes.IndexAny(b, "]m\n")
	if end < 0 || b[end] == '\n' {
		return dst, 0
	}
	if b[end] == 'm' && end > 0 && len(bytes.Trim(b[:end], "0123456789;")) == 0 {
		if bytes.HasSuffix(dst, []byte{0x1b}) {
			return dst, 0 // undoANSI takes all of it
		}
		return dst, end + 2
	}
	end = bytes.IndexByte(b, ']')
	if end <= 0 {
		return dst, 0
	}
	name := bytes.TrimPrefix(b[:end], []byte("/"))
	if i := bytes.IndexAny(name, "= "); i > 0 {
		name = name[:i]
	}
	plain := len(name) == end
	if before := len(dst) - 1; plain && before >= 0 && (isLetterByte(dst[before]) || isDigit(dst[before])) {
		return dst, 0 // of a list in a program
	}
	if len(name) > 10 || !bracketTags[string(bytes.ToLower(name))] {
		return dst, 0
	}
	return dst, end + 2
}

// undoColour drops what colours in a chat: a number or two behind a mark.
func undoColour(dst, src []byte) ([]byte, int) {
	i := 1
	digits := func() {
		for n := 0; n < 2 && i < len(src) && isDigit(src[i]); n++ {
			i++
		}
	}
	digits()
	if i > 1 && i+1 < len(src) && src[i] == ',' && isDigit(src[i+1]) {
		i++
		digits()
	}
	return dst, i
}

// undoMark drops one character.
func undoMark(dst, src []byte) ([]byte, int) { return dst, 1 }

// undoSection drops what colours in a game's chat: a section sign and what follows it.
func undoSection(dst, src []byte) ([]byte, int) {
	const sign = "\u00a7"
	if len(src) <= len(sign) || bytes.IndexByte([]byte("0123456789abcdefklmnorABCDEFKLMNOR"), src[len(sign)]) < 0 {
		return dst, 0
	}
	return dst, len(sign) + 1
}

// undoStruck takes back the character that one step back strikes over.
func undoStruck(dst, _ []byte) ([]byte, int) {
	if len(dst) > 0 && dst[len(dst)-1] != '\n' {
		_, n := utf8.DecodeLastRune(dst)
		dst = dst[:len(dst)-n]
	}
	return dst, 1
}

// undoCodePoint reads U+0041, with the space behind it.
func undoCodePoint(dst, src []byte) ([]byte, int) {
	i := len("U+")
	for i < min(len(src), 8) && isHex(src[i]) {
		i++
	}
	v, ok := hexNumber(src[2:], i-2)
	if i < 6 || !ok {
		return dst, 0
	}
	if i < len(src) && src[i] == ' ' {
		return utf8.AppendRune(dst, v), i + 1
	}
	return utf8.AppendRune(dst, v), i
}

// isDressed recognises a text that is full of the controls that colour and strike over, and has no others.
func isDressed(b []byte) bool {
	marks, other, letters := 0, 0, 0
	for _, c := range b {
		switch {
		case c == '\b' || c == 2 || c == 3 || c == 0x0f || c == 0x16 || c == 0x1d || c == 0x1f:
			marks++
		case controls[c] > 0:
			other++
		case c|0x20 >= 'a' && c|0x20 <= 'z' || c == ' ':
			letters++
		}
	}
	return marks > 0 && other*50 <= len(b) && marks*5 <= 2*len(b) && letters*10 >= 4*len(b) && bytes.IndexByte(b, 0) < 0
}
