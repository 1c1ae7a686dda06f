package kind

import (
	"bytes"
	"net/url"
	"regexp"
	"strings"
	"time"
)

// telegram reads the public preview of channels (t.me/s/NAME) without an account: the texts of the messages are matched
// page by page, and their links to paste and file hosts are followed there. Documents cannot be had from the preview.
func telegram() Kind {
	return Kind{
		Name:    "telegram",
		Depth:   5, // pages of about twenty messages
		Accept:  "text/html,application/xhtml+xml,*/*;q=0.8",
		links:   true,
		Never:   "anything but /s/NAME: no joining, no search, no log-in; documents, of which the preview shows only name and rounded size",
		Gone:    "404 and 410 of the page. A redirect to t.me/NAME means that the preview is off or the channel gone, which cannot be told apart: unclear",
		Contact: "abuse@telegram.org, dmca@telegram.org; the report button of the message",
		never:   append([]*regexp.Regexp{regexp.MustCompile(`(?i)^https?://[^/]+/(joinchat|share|proxy|socks|addstickers|login|s/[^?]*\?.*\bq=)|/\+`)}, neverInPages...),
		item:    telegramItem,
		seeds: func(s Spec) []Link {
			own := func(u *url.URL) (Link, bool) {
				to, ok := telegramPage(u)
				return Link{URL: to.String()}, ok
			}
			start, _ := telegramPage(s.Root)
			links := seeds(s, own)
			return append(links, Link{URL: start.String(), Lists: true, Matches: true})
		},
		read: readTelegram,
		within: func(s Spec, to *url.URL) bool {
			return sameHost(s.Root, to) && strings.HasPrefix(to.Path, "/s/")
		},
		mean: telegramMeaning,
	}
}

var telegramName = regexp.MustCompile(`^/(?:s/)?([A-Za-z][A-Za-z0-9_]{3,31})(?:/([0-9]{1,10}))?/?$`)

// telegramPage is the preview of a channel, or of the messages about one of them.
func telegramPage(u *url.URL) (*url.URL, bool) {
	m := telegramName.FindStringSubmatch(u.Path)
	c := *u
	c.Fragment, c.RawFragment, c.RawQuery = "", "", ""
	if m == nil {
		return Canonical(&c), false
	}
	c.Path, c.RawPath = "/s/"+m[1], ""
	if m[2] != "" {
		c.Path += "/" + m[2]
	}
	if before := number(u.Query(), "before"); before != "" {
		c.RawQuery = "before=" + before
	}
	return Canonical(&c), true
}

// telegramItem: only links that name the preview. A bare t.me/NAME may be a person or a bot.
func telegramItem(u *url.URL) (Link, bool) {
	if !hostIn(u, "t.me", "telegram.me") || !strings.HasPrefix(u.Path, "/s/") {
		return Link{}, false
	}
	to, ok := telegramPage(secured(u))
	return Link{URL: to.String()}, ok
}

var (
	telegramPost   = regexp.MustCompile(`\bdata-post="([A-Za-z0-9_]{4,32}/[0-9]{1,10})"`)
	telegramBefore = regexp.MustCompile(`\bdata-before="([0-9]{1,10})"`)
	telegramTime   = regexp.MustCompile(`\bdatetime="([0-9T:+-]{19,25})"`)
)

func readTelegram(s Spec, p Page) (Found, error) {
	posts := telegramPost.FindAllSubmatch(p.Body, -1)
	f := Found{Recognised: len(posts) > 0 || bytes.Contains(p.Body, []byte("tgme_channel_history"))}
	if p.Depth >= s.Depth {
		return f, nil
	}
	if m := telegramBefore.FindSubmatch(p.Body); m != nil && !telegramSame(p.URL, string(m[1])) {
		c := *p.URL
		c.RawQuery = "before=" + string(m[1])
		next := Link{URL: Canonical(&c).String(), Lists: true, Matches: true, Depth: p.Depth + 1}
		if times := telegramTime.FindSubmatch(p.Body); times != nil {
			if t, err := time.Parse(time.RFC3339, string(times[1])); err == nil {
				next.Modified = t.UTC()
			}
		}
		f.Links = append(f.Links, next)
	}
	return f, nil
}

// telegramSame stops a page that names itself as the one before, or a later one.
func telegramSame(u *url.URL, before string) bool {
	now := u.Query().Get("before")
	return now != "" && (len(before) > len(now) || len(before) == len(now) && before >= now)
}

// telegramMeaning: a page without a history is the card of a channel whose preview is off.
func telegramMeaning(a Answer) Meaning {
	if a.Status == 200 && len(a.Prefix) > 0 && !bytes.Contains(a.Prefix, []byte("tgme_")) {
		return Unclear
	}
	return meaning(a)
}
