package crawler

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"unmirror/store"
)

// Allowed says whether robots.txt lets a page be read. It is for the few pages that other stages read of a visited
// site, such as its contact page; what cannot be known counts as no.
func (c *Crawler) Allowed(ctx context.Context, address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return false
	}
	h, free, err := c.takeHost(ctx, hostKey(u), store.NewID("look"), 0)
	if err != nil {
		return false
	}
	defer free()
	p, err := h.policy(ctx, u)
	return err == nil && p.Unreachable == nil && p.Wait == "" && p.Allowed(u)
}

// Polite lends the crawler's manners to another client's transport: each request waits for its host's turn, which it
// shares with the sweeps, keeps the Crawl-delay of a robots.txt that was read before, and carries the crawler's name
// and contact.
func (c *Crawler) Polite(next http.RoundTripper) http.RoundTripper { return polite{c, next} }

type polite struct {
	c    *Crawler
	next http.RoundTripper
}

func (p polite) RoundTrip(r *http.Request) (*http.Response, error) {
	h, free, err := p.c.takeHost(r.Context(), hostKey(r.URL), store.NewID("look"), 0)
	if err != nil {
		return nil, fmt.Errorf("wait for the host's turn: %w", err)
	}
	defer free()
	h.delay = max(h.delay, p.c.robots.Delay(r.URL))
	if err := h.turn(r.Context()); err != nil {
		return nil, fmt.Errorf("wait for the host's turn: %w", err)
	}
	r = r.Clone(r.Context())
	r.Header.Set("User-Agent", p.c.agent)
	defer h.answered()
	return p.next.RoundTrip(r)
}
