package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"unmirror/crawler"
	"unmirror/crawler/canary"
	"unmirror/fingerprints/match"
	"unmirror/internal/guard"
	"unmirror/takedown"
	"unmirror/takedown/incident"
)

const (
	resolveTime = 3 * time.Second // for the names of one source
	resolvedFor = time.Minute     // how long what was resolved is shown again on pages and in metrics
)

// gate decides on behalf of which leaks a source may be swept: those whose leak file says enough. Sources of which all
// addresses lie within crawler.allow_private need no leak file.
type gate struct {
	a       *app
	d       *takedown.Docket
	private *guard.Guard // passes the exceptions alone
	now     func() time.Time

	mu     sync.Mutex
	files  map[string]incident.File
	stamp  int64
	exempt map[string]exemption // by source
}

type exemption struct {
	yes bool
	at  time.Time
}

// newGate makes the gate of an installation.
func newGate(a *app, d *takedown.Docket, g *guard.Guard) *gate {
	return &gate{a: a, d: d, private: g.ExemptOnly("a public address"), now: time.Now, stamp: -1, exempt: map[string]exemption{}}
}

// sweepGate gives the one gate of this installation.
func (a *app) sweepGate(d *takedown.Docket, g *guard.Guard) *gate {
	if a.gate == nil {
		a.gate = newGate(a, d, g)
	}
	return a.gate
}

// standing is how a source stands with the leaks.
type standing struct {
	source  string
	exempt  bool     // all its addresses lie within crawler.allow_private
	allowed []string // leaks whose file allows it
	lacking []lacking
}

// lacking is a leak on whose behalf a source is not swept.
type lacking struct {
	leak    string
	noFile  bool
	missing []incident.Missing
}

// held says that no sweep of the source may begin.
func (s standing) held() bool { return !s.exempt && len(s.allowed) == 0 && len(s.lacking) > 0 }

// fields names leaks and fields, for logs: "acme-2016 legal.dpia, legal.purpose".
func (s standing) fields() string {
	var out []string
	for _, l := range s.lacking {
		out = append(out, l.leak+" "+strings.Join(l.fields(), ", "))
	}
	return strings.Join(out, "; ")
}

func (l lacking) fields() (out []string) {
	for _, m := range l.missing {
		out = append(out, m.Field)
	}
	return out
}

// String is what a person reads, with what to do.
func (l lacking) String() string {
	what := fmt.Sprintf("the leak file of %q lacks ", l.leak)
	if l.noFile {
		what = fmt.Sprintf("%q has no leak file (docs/leak-file.md), which needs ", l.leak)
	}
	var fields []string
	for _, m := range l.missing {
		fields = append(fields, m.String())
	}
	return what + strings.Join(fields, ", ") + ": unmirror leak file " + l.leak + " --set FILE"
}

// heldBack is why a source is not swept.
type heldBack struct{ standing }

// Error names the source, each leak and its missing fields.
func (h *heldBack) Error() string {
	var leaks []string
	for _, l := range h.lacking {
		leaks = append(leaks, l.String())
	}
	return fmt.Sprintf("source %q: %s", h.source, strings.Join(leaks, "; "))
}

// stand looks at a source. Names are resolved only where a leak lacks something, since only then it matters.
func (g *gate) stand(ctx context.Context, s crawler.Source, private func(context.Context, crawler.Source) (bool, error)) (standing, error) {
	st := standing{source: s.Name}
	files, err := g.leakFiles(ctx)
	if err != nil {
		return st, err
	}
	for _, leak := range g.a.leaks() {
		f, ok := files[leak.Slug]
		if missing := f.Needs(incident.Sweep(s.Name, leak.Categories)); len(missing) > 0 {
			st.lacking = append(st.lacking, lacking{leak: leak.Slug, noFile: !ok, missing: missing})
			continue
		}
		st.allowed = append(st.allowed, leak.Slug)
	}
	if len(st.lacking) > 0 {
		st.exempt, err = private(ctx, s)
	}
	return st, err
}

// leakFiles are read again only after a change.
func (g *gate) leakFiles(ctx context.Context) (map[string]incident.File, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	files, stamp, err := g.d.Incidents(ctx, g.stamp)
	if err != nil {
		return nil, err
	}
	if stamp != g.stamp {
		g.files, g.stamp = files, stamp
	}
	return g.files, nil
}

// isPrivate says whether every address at which the source starts is one of crawler.allow_private, resolved as the crawler
// does. Behind a proxy only the spelling counts. What cannot be resolved is not private.
func (g *gate) isPrivate(ctx context.Context, s crawler.Source) (bool, error) {
	places, err := s.Places()
	if err != nil {
		return false, err
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTime)
	defer cancel()
	for _, p := range places {
		host, port, err := net.SplitHostPort(p)
		if err != nil {
			return false, fmt.Errorf("read address of source %s: %w", s.Name, err)
		}
		if g.private.ExemptHost(host, port) {
			continue
		}
		if s.Proxy != "" || !g.resolvesPrivate(ctx, host, port) {
			return false, nil
		}
	}
	return len(places) > 0, nil
}

func (g *gate) resolvesPrivate(ctx context.Context, host, port string) bool {
	addresses, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	if err != nil || len(addresses) == 0 {
		return false
	}
	n, err := net.DefaultResolver.LookupPort(ctx, "tcp", port)
	return err == nil && !slices.ContainsFunc(addresses, func(a netip.Addr) bool {
		return g.private.Check(netip.AddrPortFrom(a.Unmap(), uint16(n))) != nil
	})
}

// admit is asked before each sweep.
func (g *gate) admit(told func(standing)) func(context.Context, crawler.Source) (crawler.Source, error) {
	return func(ctx context.Context, s crawler.Source) (crawler.Source, error) {
		st, err := g.stand(ctx, s, g.isPrivate)
		if err != nil {
			return s, err
		}
		if told != nil {
			told(st)
		}
		switch {
		case st.held():
			return s, &heldBack{st}
		case st.exempt && len(st.allowed) == 0:
			s.Private = true // no link may lead out of it
		case !st.exempt && len(st.lacking) > 0:
			s.OnBehalf = append(slices.Clone(st.allowed), canary.Slug)
		}
		return s, nil
	}
}

// keep takes out of a sighting what belongs to leaks on whose behalf it was not looked for.
func (g *gate) keep(ctx context.Context, s crawler.Sighting) (crawler.Sighting, error) {
	files, err := g.leakFiles(ctx)
	if err != nil || g.privately(s) {
		return s, err
	}
	categories := map[string][]string{}
	for _, leak := range g.a.leaks() {
		categories[leak.Slug] = leak.Categories
	}
	may := map[string]bool{canary.Slug: true}
	for _, m := range s.Report.Matches {
		if _, asked := may[m.Leak]; !asked {
			may[m.Leak] = len(files[m.Leak].Needs(incident.Sweep(s.Source, categories[m.Leak]))) == 0
		}
	}
	s.Report = onlyLeaks(s.Report, may, g.a.cfg.Matching.NoticeBits)
	return s, nil
}

// privately says whether the item came from an address of crawler.allow_private.
func (g *gate) privately(s crawler.Sighting) bool {
	if src, ok := g.a.source(s.Source); ok && src.Proxy != "" {
		private, err := g.isPrivate(context.Background(), src) // by its spelling: nothing is resolved behind a proxy
		return err == nil && private
	}
	a, err := netip.ParseAddr(s.Capture.IP)
	return err == nil && g.private.Check(netip.AddrPortFrom(a.Unmap(), uint16(s.Capture.Port))) == nil
}

// onlyLeaks is a report of some leaks alone; of none of them it has verdict none.
func onlyLeaks(r match.Report, may map[string]bool, noticeBits float64) match.Report {
	all := len(r.Matches)
	r.Matches = slices.DeleteFunc(slices.Clone(r.Matches), func(m match.Match) bool { return !may[m.Leak] })
	switch {
	case len(r.Matches) == all:
	case len(r.Matches) == 0:
		r.Verdict = match.None
	case !slices.ContainsFunc(r.Matches, func(m match.Match) bool { return m.Bits >= noticeBits }):
		r.Verdict = match.Weak
	}
	return r
}

// sink keeps what may not be kept from whoever is next. Nobody is told of it: it counts as known.
func (g *gate) sink(next crawler.Sink) crawler.Sink {
	return func(ctx context.Context, s crawler.Sighting) (bool, error) {
		s, err := g.keep(ctx, s)
		if err != nil {
			return false, err
		}
		if len(s.Report.Matches) == 0 {
			return true, nil
		}
		return next(ctx, s)
	}
}

// telling is the same for those who are told of sightings.
func (g *gate) telling(tell func(crawler.Sighting, bool)) func(crawler.Sighting, bool) {
	if tell == nil {
		return nil
	}
	return func(s crawler.Sighting, known bool) {
		if s, err := g.keep(context.Background(), s); err == nil && len(s.Report.Matches) > 0 {
			tell(s, known)
		}
	}
}
