package reply

import (
	"regexp"
	"strings"
)

// attribution is the line that mail programs put above what they quote, by language; folded over two lines at most.
var attribution = regexp.MustCompile(`(?i)^\s*(` +
	`On\s.{4,200}\swrote:|Op\s.{4,200}\s(schreef|heeft).{0,200}:|Le\s.{4,200}\sa\s+écrit\s*:|Am\s.{4,200}\sschrieb.{0,200}:|` +
	`-{2,}\s*(Original Message|Oorspronkelijk bericht|Message d'origine|Ursprüngliche Nachricht|Forwarded message).{0,20}|` +
	`_{20,})\s*$`)

// outlook begins the head that Outlook quotes: a sender's line right above a line with the time.
var outlook = regexp.MustCompile(`(?i)^\s*\*?(From|Van|De|Von)\s?:\*?\s.+`)

var outlookNext = regexp.MustCompile(`(?i)^\s*\*?(Sent|Date|Verzonden|Datum|Envoyé|Gesendet|To|Aan|À|An)\s?:\*?\s.+`)

// marker is what ticket systems ask to be left alone.
var marker = regexp.MustCompile(`(?i)^\s*[#=_*-]{2,}.{0,20}(reply|answer|antwoord|répon|antwort).{0,60}(above|boven|dessus|oberhalb).{0,40}$`)

// longest is how long a line can be that mail programs write above a quotation, in bytes.
const longest = 500

// own is a mail's text without what it quotes: lines with a quotation mark, and everything below the head of a quoted mail that
// carries no marks.
func own(text string) string {
	lines := strings.Split(text, "\n")
	var out []string
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \t\u00a0")
		next := ""
		if i+1 < len(lines) {
			next = lines[i+1]
		}
		switch {
		case strings.HasPrefix(strings.TrimLeft(line, " \t"), ">"), len(line) < longest && marker.MatchString(line):
			continue
		case len(line) < longest && attribution.MatchString(line):
			if !marked(lines[i+1:]) {
				return strings.TrimSpace(strings.Join(out, "\n"))
			}
			continue
		case len(line)+len(next) < longest && attribution.MatchString(line+" "+strings.TrimSpace(next)):
			if i+2 > len(lines) || !marked(lines[i+2:]) {
				return strings.TrimSpace(strings.Join(out, "\n"))
			}
			i++
			continue
		case len(line)+len(next) < longest && outlook.MatchString(line) && outlookNext.MatchString(next):
			return strings.TrimSpace(strings.Join(out, "\n"))
		}
		out = append(out, line)
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}

// marked says whether what follows is quoted with marks, so that the answer may stand below or between.
func marked(lines []string) bool {
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			return strings.HasPrefix(l, ">")
		}
	}
	return false
}

// Without drops the lines of a text that stand in another one, word for word: what is quoted without any sign of it.
func Without(text, original string) string {
	known := map[string]bool{}
	for _, l := range strings.Split(original, "\n") {
		if l = strings.Join(strings.Fields(l), " "); len(l) > 12 {
			known[l] = true
		}
	}
	var out []string
	for _, l := range strings.Split(text, "\n") {
		if !known[strings.Join(strings.Fields(l), " ")] {
			out = append(out, l)
		}
	}
	return strings.TrimSpace(strings.Join(out, "\n"))
}
