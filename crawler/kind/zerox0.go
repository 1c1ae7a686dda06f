package kind

import (
	"net/url"
	"regexp"
	"strings"
)

// zerox0 reads files of 0x0.st and its offspring. What a moderator took away answers 451 and stays so when the same
// bytes are uploaded again, so that 451 is the better end; 404 is a deletion by the uploader or the end of its time.
func zerox0() Kind {
	return Kind{
		Name:    "zerox0",
		Depth:   1,
		Never:   "the addresses that carry a token to manage a file",
		Gone:    "404 and 410; 451 once a moderator removed it, which also holds for the same bytes uploaded again",
		Contact: "the mail address on the server's front page",
		check:   needItems("zerox0", "\"https://files.example/Ab1.txt\""),
		item:    known(zerox0Item, "0x0.st", "x0.at", "envs.sh", "ttm.sh"),
		seeds: func(s Spec) []Link {
			return seeds(s, func(u *url.URL) (Link, bool) { return Link{URL: u.String()}, true })
		},
		read:   readNothing,
		within: sameHostOnly,
	}
}

var zerox0Path = regexp.MustCompile(`^/(s/[A-Za-z0-9_-]{8,64}/)?[A-Za-z0-9_-]{1,12}(\.[A-Za-z0-9.]{1,24})?(/[^/]+)?$`)

func zerox0Item(u *url.URL) (Link, bool) {
	if !zerox0Path.MatchString(u.Path) || strings.HasSuffix(u.Path, ".html") {
		return Link{}, false
	}
	c := secured(u)
	c.RawQuery = ""
	return Link{URL: c.String()}, true
}
