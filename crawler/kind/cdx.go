package kind

import (
	"bytes"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	cdxPage       = 1000 // captures of one page of an index
	digestsAtOnce = 10   // in one question
	maxCDXPages   = 50   // of one Common Crawl index
)

// wayback reads what a Wayback Machine holds of a site: its index publishes each capture's SHA-1.
func wayback() Kind {
	return Kind{
		Name:    "wayback",
		Depth:   1000, // pages of the index
		Accept:  "application/json, */*;q=0.5",
		Sends:   SendsDigests,
		Untried: "read as the CDX server's documents and a recorded answer have it; it is one place, which was not visited for trying",
		Gone:    "404 of a capture, or a page that says that the site is excluded; a redirect leads to another capture and says nothing",
		Contact: "info@archive.org",
		Never:   "save pages and everything else that makes a new capture; the whole archive: a scope is required",
		check:   needScope("wayback", "https://web.archive.org/web/*/leak.example/*"),
		key:     func(s Spec, key string) *url.URL { return cdxQuery(waybackBase(s.Root), key, "") },
		seeds:   waybackSeeds,
		read:    readWayback,
		within: func(s Spec, to *url.URL) bool {
			b := waybackBase(s.Root)
			return sameHost(b, to) && (under(at(b, "web/", ""), to) || under(at(b, "cdx/", ""), to))
		},
		mean: waybackMeaning,
	}
}

func waybackBase(root *url.URL) *url.URL { return base(root, "/web/", "/cdx/") }

// scopeOf reads which site an address of an archive's index or calendar is about.
func scopeOf(u *url.URL) string {
	if scope := u.Query().Get("url"); scope != "" {
		return scope
	}
	if _, scope, ok := strings.Cut(u.Path, "/web/*/"); ok {
		if u.RawQuery != "" {
			scope += "?" + u.RawQuery
		}
		return scope
	}
	return ""
}

func needScope(name, example string) func(Spec) error {
	return func(s Spec) error {
		for _, u := range append([]*url.URL{s.Root}, s.Items...) {
			if scopeOf(u) != "" || !sameHost(s.Root, u) {
				return nil
			}
		}
		return fmt.Errorf("url: kind %s needs to know which site's captures are meant: such as %q", name, example)
	}
}

func cdxQuery(b *url.URL, scope, filter string) *url.URL {
	q := url.Values{"url": {scope}, "output": {"json"}, "fl": {"timestamp,original,mimetype,statuscode,digest,length"},
		"filter": {"statuscode:200"}, "collapse": {"digest"}, "limit": {strconv.Itoa(cdxPage)}, "showResumeKey": {"true"}}
	if filter != "" {
		q.Add("filter", filter)
	}
	return at(b, "cdx/search/cdx", q.Encode())
}

// scopes are the sites that the source is about.
func (s Spec) scopes() (list []string) {
	for _, u := range append([]*url.URL{s.Root}, s.Items...) {
		scope := scopeOf(u)
		if scope == "" && !sameHost(s.Root, u) {
			scope = u.String()
		}
		if scope != "" && !slices.Contains(list, scope) {
			list = append(list, scope)
		}
	}
	return list
}

// waybackSeeds asks for all captures of a scope, or only for those with known digests where the source allows that.
func waybackSeeds(s Spec) (links []Link) {
	b := waybackBase(s.Root)
	for _, scope := range s.scopes() {
		if len(s.Digests) == 0 {
			links = append(links, Link{URL: cdxQuery(b, scope, "").String(), Lists: true})
			continue
		}
		for some := range slices.Chunk(s.Digests, digestsAtOnce) {
			var sums []string
			for _, d := range some {
				if sum, err := hex.DecodeString(d.SHA1); err == nil && len(sum) == 20 {
					sums = append(sums, base32.StdEncoding.EncodeToString(sum))
				}
			}
			if len(sums) > 0 {
				links = append(links, Link{URL: cdxQuery(b, scope, "digest:"+strings.Join(sums, "|")).String(), Lists: true})
			}
		}
	}
	return links
}

func readWayback(s Spec, p Page) (Found, error) {
	var rows [][]string
	if len(bytes.TrimSpace(p.Body)) > 0 {
		if err := json.Unmarshal(p.Body, &rows); err != nil {
			return Found{}, errors.New("the index's answer cannot be read")
		}
	}
	f := Found{Recognised: true}
	b := waybackBase(s.Root)
	var names []string
	for i, row := range rows {
		if i == 0 {
			names = row
			continue
		}
		if len(row) == 0 { // what follows is where to go on
			if i+1 < len(rows) && len(rows[i+1]) == 1 && p.Depth < s.Depth {
				f.Links = append(f.Links, resume(p, rows[i+1][0]))
			}
			break
		}
		get := func(name string) string {
			if at := slices.Index(names, name); at >= 0 && at < len(row) {
				return row[at]
			}
			return ""
		}
		when, original := get("timestamp"), get("original")
		t, err := time.Parse("20060102150405", when)
		u, uerr := url.Parse(strings.TrimSuffix(b.String(), "/") + "/web/" + when + "id_/" + original)
		if err != nil || uerr != nil || original == "" {
			continue
		}
		l := Link{URL: Canonical(u).String(), Matches: true, Depth: p.Depth + 1, Modified: t, Name: lastSegment(original)}
		if d := get("digest"); len(d) == 32 {
			l.Published = []Published{{"sha1", d}}
			l.Listed = when + " " + d
		}
		f.Links = append(f.Links, l)
	}
	return f, nil
}

func lastSegment(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	id, _ := idOf(u)
	return id
}

func resume(p Page, key string) Link {
	u, q := *p.URL, p.URL.Query()
	if plain, err := url.QueryUnescape(key); err == nil {
		key = plain // it comes as it is to be sent
	}
	q.Set("resumeKey", key)
	u.RawQuery = q.Encode()
	return Link{URL: Canonical(&u).String(), Lists: true, Depth: p.Depth + 1}
}

func waybackMeaning(a Answer) Meaning {
	if bytes.Contains(a.Prefix, []byte("has been excluded from the Wayback Machine")) {
		return Gone
	}
	return meaning(a)
}

// commonCrawl reads the newest indexes of Common Crawl. What they hold lies in huge files, of which nothing is fetched:
// the SHA-1 that the index publishes of each capture settles it.
func commonCrawl() Kind {
	return Kind{
		Name:        "commoncrawl",
		Depth:       3, // indexes that are asked, newest first
		Accept:      "application/json, */*;q=0.5",
		digestsOnly: true,
		fragment:    true,
		Untried:     "read as the index server's documents have it; no answer was recorded yet",
		Gone:        "nothing here: a capture stays until its file is withdrawn (404)",
		Contact:     "the form and address at commoncrawl.org/contact-us",
		Never:       "the archives' files themselves; the whole index: a scope is required",
		check:       needScope("commoncrawl", "https://index.commoncrawl.org/?url=leak.example/*"),
		key:         func(s Spec, key string) *url.URL { return at(base(s.Root), "", url.Values{"url": {key}}.Encode()) },
		seeds: func(s Spec) []Link {
			return []Link{{URL: at(base(s.Root), "collinfo.json", "").String(), Lists: true}}
		},
		read:   readCommonCrawl,
		within: func(s Spec, to *url.URL) bool { return sameHost(s.Root, to) || sameHost(s.crawlData(), to) },
	}
}

// crawlData is where the archives lie.
func (s Spec) crawlData() *url.URL {
	u := *base(s.Root)
	if u.Hostname() == "index.commoncrawl.org" {
		u.Host = "data.commoncrawl.org"
	}
	return &u
}

func readCommonCrawl(s Spec, p Page) (Found, error) {
	q := p.URL.Query()
	switch {
	case q.Get("showNumPages") == "true":
		return crawlPages(p)
	case q.Get("url") != "":
		return s.crawlRows(p)
	}
	var indexes []struct {
		API string `json:"cdx-api"`
	}
	if err := json.Unmarshal(p.Body, &indexes); err != nil {
		return Found{}, errors.New("the list of indexes cannot be read")
	}
	f := Found{Recognised: len(indexes) > 0}
	for i, index := range indexes {
		u, err := p.URL.Parse(index.API)
		if err != nil || index.API == "" || i >= s.Depth {
			continue
		}
		for _, scope := range s.scopes() {
			u.RawQuery = url.Values{"url": {scope}, "output": {"json"}, "showNumPages": {"true"}}.Encode()
			f.Links = append(f.Links, Link{URL: Canonical(u).String(), Lists: true, Depth: p.Depth + 1})
		}
	}
	return f, nil
}

func crawlPages(p Page) (Found, error) {
	var doc struct{ Pages int }
	if err := json.Unmarshal(p.Body, &doc); err != nil {
		return Found{}, errors.New("the number of pages cannot be read")
	}
	f := Found{Recognised: true}
	for n := range min(doc.Pages, maxCDXPages) {
		u, q := *p.URL, p.URL.Query()
		q.Del("showNumPages")
		q["filter"] = []string{"=status:200"}
		q.Set("page", strconv.Itoa(n))
		u.RawQuery = q.Encode()
		f.Links = append(f.Links, Link{URL: Canonical(&u).String(), Lists: true, Depth: p.Depth + 1})
	}
	return f, nil
}

func (s Spec) crawlRows(p Page) (Found, error) {
	f := Found{Recognised: true}
	data := s.crawlData()
	for line := range bytes.Lines(p.Body) {
		var row struct{ Timestamp, URL, Digest, Filename, Offset, Length string }
		if json.Unmarshal(line, &row) != nil || len(row.Digest) != 32 || row.Filename == "" {
			continue
		}
		u := *at(data, strings.TrimPrefix(row.Filename, "/"), "")
		u.Fragment = "offset=" + row.Offset + "&length=" + row.Length
		l := Link{URL: u.String(), Matches: true, Depth: p.Depth + 1, Published: []Published{{"sha1", row.Digest}}, Name: lastSegment(row.URL)}
		if t, err := time.Parse("20060102150405", row.Timestamp); err == nil {
			l.Modified = t
		}
		if f.Links = append(f.Links, l); len(f.Links) >= maxAnchors {
			break
		}
	}
	return f, nil
}
