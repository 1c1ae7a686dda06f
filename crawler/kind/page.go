package kind

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

const (
	maxAnchors = 200_000 // of one page
	maxText    = 256     // bytes kept of a text beside a link
)

// anchor is a link with the text around it: in listings that is where date and size stand.
type anchor struct {
	href, text    string
	before, after string // up to the neighbouring links
}

// anchors reads links token by token instead of building a tree: the tree builder gives up past 512 open elements,
// so that six hundred unclosed tags would hide every link behind them. The page's <base> is honoured.
func anchors(body []byte, page *url.URL) ([]anchor, *url.URL) {
	z := html.NewTokenizer(bytes.NewReader(body))
	r := reader{base: page}
	for len(r.list) < maxAnchors {
		switch z.Next() {
		case html.ErrorToken:
			r.close()
			return r.list, r.base
		case html.TextToken:
			if !r.skip {
				r.text(string(z.Text()))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(z)
		case html.EndTagToken:
			name, _ := z.TagName()
			switch string(name) {
			case "a":
				r.inside = false
			case "script", "style", "head":
				r.skip = false
			case "td", "th", "li", "div":
				r.text(" ")
			}
		}
	}
	return r.list, r.base
}

type reader struct {
	list   []anchor
	base   *url.URL
	gap    strings.Builder // text since the last link
	inside bool            // between <a> and </a>
	skip   bool            // in a script or style
}

func (r *reader) text(s string) {
	if r.inside && len(r.list) > 0 {
		last := &r.list[len(r.list)-1]
		if len(last.text) < maxText {
			last.text += s
		}
		return
	}
	if r.gap.Len() < maxText {
		r.gap.WriteString(s)
	}
}

func (r *reader) start(z *html.Tokenizer) {
	name, hasAttr := z.TagName()
	switch string(name) {
	case "script", "style":
		r.skip = true
	case "a", "area", "iframe", "frame":
		href, src := attributes(z, hasAttr, "href", "src")
		if href == "" {
			href = src
		}
		if href == "" {
			return
		}
		before := r.close()
		r.list = append(r.list, anchor{href: strings.TrimSpace(href), before: before})
		r.inside = string(name) == "a"
	case "base":
		href, _ := attributes(z, hasAttr, "href", "")
		if u, err := r.base.Parse(href); err == nil && len(r.list) == 0 {
			r.base = u
		}
	case "time": // Caddy gives the exact time in the attribute and a local one in the text
		if dt, _ := attributes(z, hasAttr, "datetime", ""); dt != "" {
			r.text(" " + dt + " ")
		}
	}
}

// close ends the text after the last link and gives it back, cleaned.
func (r *reader) close() string {
	gap := strings.Join(strings.Fields(strings.ToValidUTF8(r.gap.String(), "")), " ")
	r.gap.Reset()
	r.inside = false
	if n := len(r.list); n > 0 {
		r.list[n-1].after = cut(gap)
		r.list[n-1].text = cut(strings.Join(strings.Fields(r.list[n-1].text), " "))
	}
	return cut(gap)
}

func cut(s string) string {
	for len(s) > maxText {
		_, n := utf8.DecodeLastRuneInString(s[:maxText])
		s = s[:maxText-n]
	}
	return s
}

// attributes reads two of a tag's attributes. Of one that stands there twice the first counts.
func attributes(z *html.Tokenizer, has bool, one, other string) (v1, v2 string) {
	var had1, had2 bool
	for has {
		var k, v []byte
		if k, v, has = z.TagAttr(); len(v) >= 8<<10 {
			continue
		}
		switch string(k) {
		case one:
			if !had1 {
				v1, had1 = string(v), true
			}
		case other:
			if !had2 {
				v2, had2 = string(v), true
			}
		}
	}
	return v1, v2
}

// contactWords are local parts that a place publishes for reports, best first.
var contactWords = []string{"abuse", "takedown", "dmca", "copyright", "privacy", "dpo", "gdpr", "legal", "report", "moderation", "security", "contact", "admin", "webmaster", "postmaster", "support", "info"}

var mailto = regexp.MustCompile(`(?i)mailto:([a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,190}\.[a-z]{2,24})`)

// contact finds the mail address that a page gives for reports; personal addresses are passed over.
func contact(body []byte) string {
	best, rank := "", len(contactWords)
	if bytes.IndexByte(body, '@') < 0 {
		return "" // most listings have none, and looking for it without regard to case takes long
	}
	for _, m := range mailto.FindAllSubmatch(body, 64) {
		addr := strings.ToLower(string(m[1]))
		local, _, _ := strings.Cut(addr, "@")
		for i, w := range contactWords[:rank] {
			if local == w || strings.HasPrefix(local, w+"-") || strings.HasPrefix(local, w+".") || strings.HasPrefix(local, w+"+") {
				best, rank = addr, i
				break
			}
		}
	}
	return best
}

// sameHost compares host and port, a plain and an encrypted default port being the same place.
func sameHost(a, b *url.URL) bool {
	return a.Hostname() == b.Hostname() && (a.Port() == b.Port() || defaultPort(a) && defaultPort(b))
}

func defaultPort(u *url.URL) bool {
	p := u.Port()
	return p == "" || p == "80" && u.Scheme == "http" || p == "443" && u.Scheme == "https"
}
