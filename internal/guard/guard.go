// Package guard dials the outside world and refuses every address that is not public, after name resolution.
// It never reads a proxy from the environment, and never tells a caller's URL in an error.
package guard

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

const (
	dialTimeout    = 15 * time.Second
	maxRedirects   = 5
	maxHeaderBytes = 256 << 10
)

// Refused says that an address was not dialled. Callers find it with errors.As.
type Refused struct {
	Addr netip.Addr
	Why  string // a plain clause, such as "not a public address"
}

// Error names the address, never the name that led to it.
func (r *Refused) Error() string { return "refuses " + r.Addr.String() + ": " + r.Why }

const notPublic = "not a public address (crawler.allow_private lists exceptions)"

// Guard decides which addresses may be dialled. It is safe for concurrent use and never changes.
type Guard struct {
	prefixes []netip.Prefix          // exempt on every port
	ports    map[netip.AddrPort]bool // exempt on one port
	names    map[string]bool         // "host:port" whose addresses are exempt when dialled by that name
	closed   string                  // why even public addresses are refused; empty: they are not
	public   *ssrf.Guardian
}

// New reads the exceptions: a CIDR, an address, "address:port", "host:port", or "localhost" (127.0.0.0/8 and ::1).
// An entry that is none of these is an error that names it.
func New(allow []string) (*Guard, error) {
	g := &Guard{
		ports: map[netip.AddrPort]bool{}, names: map[string]bool{},
		public: ssrf.New(ssrf.WithAnyPort(), ssrf.WithAnyNetwork()),
	}
	for _, entry := range allow {
		if err := g.allow(strings.TrimSpace(entry)); err != nil {
			return nil, err
		}
	}
	return g, nil
}

func (g *Guard) allow(entry string) error {
	if strings.EqualFold(entry, "localhost") {
		g.prefixes = append(g.prefixes, netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128"))
		return nil
	}
	if p, err := netip.ParsePrefix(entry); err == nil {
		g.prefixes = append(g.prefixes, p.Masked())
		return nil
	}
	if a, err := netip.ParseAddr(strings.Trim(entry, "[]")); err == nil {
		a = a.Unmap()
		g.prefixes = append(g.prefixes, netip.PrefixFrom(a, a.BitLen()))
		return nil
	}
	if ap, err := netip.ParseAddrPort(entry); err == nil {
		g.ports[netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())] = true
		return nil
	}
	host, port, err := net.SplitHostPort(entry)
	if n, perr := strconv.Atoi(port); err == nil && perr == nil && n > 0 && n < 65536 && host != "" && !strings.ContainsAny(host, "/ *@") {
		g.names[nameKey(host, port)] = true
		return nil
	}
	return fmt.Errorf("crawler.allow_private: %q is neither a CIDR, an address, host:port nor localhost", entry)
}

func nameKey(host, port string) string {
	return net.JoinHostPort(strings.ToLower(strings.TrimSuffix(host, ".")), port)
}

// ExemptOnly gives a guard that refuses public addresses too, with why as the reason: for a crawler that may not
// introduce itself yet.
func (g *Guard) ExemptOnly(why string) *Guard {
	c := *g
	c.closed = why
	return &c
}

// Exempt reports whether the address is listed in full (not only for one port or name) among the exceptions.
func (g *Guard) Exempt(a netip.Addr) bool {
	if a.Zone() != "" {
		return false
	}
	a = a.Unmap()
	for _, p := range g.prefixes {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// ExemptHost reports whether dialling host and port goes to an exception by its spelling alone, without resolving it.
func (g *Guard) ExemptHost(host, port string) bool {
	if g.names[nameKey(host, port)] {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return false
	}
	n, _ := strconv.ParseUint(port, 10, 16)
	return g.Exempt(a) || g.ports[netip.AddrPortFrom(a.Unmap(), uint16(n))]
}

// Check returns nil when the address may be dialled, else *Refused.
func (g *Guard) Check(ap netip.AddrPort) error {
	a := ap.Addr()
	if g.Exempt(a) || g.ports[netip.AddrPortFrom(a.Unmap(), ap.Port())] {
		return nil
	}
	if !public(a) || g.public.SafeAddr(a) != nil {
		return &Refused{Addr: a, Why: notPublic}
	}
	if g.closed != "" {
		return &Refused{Addr: a, Why: g.closed}
	}
	return nil
}

// embedded4 are IPv6 ranges that carry an IPv4 address inside, so that a gateway would lead to a private one, and
// ranges retired but still routed by old gear. The library refuses most; this list keeps us safe of its changes.
var embedded4 = []netip.Prefix{
	netip.MustParsePrefix("::/96"),           // IPv4-compatible (RFC 4291)
	netip.MustParsePrefix("::ffff:0:0:0/96"), // IPv4-translated (RFC 2765)
	netip.MustParsePrefix("64:ff9b::/96"),    // NAT64 (RFC 6052)
	netip.MustParsePrefix("64:ff9b:1::/48"),  // local NAT64 (RFC 8215)
	netip.MustParsePrefix("2001::/32"),       // Teredo (RFC 4380)
	netip.MustParsePrefix("2002::/16"),       // 6to4 (RFC 3056)
	netip.MustParsePrefix("fec0::/10"),       // site local (RFC 3879)
}

// public is our own check beside the library's, so that one wrong table alone opens nothing.
func public(a netip.Addr) bool {
	if !a.IsValid() || a.Zone() != "" || a.Is4In6() || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range embedded4 {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// DialContext dials like net.Dialer and checks each resolved address just before connecting, so that a name that
// changes its answer between two look-ups gains nothing.
func (g *Guard) DialContext(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, fmt.Errorf("split address: %w", err)
	}
	d := net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}
	d.ControlContext = func(_ context.Context, _, resolved string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(resolved)
		if err != nil {
			return fmt.Errorf("read resolved address: %w", err)
		}
		if g.names[nameKey(host, port)] {
			return nil
		}
		return g.Check(ap)
	}
	conn, err := d.DialContext(ctx, network, addr)
	var refused *Refused
	if errors.As(err, &refused) {
		return nil, refused
	}
	return conn, err
}

// Transport gives a fresh transport over the guard's dialer: no proxy, no transparent decompression, bounded
// headers. The caller may adjust it before the first use.
func (g *Guard) Transport() *http.Transport {
	return &http.Transport{
		DialContext:            g.DialContext,
		DisableCompression:     true,
		TLSHandshakeTimeout:    dialTimeout,
		ResponseHeaderTimeout:  30 * time.Second,
		ExpectContinueTimeout:  time.Second,
		IdleConnTimeout:        90 * time.Second,
		MaxIdleConns:           64,
		MaxIdleConnsPerHost:    2,
		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

// Client gives a client for small look-ups (RDAP, security.txt): no cookies, at most five redirects, each of them
// guarded and http or https. The caller bounds what it reads of a body.
func (g *Guard) Client(timeout time.Duration) *http.Client {
	return &http.Client{
		Transport: g.Transport(),
		Timeout:   timeout,
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			if len(via) > maxRedirects {
				return fmt.Errorf("more than %d redirects", maxRedirects)
			}
			if s := req.URL.Scheme; s != "http" && s != "https" {
				return fmt.Errorf("redirected to scheme %q", s)
			}
			return nil
		},
	}
}
