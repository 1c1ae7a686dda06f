package kind

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// privatebin reads documents of PrivateBin servers whose links, with the key behind the #, were published elsewhere.
// The key stays here: the ciphertext is fetched and decrypted in memory. A link that says that its document burns after
// reading ("#-", since version 1.7) is never fetched; an older server's link does not say so, nor does anything else
// that could be asked without burning it.
func privatebin() Kind {
	return Kind{
		Name:     "privatebin",
		Depth:    1,
		Accept:   "application/json",
		fragment: true,
		Never:    "links with #-, whose document ends with the first reading; anything that carries a token for deletion",
		Gone:     "200 with status 1 in the JSON. A 404, or a page instead of JSON, is something in front of the server",
		Contact:  "the imprint that a server may link to; else its host",
		never:    []*regexp.Regexp{regexp.MustCompile(`(?i)[?&](deletetoken|pasteid)=`)},
		header: func(Spec, *url.URL) http.Header {
			return http.Header{"X-Requested-With": {"JSONHttpRequest"}, "Accept": {"application/json"}}
		},
		check:  needItems("privatebin", "\"https://bin.example/?058310c72f364949#KEY\""),
		unwrap: unwrapPrivatebin,
		item:   privatebinItem,
		key:    func(s Spec, key string) *url.URL { return privatebinKeyed(s.Root, key) },
		seeds: func(s Spec) []Link {
			return seeds(s, func(u *url.URL) (Link, bool) { return Link{URL: privatebinURL(u).String()}, true })
		},
		read:   readNothing,
		within: sameHostOnly,
		mean:   privatebinMeaning,
	}
}

var (
	privatebinID     = regexp.MustCompile(`^[0-9a-f]{16}$`)
	privatebinSecret = regexp.MustCompile(`^[1-9A-HJ-NP-Za-km-z]{40,46}$`) // 32 bytes in base58
)

// privatebinKeyed reads "ID#KEY" and "?ID#KEY" out of the configuration.
func privatebinKeyed(root *url.URL, key string) *url.URL {
	id, secret, _ := strings.Cut(strings.TrimPrefix(strings.TrimPrefix(key, "/"), "?"), "#")
	if !privatebinID.MatchString(id) {
		return nil
	}
	c := *root
	c.RawQuery, c.Fragment, c.RawFragment = id, secret, ""
	return &c
}

// privatebinURL is the one form of a document's link: what a client puts behind the key is dropped.
func privatebinURL(u *url.URL) *url.URL {
	c := Canonical(u)
	c.Fragment, _, _ = strings.Cut(u.Fragment, "&")
	c.RawQuery, _, _ = strings.Cut(c.RawQuery, "&")
	return c
}

// privatebinItem recognises a link by its shape, wherever the server is: sixteen hexadecimal digits and a key.
func privatebinItem(u *url.URL) (Link, bool) {
	c := privatebinURL(u)
	if u.Scheme != "http" && u.Scheme != "https" || !privatebinID.MatchString(c.RawQuery) || !privatebinSecret.MatchString(c.Fragment) {
		return Link{}, false
	}
	return Link{URL: c.String()}, true
}

func privatebinMeaning(a Answer) Meaning {
	if a.Status == http.StatusNotFound {
		return Unclear
	}
	if a.Status != http.StatusOK {
		return meaning(a)
	}
	// The answer may be longer than what is at hand here, so that its beginning has to do.
	m := privatebinStatus.FindSubmatch(bytes.TrimSpace(a.Prefix))
	switch {
	case m == nil:
		return Unclear
	case string(m[1]) == "0":
		return Present
	}
	return Gone
}

var privatebinStatus = regexp.MustCompile(`^\{\s*"status"\s*:\s*([01])\s*[,}]`)
