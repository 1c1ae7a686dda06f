package kind

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html/charset"
)

const maxEntries = 10_000 // of one feed

// feed reads RSS, Atom and JSON Feed. The feed itself is matched too, because it may carry whole articles.
func feed() Kind {
	return Kind{
		Name:    "feed",
		Depth:   3, // pages of a feed that goes on
		Accept:  "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5",
		links:   true,
		Gone:    "what plain servers mean: 404, 410 and 451",
		Contact: "a mail address that the feed gives for reports",
		Never:   "links that log out, delete, report, post or vote; archive-now and one-use links",
		never:   neverInPages,
		check:   func(s Spec) error { return checkRaw(s.Raw) },
		seeds: func(s Spec) []Link {
			return append(given(s), Link{URL: s.Root.String(), Lists: true, Matches: true})
		},
		read:   readFeed,
		within: func(Spec, *url.URL) bool { return true }, // a feed points wherever it points; robots of each host are asked
	}
}

func readFeed(s Spec, p Page) (Found, error) {
	body := bytes.TrimLeft(p.Body, " \t\r\n\xef\xbb\xbf")
	var list feedList
	var err error
	if bytes.HasPrefix(body, []byte("{")) {
		list, err = jsonFeed(body)
	} else {
		list, err = xmlFeed(body)
	}
	if err != nil {
		return Found{}, err
	}
	f := Found{Recognised: list.ok}
	seen := map[string]bool{}
	for _, h := range list.hrefs {
		href, err := p.URL.Parse(strings.TrimSpace(h))
		if err != nil || href.Hostname() == "" {
			continue
		}
		id, _ := idOf(href)
		u := s.rawURL(p.URL, id, href)
		if u == nil || s.Forbidden(u) || s.Forbidden(href) {
			continue
		}
		u = Canonical(u)
		if u.String() == Canonical(p.URL).String() || seen[u.String()] {
			continue
		}
		seen[u.String()] = true
		f.Links = append(f.Links, Link{URL: u.String(), Matches: true, Depth: p.Depth + 1, Elsewhere: !sameHost(p.URL, u)})
	}
	if next, err := p.URL.Parse(list.next); err == nil && list.next != "" && len(f.Links) > 0 && p.Depth < s.Depth && sameHost(p.URL, next) {
		f.Links = append(f.Links, Link{URL: Canonical(next).String(), Lists: true, Depth: p.Depth + 1})
	}
	return f, nil
}

// feedList is what a feed names.
type feedList struct {
	hrefs []string
	next  string // where the feed goes on (RFC 5005, JSON Feed's next_url)
	ok    bool   // it is a feed
}

// idOf is the last segment of an address, for the raw template.
func idOf(u *url.URL) (string, bool) {
	trimmed := strings.Trim(u.Path, "/")
	id := trimmed[strings.LastIndexByte(trimmed, '/')+1:]
	return id, id != ""
}

func jsonFeed(body []byte) (l feedList, err error) {
	var doc struct {
		Version string
		Next    string `json:"next_url"`
		Items   []struct {
			URL         string
			ExternalURL string `json:"external_url"`
			Attachments []struct{ URL string }
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return l, errors.New("the JSON feed cannot be read")
	}
	for _, it := range doc.Items {
		for _, u := range []string{it.URL, it.ExternalURL} {
			if u != "" {
				l.hrefs = append(l.hrefs, u)
			}
		}
		for _, a := range it.Attachments {
			l.hrefs = append(l.hrefs, a.URL)
		}
		if len(l.hrefs) >= maxEntries {
			break
		}
	}
	l.next, l.ok = doc.Next, strings.Contains(doc.Version, "jsonfeed.org") || len(doc.Items) > 0
	return l, nil
}

// xmlFeed walks tokens, so that depth and size of a hostile feed cost no memory. A feed that breaks off gives what
// came before, because long feeds are cut by our own limit too.
func xmlFeed(body []byte) (l feedList, err error) {
	if widestTag(body) > maxTag {
		return l, errCrowded
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if strings.EqualFold(label, "utf-8") {
			return r, nil
		}
		return charset.NewReaderLabel(label, r)
	}
	w := feedWalk{feedList: &l}
	deep := nesting(0)
	for len(l.hrefs) < maxEntries {
		tok, err := d.Token()
		if err != nil || deep.tooDeep(tok) {
			if !l.ok {
				return l, errors.New("the page is no feed that can be read")
			}
			return l, nil
		}
		switch t := tok.(type) {
		case xml.StartElement:
			w.start(t)
		case xml.CharData:
			if text := strings.TrimSpace(string(t)); w.collect && text != "" {
				l.hrefs, w.collect = append(l.hrefs, text), false
			}
		case xml.EndElement:
			w.collect = false
			if t.Name.Local == "item" || t.Name.Local == "entry" {
				w.inEntry = false
			}
		}
	}
	return l, nil
}

// feedWalk is where in a feed a walk is.
type feedWalk struct {
	*feedList
	inEntry, collect bool // collect: the text that follows is an address
}

func (w *feedWalk) start(t xml.StartElement) {
	w.collect = false
	href, rel := entryLink(t)
	switch name := t.Name.Local; {
	case name == "rss" || name == "feed" || name == "RDF":
		w.ok = true
	case name == "item" || name == "entry":
		w.inEntry = true
	case name == "link" && !w.inEntry && rel == "next":
		w.next = href
	case w.inEntry && (name == "link" || name == "enclosure" || name == "content"):
		if rel == "alternate" || rel == "enclosure" {
			if href != "" {
				w.hrefs = append(w.hrefs, href)
			}
			w.collect = href == "" && name == "link"
		}
	case w.inEntry && name == "guid": // of RSS: an address only where it says so, and then that of the entry
		w.collect = slices.ContainsFunc(t.Attr, func(a xml.Attr) bool { return a.Name.Local == "isPermaLink" && a.Value == "true" })
	}
}

// entryLink reads the attributes of an Atom link or an RSS enclosure. Relations other than the entry itself and what is
// attached to it are passed over by the caller.
func entryLink(t xml.StartElement) (href, rel string) {
	rel = "alternate"
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "href", "url", "src":
			href = a.Value
		case "rel":
			rel = a.Value
		}
	}
	return href, rel
}
