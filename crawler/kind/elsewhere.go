package kind

import (
	"html"
	"net/url"
	"regexp"
	"strings"
)

// maxElsewhere bounds the links to other places that are taken from one page.
const maxElsewhere = 1000

// sort keeps the links that lie within the source's bounds and may be fetched. Those that lead to a recognised item of
// another place become items elsewhere, and so do addresses in the page's text.
func (s Spec) sort(p Page, f *Found) {
	seen := map[string]bool{}
	kept := f.Links[:0]
	for _, l := range f.Links {
		u, err := url.Parse(l.URL)
		if err != nil || s.Forbidden(u) {
			continue
		}
		if l.Kind == "" && s.Kind.links && s.Raw == "" && !sameHost(s.Root, u) {
			switch to, ok := Recognise(u); {
			case ok && to.Matches && s.Within(u): // it is what this source lists, by its own kind's rules
				to.Depth, to.Listed, to.Modified = l.Depth, l.Listed, l.Modified
				l, seen[to.URL] = to, true
			case ok && s.elsewhere(u, f, seen):
				continue
			}
		}
		if l.Kind != "" && l.Kind != s.Kind.Name || s.Within(u) {
			kept = append(kept, l)
		}
	}
	f.Links = kept
	if !s.Kind.links {
		return
	}
	for _, href := range addresses(p.Body) {
		if u, err := p.URL.Parse(href); err == nil && u.Host != "" && !sameHost(s.Root, u) && !s.Forbidden(u) {
			s.elsewhere(u, f, seen)
		}
	}
}

// elsewhere takes an address as an item of another place, once a page; false when no kind recognises it.
func (s Spec) elsewhere(u *url.URL, f *Found, seen map[string]bool) bool {
	l, ok := Recognise(u)
	if !ok || !l.Matches || s.Raw != "" && sameHost(s.rawHost(), u) {
		return false // of the source's own raw addresses the source itself says which they are
	}
	if !seen[l.URL] && len(f.Elsewhere) < maxElsewhere {
		seen[l.URL] = true
		f.Elsewhere = append(f.Elsewhere, l)
	}
	return true
}

// inText finds addresses in prose, in attributes and in JSON, where slashes may be escaped.
var inText = regexp.MustCompile(`(?i)\b(https?|ftps?|ipfs):(\\?/){2}[^\s"'<>` + "`" + `|^{}\\]{3,}(\\?/[^\s"'<>` + "`" + `|^{}\\]*)*`)

// addresses finds the addresses that stand in a page, as links or in its text.
func addresses(body []byte) (out []string) {
	for _, m := range inText.FindAll(body, maxAnchors) {
		s := strings.ReplaceAll(string(m), `\/`, "/")
		if strings.Contains(s, "&") {
			s = html.UnescapeString(s)
		}
		s = strings.TrimRight(s, ".,;:!?)]")
		if len(s) < 2048 {
			out = append(out, s)
		}
	}
	return out
}
