package open

import "bytes"

// judgeHex reads a run as bytes written in hexadecimal: plain, spaced, with prefixes, or as a dump with offsets.
func judgeHex(text []byte, line, start int, whole bool) (blob, int) {
	if d := newDump(text[line:]); d != nil {
		sample := text[line:min(len(text), line+judged)]
		try := *d
		got, _, _ := try.decode(nil, sample, whole)
		if makesSense(got, whole) != nonsense || len(got) >= 64 {
			return d, line
		}
	}
	sample := text[start:min(len(text), start+judged)]
	for at := 0; at < min(len(sample), 64); {
		try := &hexRun{}
		got, used, _ := try.decode(nil, sample[at:], whole)
		if s := makesSense(got, whole); s != nonsense || evenHex(got, try) {
			return &hexRun{}, start + at
		}
		if used >= runMin || used == 0 && len(got) == 0 && !isSpace(sample[at]) {
			break
		}
		at += max(used, 1)
		for at < len(sample) && !isSpace(sample[at]) && sample[at] != ',' {
			at++
		}
	}
	return nil, 0
}

// evenHex takes long runs of digits without sense for bytes that are no text, if all sorts of them come.
func evenHex(got []byte, h *hexRun) bool {
	if len(got) < 200 || !h.letters {
		return false
	}
	var seen [256]bool
	kinds := 0
	for _, b := range got[:200] {
		if !seen[b] {
			seen[b] = true
			kinds++
		}
	}
	return kinds > 60
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// hexRun is pairs of digits, parted in any way or not at all.
type hexRun struct {
	letters bool // a digit above nine was seen
	any     bool
}

func (h *hexRun) name() string { return "hex" }

// hexTail is how much may have to be in sight to tell where a pair ends.
const hexTail = 24

func (h *hexRun) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	i := 0
	for {
		if len(src)-i < hexTail && !last {
			return dst, i, false
		}
		skip := hexGap(src[i:])
		if len(src)-i-skip < 2 || h.any && skip > 12 {
			return dst, i, true
		}
		a, b := src[i+skip], src[i+skip+1]
		if !isHex(a) || !isHex(b) {
			return dst, i, true
		}
		// A pair of odd length is a number or a word; nothing of the kind is part of a run.
		if i+skip+2 < len(src) && isHex(src[i+skip+2]) && (i+skip+3 >= len(src) || !isHex(src[i+skip+3])) {
			return dst, i, true
		}
		h.letters = h.letters || a > '9' || b > '9'
		h.any = true
		dst = append(dst, unhex(a)<<4|unhex(b))
		i += skip + 2
	}
}

// hexGap returns the length of what may stand between two pairs.
func hexGap(b []byte) int {
	i := 0
	for i < len(b) && i < hexTail-2 {
		switch c := b[i]; {
		case isSpace(c) || c == ',' || c == ':' || c == ';' || c == '-' || c == '"' || c == '\'':
			i++
		case (c == '\\' || c == '0') && i+1 < len(b) && b[i+1]|0x20 == 'x':
			return i + 2
		case c == '\\' && i+1 < len(b) && (b[i+1] == '\n' || b[i+1] == 'n' || b[i+1] == '\r'):
			i += 2
		default:
			return i
		}
	}
	return i
}

func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// dump is what xxd, hexdump -C and od print: an offset, bytes, and the bytes again as characters, which must not be
// taken for more bytes. How many bytes a line holds is known from two offsets, where they end from the first line.
type dump struct {
	each  int // bytes a line
	until int // column behind which there are no bytes
}

func (d *dump) name() string { return "dump" }

// newDump recognises a dump by its first two lines.
func newDump(text []byte) *dump {
	first, rest, found := bytes.Cut(text, []byte("\n"))
	if !found {
		return nil
	}
	second, _, _ := bytes.Cut(rest, []byte("\n"))
	one, at, digits := dumpOffset(first)
	two, _, digits2 := dumpOffset(second)
	if at == 0 || digits < 4 || digits != digits2 {
		return nil
	}
	each := int(two - one)
	if each < 4 || each > 64 {
		return nil
	}
	d := &dump{each: each, until: len(first)}
	got, end := d.bytes(nil, first, at)
	if len(got) != each {
		// od counts in octal.
		if each = octal(second[:digits2]) - octal(first[:digits]); each < 4 || each > 64 {
			return nil
		}
		d.each = each
		if got, end = d.bytes(nil, first, at); len(got) != each {
			return nil
		}
	}
	d.until = end
	return d
}

func octal(b []byte) int {
	n := 0
	for _, c := range b {
		if c < '0' || c > '7' || n > 1<<40 {
			return -1
		}
		n = n*8 + int(c-'0')
	}
	return n
}

// dumpOffset reads the offset at the start of a line; next is the column behind it.
func dumpOffset(line []byte) (v int64, next, digits int) {
	for digits < len(line) && digits < 15 && isHex(line[digits]) {
		v = v<<4 | int64(unhex(line[digits]))
		digits++
	}
	next = digits
	for next < len(line) && (line[next] == ':' || line[next] == ' ' || line[next] == '\t') {
		next++
	}
	if next == digits {
		return 0, 0, 0
	}
	return v, next, digits
}

// bytes reads up to a line's bytes from column at, and tells the column behind the last.
func (d *dump) bytes(dst, line []byte, at int) ([]byte, int) {
	n, end := 0, at
	for i := at; n < d.each && i+1 < min(len(line), d.until); {
		switch {
		case line[i] == ' ' || line[i] == '-' || line[i] == '\t':
			i++
		case isHex(line[i]) && isHex(line[i+1]):
			dst = append(dst, unhex(line[i])<<4|unhex(line[i+1]))
			n++
			i += 2
			end = i
		default:
			return dst, end
		}
	}
	return dst, end
}

func (d *dump) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	used := 0
	for used < len(src) {
		end := bytes.IndexByte(src[used:], '\n')
		if end < 0 {
			if !last && len(src)-used < lineKept {
				return dst, used, false
			}
			end = len(src) - used - 1
		}
		line := src[used : used+end+1]
		if len(line) <= 2 && line[0] == '*' { // the same line again: how often, nobody says here
			used += len(line)
			continue
		}
		_, at, digits := dumpOffset(line)
		if digits < 4 {
			return dst, used, true
		}
		dst, _ = d.bytes(dst, line, at)
		used += len(line)
	}
	return dst, used, last
}
