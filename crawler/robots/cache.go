package robots

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

const (
	// fresh is how long a copy is taken without asking again, so that a new rule is obeyed within that time, also by a sweep
	// that is under way.
	fresh = time.Hour
	// maxAge is RFC 9309 section 2.4: a copy of a file that cannot be had now should not be used for longer than a day.
	maxAge = 24 * time.Hour
	// retryAfter is how long an unreachable file is taken as unreachable without asking again.
	retryAfter   = time.Minute
	maxRedirects = 5
	maxHosts     = 4096
)

// Answer is what one request for a robots.txt brought. The cache closes Body.
type Answer struct {
	Status   int
	Location string
	Body     io.ReadCloser
}

// Fetch makes one GET without following redirects.
type Fetch func(ctx context.Context, u *url.URL) (Answer, error)

// Policy is what one origin's file says.
type Policy struct {
	Rules
	// Wait is set when the file could not be had (5xx, no answer): nothing may be fetched for now (section 2.3.1.4).
	// It is a plain clause without a path.
	Wait string
	// Unreachable tells apart "no answer at all" from an answer that says to wait.
	Unreachable error
}

// ErrNotAsked is in the chain of a Fetch's error when it made no request: that says nothing about the file.
var ErrNotAsked = errors.New("robots.txt was not asked for")

// Cache keeps the policies of up to 4096 origins in memory, each for an hour, an unreachable one for a minute. A file that
// cannot be had again is obeyed as it was for up to a day.
type Cache struct {
	token string
	now   func() time.Time
	kept  *lru.Cache[string, kept]
}

type kept struct {
	policy Policy
	until  time.Time // when the file is asked for again
	since  time.Time // when it was had
}

// NewCache gives an empty cache for a product token.
func NewCache(token string) *Cache { return NewCacheAt(token, time.Now) }

// NewCacheAt gives one that goes by a clock.
func NewCacheAt(token string, now func() time.Time) *Cache {
	k, err := lru.New[string, kept](maxHosts)
	if err != nil {
		panic(err) // only a size below 1 is an error
	}
	return &Cache{token: token, now: now, kept: k}
}

// Get answers for the origin (scheme, host, port) of a URL, fetching its file when no copy is at hand. An error means
// that the caller's context ended or that fetch made no request (ErrNotAsked); everything that a server does is a Policy.
func (c *Cache) Get(ctx context.Context, u *url.URL, fetch Fetch) (Policy, error) {
	origin := u.Scheme + "://" + u.Host
	k, had := c.kept.Get(origin)
	if had && c.now().Before(k.until) {
		return k.policy, nil
	}
	p := c.load(ctx, &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/robots.txt"}, fetch)
	if err := ctx.Err(); err != nil {
		return Policy{}, fmt.Errorf("robots.txt: %w", err)
	}
	if errors.Is(p.Unreachable, ErrNotAsked) {
		return Policy{}, p.Unreachable
	}
	now := c.now()
	switch {
	case p.Wait == "":
		k = kept{policy: p, until: now.Add(fresh), since: now}
	case had && k.policy.Wait == "" && now.Before(k.since.Add(maxAge)):
		k.until = now.Add(retryAfter)
	default:
		k = kept{policy: p, until: now.Add(retryAfter)}
	}
	c.kept.Add(origin, k)
	return k.policy, nil
}

// Kept gives a copy at hand that is less than a day old, without asking. False: there is none, or the file could not be had.
func (c *Cache) Kept(u *url.URL) (Policy, bool) {
	k, had := c.kept.Get(u.Scheme + "://" + u.Host)
	if !had || k.policy.Wait != "" || !c.now().Before(k.since.Add(maxAge)) {
		return Policy{}, false
	}
	return k.policy, true
}

// Delay gives the Crawl-delay of the copy at hand of a URL's origin, however old, and 0 without one. It never asks.
func (c *Cache) Delay(u *url.URL) time.Duration {
	k, _ := c.kept.Peek(u.Scheme + "://" + u.Host)
	return k.policy.Delay
}

func (c *Cache) load(ctx context.Context, u *url.URL, fetch Fetch) Policy {
	for range maxRedirects + 1 {
		a, err := fetch(ctx, u)
		if err != nil {
			return Policy{Wait: "robots.txt cannot be reached", Unreachable: err}
		}
		next, p, done := c.read(u, a)
		if done {
			return p
		}
		u = next
	}
	// Section 2.3.1.2: after five hops the file may be taken as unavailable, which allows everything.
	return Policy{}
}

// read gives either the policy or where to ask next.
func (c *Cache) read(u *url.URL, a Answer) (next *url.URL, p Policy, done bool) {
	if a.Body != nil {
		defer a.Body.Close()
	}
	switch {
	case a.Status >= 200 && a.Status < 300:
		if a.Body == nil {
			return nil, Policy{}, true
		}
		b, err := io.ReadAll(io.LimitReader(a.Body, MaxBytes+1))
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, Policy{Wait: "robots.txt broke off", Unreachable: err}, true
		}
		return nil, Policy{Rules: Parse(b, c.token)}, true
	case a.Status >= 300 && a.Status < 400:
		to, err := u.Parse(a.Location)
		if a.Location == "" || err != nil || to.Scheme != "http" && to.Scheme != "https" {
			return nil, Policy{}, true
		}
		return to, Policy{}, false
	case a.Status >= 400 && a.Status < 500 && a.Status != 429:
		return nil, Policy{}, true // unavailable: section 2.3.1.3
	}
	// 5xx, and 429, which is a server asking us to wait.
	return nil, Policy{Wait: fmt.Sprintf("robots.txt answers %d", a.Status)}, true
}
