package crawler

import (
	"net/url"

	"unmirror/crawler/plane"
)

const whyBetrays = "its address would tell the place something out of the leak, and is not sent"

// betrays reports whether a request that we composed holds something out of a leak. What others published is not
// composed by us: it only tells them what they told us.
func (w *walk) betrays(it plane.Claimed, v visiting) bool {
	if w.c.o.Betrays == nil || it.Elsewhere || !it.Lists || len(it.Via) > 0 {
		return false
	}
	if it.Depth > 0 && v.spec.Kind.Sends == "" {
		return false
	}
	return w.c.betrays(v.u, v.spec.Kind.Sends != "")
}

// betrays looks at the part of an address that we chose: the query, and the path where the kind puts its question there.
func (c *Crawler) betrays(u *url.URL, path bool) bool {
	if c.o.Betrays == nil {
		return false
	}
	text := u.RawQuery
	if path {
		text = u.EscapedPath() + "?" + text
	}
	return text != "" && c.o.Betrays(text)
}
