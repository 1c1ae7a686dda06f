package kind

import (
	"bytes"
	"compress/gzip"
	"encoding/xml"
	"errors"
	"io"
	"net/url"
	"path"
	"strings"
	"time"

	"golang.org/x/net/html/charset"
)

const (
	maxSitemap    = 50 << 20 // of one sitemap, unpacked: the protocol's own bound
	maxSitemapURL = 50_000   // likewise
)

// sitemap reads the lists of pages that sites publish for search engines: XML, their indexes, plain text, also gzipped.
// robots.txt of the site governs them as all listings.
func sitemap() Kind {
	return Kind{
		Name:    "sitemap",
		Depth:   3, // indexes of indexes
		Bytes:   true,
		Accept:  "application/xml, text/xml, application/gzip;q=0.9, text/plain;q=0.8, */*;q=0.5",
		Gone:    "what plain servers mean: 404, 410 and 451",
		Contact: "a mail address that the site gives for reports",
		Never:   "other hosts; links that log out, delete, report, post or vote; one-use links",
		never:   neverInPages,
		check:   func(s Spec) error { return checkRaw(s.Raw) },
		seeds: func(s Spec) []Link {
			u := *s.Root
			if u.Path == "/" && u.RawQuery == "" {
				u.Path = "/sitemap.xml"
			}
			return append(given(s), Link{URL: u.String(), Lists: true})
		},
		read:   readSitemap,
		within: func(s Spec, to *url.URL) bool { return sameHost(s.Root, to) || sameHost(s.rawHost(), to) },
	}
}

// place is an address of a sitemap.
type place struct {
	loc      string
	modified time.Time
	lists    bool // a further sitemap
}

func readSitemap(s Spec, p Page) (Found, error) {
	body := p.Body
	if bytes.HasPrefix(body, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return Found{}, errors.New("the sitemap cannot be unpacked")
		}
		body, _ = io.ReadAll(io.LimitReader(z, maxSitemap)) // a page that was cut gives what it has
	}
	body = bytes.TrimLeft(body, " \t\r\n\xef\xbb\xbf")
	list, ok := []place(nil), false
	if bytes.HasPrefix(body, []byte("<")) {
		list, ok = xmlSitemap(body)
	} else {
		list, ok = textSitemap(body)
	}
	if !ok {
		return Found{}, errors.New("the page is no sitemap")
	}
	f := Found{Recognised: true}
	for _, l := range list {
		u := sitemapURL(p.URL, l.loc)
		if u == nil || l.lists && p.Depth >= s.Depth {
			continue
		}
		if !l.lists {
			id, _ := idOf(u)
			if u = s.rawURL(p.URL, id, u); u == nil {
				continue
			}
			u = Canonical(u)
		}
		if !s.Forbidden(u) {
			f.Links = append(f.Links, Link{URL: u.String(), Lists: l.lists, Matches: !l.lists, Depth: p.Depth + 1, Modified: l.modified})
		}
	}
	return f, nil
}

// sitemapURL reads an address; generators are known to leave out the scheme, with or without the slashes before the host.
func sitemapURL(page *url.URL, loc string) *url.URL {
	loc = strings.TrimPrefix(loc, ":") // "://host/…", of a template without its scheme
	if !strings.Contains(loc, "://") && !strings.HasPrefix(loc, "/") {
		if host, _, _ := strings.Cut(loc, "/"); strings.EqualFold(host, page.Host) || strings.EqualFold(host, page.Hostname()) {
			loc = "//" + loc
		}
	}
	u, err := page.Parse(loc)
	if err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return Canonical(u)
}

// xmlSitemap walks tokens: a sitemap that breaks off gives what came before.
func xmlSitemap(body []byte) (list []place, ok bool) {
	if widestTag(body) > maxTag {
		return nil, false
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	d.Strict, d.Entity = false, xml.HTMLEntity
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		if strings.EqualFold(label, "utf-8") {
			return r, nil
		}
		return charset.NewReaderLabel(label, r)
	}
	var text string
	lists, first := false, 0 // whether a <sitemap> is open, and where in list the open entry begins
	deep := nesting(0)
	for len(list) < maxSitemapURL {
		tok, err := d.Token()
		if err != nil || deep.tooDeep(tok) {
			return list, ok
		}
		switch t := tok.(type) {
		case xml.StartElement:
			text = ""
			switch t.Name.Local {
			case "urlset", "sitemapindex":
				ok = true
			case "url", "sitemap":
				lists, first = t.Name.Local == "sitemap", len(list)
			case "link": // xhtml:link of other languages
				for _, a := range t.Attr {
					if a.Name.Local == "href" && ok {
						list = append(list, place{loc: strings.TrimSpace(a.Value)})
					}
				}
			}
		case xml.CharData:
			if len(text) < 4<<10 {
				text += string(t[:min(len(t), 4<<10)])
			}
		case xml.EndElement:
			switch text = strings.TrimSpace(text); t.Name.Local {
			case "loc", "content_loc": // also of images and videos
				if text != "" {
					list = append(list, place{loc: text, lists: lists && t.Name.Local == "loc"})
				}
			case "lastmod":
				for i := first; i < len(list); i++ {
					list[i].modified = sitemapTime(text)
				}
			}
			text = ""
		}
	}
	return list, ok
}

// sitemapTime reads a time in the W3C's form, which may be a day alone.
func sitemapTime(text string) time.Time {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04Z07:00", time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return t.UTC()
		}
	}
	return time.Time{}
}

// textSitemap reads one address a line; a text with other lines is none.
func textSitemap(body []byte) (list []place, ok bool) {
	for line := range strings.Lines(string(body[:min(len(body), maxSitemap)])) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		u, err := url.Parse(line)
		if err != nil || u.Scheme != "http" && u.Scheme != "https" {
			return nil, false
		}
		ext := path.Ext(strings.TrimSuffix(u.Path, ".gz"))
		list = append(list, place{loc: line, lists: ext == ".xml" && strings.Contains(strings.ToLower(u.Path), "sitemap")})
		if len(list) >= maxSitemapURL {
			break
		}
	}
	return list, len(list) > 0
}
