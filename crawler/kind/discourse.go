package kind

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// discourse reads Discourse forums by the JSON form of their pages (docs.discourse.org): the newest topics, and each
// topic's posts, twenty a page.
func discourse() Kind {
	return Kind{
		Name:    "discourse",
		Depth:   4, // pages of the newest topics, or of one category's
		Accept:  "application/json",
		links:   true,
		Untried: "read as Discourse's documents have the interface; no answer was recorded yet",
		Never:   "private messages, search, users' pages, and everything that posts",
		Gone:    "404 and 410 of a topic. 403 is a wall",
		Contact: "contact_email of /about.json, read at each sweep",
		never:   append([]*regexp.Regexp{regexp.MustCompile(`(?i)^https?://[^/]+/(?:[^/]+/)?(login|signup|session|admin|u|my|search|post_actions|invites)(\.json)?(/[^/]*)?(\?|$)`)}, neverInPages...),
		header: func(_ Spec, u *url.URL) http.Header {
			if strings.HasSuffix(u.Path, ".json") {
				return http.Header{"Accept": {"application/json"}}
			}
			return nil
		},
		unwrap: unwrapDiscourse,
		wraps:  func(u *url.URL) bool { return strings.HasSuffix(u.Path, ".json") },
		seeds: func(s Spec) []Link {
			b := s.discourseBase()
			links := append(seeds(s, func(u *url.URL) (Link, bool) { return discourseTopic(b, u) }), about(at(b, "about.json", "")))
			return append(links, Link{URL: s.discourseStart().String(), Lists: true})
		},
		read:   readDiscourse,
		within: sameHostOnly,
	}
}

func (s Spec) discourseBase() *url.URL {
	return base(s.Root, "/latest", "/top", "/new", "/c/", "/t/", "/tag/", "/about")
}

// discourseStart is the newest topics, or the list that the operator named, in JSON.
func (s Spec) discourseStart() *url.URL {
	b := s.discourseBase()
	path, _ := rest(b, s.Root)
	path = strings.Trim(path, "/")
	if path == "" || !strings.HasPrefix(path, "c/") && !strings.HasPrefix(path, "tag/") && !strings.HasPrefix(path, "top") {
		path = "latest"
	}
	return at(b, strings.TrimSuffix(path, ".json")+".json", "")
}

var discourseTopicPath = regexp.MustCompile(`^t/(?:[^/]+/)?([0-9]{1,10})(?:/[0-9]+)?(?:\.json)?/?$`)

func discourseTopic(b, u *url.URL) (Link, bool) {
	path, ok := rest(b, u)
	m := discourseTopicPath.FindStringSubmatch(path)
	if !ok || m == nil {
		return Link{}, false
	}
	return Link{URL: at(b, "t/"+m[1]+".json", "").String()}, true
}

type discoursePosts struct {
	PostStream *struct {
		Posts []struct {
			Number int64 `json:"post_number"`
			Cooked string
		}
		Stream []int64
	} `json:"post_stream"`
	PostsCount int64 `json:"posts_count"`
	TopicList  *struct {
		MoreTopicsURL string `json:"more_topics_url"`
		Topics        []struct {
			ID       int64
			Posts    int64     `json:"posts_count"`
			BumpedAt time.Time `json:"bumped_at"`
		}
	} `json:"topic_list"`
	About *struct {
		ContactEmail string `json:"contact_email"`
	}
}

const (
	discoursePage  = 20  // posts
	discoursePages = 500 // of one topic
)

func readDiscourse(s Spec, p Page) (Found, error) {
	var d discoursePosts
	if !object(p.Body, &d) {
		return Found{}, nil
	}
	switch b := s.discourseBase(); {
	case d.About != nil:
		return Found{Recognised: true, Contact: mailAddress(d.About.ContactEmail)}, nil
	case d.TopicList != nil:
		return d.topics(s, p, b), nil
	case d.PostStream != nil:
		return d.posts(p), nil
	}
	return Found{}, nil
}

func (d discoursePosts) topics(s Spec, p Page, b *url.URL) Found {
	f := Found{Recognised: true}
	for _, t := range d.TopicList.Topics {
		f.Links = append(f.Links, Link{
			URL: at(b, "t/"+strconv.FormatInt(t.ID, 10)+".json", "").String(), Lists: true, Matches: true, Depth: p.Depth + 1,
			Listed: stamp(t.BumpedAt, t.Posts), Modified: t.BumpedAt,
		})
	}
	if more, err := p.URL.Parse(d.TopicList.MoreTopicsURL); err == nil && d.TopicList.MoreTopicsURL != "" && p.Depth < s.Depth && sameHost(more, p.URL) && len(f.Links) > 0 {
		more.Path, more.RawPath = strings.TrimSuffix(more.Path, ".json")+".json", ""
		f.Links = append(f.Links, Link{URL: Canonical(more).String(), Lists: true, Depth: p.Depth + 1})
	}
	return f
}

func (d discoursePosts) posts(p Page) Found {
	f := Found{Recognised: true}
	for _, post := range d.PostStream.Posts {
		list, from := anchors([]byte(post.Cooked), p.URL)
		for _, a := range list {
			if u, err := from.Parse(a.href); err == nil && sameHost(u, p.URL) && strings.Contains(u.Path, "/uploads/") {
				f.Links = append(f.Links, Link{URL: Canonical(u).String(), Matches: true, Depth: p.Depth + 1})
			}
		}
	}
	if p.URL.Query().Get("page") == "" {
		pages := (max(int64(len(d.PostStream.Stream)), d.PostsCount) + discoursePage - 1) / discoursePage
		for n := int64(2); n <= min(pages, discoursePages); n++ {
			c := *p.URL
			c.RawQuery = "page=" + strconv.FormatInt(n, 10)
			f.Links = append(f.Links, Link{URL: Canonical(&c).String(), Lists: true, Matches: true, Depth: p.Depth + 1})
		}
	}
	return f
}

// unwrapDiscourse takes the posts out of a topic, each as a page of its own.
func unwrapDiscourse(_ Spec, u *url.URL, body []byte) ([]Part, error) {
	var d discoursePosts
	if !strings.HasSuffix(u.Path, ".json") || !object(body, &d) || d.PostStream == nil {
		return nil, errBare
	}
	var parts []Part
	for _, post := range d.PostStream.Posts {
		if post.Cooked != "" {
			parts = append(parts, Part{Name: "post-" + strconv.FormatInt(post.Number, 10) + ".html", Body: []byte(post.Cooked)})
		}
	}
	return parts, nil
}
