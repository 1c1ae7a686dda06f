package contact

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/net/idna"
)

// listed returns the entries for the spot, the most specific first; of two alike the one that a person recorded.
func (d Directory) listed(s spot, now time.Time) []Found {
	type hit struct {
		weight int
		found  Found
	}
	var hits []hit
	for _, e := range d {
		w := e.matches(s)
		if w == 0 || e.Email == "" {
			continue
		}
		f := Found{Email: e.Email, Name: e.Name, Kind: e.Kind, Language: e.Language, Source: SourceDirectory, Where: e.Place,
			Fetched: now, Confidence: 1, Skipped: e.Skip, Profile: e.Profile}
		if !e.Since.IsZero() {
			w++
			f.Source, f.Fetched = SourceCorrection, e.Since
			if f.Old(now) {
				f.Confidence = 0.7
			}
		}
		if f.Kind == "" {
			f.Kind = KindHost
		}
		if _, no := innocent(f.Kind); no || f.Kind == KindHostile {
			continue // said of the place, not of an address
		}
		if len(addresses(e.Email)) != 1 {
			f.Skipped = "the entry of the directory is no e-mail address"
		}
		hits = append(hits, hit{w, f})
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return b.weight - a.weight })
	var out []Found
	for _, h := range hits {
		out = append(out, h.found)
	}
	return out
}

// matches weighs how exactly the entry names the spot; 0 is not at all.
func (e Entry) matches(s spot) int {
	p := strings.ToLower(strings.TrimSpace(e.Place))
	if p == "" {
		return 0
	}
	if n, err := netip.ParsePrefix(p); err == nil {
		if a, err := netip.ParseAddr(s.ip); err == nil && n.Contains(a.Unmap()) {
			return 100 + n.Bits()
		}
		return 0
	}
	if h, port, err := net.SplitHostPort(p); err == nil {
		if (sameHost(h, s.host) || sameHost(h, s.ip)) && port == s.port {
			return 2000
		}
		return 0
	}
	p = strings.Trim(p, "[]")
	if sameHost(p, s.host) || sameHost(p, s.ip) {
		return 1000
	}
	if s.domain != "" && strings.HasSuffix(s.host, "."+p) {
		return 300 + len(p) // the longer name is the more exact one
	}
	return 0
}

func sameHost(a, b string) bool {
	if a == b {
		return a != ""
	}
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	return errX == nil && errY == nil && x.Unmap() == y.Unmap()
}

// classified returns what the operator says a place is, where that keeps it from being written to.
func (d Directory) classified(s spot) (kind string, yes bool) {
	for _, e := range d {
		if _, no := innocent(e.Kind); (no || e.Kind == KindHostile) && e.matches(s) > 0 {
			return e.Kind, true
		}
	}
	return "", false
}

// silenced tells whether the operator wants nothing of what the place says of itself.
func (d Directory) silenced(s spot) (why string, yes bool) {
	for _, e := range d {
		if e.Skip != "" && e.Email == "" && e.matches(s) > 0 {
			return e.Skip, true
		}
	}
	return "", false
}

// avoided tells whether the operator wants that address never to be written to.
func (d Directory) avoided(email string) (why string, yes bool) {
	for _, e := range d {
		if e.Skip != "" && email != "" && strings.EqualFold(e.Email, email) {
			return e.Skip, true
		}
	}
	return "", false
}

// Forbids says whether an entry keeps a contact of a place from being written to.
func (d Directory) Forbids(p Place, f Found) (why string, yes bool) {
	if why, yes = d.avoided(f.Email); yes {
		return why, true
	}
	s := locate(p)
	if kind, ok := d.classified(s); ok && kind != KindHostile {
		return innocent(kind)
	} else if ok && f.Kind == KindPlatform {
		return "the site is hostile: it is not written to, whoever serves it is", true
	}
	if slices.Contains([]string{SourceSite, SourceSecurityTxt, SourceCatalogue}, f.Source) && f.Kind == KindPlatform {
		return d.silenced(s)
	}
	return "", false
}

var hostName = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?)+$`)

// ReadPlace reads the place of an entry: a domain, an address, address:port, a network, or a URL, of which the host counts.
func ReadPlace(s string) (string, error) {
	none := errors.New("read place: neither a domain nor an address")
	s = strings.ToLower(strings.TrimSpace(s))
	if u, err := url.Parse(s); err == nil && u.Host != "" {
		s = u.Host
	}
	if len(s) > 253 {
		return "", none
	}
	if n, err := netip.ParsePrefix(s); err == nil {
		return n.Masked().String(), nil
	}
	if a, err := netip.ParseAddr(strings.Trim(s, "[]")); err == nil && a.Zone() == "" {
		return a.Unmap().String(), nil
	}
	name, port, err := net.SplitHostPort(s)
	if err != nil {
		name, port = s, ""
	} else if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return "", none
	}
	if a, err := netip.ParseAddr(name); err == nil && a.Zone() == "" {
		return net.JoinHostPort(a.Unmap().String(), port), nil
	}
	name, err = idna.Lookup.ToASCII(strings.TrimSuffix(name, "."))
	if err != nil || !hostName.MatchString(name) && name != "localhost" {
		return "", none
	}
	if port != "" {
		name = net.JoinHostPort(name, port)
	}
	return name, nil
}
