package desk

import (
	"strings"
	"unicode/utf8"
)

// letterWidth is where a composed notice is wrapped, less what masking may take from a line.
const letterWidth = 72

// piece is a line of a letter and the break behind it. A soft break was made by wrapping: a narrow window may make it a space.
type piece struct {
	Text, Break string
	Soft        bool
}

// pieces cuts a letter into lines. Joined again they are the letter, byte for byte.
func pieces(body string) []piece {
	lines := strings.Split(body, "\n")
	out := make([]piece, 0, len(lines))
	indent := ""
	for i, line := range lines {
		p := piece{Text: strings.TrimPrefix(line, indent)}
		indent = ""
		if i+1 < len(lines) {
			next := lines[i+1]
			p.Break = "\n"
			if p.Soft = soft(line, next); p.Soft {
				indent = next[:len(next)-len(strings.TrimLeft(next, " "))]
				p.Break += indent
			}
		}
		out = append(out, p)
	}
	return out
}

// soft tells whether the break between two lines comes from wrapping: then the next word would not have fitted.
func soft(line, next string) bool {
	word := strings.TrimLeft(next, " ")
	if strings.TrimSpace(line) == "" || word == "" || strings.HasPrefix(word, "- ") || strings.Contains(line, "://") || strings.Contains(next, "://") {
		return false
	}
	word, _, _ = strings.Cut(word, " ")
	return utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > letterWidth
}
