package kind

import (
	"net/url"
	"regexp"
)

// mega recognises links of MEGA. They are never fetched: the key in a link is a digest of the file's content under that
// very key, so that `leak check LINK` decides without a request whether it is a known file.
func mega() Kind {
	return Kind{
		Name:     "mega",
		Depth:    1,
		fragment: true,
		Never:    "everything: its links are reported, and leak check decides",
		Gone:     "never found out by this program: a look at the link by hand",
		Contact:  "abuse@mega.nz, or the form at mega.io/takedown",
		Reported: "needs leak check: a link of MEGA is compared with the originals without being fetched",
		ask:      true,
		mayGet:   func(Answer) bool { return false },
		check:    needItems("mega", "\"https://mega.nz/file/AbCdEfGh#KEY\""),
		item:     megaItem,
		seeds: func(s Spec) []Link {
			return seeds(s, func(u *url.URL) (Link, bool) { return Link{URL: u.String()}, true })
		},
		read:   readNothing,
		within: sameHostOnly,
	}
}

var (
	megaPath   = regexp.MustCompile(`^/(file|folder|embed)/[A-Za-z0-9_-]{8}$`)
	megaLegacy = regexp.MustCompile(`^F?![A-Za-z0-9_-]{8}(![A-Za-z0-9_-]{22,43})?$`)
)

func megaItem(u *url.URL) (Link, bool) {
	if !hostIn(u, "mega.nz", "mega.co.nz", "mega.io") || !megaPath.MatchString(u.Path) && !megaLegacy.MatchString(u.Fragment) {
		return Link{}, false
	}
	return Link{URL: u.String()}, true
}
