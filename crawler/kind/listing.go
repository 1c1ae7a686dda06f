package kind

import (
	"errors"
	"net/url"
	"path"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// listing reads a page of new items by CSS selectors that the operator wrote: a paste site without code.
func listing() Kind {
	return Kind{
		Name:    "listing",
		Depth:   5, // pages reached through next
		Accept:  "text/html,application/xhtml+xml,*/*;q=0.8",
		DOM:     true,
		Untried: "as good as the selectors of its source: source test shows what they find",
		links:   true,
		Gone:    "what plain servers mean: 404, 410 and 451",
		Contact: "a mail address that the page gives for reports",
		Never:   "links that log out, delete, report, post or vote; one-use links",
		never:   neverInPages,
		check: func(s Spec) error {
			if s.item.match == nil {
				return errors.New("item: kind listing needs a CSS selector of the items, such as \"a.paste\"")
			}
			return checkRaw(s.Raw)
		},
		seeds:  listingSeeds,
		read:   readListing,
		within: func(s Spec, to *url.URL) bool { return sameHost(s.Root, to) || sameHost(s.rawHost(), to) },
	}
}

func listingSeeds(s Spec) []Link {
	return append(given(s), Link{URL: s.Root.String(), Lists: true})
}

// given are the items of the configuration: the operator published their addresses to us.
func given(s Spec) []Link {
	var links []Link
	for _, u := range s.Items {
		links = append(links, Link{URL: u.String(), Matches: true, Depth: 1, Elsewhere: true})
	}
	return links
}

func checkRaw(raw string) error {
	if raw == "" || strings.Contains(raw, "{id}") || strings.Contains(raw, "{href}") {
		return nil
	}
	return errors.New("raw: needs {id} or {href}, such as \"/raw/{id}\"")
}

// rawHost is where the raw template leads; the root when it is relative.
func (s Spec) rawHost() *url.URL {
	u, err := s.Root.Parse(strings.NewReplacer("{id}", "x", "{href}", "").Replace(s.Raw))
	if err != nil {
		return s.Root
	}
	return u
}

func readListing(s Spec, p Page) (Found, error) {
	if p.Root == nil {
		return Found{}, errors.New("the page cannot be parsed: its markup is nested too deeply or is no HTML")
	}
	f := Found{}
	base := p.URL
	if href, ok := p.Root.Find("base[href]").Attr("href"); ok {
		if u, err := base.Parse(href); err == nil {
			base = u
		}
	}
	p.Root.FindMatcher(goquery.SingleMatcher(s.item.match)).Each(func(int, *goquery.Selection) { f.Recognised = true })
	p.Root.FindMatcher(s.item.match).EachWithBreak(func(_ int, e *goquery.Selection) bool {
		id, href := s.item.value(e)
		if u := s.rawURL(base, id, href); u != nil && id != "" && !s.Forbidden(u) {
			u = Canonical(u)
			f.Links = append(f.Links, Link{URL: u.String(), Matches: true, Depth: p.Depth + 1, Elsewhere: !sameHost(p.URL, u)})
		}
		return len(f.Links) < maxAnchors
	})
	if s.next.match != nil && p.Depth < s.Depth {
		if _, href := s.next.value(p.Root.FindMatcher(s.next.match).First()); href != nil {
			u := Canonical(base.ResolveReference(href))
			f.Links = append(f.Links, Link{URL: u.String(), Lists: true, Depth: p.Depth + 1})
		}
	}
	return f, nil
}

// value gives the id and address that an element stands for: those of the attribute that the selector names, or of
// its own link, or of the first link inside it.
func (sel selector) value(e *goquery.Selection) (id string, href *url.URL) {
	attr := sel.attr
	if attr == "" {
		attr = "href"
		if _, ok := e.Attr("href"); !ok {
			e = e.Find("a[href]").First()
		}
	}
	v, ok := e.Attr(attr)
	if !ok {
		return "", nil
	}
	u, err := url.Parse(strings.TrimSpace(v))
	if err != nil {
		return "", nil
	}
	id = path.Base(strings.Trim(u.Path, "/"))
	if id == "." || id == "/" || id == ".." {
		id = u.RawQuery // places like /?abc123
	}
	return id, u
}

// rawURL fills the raw template; without one the element's own address is the item. Nil when that is no address.
func (s Spec) rawURL(base *url.URL, id string, href *url.URL) *url.URL {
	raw := s.Raw
	if raw == "" && s.Kind.Name == "haste" {
		raw = hasteRaw
	}
	if raw == "" {
		if href == nil {
			return nil
		}
		u := base.ResolveReference(href)
		if u.Scheme != "http" && u.Scheme != "https" {
			return nil
		}
		return u
	}
	abs := ""
	if href != nil {
		abs = base.ResolveReference(href).String()
	}
	u, err := s.Root.Parse(strings.NewReplacer("{id}", url.PathEscape(id), "{href}", abs).Replace(raw))
	if err != nil {
		return nil
	}
	return u
}
