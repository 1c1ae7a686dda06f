package cell

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"unmirror/fingerprints/canonical"
)

// plainly finds words and plain numbers one character after the other, as the scanner is meant to.
func plainly(k *Key, text string) (out []Token) {
	line, from := uint32(0), -1
	var form []byte
	ascii := true
	end := func(to int) {
		number := ascii && len(form) > 0 && len(strings.Trim(text[from:to], "0123456789")) == 0
		switch {
		case from < 0 || to-from > maxAtom:
		case number && to-from <= maxNumber && value([]byte(text[from:to])) >= leastNumber:
			out = append(out, Token{Hash: k.hash(k.number(Number, value([]byte(text[from:to])))), At: int64(from), End: int64(to), Line: line, Kind: Number, Size: SizeOf(value([]byte(text[from:to])))})
		case !number && len(form) >= minWord && len(form) <= maxWord:
			out = append(out, Token{Hash: k.hash(k.word(form)), At: int64(from), End: int64(to), Line: line, Kind: Word})
		}
		from, form, ascii = -1, form[:0], true
	}
	for i, width := 0, 0; i < len(text); i += width {
		var r rune
		r, width = utf8.DecodeRuneInString(text[i:])
		letters := canonical.Text(text[i : i+width])
		switch {
		case r == utf8.RuneError, len(letters) == 0 && !unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
			end(i)
			if r == '\n' {
				line++
			}
		case len(letters) == 0 && from < 0: // a mark behind nothing
		default:
			if from < 0 {
				from = i
			}
			form = append(form, letters...)
			ascii = ascii && width == 1
		}
	}
	end(len(text))
	return out
}

// plain are pieces of text without account numbers, addresses and ends of records, and not of many digits.
var plain = []string{"Jan", "P", "peeters", " ", "\n", ";", ", ", ". ", "\r\n", "7", "00", "123", "1985", "é", "Géraldine", "coördinatie", "e\u0301", "\u200b", "ß", "œ", "ﬁ", "’", "«", "\u00a0", "\u00ad",
	"²", "½", "１２", "٣", "δ", "и", "日本", "\xff", "\xc3", "\xe2\x80", "\x00", "\x15", "[`{/:@^", "arbeidsongeschiktheid", "abcdefg", "abcdefgh", "abcdefghijklmno", strings.Repeat("verzekering", 4), "😀", "|"}

func TestWordsAreThoseThatAPlainScanFinds(t *testing.T) {
	k := testKey(5)
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(plain), 0, 120).Draw(t, "pieces"), "")
		all := scanAll(k, text)
		words := slices.DeleteFunc(all, func(t Token) bool { return t.Kind > Number })
		for i := range words {
			words[i].Dates = 0
		}
		want := plainly(k, text)
		words = slices.DeleteFunc(words, func(t Token) bool { // numbers in groups
			return t.Kind == Number && strings.Trim(text[t.At:t.End], "0123456789") != ""
		})
		if !slices.Equal(words, want) {
			t.Fatalf("%q: %v, want %v", text, words, want)
		}
	})
}

func TestLinesBeginBehindAFirstCharacter(t *testing.T) {
	for _, text := range []string{"a\nbc", "7\nbc", "é\nbc", "a\n«1980", "7\n 123 bc"} {
		for _, tok := range scanAll(testKey(7), text) {
			if tok.Line != 1 {
				t.Errorf("%q: %v, want it in the line after the first", text, tok)
			}
		}
	}
}
