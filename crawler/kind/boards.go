package kind

import (
	"net/url"
	"strings"
)

// boards are the channels, forums and code hosts.
func boards() []Kind {
	return []Kind{telegram(), gitlab(), discourse(), phpbb(), mybb()}
}

// forum follows a board's own pages that a rule admits.
func forum(s Spec, p Page, rule func(path string, q url.Values) (Link, string, bool)) Found {
	f := Found{}
	list, from := anchors(p.Body, p.URL)
	b := boardBase(s.Root)
	for _, a := range list {
		u, err := from.Parse(a.href)
		if err != nil || u.Hostname() == "" {
			continue
		}
		path, ok := rest(b, u)
		if !ok {
			continue
		}
		l, query, ok := rule(path, u.Query())
		if !ok {
			continue
		}
		f.Recognised = true
		if l.Lists && p.Depth >= s.Depth {
			continue
		}
		l.URL, l.Depth = at(b, path, query).String(), p.Depth+1
		f.Links = append(f.Links, l)
	}
	return f
}

// boardBase is the folder of a board, of which the operator may have given any page.
func boardBase(root *url.URL) *url.URL {
	c := *root
	if at := strings.LastIndexByte(c.Path, '/'); at >= 0 {
		if name := c.Path[at+1:]; strings.Contains(name, ".") {
			c.Path = c.Path[:at]
		}
	}
	return base(&c)
}

// number is a parameter that must be a number; empty when it is not.
func number(q url.Values, name string) string {
	v := q.Get(name)
	if v == "" || len(v) > 12 || strings.Trim(v, "0123456789") != "" {
		return ""
	}
	return v
}
