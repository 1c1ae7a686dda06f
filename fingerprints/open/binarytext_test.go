package open

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"
)

func randomBytes(seed uint64, n int) []byte {
	b := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(seed), byte(seed >> 8)}).Read(b)
	return b
}

func wideOf(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u), byte(u>>8))
	}
	return b
}

// TestTextAmidOtherBytesIsRead: whole, wherever it begins, in a file of its own and in an archive.
func TestTextAmidOtherBytesIsRead(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	const line = "Odiel Speelmanne verklaarde op 3 maart dat hij de ploeg van juffrouw Bénédicte Verstraete niet meer vertrouwt sinds de verhuizing."
	row := "Odiel\x00Speelmanne\x00\x01\x021961-04-12\x00Molenstraat 14\x00\x00Verzonnegem\x00os@verzonnen.example\x00"
	for name, b := range map[string]struct {
		text []byte
		want string
	}{
		"UTF-8":   {[]byte(line), line},
		"Latin-1": {[]byte(strings.ReplaceAll(line, "é", "\xe9")), line},
		"UTF-16":  {wideOf(line), line},
		"fields":  {[]byte(strings.Repeat(row, 3)), "Odiel Speelmanne 1961-04-12 Molenstraat 14 Verzonnegem os@verzonnen.example"},
	} {
		for _, around := range [][]byte{randomBytes(1, 200_000), make([]byte, 200_000)} {
			for _, at := range []int{70_001, 65_500, 131_072 - len(b.text)/2} {
				item := slices.Concat(around[:at], b.text, around[at:])
				h := mustOpen(t, o, "x.img", item)
				if got := string(h.text[[2]int{0, BinaryText}]); !strings.Contains(got, b.want) || len(got) > len(b.text)+600 {
					t.Errorf("%s at %d: %d bytes of text, %q", name, at, len(got), got[:min(len(got), 400)])
				}
				h = mustOpen(t, o, "x.zip", zipOf(t, file{"x.img", item}))
				if got := string(h.text[[2]int{1, BinaryText}]); !strings.Contains(got, b.want) {
					t.Errorf("%s at %d, in an archive: %d bytes of text", name, at, len(got))
				}
			}
		}
	}
}

func TestBytesThatAreNoTextYieldHardlyAny(t *testing.T) {
	o := newOpener(t, Limits{}, 1)
	samples := map[string][]byte{"random": randomBytes(2, 4<<20), "zeros": make([]byte, 4<<20), "numbers": {}}
	for i := range 1 << 20 {
		samples["numbers"] = append(samples["numbers"], byte(i), byte(i>>8), byte(i>>16), 0)
	}
	for name, b := range samples {
		h := mustOpen(t, o, "x.bin", b)
		if got := len(h.text[[2]int{0, BinaryText}]); got > len(b)/500 {
			t.Errorf("%s: %d bytes of text", name, got)
		}
	}
}

// TestBinaryTextIsTheSameHoweverItComes cuts what is fed anywhere.
func TestBinaryTextIsTheSameHoweverItComes(t *testing.T) {
	item := slices.Concat(randomBytes(3, 5000), []byte(letter), randomBytes(4, 333), wideOf(letter), randomBytes(5, 70))
	read := func(pieces func() int) string {
		var frames bytes.Buffer
		it := newItem(&link{w: newFrameWriter(&frames)}, DefaultLimits(), tools{})
		x := &binaryText{it: it}
		for b := item; len(b) > 0; {
			n := min(len(b), pieces())
			if err := x.feed(b[:n]); err != nil {
				t.Fatal(err)
			}
			b = b[n:]
		}
		if err := x.close(); err != nil {
			t.Fatal(err)
		}
		if err := it.l.flush(); err != nil {
			t.Fatal(err)
		}
		return frames.String()
	}
	whole := read(func() int { return len(item) })
	if strings.Count(whole, "Vandergucht") != 2*strings.Count(letter, "Vandergucht") {
		t.Error("a letter is missing")
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		if read(func() int { return 1 + r.IntN(300) }) != whole {
			t.Fatal("another text")
		}
	}
}

func FuzzBinaryText(f *testing.F) {
	f.Add([]byte(letter))
	f.Add(slices.Concat(randomBytes(6, 100), wideOf(letter)))
	f.Fuzz(func(t *testing.T, b []byte) {
		var frames bytes.Buffer
		it := newItem(&link{w: newFrameWriter(&frames)}, DefaultLimits(), tools{})
		x := &binaryText{it: it}
		if err := x.feed(b); err != nil {
			t.Fatal(err)
		}
		if err := x.close(); err != nil {
			t.Fatal(err)
		}
	})
}
