package cell

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/cpu"
	"pgregory.net/rapid"
)

// TestFilteredScanTellsWhatTheFilterKeepsOfAll: what the scanner remembers of what was dropped, be it by the words as they are
// written, changes nothing, nor does what texts before it have left.
func TestFilteredScanTellsWhatTheFilterKeepsOfAll(t *testing.T) {
	k := testKey(9)
	words := slices.Concat(plain, pieces, []string{"d’après", "l’hôpital", "«naïeve»", "Straße", "straße", "œuvre", "é", "à", "Noël", "2024-03-05", "1234;", "12.50;"}, besides)
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.SliceOfN(rapid.SampledFrom(words), 1, 12).Draw(t, "words")
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(few), 0, 300).Draw(t, "text"), rapid.SampledFrom([]string{"", " ", "\n"}).Draw(t, "between"))
		most := uint64(rapid.IntRange(0, 3).Draw(t, "keeps"))
		s := k.Scanner()
		s.Filter(func(dst []uint32, hashes []uint64) []uint32 {
			for i, h := range hashes {
				if h>>(HashBits-2) < most {
					dst = append(dst, uint32(i))
				}
			}
			return dst
		})
		got := s.End(s.Append(nil, []byte(text)))
		s.Free()
		got = slices.DeleteFunc(got, func(t Token) bool { return t.Dropped })
		want := slices.DeleteFunc(scanAll(k, text), func(t Token) bool { return t.Hash>>(HashBits-2) >= most })
		if !slices.Equal(got, want) {
			t.Fatalf("%q: %v, want %v", text, got, want)
		}
	})
}

// TestVectorsTellTheSame compares what is told with the processor's vectors and without.
func TestVectorsTellTheSame(t *testing.T) {
	if !vectors() {
		t.Skip("there are none")
	}
	k := testKey(11)
	words := slices.Concat(plain, pieces, besides, around, []string{"Straße", "coördinatie", "de", "van", "het", "personeelsdienst", "werkpost", ";2024-03-05;", ";123456;", ";12;", ";1.50\n", ";1234567;", ";12345678;"})
	rapid.Check(t, func(t *rapid.T) {
		few := rapid.SliceOfN(rapid.SampledFrom(words), 1, 40).Draw(t, "words")
		text := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(few), 0, 900).Draw(t, "text"), rapid.SampledFrom([]string{" ", ";", "\n", ",", ""}).Draw(t, "between")))
		most := uint64(rapid.IntRange(0, 2).Draw(t, "keeps"))
		held := rapid.SampledFrom([]Held{Everything, {Kinds: 1 << Date}, {}, {Kinds: 1 << Number, Sizes: 1 << 13}}).Draw(t, "held")
		scan := func() []Token {
			s := k.Scanner()
			s.Only(held)
			s.Filter(func(dst []uint32, hashes []uint64) []uint32 {
				for i, h := range hashes {
					if h>>(HashBits-3) < most {
						dst = append(dst, uint32(i))
					}
				}
				return dst
			})
			return s.End(s.Append(nil, text))
		}
		got := scan()
		defer func(two, five bool) { cpu.X86.HasAVX2, cpu.X86.HasAVX512BW = two, five }(cpu.X86.HasAVX2, cpu.X86.HasAVX512BW)
		cpu.X86.HasAVX512BW = false
		if want := scan(); !slices.Equal(got, want) {
			t.Fatalf("%q: %v, without those of 512 bits %v", text, got, want)
		}
		cpu.X86.HasAVX2 = false
		if want := scan(); !slices.Equal(got, want) {
			t.Fatalf("%q: %v, without vectors %v", text, got, want)
		}
	})
}
