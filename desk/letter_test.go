package desk

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPiecesJoinToTheLetter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.StringOf(rapid.RuneFrom([]rune("ab é-\n /:"))).Draw(t, "body")
		var b strings.Builder
		for _, p := range pieces(body) {
			b.WriteString(p.Text + p.Break)
		}
		if b.String() != body {
			t.Fatalf("%q became %q", body, b.String())
		}
	})
}

func TestOnlyBreaksThatWrappingMadeAreSoft(t *testing.T) {
	long := strings.Repeat("woord ", 11) + "einde"
	for _, c := range []struct {
		line, next string
		soft       bool
	}{
		{long, "  verder met de zin", true},
		{long, "- een volgend punt", false},
		{long, "", false},
		{"Naam: Verzonnen vzw", "Hoedanigheid: verantwoordelijke", false},
		{long, "https://files.mirror.example/a", false},
		{"URL:", "https://files.mirror.example/" + strings.Repeat("a", 80), false},
	} {
		if got := soft(c.line, c.next); got != c.soft {
			t.Errorf("%q then %q: soft %v", c.line, c.next, got)
		}
	}
}
