package takedown

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strings"

	"golang.org/x/net/publicsuffix"
)

// spot is where an item lies.
type spot struct {
	url   string // exact, with scheme and host in lower case
	host  string // as in the URL, with a port that is not the scheme's own
	place string // registrable domain, or address and port
}

// locate reads an item's URL. The registrable domain joins the hosts of one operator; an address has no operator to
// join by, so it keeps its port. Its error never repeats the URL.
func locate(raw string) (spot, error) {
	unusable := fmt.Errorf("locate item: %w", refuse(CodeInvalid, "The item has no usable address."))
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" {
		return spot{}, unusable
	}
	u.Scheme = strings.ToLower(u.Scheme)
	name, port := strings.TrimRight(strings.ToLower(u.Hostname()), "."), u.Port()
	ip, notAddress := netip.ParseAddr(name)
	// A zone means nothing outside of the machine that named it.
	if name == "" || ip.Zone() != "" || notAddress != nil && strings.ContainsAny(name, ":[]%/?#@ ") {
		return spot{}, unusable
	}
	if port == map[string]string{"http": "80", "https": "443", "ftp": "21"}[u.Scheme] {
		port = ""
	}
	host := name
	if strings.Contains(name, ":") {
		host = "[" + name + "]"
	}
	if port != "" {
		host = net.JoinHostPort(name, port)
	}
	u.Host, u.User = host, nil
	if u.Path == "" {
		u.Path = "/"
	}
	s := spot{url: u.String(), host: host, place: host}
	if notAddress != nil {
		if domain, err := publicsuffix.EffectiveTLDPlusOne(name); err == nil {
			s.place = domain
		}
	}
	return s, nil
}
