package kind

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
)

// softwareHeritage asks the archive of source code whether it holds a known file, by SHA-256.
func softwareHeritage() Kind {
	return Kind{
		Name:        "softwareheritage",
		Depth:       1,
		Accept:      "application/json",
		Sends:       SendsDigests,
		digestsOnly: true,
		Untried:     "read as the Web API's documents have it; no answer was recorded yet",
		Gone:        "404, with the archive's own word NotFoundExc",
		Contact:     "the takedown address and form at softwareheritage.org/legal",
		Never:       "saving code now (origin/save) and cooking (vault), which make it work or keep more",
		never:       compileAll(`/api/1/(origin/save|vault|add_forge)(/|$)`, `/save(/|$)`),
		seeds: func(s Spec) []Link {
			return s.asked("api/1/content/sha256:", "/", func(d Digests) string { return d.SHA256 })
		},
		read:   readHeritage,
		within: sameHostOnly,
	}
}

// asked makes a question of each digest. They stand one step below the root: that something is not found is no fault of
// the source.
func (s Spec) asked(before, after string, sum func(Digests) string) (links []Link) {
	for _, d := range s.Digests {
		u, err := base(s.Root, "/api/").Parse(before + sum(d) + after)
		if err == nil && sum(d) != "" {
			links = append(links, Link{URL: Canonical(u).String(), Lists: true, Depth: 1})
		}
	}
	return links
}

func readHeritage(_ Spec, p Page) (Found, error) {
	var doc struct {
		Length    int64
		Checksums struct{ SHA256 string }
	}
	if err := json.Unmarshal(p.Body, &doc); err != nil || doc.Checksums.SHA256 == "" {
		return Found{}, errors.New("the answer is no description of a content")
	}
	l := Link{URL: p.URL.JoinPath("raw/").String(), Matches: true, Depth: p.Depth + 1, Size: doc.Length, Published: []Published{{"sha256", doc.Checksums.SHA256}}}
	return Found{Recognised: true, Links: []Link{l}}, nil
}

// urlscan asks which scanned pages served a known file, by SHA-256. The pages themselves are then read once.
func urlscan() Kind {
	return Kind{
		Name:    "urlscan",
		Depth:   20, // pages of answers
		Accept:  "application/json",
		Sends:   SendsDigests,
		Token:   "API-Key",
		Untried: "read as the search API's documents have it; no answer was recorded yet",
		Gone:    "what plain servers mean, of the scanned page; the record of a scan says nothing about it",
		Contact: "the report link of each scan, and info@urlscan.io",
		Never:   "submitting anything to be scanned",
		seeds: func(s Spec) []Link {
			return s.asked("api/v1/search/?size=100&q=hash:", "", func(d Digests) string { return d.SHA256 })
		},
		read:   readURLScan,
		within: func(Spec, *url.URL) bool { return true }, // the pages are anywhere; robots of each host are asked
	}
}

func readURLScan(s Spec, p Page) (Found, error) {
	var doc struct {
		Results []struct {
			Page, Task struct{ URL string }
			Sort       []json.RawMessage
		}
		More bool `json:"has_more"`
	}
	if err := json.Unmarshal(p.Body, &doc); err != nil {
		return Found{}, errors.New("the search's answer cannot be read")
	}
	f := Found{Recognised: true}
	for _, r := range doc.Results {
		if l, ok := linkElsewhere(p, cmp.Or(r.Page.URL, r.Task.URL)); ok {
			f.Links = append(f.Links, l)
		}
	}
	if n := len(doc.Results); doc.More && n > 0 && p.Depth < s.Depth {
		var after []string
		for _, v := range doc.Results[n-1].Sort {
			after = append(after, strings.Trim(string(v), `"`))
		}
		u, q := *p.URL, p.URL.Query()
		q.Set("search_after", strings.Join(after, ","))
		u.RawQuery = q.Encode()
		f.Links = append(f.Links, Link{URL: Canonical(&u).String(), Lists: true, Depth: p.Depth + 1})
	}
	return f, nil
}

// linkElsewhere is an address that a search found.
func linkElsewhere(p Page, address string) (Link, bool) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil {
		return Link{}, false
	}
	if l, ok := Recognise(u); ok { // by its own kind's rules: a plain read might use it up
		l.Depth = p.Depth + 1
		return l, true
	}
	return Link{URL: Canonical(u).String(), Matches: true, Depth: p.Depth + 1, Elsewhere: true}, true
}

// searxng asks a search engine of one's own for the operator's beacons: words that are planted or public, never
// anything out of a leak, because it hands them on to others.
func searxng() Kind {
	return Kind{
		Name:    "searxng",
		Depth:   3, // pages of answers
		Accept:  "application/json",
		Sends:   SendsBeacons,
		Untried: "read as SearXNG's documents have it; no answer was recorded yet",
		Gone:    "what plain servers mean, of the page that was found; that a search does not find it any more says nothing",
		Contact: "none: the pages that it finds have their own",
		Never:   "words other than the source's beacons; digests; anything out of a leak",
		seeds: func(s Spec) (links []Link) {
			for _, b := range s.Beacons {
				links = append(links, Link{URL: at(base(s.Root, "/search"), "search", url.Values{"q": {b}, "format": {"json"}}.Encode()).String(), Lists: true})
			}
			return links
		},
		read:   readSearXNG,
		within: func(Spec, *url.URL) bool { return true },
	}
}

func readSearXNG(s Spec, p Page) (Found, error) {
	var doc struct {
		Results *[]struct{ URL string }
	}
	if err := json.Unmarshal(p.Body, &doc); err != nil || doc.Results == nil {
		return Found{}, errors.New("the search's answer cannot be read: format json may be switched off there")
	}
	f := Found{Recognised: true}
	for _, r := range *doc.Results {
		if l, ok := linkElsewhere(p, r.URL); ok {
			f.Links = append(f.Links, l)
		}
	}
	if len(f.Links) > 0 && p.Depth+1 < s.Depth {
		u, q := *p.URL, p.URL.Query()
		n, err := strconv.Atoi(q.Get("pageno"))
		if err != nil {
			n = 1
		}
		q.Set("pageno", strconv.Itoa(n+1))
		u.RawQuery = q.Encode()
		f.Links = append(f.Links, Link{URL: Canonical(&u).String(), Lists: true, Depth: p.Depth + 1})
	}
	return f, nil
}
