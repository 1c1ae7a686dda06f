package crawler

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"unmirror/crawler/kind"
	"unmirror/crawler/robots"
	"unmirror/internal/guard"
)

// TLS are a source's own settings of encrypted connections.
type TLS struct {
	CA         string // file of certificates (PEM) that are trusted instead of the system's
	MinVersion string // 1.0, 1.1, 1.2 or 1.3; empty: 1.2
	ServerName string // that the certificate must carry, where it is not the address's host
}

// exit is a way out of the house: a transport with a source's own proxy and TLS settings. Nil is the crawler's own.
//
// Behind a proxy the address guard sees only the proxy. What it does for direct connections it then does for names
// alone: an address that is written as a number must be public, and names that mean this machine or its network are
// refused. What a public name resolves to is the proxy's affair; one that reaches an intranet must not be used.
type exit struct {
	transport *http.Transport
	// strange is for hosts that are not the source's own, to which links led: what is set of TLS concerns those alone. Nil:
	// there is no difference.
	strange *http.Transport
	homes   []string
	robots  *robots.Cache // as it is served on this way
	proxied bool
	private bool // only crawler.allow_private
	guard   *guard.Guard
}

// over is the transport to use.
func (e *exit) over(w *wire) http.RoundTripper {
	if e == nil {
		return w.inner
	}
	return e
}

// RoundTrip implements http.RoundTripper.
func (e *exit) RoundTrip(r *http.Request) (*http.Response, error) {
	if e.proxied {
		if err := nameable(e.guard, r.URL); err != nil {
			return nil, err
		}
		if !e.within(r) {
			return nil, fault(whyPrivate)
		}
	}
	if e.strange != nil && !e.home(kind.Host(r.URL)) {
		return e.strange.RoundTrip(r)
	}
	return e.transport.RoundTrip(r)
}

// home reports whether a host, or one that it lies below, is named by the source.
func (e *exit) home(host string) bool {
	return slices.ContainsFunc(e.homes, func(h string) bool { return host == h || strings.HasSuffix(host, "."+h) })
}

// homes are the hosts that a source names.
func (s Source) homes() (out []string) {
	for _, address := range append([]string{s.URL}, s.Items...) {
		if u, err := url.Parse(address); err == nil && u.Hostname() != "" {
			out = append(out, kind.Host(u))
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

const errLocalName = fault("refuses a name of this machine or its network, which a proxy would resolve (crawler.allow_private lists exceptions)")

// nameable checks an address that somebody else will resolve.
func nameable(g *guard.Guard, u *url.URL) error {
	host, port := kind.Host(u), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	if g.ExemptHost(host, port) {
		return nil
	}
	if a, err := netip.ParseAddr(host); err == nil {
		ap, err := netip.ParseAddrPort(net.JoinHostPort(a.String(), port))
		if err != nil {
			return errLocalName
		}
		return g.Check(ap)
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	switch last {
	case "localhost", "local", "internal", "intranet", "lan", "home", "corp", "private", "test", "localdomain", host:
		return errLocalName // a name without a dot is one of them too
	}
	if strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x") || strings.HasSuffix(host, ".home.arpa") {
		return errLocalName // old ways of writing addresses as numbers
	}
	return nil
}

// exits keeps the transports of sources with settings of their own, so that connections are used again.
type exits struct {
	mu   sync.Mutex
	kept map[exitKey]*exit
}

type exitKey struct {
	proxy, version, name string
	homes                string
	ca                   [sha256.Size]byte
	private              bool
}

// exitOf gives the way out for a source; nil when it has no settings of its own.
func (c *Crawler) exitOf(s Source) (*exit, error) {
	if s.Proxy == "" && s.TLS == (TLS{}) && !s.Private {
		return nil, nil
	}
	config, key, err := s.tlsConfig()
	if err != nil {
		return nil, err
	}
	key.proxy, key.private = s.Proxy, s.Private
	if s.TLS != (TLS{}) {
		key.homes = strings.Join(s.homes(), " ")
	}
	c.exits.mu.Lock()
	defer c.exits.mu.Unlock()
	if e := c.exits.kept[key]; e != nil {
		return e, nil
	}
	t := c.wire.inner.Clone()
	if s.TLS != (TLS{}) || s.Proxy != "" {
		t.TLSClientConfig = config
	}
	e := &exit{transport: t, guard: c.guard, homes: s.homes(), robots: robots.NewCache(ProductToken)}
	if s.Proxy != "" {
		p, err := url.Parse(s.Proxy)
		if err != nil {
			return nil, errors.New("proxy: is no address")
		}
		e.proxied = true
		t.Proxy = http.ProxyURL(p)
		t.DialContext = onlyTo(p)
	}
	switch {
	case s.Private:
		e.keepPrivate(c.guard)
	case !e.proxied:
		otherSchemes(t, c.guard)
	}
	if s.TLS != (TLS{}) {
		e.strange = t.Clone()
		e.strange.TLSClientConfig = c.wire.inner.TLSClientConfig.Clone()
		if !e.proxied {
			otherSchemes(e.strange, e.guard)
		}
	}
	c.exits.kept[key] = e
	return e, nil
}

// onlyTo dials the proxy, which the operator named, and nothing else.
func onlyTo(p *url.URL) func(context.Context, string, string) (net.Conn, error) {
	d := net.Dialer{Timeout: 15 * time.Second, KeepAlive: 30 * time.Second}
	port := p.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[p.Scheme]
	}
	if port == "" {
		port = "1080"
	}
	proxy := net.JoinHostPort(p.Hostname(), port)
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		if !strings.EqualFold(addr, proxy) {
			return nil, fault("the connection would not go through the proxy")
		}
		conn, err := d.DialContext(ctx, network, addr)
		if err != nil {
			return nil, noProxy{err}
		}
		return conn, nil
	}
}

// noProxy says that it is the source's proxy which gives no connection, not the place.
type noProxy struct{ error }

// Unwrap gives what went wrong.
func (n noProxy) Unwrap() error { return n.error }

var tlsVersions = map[string]uint16{"": tls.VersionTLS12, "1.0": tls.VersionTLS10, "1.1": tls.VersionTLS11, "1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}

func (s Source) tlsConfig() (*tls.Config, exitKey, error) {
	version, ok := tlsVersions[s.TLS.MinVersion]
	if !ok {
		return nil, exitKey{}, fmt.Errorf("tls.min_version: %q is none of 1.0, 1.1, 1.2, 1.3", s.TLS.MinVersion)
	}
	key := exitKey{version: s.TLS.MinVersion, name: s.TLS.ServerName}
	config := &tls.Config{MinVersion: version, ServerName: s.TLS.ServerName}
	if s.TLS.CA == "" {
		return config, key, nil
	}
	pem, err := os.ReadFile(s.TLS.CA)
	if err != nil {
		return nil, key, fmt.Errorf("tls.ca: %w", err)
	}
	config.RootCAs, key.ca = x509.NewCertPool(), sha256.Sum256(pem)
	if !config.RootCAs.AppendCertsFromPEM(pem) {
		return nil, key, errors.New("tls.ca: the file holds no certificate in PEM")
	}
	return config, key, nil
}

const whyOnion = "an .onion address is reached through a proxy only (set proxy: of the source)"

func onion(u *url.URL) bool {
	return strings.HasSuffix(kind.Host(u), ".onion")
}

// outOfReach says why an address cannot be asked for by way of this source, or nothing.
func (c compiled) outOfReach(u *url.URL) string {
	switch {
	case onion(u) && c.Proxy == "":
		return whyOnion
	case c.Proxy != "" && !robotic(u):
		return "addresses of this scheme do not go through a proxy"
	}
	return ""
}

// checkExit checks what concerns the way out.
func (c compiled) checkExit() error {
	if c.Proxy != "" {
		p, err := url.Parse(c.Proxy)
		if err != nil || p.Hostname() == "" || p.Scheme != "socks5h" && p.Scheme != "http" && p.Scheme != "https" {
			return errors.New("proxy: needs an address such as socks5h://127.0.0.1:9050 or http://proxy.example:3128")
		}
	}
	if why := c.outOfReach(c.spec.Root); why != "" {
		return fmt.Errorf("url: %s", why)
	}
	if _, _, err := c.tlsConfig(); err != nil {
		return err
	}
	if c.Token != "" && c.spec.Root.Scheme != "https" && !onion(c.spec.Root) && !loopback(c.spec.Root.Hostname()) {
		return errors.New("token: is sent over https only, and on loopback")
	}
	if strings.ContainsAny(c.Token, "\r\n") {
		return errors.New("token: holds a line break")
	}
	return nil
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// header gives the headers of a request for an address: the kind's, and the token where the address lies on the
// source's own server and no redirect led there.
func (c compiled) header(spec kind.Spec, u *url.URL, redirected bool) (h http.Header, secret string) {
	h = spec.Header(u)
	if c.Token == "" || redirected || u.Scheme != c.spec.Root.Scheme || hostKey(u) != hostKey(c.spec.Root) {
		return h, ""
	}
	if h = h.Clone(); h == nil {
		h = http.Header{}
	}
	if name := c.spec.Kind.Token; name != "" {
		h.Set(name, c.Token)
		return h, name
	}
	h.Set("Authorization", "Bearer "+c.Token)
	return h, "Authorization"
}
