package incident

import (
	"fmt"
	"strings"
)

// Problem is one thing that is wrong in a leak file.
type Problem struct {
	Line  int    // from 1; 0 when it is no line's
	Field string // "processors[1].contract.status"
	What  string // what is wrong and what would be right; free of what stands in the file but for single words
}

// String is "line 12: legal.article_6: what".
func (p Problem) String() string {
	var parts []string
	if p.Line > 0 {
		parts = append(parts, fmt.Sprintf("line %d", p.Line))
	}
	if p.Field != "" {
		parts = append(parts, p.Field)
	}
	return strings.Join(append(parts, p.What), ": ")
}

// Error is everything that is wrong in one file, in the order of its lines.
type Error struct{ Problems []Problem }

// Error prints one problem a line.
func (e *Error) Error() string {
	if len(e.Problems) == 1 {
		return e.Problems[0].String()
	}
	lines := []string{fmt.Sprintf("%d problems:", len(e.Problems))}
	for _, p := range e.Problems {
		lines = append(lines, "  "+p.String())
	}
	return strings.Join(lines, "\n")
}

// quoted repeats a single plain word. Anything else could be what nobody should read in an error.
func quoted(s string) string {
	if len(s) > 40 || s == "" || strings.ContainsFunc(s, func(r rune) bool { return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_' && r != '-' }) {
		return "what stands here"
	}
	return `"` + s + `"`
}

// choice answers a word that is none of those allowed.
func choice(written string, words []string) string {
	if near := nearest(written, words); near != "" {
		return fmt.Sprintf("%s is not known; did you mean %s?", quoted(written), near)
	}
	return fmt.Sprintf("%s is not known; choose one of %s", quoted(written), strings.Join(words, ", "))
}

// nearest is the word that was probably meant, or "": at most two letters away, or a third of a long word.
func nearest(written string, words []string) string {
	best, least := "", max(2, len(written)/3)+1
	for _, w := range words {
		if d := distance(strings.ToLower(written), w); d < least {
			best, least = w, d
		}
	}
	if 2*least >= max(len(written), len(best)) {
		return "" // half of the word is another
	}
	return best
}

// distance is Levenshtein's with neighbours swapped as one edit (optimal string alignment); words that are long are far.
func distance(a, b string) int {
	if len(a) > 40 || len(b) > 40 {
		return 40
	}
	now := make([]int, len(b)+1)
	for j := range now {
		now[j] = j
	}
	var before, last []int
	for i := range len(a) {
		before, last, now = last, now, make([]int, len(b)+1)
		now[0] = i + 1
		for j := range len(b) {
			edit := 1
			if a[i] == b[j] {
				edit = 0
			}
			now[j+1] = min(last[j+1]+1, now[j]+1, last[j]+edit)
			if i > 0 && j > 0 && a[i-1] == b[j] && a[i] == b[j-1] {
				now[j+1] = min(now[j+1], before[j-1]+1)
			}
		}
	}
	return now[len(b)]
}
