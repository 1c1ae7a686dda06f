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
	words := Units(line[len(lead[0]):])
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

// cited are the words that stay on one line with the number or letter behind them, in lower case.
var cited = map[string]bool{"artikel": true, "artikels": true, "lid": true, "punt": true, "onder": true, "article": true, "paragraphe": true, "point": true, "sous": true,
	"absatz": true, "buchstabe": true, "abschnitt": true, "section": true}

// Units cuts a line into what a break may stand between: words, and a citation's word with its number ("article 16,", "punt b)").
func Units(line string) []string {
	var out []string
	for _, w := range strings.Split(line, " ") {
		if k := len(out) - 1; k >= 0 && len(w) <= 8 && number(w) && cited[strings.ToLower(strings.TrimLeft(lastWord(out[k]), "(“« "))] {
			out[k] += " " + w
			continue
		}
		out = append(out, w)
	}
	return out
}

func lastWord(s string) string { return s[strings.LastIndexByte(s, ' ')+1:] }

// number says whether a word is a number or a letter as citations have it: "16,", "9(1)", "b)".
func number(w string) bool {
	c := w[:min(1, len(w))]
	if strings.ContainsAny(c, "0123456789") {
		return true
	}
	return strings.ContainsAny(c, "abcdefghijklmnopqrstuvwxyz") && len(strings.TrimRight(w, ").,;:")) == 1
}
