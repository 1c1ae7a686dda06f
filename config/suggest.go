package config

import "strings"

// nearest is the word with the least edit distance from what was written, or "" when none is near enough to be meant: two edits,
// or a third of the letters of a long word.
func nearest(written string, words []string) string {
	best, least := "", max(2, len(written)/3)+1
	for _, w := range words {
		if d := distance(strings.ToLower(written), w, least); d < least {
			best, least = w, d
		}
	}
	if 2*least >= max(len(written), len(best)) {
		return "" // "es" is not meant to be "en": half of the word is another
	}
	return best
}

// maxWord bounds the words that are compared, in bytes; no key is longer.
const maxWord = 64

// distance is the optimal string alignment distance (Levenshtein with neighbours swapped as one edit; Boytsov 2011, section 2.2),
// or limit when a word is too long to be compared.
func distance(a, b string, limit int) int {
	if len(a) > maxWord || len(b) > maxWord {
		return limit
	}
	var rows [3][maxWord + 1]int
	before, last, now := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		now[0] = i
		for j := 1; j <= len(b); j++ {
			edit := 1
			if a[i-1] == b[j-1] {
				edit = 0
			}
			now[j] = min(last[j]+1, now[j-1]+1, last[j-1]+edit)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				now[j] = min(now[j], before[j-2]+1)
			}
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
