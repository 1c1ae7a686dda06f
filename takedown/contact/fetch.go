package contact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
)

const (
	maxPage = 256 << 10 // bytes read of a page or a security.txt
	maxHops = 3
)

var (
	errElsewhere = errors.New("redirect to another site")
	errHops      = errors.New("too many redirects")
	errRobots    = errors.New("redirect to a page that robots.txt forbids")
)

// page is what a fetch brought, cut at maxPage.
type page struct {
	status int
	kind   string // Content-Type as sent
	body   []byte
}

// fetch reads one page of the spot's own site. A redirect is followed only within the site: a contact published elsewhere is not
// the site's own word.
func (l *Ladder) fetch(ctx context.Context, s spot, u string) (page, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return page{}, fmt.Errorf("fetch contact page: %w", err)
	}
	if l.UserAgent != "" {
		req.Header.Set("User-Agent", l.UserAgent)
	}
	req.Header.Set("Accept", "text/html, text/plain;q=0.9")
	c := *l.client
	c.Jar = nil
	c.CheckRedirect = func(next *http.Request, via []*http.Request) error {
		if len(via) > maxHops {
			return errHops
		}
		if host := next.URL.Hostname(); host != s.host && (s.domain == "" || registrable(host) != s.domain) {
			return errElsewhere
		}
		if l.Allowed != nil && !l.Allowed(ctx, next.URL.String()) {
			return errRobots
		}
		if l.client.CheckRedirect != nil {
			return l.client.CheckRedirect(next, via)
		}
		return nil
	}
	res, err := c.Do(req)
	if err != nil {
		return page{}, fmt.Errorf("fetch contact page: %w", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, maxPage))
	if err != nil {
		return page{}, fmt.Errorf("read contact page: %w", err)
	}
	return page{status: res.StatusCode, kind: res.Header.Get("Content-Type"), body: b}, nil
}
