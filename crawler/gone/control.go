package gone

import (
	"bytes"
	"crypto/rand"
	"net/url"
	"path"
	"strings"
	"unicode"
)

// Beside gives an address that surely does not exist, of the same shape as u: what a place answers there is its way of
// saying no. Nil when none can be made.
func Beside(u *url.URL) *url.URL {
	if u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	c := *u
	c.Fragment, c.RawFragment, c.RawPath = "", "", ""
	if c.RawQuery != "" {
		c.RawQuery = otherQuery(c.RawQuery)
		return &c
	}
	slash := strings.HasSuffix(c.Path, "/")
	base := path.Base(c.Path)
	dir := strings.TrimSuffix(strings.TrimSuffix(c.Path, "/"), base)
	if base == "/" || base == "." {
		dir, base, slash = "/", "", false
	}
	ext := path.Ext(base)
	if len(ext) > 8 || ext == base {
		ext = ""
	}
	c.Path = dir + like(strings.TrimSuffix(base, ext)) + ext
	if slash {
		c.Path += "/"
	}
	return &c
}

// otherQuery changes the last value, or the whole query when it has none.
func otherQuery(q string) string {
	at := strings.LastIndexByte(q, '=')
	if at < 0 {
		return like(q)
	}
	value, err := url.QueryUnescape(q[at+1:])
	if err != nil {
		value = ""
	}
	return q[:at+1] + like(value)
}

// like makes a name that nobody has: digits for digits, hexadecimal for hexadecimal, and as long, so that a place takes
// it for one of its own.
func like(name string) string {
	const letters, hex, digits = "bcdfghjklmnpqrstvwxz", "0123456789abcdef", "0123456789"
	alphabet, n := letters, min(max(len(name), 12), 40)
	switch {
	case name != "" && strings.Trim(name, digits) == "":
		alphabet, n = digits, min(max(len(name)+4, 12), 18)
	case len(name) >= 8 && strings.Trim(strings.ToLower(name), hex) == "":
		alphabet = hex
	}
	b := make([]byte, n)
	_, _ = rand.Read(b) // crypto/rand.Read never fails
	for i := range b {
		b[i] = alphabet[int(b[i])%len(alphabet)]
	}
	if alphabet == digits {
		b[0] = '9'
	}
	return string(b)
}

// Same reports whether two pages say the same, but for what they repeat of their own addresses, times and numbers: then
// a place answers alike at both.
func Same(a, b Page) bool {
	if bytes.Equal(a.Body, b.Body) {
		return true
	}
	if a.Type != b.Type {
		return false
	}
	ta, tb := told(a), told(b)
	if len(ta) == 0 || len(tb) == 0 {
		return len(ta) == len(tb)
	}
	shared := 0
	for w := range ta {
		if tb[w] {
			shared++
		}
	}
	return shared*20 >= 19*max(len(ta), len(tb)) // 95 %: a teaser or an advertisement may change
}

// told is the set of a page's words, without those that stand in its address or hold a digit.
func told(p Page) map[string]bool {
	text := ""
	body := p.Body[:min(len(p.Body), maxRead)]
	if isHTML(p.Type, body) {
		text = look(body).text
	} else {
		text = normal(string(body))
	}
	own := map[string]bool{}
	if p.URL != nil {
		for _, w := range split(normal(p.URL.Path + " " + p.URL.RawQuery)) {
			own[w] = true
		}
	}
	out := map[string]bool{}
	for _, w := range split(text) {
		if !own[w] && !strings.ContainsFunc(w, unicode.IsDigit) {
			out[w] = true
		}
	}
	return out
}

func split(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
