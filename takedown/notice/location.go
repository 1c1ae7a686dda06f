package notice

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ShownURL is the URL as it stands in a notice: exact, but what could break or hide a line is percent-encoded.
func ShownURL(u string) string {
	var b strings.Builder
	for i := 0; i < len(u); {
		r, n := utf8.DecodeRuneInString(u[i:])
		if r == utf8.RuneError && n <= 1 || unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			percent(&b, u[i:i+n])
		} else {
			b.WriteString(u[i : i+n])
		}
		i += n
	}
	return b.String()
}

// asciiURL is the URL as RFC 3986 wants it: everything outside printable ASCII percent-encoded, and what no URI may hold bare.
func asciiURL(u string) string {
	var b strings.Builder
	host := 0 // where the host ends: only there brackets may stand
	if at := strings.Index(u, "://"); at >= 0 {
		host = len(u)
		if n := strings.IndexAny(u[at+3:], "/?#"); n >= 0 {
			host = at + 3 + n
		}
	}
	fragment := strings.IndexByte(u, '#')
	for i := range len(u) {
		c := u[i]
		switch {
		case c <= ' ', c >= 0x7f, strings.IndexByte("\"<>\\^`{|}", c) >= 0, i >= host && (c == '[' || c == ']'), c == '#' && i > fragment,
			c == '%' && !escape.MatchString(u[i:]):
			percent(&b, u[i:i+1])
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// escape is a byte that is percent-encoded already.
var escape = regexp.MustCompile(`^%[0-9A-Fa-f]{2}`)

func percent(b *strings.Builder, s string) { percentWith(b, '%', s) }

func percentWith(b *strings.Builder, sign byte, s string) {
	const hex = "0123456789ABCDEF"
	for i := range len(s) {
		b.WriteByte(sign)
		b.WriteByte(hex[s[i]>>4])
		b.WriteByte(hex[s[i]&15])
	}
}

// complete tells whether the URL names a host that a recipient can look for.
func complete(u string) bool {
	p, err := url.Parse(u)
	return err == nil && p.IsAbs() && p.Hostname() != ""
}

// secretFragment is long enough to be a key: a PrivateBin key has 43 or 44 characters, a MEGA key 22 or 43.
var secretFragment = regexp.MustCompile(`^[!?&=\w-]*[A-Za-z0-9_-]{20,}$`)

// CarriesSecret tells whether the URL gives access by itself: it holds a password, or a decryption key behind the #. Such a URL goes by
// the recipient's form or encrypted, never in plain mail.
func CarriesSecret(u string) bool {
	p, err := url.Parse(u)
	if err != nil {
		return false
	}
	if _, ok := p.User.Password(); ok {
		return true
	}
	host := strings.ToLower(p.Hostname())
	if host == "mega.nz" || host == "mega.co.nz" || host == "mega.io" {
		return p.Fragment != ""
	}
	return secretFragment.MatchString(p.Fragment)
}

// LocationSpans returns the byte ranges [from, to) of text in which one of the facts' exact locations stands alone on its line, or alone
// as the "url" of an attached report. An identifier inside these ranges is part of the location itself; anywhere else it is not.
func LocationSpans(f Facts, text string) [][2]int {
	var out [][2]int
	pos := 0
	for _, line := range strings.SplitAfter(text, "\n") {
		start, end := trimmed(line)
		for _, l := range f.Locations {
			if l.URL == "" || start >= end {
				continue
			}
			if s := line[start:end]; s == ShownURL(l.URL) || s == asciiURL(l.URL) {
				out = append(out, [2]int{pos + start, pos + end})
				break
			}
		}
		pos += len(line)
	}
	return out
}

// trimmed finds the part of a line that is the value: without white space and without the dress of a JSON field.
func trimmed(line string) (start, end int) {
	start = len(line) - len(strings.TrimLeft(line, " \t"))
	end = len(strings.TrimRight(line, " \t\r\n"))
	if end < start {
		return start, start
	}
	const key = `"url": "`
	if s := line[start:end]; strings.HasPrefix(s, key) {
		start += len(key)
		end = start + len(strings.TrimSuffix(strings.TrimSuffix(line[start:end], ","), `"`))
	}
	return start, end
}

// holds tells whether the body names the URL exactly, not only as the beginning of a longer one.
func holds(body, u string) bool {
	for from := 0; ; {
		i := strings.Index(body[from:], u)
		if i < 0 {
			return false
		}
		i += from
		if !urlRune(lastRune(body[:i])) && !urlRune(firstRune(strings.TrimLeft(body[i+len(u):], ".,;:!?)]'"))) {
			return true
		}
		from = i + 1
	}
}

func firstRune(s string) rune { r, _ := utf8.DecodeRuneInString(s); return r }
func lastRune(s string) rune  { r, _ := utf8.DecodeLastRuneInString(s); return r }

// urlRune tells whether a URL could go on with r; RuneError stands for the text's edge.
func urlRune(r rune) bool {
	return r != utf8.RuneError && !unicode.IsSpace(r) && !strings.ContainsRune("<>\"“”„«»()[]'", r)
}
