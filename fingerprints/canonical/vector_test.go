package canonical

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sys/cpu"
	"pgregory.net/rapid"
)

// sameAnyWay compares what both versions make of a text that arrives in two pieces, and its characters one by one.
func sameAnyWay(t interface{ Fatalf(string, ...any) }, text []byte, cut int) {
	got := vectorsAsPlainly(t, text, cut)
	if want := plainly(new(Folder), text); !bytes.Equal(got, want) {
		t.Fatalf("%q reads %q, one by one %q", text, got, want)
	}
}

// vectorsAsPlainly does so in each of the ways in which this machine's vectors can be used.
func vectorsAsPlainly(t interface{ Fatalf(string, ...any) }, text []byte, cut int) []byte {
	if Wide() {
		foldedAsPlainly(t, text, cut)
		cpu.X86.HasAVX512BW = false
		defer func() { cpu.X86.HasAVX512BW = true }()
	}
	return foldedAsPlainly(t, text, cut)
}

func foldedAsPlainly(t interface{ Fatalf(string, ...any) }, text []byte, cut int) []byte {
	var fast Folder
	plain := Folder{Plain: true}
	got := fast.Append(nil, text[:cut])
	got = fast.Append(got, text[cut:])
	want := plain.Append(plain.Append(nil, text[:cut]), text[cut:])
	if !bytes.Equal(got, want) {
		t.Fatalf("%q reads %q, plainly %q", text, got, want)
	}
	return got
}

// drawLatin draws text of which most is what vectors map, and some is not, also broken.
func drawLatin(t *rapid.T) []byte {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
	rare := rapid.SampledFrom([]int{3, 20, 200, 1 << 20}).Draw(t, "rare")
	var b []byte
	for size := rng.IntN(2000); len(b) < size; {
		switch k := rng.IntN(10); {
		case rng.IntN(rare) == 0:
			b = append(b, []byte{0xC2, 0xC3, 0xE2, 0x80, 0x81, 0x9F, byte(rng.Uint32())}[rng.IntN(7)])
		case rng.IntN(rare) == 0:
			b = utf8.AppendRune(b, []rune{rng.Int32N(0x800), 0x2000 + rng.Int32N(0x100), rng.Int32N(utf8.MaxRune)}[rng.IntN(3)])
		case k < 6:
			b = append(b, byte(rng.IntN(0x80)))
		case k < 9:
			b = utf8.AppendRune(b, 0x80+rng.Int32N(0x100))
		default:
			b = utf8.AppendRune(b, 0x2000+rng.Int32N(0x40))
		}
	}
	return b
}

func TestVectorsAndThePlainVersionMapAsTheMappingDoes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := drawLatin(t)
		sameAnyWay(t, text, rapid.IntRange(0, len(text)).Draw(t, "cut"))
	})
}

// TestEveryCharacterAtEveryPlaceOfAVector has each of those that vectors map behind each number of letters.
func TestEveryCharacterAtEveryPlaceOfAVector(t *testing.T) {
	for r := rune(0x20); r < 0x2090; r++ {
		if r == 0x200 { // others are not for vectors, wherever they stand
			r = 0x2000
		}
		for before := range vectorTest {
			vectorsAsPlainly(t, []byte(strings.Repeat("a", before)+string(r)+strings.Repeat("b", 5*vectorTest)), 0)
		}
	}
}

const vectorTest = 64

func FuzzVectorsAndThePlainVersionMapAsTheMappingDoes(f *testing.F) {
	f.Add([]byte(strings.Repeat("Géraldine était «enceinte», d’après la fiche — Straße ", 9)), uint16(130))
	f.Add([]byte(strings.Repeat("abcdefé\xe2A \xc3B\xe2\x80C", 40)), uint16(2))
	f.Add([]byte(strings.Repeat("\xc3\xe2\x80\xc3\x9f\xe2\x82\xac\xc2\xbc\xc2\xb2", 40)), uint16(33))
	f.Fuzz(func(t *testing.T, text []byte, cut uint16) { sameAnyWay(t, text, min(int(cut), len(text))) })
}

// TestProcessorsWithoutVectorsAreAskedForNone: what such a processor would do with them is end the program.
func TestProcessorsWithoutVectorsAreAskedForNone(t *testing.T) {
	defer func(had bool) { cpu.X86.HasAVX2 = had }(cpu.X86.HasAVX2)
	cpu.X86.HasAVX2 = false
	text := []byte(strings.Repeat("Géraldine était enceinte. ", 100))
	if got, rest := leading(make([]byte, 0, 2*len(text)), text); len(got) > 0 || len(rest) < len(text) {
		t.Errorf("%d bytes are mapped with what the processor has not", len(text)-len(rest))
	}
}
