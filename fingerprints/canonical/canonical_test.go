package canonical

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestSameTextReadsTheSame(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"Hello, World 42!", "helloworld42"},
		{"Straße", "strasse"},
		{"STRASSE", "strasse"},
		{"Ge\u0301raldine", "geraldine"},
		{"Géraldine", "geraldine"},
		{"ﬁche d’aptitude", "fichedaptitude"},
		{"num\u00aded\u200beli\u200djk\ufeff", "numedelijk"},
		{"Ｆｕｌｌ ｗｉｄｔｈ １２", "fullwidth12"},
		{"x² ½", "x212"},
		{"İstanbul", "istanbul"},
		{"Œuvre Æsir", "œuvreæsir"},
		{"Привет, МИР", "приветмир"},
		{"ΟΔΟΣ", "οδοσ"},
		{"\xff\xfeabc\xc3", "abc"},
		{"日本語 テキスト", "日本語テキスト"},
		{"voor-\r\nbeeld", "voorbeeld"},
	} {
		if got := string(Text(c.in)); got != c.want {
			t.Errorf("Text(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestDifferentTextStaysDifferent(t *testing.T) {
	for _, c := range [][2]string{{"jan 12", "jan 13"}, {"peeters", "peters"}, {"1.5", "1.6"}} {
		if bytes.Equal(Text(c[0]), Text(c[1])) {
			t.Errorf("%q and %q read the same", c[0], c[1])
		}
	}
}

// TestMappingIsIdempotent holds for every character that Unicode has: canonical text read again stays as it is.
func TestMappingIsIdempotent(t *testing.T) {
	var f Folder
	for r := rune(0); r <= utf8.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		once := f.mapRune(r)
		if twice := f.Append(nil, once); !bytes.Equal(once, twice) {
			t.Fatalf("%U: %q read again is %q", r, once, twice)
		}
	}
}

func TestCutAnywhereReadsTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		src := []byte(rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.Byte()), func(b []byte) string { return string(b) })).Draw(t, "text"))
		var whole, pieces Folder
		want := whole.Append(nil, src)
		var got []byte
		for rest := src; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			got = pieces.Append(got, rest[:n])
			rest = rest[n:]
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("cut in pieces %q reads %q, whole %q", src, got, want)
		}
		mapped, from := Mapped(string(src))
		if len(from) != len(mapped) {
			t.Fatalf("%d offsets for %d bytes", len(from), len(mapped))
		}
		if utf8.Valid(src) && !bytes.Equal(mapped, want) {
			t.Fatalf("mapped %q, streamed %q", mapped, want)
		}
		for i := 1; i < len(from); i++ {
			if from[i] < from[i-1] || from[i] >= len(src) {
				t.Fatalf("offset %d at %d", from[i], i)
			}
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	for name, text := range map[string]string{
		"ascii": strings.Repeat("De heer Peeters was op 12 maart afwezig wegens rugklachten. ", 2000),
		"utf8":  strings.Repeat("Géraldine était enceinte, d’après la fiche médicale numéro 12. ", 2000),
	} {
		b.Run(name, func(b *testing.B) {
			var f Folder
			src := []byte(text)
			dst := make([]byte, 0, 2*len(src))
			b.SetBytes(int64(len(src)))
			b.ReportAllocs()
			for b.Loop() {
				dst = f.Append(dst[:0], src)
			}
		})
	}
}
