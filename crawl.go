package main

import (
	"context"
	"fmt"

	"unmirror/config"
	"unmirror/crawler"
	"unmirror/crawler/plane"
	"unmirror/internal/guard"
	"unmirror/takedown"
)

// watching is who is told of a sweep's course; both may be nil.
type watching struct {
	onSighting func(crawler.Sighting, bool) // once it is committed
	onProgress func(crawler.Progress)
}

// crawler builds the crawler on the record's plane.
func (a *app) crawler(ctx context.Context, w watching) (*crawler.Crawler, error) {
	st, err := a.record(ctx)
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
	return crawler.New(crawler.Options{
		Plane: plane.NewSQLite(st, 0), Sink: sink(d), Guard: g, Version: version,
		Intake:  func(item string) (crawler.Intake, error) { return m.Intake(item) },
		Contact: a.cfg.Crawler.UserAgentContact, Delay: a.cfg.Crawler.PerHostDelay, MaxItemBytes: int64(a.cfg.Crawler.MaxItemBytes),
		Generation: a.library.Generation, Log: a.log, OnSighting: w.onSighting, OnProgress: w.onProgress,
	})
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
	return crawler.Source{Name: s.Name, Kind: s.Kind, URL: s.URL, Every: s.Every, Depth: s.Depth, Follow: s.Follow, Item: s.Item,
		Raw: s.Raw, Next: s.Next, Items: s.Items, Robots: s.Robots, RobotsReason: s.RobotsReason, MaxItems: int64(s.MaxItems),
		MaxBytes: int64(s.MaxBytes), MaxTime: s.MaxTime, Delay: s.Delay}
}
