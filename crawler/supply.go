package crawler

import (
	"context"

	"unmirror/crawler/plane"
)

// lowItems is how many items of a host are left when more are asked for: as many as are visited while that takes.
const lowItems = claimMax / 4

// supply is what a held host's visits take their items from. More are asked for while the last ones are visited.
type supply struct {
	w      *walk
	lease  plane.Lease
	items  []plane.Claimed
	last   int64 // the greatest number handed out
	coming chan further
	tried  bool // more were asked for, and there was nothing yet
}

// further is an answer of the plane.
type further struct {
	items []plane.Claimed
	err   error
}

func (w *walk) supply(l plane.Lease) *supply {
	s := &supply{w: w, lease: l}
	s.take(l.Items)
	s.lease.Items = nil
	return s
}

func (s *supply) take(items []plane.Claimed) {
	s.items = items
	for _, it := range items {
		s.last = max(s.last, it.ID)
	}
}

// next gives the next item, false when there is none. Settle is called before the plane is asked for the last time: it
// waits for the visits under way and writes down what they found.
func (s *supply) next(ctx context.Context, settle func() error) (plane.Claimed, bool, error) {
	if len(s.items) <= lowItems && s.coming == nil && !s.tried {
		s.coming = make(chan further, 1)
		go func(last int64) { s.coming <- s.ask(ctx, last) }(s.last)
	}
	if len(s.items) == 0 {
		if err := s.more(ctx, settle); err != nil || len(s.items) == 0 {
			return plane.Claimed{}, false, err
		}
	}
	it := s.items[0]
	s.items = s.items[1:]
	return it, true, nil
}

// more waits for what was asked for. Where that was nothing, what is found meanwhile may be more.
func (s *supply) more(ctx context.Context, settle func() error) error {
	if s.coming != nil {
		got := <-s.coming
		s.coming, s.tried = nil, len(got.items) == 0
		if got.err != nil || !s.tried {
			s.take(got.items)
			return got.err
		}
	}
	if err := settle(); err != nil {
		return err
	}
	got := s.ask(ctx, s.last)
	s.tried = false
	s.take(got.items)
	return got.err
}

func (s *supply) ask(ctx context.Context, last int64) (got further) {
	got.items, got.err = s.w.c.o.Plane.Ahead(ctx, s.w.sweep, s.lease, last, claimMax)
	return got
}

// end waits for an answer that nobody needs any more.
func (s *supply) end() {
	if s.coming != nil {
		<-s.coming
	}
}
