package kind

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"path"
	"regexp"
	"strings"
)

// hasteRaw is the raw address of a haste document. /KEY itself is an empty page that is always 200, and
// /documents/KEY wraps the text in JSON.
const hasteRaw = "/raw/{id}"

// haste reads servers of the haste-server family (hastebin and its offspring). They have no list: the keys come from
// the configuration, or from a page that lists them, read by a CSS selector. A read may renew an item's expiry there.
func haste() Kind {
	return Kind{
		Name:    "haste",
		Depth:   1,
		Accept:  "text/html,application/xhtml+xml,*/*;q=0.8",
		DOM:     true,
		Never:   "the page of a key (/KEY), which is 200 whether or not the document exists",
		Gone:    "404 in JSON; a 404 page in HTML comes from something in front of the server",
		Contact: "none is published by the software: the host of the server",
		never:   neverInPages,
		item:    hasteFound,
		check: func(s Spec) error {
			if len(s.Items) == 0 && s.item.match == nil {
				return errors.New("items: kind haste has no list of its own: give keys or addresses in items, or a selector in item for a page that lists them")
			}
			return checkRaw(s.Raw)
		},
		seeds:  hasteSeeds,
		read:   readListing,
		within: func(s Spec, to *url.URL) bool { return sameHost(s.Root, to) || sameHost(s.rawHost(), to) },
		mean:   hasteMeaning,
	}
}

func hasteSeeds(s Spec) []Link {
	var links []Link
	for _, l := range given(s) {
		u, err := url.Parse(l.URL)
		if err != nil {
			continue
		}
		l.URL = s.hasteItem(u).String()
		links = append(links, l)
	}
	if s.item.match != nil {
		links = append(links, Link{URL: s.Root.String(), Lists: true})
	}
	return links
}

// hasteItem turns a key's page (/KEY or /KEY.ext) or JSON address into the raw one.
func (s Spec) hasteItem(u *url.URL) *url.URL {
	if s.Raw != "" || strings.Contains(u.Path, "/raw/") {
		return u
	}
	key := path.Base(u.Path)
	key, _, _ = strings.Cut(key, ".")
	return Canonical(u.ResolveReference(&url.URL{Path: strings.TrimSuffix(strings.TrimSuffix(path.Dir(u.Path), "/documents"), "/") + "/raw/" + key}))
}

// hasteHosts are public servers of the family, with the folder in which each lies.
var hasteHosts = map[string]string{
	"hastebin.com": "", "toptal.com": "/developers/hastebin", "hastebin.skyra.pw": "", "haste.zneix.eu": "", "pastie.io": "", "hastebin.de": "",
}

var (
	hasteKey   = regexp.MustCompile(`^[A-Za-z0-9]{6,24}$`)
	hasteNamed = regexp.MustCompile(`^(haste|hastebin|bin)\.`)
)

// hasteFound recognises a document of a known server, or of one that is called by the family's name.
func hasteFound(u *url.URL) (Link, bool) {
	if u.Scheme != "http" && u.Scheme != "https" || !defaultPort(u) || u.RawQuery != "" {
		return Link{}, false
	}
	host := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	folder, public := hasteHosts[host]
	if !public && !hasteNamed.MatchString(host) {
		return Link{}, false
	}
	path, ok := strings.CutPrefix(u.Path, folder+"/")
	for _, p := range []string{"raw/", "documents/", "share/"} {
		path = strings.TrimPrefix(path, p)
	}
	key, _, _ := strings.Cut(path, ".")
	if !ok || !hasteKey.MatchString(key) || key == "about" {
		return Link{}, false
	}
	c := *u
	if public {
		c.Scheme = "https"
	}
	c.Path, c.RawPath, c.Fragment, c.RawFragment = folder+"/raw/"+key, "", "", ""
	return Link{URL: Canonical(&c).String()}, true
}

// hasteMeaning: the server says 404 in JSON; a 404 page in HTML comes from something in front of it.
func hasteMeaning(a Answer) Meaning {
	if a.Status == http.StatusNotFound && !bytes.HasPrefix(bytes.TrimSpace(a.Prefix), []byte("{")) {
		return Unclear
	}
	return meaning(a)
}
