package crawler

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/robfig/cron/v3"

	"unmirror/crawler/plane"
)

// away is how long after a failed sweep a Redis that was not there is asked again.
const away = 30 * time.Second

// Schedule starts each source's sweeps when they are due, in UTC, never two of one source at once.
type Schedule struct {
	c    *Crawler
	jobs []job
	done func(Summary, error)
}

type job struct {
	source Source
	when   cron.Schedule
}

// NewSchedule checks the sources and their cron lines; a source without one is left out. Done is called after each
// sweep, from several goroutines; nil is allowed.
func NewSchedule(c *Crawler, sources []Source, done func(Summary, error)) (*Schedule, error) {
	s := &Schedule{c: c, done: done}
	if s.done == nil {
		s.done = func(Summary, error) {}
	}
	for _, src := range sources {
		if err := src.Check(); err != nil {
			return nil, err
		}
		if src.Every == "" {
			continue
		}
		when, err := cron.ParseStandard(src.Every)
		if err != nil {
			return nil, fmt.Errorf("source %s: every: %w", src.Name, err)
		}
		s.jobs = append(s.jobs, job{source: src, when: when})
	}
	return s, nil
}

// Run starts what was missed while nothing ran, then keeps the schedule until the context ends, and returns when the
// last sweep has stopped. An unfinished sweep goes on at the start.
func (s *Schedule) Run(ctx context.Context) error {
	records, err := s.c.o.Plane.History(ctx)
	if err != nil {
		return fmt.Errorf("schedule: %w", err)
	}
	last := map[string]plane.Record{}
	for _, r := range records {
		last[r.Source] = r
	}
	slots := make(chan struct{}, s.c.o.Sweeps)
	cr := cron.New(cron.WithLocation(time.UTC), cron.WithLogger(cron.DiscardLogger))
	var running sync.WaitGroup
	for _, j := range s.jobs {
		once := cron.NewChain(cron.SkipIfStillRunning(cron.DiscardLogger)).Then(cron.FuncJob(func() { s.sweep(ctx, slots, j.source) }))
		if due(j, last[j.source.Name], time.Now().UTC()) {
			running.Go(once.Run)
		}
		cr.Schedule(j.when, once)
	}
	cr.Start()
	<-ctx.Done()
	<-cr.Stop().Done()
	running.Wait()
	return nil
}

// due reports whether a source has missed its time, was never swept, or has an unfinished sweep.
func due(j job, r plane.Record, now time.Time) bool {
	return r.Started.IsZero() || r.State == plane.Running || r.State == plane.Paused || !j.when.Next(r.Started).After(now)
}

func (s *Schedule) sweep(ctx context.Context, slots chan struct{}, src Source) {
	select {
	case slots <- struct{}{}:
		defer func() { <-slots }()
	case <-ctx.Done():
		return
	}
	if ctx.Err() != nil {
		return
	}
	sum, err := s.c.Sweep(ctx, src)
	var refused *NotAdmitted
	if errors.As(err, &refused) {
		s.done(sum, err) // whoever admits none tells why, once
		return
	}
	for s.c.team() != nil && plane.Away(err) && ctx.Err() == nil {
		s.c.o.Log.WarnContext(ctx, "sweep interrupted, it goes on when Redis is back", "source", src.Name, "err", err)
		if sleep(ctx, time.Now().Add(away)) != nil {
			break
		}
		sum, err = s.c.Sweep(ctx, src)
	}
	switch {
	case errors.Is(err, plane.ErrPaused):
		s.c.o.Log.InfoContext(ctx, "sweep skipped, the source is paused", "source", src.Name)
		return
	case errors.Is(err, ErrBusy):
		s.c.o.Log.InfoContext(ctx, "sweep skipped, one runs already", "source", src.Name)
	case err != nil && ctx.Err() == nil:
		s.c.o.Log.ErrorContext(ctx, "sweep failed", "source", src.Name, "err", err)
	case sum.Reason != "" && ctx.Err() == nil:
		s.c.o.Log.WarnContext(ctx, "source not read in full", "source", src.Name, "state", sum.State, "reason", sum.Reason)
	}
	s.done(sum, err)
}
