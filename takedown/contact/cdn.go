package contact

import (
	"net/netip"
	"slices"
	"strings"
)

// Behind returns the id of the content delivery network that an answer's head ("Name: value" lines, the status line first) names, ""
// for none. A head alone proves little: anybody can send one; Find believes it only where nothing speaks against it.
func (c Catalogue) Behind(head string) string {
	for i, line := range strings.Split(strings.ToLower(head), "\n") {
		if i > 200 {
			return ""
		}
		name, value, ok := strings.Cut(strings.TrimSpace(line), ":")
		if !ok {
			continue
		}
		line = strings.TrimSpace(name) + ": " + strings.TrimSpace(value)
		for _, p := range c {
			if p.Kind == KindCDN && slices.ContainsFunc(p.Headers, func(h string) bool { return strings.HasPrefix(line, h) }) {
				return p.ID
			}
		}
	}
	return ""
}

// Behind is Catalogue.Behind of the catalogue that the program carries.
func Behind(head string) string {
	known, err := profiles()
	if err != nil {
		return "" // a test reads it
	}
	return known.Behind(head)
}

// proven returns the content delivery network whose ranges or autonomous systems an address is of.
func (c Catalogue) proven(ip netip.Addr, asns []uint32) (Provider, bool) {
	for _, p := range c {
		if p.Kind == KindCDN && (slices.ContainsFunc(p.Ranges, func(n netip.Prefix) bool { return n.Contains(ip) }) ||
			slices.ContainsFunc(asns, func(n uint32) bool { return slices.Contains(p.ASNs, n) })) {
			return p, true
		}
	}
	return Provider{}, false
}

// fronted tells hosts from content delivery networks among the contacts of an address's network. What only the head says holds where no
// list of the provider speaks against it, and the network's own registration names the provider's mailbox: else a hostile host could
// have its notices go to somebody else.
func (l *Ladder) fronted(found []Found, ip netip.Addr, asns []uint32, named string) (out []Found, behind bool) {
	p, behind := l.profiles.proven(ip, asns)
	proven := behind
	if !proven {
		var ok bool
		if p, ok = l.profiles.byID(named); !ok || p.Kind != KindCDN || p.Complete {
			return found, false
		}
	}
	found = slices.Clone(found)
	reached := false
	for i, f := range found {
		reader, ok := l.profiles.reading(f.Email)
		if f.Email == "" || !proven && (!ok || reader.ID != p.ID) {
			continue
		}
		found[i].Kind, found[i].Profile = KindCDN, p.profile()
		if f.Skipped == "" {
			behind, reached = true, true
		}
	}
	if !behind {
		return found, false
	}
	if !reached && p.Channel == ChannelForm {
		found = append(found, l.known(p))
	}
	none := l.skip(SourceCatalogue, p.ID, p.Name+" stands before the host, which is not known: it is asked to pass the notice on")
	none.Kind = KindHost
	return append(found, none), true
}
