package open

import (
	"bytes"
	"html"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// escape is a way of writing characters of a text by others.
type escape struct {
	name   string
	mark   string // what every such writing begins with
	forced kind   // what the undone text is, if its own start does not tell
	// undo appends one step of src, which begins with mark, to dst. used is 0 when it is none, -1 when more of src is needed.
	undo func(dst, src []byte) (out []byte, used int)
	// spread says that what is to be undone begins with any character beyond ASCII: mark is only the most frequent.
	spread bool
	// rare is how many bytes of text there may be for one writing of the kind.
	rare int
	// back says that undoing takes back what stands before.
	back bool
	// least is how many it takes in any text.
	least int
	// always says that what is so written has mark for nothing else: of name=25&town=20 little can be undone.
	always bool
}

// escapesOf are the escapes that are looked for in every text.
var escapesOf = []escape{
	{name: "unescaped", mark: `\`, undo: undoBackslash, rare: 600},
	{name: "urldecoded", mark: "%", undo: undoPercent, rare: 600, least: 2},
	{name: "entities", mark: "&", undo: undoEntity, rare: 600},
	{name: "quoted-printable", mark: "=", undo: undoQuoted, rare: 600, always: true},
	{name: "markup", mark: "</", forced: kindHTML, undo: undoNothing, rare: 300},
	{name: "unescaped", mark: "U+", undo: undoCodePoint, rare: 300},
	{name: "undressed", mark: "\x1b[", undo: undoANSI, rare: 300, least: 3},
	{name: "undressed", mark: "[", undo: undoBracket, rare: 300, least: 3},
	{name: "undressed", mark: "\b", undo: undoStruck, rare: 300, least: 3, back: true},
	{name: "undressed", mark: "\x03", undo: undoColour, rare: 300, least: 3},
	{name: "undressed", mark: "\x02", undo: undoMark, rare: 300, least: 3},
	{name: "undressed", mark: "\x0f", undo: undoMark, rare: 300, least: 3},
	{name: "undressed", mark: "\u00a7", undo: undoSection, rare: 300, least: 3},
	{name: "misread", mark: "\u00c3", undo: undoMisread(charmap.Windows1252), spread: true, rare: 1500},
	{name: "misread", mark: "\u00e2\u20ac", undo: undoMisread(charmap.Windows1252), spread: true, rare: 1500},
	{name: "misread", mark: "\u251c", undo: undoMisread(charmap.CodePage850), spread: true, rare: 1500},
	{name: "misread", mark: "\u221a", undo: undoMisread(charmap.Macintosh), spread: true, rare: 1500},
}

// A piece longer than samplesFrom is looked at in so many places only: counting in all of it would cost more than
// reading it.
const (
	samples     = 8
	sampleBytes = 1 << 10
	samplesFrom = 2 * samples * sampleBytes
)

// frequentEscape returns the escape of which most is in the piece, nil when none is worth undoing.
func frequentEscape(b []byte) *escape {
	step, each := len(b), len(b)
	if len(b) > samplesFrom {
		step, each = len(b)/samples, sampleBytes
	}
	var best *escape
	most := 0
	for i := range escapesOf {
		e := &escapesOf[i]
		seen, n := 0, 0
		for at := 0; at+each <= len(b) && each > 0; at += step {
			n += e.count(b[at : at+each])
			seen += each
		}
		if n > seen/e.rare && n > most && n >= e.least {
			best, most = e, n
		}
	}
	return best
}

// count counts what can be undone in a piece.
func (e *escape) count(b []byte) int {
	n, other := 0, 0
	var waste []byte
	for {
		i := bytes.Index(b, []byte(e.mark))
		if i < 0 && e.always && 2*other > n {
			return 0
		}
		if i < 0 {
			return n
		}
		if waste == nil {
			waste = make([]byte, 0, 64)
		}
		waste = append(waste[:0], b[max(i-1, 0):i]...) // what stands before it may tell
		_, used := e.undo(waste, b[i:])
		if used > 0 {
			n++
		} else {
			other++
		}
		b = b[i+max(used, len(e.mark)):]
	}
}

// unescape applies one escape to a text in pieces.
type unescape struct {
	e    *escape
	held []byte
	out  []byte
	kept []byte // of out, where it may be taken back
}

// escapeMax is the length of the longest writing of one character.
const escapeMax = 40

// feed returns the undone text of the next piece; it is valid until the next call.
func (u *unescape) feed(b []byte, last bool) []byte {
	src := b
	if len(u.held) > 0 {
		src = append(u.held, b...)
	}
	u.out = append(u.out[:0], u.kept...)
	u.kept = u.kept[:0]
	mark := []byte(u.e.mark)
	for len(src) > 0 {
		i := u.e.index(src)
		if i < 0 {
			i = len(src)
			if keep := len(mark) - 1; !last {
				i = max(i-keep, 0)
			}
			u.out = append(u.out, src[:i]...)
			src = src[i:]
			break
		}
		u.out = append(u.out, src[:i]...)
		src = src[i:]
		if len(src) < escapeMax && !last {
			break
		}
		var used int
		if u.out, used = u.e.undo(u.out, src); used == 0 {
			used = len(mark)
			if u.e.spread {
				_, used = utf8.DecodeRune(src)
			}
			u.out = append(u.out, src[:used]...)
		}
		src = src[used:]
	}
	u.held = append([]byte(nil), src...)
	if u.e.back && !last {
		n := max(len(u.out)-utf8.UTFMax, 0)
		u.kept = append(u.kept, u.out[n:]...)
		u.out = u.out[:n]
	}
	return u.out
}

// index finds where the next writing may begin.
func (e *escape) index(b []byte) int {
	if !e.spread {
		return bytes.Index(b, []byte(e.mark))
	}
	for i, c := range b {
		if c >= utf8.RuneSelf {
			return i
		}
	}
	return -1
}

func undoNothing(dst, src []byte) ([]byte, int) {
	if len(src) < 4 || src[2]|0x20 < 'a' || src[2]|0x20 > 'z' {
		return dst, 0
	}
	return append(dst, src[:3]...), 3
}

// undoBackslash reads the escapes of JSON, C, Python and JavaScript.
func undoBackslash(dst, src []byte) ([]byte, int) {
	if len(src) < 2 {
		return dst, 0
	}
	switch c := src[1]; c {
	case 'n', 'r':
		return append(dst, '\n'), 2
	case 't':
		return append(dst, '\t'), 2
	case '/', '"', '\'':
		return append(dst, c), 2
	case '\\':
		return append(dst, c), 2
	case '\n':
		return dst, 2
	case 'x':
		if v, ok := hexNumber(src[2:], 2); ok {
			return append(dst, byte(v)), 4
		}
	case 'u':
		if len(src) > 2 && src[2] == '{' {
			if end := bytes.IndexByte(src[:min(len(src), 12)], '}'); end > 3 {
				if v, ok := hexNumber(src[3:end], end-3); ok {
					return utf8.AppendRune(dst, v), end + 1
				}
			}
			return dst, 0
		}
		return undoUTF16(dst, src)
	case 'U':
		if v, ok := hexNumber(src[2:], 8); ok {
			return utf8.AppendRune(dst, v), 10
		}
	case '0', '1', '2', '3':
		if len(src) >= 4 && src[2] >= '0' && src[2] <= '7' && src[3] >= '0' && src[3] <= '7' {
			return append(dst, (c-'0')<<6|(src[2]-'0')<<3|src[3]-'0'), 4
		}
	}
	return dst, 0
}

// undoUTF16 reads \uXXXX, and two of them where one character takes that.
func undoUTF16(dst, src []byte) ([]byte, int) {
	v, ok := hexNumber(src[2:], 4)
	if !ok {
		return dst, 0
	}
	if v >= 0xD800 && v < 0xDC00 && len(src) >= 12 && src[6] == '\\' && src[7] == 'u' {
		if low, ok := hexNumber(src[8:], 4); ok && low >= 0xDC00 && low < 0xE000 {
			return utf8.AppendRune(dst, (v-0xD800)<<10+(low-0xDC00)+0x10000), 12
		}
	}
	return utf8.AppendRune(dst, v), 6
}

func hexNumber(b []byte, digits int) (rune, bool) {
	if len(b) < digits {
		return 0, false
	}
	v := rune(0)
	for _, c := range b[:digits] {
		if !isHex(c) || v > 1<<24 {
			return 0, false
		}
		v = v<<4 | rune(unhex(c))
	}
	return v, true
}

func undoPercent(dst, src []byte) ([]byte, int) {
	if len(src) >= 6 && src[1] == 'u' {
		if v, ok := hexNumber(src[2:], 4); ok {
			return utf8.AppendRune(dst, v), 6
		}
	}
	v, ok := hexNumber(src[1:], 2)
	if !ok {
		return dst, 0
	}
	return append(dst, byte(v)), 3
}

// undoQuoted reads quoted-printable (RFC 2045, 6.7).
func undoQuoted(dst, src []byte) ([]byte, int) {
	switch {
	case bytes.HasPrefix(src, []byte("=\r\n")):
		return dst, 3
	case bytes.HasPrefix(src, []byte("=\n")):
		return dst, 2
	}
	if len(src) < 3 || src[1]|0x20 == src[1] && src[1] > '9' { // lower case is no quoted-printable, but many an assignment
		return dst, 0
	}
	v, ok := hexNumber(src[1:], 2)
	if !ok {
		return dst, 0
	}
	return append(dst, byte(v)), 3
}

func undoEntity(dst, src []byte) ([]byte, int) {
	end := bytes.IndexByte(src[:min(len(src), escapeMax)], ';')
	if bytes.HasPrefix(src, []byte("&#")) {
		end = numericEntity(src) - 1
	}
	if end < 3 {
		return dst, 0
	}
	s := html.UnescapeString(string(src[:end+1]))
	if len(s) == 0 || s[0] == '&' && len(s) > 1 {
		return dst, 0
	}
	return append(dst, s...), end + 1
}

// numericEntity returns the length of a character that is written as a number, with the semicolon that many leave out.
func numericEntity(src []byte) int {
	i := len("&#")
	if i < len(src) && src[i]|0x20 == 'x' {
		for i++; i < min(len(src), escapeMax) && isHex(src[i]); i++ {
		}
	} else {
		for ; i < min(len(src), escapeMax) && isDigit(src[i]); i++ {
		}
	}
	if i < len(src) && src[i] == ';' {
		i++
	}
	return i
}

// undoMisread undoes UTF-8 that was read in an eight-bit encoding and written as UTF-8 again: the characters of one
// sequence become its bytes.
func undoMisread(set *charmap.Charmap) func(dst, src []byte) ([]byte, int) {
	return func(dst, src []byte) ([]byte, int) {
		var seq [utf8.UTFMax]byte
		n, at := 0, 0
		for n < len(seq) && at < len(src) && utf8.FullRune(src[at:]) {
			r, size := utf8.DecodeRune(src[at:])
			b, ok := set.EncodeRune(r)
			if !ok && r >= 0x80 && r < 0xA0 { // bytes without a character come through as controls
				b, ok = byte(r), true
			}
			if !ok || b < 0x80 {
				break
			}
			seq[n] = b
			n++
			at += size
			if utf8.FullRune(seq[:n]) {
				if r, got := utf8.DecodeRune(seq[:n]); r != utf8.RuneError && got == n {
					return append(dst, seq[:n]...), at
				}
				break
			}
		}
		return dst, 0
	}
}
