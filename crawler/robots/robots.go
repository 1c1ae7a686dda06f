// Package robots reads robots.txt as RFC 9309 has it and answers whether one path may be fetched.
// It never fetches anything itself and never remembers a path that it was asked about.
package robots

import (
	"bytes"
	"math"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	// MaxBytes is how much of a file is read; RFC 9309 section 2.5 asks for at least 500 KiB.
	MaxBytes = 500 << 10
	// maxDelay bounds a Crawl-delay that means "never"; a source that slow waits for the next sweep anyway.
	maxDelay = 24 * time.Hour
	// maxPattern bounds one rule: a longer one than any server takes as a path cannot be met.
	maxPattern = 8 << 10
)

// Rules are those of one group of a file, the one for our product token. The zero value allows everything.
type Rules struct {
	rules []rule
	// Delay is the group's Crawl-delay, 0 when it has none. Not in RFC 9309, but widely meant and so honoured.
	Delay time.Duration
}

type rule struct {
	allow    bool
	pieces   []string // what stands between the wildcards, normalised
	anchored bool     // the pattern ended in $
	weight   int      // octets of the normalised pattern
}

// Parse gives the rules for a product token, compared without case (section 2.2.1): the groups that name it, joined,
// or else those for "*", or else none. It takes any bytes; what cannot be read is passed over line by line.
func Parse(file []byte, token string) Rules {
	if len(file) > MaxBytes {
		// A cut last line could turn "Disallow: /private/x" into a wider rule, or a narrower one: drop it.
		file = file[:MaxBytes]
		file = file[:bytes.LastIndexAny(file, "\r\n")+1]
	}
	file = bytes.TrimPrefix(file, []byte("\xef\xbb\xbf"))
	p := parser{token: token}
	for len(file) > 0 {
		line := file
		if i := bytes.IndexAny(file, "\r\n"); i >= 0 {
			line, file = file[:i], file[i+1:]
		} else {
			file = nil
		}
		p.line(line)
	}
	if p.named {
		return p.own
	}
	return p.any
}

type parser struct {
	token    string
	own, any Rules
	named    bool // a group named our token
	inOwn    bool // the current group does
	inAny    bool // the current group names "*"
	ruled    bool // the current group has had a rule, so the next user-agent line starts another
}

func (p *parser) line(line []byte) {
	if i := bytes.IndexByte(line, '#'); i >= 0 {
		line = line[:i]
	}
	k, v, ok := strings.Cut(string(line), ":")
	if !ok {
		return
	}
	v = strings.TrimSpace(v)
	switch strings.ToLower(strings.TrimSpace(k)) {
	case "user-agent":
		p.agent(v)
	case "allow":
		p.rule(true, v)
	case "disallow":
		p.rule(false, v)
	case "crawl-delay":
		p.delay(v)
	}
}

func (p *parser) agent(v string) {
	if p.ruled {
		p.inOwn, p.inAny, p.ruled = false, false, false
	}
	if v == "*" || strings.HasPrefix(v, "* ") || strings.HasPrefix(v, "*\t") {
		p.inAny = true
		return
	}
	if strings.EqualFold(productToken(v), p.token) {
		p.inOwn, p.named = true, true
	}
}

// productToken cuts "Name/1.2 (…)" down to its name: letters, "_" and "-" (section 2.2.1).
func productToken(v string) string {
	for i := 0; i < len(v); i++ {
		c := v[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' || c == '-') {
			return v[:i]
		}
	}
	return v
}

func (p *parser) rule(allow bool, v string) {
	p.ruled = true
	if v == "" || len(v) > maxPattern {
		return
	}
	r := compile(allow, v)
	if p.inOwn {
		p.own.rules = append(p.own.rules, r)
	}
	if p.inAny {
		p.any.rules = append(p.any.rules, r)
	}
}

func (p *parser) delay(v string) {
	p.ruled = true
	secs, err := strconv.ParseFloat(v, 64)
	if err != nil || math.IsNaN(secs) || secs <= 0 {
		return
	}
	d := maxDelay
	if secs < maxDelay.Seconds() {
		d = time.Duration(secs * float64(time.Second))
	}
	if p.inOwn {
		p.own.Delay = max(p.own.Delay, d)
	}
	if p.inAny {
		p.any.Delay = max(p.any.Delay, d)
	}
}

func compile(allow bool, pattern string) rule {
	r := rule{allow: allow}
	if !strings.HasPrefix(pattern, "/") && !strings.HasPrefix(pattern, "*") && !strings.HasPrefix(pattern, "$") {
		pattern = "/" + pattern // "Disallow: private" is common, and the cautious reading is the path
	}
	if strings.HasSuffix(pattern, "$") {
		r.anchored, pattern = true, strings.TrimSuffix(pattern, "$")
		r.weight++
	}
	for i, piece := range strings.Split(pattern, "*") {
		piece = normalise(piece)
		r.weight += len(piece)
		if i > 0 {
			r.weight++
		}
		r.pieces = append(r.pieces, piece)
	}
	return r
}

// Allowed reports whether a URL may be fetched: the rule with the most octets decides, and of two equal ones the
// one that allows (section 2.2.2). Scheme, host and fragment play no part.
func (r Rules) Allowed(u *url.URL) bool {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if path == "/robots.txt" {
		return true
	}
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	path = normalise(path)
	best, allowed := -1, true
	for _, rule := range r.rules {
		if rule.weight < best || rule.weight == best && (allowed || !rule.allow) {
			continue
		}
		if rule.matches(path) {
			best, allowed = rule.weight, rule.allow
		}
	}
	return allowed
}

// matches takes each piece at its leftmost place, which is enough because "*" stands for anything; time is linear
// in the path for each piece, so a hostile pattern costs no more than its length.
func (r rule) matches(path string) bool {
	if !strings.HasPrefix(path, r.pieces[0]) {
		return false
	}
	if len(r.pieces) == 1 {
		return !r.anchored || path == r.pieces[0]
	}
	path = path[len(r.pieces[0]):]
	last := len(r.pieces) - 1
	for i, piece := range r.pieces[1:] {
		if r.anchored && i+1 == last {
			return strings.HasSuffix(path, piece)
		}
		at := strings.Index(path, piece)
		if at < 0 {
			return false
		}
		path = path[at+len(piece):]
	}
	return true
}

const upperHex = "0123456789ABCDEF"

// normalise brings a path or a piece of a pattern into the one form in which they are compared (section 2.2.2):
// escapes of unreserved octets are undone, all others get upper-case digits, and octets outside ASCII, as well as a
// literal "*" or "$" of a path, are escaped.
func normalise(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' && i+2 < len(s) && isHex(s[i+1]) && isHex(s[i+2]) {
			v := unhex(s[i+1])<<4 | unhex(s[i+2])
			i += 2
			if unreserved(v) {
				b.WriteByte(v)
				continue
			}
			c = v
		} else if c > ' ' && c < 0x7f && c != '*' && c != '$' {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
	return b.String()
}

func unreserved(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '.' || c == '_' || c == '~'
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}

func unhex(c byte) byte {
	switch {
	case c <= '9':
		return c - '0'
	case c >= 'a':
		return c - 'a' + 10
	}
	return c - 'A' + 10
}
