package fingerprints

import (
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"unmirror/fingerprints/canonical"
)

// What must not leave the house may stand in a text in a dress: in entities and escapes, with look-alike letters and digits of other
// scripts, letter by letter, over a line's end, with "(at)". Each reading undoes one of them and knows where its characters
// came from. A reading only ever adds to what the guard finds, so that it may be bold.

// reading is a text as it can be read, with the offset in the original of each byte and of the end; nil: they are the same.
type reading struct {
	text string
	from []int
}

func (r reading) at(i int) int {
	if r.from == nil {
		return i
	}
	return r.from[i]
}

// rewriting builds a reading out of another.
type rewriting struct {
	of      reading
	b       []byte
	from    []int
	changed bool
	bold    bool // in more than accents, dashes and spaces, which names are keyed without
}

// put writes s for what begins at i.
func (w *rewriting) put(s string, i int) {
	for range len(s) {
		w.from = append(w.from, w.of.at(i))
	}
	w.b = append(w.b, s...)
}

func (w *rewriting) end() (reading, bool) {
	if !w.changed {
		return w.of, false
	}
	return reading{string(w.b), append(w.from, w.of.at(len(w.of.text)))}, true
}

var escaped = regexp.MustCompile(`^(?:&#?[0-9A-Za-z]{2,10};|\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2})`)

// plainly undoes entities and escapes, drops what is not seen, and writes letters, digits, dashes and spaces of all scripts as ASCII
// where they look like it.
func plainly(r reading) (plain reading, changed, bold bool) {
	w := rewriting{of: r}
	for i := 0; i < len(r.text); {
		c := r.text[i]
		if c == '&' || c == '\\' {
			if m := escaped.FindString(r.text[i:min(len(r.text), i+14)]); m != "" {
				if s := unescaped(m); s != m {
					w.put(plainRunes(s), i)
					w.changed, w.bold = true, true
					i += len(m)
					continue
				}
			}
		}
		if c < utf8.RuneSelf {
			w.put(r.text[i:i+1], i)
			i++
			continue
		}
		u, n := utf8.DecodeRuneInString(r.text[i:])
		s := plainRunes(r.text[i : i+n])
		if s != r.text[i:i+n] {
			w.changed = true
			w.bold = w.bold || u == '\u00ad' || u > unicode.MaxLatin1 && !unicode.In(u, unicode.Zs, unicode.P, unicode.Mn) && (u > '\u024f' || !unicode.IsLetter(u))
		}
		w.put(s, i)
		i += n
	}
	plain, changed = w.end()
	return plain, changed, w.bold
}

func unescaped(m string) string {
	if m[0] == '&' {
		return html.UnescapeString(m)
	}
	n, err := strconv.ParseUint(m[2:], 16, 32)
	if err != nil {
		return m
	}
	return string(rune(n))
}

func plainRunes(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case unicode.In(r, unicode.Cf, unicode.Variation_Selector) || r == '\u034f':
		case unicode.Is(unicode.Zs, r):
			b.WriteByte(' ')
		case unicode.In(r, unicode.Zl, unicode.Zp):
			b.WriteByte('\n')
		case unicode.Is(unicode.Pd, r) || r == '\u2212':
			b.WriteByte('-')
		case unicode.Is(unicode.Nd, r):
			b.WriteByte(digitOf(r))
		case unicode.Is(unicode.Mn, r):
			b.WriteRune(r)
		default:
			b.WriteString(plainRune(r))
		}
	}
	return b.String()
}

// plainRune writes a letter or a sign as ASCII; the case stays, because names that are glued together are told apart by it.
func plainRune(r rune) string {
	s := string(canonical.Text(string(r)))
	if s == "" {
		return norm.NFKC.String(string(r))
	}
	if unicode.IsUpper(r) {
		return strings.ToUpper(s)
	}
	return s
}

// digitOf is a decimal digit of any script: each script has its ten in a row, from a multiple of ten in its range.
func digitOf(r rune) byte {
	for _, t := range unicode.Nd.R16 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + byte((r-rune(t.Lo))%10)
		}
	}
	for _, t := range unicode.Nd.R32 {
		if r >= rune(t.Lo) && r <= rune(t.Hi) {
			return '0' + byte((r-rune(t.Lo))%10)
		}
	}
	return '0'
}

// replaced reads what matches as something else: with gives it from the match.
func replaced(r reading, re *regexp.Regexp, with func(string) string) (reading, bool) {
	w := rewriting{of: r}
	done := 0
	for _, m := range re.FindAllStringIndex(r.text, -1) {
		for i := done; i < m[0]; i++ {
			w.put(r.text[i:i+1], i)
		}
		w.put(with(r.text[m[0]:m[1]]), m[0])
		w.changed, done = true, m[1]
	}
	if !w.changed {
		return r, false
	}
	for i := done; i < len(r.text); i++ {
		w.put(r.text[i:i+1], i)
	}
	return w.end()
}

var (
	lineEnd   = regexp.MustCompile(`[ \t]*[=\\]?\r?\n[ \t>|*#]*`)
	quotedHex = regexp.MustCompile(`=[0-9A-F]{2}`)
	spokenAt  = regexp.MustCompile(`(?i)\s*[\[({<]\s*(?:at|arobase|apenstaart(?:je)?)\s*[\])}>]\s*|\s+(?:at|arobase|apenstaart(?:je)?)\s+|\s*@\s*`)
	spokenDot = regexp.MustCompile(`(?i)\s*[\[({<]\s*(?:dot|punt|point|punkt)\s*[\])}>]\s*|\s+(?:dot|punt|point|punkt|\.)\s+`)
	letterRun = regexp.MustCompile(`[\p{L}\p{Nd}](?:[ .\-_*|/,:\n]{1,4}[\p{L}\p{Nd}])+`)
)

// joinedLines reads on over the ends of lines, over marks of quotation too.
func joinedLines(r reading, with string) (reading, bool) {
	return replaced(r, lineEnd, func(string) string { return with })
}

// quotedPrintable undoes the encoding of RFC 2045.
func quotedPrintable(r reading) (reading, bool) {
	return replaced(r, quotedHex, func(m string) string { return string([]byte{byte(hexDigit(m[1])<<4 | hexDigit(m[2]))}) })
}

// written reads addresses that are written as they are spoken: "name (at) example (dot) org".
func written(r reading) (reading, bool) {
	r, at := replaced(r, spokenAt, func(string) string { return "@" })
	if at { // without one there is no address whose dots could be spoken
		r, _ = replaced(r, spokenDot, func(string) string { return "." })
	}
	return r, at
}

// spacedLetters is from how many letters on, written one by one, they are read as words.
const spacedLetters = 5

// closedUp reads what is written letter by letter: "J a n", "8.5.0.7". A wider gap ends a word.
func closedUp(r reading) (reading, bool) {
	w := rewriting{of: r}
	done := 0
	for _, m := range letterRun.FindAllStringIndex(r.text, -1) {
		from, to := alone(r.text, m[0], m[1])
		if from < done || utf8.RuneCountInString(r.text[from:to]) < 2*spacedLetters-1 {
			continue
		}
		for i := done; i < from; i++ {
			w.put(r.text[i:i+1], i)
		}
		gap := 0
		for i, c := range r.text[from:to] {
			if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
				gap++
				continue
			}
			if gap > 1 {
				w.put(" ", from+i)
			}
			gap = 0
			w.put(string(c), from+i)
		}
		w.changed, done = true, to
	}
	if !w.changed {
		return r, false
	}
	for i := done; i < len(r.text); i++ {
		w.put(r.text[i:i+1], i)
	}
	return w.end()
}

// alone leaves out of a run of single letters the first or the last one that belongs to a word beside it.
func alone(text string, from, to int) (int, int) {
	if c, _ := utf8.DecodeLastRuneInString(text[:from]); from > 0 && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
		_, n := utf8.DecodeRuneInString(text[from:])
		for from += n; from < to && strings.IndexByte(" .-_*|/,:\n", text[from]) >= 0; from++ {
		}
	}
	if c, _ := utf8.DecodeRuneInString(text[to:]); to < len(text) && (unicode.IsLetter(c) || unicode.IsDigit(c)) {
		_, n := utf8.DecodeLastRuneInString(text[:to])
		for to -= n; to > from && strings.IndexByte(" .-_*|/,:\n", text[to-1]) >= 0; to-- {
		}
	}
	return from, max(from, to)
}
