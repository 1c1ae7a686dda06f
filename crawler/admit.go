package crawler

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"slices"

	"unmirror/crawler/kind"
	"unmirror/internal/guard"
)

// NotAdmitted says that whoever runs the crawler does not let this sweep begin (Options.Admit). Nothing was asked for.
type NotAdmitted struct{ Why error }

// Error is the reason alone: it names the source itself.
func (n *NotAdmitted) Error() string { return n.Why.Error() }

// Unwrap gives the reason.
func (n *NotAdmitted) Unwrap() error { return n.Why }

// admit asks whether a sweep may begin, and within which bounds.
func (c *Crawler) admit(ctx context.Context, s Source) (Source, error) {
	if c.o.Admit == nil {
		return s, nil
	}
	s, err := c.o.Admit(ctx, s)
	if err != nil {
		return s, &NotAdmitted{err}
	}
	return s, nil
}

// Places lists the servers at which a sweep of the source starts, as "host:port". Where its links lead is not among them.
func (s Source) Places() ([]string, error) {
	src, err := s.compile()
	if err != nil {
		return nil, err
	}
	var out []string
	add := func(u *url.URL) {
		if u == nil || u.Hostname() == "" {
			return
		}
		if p := server(u); !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	add(src.spec.Root)
	for _, l := range src.spec.Seeds() {
		if u, err := url.Parse(l.URL); err == nil {
			add(u)
		}
	}
	return out, nil
}

// server is host and port of an address, with the port of its scheme where it names none.
func server(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443", "ftp": "21", "ftps": "990", "rsync": "873"}[u.Scheme]
	}
	return net.JoinHostPort(kind.Host(u), port)
}

// whyPrivate is what the sweep of a private source says of a public address that a link or a redirect led to.
const whyPrivate = "a public address, and this source is swept within crawler.allow_private only, until the leak file allows more"

// keepPrivate makes an exit refuse every address outside crawler.allow_private, wherever a link leads.
func (e *exit) keepPrivate(g *guard.Guard) {
	e.private = true
	e.guard = g.ExemptOnly(whyPrivate)
	if !e.proxied {
		e.transport.DialContext = e.guard.DialContext
		otherSchemes(e.transport, e.guard)
	}
}

// within says whether a request of a private source that goes through a proxy stays private, as far as its spelling tells.
func (e *exit) within(r *http.Request) bool {
	host, port, err := net.SplitHostPort(server(r.URL))
	return !e.private || err == nil && e.guard.ExemptHost(host, port)
}
