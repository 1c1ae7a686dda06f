package kind

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// lenpaste reads Lenpaste servers by their API. They have no list: keys come from the configuration or from elsewhere.
// The raw page is not used: it answers 500 for what is missing, where the API says 404, and the API shows of a one-use
// paste only that it is one.
func lenpaste() Kind {
	return Kind{
		Name:    "lenpaste",
		Depth:   1,
		Never:   "one-use pastes are never opened (openOneUse=true); the raw and download pages are not used",
		Gone:    "the API's 404, which is JSON. A 404 page in HTML is something in front of it, and 500 is out of order",
		Contact: "adminMail of /api/v1/getServerInfo, read at each sweep",
		never:   neverInPages,
		check:   needItems("lenpaste", "\"https://paste.example/rt2r0sOf\""),
		unwrap:  unwrapLenpaste,
		key:     keyed("/api/v1/"),
		item:    known(func(u *url.URL) (Link, bool) { return lenpasteOwn(base(&url.URL{Scheme: "https", Host: u.Host}), u) }, "paste.lcomrade.su"),
		seeds: func(s Spec) []Link {
			b := base(s.Root, "/api/v1/")
			return append(seeds(s, func(u *url.URL) (Link, bool) { return lenpasteOwn(b, u) }), about(at(b, "api/v1/getServerInfo", "")))
		},
		read:   readLenpasteInfo,
		within: sameHostOnly,
		mean:   jsonMeaning,
	}
}

var lenpasteID = regexp.MustCompile(`^[A-Za-z0-9]{4,16}$`)

func lenpasteOwn(b, u *url.URL) (Link, bool) {
	id := u.Query().Get("id")
	if path, ok := rest(b, u); ok && id == "" {
		id = path
		for _, p := range []string{"raw/", "dl/", "emb/", "emb_help/"} {
			id = strings.TrimPrefix(id, p)
		}
	}
	if !lenpasteID.MatchString(id) || id == "about" || id == "docs" || id == "settings" {
		return Link{}, false
	}
	return Link{URL: at(b, "api/v1/get", url.Values{"id": {id}}.Encode()).String()}, true
}

func readLenpasteInfo(_ Spec, p Page) (Found, error) {
	var info struct{ Software, AdminMail string }
	if !object(p.Body, &info) {
		return Found{}, nil
	}
	return Found{Recognised: info.Software != "" || info.AdminMail != "", Contact: mailAddress(info.AdminMail)}, nil
}

func unwrapLenpaste(_ Spec, _ *url.URL, body []byte) ([]Part, error) {
	var paste struct {
		ID, Title, Body string
		OneUse          bool
	}
	switch {
	case !object(body, &paste) || paste.ID == "":
		return nil, errBare
	case paste.OneUse:
		return nil, fmt.Errorf("it is for one reading, which is left to others: %w", ErrWrapped)
	}
	return []Part{{Name: paste.Title, Body: []byte(paste.Body)}}, nil
}

// jsonMeaning is that of an API whose errors are JSON: a 404 page in HTML comes from something in front of it.
func jsonMeaning(a Answer) Meaning {
	if a.Status == http.StatusNotFound && !strings.HasPrefix(strings.TrimSpace(string(a.Prefix)), "{") {
		return Unclear
	}
	return meaning(a)
}
