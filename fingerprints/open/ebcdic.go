package open

import (
	"encoding/binary"
	"unicode"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode/utf32"
)

// ebcdicClass has a 1 for what text in the encodings of mainframes is made of: letters, digits, the space, line ends and the
// commonest marks, which lie where other encodings have hardly anything that comes often.
var ebcdicClass = func() (t [256]uint8) {
	for _, r := range [][2]int{{0x81, 0x89}, {0x91, 0x99}, {0xa2, 0xa9}, {0xc1, 0xc9}, {0xd1, 0xd9}, {0xe2, 0xe9}, {0xf0, 0xf9}} {
		for c := r[0]; c <= r[1]; c++ {
			t[c] = 1
		}
	}
	for _, c := range []int{0x40, 0x4b, 0x6b, 0x5e, 0x61, 0x60, 0x7a, 0x7d, 0x7f, 0x6d, 0x15, 0x25, 0x0d, 0x05, 0x4d, 0x5d, 0x7c} {
		t[c] = 1
	}
	return t
}()

// ebcdic recognises them.
func ebcdic(b []byte) encoding.Encoding {
	if len(b) < 32 {
		return nil
	}
	good, spaces, letters := 0, 0, 0
	for _, c := range b {
		good += int(ebcdicClass[c])
		switch {
		case c == 0x40:
			spaces++
		case c > 0x80 && c < 0xf0:
			letters += int(ebcdicClass[c])
		}
	}
	if good*100 < 88*len(b) || spaces*50 < len(b) || letters*3 < len(b) {
		return nil
	}
	return charmap.CodePage1140
}

// utf32Without recognises UTF-32 without a mark: of four bytes two are none, and what they say is a character.
func utf32Without(b []byte) encoding.Encoding {
	b = b[:min(len(b), 8<<10)&^3]
	if len(b) < 32 {
		return nil
	}
	little, big := 0, 0
	for i := 0; i < len(b); i += 4 {
		if isShown(binary.LittleEndian.Uint32(b[i:])) {
			little++
		}
		if isShown(binary.BigEndian.Uint32(b[i:])) {
			big++
		}
	}
	switch least := len(b) / 4 * 95 / 100; {
	case little >= least:
		return utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	case big >= least:
		return utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
	}
	return nil
}

func isShown(v uint32) bool {
	r := rune(v)
	return v == '\n' || v == '\r' || v == '\t' || v >= ' ' && v < 0x20000 && unicode.IsPrint(r)
}
