package contact

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/openrdap/rdap"
	"github.com/openrdap/rdap/bootstrap"
)

const (
	maxRDAP     = 1 << 20 // bytes read of one answer or bootstrap file; IANA's largest has some 60 KiB
	maxServers  = 3
	maxEntities = 200
	maxNesting  = 10
	maxNetwork  = 5 // contacts kept of one network
)

// registries are run by those who give networks out, not by those who use them.
var registries = []string{"ripe.net", "arin.net", "apnic.net", "lacnic.net", "afrinic.net", "iana.org", "registro.br"}

// network asks the registration data of the address (RFC 9082, 9083): the abuse contacts of its network, which are those of the host or
// of a content delivery network before it, and of those above.
func (l *Ladder) network(ctx context.Context, s spot, named string) []Found {
	if l.bootstrap == "" {
		none := []Found{l.skip(SourceRDAP, "", "registration data is not asked: rdap.bootstrap is empty")}
		if ip, err := netip.ParseAddr(s.ip); err == nil {
			none, _ = l.fronted(none, ip.Unmap(), nil, "")
		}
		return none
	}
	ip, err := resolve(ctx, s)
	if err != nil {
		return []Found{l.skip(SourceRDAP, "", plain(err))}
	}
	servers, err := l.servers(ctx, ip)
	if err != nil {
		return l.withFront(l.skip(SourceRDAP, "", "the list of registration servers cannot be read: "+plain(err)), ip)
	}
	if len(servers) == 0 {
		return l.withFront(l.skip(SourceRDAP, "", "no registry answers for this address"), ip)
	}
	why, none := "", l.skip(SourceRDAP, "", "")
	var above []Found
	for _, server := range servers[:min(len(servers), maxServers)] {
		object, err := l.query(ctx, rdap.NewRequest(rdap.IPRequest, ip.String()).WithServer(server), "address")
		if err != nil {
			why = err.Error()
			continue
		}
		net, ok := object.(*rdap.IPNetwork)
		if !ok {
			why = "the registration server answers something else than a network"
			continue
		}
		asns := origins(net)
		found, behind := l.fronted(l.abuse(KindHost, net.Country, net.Entities, net.Remarks), ip, asns, named)
		for i := range found {
			found[i].Systems = asns
		}
		if !behind {
			above = l.above(ctx, server, net, asns)
		}
		if len(found) > 0 {
			return append(found, above...)
		}
		why, none.Systems = "the registration data of this address names no abuse contact", asns
	}
	none.Skipped = why
	return append(l.withFront(none, ip), above...)
}

// withFront adds what an address alone tells to a look-up that failed.
func (l *Ladder) withFront(failed Found, ip netip.Addr) []Found {
	found, _ := l.fronted([]Found{failed}, ip, nil, "")
	return found
}

func resolve(ctx context.Context, s spot) (netip.Addr, error) {
	if ip, err := netip.ParseAddr(s.ip); err == nil {
		return ip.Unmap().WithZone(""), nil
	}
	if s.host == "" {
		return netip.Addr{}, errors.New("place without a host")
	}
	list, err := net.DefaultResolver.LookupNetIP(ctx, "ip", s.host)
	if err != nil {
		return netip.Addr{}, fmt.Errorf("resolve host: %w", err)
	}
	if len(list) == 0 {
		return netip.Addr{}, errors.New("resolve host: no address")
	}
	return list[0].Unmap().WithZone(""), nil
}

// servers finds who answers for the address: the longest prefix of the bootstrap registry (RFC 9224).
func (l *Ladder) servers(ctx context.Context, ip netip.Addr) ([]*url.URL, error) {
	name, version := "ipv4.json", 4
	if ip.Is6() {
		name, version = "ipv6.json", 6
	}
	b, err := l.registry(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read bootstrap: %w", err)
	}
	reg, err := bootstrap.NewNetRegistry(b, version)
	if err != nil {
		return nil, fmt.Errorf("read bootstrap: %w", err)
	}
	a, err := reg.Lookup(&bootstrap.Question{Query: ip.String()})
	if err != nil {
		return nil, fmt.Errorf("ask bootstrap: %w", err)
	}
	return onTheWeb(a.URLs), nil
}

// onTheWeb leaves the servers that are asked over HTTP, encrypted ones first.
func onTheWeb(urls []*url.URL) []*url.URL {
	web := slices.DeleteFunc(slices.Clone(urls), func(u *url.URL) bool { return u.Scheme != "http" && u.Scheme != "https" })
	slices.SortStableFunc(web, func(a, b *url.URL) int { return cmp.Compare(b.Scheme, a.Scheme) })
	return web
}

// bootstraps are the names under which IANA publishes the registries.
var bootstraps = []string{"ipv4.json", "ipv6.json", "asn.json", "dns.json"}

// registry reads one file of the bootstrap, from the network or from the operator's own folder or file.
func (l *Ladder) registry(ctx context.Context, name string) ([]byte, error) {
	from := l.bootstrap
	if u, err := url.Parse(from); err == nil && (u.Scheme == "http" || u.Scheme == "https") {
		switch {
		case !strings.HasSuffix(u.Path, ".json"):
			u = u.JoinPath(name)
		case slices.Contains(bootstraps, path.Base(u.Path)):
			u = u.JoinPath("..", name)
		}
		return l.daily(u.String(), func() ([]byte, error) { return l.download(ctx, u.String()) })
	}
	from = strings.TrimPrefix(from, "file://")
	if st, err := os.Stat(from); err == nil && st.IsDir() {
		from = filepath.Join(from, name)
	} else if slices.Contains(bootstraps, filepath.Base(from)) {
		from = filepath.Join(filepath.Dir(from), name)
	}
	f, err := os.Open(from)
	if err != nil {
		return nil, fmt.Errorf("open bootstrap: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxRDAP))
	if err != nil {
		return nil, fmt.Errorf("read bootstrap: %w", err)
	}
	return b, nil
}

// daily keeps a registry file for a day: it changes rarely, and IANA asks for courtesy.
func (l *Ladder) daily(key string, get func() ([]byte, error)) ([]byte, error) {
	l.mu.Lock()
	f, ok := l.files[key]
	l.mu.Unlock()
	if ok && l.now().Sub(f.at) < 24*time.Hour {
		return f.body, nil
	}
	b, err := get()
	if err != nil {
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.files[key] = file{at: l.now(), body: b}
	return b, nil
}

func (l *Ladder) download(ctx context.Context, u string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return nil, fmt.Errorf("fetch bootstrap: %w", err)
	}
	if l.UserAgent != "" {
		req.Header.Set("User-Agent", l.UserAgent)
	}
	res, err := l.client.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch bootstrap: %w", err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch bootstrap: status %d", res.StatusCode)
	}
	b, err := io.ReadAll(io.LimitReader(res.Body, maxRDAP))
	if err != nil {
		return nil, fmt.Errorf("fetch bootstrap: %w", err)
	}
	return b, nil
}

// query asks one server about what; its error is a plain sentence.
func (l *Ladder) query(ctx context.Context, req *rdap.Request, what string) (rdap.RDAPObject, error) {
	ctx, cancel := context.WithTimeout(ctx, fetchTime)
	defer cancel()
	bounded := *l.client
	bounded.Transport = capped{l.client.Transport}
	c := &rdap.Client{HTTP: &bounded, UserAgent: l.UserAgent}
	res, err := c.Do(req.WithContext(ctx))
	if err != nil {
		var ce *rdap.ClientError
		if errors.As(err, &ce) && ce.Type == rdap.ObjectDoesNotExist {
			return nil, errors.New("the registry does not know this " + what)
		}
		return nil, errors.New("the registration server gives no usable answer: " + plain(err))
	}
	return res.Object, nil
}

// capped bounds what is read of a body: openrdap reads all of it.
type capped struct{ next http.RoundTripper }

func (c capped) RoundTrip(r *http.Request) (*http.Response, error) {
	next := c.next
	if next == nil {
		next = http.DefaultTransport
	}
	res, err := next.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxRDAP), res.Body}
	}
	return res, err
}

// abuse collects the abuse contacts of a network, a system or a domain, surest first: entities lie nested in one another, often the abuse role below the
// organisation; one entity may give several addresses, and some registries put the address into remarks only.
func (l *Ladder) abuse(kind, country string, entities []rdap.Entity, notes []rdap.Remark) []Found {
	lang := countryLanguage(country)
	var found []Found
	add := func(email, name, where string, sure float64) {
		a := address(strings.TrimSpace(email))
		old := slices.IndexFunc(found, func(f Found) bool { return strings.EqualFold(f.Email, a) })
		if a == "" || old >= 0 && found[old].Confidence >= sure {
			return
		}
		if old >= 0 {
			found = slices.Delete(found, old, old+1)
		}
		f := l.skip(SourceRDAP, where, "")
		f.Email, f.Name, f.Kind, f.Language, f.Confidence = a, oneLine(name), kind, lang, sure
		if slices.Contains(registries, registrable(a[strings.LastIndexByte(a, '@')+1:])) {
			f.Skipped = "this is the registry's own address, not that of who uses the network"
		}
		found = append(found, f)
	}
	remarks(notes, add)
	left := maxEntities
	walk(entities, 0, &left, func(e *rdap.Entity) {
		role := slices.Contains(e.Roles, "abuse")
		for _, p := range emails(e.VCard) {
			local, _, _ := strings.Cut(strings.ToLower(p), "@")
			named := strings.HasPrefix(local, "abuse")
			switch {
			case role && named:
				add(p, e.VCard.Name(), "entity "+oneLine(e.Handle), 0.9)
			case role:
				add(p, e.VCard.Name(), "entity "+oneLine(e.Handle), 0.7)
			case named:
				add(p, e.VCard.Name(), "entity "+oneLine(e.Handle), 0.6)
			}
		}
		remarks(e.Remarks, add)
	})
	slices.SortStableFunc(found, func(a, b Found) int { return cmp.Compare(b.Confidence, a.Confidence) })
	return found[:min(len(found), maxNetwork)]
}

func remarks(list []rdap.Remark, add func(email, name, where string, sure float64)) {
	for _, r := range list[:min(len(list), 20)] {
		for _, line := range r.Description[:min(len(r.Description), 50)] {
			if len(line) > 1000 {
				continue
			}
			for _, e := range written.FindAllString(line, 3) {
				if strings.HasPrefix(strings.ToLower(e), "abuse") {
					add(strings.Trim(e, ".-"), "", "remarks", 0.5)
				}
			}
		}
	}
}

func walk(list []rdap.Entity, depth int, left *int, visit func(*rdap.Entity)) {
	for i := range list {
		if *left--; *left < 0 || depth > maxNesting {
			return
		}
		visit(&list[i])
		walk(list[i].Entities, depth+1, left, visit)
	}
}

func emails(v *rdap.VCard) []string {
	if v == nil {
		return nil
	}
	var out []string
	for _, p := range v.Get("email") {
		for _, s := range p.Values() {
			if len(out) < 10 {
				out = append(out, s)
			}
		}
	}
	return out
}

// countryLanguage guesses only where a country has one official language of ours; in Belgium, Switzerland and Luxembourg it depends.
func countryLanguage(country string) string {
	switch strings.ToUpper(country) {
	case "NL":
		return "nl"
	case "FR", "MC":
		return "fr"
	case "DE", "AT", "LI":
		return "de"
	}
	return ""
}

func oneLine(s string) string {
	s = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(s, ""), func(r rune) bool { return r < ' ' || r == ' ' || r == 0x7f }), " ")
	if r := []rune(s); len(r) > 120 {
		return string(r[:120])
	}
	return s
}
