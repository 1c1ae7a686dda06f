package kind

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/net/html"
)

// rentry reads pages of rentry.co. They have no list. The page itself is read, whose text stands in <article>, because
// the raw interface wants a code; an address of the raw interface that the operator gives is honoured.
func rentry() Kind {
	return Kind{
		Name:    "rentry",
		Depth:   1,
		Untried: "read as public clients read it; no answer of the site was recorded yet",
		Never:   "the forms that edit or delete a page",
		Gone:    "404; the raw interface's status 404, which comes with 200",
		Contact: "support@rentry.co, as the site has it",
		never:   append([]*regexp.Regexp{regexp.MustCompile(`(?i)/(edit|delete|pdf|png|history)(/|$)`)}, neverInPages...),
		check:   needItems("rentry", "\"https://rentry.example/abcde\""),
		unwrap:  unwrapRentry,
		item:    known(func(u *url.URL) (Link, bool) { return rentryPage(secured(u)) }, "rentry.co", "rentry.org", "rentry.ly"),
		seeds: func(s Spec) []Link {
			return seeds(s, func(u *url.URL) (Link, bool) {
				if strings.Contains(u.Path, "/api/raw/") {
					return Link{URL: u.String()}, true
				}
				return rentryPage(u)
			})
		},
		read:   readNothing,
		within: sameHostOnly,
		mean:   rentryMeaning,
	}
}

var rentrySlug = regexp.MustCompile(`^[A-Za-z0-9_-]{2,100}$`)

func rentryPage(u *url.URL) (Link, bool) {
	path := strings.TrimPrefix(strings.Trim(u.Path, "/"), "api/raw/")
	slug, _, _ := strings.Cut(path, "/")
	if !rentrySlug.MatchString(slug) || slug == "what" || slug == "how" || slug == "langs" || slug == "static" {
		return Link{}, false
	}
	c := *u
	c.Path, c.RawPath, c.RawQuery = "/"+slug, "", ""
	return Link{URL: Canonical(&c).String()}, true
}

type rentryRaw struct {
	Status  word
	Content *string
}

func unwrapRentry(_ Spec, u *url.URL, body []byte) ([]Part, error) {
	var raw rentryRaw
	if object(body, &raw) && raw.Content != nil && raw.Status != "" {
		return []Part{{Name: "page.txt", Body: []byte(*raw.Content)}}, nil
	}
	if inner := inside(body, "article"); inner != nil {
		return []Part{{Name: "page.html", Body: inner}}, nil
	}
	return nil, errBare
}

// inside is what stands between the first and the last tag of a name, of a page of any depth; nil when there is none.
func inside(body []byte, tag string) []byte {
	z := html.NewTokenizer(bytes.NewReader(body))
	at, from, to := 0, -1, -1
	for {
		kind := z.Next()
		if kind == html.ErrorToken {
			break
		}
		raw := len(z.Raw())
		if name, _ := z.TagName(); (kind == html.StartTagToken || kind == html.EndTagToken) && string(name) == tag {
			if kind == html.StartTagToken && from < 0 {
				from = at + raw
			} else if kind == html.EndTagToken {
				to = at
			}
		}
		at += raw
	}
	if from < 0 {
		return nil
	}
	if to < from {
		to = len(body)
	}
	return body[from:to]
}

func rentryMeaning(a Answer) Meaning {
	var raw rentryRaw
	if a.Status != http.StatusOK || !object(a.Prefix, &raw) {
		return meaning(a)
	}
	switch raw.Status {
	case "404", "410":
		return Gone
	case "", "200":
		return Present
	}
	return Unclear
}
