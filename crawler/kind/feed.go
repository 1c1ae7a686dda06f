package kind

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"strings"

	"golang.org/x/net/html/charset"
)

const maxEntries = 10_000 // of one feed

// feed reads RSS, Atom and JSON Feed. The feed itself is matched too, because it may carry whole articles.
func feed() Kind {
	return Kind{
		Name:    "feed",
		Depth:   1,
		Accept:  "application/feed+json, application/atom+xml, application/rss+xml, application/xml;q=0.9, */*;q=0.5",
		Untried: "read as the standards of RSS, Atom and JSON Feed have it; no running site's feed was recorded yet",
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
	var hrefs []string
	var err error
	f := Found{}
	if bytes.HasPrefix(body, []byte("{")) {
		hrefs, f.Recognised, err = jsonFeed(body)
	} else {
		hrefs, f.Recognised, err = xmlFeed(body)
	}
	if err != nil {
		return Found{}, err
	}
	for _, h := range hrefs {
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
		if u.String() == Canonical(p.URL).String() {
			continue
		}
		f.Links = append(f.Links, Link{URL: u.String(), Matches: true, Depth: p.Depth + 1, Elsewhere: !sameHost(p.URL, u)})
	}
	return f, nil
}

// idOf is the last segment of an address, for the raw template.
func idOf(u *url.URL) (string, bool) {
	trimmed := strings.Trim(u.Path, "/")
	id := trimmed[strings.LastIndexByte(trimmed, '/')+1:]
	return id, id != ""
}

func jsonFeed(body []byte) (hrefs []string, ok bool, err error) {
	var doc struct {
		Version string
		Items   []struct {
			URL         string
			ExternalURL string `json:"external_url"`
			Attachments []struct{ URL string }
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		return nil, false, errors.New("the JSON feed cannot be read")
	}
	for _, it := range doc.Items {
		for _, u := range []string{it.URL, it.ExternalURL} {
			if u != "" {
				hrefs = append(hrefs, u)
			}
		}
		for _, a := range it.Attachments {
			hrefs = append(hrefs, a.URL)
		}
		if len(hrefs) >= maxEntries {
			break
		}
	}
	return hrefs, strings.Contains(doc.Version, "jsonfeed.org") || len(doc.Items) > 0, nil
}

// xmlFeed walks tokens, so that depth and size of a hostile feed cost no memory. A feed that breaks off gives what
// came before, because long feeds are cut by our own limit too.
func xmlFeed(body []byte) (hrefs []string, ok bool, err error) {
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if strings.EqualFold(label, "utf-8") {
			return r, nil
		}
		return charset.NewReaderLabel(label, r)
	}
	inEntry, collect := false, ""
	for len(hrefs) < maxEntries {
		tok, err := d.Token()
		if err != nil {
			if !ok {
				return nil, false, errors.New("the page is no feed that can be read")
			}
			return hrefs, true, nil
		}
		switch t := tok.(type) {
		case xml.StartElement:
			collect = ""
			switch name := t.Name.Local; {
			case name == "rss" || name == "feed" || name == "RDF":
				ok = true
			case name == "item" || name == "entry":
				inEntry = true
			case inEntry && (name == "link" || name == "enclosure" || name == "content"):
				if h := entryLink(t); h != "" {
					hrefs = append(hrefs, h)
				} else if name == "link" {
					collect = name
				}
			}
		case xml.CharData:
			if s := strings.TrimSpace(string(t)); collect != "" && s != "" {
				hrefs, collect = append(hrefs, s), ""
			}
		case xml.EndElement:
			collect = ""
			if t.Name.Local == "item" || t.Name.Local == "entry" {
				inEntry = false
			}
		}
	}
	return hrefs, ok, nil
}

// entryLink reads the attributes of an Atom link or an RSS enclosure; relations other than the entry itself and what
// is attached to it are passed over.
func entryLink(t xml.StartElement) string {
	href, rel := "", "alternate"
	for _, a := range t.Attr {
		switch a.Name.Local {
		case "href", "url", "src":
			href = a.Value
		case "rel":
			rel = a.Value
		}
	}
	if rel != "alternate" && rel != "enclosure" {
		return ""
	}
	return href
}
