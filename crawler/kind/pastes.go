package kind

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// pastes are the paste servers and small file hosts.
func pastes() []Kind {
	return []Kind{pastebin(), gist(), lenpaste(), opengist(), plik(), transfersh(), privatebin(), zerox0(), rentry(), microbin(), rawpaste(), mega()}
}

// errBare says that a body is no wrapping of its kind: it is the content itself.
var errBare = errors.New("the body is not wrapped")

// base is the folder that a place's addresses lie in: the root without the path of the API or page that the operator
// may have copied, which begins at one of the marks.
func base(root *url.URL, marks ...string) *url.URL {
	c := *root
	for _, m := range marks {
		if i := strings.Index(c.Path+"/", m); i >= 0 {
			c.Path = c.Path[:i]
		}
	}
	c.Path, c.RawPath, c.RawQuery, c.Fragment, c.RawFragment = strings.TrimRight(c.Path, "/")+"/", "", "", "", ""
	return &c
}

// at is an address below a base; path is not escaped.
func at(b *url.URL, path, query string) *url.URL {
	c := *b
	c.Path, c.RawPath, c.RawQuery = b.Path+path, "", query
	return Canonical(&c)
}

// rest is what follows the base in an address's path; false when it lies elsewhere.
func rest(b, u *url.URL) (string, bool) {
	if !sameHost(b, u) {
		return "", false
	}
	return strings.CutPrefix(u.Path, b.Path)
}

// seeds makes the configured items links by the rules of a kind, and ends with the pages that list.
func seeds(s Spec, own func(*url.URL) (Link, bool), pages ...*url.URL) []Link {
	var links []Link
	for _, u := range s.Items {
		l, ok := own(u)
		if !ok {
			l = Link{URL: u.String()}
		}
		if l.Lists {
			l.Depth = 0
		} else {
			l.Matches, l.Depth = true, 1
		}
		l.Elsewhere = true
		links = append(links, l)
	}
	for _, p := range pages {
		links = append(links, Link{URL: p.String(), Lists: true})
	}
	return links
}

// about is a page that tells who runs a place. It stands one step down, because a place without one can still be swept.
func about(u *url.URL) Link { return Link{URL: u.String(), Lists: true, Depth: 1} }

// needItems is the check of a kind without any list.
func needItems(name, example string) func(Spec) error {
	return func(s Spec) error {
		if len(s.Items) == 0 {
			return fmt.Errorf("items: kind %s has no list of its own: give addresses or keys, such as %s", name, example)
		}
		return nil
	}
}

// keyed makes a key out of the configuration an address below the base.
func keyed(marks ...string) func(Spec, string) *url.URL {
	return func(s Spec, key string) *url.URL {
		u, err := base(s.Root, marks...).Parse(key)
		if err != nil {
			return nil
		}
		return u
	}
}

// known recognises items of public places by their hosts.
func known(own func(*url.URL) (Link, bool), hosts ...string) func(*url.URL) (Link, bool) {
	return func(u *url.URL) (Link, bool) {
		if !hostIn(u, hosts...) {
			return Link{}, false
		}
		return own(u)
	}
}

// hostIn reports whether an address lies at one of the hosts, "www." being the same place.
func hostIn(u *url.URL, hosts ...string) bool {
	if u.Scheme != "http" && u.Scheme != "https" || !defaultPort(u) {
		return false
	}
	h := strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.")
	for _, k := range hosts {
		if h == k {
			return true
		}
	}
	return false
}

// secured is an address of a public place, all of which speak TLS; it spares a redirect.
func secured(u *url.URL) *url.URL {
	c := *u
	c.Scheme = "https"
	c.Host = strings.TrimSuffix(c.Host, ":80")
	return Canonical(&c)
}

func sameHostOnly(s Spec, to *url.URL) bool { return sameHost(s.Root, to) }

// word is a JSON value that some places write as a string and others as a number.
type word string

// UnmarshalJSON implements json.Unmarshaler; what is neither is empty.
func (w *word) UnmarshalJSON(b []byte) error {
	var s string
	switch {
	case json.Unmarshal(b, &s) == nil:
		*w = word(s)
	case len(b) > 0 && (b[0] == '-' || b[0] >= '0' && b[0] <= '9') || bytes.Equal(b, []byte("true")) || bytes.Equal(b, []byte("false")):
		*w = word(b)
	default:
		*w = ""
	}
	return nil
}

// entries reads a JSON list element by element, also one that stands under a key of an object. A list that breaks off
// gives what came before, because long ones are cut by our own limit; an element of another form is passed over.
func entries[T any](body []byte, keys ...string) ([]T, error) {
	d := json.NewDecoder(bytes.NewReader(body))
	if !toList(d, keys) {
		return nil, errors.New("the answer is no JSON list of items")
	}
	var out []T
	for len(out) < maxEntries && d.More() {
		var e T
		err := d.Decode(&e)
		var other *json.UnmarshalTypeError
		if errors.As(err, &other) {
			continue
		}
		if err != nil {
			break
		}
		out = append(out, e)
	}
	return out, nil
}

// toList moves a decoder behind the bracket that opens the list.
func toList(d *json.Decoder, keys []string) bool {
	tok, err := d.Token()
	if err != nil {
		return false
	}
	if tok == json.Delim('[') {
		return true
	}
	if tok != json.Delim('{') {
		return false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return false
		}
		for _, k := range keys {
			if name == k {
				tok, err := d.Token()
				return err == nil && tok == json.Delim('[')
			}
		}
		var skip json.RawMessage
		if d.Decode(&skip) != nil {
			return false
		}
	}
	return false
}

// object reads a JSON object; an element of another form than expected stays empty.
func object(body []byte, into any) bool {
	body = bytes.TrimSpace(body)
	if !bytes.HasPrefix(body, []byte("{")) {
		return false
	}
	err := json.Unmarshal(body, into)
	var other *json.UnmarshalTypeError
	return err == nil || errors.As(err, &other)
}

// mailAddress is a text that is one, or nothing.
func mailAddress(s string) string {
	s = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(s, "mailto:")))
	if !plainAddress.MatchString(s) {
		return ""
	}
	return s
}

var plainAddress = regexp.MustCompile(`^[a-z0-9._%+-]{1,64}@[a-z0-9.-]{1,190}\.[a-z]{2,24}$`)
