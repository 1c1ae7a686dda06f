package main

import (
	"context"
	"fmt"
	"slices"

	"unmirror/config"
	"unmirror/crawler"
	"unmirror/crawler/canary"
	"unmirror/crawler/kind"
	"unmirror/fingerprints"
	"unmirror/fingerprints/digest"
	"unmirror/fingerprints/match"
	"unmirror/internal/guard"
	"unmirror/takedown"
)

// watching is who is told of a sweep's course; each may be nil.
type watching struct {
	onSighting func(crawler.Sighting, bool) // once it is committed
	onProgress func(crawler.Progress)
	onLink     func(crawler.Link) // of items that are reported and not read
	onStanding func(standing)     // of each source before it is swept
}

// crawler builds the crawler on the record's plane.
func (a *app) crawler(ctx context.Context, w watching) (*crawler.Crawler, error) {
	st, err := a.record(ctx)
	if err != nil {
		return nil, err
	}
	p, err := a.crawlPlane(ctx)
	if err != nil {
		return nil, err
	}
	m, err := a.matcher()
	if err != nil {
		return nil, err
	}
	g, err := guard.New(a.cfg.Crawler.AllowPrivate)
	if err != nil {
		return nil, fmt.Errorf("crawler.allow_private: %w", err)
	}
	d, err := a.docket(ctx)
	if err != nil {
		return nil, err
	}
	o, leaks := a.matching(m), a.sweepGate(d, g)
	o.Plane, o.Sink, o.Guard, o.Version, o.Log = p, leaks.sink(a.apart(d, canary.New(st))), g, version, a.log
	o.Admit = leaks.admit(w.onStanding)
	o.Contact, o.Delay, o.MaxItemBytes = a.cfg.Crawler.UserAgentContact, a.cfg.Crawler.PerHostDelay, int64(a.cfg.Crawler.MaxItemBytes)
	o.SecondExit = a.cfg.Crawler.SecondExit
	if a.shared != nil {
		o.Sweeps = fleetSweeps
	}
	if a.shared != nil && o.SecondExit == "" {
		o.SecondLook = crawler.LookElsewhere(a.shared)
	}
	o.OnSighting, o.OnProgress, o.OnLink = leaks.telling(a.withoutCanaries(w.onSighting)), w.onProgress, w.onLink
	return crawler.New(o)
}

// matching fills in what a crawler has from the fingerprints.
func (a *app) matching(m *fingerprints.Matcher) crawler.Options {
	return crawler.Options{
		Intake:     func(item string) (crawler.Intake, error) { return m.Intake(item) },
		Generation: a.library.Generation,
		Library:    told{a.library, m, a.cfg.Matching.NoticeBits},
		Betrays:    func(text string) bool { return len(a.library.Guard(text)) > 0 },
		Lookups:    func(leaks []string) []kind.Digests { return lookups(a.library, leaks) },
	}
}

// told answers by what a place tells of an item, by the same threshold as the matcher.
type told struct {
	library *fingerprints.Library
	matcher *fingerprints.Matcher
	bits    float64
}

// Published implements crawler.Library.
func (t told) Published(kind, text string, size int64) match.Report {
	r := match.Report{Verdict: match.None, Matches: t.library.Published(digest.Kind(kind), text, size)}
	if best := r.Best(); best != nil {
		r.Verdict = match.Weak
		if best.Bits >= t.bits {
			r.Verdict = match.Matched
		}
	}
	return r
}

// Listing implements crawler.Library.
func (t told) Listing(tail []byte, size int64) (match.Report, int64) {
	return t.matcher.Listing("", tail, size)
}

// maxLookups bounds the known files that one sweep asks a place for.
const maxLookups = 10_000

// lookups are the digests of the leaks' files that may be asked for; of all leaks where none is named.
func lookups(l *fingerprints.Library, leaks []string) (out []kind.Digests) {
	for _, leak := range l.Leaks() {
		if len(leaks) > 0 && !slices.Contains(leaks, leak.Slug) {
			continue
		}
		list, err := l.LookupDigests(leak.Slug)
		if err != nil {
			continue // a leak of which the index cannot be read is not asked for; whoever matches against it says so
		}
		for _, d := range list {
			if len(out) < maxLookups {
				out = append(out, kind.Digests{SHA256: d.SHA256, SHA1: d.SHA1, MD5: d.MD5, Size: d.Bytes})
			}
		}
	}
	return out
}

// sink hands a sighting to the docket: the crawler itself knows no cases.
func sink(d *takedown.Docket) crawler.Sink {
	return func(ctx context.Context, s crawler.Sighting) (bool, error) {
		return d.Observe(ctx, takedown.Sighting{Source: s.Source, Kind: s.Kind, URL: s.URL, Found: s.Found, Report: s.Report,
			Capture: takedown.Capture(s.Capture), SiteContact: s.SiteContact})
	}
}

// sources converts the configured sources; names narrows them, an unknown one is a usage error.
func (a *app) sources(names []string) ([]crawler.Source, error) {
	if len(a.cfg.Sources) == 0 {
		return nil, errNoSources
	}
	var out []crawler.Source
	for _, n := range names {
		s, ok := a.source(n)
		if !ok {
			return nil, &usageError{fmt.Errorf("no source is called %q: `unmirror source list` shows the configured ones", n)}
		}
		out = append(out, s)
	}
	if len(names) > 0 {
		return out, nil
	}
	for _, s := range a.cfg.Sources {
		out = append(out, toSource(s))
	}
	return out, nil
}

func (a *app) source(name string) (crawler.Source, bool) {
	for _, s := range a.cfg.Sources {
		if s.Name == name {
			return toSource(s), true
		}
	}
	return crawler.Source{}, false
}

func toSource(s config.Source) crawler.Source {
	token, err := s.Token.Reveal()
	problem := ""
	if err != nil {
		problem = "token: " + err.Error()
	}
	return crawler.Source{Problem: problem, Token: token, Name: s.Name, Kind: s.Kind, URL: s.URL, Every: s.Every, Depth: s.Depth, Follow: s.Follow, Item: s.Item,
		Raw: s.Raw, Next: s.Next, Items: s.Items, Robots: s.Robots, RobotsReason: s.RobotsReason, MaxItems: int64(s.MaxItems),
		MaxBytes: int64(s.MaxBytes), MaxTime: s.MaxTime, MaxRequests: int64(s.MaxRequests), Delay: s.Delay,
		Elsewhere: elsewhere(s.Elsewhere), Beacons: s.Beacons, Lookups: s.Lookups, Proxy: s.Proxy, RevisitMin: s.Revisit.Min, RevisitMax: s.Revisit.Max, RevisitFolders: s.Revisit.Folders,
		TLS: crawler.TLS{CA: s.TLS.CA, MinVersion: s.TLS.MinVersion, ServerName: s.TLS.ServerName}}
}

// elsewhere gives the crawler's word for a budget of 0: there, 0 is what nobody has set.
func elsewhere(n int) int {
	if n == 0 {
		return -1
	}
	return n
}
