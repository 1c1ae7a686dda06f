package open

import (
	"bytes"
	"encoding/binary"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/wlynxg/chardet"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
	utf "golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"
)

// MostTexts is how many texts of one part are told at most, rival decodings for the most part.
const MostTexts = 3

// decodings returns the encodings in which the sample may be written, the likeliest first; none when it is no text.
// A nil encoding is UTF-8. declared may name one that the document itself claims.
func decodings(sample []byte, whole bool, declared string) []encoding.Encoding {
	if e, ok := byMark(sample); ok {
		return []encoding.Encoding{e}
	}
	if !plausible(sample) {
		if e := withoutMark(sample); e != nil {
			return []encoding.Encoding{e}
		}
		return nil
	}
	if validUTF8(sample, whole) {
		return []encoding.Encoding{nil}
	}
	if good, bad := countUTF8(sample); good > 2*bad {
		return append([]encoding.Encoding{nil}, rivals(sample, declared)[:1]...) // mixed, or damaged
	}
	if e := withoutMark(sample); e != nil {
		return []encoding.Encoding{e}
	}
	return rivals(sample, declared)
}

// withoutMark recognises the encodings whose bytes read as anything else make no sense.
func withoutMark(sample []byte) encoding.Encoding {
	if e := utf16Without(sample); e != nil {
		return e
	}
	if e := utf32Without(sample); e != nil {
		return e
	}
	return ebcdic(sample)
}

// byMark reads a byte order mark.
func byMark(b []byte) (encoding.Encoding, bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\xef\xbb\xbf")):
		return nil, true
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")):
		return utf32.UTF32(utf32.LittleEndian, utf32.ExpectBOM), true
	case bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")):
		return utf32.UTF32(utf32.BigEndian, utf32.ExpectBOM), true
	case bytes.HasPrefix(b, []byte("\xff\xfe")), bytes.HasPrefix(b, []byte("\xfe\xff")):
		return utf.UTF16(utf.LittleEndian, utf.ExpectBOM), true
	}
	return nil, false
}

// plausible reports whether single bytes can be text: hardly any control characters.
// Text cut out of a damaged file may hold a few.
func plausible(b []byte) bool { return fewControls(b) || isDressed(b) }

func fewControls(b []byte) bool {
	control, all := 0, len(b)
	for len(b) > 0 {
		n := min(8, len(b))
		if n < 8 || mayControl(binary.LittleEndian.Uint64(b)) {
			for _, c := range b[:n] {
				control += int(controls[c])
			}
		}
		b = b[n:]
	}
	return control*50 <= all
}

// Eight bytes at once, of which each has the same bit or number.
const (
	eachOne  = 0x0101010101010101
	eachHigh = 0x80 * eachOne
)

// mayControl reports whether one of eight bytes is below a space or 0x7f.
func mayControl(x uint64) bool {
	del := x ^ 0x7f*eachOne
	return ((x-' '*eachOne)&^x|(del-eachOne)&^del)&eachHigh != 0
}

// controls has a 1 for each control character that text has not.
var controls = func() (t [256]uint8) {
	for c := range t {
		if c < ' ' && c != '\n' && c != '\r' && c != '\t' && c != '\f' && c != 0x1b || c == 0x7f {
			t[c] = 1
		}
	}
	return t
}()

// isASCII reports whether a text is of printable ASCII and white space alone.
func isASCII(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		// Where no high bit is set, adding carries nothing from one byte into the next: 0x7f gets it, and what is below a tab not.
		x := binary.LittleEndian.Uint64(b)
		if (x|(x+eachOne)|^(x+(0x80-'\t')*eachOne))&eachHigh != 0 {
			return false
		}
	}
	for _, c := range b {
		if c < '\t' || c >= 0x7f {
			return false
		}
	}
	return true
}

// countUTF8 counts the sequences of several bytes that are UTF-8, and the bytes that are none.
func countUTF8(b []byte) (good, bad int) {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		r, size := utf8.DecodeRune(b)
		if r == utf8.RuneError && size == 1 {
			bad++
		} else {
			good++
		}
		b = b[size:]
	}
	return good, bad
}

func validUTF8(b []byte, whole bool) bool {
	if whole {
		return utf8.Valid(b)
	}
	for cut := 0; cut < utf8.UTFMax && cut < len(b); cut++ {
		if utf8.RuneStart(b[len(b)-1-cut]) {
			if !utf8.FullRune(b[len(b)-1-cut:]) {
				b = b[:len(b)-1-cut]
			}
			break
		}
	}
	return utf8.Valid(b)
}

// utf16Without recognises UTF-16 without a mark: read with the right byte order, nearly everything is a letter,
// digit, space or punctuation of few scripts; with the wrong one it is scattered over all of them.
func utf16Without(b []byte) encoding.Encoding {
	if len(b) < 8 {
		return nil
	}
	little, big := utf16Score(b, 0), utf16Score(b, 1)
	switch {
	case little >= 0.9 && little > big+0.2:
		return utf.UTF16(utf.LittleEndian, utf.IgnoreBOM)
	case big >= 0.9 && big > little+0.2:
		return utf.UTF16(utf.BigEndian, utf.IgnoreBOM)
	}
	return nil
}

// utf16Score is the share of code units that look like text; high is 0 for little and 1 for big endian. Without
// ASCII spaces or line ends among them, or hardly anything but ASCII as in wide tables, it is no text that we could read.
func utf16Score(b []byte, order int) float64 {
	good, all, spaces, ascii := 0, 0, 0, 0
	for i := 0; i+1 < min(len(b), 8192); i += 2 {
		u := rune(b[i]) | rune(b[i+1])<<8
		if order == 1 {
			u = rune(b[i+1]) | rune(b[i])<<8
		}
		all++
		if u >= ' ' && u < 0x7f {
			ascii++
		}
		switch {
		case u == ' ' || u == '\n' || u == '\r' || u == '\t':
			good++
			spaces++
		case u < ' ' || utf16.IsSurrogate(u):
		case u < 0x2E80 && (unicode.IsLetter(u) || unicode.IsDigit(u) || unicode.IsPunct(u) || unicode.IsSymbol(u) || unicode.IsMark(u)):
			good++
		}
	}
	if spaces*60 < all && (ascii*10 < all*8 || all < 40) {
		return 0
	}
	return float64(good) / float64(max(all, 1))
}

// rivalSets are the eight-bit encodings that western and central European systems wrote, in the order of their frequency.
var rivalSets = []encoding.Encoding{
	charmap.Windows1252, charmap.CodePage850, charmap.Windows1250, charmap.Macintosh, charmap.ISO8859_15, charmap.ISO8859_2,
}

// rivals ranks the encodings of text that is no Unicode: what the document declares, what statistics say, then those
// whose high bytes become letters within words. Two that read the sample alike count once.
func rivals(sample []byte, declared string) []encoding.Encoding {
	ranked := make([]encoding.Encoding, 0, len(rivalSets)+2)
	if e, err := htmlindex.Get(declared); declared != "" && err == nil && e != encoding.Replacement {
		ranked = append(ranked, e)
	}
	if found := chardet.Detect(sample[:min(len(sample), 16<<10)]); found.Encoding != "" {
		if e, err := htmlindex.Get(found.Encoding); err == nil && e != encoding.Replacement && !isUTF8(found.Encoding) {
			ranked = append(ranked, e)
		}
	}
	scores := map[encoding.Encoding]int{}
	for _, e := range rivalSets {
		scores[e] = letterScore(e, sample)
	}
	byScore := append([]encoding.Encoding(nil), rivalSets...)
	for i := range byScore {
		for j := i; j > 0 && scores[byScore[j]] > scores[byScore[j-1]]; j-- {
			byScore[j], byScore[j-1] = byScore[j-1], byScore[j]
		}
	}
	ranked = append(ranked, byScore...)

	var chosen []encoding.Encoding
	var seen [][]byte
next:
	for _, e := range ranked {
		text := decodeSample(e, sample)
		for _, s := range seen {
			if bytes.Equal(s, text) {
				continue next
			}
		}
		chosen, seen = append(chosen, e), append(seen, text)
		if len(chosen) == MostTexts {
			break
		}
	}
	return chosen
}

func isUTF8(name string) bool {
	e, err := htmlindex.Get(name)
	return err == nil && e == utf.UTF8
}

func decodeSample(e encoding.Encoding, sample []byte) []byte {
	if e == nil {
		return sample
	}
	out, _, _ := transform.Bytes(e.NewDecoder(), sample[:min(len(sample), 16<<10)])
	return out
}

// letterScore counts high characters that are letters next to letters of the same case, less those that are anything odd.
func letterScore(e encoding.Encoding, sample []byte) int {
	score := 0
	var before rune
	for _, r := range string(decodeSample(e, sample)) {
		if r >= 0x80 {
			switch {
			case unicode.IsLower(r) && unicode.IsLetter(before):
				score += 2
			case unicode.IsUpper(r) && !unicode.IsLower(before):
				score++
			case unicode.IsLetter(r):
				score--
			case r == 0xA0 || r == '€' || r == '’' || r == '–' || r == '°' || r == '“' || r == '”':
			default:
				score -= 2
			}
		}
		before = r
	}
	return score
}

// sampleText decodes a sample by its likeliest encoding; false when it is no text.
func sampleText(sample []byte, whole bool) ([]byte, bool) {
	if len(sample) == 0 {
		return nil, true
	}
	small := sample[:min(len(sample), 8<<10)]
	if isASCII(small) && plausible(small) {
		return small, true
	}
	e, ok := byMark(small)
	switch {
	case ok:
	case !plausible(small):
		if e = withoutMark(small); e == nil {
			return nil, false
		}
	case !validUTF8(small, whole && len(small) == len(sample)):
		e = withoutMark(small)
	}
	return decodeSample(e, small), true
}
