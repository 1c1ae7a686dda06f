package paper

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"unmirror/takedown/notice"
)

// kind is what a line of the text is on paper.
type kind int

const (
	paragraph kind = iota
	title          // in capitals
	heading        // "2. Location"
	item           // "- …"
	address        // a URL by itself
	version        // the rule before the second language
	space          // an empty line
)

// block is what is set as one: a paragraph with its lines joined, or one line.
type block struct {
	kind kind
	text string
}

// columns is where notice wraps its text.
const columns = 76

var (
	headed = regexp.MustCompile(`^\d{1,2}\. \S`)
	ruled  = regexp.MustCompile(`^-- (.+?) -{5,}$`)
	label  = regexp.MustCompile(`^\p{Lu}[\p{L}\x{a0}' -]{1,30}\x{a0}?:( |$)`) // "Telephone: …"
)

// blocks takes a wrapped text apart. A line goes on in the next one where its first word would not have fitted, so that lists of facts
// keep their lines and paragraphs run on.
func blocks(body string) []block {
	var out []block
	lines := strings.Split(strings.TrimRight(body, "\n"), "\n")
	for i := 0; i < len(lines); i++ {
		line := lines[i]
		k := kindOf(lines, i)
		text := strings.TrimSpace(line)
		switch k {
		case version:
			text = ruled.FindStringSubmatch(line)[1]
		case item:
			text = strings.TrimSpace(strings.TrimPrefix(text, "-"))
		}
		if k == paragraph || k == item || k == heading || k == title {
			for i+1 < len(lines) && goesOn(line, lines, i+1, k) {
				i++
				line = lines[i]
				text += " " + strings.TrimSpace(line)
			}
		}
		out = append(out, block{k, text})
	}
	return out
}

func kindOf(lines []string, i int) kind {
	line := lines[i]
	switch {
	case strings.TrimSpace(line) == "":
		return space
	case ruled.MatchString(line):
		return version
	case strings.HasPrefix(line, "- "):
		return item
	case isAddress(line):
		return address
	case headed.MatchString(line) && (i == 0 || strings.TrimSpace(lines[i-1]) == ""):
		return heading
	case capitals(line):
		return title
	}
	return paragraph
}

// goesOn says whether a line continues the one before.
func goesOn(before string, lines []string, i int, k kind) bool {
	next := lines[i]
	if n := kindOf(lines, i); n != paragraph && (n != title || k != title) {
		return false
	}
	if k == item {
		return strings.HasPrefix(next, "  ")
	}
	if label.MatchString(next) {
		return false
	}
	unit := notice.Units(strings.TrimSpace(next))[0]
	return utf8.RuneCountInString(before)+1+utf8.RuneCountInString(unit) > columns
}

func isAddress(line string) bool {
	line = strings.TrimSpace(line)
	return strings.Contains(line, "://") && !strings.ContainsAny(line, " \t")
}

// capitals says whether a line is a title: several letters, none of them small.
func capitals(line string) bool {
	n := 0
	for _, r := range line {
		if unicode.IsLower(r) {
			return false
		}
		if unicode.IsUpper(r) {
			n++
		}
	}
	return n >= 5 && !strings.Contains(line, ":")
}
