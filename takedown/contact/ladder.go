package contact

import (
	"cmp"
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
	// Recorded returns what persons recorded since the configuration was read; nil: nothing.
	Recorded func(ctx context.Context) (Directory, error)

	dir       Directory
	profiles  Catalogue
	client    *http.Client
	bootstrap string
	now       func() time.Time

	mu    sync.Mutex
	kept  map[string]kept
	files map[string]file // of the bootstrap, by URL: at most one for each kind
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
	known, _ := Profiles() // a test reads them; a broken one leaves what is found by looking
	return &Ladder{dir: slices.Clone(dir), client: client, bootstrap: rdapBootstrap, now: now, profiles: known, kept: map[string]kept{}, files: map[string]file{}}
}

// Find returns what is known for the place, best rung first, each address once. What may not be used, and each rung that failed, follows
// with Skipped set, in plain words without a URL. It takes at most two minutes, the waiting for the hosts' turns included.
func (l *Ladder) Find(ctx context.Context, p Place) []Found {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	s := locate(p)
	dir, broken := l.entries(ctx)
	if broken != "" { // without the list of those who are not written to, nobody may be
		return []Found{l.skip(SourceCorrection, "", broken)}
	}
	what, isListed := l.profiles.of(s)
	if kind, ok := dir.classified(s); ok {
		what, isListed = Provider{Kind: kind, Name: s.host}, true
	}
	if why, ok := innocent(what.Kind); ok {
		none := l.skip(SourceCatalogue, what.ID, why)
		none.Kind, none.Name = what.Kind, what.Name
		return []Found{none}
	}
	found := dir.listed(s, l.now())
	known := slices.ContainsFunc(found, Found.Usable)
	why, silent := dir.silenced(s)
	if what.Kind == KindHostile {
		why, silent = "the site is hostile: it is not written to, whoever serves it is", true
	}
	switch {
	case silent:
		none := l.skip(SourceSite, "", why)
		if what.Kind == KindHostile {
			none.Kind = KindHostile
		}
		found = append(found, none)
	case isListed && what.Kind == KindPlatform:
		found = append(append(found, l.known(what)), l.own(p.SiteContact)...)
	case known:
		// The operator knows whom to write to, so that the visited site is not asked for its contact pages.
		found = append(found, l.own(p.SiteContact)...)
	default:
		found = append(found, l.own(p.SiteContact)...)
		found = append(found, l.once(ctx, "site "+s.base, func() []Found { return l.site(ctx, s) })...)
	}
	found = append(found, l.registered(ctx, s, p.CDN)...)
	return l.rank(found, dir)
}

// Usable says whether somebody can be told at the contact, by mail or by form.
func (f Found) Usable() bool {
	return f.Skipped == "" && (f.Email != "" || f.Profile.Channel == ChannelForm)
}

// entries are what persons recorded, before what is configured.
func (l *Ladder) entries(ctx context.Context) (all Directory, broken string) {
	if l.Recorded == nil {
		return l.dir, ""
	}
	recorded, err := l.Recorded(ctx)
	if err != nil {
		return nil, "the list of recorded contacts, and of those who are not written to, cannot be read"
	}
	return append(recorded, l.dir...), ""
}

// known is what the catalogue says of a provider. An address that nobody confirmed is shown and not used.
func (l *Ladder) known(p Provider) Found {
	f := l.skip(SourceCatalogue, p.ID, "")
	f.Email, f.Name, f.Kind, f.Language, f.Profile, f.Confidence = p.Email, p.Name, p.Kind, p.Language, p.profile(), 0.8
	if f.Profile.Channel == ChannelForm {
		f.Email = "" // mail is not what it takes
	}
	if p.Status != "confirmed" {
		f.Confidence = 0.5
		if f.Profile.Channel != ChannelForm {
			f.Skipped = "what is known of this provider is not confirmed: counsel looks first"
		}
	}
	if !f.Usable() && f.Skipped == "" {
		f.Skipped = "no address of this provider is known"
	}
	return f
}

// site asks the pages and security.txt of the place itself.
func (l *Ladder) site(ctx context.Context, s spot) []Found {
	if s.base == "" {
		return nil
	}
	return append(l.pages(ctx, s), l.securityTxt(ctx, s)...)
}

// registered asks the registration data of the address and of the domain.
func (l *Ladder) registered(ctx context.Context, s spot, named string) []Found {
	key := "rdap "
	if s.ip != "" {
		key = "rdap " + named + " " + s.ip
	}
	found := slices.Clone(l.once(ctx, key, func() []Found { return l.network(ctx, s, named) }))
	domain := delegated(s.host)
	if domain == "" {
		return found
	}
	if l.bootstrap != "" {
		found = append(found, l.once(ctx, "registrar "+domain, func() []Found { return l.registrar(ctx, domain) })...)
	}
	for _, p := range l.profiles {
		if p.Kind == KindSearch {
			f := l.known(p)
			f.Skipped = "a search engine is asked on behalf of one person concerned alone, with a mandate, through its form"
			found = append(found, f)
		}
	}
	return found
}

// rungs are the kinds in the order in which they are asked.
var rungs = [...]string{KindPlatform, KindHost, KindCDN, KindNetwork, KindUpstream, KindRegistrar, KindSearch, KindAuthority}

// rank puts usable contacts first, in the order of the rungs, and drops an address that a better rung has already given. Whom a person
// named as near to the content goes before what was found.
func (l *Ladder) rank(found []Found, dir Directory) []Found {
	seen := map[string]bool{}
	var use, skipped []Found
	for _, f := range found {
		key := f.Kind + " " + f.Name
		if f.Email != "" {
			key = strings.ToLower(f.Email)
		}
		if why, ok := dir.avoided(f.Email); ok && f.Skipped == "" {
			f.Skipped = why
		}
		named := f.Source == SourceDirectory || f.Source == SourceCorrection
		if p, ok := l.profiles.reading(f.Email); ok && p.Kind == f.Kind && !named {
			f.Profile = p.profile()
		}
		switch {
		case f.Skipped != "":
			skipped = append(skipped, f)
		case !f.Usable() || seen[key]:
		default:
			seen[key] = true
			use = append(use, f)
		}
	}
	slices.SortStableFunc(use, func(a, b Found) int { return cmp.Compare(a.order(), b.order()) })
	return append(use, skipped...)
}

// order is a contact's place in the list: whom a person named, as long as that is somebody near to the content, then by rung.
func (f Found) order() int {
	rung := slices.Index(rungs[:], f.Kind)
	if (f.Source == SourceDirectory || f.Source == SourceCorrection) && rung <= slices.Index(rungs[:], KindCDN) {
		return -1
	}
	return rung
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

// delegated is the domain that somebody registered with a registrar for a host, also below a suffix that its owner lets others use
// (github.io); "" for addresses and for names that nobody can register.
func delegated(host string) string {
	host = strings.TrimSuffix(host, ".")
	if _, err := netip.ParseAddr(host); err == nil || host == "" {
		return ""
	}
	suffix, managed := publicsuffix.PublicSuffix(host)
	if managed {
		domain, err := publicsuffix.EffectiveTLDPlusOne(host)
		if err != nil {
			return ""
		}
		return domain
	}
	for strings.Contains(suffix, ".") {
		_, parent, _ := strings.Cut(suffix, ".")
		if above, _ := publicsuffix.PublicSuffix(parent); above == parent {
			return suffix
		}
		suffix = parent
	}
	return "" // a top-level domain that does not exist
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
