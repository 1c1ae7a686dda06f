package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"unmirror/crawler/kind"
	"unmirror/store"
)

// TestResult is what one look at a source's start says about it.
type TestResult struct {
	Source   string        `json:"source,omitempty"`
	Kind     string        `json:"kind"`
	Untried  string        `json:"untried,omitempty"` // why the kind was never run against real software
	Robots   string        `json:"robots"`            // "allowed", "forbidden", or why it is not known
	Delay    time.Duration `json:"-"`
	Status   int           `json:"status"`
	Items    int           `json:"items"`   // to match, on the first page
	Folders  int           `json:"folders"` // further pages to list
	Contact  string        `json:"contact,omitempty"`
	FirstErr string        `json:"error,omitempty"`
	OK       bool          `json:"ok"`
}

// detectOrder is the order in which kinds are tried on an address whose kind is not known. The first one's start is the
// address as it was given, or its folder where the scheme leaves no choice.
func detectOrder(address string) []string {
	switch scheme, _, _ := strings.Cut(strings.ToLower(address), ":"); scheme {
	case "ftp", "ftps":
		return []string{"ftp"}
	case "rsync":
		return []string{"rsync"}
	}
	return []string{"site", "directory", "feed", "site"}
}

// Test fetches a source's start once (and its robots.txt) and says what its kind reads there; nothing is recorded. A
// source without a kind is read by the first that recognises it.
func (c *Crawler) Test(ctx context.Context, s Source) (TestResult, error) {
	kinds := []string{s.Kind}
	if s.Kind == "" {
		kinds = detectOrder(s.URL)
		s.Kind = kinds[0]
		if len(kinds) > 1 {
			kinds = kinds[1:] // what recognises least comes last
		}
	}
	src, way, err := c.ready(s)
	if err != nil {
		return TestResult{Source: s.Name, Kind: s.Kind}, err
	}
	r, a, err := c.probe(ctx, src, way)
	if errors.Is(err, errPause) || errors.Is(err, errInUse) {
		r.FirstErr = plain(err)
		if r.Robots == "" {
			r.Robots = "not asked: " + r.FirstErr
		}
		return r, nil
	}
	if err != nil {
		return r, fmt.Errorf("test source: %w", err)
	}
	if a == nil || r.FirstErr != "" {
		return r, nil
	}
	for _, name := range kinds {
		s.Kind = name
		if src, err = s.compile(); err != nil {
			return TestResult{Source: s.Name, Kind: name}, err
		}
		if r.read(src, a); r.OK {
			break
		}
	}
	return r, nil
}

// probe fetches the start. Without an answer, the result says why.
func (c *Crawler) probe(ctx context.Context, src compiled, way *exit) (r TestResult, a *answer, err error) {
	r = TestResult{Source: src.Name, Kind: src.Kind}
	seeds := src.spec.Seeds()
	u, err := url.Parse(seeds[len(seeds)-1].URL) // lists stand last, after given items
	if err != nil {
		return r, nil, fmt.Errorf("read start: %w", err)
	}
	h, free, err := c.takeHost(ctx, hostKey(u), store.NewID("test"), src.Delay)
	if err != nil {
		return r, nil, err
	}
	defer free()
	h.exit = way
	p, err := h.policy(ctx, u)
	if err != nil {
		return r, nil, err
	}
	r.Delay = h.delay
	switch {
	case p.Unreachable != nil:
		r.Robots, r.FirstErr = p.Wait, plain(p.Unreachable)
		return r, nil, nil
	case p.Wait != "":
		r.Robots, r.FirstErr = p.Wait, p.Wait
		return r, nil, nil
	case !p.Allowed(u) && (src.Robots != RobotsKnownItems || seeds[len(seeds)-1].Lists):
		r.Robots, r.FirstErr = "forbidden", "robots.txt forbids it"
		return r, nil, nil
	}
	r.Robots = "allowed"
	if !seeds[len(seeds)-1].Lists { // items alone: to read one could use it up, and tells nothing of the source
		r.OK, r.Items = true, len(src.Items)
		return r, nil, nil
	}
	if err := h.turn(ctx); err != nil {
		return r, nil, err
	}
	req := request{url: u, accept: src.spec.Kind.Accept, lists: true, dom: true, bytes: src.spec.Kind.Bytes, exit: way, turns: h}
	req.header, req.secret = src.header(src.spec, u, false)
	a, ferr := c.fetch(ctx, req)
	if ctx.Err() != nil {
		return r, nil, ctx.Err()
	}
	r.Status = a.status
	switch {
	case ferr != nil:
		r.FirstErr = plain(ferr)
	case a.status >= 300 && a.status < 400:
		if next, err := hop(u, a, []string{u.String()}); err == nil && src.spec.Within(next) {
			r.FirstErr = statusText(a.status) + ": it redirects inside its bounds; use the address that it redirects to"
		} else {
			r.FirstErr = plain(errOutside)
		}
	case a.status != 200:
		r.FirstErr = statusText(a.status)
	}
	a.capture.URL = u.String()
	return r, a, nil
}

// read lets one kind read the page.
func (r *TestResult) read(src compiled, a *answer) {
	r.Kind, r.Untried, r.Items, r.Folders = src.Kind, src.spec.Kind.Untried, len(src.Items), 0
	u, err := url.Parse(a.capture.URL)
	if err != nil {
		return
	}
	f, err := src.spec.Read(kind.Page{URL: u, Type: a.mediaType, Body: a.page, Root: a.root, Header: a.header})
	if err != nil || !f.Recognised {
		r.OK = false
		return
	}
	r.OK, r.Contact = true, f.Contact
	for _, l := range f.Links {
		if l.Matches {
			r.Items++
		} else {
			r.Folders++
		}
	}
}
