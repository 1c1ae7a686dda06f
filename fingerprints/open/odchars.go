package open

import "bytes"

// odChars is what od -c prints: an offset, and every byte as a character, as the escape of one, or as three octal digits.
type odChars struct{ each int }

func (odChars) name() string { return "dump" }

// newOdChars recognises it by its first two lines.
func newOdChars(text []byte) blob {
	if !bytes.HasPrefix(text, []byte("0000000 ")) {
		return nil
	}
	first, rest, found := bytes.Cut(text, []byte{'\n'})
	second, _, _ := bytes.Cut(rest, []byte{'\n'})
	if !found || len(second) < 8 {
		return nil
	}
	each := octal(second[:7])
	if each < 4 || each > 64 || len(bytes.TrimRight(first, "\r")) != 7+4*each {
		return nil
	}
	return odChars{each}
}

func (o odChars) decode(dst, src []byte, last bool) ([]byte, int, bool) {
	used := 0
	for used < len(src) {
		end, ok := lineEnd(src, used, last)
		if !ok {
			return dst, used, false
		}
		line := bytes.TrimRight(src[used:end], "\r\n")
		used = end
		if len(line) < 8 || octal(line[:7]) < 0 {
			if bytes.Equal(line, []byte{'*'}) {
				continue
			}
			return dst, used, true
		}
		for i := 7; i+4 <= min(len(line), 7+4*o.each); i += 4 {
			dst = append(dst, odCell(line[i:i+4]))
		}
	}
	return dst, used, last
}

// odCell reads a cell of four columns.
func odCell(b []byte) byte {
	if b[2] == '\\' {
		if i := bytes.IndexByte([]byte("0abtnvfr"), b[3]); i > 0 {
			return byte(i + 6)
		}
		return 0
	}
	if isDigit(b[1]) && isDigit(b[2]) && isDigit(b[3]) {
		return (b[1]-'0')<<6 | (b[2]-'0')<<3 | b[3] - '0'
	}
	return b[3]
}
