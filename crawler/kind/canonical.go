package kind

import (
	"net/url"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// Canonical is the one form of an address by which it is recognised again: lower-case scheme and host, the host as DNS is
// asked for it, no default port, no fragment, dot segments resolved, escapes with upper-case digits.
func Canonical(u *url.URL) *url.URL {
	c := *u
	c.Scheme, c.Host = strings.ToLower(c.Scheme), strings.ToLower(c.Host)
	if name := c.Hostname(); !isASCII(name) {
		c.Host = strings.Replace(c.Host, name, asked(name), 1)
	}
	if port := c.Port(); port == "80" && c.Scheme == "http" || port == "443" && c.Scheme == "https" {
		c.Host = strings.TrimSuffix(c.Host, ":"+port)
	}
	c.Fragment, c.RawFragment = "", ""
	if c.Path == "" {
		c.Path = "/"
	}
	if c.RawPath == "" && c.Opaque == "" && c.Path[0] == '/' && !strings.Contains(c.Path, "/.") { // nothing to resolve
		c.RawQuery, c.OmitHost = upperEscapes(c.RawQuery), false
		return &c
	}
	abs := c.ResolveReference(&url.URL{Path: c.Path, RawPath: c.RawPath, RawQuery: c.RawQuery, ForceQuery: c.ForceQuery})
	if up := upperEscapes(abs.EscapedPath()); up != abs.EscapedPath() {
		abs.RawPath = up
	}
	abs.RawQuery = upperEscapes(abs.RawQuery)
	return abs
}

func upperEscapes(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i+1:i+3], strings.ToUpper(string(b[i+1:i+3])))
		}
	}
	return string(b)
}

// Host is the name of an address's host as DNS is asked for it: lower case, ASCII, without a final dot. Wide letters and
// other alphabets' dots are mapped as net/http maps them (UTS #46), so that no spelling hides a host.
func Host(u *url.URL) string {
	return strings.TrimRight(asked(strings.ToLower(u.Hostname())), ".")
}

func asked(name string) string {
	if isASCII(name) {
		return name
	}
	if a, err := idna.Lookup.ToASCII(name); err == nil {
		return a
	}
	return name // net/http refuses it too
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r >= utf8.RuneSelf })
}
