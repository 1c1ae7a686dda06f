package takedown

import (
	"bytes"
	"testing"
)

func TestTheProgramsOwnWordsComeBack(t *testing.T) {
	seen := map[string]bool{}
	for i, s := range sayings() {
		n := said(s)
		if seen[s] || !bytes.Equal(n, []byte{byte(i >> 8), byte(i)}) {
			t.Errorf("%q is there twice", s)
		}
		seen[s] = true
		if got, ok := saying(n); !ok || got != s {
			t.Errorf("%q comes back as %q", s, got)
		}
	}
	for _, b := range [][]byte{nil, {}, {1}, {255, 255}, bytes.Repeat([]byte{0}, 41)} {
		if s, ok := saying(b); ok {
			t.Errorf("%v says %q", b, s)
		}
	}
	if said("a person's own words") != nil {
		t.Error("a person's words have a number")
	}
}
