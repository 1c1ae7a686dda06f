package open

import (
	"testing"

	"pgregory.net/rapid"
)

func TestEightBytesAtOnceTellWhatEachByteDoes(t *testing.T) {
	t.Parallel()
	edges := []byte{0, 7, 8, '\t', '\n', 0x0b, '\f', '\r', 0x1b, 0x1f, ' ', '!', '~', 0x7e, 0x7f, 0x80, 0x81, 0xa0, 0xfe, 0xff}
	rapid.Check(t, func(t *rapid.T) {
		b := rapid.SliceOfN(rapid.SampledFrom(append([]byte("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"), edges...)), 0, 90).Draw(t, "b")
		printable, control := true, 0
		for _, c := range b {
			printable = printable && c >= '\t' && c < 0x7f
			control += int(controls[c])
		}
		if got := isASCII(b); got != printable {
			t.Fatalf("isASCII(%q) = %t", b, got)
		}
		if got := fewControls(b); got != (control*50 <= len(b)) {
			t.Fatalf("fewControls(%q) = %t, %d controls", b, got, control)
		}
	})
	for _, c := range edges {
		for at := range 8 {
			b := []byte("aaaaaaaa")
			b[at] = c
			if isASCII(b) != (c >= '\t' && c < 0x7f) || fewControls(b) != (controls[c] == 0) {
				t.Errorf("%q", b)
			}
		}
	}
}
