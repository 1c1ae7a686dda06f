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
