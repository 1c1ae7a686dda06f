package fingerprints

import (
	"fmt"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

func TestNumberedCopiesMatchLikeTheText(t *testing.T) {
	w := newWorld(t, 70)
	lines := strings.Split(letterText(w.people[14]), "\n")
	for _, format := range []string{"%d: %s\n", "%3d| %s\n", "> [%d] %s\n", "%d\t%s\n", "%d\n%s\n"} {
		var b strings.Builder
		number := 0
		for _, line := range lines {
			for len(line) > 50 { // shorter than a passage and its window between two numbers
				cut := strings.LastIndexByte(line[:30], ' ')
				number++
				fmt.Fprintf(&b, format, number, line[:cut])
				line = line[cut+1:]
			}
			number++
			fmt.Fprintf(&b, format, number, line)
		}
		rep := w.match(t, "paste.txt", []byte(b.String()))
		if rep.Verdict != match.Matched {
			t.Errorf("%q: %s %s", format, rep.Verdict, rep.Reason)
		} else if best := rep.Best(); best.Coverage < 0.9 {
			t.Errorf("%q: coverage %.2f", format, best.Coverage)
		}
	}
}

func TestNumberedPublicTextHidesNothing(t *testing.T) {
	w := newWorld(t, 71)
	var b strings.Builder
	b.WriteString(letterText(w.people[14]))
	for i := range 20 {
		fmt.Fprintf(&b, "%d: algemene regel nummer %d van het openbare reglement\n", i+1, i)
	}
	if rep := w.match(t, "both.txt", []byte(b.String())); rep.Verdict != match.Matched {
		t.Errorf("%s %s", rep.Verdict, rep.Reason)
	}
}
