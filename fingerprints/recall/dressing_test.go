package recall

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"math/rand/v2"
	"mime/quotedprintable"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/unicode/norm"
)

// dressing rewrites a text as people who put it online do, on purpose or by their tools.
type dressing struct {
	name string
	do   func(r *rand.Rand, text string) []byte
}

func plain(f func(r *rand.Rand, text string) string) func(*rand.Rand, string) []byte {
	return func(r *rand.Rand, text string) []byte { return []byte(f(r, text)) }
}

func utf16Bytes(s string, big, mark bool) []byte {
	units := utf16.Encode([]rune(s))
	if mark {
		units = append([]uint16{0xfeff}, units...)
	}
	b := make([]byte, 0, 2*len(units))
	for _, u := range units {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return b
}

// mojibake reads UTF-8 as cp1252 and writes it as UTF-8 again.
func mojibake(_ *rand.Rand, s string) string {
	out, err := charmap.Windows1252.NewDecoder().String(s)
	must(err)
	return out
}

func cp1252(_ *rand.Rand, s string) []byte {
	var b []byte
	for _, c := range s {
		if e, ok := charmap.Windows1252.EncodeRune(c); ok {
			b = append(b, e)
		} else {
			b = append(b, '?')
		}
	}
	return b
}

// sprinkle puts one of the marks after about every n-th letter.
func sprinkle(r *rand.Rand, s string, n int, marks ...string) string {
	var b strings.Builder
	for _, c := range s {
		b.WriteRune(c)
		if unicode.IsLetter(c) && r.IntN(n) == 0 {
			b.WriteString(pick(r, marks))
		}
	}
	return b.String()
}

var lookAlikes = strings.NewReplacer("a", "а", "e", "е", "o", "о", "p", "р", "c", "с", "x", "х", "i", "і", "H", "Н", "T", "Т", "B", "В", "M", "М")

// partly replaces in about half of the words.
func partly(r *rand.Rand, s string, with func(string) string) string {
	words := strings.SplitAfter(s, " ")
	for i := range words {
		if r.IntN(2) == 0 {
			words[i] = with(words[i])
		}
	}
	return strings.Join(words, "")
}

func stripped(_ *rand.Rand, s string) string {
	var b strings.Builder
	for _, c := range norm.NFD.String(s) {
		if !unicode.Is(unicode.Mn, c) {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func quotedPrintable(_ *rand.Rand, s string) string {
	var b bytes.Buffer
	w := quotedprintable.NewWriter(&b)
	io.WriteString(w, s)
	must(w.Close())
	return b.String()
}

func jsonEscaped(_ *rand.Rand, s string) string {
	quoted, _ := json.Marshal(s)
	var b strings.Builder
	for _, c := range string(quoted) {
		if c > 126 {
			for _, u := range utf16.Encode([]rune{c}) {
				fmt.Fprintf(&b, `\u%04x`, u)
			}
		} else {
			b.WriteRune(c)
		}
	}
	return `{"paste":{"id":4711,"body":` + b.String() + `}}`
}

func htmlEscaped(_ *rand.Rand, s string) string {
	var b strings.Builder
	for _, c := range html.EscapeString(s) {
		if c > 126 {
			fmt.Fprintf(&b, "&#%d;", c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

var encodings = []dressing{
	{"UTF-16LE with mark", func(_ *rand.Rand, s string) []byte { return utf16Bytes(s, false, true) }},
	{"UTF-16BE with mark", func(_ *rand.Rand, s string) []byte { return utf16Bytes(s, true, true) }},
	{"UTF-16LE without mark", func(_ *rand.Rand, s string) []byte { return utf16Bytes(s, false, false) }},
	{"UTF-16BE without mark", func(_ *rand.Rand, s string) []byte { return utf16Bytes(s, true, false) }},
	{"UTF-8 with mark", plain(func(_ *rand.Rand, s string) string { return "\ufeff" + s })},
	{"Latin-1", func(_ *rand.Rand, s string) []byte { return []byte(winAnsi(s)) }},
	{"cp1252", cp1252},
	{"mojibake", plain(mojibake)},
	{"CRLF", plain(func(_ *rand.Rand, s string) string { return strings.ReplaceAll(s, "\n", "\r\n") })},
	{"UTF-32LE with mark", func(_ *rand.Rand, s string) []byte {
		b := []byte{0xff, 0xfe, 0, 0}
		for _, c := range s {
			b = append(b, byte(c), byte(c>>8), byte(c>>16), 0)
		}
		return b
	}},
	{"cp850", func(_ *rand.Rand, s string) []byte {
		var b []byte
		for _, c := range s {
			if e, ok := charmap.CodePage850.EncodeRune(c); ok {
				b = append(b, e)
			} else {
				b = append(b, '?')
			}
		}
		return b
	}},
	{"upper case", plain(func(_ *rand.Rand, s string) string { return strings.ToUpper(s) })},
	{"lower case", plain(func(_ *rand.Rand, s string) string { return strings.ToLower(s) })},
	{"zero-width characters", plain(func(r *rand.Rand, s string) string { return sprinkle(r, s, 5, "\u200b", "\u200c", "\u2060") })},
	{"soft hyphens", plain(func(r *rand.Rand, s string) string { return sprinkle(r, s, 4, "\u00ad") })},
	{"look-alike characters", plain(func(r *rand.Rand, s string) string { return partly(r, s, lookAlikes.Replace) })},
	{"accents decomposed", plain(func(_ *rand.Rand, s string) string { return norm.NFD.String(s) })},
	{"accents stripped", plain(stripped)},
}

var layers = []dressing{
	{"base64", plain(func(_ *rand.Rand, s string) string {
		return wrapped(base64.StdEncoding.EncodeToString([]byte(s)), 76, "\n") + "\n"
	})},
	{"base64 in a page", plain(func(r *rand.Rand, s string) string {
		return "<html><body><p>Mirror, enjoy:</p><pre>" + base64.StdEncoding.EncodeToString([]byte(s)) + "</pre></body></html>"
	})},
	{"base64 for addresses", plain(func(_ *rand.Rand, s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) })},
	{"gzip and base64", plain(func(_ *rand.Rand, s string) string {
		return wrapped(base64.StdEncoding.EncodeToString(gzipped([]byte(s))), 64, "\n") + "\n"
	})},
	{"base64 of a zip", plain(func(_ *rand.Rand, s string) string {
		return wrapped(base64.StdEncoding.EncodeToString(zipped(6, entry{"z.txt", []byte(s)})), 76, "\n")
	})},
	{"base64 twice", plain(func(_ *rand.Rand, s string) string {
		return base64.StdEncoding.EncodeToString([]byte(base64.StdEncoding.EncodeToString([]byte(s))))
	})},
	{"hex", plain(func(_ *rand.Rand, s string) string { return wrapped(hex.EncodeToString([]byte(s)), 64, "\n") + "\n" })},
	{"hex dump", plain(func(_ *rand.Rand, s string) string { return hex.Dump([]byte(s)) })},
	{"quoted-printable", plain(quotedPrintable)},
	{"URL-encoded", plain(func(_ *rand.Rand, s string) string { return url.QueryEscape(s) })},
	{"URL-encoded with %20", plain(func(_ *rand.Rand, s string) string { return "body=" + url.PathEscape(s) })},
	{"JSON string", plain(jsonEscaped)},
	{"JSON list of lines", plain(func(_ *rand.Rand, s string) string {
		b, _ := json.MarshalIndent(map[string]any{"lines": strings.Split(s, "\n")}, "", "  ")
		return string(b)
	})},
	{"HTML-encoded", plain(htmlEscaped)},
	{"data URI", plain(func(_ *rand.Rand, s string) string {
		return "<a href=\"data:text/plain;base64," + base64.StdEncoding.EncodeToString([]byte(s)) + "\">x</a>"
	})},
}

// perLine rewrites every line.
func perLine(s string, f func(i int, line string) string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = f(i+1, lines[i])
	}
	return strings.Join(lines, "\n")
}

func numbered(format string) func(*rand.Rand, string) []byte {
	return plain(func(r *rand.Rand, s string) string {
		s = strings.Join(broken80(s), "\n")
		return perLine(s, func(i int, l string) string { return fmt.Sprintf(format, i) + l })
	})
}

// broken80 breaks long lines, as a viewer that numbers them does not; half of pastes were broken before.
func broken80(s string) []string {
	var all []string
	for _, l := range strings.Split(s, "\n") {
		all = append(all, broken(l, 80)...)
	}
	return all
}

// hyphenated wraps to n columns and breaks words.
func hyphenated(s string, n int) string {
	var b strings.Builder
	col := 0
	for _, w := range strings.Fields(s) {
		runes := []rune(w)
		if col+len(runes) > n && n-col > 5 && len(runes) > 6 {
			cut := min(n-col-1, len(runes)-3)
			if unicode.IsLetter(runes[cut-1]) && unicode.IsLetter(runes[cut]) {
				b.WriteString(string(runes[:cut]) + "-\n")
				runes, col = runes[cut:], 0
			}
		}
		if col+len(runes) > n {
			b.WriteString("\n")
			col = 0
		}
		b.WriteString(string(runes) + " ")
		col += len(runes) + 1
	}
	return b.String()
}

func junkBetween(r *rand.Rand, s string) string {
	junk := []string{"-----", "ADVERTISEMENT", "[reply] [share] [report]", "page 3 of 9", "*** posted by anon ***", "https://pastes.example/raw/x8d7", "👍 12"}
	return perLine(s, func(_ int, l string) string {
		if r.IntN(3) == 0 {
			return l + "\n" + pick(r, junk)
		}
		return l
	})
}

func chrome(r *rand.Rand, s string) string {
	return "<!DOCTYPE html><html><head><title>Untitled paste</title><script>var a=1;</script></head><body><nav><a href=/>Home</a> <a href=/new>New</a> <a href=/trends>Trends</a></nav>" +
		"<h1>Untitled</h1><div class=meta>by guest, 12 days ago, 341 views</div><pre><code>" + html.EscapeString(s) + "</code></pre><footer>Terms · Privacy · About · Contact</footer></body></html>"
}

func listed(r *rand.Rand, s string) string {
	return "<html><body><nav>Home New</nav><ol>" + strings.ReplaceAll("<li>"+html.EscapeString(s), "\n", "</li>\n<li>") + "</li></ol></body></html>"
}

func headered(r *rand.Rand, s string) string {
	var b strings.Builder
	for i, l := range broken80(s) {
		if i%40 == 39 {
			fmt.Fprintf(&b, "\nMirrored by nobody in particular        %d\f\nCONFIDENTIAL ARCHIVE – part 2\n\n", i/40+1)
		}
		b.WriteString(l + "\n")
	}
	return b.String()
}

var pastes = []dressing{
	{"page of a paste site", plain(chrome)},
	{"numbered list in a page", plain(listed)},
	{"line numbers 1.", numbered("%d. ")},
	{"line numbers 1:", numbered("%d: ")},
	{"line numbers aligned", numbered("%6d  ")},
	{"line numbers 0001|", numbered("%04d| ")},
	{"line numbers [1]", numbered("[%d] ")},
	{"quoted > ", plain(func(_ *rand.Rand, s string) string {
		return "On Tuesday somebody wrote:\n" + perLine(strings.Join(broken80(s), "\n"), func(_ int, l string) string { return "> " + l })
	})},
	{"quoted >> ", plain(func(_ *rand.Rand, s string) string {
		return perLine(strings.Join(broken80(s), "\n"), func(_ int, l string) string { return ">> " + l })
	})},
	{"diff marks", plain(func(_ *rand.Rand, s string) string {
		return "--- /dev/null\n+++ b/x.txt\n@@ -0,0 +1,80 @@\n" + perLine(strings.Join(broken80(s), "\n"), func(_ int, l string) string { return "+" + l })
	})},
	{"junk lines between", plain(junkBetween)},
	{"head and foot of pages", plain(headered)},
	{"wrapped at 60, hyphenated", plain(func(_ *rand.Rand, s string) string { return hyphenated(s, 60) })},
	{"wrapped at 72, hyphenated", plain(func(_ *rand.Rand, s string) string { return hyphenated(s, 72) })},
	{"letters spaced out", plain(func(_ *rand.Rand, s string) string { return strings.Join(strings.Split(s, ""), " ") })},
	{"tags inside words", plain(func(r *rand.Rand, s string) string {
		return "<html><body><p>" + sprinkle(r, html.EscapeString(strings.ReplaceAll(s, "&", "and")), 6, "<b></b>", "<span class=x></span>", "<wbr>") + "</p></body></html>"
	})},
	{"marks of a wiki", plain(func(r *rand.Rand, s string) string {
		return perLine(everyWord(s, 9, func(w string) string { return "**" + w + "**" }), func(_ int, l string) string { return "* " + l })
	})},
	{"one line", plain(func(_ *rand.Rand, s string) string { return strings.Join(strings.Fields(s), " ") })},
	{"chat with names and times", plain(func(r *rand.Rand, s string) string {
		return perLine(strings.Join(broken80(s), "\n"), func(i int, l string) string {
			return fmt.Sprintf("[12:%02d:%02d] guest%d: %s", i/60%60, i%60, i%3, l)
		})
	})},
}

// everyWord rewrites every n-th word, which is a run of letters or digits.
func everyWord(s string, n int, f func(w string) string) string {
	var b strings.Builder
	i, from := 0, -1
	flush := func(to int) {
		if from < 0 {
			return
		}
		w := s[from:to]
		if i++; i%n == 0 {
			w = f(w)
		}
		b.WriteString(w)
		from = -1
	}
	for at, c := range s {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			if from < 0 {
				from = at
			}
			continue
		}
		flush(at)
		b.WriteRune(c)
	}
	flush(len(s))
	return b.String()
}

func edited(n int) func(*rand.Rand, string) []byte {
	return plain(func(r *rand.Rand, s string) string {
		return everyWord(s, n, func(string) string { return strings.ToLower(coin(r, 2)) })
	})
}

func deleted(n int) func(*rand.Rand, string) []byte {
	return plain(func(r *rand.Rand, s string) string { return everyWord(s, n, func(string) string { return "" }) })
}

// misread changes a share of the characters as optical recognition does: takes one for another, drops, adds, splits
// and joins words.
func misread(share float64) func(*rand.Rand, string) []byte {
	swap := map[rune]string{'e': "c", 'l': "1", 'o': "0", 'i': "l", 'n': "ri", 'm': "rn", 's': "5", 'a': "o", 'u': "v", 't': "f", 'r': "n", '0': "O", '1': "l", '5': "S"}
	return plain(func(r *rand.Rand, s string) string {
		var b strings.Builder
		for _, c := range s {
			if r.Float64() >= share {
				b.WriteRune(c)
				continue
			}
			switch r.IntN(6) {
			case 0:
			case 1:
				b.WriteRune(c)
				b.WriteString(pick(r, []string{".", "'", "i", "r"}))
			case 2:
				b.WriteRune(c)
				b.WriteByte(' ')
			default:
				if o, ok := swap[c]; ok {
					b.WriteString(o)
				} else if c != ' ' {
					b.WriteRune('a' + rune(r.IntN(26)))
				}
			}
		}
		return b.String()
	})
}

var edits = []dressing{
	{"every 20th word replaced", edited(20)}, {"every 7th word replaced", edited(7)},
	{"every 20th word deleted", deleted(20)}, {"every 7th word deleted", deleted(7)},
	{"OCR noise 1 %", misread(.01)}, {"OCR noise 2 %", misread(.02)},
	{"lines shuffled", plain(shuffledLines)},
}

func shuffledLines(r *rand.Rand, s string) string {
	lines := strings.Split(s, "\n")
	if len(lines) < 12 {
		lines = broken80(s)
	}
	r.Shuffle(len(lines), func(i, j int) { lines[i], lines[j] = lines[j], lines[i] })
	return strings.Join(lines, "\n")
}
