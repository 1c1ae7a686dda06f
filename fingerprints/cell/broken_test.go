package cell

import (
	"slices"
	"testing"
)

// nationals are the national numbers that a scanner finds.
func nationals(k *Key, text string) (hashes []uint64) {
	s := k.Scanner()
	for _, t := range append(s.Append(nil, []byte(text)), s.End(nil)...) {
		if t.Kind == National {
			hashes = append(hashes, t.Hash)
		}
	}
	return hashes
}

func TestANumberMayBeBrokenOverTwoLines(t *testing.T) {
	k := testKey(1)
	want := k.hash(k.number(National, 85073003328))
	for text, found := range map[string]bool{
		"85073003328":                        true,
		"850730\n03328":                      true,
		"850730\r\n03328":                    true,
		"het nummer 85.07.30-\n033.28 van":   true,
		"85.07.30\n033-28":                   true,
		"850730033\n28":                      true,
		"850730\u202f033\u202f28":            true,
		"850730\u2009033\u2009" + "28":       true,
		"85.07.30-033.\n28":                  true,
		"85.07.30\u2013033.28":               true,
		"850730\u2010033\u2010" + "28":       true,
		"8 5 0 7 3 0 0 3 3 2 8":              true,
		"8.5.0.7.3.0-0.3.3-2.8":              true,
		"850730\n\n03328":                    false, // another paragraph's
		"850730 van\n03328":                  false,
		"12\n850730\n03328\n17":              true,
		"a;7;850730\n03328;Jan;19.07.30-1\n": true,
	} {
		if got := slices.Contains(nationals(k, text), want); got != found {
			t.Errorf("%q: found %t", text, got)
		}
	}
}

func TestNumbersOfTwoLinesAreNoOtherIdentifier(t *testing.T) {
	k := testKey(1)
	s := k.Scanner()
	for _, x := range append(s.Append(nil, []byte("111222\n333\n123456\n789\n0477\n123456\n")), s.End(nil)...) {
		if x.Kind == BSN || x.Kind == Phone || x.Kind == National {
			t.Errorf("%v at %d", x.Kind, x.At)
		}
	}
}

// A chat has a day and a time in each line: they are nobody's birth.
func TestTheDayOfATimeSpeaksOfNobody(t *testing.T) {
	k := testKey(1)
	for text, want := range map[string]int{
		"[21/03/2024, 20:11:17] a: b":          0,
		"2024-03-21 20:11 a":                   0,
		"2024-03-21T20:11:17Z a":               0,
		"21.03.2024 9:05 a":                    0,
		"2024-03-21 00:00:00 a":                1, // as databases write days
		"2024-03-21T00:00:00 a":                1,
		"21/03/2024 a 20:11":                   1,
		"21/03/2024;20:11":                     1,
		"21/03/2024, 12/03/1981, 20:11":        1,
		"[21/03/2024, 20:11] 13/03/1981":       1,
		"12 maart 1981 20 jaar":                1,
		"geboren 13/03/1981\n20:11 13/03/1982": 2,
	} {
		s := k.Scanner()
		s.End(s.Append(nil, []byte(text)))
		if got := s.Places(Date); got != want {
			t.Errorf("%q: %d days, want %d", text, got, want)
		}
	}
}

// With a filter short numbers are passed over, unless they may be a number's end.
func TestTheEndOfANumberInTheNextLineIsNotPassedOver(t *testing.T) {
	k := testKey(1)
	want := k.hash(k.number(National, 85073003328))
	for _, text := range []string{"Jan Peeters, 850730033\n28\n", "het nummer 85.07.30-033.\n28 van", "850730033\r\n28;x"} {
		s := k.Scanner()
		s.Filter(func(dst []uint32, hashes []uint64) []uint32 {
			for i, h := range hashes {
				if h>>(HashBits-LeadBits) == want>>(HashBits-LeadBits) {
					dst = append(dst, uint32(i))
				}
			}
			return dst
		})
		s.Only(Held{Kinds: 1<<Kinds - 1, Sizes: 1 << 40})
		tokens := s.End(s.Append(nil, []byte(text)))
		if !slices.ContainsFunc(tokens, func(x Token) bool { return x.Hash == want && !x.Dropped }) {
			t.Errorf("%q: %v", text, tokens)
		}
	}
}
