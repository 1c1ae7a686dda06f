package canonical

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestLocateFindsWhereCanonicalTextCameFrom(t *testing.T) {
	text := "De heer „Ångström“ was\nziek: ﬁèvre!"
	for _, c := range []struct{ canonical, want string }{
		{"deheer", "De heer"}, {"angstrom", "Ångström"}, {"mwasz", "m“ was\nz"}, {"fi", "ﬁ"}, {"evre", "èvre"},
	} {
		at := int64(bytes.Index(Text(text), []byte(c.canonical)))
		got, err := Locate(strings.NewReader(text), [][2]int64{{at, at + int64(len(c.canonical))}})
		if err != nil {
			t.Fatal(err)
		}
		if s := text[got[0][0]:got[0][1]]; s != c.want {
			t.Errorf("%q was %q, want %q", c.canonical, s, c.want)
		}
	}
}

func TestLocateAgreesWithTheMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		letters := []rune("abcXYZ019 .,\n-éßœﬁ’日本\u200b\u00adа🅐ﷺ")
		var b strings.Builder
		for range rng.IntN([]int{100, 2000, 2000, 3 * locateBytes / 2}[rng.IntN(4)]) {
			b.WriteRune(letters[rng.IntN(len(letters))])
		}
		text := b.String()
		canon, from := Mapped(text)
		var spans [][2]int64
		for range rng.IntN(20) {
			if len(canon) > 0 {
				at := rng.IntN(len(canon))
				spans = append(spans, [2]int64{int64(at), int64(at + 1 + rng.IntN(min(500, len(canon)-at)))})
			}
		}
		for _, r := range []io.Reader{strings.NewReader(text), iotest.OneByteReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			got, err := Locate(r, spans)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range spans {
				last := from[s[1]-1]
				end := last + len(string([]rune(text[last:min(len(text), last+4)])[0]))
				if got[i][0] != int64(from[s[0]]) || got[i][1] != int64(end) {
					t.Fatalf("span %v is %v, want %d to %d", s, got[i], from[s[0]], end)
				}
			}
		}
	})
}

func TestLocateRefusesWhatIsNotThere(t *testing.T) {
	for _, s := range [][2]int64{{-1, 3}, {2, 2}, {3, 1}, {0, 7}, {6, 9}} {
		if _, err := Locate(strings.NewReader("abc def"), [][2]int64{s}); !errors.Is(err, ErrSpan) {
			t.Errorf("%v: %v", s, err)
		}
	}
	if _, err := Locate(iotest.ErrReader(io.ErrUnexpectedEOF), [][2]int64{{0, 1}}); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Error(err)
	}
}

func FuzzLocate(f *testing.F) {
	f.Add([]byte("abc\xffd\xc3\xa9f"), int64(1), int64(4))
	f.Fuzz(func(t *testing.T, text []byte, from, to int64) {
		var whole Folder
		canon := whole.Append(nil, text)
		got, err := Locate(bytes.NewReader(text), [][2]int64{{from, to}})
		inside := from >= 0 && from < to && to <= int64(len(canon))
		if (err == nil) != inside {
			t.Fatalf("%d to %d of %d: %v", from, to, len(canon), err)
		}
		if err == nil && (got[0][0] < 0 || got[0][0] >= got[0][1] || got[0][1] > int64(len(text))) {
			t.Fatalf("%v of %d bytes", got, len(text))
		}
	})
}
