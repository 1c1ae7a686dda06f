package kind

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"regexp"
	"sort"
	"strconv"
	"strings"
	"time"
)

// gist reads GitHub's public gists by the API (docs.github.com/rest/gists): at most 3000 are listed. A file's raw
// address carries its git blob's digest, which with the size says what it is before anything is fetched.
func gist() Kind {
	return Kind{
		Name:    "gist",
		Depth:   30, // pages of 100
		Accept:  "application/vnd.github+json, application/json;q=0.9, */*;q=0.5",
		Never:   "anything but the API's lists and the raw files; the site's own pages; stars, forks and comments",
		Gone:    "404; 410; 451 after a legal removal. 403 and 429 are the rate limit",
		Contact: "GitHub's own forms for removal (docs.github.com, site policy); a gist's owner",
		never:   []*regexp.Regexp{regexp.MustCompile(`(?i)^https?://[^/]+/(login|join|gists/[0-9a-f]+/(star|forks))(/|\?|$)`)},
		header:  gistHeader,
		unwrap:  unwrapGist,
		wraps:   func(u *url.URL) bool { return !strings.Contains(u.Path, "/raw/") },
		item:    gistItem,
		key:     keyed("/gists/"),
		seeds: func(s Spec) []Link {
			return seeds(s, s.gistOwn, paged(at(s.gistBase(), "gists/public", ""), 1))
		},
		read: readGists,
		within: func(s Spec, to *url.URL) bool {
			return sameHost(s.Root, to) || hostIn(s.Root, "api.github.com", "gist.github.com") && hostIn(to, "gist.githubusercontent.com", "api.github.com")
		},
	}
}

func (s Spec) gistBase() *url.URL { return base(s.Root, "/gists/") }

func gistHeader(_ Spec, u *url.URL) http.Header {
	if !strings.Contains(u.Path, "/gists/") {
		return nil
	}
	return http.Header{"Accept": {"application/vnd.github+json"}, "X-Github-Api-Version": {"2022-11-28"}}
}

var gistID = regexp.MustCompile(`^[0-9a-f]{20,32}$|^[0-9]{1,9}$`)

// gistItem: the API gives all files of a gist at once; a raw address is one file of it.
func gistItem(u *url.URL) (Link, bool) {
	switch {
	case hostIn(u, "gist.githubusercontent.com"):
		l := Link{URL: secured(u).String(), Published: blobOf(u)}
		return l, strings.Contains(u.Path, "/raw/")
	case hostIn(u, "gist.github.com", "api.github.com"):
		segments := strings.Split(strings.Trim(u.Path, "/"), "/")
		for _, id := range segments {
			if id, _, _ = strings.Cut(id, "."); gistID.MatchString(id) && (len(id) >= 20 || len(segments) == 2) {
				return Link{URL: "https://api.github.com/gists/" + id}, true
			}
		}
	}
	return Link{}, false
}

func (s Spec) gistOwn(u *url.URL) (Link, bool) {
	if l, ok := gistItem(u); ok {
		return l, true
	}
	if strings.Contains(u.Path, "/raw") {
		return Link{URL: u.String(), Published: blobOf(u)}, true
	}
	id := u.Path[strings.LastIndexByte(u.Path, '/')+1:]
	if !gistID.MatchString(id) {
		return Link{}, false
	}
	return Link{URL: at(s.gistBase(), "gists/"+id, "").String()}, true
}

var blobInPath = regexp.MustCompile(`/raw/([0-9a-f]{40}|[0-9a-f]{64})/`)

// blobOf reads the digest in a raw address. A commit's digest stands there too in addresses that people copied: it then
// simply fits no known file.
func blobOf(u *url.URL) []Published {
	m := blobInPath.FindStringSubmatch(u.Path)
	if m == nil {
		return nil
	}
	return []Published{{Kind: "git-blob", Text: m[1]}}
}

const perPage = 100

// paged is a page of a list in the way of GitHub's, GitLab's and Opengist's APIs.
func paged(u *url.URL, n int) *url.URL {
	c := *u
	q := c.Query()
	q.Set("per_page", strconv.Itoa(perPage))
	q.Set("page", strconv.Itoa(n))
	c.RawQuery = q.Encode()
	return Canonical(&c)
}

// nextPage is the page after this one: as the Link header has it (RFC 8288), or by the number when the page is full.
func nextPage(s Spec, p Page, count int) []Link {
	if p.Depth >= s.Depth-1 || count == 0 {
		return nil
	}
	next := linkNext(p)
	if next == nil && (len(p.Header.Values("Link")) > 0 || count < perPage) {
		return nil
	}
	if next == nil {
		n, err := strconv.Atoi(p.URL.Query().Get("page"))
		if err != nil {
			n = 1
		}
		next = paged(p.URL, n+1)
	}
	if !sameHost(next, p.URL) {
		return nil
	}
	return []Link{{URL: next.String(), Lists: true, Depth: p.Depth + 1}}
}

var linkRelNext = regexp.MustCompile(`<([^<>]{1,1000})>[^,<]*;\s*rel="?next"?`)

func linkNext(p Page) *url.URL {
	for _, v := range p.Header.Values("Link") {
		m := linkRelNext.FindStringSubmatch(v)
		if m == nil {
			continue
		}
		if u, err := p.URL.Parse(m[1]); err == nil {
			// Behind a proxy a server may name itself by another scheme or host than the one it is reached by.
			u.Scheme, u.Host, u.User = p.URL.Scheme, p.URL.Host, nil
			return Canonical(u)
		}
	}
	return nil
}

// apiFile is a file of a gist, as GitHub and Opengist write it. Opengist has newer versions and an export in which the
// files are a list, older ones in which they are an object as GitHub's.
type apiFile struct {
	Filename, Content, Encoding string
	Path                        string // GitLab's name of it
	RawURL                      string `json:"raw_url"`
	Size                        int64
	Truncated                   bool
	Binary                      bool
}

type apiFiles []apiFile

// UnmarshalJSON implements json.Unmarshaler for both forms.
func (f *apiFiles) UnmarshalJSON(b []byte) error {
	var list []apiFile
	if json.Unmarshal(b, &list) == nil {
		*f = list
		return nil
	}
	var named map[string]apiFile
	if json.Unmarshal(b, &named) != nil {
		return nil // a gist without readable files is no reason to lose the rest of the page
	}
	for name, e := range named {
		if e.Filename == "" {
			e.Filename = name
		}
		*f = append(*f, e)
	}
	sort.Slice(*f, func(i, j int) bool { return (*f)[i].Filename < (*f)[j].Filename })
	return nil
}

type apiGist struct {
	ID        word
	UUID      string
	Public    *bool
	Updated   time.Time `json:"updated_at"`
	HTMLURL   string    `json:"html_url"`
	WebURL    string    `json:"web_url"`
	RawURL    string    `json:"raw_url"`
	FileName  string    `json:"file_name"`
	Truncated bool
	Files     apiFiles
}

func readGists(s Spec, p Page) (Found, error) {
	list, err := entries[apiGist](p.Body)
	if err != nil {
		return Found{}, err
	}
	f := Found{Recognised: true}
	for _, g := range list {
		for _, file := range g.Files {
			u, err := p.URL.Parse(file.RawURL)
			if err != nil || file.RawURL == "" {
				continue
			}
			if !s.Within(u) { // a server that gives its files under a name of their own: the interface has them too
				if gistID.MatchString(string(g.ID)) {
					f.Links = append(f.Links, Link{URL: at(s.gistBase(), "gists/"+string(g.ID), "").String(), Matches: true, Depth: p.Depth + 1})
				}
				break
			}
			f.Links = append(f.Links, Link{
				URL: Canonical(u).String(), Matches: true, Depth: p.Depth + 1, Name: file.Filename, Size: file.Size, Published: blobOf(u),
				Listed: stamp(g.Updated, file.Size), Modified: g.Updated,
			})
		}
	}
	f.Links = append(f.Links, nextPage(s, p, len(list))...)
	return f, nil
}

// stamp is how a list shows an item's time and size; empty without a time.
func stamp(t time.Time, size int64) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339) + " " + strconv.FormatInt(size, 10)
}

// unwrapGist takes the files out of the API's answer; a raw file comes bare.
func unwrapGist(_ Spec, _ *url.URL, body []byte) ([]Part, error) {
	var g apiGist
	if !object(body, &g) || len(g.Files) == 0 || g.ID == "" && g.UUID == "" {
		return nil, errBare
	}
	return fileParts(g.Files), nil
}

func fileParts(files apiFiles) []Part {
	var parts []Part
	for _, file := range files {
		content := []byte(file.Content)
		if strings.EqualFold(file.Encoding, "base64") {
			if raw, err := base64.StdEncoding.DecodeString(file.Content); err == nil {
				content = raw
			}
		}
		if len(bytes.TrimSpace(content)) > 0 {
			parts = append(parts, Part{Name: file.Filename, Body: content})
		}
	}
	return parts
}
