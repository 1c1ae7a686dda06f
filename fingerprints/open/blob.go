package open

import (
	"bytes"
	"encoding/base64"
	"unicode/utf8"
)

// blob decodes one encoded run of a text.
type blob interface {
	// name is what the member is called.
	name() string
	// decode appends what src stands for to dst and tells how much of src that took. done says that the run ends there;
	// without last, src may break off anywhere.
	decode(dst, src []byte, last bool) (out []byte, used int, done bool)
}

// judge tells what the run that begins at start is, if there is sense in it: something of a known kind, text, or bytes
// so many and so mixed that they are no text of any kind. line is where its line begins. It returns where decoding
// begins, or where to look on; small is a short text, not worth a member of its own.
func judge(text []byte, line, start int, class byte, last bool) (found blob, next int, small bool) {
	sample := text[start:min(len(text), start+judged)]
	whole := last && len(sample) == len(text)-start
	if class&inHex != 0 {
		if b, at := judgeHex(text, line, start, whole); b != nil {
			return b, at, false
		}
	}
	if class&inBase64 != 0 {
		if b, skip, short := judgeBase64(sample, whole); b != nil {
			return b, start + skip, short
		}
	}
	end := start
	for end < len(text) && runClass[text[end]]&class != 0 && text[end] != '\n' {
		end++
	}
	return nil, end, false
}

// Sorts of sense that decoded bytes can make.
type sense int

const (
	nonsense sense = iota
	sensibleText
	sensibleKind // it begins like something that can be opened
)

// makesSense looks at decoded bytes.
func makesSense(b []byte, whole bool) sense {
	if len(b) < 12 {
		return nonsense
	}
	switch k := sniff(b, whole); {
	case k == kindBinary:
		return nonsense
	case k.hasPlainText() || k == kindHTML || k == kindXML || k == kindEML:
		if !readable(b, whole) {
			return nonsense
		}
		return sensibleText
	}
	return sensibleKind
}

// readable tells text from bytes that happen to hold few control characters: letters, digits and spaces abound.
func readable(b []byte, whole bool) bool {
	text, ok := sampleText(b, whole)
	if !ok {
		return false
	}
	good, all, unicode := 0, 0, validUTF8(b, whole)
	for _, r := range string(text) {
		all++
		if r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || r == ' ' || r == '\n' || r == '\t' || r == '\r' || unicode && r > 0x17f && r != utf8.RuneError {
			good++
		}
	}
	share := 70
	if !unicode {
		share = 85
	}
	return good*100 >= share*all
}

// judgeBase64 reads a run as base64, base32 or plain hexadecimal digits.
func judgeBase64(sample []byte, whole bool) (b blob, skip int, small bool) {
	width := alphabetRun(sample)
	if marked(sample, width) {
		plain, at, _ := judgeBase64(bytes.ReplaceAll(sample[1:], []byte{'\n', sample[0]}, []byte{'\n'}), whole)
		if a, ok := plain.(*armour); ok && at == 0 {
			a.mark = sample[0]
			return a, 1, false
		}
	}
	packed, lines := unwrap(sample, width, whole)
	if c := judgeBase32(packed, width, whole); c != nil {
		return c, 0, false
	}
	if c := judgeBase58(sample, whole); c != nil {
		return c, 0, false
	}
	if upper, lower, digit := mixture(packed); upper == 0 || lower == 0 || digit == 0 && len(packed) > 200 {
		return nil, 0, false
	}
	c := &armour{label: "base64", width: width, unit: 4, step: decodeBase64, alphabet: isBase64Any}
	for phase := range 4 {
		if phase >= len(packed) {
			break
		}
		got, _ := decodeBase64(nil, packed[phase:], true)
		switch s := makesSense(got, whole); {
		case s == sensibleText || s == sensibleKind && phase == 0:
			return c, phase, s == sensibleText && lines == 1 && width < 400
		}
	}
	if dense(packed) {
		// The first line of a piece cut out of the middle is shorter than the others, and tells where their groups begin.
		return c, phaseOf(sample, width), false
	}
	return nil, 0, false
}

func alphabetRun(b []byte) int {
	n := 0
	for n < len(b) && isBase64Any(b[n]) {
		n++
	}
	return n
}

func isBase64Any(c byte) bool { return isBase64(c) || c == '-' || c == '_' }

// unwrap joins the lines of a sample as decoding would.
func unwrap(sample []byte, width int, whole bool) (packed []byte, lines int) {
	a := &armour{width: width, unit: 1, alphabet: isBase64Any, step: func(dst, src []byte, _ bool) ([]byte, int) { return append(dst, src...), len(src) }}
	packed, _, _ = a.decode(nil, sample, whole)
	return packed, a.lines + 1
}

func mixture(b []byte) (upper, lower, digit int) {
	for _, c := range b {
		switch {
		case c >= 'A' && c <= 'Z':
			upper++
		case c >= 'a' && c <= 'z':
			lower++
		case c >= '0' && c <= '9':
			digit++
		}
	}
	return upper, lower, digit
}

// dense tells the code of compressed or encrypted bytes from paths and identifiers: all sorts of characters, evenly.
func dense(b []byte) bool {
	upper, lower, digit := mixture(b)
	n := len(b)
	return n >= 400 && upper*100 >= 28*n && lower*100 >= 28*n && digit*100 >= 8*n && (n-upper-lower-digit)*200 >= n
}

func phaseOf(sample []byte, width int) int {
	if width >= len(sample) || sample[width] != '\n' && sample[width] != '\r' {
		return 0
	}
	rest := bytes.TrimLeft(sample[width:], "\r\n")
	if next := alphabetRun(rest); next > width && next < len(rest) {
		return width % 4
	}
	return 0
}

// marked tells whether the lines of a run begin with the mark of a diff, which is of the alphabet, too.
func marked(sample []byte, width int) bool {
	if width+2 >= len(sample) || sample[0] != '+' && sample[0] != '-' || sample[width] != '\n' {
		return false
	}
	for rest := sample[width:]; ; {
		i := bytes.IndexByte(rest, '\n')
		if i < 0 || i+1 == len(rest) || rest[i+1] == '\n' {
			return true
		}
		if rest[i+1] != sample[0] {
			return false
		}
		rest = rest[i+1:]
	}
}

// armour is a run in an alphabet, wrapped into lines in whatever way.
type armour struct {
	label    string
	mark     byte // what each line begins with, though it is of the alphabet; 0: nothing
	width    int  // of the first line
	lines    int  // line ends so far
	unit     int  // characters that stand for whole bytes
	held     []byte
	step     func(dst, src []byte, last bool) ([]byte, int)
	alphabet func(byte) bool
}

func (a *armour) name() string { return a.label }

// gapMax bounds what may stand between two lines: their ends, quotes, and the dressing of a paste.
const gapMax = 64

func (a *armour) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	used, done := 0, false
	for used < len(src) && !done {
		n := 0
		for used+n < len(src) && a.alphabet(src[used+n]) {
			n++
		}
		a.held = append(a.held, src[used:used+n]...)
		used += n
		if used == len(src) {
			break
		}
		if len(src)-used < gapMax+runMin && !last {
			break // the gap is not in sight
		}
		gap := lineGap(src[used:])
		if gap == 0 || !a.goesOn(src[used+gap:], last) {
			done = true
			break
		}
		if used += gap; a.mark != 0 && src[used] == a.mark {
			used++
		}
		a.lines++
	}
	done = done || last && used == len(src)
	out, took := a.step(dst, a.held, done)
	a.held = append(a.held[:0], a.held[took:]...)
	return out, used, done
}

// goesOn asks whether what follows a line end is a line of the same run: as wide as the first, or the last one.
func (a *armour) goesOn(src []byte, last bool) bool {
	n := 0
	for n < len(src) && n <= a.width && a.alphabet(src[n]) {
		n++
	}
	switch {
	case n == 0:
		return false
	case n == len(src), n >= a.width, n >= runMin:
		return true
	}
	return src[n] == '\n' || src[n] == '\r' || src[n] == '=' || src[n] == '"' || src[n] == '\'' || src[n] == '<'
}

// lineGap returns the length of what parts two lines of a run at the start of b: a line end, as such or spelled out,
// with quotes, quoting marks and line numbers around it; 0 when there is none.
func lineGap(b []byte) int {
	b = b[:min(len(b), gapMax)]
	i, ends := 0, 0
	for i < len(b) {
		switch {
		case b[i] == '\n' || b[i] == '\r':
			ends++
		case b[i] == '\\' && i+1 < len(b) && (b[i+1] == 'n' || b[i+1] == 'r'):
			ends++
			i++
		case b[i] == ' ' || b[i] == '\t' || b[i] == '>' || b[i] == '|' || b[i] == '"' || b[i] == '\'' || b[i] == ',' || b[i] == '\\' || b[i] == '#' || b[i] == ';' || b[i] == '*':
		default:
			if ends == 0 {
				return 0
			}
			return i + lineNumber(b[i:])
		}
		i++
	}
	return 0
}

// lineNumber returns the length of a line's number with what parts it from the line.
func lineNumber(b []byte) int {
	i := 0
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	marks := 0
	for i+marks < len(b) && bytes.IndexByte([]byte(" \t.:|)]>"), b[i+marks]) >= 0 {
		marks++
	}
	if i == 0 || i > 7 || marks == 0 {
		return 0
	}
	return i + marks
}

func decodeBase64(dst, src []byte, last bool) ([]byte, int) {
	n := len(src) &^ 3
	if last && len(src)%4 > 1 {
		n = len(src)
	}
	plain := make([]byte, n)
	for i, c := range src[:n] {
		switch c {
		case '-':
			c = '+'
		case '_':
			c = '/'
		}
		plain[i] = c
	}
	got, _ := base64.RawStdEncoding.AppendDecode(dst, plain)
	return got, n
}
