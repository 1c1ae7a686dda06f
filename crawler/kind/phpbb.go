package kind

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// phpbb reads phpBB boards: forums, topics and attachments that a visitor without an account sees.
func phpbb() Kind {
	return Kind{
		Name:    "phpbb",
		Depth:   12, // forums, and pages of forums and topics
		Accept:  "text/html,application/xhtml+xml,*/*;q=0.8",
		links:   true,
		Untried: "read by the addresses that the software has had for years; it was not run here",
		Never:   "log-in, posting, reports, search, members and everything but forums, topics and attachments",
		Gone:    "404; 200 with \"The requested topic does not exist\" and no post. A log-in page is a wall",
		Contact: "the mail address that a page shows; the board's contact form",
		never:   append([]*regexp.Regexp{regexp.MustCompile(`(?i)/(posting|ucp|mcp|memberlist|search|report|app\.php/post)(\.php)?[/?]`)}, neverInPages...),
		seeds:   forumSeeds,
		read: func(s Spec, p Page) (Found, error) {
			f := forum(s, p, phpbbRule)
			f.Recognised = f.Recognised || bytes.Contains(p.Body, []byte("phpBB"))
			return f, nil
		},
		within: withinBoard,
		mean:   func(a Answer) Meaning { return forumMeaning(a, phpbbPost, phpbbMissing) },
	}
}

func forumSeeds(s Spec) []Link {
	links := seeds(s, func(u *url.URL) (Link, bool) { return Link{URL: Canonical(withoutSession(u)).String()}, true })
	return append(links, Link{URL: s.Root.String(), Lists: true})
}

func withinBoard(s Spec, to *url.URL) bool {
	_, ok := rest(boardBase(s.Root), to)
	return ok
}

// phpbbRule admits the board's pages and gives the parameters that name them; sessions, sorting and highlights fall away.
func phpbbRule(path string, q url.Values) (Link, string, bool) {
	keep := func(names ...string) string {
		var parts []string
		for _, n := range names {
			if v := number(q, n); v != "" && (n != "start" || v != "0") {
				parts = append(parts, n+"="+v)
			}
		}
		return strings.Join(parts, "&")
	}
	switch {
	case path == "viewforum.php" && number(q, "f") != "":
		return Link{Lists: true}, keep("f", "start"), true
	case path == "viewtopic.php" && number(q, "t") != "":
		return Link{Lists: true, Matches: true}, keep("t", "start"), true
	case path == "download/file.php" && number(q, "id") != "" && q.Get("avatar") == "":
		return Link{Matches: true}, keep("id"), true
	}
	return Link{}, "", false
}

var (
	phpbbPost    = regexp.MustCompile(`\bid="p[0-9]+"|class="[^"]*\bpostbody\b`)
	phpbbMissing = regexp.MustCompile(`(?i)the requested (topic|post|forum) does not exist|het opgevraagde onderwerp bestaat niet|le sujet demandé n(’|'|&#039;)existe pas|das angeforderte thema existiert nicht|selected attachment does not exist`)
	mybbPost     = regexp.MustCompile(`\bid="(pid_|post_)[0-9]+"`)
	mybbMissing  = regexp.MustCompile(`(?i)the specified (thread|post|forum|attachment) does not exist|(thread|attachment) (specified|you specified) (does not exist|is either invalid)`)
)

// forumMeaning: forums say in a page that comes with 200 that there is nothing. Whether it is the board that says so or
// a post shows by whether there is a post.
func forumMeaning(a Answer, post, missing *regexp.Regexp) Meaning {
	if a.Status == http.StatusOK && missing.Match(a.Prefix) && !post.Match(a.Prefix) {
		return Gone
	}
	return meaning(a)
}

// mybb reads MyBB boards: forums, threads and attachments that a visitor without an account sees.
func mybb() Kind {
	return Kind{
		Name:    "mybb",
		Depth:   12,
		Accept:  "text/html,application/xhtml+xml,*/*;q=0.8",
		links:   true,
		Untried: "read by the addresses that the software has had for years; it was not run here",
		Never:   "log-in, posting, reports, search, members and everything but forums, threads and attachments",
		Gone:    "404; 200 with \"The specified thread does not exist\" and no post. A log-in page is a wall",
		Contact: "the mail address that a page shows; the board's contact form",
		never:   append([]*regexp.Regexp{regexp.MustCompile(`(?i)/(member|newreply|newthread|private|usercp|modcp|report|search|reputation|ratethread|sendthread)\.php`)}, neverInPages...),
		seeds:   forumSeeds,
		read: func(s Spec, p Page) (Found, error) {
			f := forum(s, p, mybbRule)
			f.Recognised = f.Recognised || bytes.Contains(p.Body, []byte("MyBB"))
			return f, nil
		},
		within: withinBoard,
		mean:   func(a Answer) Meaning { return forumMeaning(a, mybbPost, mybbMissing) },
	}
}

var (
	mybbForum  = regexp.MustCompile(`^Forum-[^/]+$`)
	mybbThread = regexp.MustCompile(`^Thread-[^/]+$`)
)

// mybbRule admits the board's pages, also under the search-friendly names, with the parameters that name them.
func mybbRule(path string, q url.Values) (Link, string, bool) {
	page := ""
	if n := number(q, "page"); n != "" && n != "1" {
		page = "page=" + n
	}
	with := func(name string) string { return strings.Trim(name+"="+number(q, name)+"&"+page, "&") }
	switch {
	case path == "forumdisplay.php" && number(q, "fid") != "":
		return Link{Lists: true}, with("fid"), true
	case path == "showthread.php" && number(q, "tid") != "" && q.Get("mode") == "" && q.Get("action") == "":
		return Link{Lists: true, Matches: true}, with("tid"), true
	case path == "attachment.php" && number(q, "aid") != "":
		return Link{Matches: true}, "aid=" + number(q, "aid"), true
	case mybbForum.MatchString(path):
		return Link{Lists: true}, page, true
	case mybbThread.MatchString(path) && q.Get("action") == "" && q.Get("pid") == "":
		return Link{Lists: true, Matches: true}, page, true
	}
	return Link{}, "", false
}
