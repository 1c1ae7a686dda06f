package kind

import (
	"net/url"
	"regexp"
	"strings"
)

// rawpaste reads pastes of small places without a list or an interface, by the address of their bytes: termbin, sprunge,
// dpaste, paste.debian.net and their like. Links to the known ones are recognised wherever they are found.
func rawpaste() Kind {
	return Kind{
		Name:    "rawpaste",
		Depth:   1,
		Never:   "places whose items end with the first download, such as file.io and bashupload.com",
		Gone:    "404, 410 and 451",
		Contact: "what the place publishes on its front page",
		check: func(s Spec) error {
			if err := checkRaw(s.Raw); err != nil {
				return err
			}
			return needItems("rawpaste", "\"https://termbin.com/ab12\"")(s)
		},
		item: rawpasteItem,
		seeds: func(s Spec) []Link {
			return seeds(s, func(u *url.URL) (Link, bool) {
				if l, ok := rawpasteItem(u); ok && s.Raw == "" {
					return l, true
				}
				return Link{URL: u.String()}, true
			})
		},
		read:   readNothing,
		within: func(s Spec, to *url.URL) bool { return sameHost(s.Root, to) || sameHost(s.rawHost(), to) },
		mean:   rawpasteMeaning,
	}
}

// rawpasteMeaning: a few of these places answer 200 with a line that says that there is nothing.
func rawpasteMeaning(a Answer) Meaning {
	if a.Status == 200 && len(a.Prefix) < 200 {
		for _, re := range rawpasteMissing {
			if re.MatchString(strings.TrimSpace(string(a.Prefix))) {
				return Gone
			}
		}
	}
	return meaning(a)
}

var rawpasteMissing = []*regexp.Regexp{
	regexp.MustCompile(`^[A-Za-z0-9]+ not found\.?$`), // sprunge
	regexp.MustCompile(`(?i)^(error: )?(paste|snippet|entry) (not found|does not exist|has expired|is expired)[.!]?$`),
}

// rawPlaces are public places: how the path of an item looks there, and where its bytes are. $1 is the key.
var rawPlaces = []struct {
	host string
	path *regexp.Regexp
	raw  string
}{
	{"termbin.com", regexp.MustCompile(`^/([a-z0-9]{4,10})$`), "/$1"},
	{"sprunge.us", regexp.MustCompile(`^/([A-Za-z0-9]{4,10})$`), "/$1"},
	{"ix.io", regexp.MustCompile(`^/([A-Za-z0-9]{3,6})(?:/.*)?$`), "/$1"},
	{"clbin.com", regexp.MustCompile(`^/([A-Za-z0-9]{4,8})$`), "/$1"},
	{"paste.rs", regexp.MustCompile(`^/([A-Za-z0-9]{3,8})(?:\.[a-z0-9]+)?$`), "/$1"},
	{"dpaste.com", regexp.MustCompile(`^/([A-Z0-9]{6,12})(?:\.txt)?$`), "/$1.txt"},
	{"dpaste.org", regexp.MustCompile(`^/([A-Za-z0-9]{4,10})(?:/raw|/slim)?$`), "/$1/raw"},
	{"pastebin.mozilla.org", regexp.MustCompile(`^/([A-Za-z0-9]{6,10})(?:/raw|/slim)?$`), "/$1/raw"},
	{"paste.ee", regexp.MustCompile(`^/(?:p|r|d)/([A-Za-z0-9]{4,10})(?:/\d+)?$`), "/r/$1"},
	{"paste.debian.net", regexp.MustCompile(`^/(?:plain/|download/)?([0-9]{4,12})$`), "/plain/$1"},
	{"paste.debian.net", regexp.MustCompile(`^/(?:hidden|plainh|downloadh)/([0-9a-f]{6,40})$`), "/plainh/$1"},
	{"pastebin.ubuntu.com", regexp.MustCompile(`^/p/([A-Za-z0-9]{8,12})(?:/plain)?$`), "/p/$1/plain/"},
	{"bpa.st", regexp.MustCompile(`^/(?:raw/|show/)?([A-Z0-9]{4,32})$`), "/raw/$1"},
	{"paste.c-net.org", regexp.MustCompile(`^/([A-Z][a-zA-Z]{5,40})$`), "/$1"},
	{"files.catbox.moe", regexp.MustCompile(`^/([a-z0-9]{6}(?:\.[A-Za-z0-9.]{1,12})?)$`), "/$1"},
	{"litter.catbox.moe", regexp.MustCompile(`^/([a-z0-9]{6,16}(?:\.[A-Za-z0-9.]{1,12})?)$`), "/$1"},
	{"tmpfiles.org", regexp.MustCompile(`^/(?:dl/)?([A-Za-z0-9]{1,14}/[^/]+)$`), "/dl/$1"},
}

func rawpasteItem(u *url.URL) (Link, bool) {
	path := strings.TrimRight(u.Path, "/")
	for _, p := range rawPlaces {
		if !hostIn(u, p.host) {
			continue
		}
		if m := p.path.FindStringSubmatch(path); m != nil {
			c := url.URL{Scheme: "https", Host: p.host, Path: strings.Replace(p.raw, "$1", m[1], 1)}
			return Link{URL: c.String()}, true
		}
	}
	return Link{}, false
}
