package crawler

import (
	"context"
	"fmt"
	"time"

	"unmirror/crawler/plane"
)

// SourceStatus is how the sweeps of a source went.
type SourceStatus struct {
	Source   string
	State    string // of the latest sweep: running, paused, done, failed
	Started  time.Time
	Finished time.Time // zero while it runs
	LastGood time.Time // when a sweep last ended well; zero: never
	Paused   bool      // by the operator; one that was never swept has no state
	Summary  Summary   // the latest sweep's numbers
}

// Status gives each source that was ever swept, by name.
func (c *Crawler) Status(ctx context.Context) ([]SourceStatus, error) {
	records, err := c.o.Plane.History(ctx)
	if err != nil {
		return nil, fmt.Errorf("source status: %w", err)
	}
	out := make([]SourceStatus, 0, len(records))
	for _, r := range records {
		s := SourceStatus{Source: r.Source, State: string(r.State), Started: r.Started, Finished: r.Finished, LastGood: r.LastGood, Paused: r.Paused}
		s.Summary.take(r.Counts)
		s.Summary.Source, s.Summary.State, s.Summary.Reason = r.Source, s.State, r.Reason
		if r.State == plane.Running {
			s.Finished = time.Time{}
		} else {
			s.Summary.Took = r.Finished.Sub(r.Started)
		}
		out = append(out, s)
	}
	return out, nil
}
