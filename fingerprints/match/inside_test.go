package match

import "testing"

func TestAPageOfTheItemItselfIsInsideNothing(t *testing.T) {
	for _, c := range []struct {
		grade  Grade
		part   string
		inside bool
	}{
		{Image, "", false},
		{Image, "scan.pdf!/page 3", false},
		{Image, "a.zip!/scan.pdf!/page 3", true},
		{Image, "a.zip!/scan.jpg", true},
		{Image, "a.zip!/page one", true},
		{Passages, "a.zip!/page 3", true}, // a file that is called so
		{Member, "a.zip!/b.txt", true},
		{Identical, "", false},
	} {
		if got := (Match{Grade: c.grade, Part: c.part}).Inside(); got != c.inside {
			t.Errorf("%s in %q: %v", c.grade, c.part, got)
		}
	}
}
