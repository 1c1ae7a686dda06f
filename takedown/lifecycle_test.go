package takedown_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"unmirror/takedown"
)

// TestTheLifecycleDocumentIsTheTableOfMoves compares docs/lifecycle.md with the code, in both directions.
func TestTheLifecycleDocumentIsTheTableOfMoves(t *testing.T) {
	raw, err := os.ReadFile("../docs/lifecycle.md")
	if err != nil {
		t.Fatal(err)
	}
	told := map[takedown.Move]bool{}
	states := map[string]bool{}
	of := ""
	move := regexp.MustCompile("^\\| (?:–|`([a-z]+)`) \\| `([a-z]+)` \\| (.+) \\|$")
	state := regexp.MustCompile("^\\| `([a-z]+)` \\| [A-Z]")
	for _, line := range strings.Split(string(raw), "\n") {
		if h, ok := strings.CutPrefix(line, "## "); ok {
			of = strings.ToLower(h)
		}
		if m := move.FindStringSubmatch(line); m != nil {
			told[takedown.Move{Of: of, From: m[1], To: m[2], When: m[3]}] = true
		} else if m := state.FindStringSubmatch(line); m != nil {
			states[of+" "+m[1]] = true
		}
	}
	done := map[takedown.Move]bool{}
	for _, m := range takedown.Moves() {
		if !told[m] {
			t.Errorf("docs/lifecycle.md lacks the move of a %s from %q to %q (%s)", m.Of, m.From, m.To, m.When)
		}
		if !states[m.Of+" "+m.To] {
			t.Errorf("docs/lifecycle.md does not tell what holds in %s %s", m.Of, m.To)
		}
		if done[m] {
			t.Errorf("the move of a %s from %q to %q is in the table twice", m.Of, m.From, m.To)
		}
		done[m] = true
	}
	for m := range told {
		if !done[m] {
			t.Errorf("docs/lifecycle.md tells a move that the code does not have: %s from %q to %q (%s)", m.Of, m.From, m.To, m.When)
		}
	}
	if len(told) < 30 {
		t.Fatalf("only %d moves were read from the document", len(told))
	}
}
