package notice

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// columns is the widest line of a notice, in characters; only a URL may be longer. RFC 5322 recommends 78.
const columns = 76

var marker = regexp.MustCompile(`^( *)(- |\d+\. )?`)

// wrap lays text out: paragraphs wrapped with a hanging indent after list markers, verbatim lines untouched, optional lines that
// are empty taken out, runs of blank lines reduced to one, and one line end at the end.
func wrap(text string) string {
	var out []string
	blank := true // at the start blank lines fall away
	for _, line := range strings.Split(text, "\n") {
		bare := strings.TrimRight(line, optionalMark) // one for each condition that ends on the line
		if bare == "" && line != "" {
			continue
		}
		line = strings.TrimRight(bare, " ")
		if line == "" {
			if !blank {
				out = append(out, "")
			}
			blank = true
			continue
		}
		blank = false
		if rest, ok := strings.CutPrefix(line, verbatimMark); ok {
			out = append(out, rest)
			continue
		}
		out = append(out, fold(line)...)
	}
	return strings.TrimRight(strings.Join(out, "\n"), "\n") + "\n"
}

// fold breaks one paragraph at spaces only: a no-break space, as French typography wants it, stays.
func fold(line string) []string {
	lead := marker.FindStringSubmatch(line)
	indent := strings.Repeat(" ", len(lead[0]))
	words := strings.Split(line[len(lead[0]):], " ")
	cur := lead[0] + words[0]
	var out []string
	for _, w := range words[1:] {
		if utf8.RuneCountInString(cur)+1+utf8.RuneCountInString(w) > columns {
			out = append(out, cur)
			cur = indent + w
			continue
		}
		cur += " " + w
	}
	return append(out, cur)
}
