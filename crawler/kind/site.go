package kind

import (
	"net/url"
	"regexp"
	"strings"
)

// site follows the links of one host within bounds; each page is matched itself and read for more links. The images that it
// shows are part of it, whatever is followed.
func site() Kind {
	return Kind{
		Name:    "site",
		Depth:   2,
		Accept:  "text/html,application/xhtml+xml,*/*;q=0.8",
		links:   true,
		Gone:    "what plain servers mean: 404, 410 and 451",
		Contact: "a mail address that a page gives for reports",
		Never:   "other hosts; links that log out, delete, report, post or vote; archive-now and one-use links",
		never:   neverInPages,
		seeds:   func(s Spec) []Link { return []Link{{URL: s.Root.String(), Lists: true, Matches: true}} },
		read:    readSite,
		within:  func(s Spec, to *url.URL) bool { return sameHost(s.Root, to) },
	}
}

func readSite(s Spec, p Page) (Found, error) {
	f := Found{Recognised: true}
	list, base := anchors(p.Body, p.URL)
	f.Links = make([]Link, 0, len(list))
	for _, u := range images(p.Body, base) {
		if sameHost(s.Root, u) && !s.Forbidden(u) {
			f.Links = append(f.Links, Link{URL: Canonical(withoutSession(u)).String(), Matches: true, Depth: p.Depth + 1})
		}
	}
	if p.Depth >= s.Depth {
		return f, nil
	}
	for _, a := range list {
		u, err := base.Parse(a.href)
		if err != nil || u.Hostname() == "" || s.Forbidden(u) {
			continue
		}
		u = Canonical(withoutSession(u))
		if s.Follow != nil && !s.Follow.MatchString(u.String()) || circling(u.Path) {
			continue
		}
		f.Links = append(f.Links, Link{URL: u.String(), Lists: true, Matches: true, Depth: p.Depth + 1})
	}
	return f, nil
}

// Session ids are long and look like nothing that anybody would name a page. Short names stand for one only before the
// hexadecimal digits of a hash.
var sessionParameter = regexp.MustCompile(`(?i)(^|&)((phpsessid|sid|sessid|sessionid|session_id|jsessionid|aspsessionid[a-z]*|cfid|cftoken|zenid|oscsid|asp\.net_sessionid)=[0-9a-z._,-]{8,}|(s|sess|session|ses)=([0-9a-f]{24,}|[0-9a-z]{26}))(&|$)`)

var sessionPath = regexp.MustCompile(`(?i);(jsessionid|phpsessid|sid|sessionid)=[^/]*|/\([a-z]\([0-9a-z]{20,}\)\)`)

// withoutSession drops what forums put into every link for a visitor without cookies: kept, each visit would find
// all pages new.
func withoutSession(u *url.URL) *url.URL {
	c := *u
	for range 4 { // neighbours share the sign between them
		shorter := strings.Trim(sessionParameter.ReplaceAllString(c.RawQuery, "$1"), "&")
		if shorter == c.RawQuery {
			break
		}
		c.RawQuery = shorter
	}
	if p := sessionPath.ReplaceAllString(c.Path, ""); p != c.Path {
		c.Path, c.RawPath = p, ""
	}
	return &c
}
