package contact

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Limits of one look-up.
const (
	lookupTime = 2 * time.Minute
	fetchTime  = 30 * time.Second // the wait for the host's turn included
	keepFor    = 10 * time.Minute // what one look-up found serves the next about the same site or network
	keepMost   = 512
)

// Ladder looks contacts up, rung by rung. It may be used by several goroutines.
type Ladder struct {
	// UserAgent is sent with every request: the tool and a neutral contact. Empty leaves it to the client.
	UserAgent string
	// Allowed says whether robots.txt lets a page be read (RFC 9309); nil allows every page. security.txt and registration data are
	// published to be read by programs and are not asked about.
	Allowed func(ctx context.Context, url string) bool

	dir       Directory
	client    *http.Client
	bootstrap string
	now       func() time.Time

	mu    sync.Mutex
	kept  map[string]kept
	files map[string]file // of the bootstrap, by URL: at most one for each IP version
}

type file struct {
	at   time.Time
	body []byte
}

type kept struct {
	at    time.Time
	found []Found
}

// NewLadder returns a ladder that asks through client, which must refuse addresses that are not public; nil is http.DefaultClient, fit
// for tests only. rdapBootstrap is a URL or a folder that holds ipv4.json and ipv6.json, or one such file (RFC 9224); empty leaves RDAP
// out. A nil now is time.Now.
func NewLadder(dir Directory, client *http.Client, rdapBootstrap string, now func() time.Time) *Ladder {
	if client == nil {
		client = http.DefaultClient
	}
	if now == nil {
		now = time.Now
	}
	return &Ladder{dir: slices.Clone(dir), client: client, bootstrap: rdapBootstrap, now: now, kept: map[string]kept{}, files: map[string]file{}}
}

// Find returns what is known for the place, best rung first, each address once. What may not be used, and each rung that failed, follows
// with Skipped set, in plain words without a URL. It takes at most two minutes, the waiting for the hosts' turns included.
func (l *Ladder) Find(ctx context.Context, p Place) []Found {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	s := locate(p)
	found := l.directory(s)
	known := slices.ContainsFunc(found, func(f Found) bool { return f.Skipped == "" && f.Email != "" })
	switch why, hostile := l.dir.silenced(s); {
	case hostile:
		found = append(found, l.skip(SourceSite, "", why))
	case known:
		// The operator knows whom to write to, so that the visited site is not asked for its contact pages.
		found = append(found, l.own(p.SiteContact)...)
	default:
		found = append(found, l.own(p.SiteContact)...)
		found = append(found, l.once(ctx, "site "+s.base, func() []Found { return l.site(ctx, s) })...)
	}
	found = append(found, l.once(ctx, "rdap "+s.ip, func() []Found { return l.rdap(ctx, s) })...)
	return l.rank(found)
}

// site asks the pages and security.txt of the place itself.
func (l *Ladder) site(ctx context.Context, s spot) []Found {
	if s.base == "" {
		return nil
	}
	return append(l.pages(ctx, s), l.securityTxt(ctx, s)...)
}

// rank puts usable contacts first, in the order of the rungs, and drops an address that a better rung has already given.
func (l *Ladder) rank(found []Found) []Found {
	seen := map[string]bool{}
	var use, skipped []Found
	for _, f := range found {
		key := strings.ToLower(f.Email)
		if why, ok := l.dir.avoided(f.Email); ok && f.Skipped == "" {
			f.Skipped = why
		}
		switch {
		case f.Skipped != "":
			skipped = append(skipped, f)
		case f.Email == "" || seen[key]:
		default:
			seen[key] = true
			use = append(use, f)
		}
	}
	return append(use, skipped...)
}

func (l *Ladder) skip(source, where, why string) Found {
	kind := KindPlatform
	if source == SourceRDAP {
		kind = KindHost
	}
	return Found{Source: source, Where: where, Kind: kind, Fetched: l.now(), Skipped: why, Profile: defaultProfile}
}

// once keeps what a look-up found for a while: a sweep that finds a hundred copies asks their site once. What a stopped look-up did
// not find says nothing and is not kept.
func (l *Ladder) once(ctx context.Context, key string, look func() []Found) []Found {
	if strings.HasSuffix(key, " ") {
		return look()
	}
	l.mu.Lock()
	k, ok := l.kept[key]
	l.mu.Unlock()
	if ok && l.now().Sub(k.at) < keepFor {
		return k.found
	}
	k = kept{at: l.now(), found: look()}
	if ctx.Err() != nil {
		return k.found
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.kept) >= keepMost {
		clear(l.kept)
	}
	l.kept[key] = k
	return k.found
}

// spot is a place taken apart.
type spot struct {
	host, port string // lower case, without brackets
	ip         string
	domain     string // registrable, "" for an address
	base       string // "http://host:port", "" when the place is no web site
}

func locate(p Place) spot {
	var s spot
	if u, err := url.Parse(p.URL); err == nil && u.Host != "" {
		s.host, s.port = strings.ToLower(u.Hostname()), u.Port()
		if u.Scheme == "http" || u.Scheme == "https" {
			s.base = u.Scheme + "://" + strings.ToLower(u.Host)
		}
	}
	if s.host == "" {
		s.host = strings.ToLower(p.Host)
		if h, port, err := net.SplitHostPort(p.Host); err == nil {
			s.host, s.port = strings.ToLower(h), port
		}
	}
	s.ip = p.IP
	if _, err := netip.ParseAddr(s.host); err == nil {
		if s.ip == "" {
			s.ip = s.host
		}
		return s
	}
	s.domain = registrable(s.host)
	return s
}

// registrable is the part of a host name that somebody registered (publicsuffix.org); a name without one stands for itself.
func registrable(host string) string {
	if d, err := publicsuffix.EffectiveTLDPlusOne(strings.TrimSuffix(host, ".")); err == nil {
		return d
	}
	return host
}

// own is what the kind of source publishes for the place.
func (l *Ladder) own(contact string) []Found {
	if contact == "" {
		return nil
	}
	if list := addresses(contact); len(list) > 0 {
		f := l.skip(SourceSite, "published by the service", "")
		f.Email, f.Confidence = list[0], 0.8
		return []Found{f}
	}
	return []Found{l.skip(SourceSite, "published by the service", "the service names a page or a form, not an e-mail address")}
}

// plain tells what went wrong without repeating an address or URL, which errors of net/http do.
func plain(err error) string {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &dns):
		return "the host name does not resolve"
	case errors.Is(err, context.DeadlineExceeded) || errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "the look-up was stopped"
	case errors.Is(err, errElsewhere), errors.Is(err, errHops):
		return "the answer leads to another site"
	case errors.Is(err, errRobots):
		return "robots.txt forbids reading the page"
	case errors.As(err, new(*net.OpError)):
		return "no connection"
	}
	return "no usable answer"
}
