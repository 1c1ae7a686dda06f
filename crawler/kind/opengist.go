package kind

import (
	"cmp"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// opengist reads Opengist servers by their API, which is shaped on GitHub's: the list names the public gists, and one
// answer for each gives its files.
func opengist() Kind {
	return Kind{
		Name:    "opengist",
		Depth:   30, // pages of 100
		Accept:  "application/json, */*;q=0.5",
		Untried: "read as its documents and its source code have the interface, which an instance must have switched on; it was not run here",
		Never:   "git transport, archives, forks, likes and everything behind a log-in",
		Gone:    "404 of the API or of a raw file. A redirect to the log-in page is a wall",
		Contact: "none is published by the software: the host of the server",
		never:   []*regexp.Regexp{regexp.MustCompile(`(?i)^https?://[^/]+/(login|register|settings|[^/]+/[^/]+/(like|fork|edit|delete))(/|\?|$)|\.git/`)},
		unwrap:  unwrapGist,
		wraps:   func(u *url.URL) bool { return !strings.Contains(u.Path, "/raw/") },
		item: known(func(u *url.URL) (Link, bool) {
			return opengistOwn(base(&url.URL{Scheme: "https", Host: u.Host}), "api", u)
		}, "demo.opengist.io"),
		seeds: func(s Spec) []Link {
			b := s.opengistBase()
			return seeds(s, func(u *url.URL) (Link, bool) { return opengistOwn(b, s.opengistAPI(), u) }, paged(at(b, s.opengistAPI()+"/gists/public", ""), 1))
		},
		key:    keyed("/api/", "/all"),
		read:   readOpengist,
		within: sameHostOnly,
		mean:   opengistMeaning,
	}
}

func (s Spec) opengistBase() *url.URL { return base(s.Root, "/api/", "/all") }

// opengistAPI is where the interface lies: below /api, or where the source's own address says so.
func (s Spec) opengistAPI() string {
	if strings.Contains(s.Root.Path+"/", "/api/v1/") {
		return "api/v1"
	}
	return "api"
}

var opengistUUID = regexp.MustCompile(`^[0-9a-f]{32}$|^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// opengistOwn: an id is asked for at the API; of the page of a gist, USER/ID, the server gives a description in JSON.
func opengistOwn(b *url.URL, api string, u *url.URL) (Link, bool) {
	path, ok := rest(b, u)
	if !ok {
		return Link{}, false
	}
	segments := strings.Split(strings.Trim(path, "/"), "/")
	last := segments[len(segments)-1]
	switch {
	case len(segments) >= 5 && segments[2] == "raw":
		return Link{URL: u.String()}, true
	case opengistUUID.MatchString(last) && (len(segments) == 1 || segments[0] == "api"):
		return Link{URL: at(b, api+"/gists/"+last, "").String()}, true
	case len(segments) == 2 && segments[0] != "api":
		return Link{URL: at(b, segments[0]+"/"+strings.TrimSuffix(last, ".json")+".json", "").String()}, true
	}
	return Link{}, false
}

func readOpengist(s Spec, p Page) (Found, error) {
	list, err := entries[apiGist](p.Body, "data")
	if err != nil {
		return Found{}, err
	}
	f := Found{Recognised: true}
	for _, g := range list {
		id := g.UUID
		if id == "" {
			id = string(g.ID)
		}
		if !opengistUUID.MatchString(id) || g.Public != nil && !*g.Public {
			continue
		}
		f.Links = append(f.Links, Link{
			URL: at(s.opengistBase(), s.opengistAPI()+"/gists/"+id, "").String(), Matches: true, Depth: p.Depth + 1,
			Listed: stamp(g.Updated, int64(len(g.Files))), Modified: g.Updated,
		})
	}
	f.Links = append(f.Links, nextPage(s, p, len(list))...)
	return f, nil
}

func opengistMeaning(a Answer) Meaning {
	if a.Status == http.StatusNotFound && a.URL != nil && strings.Contains(a.URL.Path, "/api/") {
		return jsonMeaning(a)
	}
	return meaning(a)
}

// gitlab reads the public snippets of GitLab servers by their API (docs.gitlab.com/api/snippets).
func gitlab() Kind {
	return Kind{
		Name:    "gitlab",
		Depth:   30,
		Accept:  "application/json, */*;q=0.5",
		Untried: "read as GitLab's documents have the interface; no answer was recorded yet",
		Never:   "log-in pages; projects and their repositories; anything but public snippets",
		Gone:    "404. A redirect to the log-in page means that the snippet was made private, or removed: unclear",
		Contact: "the server's abuse form; gitlab.com: abuse@gitlab.com",
		never:   []*regexp.Regexp{regexp.MustCompile(`(?i)^https?://[^/]+/(.*/)?(users/sign_in|users/sign_up|oauth|-/abuse_reports)(/|\?|$)`)},
		item:    known(gitlabItem, "gitlab.com"),
		seeds: func(s Spec) []Link {
			b := base(s.Root, "/api/v4/", "/-/snippets", "/explore/")
			return seeds(s, func(u *url.URL) (Link, bool) { return gitlabRaw(b, u) }, paged(at(b, "api/v4/snippets/public", ""), 1))
		},
		key:    keyed("/api/v4/", "/-/snippets", "/explore/"),
		read:   readGitlab,
		within: sameHostOnly,
	}
}

var gitlabSnippet = regexp.MustCompile(`^(.*/)?(?:-/)?snippets/([0-9]{1,12})(/raw(?:/.+)?)?$`)

// gitlabRaw is the raw address of a snippet, also of one that belongs to a project.
func gitlabRaw(b, u *url.URL) (Link, bool) {
	path, ok := rest(b, u)
	if !ok {
		return Link{}, false
	}
	path = strings.TrimSuffix(path, "/")
	if strings.Trim(path, "0123456789") == "" && path != "" { // a bare number out of the configuration
		return Link{URL: at(b, "-/snippets/"+path+"/raw", "").String()}, true
	}
	m := gitlabSnippet.FindStringSubmatch(path)
	if m == nil {
		return Link{}, false
	}
	if m[3] == "" {
		m[3] = "/raw"
	}
	return Link{URL: at(b, strings.TrimSuffix(m[1], "-/")+"-/snippets/"+m[2]+m[3], "").String()}, true
}

// gitlabAgain is a snippet's raw address at the name by which the server is reached here.
func gitlabAgain(b, u *url.URL) (*url.URL, bool) {
	c := *u
	c.Scheme, c.Host, c.User = b.Scheme, b.Host, nil
	l, ok := gitlabRaw(b, &c)
	to, err := url.Parse(l.URL)
	return to, ok && err == nil
}

func gitlabItem(u *url.URL) (Link, bool) {
	c := secured(u)
	return gitlabRaw(base(&url.URL{Scheme: c.Scheme, Host: c.Host}), c)
}

func readGitlab(s Spec, p Page) (Found, error) {
	list, err := entries[apiGist](p.Body)
	if err != nil {
		return Found{}, err
	}
	f, ok, b := Found{Recognised: true}, false, base(s.Root, "/api/v4/", "/-/snippets", "/explore/")
	for _, g := range list {
		raws := []apiFile{{Filename: g.FileName, RawURL: g.RawURL}}
		if len(g.Files) > 0 {
			raws = g.Files
		}
		for _, file := range raws {
			u, err := p.URL.Parse(file.RawURL)
			if err != nil || file.RawURL == "" {
				continue
			}
			if !s.Within(u) { // a server that does not know by which name it is reached
				if u, ok = gitlabAgain(b, u); !ok {
					continue
				}
			}
			f.Links = append(f.Links, Link{
				URL: Canonical(u).String(), Matches: true, Depth: p.Depth + 1, Name: cmp.Or(file.Filename, file.Path),
				Listed: stamp(g.Updated, 0), Modified: g.Updated,
			})
		}
	}
	f.Links = append(f.Links, nextPage(s, p, len(list))...)
	return f, nil
}
