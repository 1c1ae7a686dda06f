package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"unmirror/crawler"
	"unmirror/fingerprints/match"
)

func sweepCommand(g *globals) *cobra.Command {
	return &cobra.Command{Use: "sweep [SOURCE...]", Short: "Sweep sources now (none named: all), and draft notices for what is found",
		Args: cobra.ArbitraryArgs, RunE: func(c *cobra.Command, args []string) error {
			return g.with(func(a *app) error { return a.sweep(c.Context(), args) })
		}}
}

// sightingEvent is a sighting as `sweep --json` prints it: the report of `scan`, and where it was found.
type sightingEvent struct {
	Event string `json:"event"`
	match.Report
	Source string `json:"source"`
	Known  bool   `json:"known"`
}

// sweeper prints what several sources find at the same time.
type sweeper struct {
	*app
	mu sync.Mutex
}

func (s *sweeper) onSighting(found crawler.Sighting, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r := found.Report
	r.Item = found.URL
	if s.json {
		_ = s.printJSON(sightingEvent{Event: "sighting", Report: r, Source: found.Source, Known: known})
		return
	}
	word := "found"
	if known {
		word = "known"
	}
	s.printf("%s  %s  ", word, found.Source)
	_ = s.printReport(r)
}

// onStanding tells of leaks on whose behalf a source is not swept, where it is for others.
func (s *sweeper) onStanding(st standing) {
	if st.held() || st.exempt {
		return // the refusal says it, or there is nothing to say
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range st.lacking {
		s.note("source %q is not swept on behalf of %q: %s", st.source, l.leak, l)
	}
}

// linkEvent is an item that was found and is left to the operator, as `sweep --json` prints it.
type linkEvent struct {
	Event  string `json:"event"`
	Source string `json:"source"`
	Kind   string `json:"kind"`
	Item   string `json:"item"`
	Reason string `json:"reason"`
}

// onLink tells of an item that is not read here, such as a file behind a key: `leak check` decides.
func (s *sweeper) onLink(l crawler.Link) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.json {
		_ = s.printJSON(linkEvent{Event: "link", Source: l.Source, Kind: l.Kind, Item: l.URL, Reason: l.Reason})
		return
	}
	s.printf("link   %s  %s  %s\n", l.Source, l.URL, l.Reason)
}

// writingTo is the same application with another standard output.
func (a *app) writingTo(w io.Writer) *app {
	if w == a.stdout {
		return a
	}
	g, view := *a.globals, *a
	g.stdout = w
	view.globals = &g
	return &view
}

// sweep walks the sources side by side; one that fails harms no other, and the command fails when any did.
func (a *app) sweep(ctx context.Context, names []string) error {
	sources, err := a.sources(names)
	if err != nil {
		return err
	}
	a.patient = true
	bars := a.newSweepBars(sources)
	defer bars.end()
	s := &sweeper{app: a.writingTo(bars.over(a.stdout))}
	c, err := a.crawler(ctx, watching{onSighting: s.onSighting, onProgress: bars.onProgress, onLink: s.onLink, onStanding: s.onStanding})
	if err != nil {
		return err
	}
	stop := a.receive(ctx, c)
	errs := make([]error, len(sources))
	var g errgroup.Group
	g.SetLimit(8)
	for i, src := range sources {
		g.Go(func() error {
			sum, err := c.Sweep(ctx, src)
			var refused *crawler.NotAdmitted
			switch {
			case errors.As(err, &refused):
				errs[i] = err // it names the source
				sum.State, sum.Reason = "refused", err.Error()
			case err != nil:
				errs[i] = fmt.Errorf("sweep %s: %w", src.Name, err)
			case sum.State == "failed":
				errs[i] = fmt.Errorf("sweep %s: %s", src.Name, sum.Reason)
			}
			bars.done(src.Name)
			s.summary(sum)
			return nil
		})
	}
	_ = g.Wait() // the errors are in errs, so that one source does not stop the others
	bars.end()
	stop()
	d, err := a.docket(ctx)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	if ctx.Err() == nil {
		errs = append(errs, a.judgeNow(ctx, c, d))
	}
	n, err := d.Draft(ctx)
	if n > 0 && !a.json {
		a.printf("%d notices drafted: they wait for counsel (`unmirror notice list`, or the desk)\n", n)
	}
	return errors.Join(append(errs, err)...)
}

func (s *sweeper) summary(sum crawler.Summary) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.json {
		_ = s.printJSON(sum)
		return
	}
	s.printf("%s: %d listed, %d fetched (%d bytes, %d avoided), %d left out by robots.txt, %d errors\n", sum.Source, sum.Listed,
		sum.Fetched, sum.Bytes, sum.BytesAvoided, sum.SkippedRobots, sum.Errors)
	for _, e := range sum.ErrorSamples {
		s.printf("  %s\n", e)
	}
}
