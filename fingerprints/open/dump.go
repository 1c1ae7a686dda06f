package open

import (
	"bytes"
	"slices"
)

// dump is what xxd, hexdump and od print: an offset, bytes or words, and often the bytes again as characters, which must not be
// taken for more bytes. How many bytes a line holds is known from two offsets, where they end from the first line.
type dump struct {
	prefix []byte // of every line, as where it is quoted
	each   int    // bytes a line
	until  int    // column behind which there are no bytes
	base   int    // 16, 8 or 2
	digits int    // of a word; 0: bytes in hexadecimal, however they are parted
	bytes  int    // of a word, which come the other way round
}

func (d *dump) name() string { return "dump" }

// dumpPrefix is how much may stand before the lines.
const dumpPrefix = 16

// newDump recognises a dump by its first two lines.
func newDump(text []byte) *dump {
	first, rest, found := bytes.Cut(text, []byte("\n"))
	if !found {
		return nil
	}
	second, _, _ := bytes.Cut(rest, []byte("\n"))
	d := &dump{base: 16}
	for len(d.prefix) < min(len(first), dumpPrefix) && bytes.IndexByte([]byte(" \t>|#*/+-"), first[len(d.prefix)]) >= 0 {
		d.prefix = first[:len(d.prefix)+1]
	}
	if !bytes.HasPrefix(second, d.prefix) {
		return nil
	}
	d.prefix = slices.Clone(d.prefix)
	first, second = bytes.TrimRight(first[len(d.prefix):], "\r"), second[len(d.prefix):]
	one, at, digits := dumpOffset(first)
	two, _, digits2 := dumpOffset(second)
	if at == 0 || digits < 4 || digits != digits2 {
		return nil
	}
	for _, each := range []int{int(two - one), octal(second[:digits2]) - octal(first[:digits])} {
		if d.each = each; each >= 4 && each <= 64 && d.reads(first, at, first[digits] == ':') {
			return d
		}
	}
	return nil
}

// reads finds out how a line's bytes are written.
func (d *dump) reads(line []byte, at int, colon bool) bool {
	word := 0
	for at+word < len(line) && isHex(line[at+word]) {
		word++
	}
	try := func(base, digits, bytes int) []byte {
		d.base, d.digits, d.bytes, d.until = base, digits, bytes, len(line)
		got, end := d.line(nil, line, at)
		if len(got) != d.each {
			return nil
		}
		d.until = end
		return got
	}
	switch {
	case word == 8 && try(2, 8, 1) != nil, word == 6 && !colon && try(8, 6, 2) != nil:
		return true
	}
	got := try(16, 0, 0)
	if got == nil || word != 4 && word != 8 && word != 16 {
		return got != nil
	}
	shown := bytes.Trim(line[d.until:], " |")
	turned := try(16, word, word/2)
	if turned == nil || len(shown) == 0 && colon || len(shown) > 0 && alike(got, shown) >= alike(turned, shown) {
		try(16, 0, 0)
	}
	return true
}

// alike counts the characters that stand where they do in the bytes.
func alike(got, shown []byte) int {
	n := 0
	for i := range min(len(got), len(shown)) {
		if got[i] == shown[i] {
			n++
		}
	}
	return n
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

// line reads up to a line's bytes from column at, and tells the column behind the last.
func (d *dump) line(dst, line []byte, at int) ([]byte, int) {
	n, end := 0, at
	digits, bytes := d.digits, d.bytes
	if digits == 0 {
		digits, bytes = 2, 1
	}
	for i := at; n < d.each && i+digits <= min(len(line), d.until); {
		if line[i] == ' ' || line[i] == '-' || line[i] == '\t' {
			i++
			continue
		}
		v := uint64(0)
		for _, c := range line[i : i+digits] {
			if !isHex(c) || int(unhex(c)) >= d.base {
				return dst, end
			}
			v = v*uint64(d.base) + uint64(unhex(c))
		}
		for range bytes {
			dst = append(dst, byte(v))
			v >>= 8
			n++
		}
		i += digits
		end = i
	}
	return dst, end
}

// lineEnd is where the line ends that begins there, behind its line feed; false: more of it may come.
func lineEnd(src []byte, from int, last bool) (end int, ok bool) {
	if n := bytes.IndexByte(src[from:], '\n'); n >= 0 {
		return from + n + 1, true
	}
	return len(src), last || len(src)-from >= lineKept
}

func (d *dump) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	used := 0
	for used < len(src) {
		end, ok := lineEnd(src, used, last)
		if !ok {
			return dst, used, false
		}
		line := bytes.TrimPrefix(src[used:end], d.prefix)
		if len(line) > 0 && len(line) <= 2 && line[0] == '*' { // the same line again: how often, nobody says here
			used = end
			continue
		}
		_, at, digits := dumpOffset(line)
		if digits < 4 {
			return dst, used, true
		}
		dst, _ = d.line(dst, bytes.TrimRight(line, "\r\n"), at)
		used = end
	}
	return dst, used, last
}
