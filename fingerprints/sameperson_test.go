package fingerprints

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"unmirror/fingerprints/match"
)

// scanText matches a text.
func scanText(m *Matcher, text string) match.Report {
	return m.Match(context.Background(), "item.txt", strings.NewReader(text), int64(len(text)))
}

func TestALetterIsFoundByTheNumberOfItsFile(t *testing.T) {
	people := invent(rand.New(rand.NewPCG(29, 30)), 20)
	files := map[string][]byte{}
	head := func(i int, p person) string {
		return fmt.Sprintf("Dossier: B27%04d\nNaam: %s %s\nGeboortedatum: %s\n", 13*i, p.given, p.family, p.born)
	}
	for i, p := range people {
		files[fmt.Sprintf("brief%02d.txt", i)] = []byte(head(i, p) + "\n" + p.remark + "\n")
	}
	l := libraryIn(t)
	if _, err := addStaff(t, l, AddLeak{}, files); err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(l, newOpener(t), 0)
	for i, p := range people[:5] {
		if rep := scanText(m, head(i, p)); rep.Verdict != match.Matched {
			t.Errorf("the head of letter %d is %s", i, rep.Verdict)
		}
		if rep := scanText(m, head(i+100, p)); rep.Verdict != match.Weak {
			t.Errorf("a namesake's, of another file, is %s", rep.Verdict)
		}
	}
}
