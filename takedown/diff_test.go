package takedown

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// sides rebuilds both texts from their difference.
func sides(lines []DiffLine) (a, b []string) {
	for _, l := range lines {
		if l.Op != "+" {
			a = append(a, l.Text)
		}
		if l.Op != "-" {
			b = append(b, l.Text)
		}
	}
	return a, b
}

func TestADifferenceHoldsBothTexts(t *testing.T) {
	line := rapid.SampledFrom([]string{"a", "b", "c", ""})
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.SliceOfN(line, 0, 12).Draw(t, "a"), rapid.SliceOfN(line, 0, 12).Draw(t, "b")
		x, y := sides(diffLines(a, b))
		if strings.Join(x, "\n") != strings.Join(a, "\n") || strings.Join(y, "\n") != strings.Join(b, "\n") || len(x) != len(a) || len(y) != len(b) {
			t.Fatalf("%q and %q give %q and %q", a, b, x, y)
		}
	})
}

func TestADifferenceIsShort(t *testing.T) {
	var changed []string
	for _, l := range diffLines(strings.Fields("one two three four five"), strings.Fields("one two 3 four five six")) {
		if l.Op != " " {
			changed = append(changed, l.Op+l.Text)
		}
	}
	if got := strings.Join(changed, " "); got != "-three +3 +six" {
		t.Errorf("%s", got)
	}
	long := strings.Split(strings.Repeat("x\n", 3000), "\n")
	other := strings.Split(strings.Repeat("y\n", 3000), "\n")
	if a, b := sides(diffLines(long, other)); len(a) != len(long) || len(b) != len(other) {
		t.Errorf("%d and %d lines", len(a), len(b))
	}
}
