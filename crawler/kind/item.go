package kind

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// web are the schemes of a kind that names none.
var web = []string{"http", "https"}

// Speaks reports whether places of this kind have addresses of a scheme, in lower case.
func (k Kind) Speaks(scheme string) bool {
	if len(k.Schemes) == 0 {
		return slices.Contains(web, scheme)
	}
	return slices.Contains(k.Schemes, scheme)
}

// beginnings tells how addresses of such places begin.
func (k Kind) beginnings() string {
	schemes := k.Schemes
	if len(schemes) == 0 {
		schemes = web
	}
	return strings.Join(schemes, ":// or ") + "://"
}

// Spoken reports whether any kind has addresses of a scheme, in lower case.
func Spoken(scheme string) bool {
	return slices.ContainsFunc(table(), func(k Kind) bool { return k.Speaks(scheme) })
}

// Header gives the headers of a request for an address of this source beyond the usual ones; nil when there are none.
func (s Spec) Header(u *url.URL) http.Header {
	if s.Kind.header == nil {
		return nil
	}
	return s.Kind.header(s, u)
}

// Asks reports whether an item must be asked for by HEAD before a GET, because a GET may use it up.
func (k Kind) Asks() bool { return k.ask }

// MayGet reads the answer to that HEAD. False: the item is never fetched. A kind that asks and does not say more wants a
// head that says the item is present.
func (k Kind) MayGet(a Answer) bool {
	if k.mayGet != nil {
		return k.mayGet(a)
	}
	return !k.ask || k.Mean(a) == Present
}

// Judges reports whether the kind reads more than the status of an answer, such as an error that is called 200.
func (k Kind) Judges() bool { return k.mean != nil }

// DigestsOnly reports whether an item is never fetched: only a published digest can tell what it is.
func (k Kind) DigestsOnly() bool { return k.digestsOnly }

// Wraps reports whether an item's content lies wrapped in what its address answers.
func (k Kind) Wraps(u *url.URL) bool { return k.unwrap != nil && (k.wraps == nil || k.wraps(u)) }

// Unwrap takes the content out of the body of an item, of MaxWrapped bytes at most. ErrWrapped says that it cannot be
// had; any other error that the body is not of the expected form, so that it is matched as it is.
func (s Spec) Unwrap(u *url.URL, body []byte) (parts []Part, err error) {
	defer func() {
		if recover() != nil { // decoders of several libraries run on hostile input here
			parts, err = nil, errBroke
		}
	}()
	if s.Kind.unwrap == nil {
		return []Part{{Body: body}}, nil
	}
	if len(body) > MaxWrapped {
		return nil, fmt.Errorf("it is longer than %d MiB: %w", MaxWrapped>>20, ErrWrapped)
	}
	if crowded(body, maxValues) {
		return nil, wrapped("it holds too many values")
	}
	parts, err = s.Kind.unwrap(s, u, body)
	if err == nil && len(parts) == 0 {
		return nil, errors.New("the item holds no part")
	}
	return parts, err
}

// Foreign gives the rules by which an item of a kind is read that was found in a source of another kind: its own host is
// the root, and nothing but items is read there. An error: there is no such kind.
func Foreign(name string, u *url.URL) (Spec, error) {
	k, err := Find(name)
	if err != nil {
		return Spec{}, err
	}
	return Spec{Kind: k, Root: Canonical(&url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}), Depth: 1}, nil
}

// Recognise makes an address that was found anywhere an item of the first kind that knows it by its host and shape; false
// when none does, and for what must never be fetched.
func Recognise(u *url.URL) (Link, bool) {
	if u.User != nil || Denied(u) != "" {
		return Link{}, false
	}
	for _, k := range table() {
		if k.item == nil {
			continue
		}
		l, ok := recognised(k, u)
		if !ok {
			continue
		}
		to, err := url.Parse(l.URL)
		if err != nil || l.Matches && to.Host == "" {
			return Link{}, false
		}
		if s := (Spec{Kind: k, Root: to}); s.Forbidden(u) || s.Forbidden(to) {
			return Link{}, false
		}
		l.Kind, l.Lists, l.Elsewhere = k.Name, false, true
		return l, true
	}
	return Link{}, false
}

// recognised asks one kind; an address that breaks it is none of its.
func recognised(k Kind, u *url.URL) (l Link, ok bool) {
	defer func() {
		if recover() != nil {
			l, ok = Link{}, false
		}
	}()
	if l, ok = k.item(u); ok {
		l.Matches = true
	}
	return l, ok
}
