package kind

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/PuerkitoBio/goquery"
)

// pastebin reads pastebin.com: by its scraping API (pastebin.com/doc_scraping_api: a paying account and one registered
// address; it lists pastes with syntax highlighting only), or by its archive page, which needs nothing and shows fewer.
func pastebin() Kind {
	return Kind{
		Name:    "pastebin",
		Depth:   1,
		Accept:  "application/json, text/html;q=0.9, */*;q=0.5",
		DOM:     true,
		Never:   "with the scraping API: /raw, for which the registered address would be blocked; forms that report, edit or clone",
		Gone:    "the API's \"Error, we cannot find this paste.\", which comes with 200; 404 and 410 of /raw. A paste made private is unclear; \"not ready yet\" is asked again",
		Contact: "the form at /report/KEY",
		never:   append([]*regexp.Regexp{regexp.MustCompile(`(?i)/(report|edit|clone|login|signup)(/|$)`)}, neverInPages...),
		item:    known(pastebinItem, "pastebin.com"),
		key:     keyed("/"+pastebinList, "/archive"),
		seeds:   pastebinSeeds,
		read:    readPastebin,
		within:  sameHostOnly,
		mean:    pastebinMeaning,
	}
}

const pastebinList = "api_scraping.php"

// scrapes reports whether the source uses the scraping API. Everything but the public site's own pages does.
func scrapes(root *url.URL) bool {
	if strings.Contains(root.Path, pastebinList) {
		return true
	}
	return !strings.Contains(root.Path, "/archive") && !hostIn(root, "pastebin.com")
}

func pastebinSeeds(s Spec) []Link {
	own := func(u *url.URL) (Link, bool) {
		key, ok := pastebinKey(u)
		return Link{URL: s.pastebinAddress(key).String()}, ok
	}
	b, list := base(s.Root, "/"+pastebinList, "/archive"), s.Root
	switch {
	case !scrapes(s.Root) && !strings.Contains(s.Root.Path, "/archive"):
		list = at(b, "archive", "")
	case scrapes(s.Root):
		q := s.Root.Query()
		if !q.Has("limit") {
			q.Set("limit", "250") // the most that clients use
		}
		list = at(b, pastebinList, q.Encode())
	}
	return seeds(s, own, list)
}

// pastebinAddress is where the source reads a paste's bytes.
func (s Spec) pastebinAddress(key string) *url.URL {
	b := base(s.Root, "/"+pastebinList, "/archive")
	if scrapes(s.Root) {
		return at(b, "api_scrape_item.php", url.Values{"i": {key}}.Encode())
	}
	return at(b, "raw/"+key, "")
}

var pastebinID = regexp.MustCompile(`^[A-Za-z0-9]{8}$`)

// pastebinKey reads the key in any of a paste's addresses.
func pastebinKey(u *url.URL) (string, bool) {
	if key := u.Query().Get("i"); strings.Contains(u.Path, "api_scrape_item") {
		return key, pastebinID.MatchString(key)
	}
	key := strings.Trim(u.Path, "/")
	for _, p := range []string{"raw/", "dl/", "print/", "embed/", "embed_js/", "embed_iframe/"} {
		key = strings.TrimPrefix(key, p)
	}
	key, _, _ = strings.Cut(key, "/")
	return key, pastebinID.MatchString(key) && !pastebinPages[key]
}

// pastebinPages are pages of the site whose names look like keys.
var pastebinPages = map[string]bool{"messages": true, "trending": true, "settings": true, "contact1": true}

func pastebinItem(u *url.URL) (Link, bool) {
	key, ok := pastebinKey(u)
	if !ok {
		return Link{}, false
	}
	return Link{URL: "https://pastebin.com/raw/" + key}, true
}

func readPastebin(s Spec, p Page) (Found, error) {
	body := bytes.TrimSpace(p.Body)
	if bytes.HasPrefix(body, []byte("[")) {
		return readScraping(s, p)
	}
	if noAccess(body) {
		return Found{}, errors.New("the scraping API says that this machine's address has no access")
	}
	f := Found{}
	if p.Root == nil {
		return f, nil
	}
	f.Recognised = p.Root.Find("table.maintable").Length() > 0
	p.Root.Find("table.maintable tr").Each(func(_ int, row *goquery.Selection) {
		href, _ := row.Find("td").First().Find("a[href]").First().Attr("href")
		u, err := p.URL.Parse(href)
		if err != nil || href == "" || !sameHost(u, p.URL) {
			return
		}
		if key, ok := pastebinKey(u); ok && len(f.Links) < maxEntries {
			f.Links = append(f.Links, Link{URL: s.pastebinAddress(key).String(), Matches: true, Depth: p.Depth + 1})
		}
	})
	return f, nil
}

func readScraping(s Spec, p Page) (Found, error) {
	type paste struct{ Key, Date, Size, Expire, Title word }
	list, err := entries[paste](p.Body)
	if err != nil {
		return Found{}, err
	}
	f := Found{Recognised: true}
	for _, e := range list {
		if !pastebinID.MatchString(string(e.Key)) {
			continue
		}
		l := Link{URL: s.pastebinAddress(string(e.Key)).String(), Matches: true, Depth: p.Depth + 1, Name: string(e.Title)}
		if secs, err := strconv.ParseInt(string(e.Date), 10, 64); err == nil && secs > 0 && e.Size != "" {
			l.Listed, l.Modified = string(e.Date)+" "+string(e.Size), time.Unix(secs, 0).UTC()
		}
		f.Links = append(f.Links, l)
	}
	return f, nil
}

func noAccess(body []byte) bool {
	return len(body) < 512 && bytes.Contains(body, []byte("DOES NOT HAVE ACCESS"))
}

// pastebinMeaning: the API's errors come with 200, as the whole of a short text.
func pastebinMeaning(a Answer) Meaning {
	if a.Status != http.StatusOK || len(a.Prefix) > 512 {
		return meaning(a)
	}
	switch text := strings.TrimSpace(string(a.Prefix)); {
	case text == "Error, we cannot find this paste.":
		return Gone
	case text == "Error, this is not a public paste.", strings.HasPrefix(text, "Error, this is a private paste."), noAccess(a.Prefix):
		return Unclear
	case strings.HasPrefix(text, "File is not ready for scraping yet."):
		return Unreachable
	}
	return Present
}
