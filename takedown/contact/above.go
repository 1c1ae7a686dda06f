package contact

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/openrdap/rdap"
	"github.com/openrdap/rdap/bootstrap"
)

const (
	maxSystems = 2 // autonomous systems of one network that are asked
	// widest are the shortest prefixes that are somebody's own: above them lie the blocks of the registries.
	widest4, widest6 = 9, 24
)

var autnumLink = regexp.MustCompile(`/autnum/(?:[Aa][Ss])?([0-9]{1,10})$`)

// origins returns the autonomous systems that announce a network, as far as its registration data tell: ARIN's extension, or links.
func origins(n *rdap.IPNetwork) []uint32 {
	var out []uint32
	add := func(v uint64) {
		if as := uint32(v); v > 0 && v < 1<<32 && !slices.Contains(out, as) && len(out) < maxSystems {
			out = append(out, as)
		}
	}
	if n.DecodeData != nil {
		list, _ := n.DecodeData.Value("arin_originas0_originautnums").([]any)
		for _, v := range list[:min(len(list), 20)] {
			if f, ok := v.(float64); ok && f > 0 && f < 1<<32 && f == float64(uint64(f)) {
				add(uint64(f))
			}
		}
	}
	for _, link := range n.Links[:min(len(n.Links), 50)] {
		if m := autnumLink.FindStringSubmatch(link.Href); m != nil {
			if v, err := strconv.ParseUint(m[1], 10, 32); err == nil {
				add(v)
			}
		}
	}
	return out
}

// above asks who announces the network, and who gave it to the host.
func (l *Ladder) above(ctx context.Context, server *url.URL, n *rdap.IPNetwork, asns []uint32) []Found {
	var found []Found
	for _, as := range asns {
		got, why := l.system(ctx, as)
		if why != "" {
			got = []Found{l.failed(KindNetwork, fmt.Sprintf("AS%d", as), why)}
		}
		found = append(found, got...)
	}
	return append(found, l.upstream(ctx, server, n)...)
}

func (l *Ladder) failed(kind, where, why string) Found {
	f := l.skip(SourceRDAP, where, why)
	f.Kind = kind
	return f
}

// system asks the registration data of an autonomous system.
func (l *Ladder) system(ctx context.Context, as uint32) (found []Found, why string) {
	servers, err := l.serversOf(ctx, "asn.json", strconv.FormatUint(uint64(as), 10))
	if err != nil || len(servers) == 0 {
		return nil, "no registry answers for this autonomous system"
	}
	for _, server := range servers[:min(len(servers), maxServers)] {
		object, err := l.query(ctx, rdap.NewAutnumRequest(as).WithServer(server), "autonomous system")
		if err != nil {
			why = err.Error()
			continue
		}
		a, ok := object.(*rdap.Autnum)
		if !ok {
			why = "the registration server answers something else than an autonomous system"
			continue
		}
		if found = l.abuse(KindNetwork, a.Country, a.Entities, a.Remarks); len(found) > 0 {
			return found, ""
		}
		why = "the registration data of this autonomous system names no abuse contact"
	}
	return nil, why
}

// upstream asks the network that covers the host's, which a registration links to as "up" (RFC 9083, 4.2): who holds it gave the host its
// part. It asks only the server that told of it.
func (l *Ladder) upstream(ctx context.Context, server *url.URL, n *rdap.IPNetwork) []Found {
	for _, link := range n.Links[:min(len(n.Links), 50)] {
		u, err := url.Parse(link.Href)
		if err != nil || link.Rel != "up" || u.Hostname() != server.Hostname() || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" {
			continue
		}
		covering, ok := ofSomebody(u.Path)
		if !ok {
			return nil
		}
		object, err := l.query(ctx, rdap.NewRequest(rdap.IPRequest, covering.String()).WithServer(server), "network")
		if err != nil {
			return []Found{l.failed(KindUpstream, "", err.Error())}
		}
		if up, ok := object.(*rdap.IPNetwork); ok && up.Handle != n.Handle {
			return l.abuse(KindUpstream, up.Country, up.Entities, up.Remarks)
		}
		return nil
	}
	return nil
}

// ofSomebody reads the network at the end of a link's path ("/ip/192.0.2.0/24"), where it is small enough to be somebody's own.
func ofSomebody(p string) (netip.Prefix, bool) {
	n, err := netip.ParsePrefix(path.Base(path.Dir(p)) + "/" + path.Base(p))
	if err != nil || n.Addr().Is4() && n.Bits() < widest4 || n.Addr().Is6() && n.Bits() < widest6 {
		return netip.Prefix{}, false
	}
	return n, true
}

// registrar asks the registration data of a domain for the registrar's abuse contact.
func (l *Ladder) registrar(ctx context.Context, domain string) []Found {
	servers, err := l.serversOf(ctx, "dns.json", domain)
	if err != nil || len(servers) == 0 {
		return []Found{l.failed(KindRegistrar, "", "no registry answers for this domain")}
	}
	why := ""
	for _, server := range servers[:min(len(servers), maxServers)] {
		object, err := l.query(ctx, rdap.NewDomainRequest(domain).WithServer(server), "domain")
		if err != nil {
			why = err.Error()
			continue
		}
		d, ok := object.(*rdap.Domain)
		if !ok {
			why = "the registration server answers something else than a domain"
			continue
		}
		if found := l.abuse(KindRegistrar, "", registrarsOf(d), nil); len(found) > 0 {
			return found
		}
		why = "the registration data of this domain names no abuse contact of its registrar"
	}
	return []Found{l.failed(KindRegistrar, "", why)}
}

// registrarsOf leaves the entities that are the registrar, and abuse roles that stand for themselves: whoever registered the domain is
// not its registrar.
func registrarsOf(d *rdap.Domain) []rdap.Entity {
	var out []rdap.Entity
	for _, e := range d.Entities[:min(len(d.Entities), maxEntities)] {
		if slices.Contains(e.Roles, "registrar") || slices.Contains(e.Roles, "abuse") {
			out = append(out, e)
		}
	}
	return out
}

// serversOf finds who answers for an autonomous system or a domain (RFC 9224).
func (l *Ladder) serversOf(ctx context.Context, name, query string) ([]*url.URL, error) {
	b, err := l.registry(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read bootstrap: %w", err)
	}
	var reg interface {
		Lookup(*bootstrap.Question) (*bootstrap.Answer, error)
	}
	switch name {
	case "asn.json":
		reg, err = bootstrap.NewASNRegistry(b)
	case "dns.json":
		reg, err = bootstrap.NewDNSRegistry(b)
	default:
		err = errors.New("no such registry: " + name)
	}
	if err != nil {
		return nil, fmt.Errorf("read bootstrap: %w", err)
	}
	a, err := reg.Lookup(&bootstrap.Question{Query: query})
	if err != nil {
		return nil, fmt.Errorf("ask bootstrap: %w", err)
	}
	if strings.TrimSpace(a.Entry) == "" {
		return nil, nil
	}
	return onTheWeb(a.URLs), nil
}
