package kind

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// transfersh reads files of transfer.sh servers. A file can be limited to so many downloads, which a GET uses up and
// HEAD does not: so each is asked for by HEAD, and one with a limit is never fetched.
func transfersh() Kind {
	return Kind{
		Name:    "transfersh",
		Depth:   1,
		Never:   "a file whose X-Remaining-Downloads is a number: each GET is one of its downloads; archives made of several files",
		Gone:    "404, also when its downloads are used up or its days over",
		Contact: "none is published by the software: the host of the server",
		never:   []*regexp.Regexp{regexp.MustCompile(`/\(.*\)\.(zip|tar|tar\.gz)$|(?i)/(virustotal|scan)$`)},
		ask:     true,
		mayGet:  transfershMayGet,
		check:   needItems("transfersh", "\"https://transfer.example/tQodGb0FJC/file.txt\""),
		item:    known(transfershItem, "transfer.sh", "transfer.adminforge.de", "transfer.archivete.am"),
		seeds: func(s Spec) []Link {
			return seeds(s, func(u *url.URL) (Link, bool) { return Link{URL: transfershAddress(u).String()}, true })
		},
		read:   readNothing,
		within: sameHostOnly,
	}
}

// transfershAddress drops the parts that ask for a preview or for a download with another head.
func transfershAddress(u *url.URL) *url.URL {
	c := *u
	for _, p := range []string{"/get/", "/download/", "/inline/"} {
		if after, ok := strings.CutPrefix(c.Path, p); ok {
			c.Path, c.RawPath = "/"+after, ""
		}
	}
	return Canonical(&c)
}

var transfershPath = regexp.MustCompile(`^/[A-Za-z0-9]{4,20}/[^/]+$`)

func transfershItem(u *url.URL) (Link, bool) {
	c := transfershAddress(secured(u))
	return Link{URL: c.String()}, transfershPath.MatchString(c.Path)
}

func transfershMayGet(a Answer) bool {
	left := strings.TrimSpace(a.Header.Get("X-Remaining-Downloads"))
	return a.Status == http.StatusOK && (left == "" || strings.EqualFold(left, "n/a"))
}

// readNothing is the reading of a kind whose places list nothing.
func readNothing(Spec, Page) (Found, error) { return Found{}, nil }
