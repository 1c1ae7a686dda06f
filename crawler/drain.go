package crawler

import (
	"context"
	"errors"
	"time"

	"unmirror/crawler/plane"
)

const (
	flushItems = 256
	flushFound = 1000
	flushAfter = time.Second
	// deadAfter is how many items in a row may fail for want of an answer before a host is left alone for this run.
	deadAfter = 3
)

// outcome is what became of one item.
type outcome struct {
	done   bool
	later  time.Time // put back until then, when not done
	seen   *plane.Seen
	found  []plane.Item
	counts plane.Counts
	stop   string // give up on the host for this run
	dead   bool   // the host gave no answer
}

// drain walks the items of one host, one after the other.
func (w *walk) drain(ctx context.Context, l plane.Lease) {
	w.c.did.hosts.Add(1)
	defer w.c.did.hosts.Add(-1)
	h := w.c.newHold(l, w.src.Delay)
	h.exit = w.exit
	b := &batcher{w: w, h: h, last: time.Now()}
	defer w.giveBack(ctx, b)
	ends, dead := time.Now().Add(slice), 0
	for i, it := range l.Items {
		if ctx.Err() != nil || i > 0 && time.Now().After(ends) || time.Until(h.next) > longWait && i > 0 || w.spent() || w.isStopped(l.Host) {
			return
		}
		o, started, err := w.visitInTime(ctx, h, it)
		if err != nil {
			if ctx.Err() == nil {
				w.fail(err)
			}
			return
		}
		if !started {
			return
		}
		if dead++; !o.dead {
			dead = 0
		}
		if dead >= deadAfter {
			o.stop = "does not answer"
		}
		if o.stop != "" {
			w.stop(l.Host, o.stop)
		}
		if err := b.add(ctx, it, o); err != nil {
			if ctx.Err() == nil {
				w.fail(err)
			}
			return
		}
	}
}

// visitInTime gives an item what is left of the time budget. Not started: the budget ended before its first request, and
// it waits for the next sweep as it is.
func (w *walk) visitInTime(ctx context.Context, h *hold, it plane.Claimed) (o outcome, started bool, err error) {
	short, cancel := context.WithDeadline(ctx, w.ends)
	defer cancel()
	before := h.requests
	o, err = w.visit(short, h, it)
	switch {
	case err == nil || ctx.Err() != nil || short.Err() == nil:
		return o, true, err
	case h.requests == before:
		return outcome{}, false, nil
	case it.Attempts < w.c.o.Limits.Retries:
		return outcome{later: time.Now().Add(w.c.o.Limits.Backoff)}, true, nil
	}
	return outcome{done: true, counts: errored(it.Host, "it takes longer than max_time")}, true, nil
}

// giveBack writes down what is done and releases the host, also when the context is over: what a sink took is not
// fetched again.
func (w *walk) giveBack(ctx context.Context, b *batcher) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	err := b.flush(ctx)
	w.mu.Lock()
	delete(w.held, b.h.lease.Host)
	if err == nil {
		err = w.c.o.Plane.Release(ctx, b.h.lease, ceil(b.h.next))
	}
	w.mu.Unlock()
	if err != nil {
		w.fail(err)
	}
	w.signal()
}

// signal wakes the claimer.
func (w *walk) signal() {
	select {
	case w.events <- struct{}{}:
	default:
	}
}

// batcher gathers outcomes, so that two thousand items cost some thirty transactions, and at a polite pace one a second at most. A crash loses at most one
// batch, whose items are then fetched again, and the sink knows their sightings.
type batcher struct {
	w    *walk
	h    *hold
	b    plane.Batch
	n    int
	last time.Time
}

func (b *batcher) add(ctx context.Context, it plane.Claimed, o outcome) error {
	o.counts.Requests += b.h.requests
	b.h.requests = 0
	if o.done {
		b.b.Done = append(b.b.Done, it.ID)
	} else if !o.later.IsZero() {
		b.b.Later = append(b.b.Later, plane.Later{ID: it.ID, Due: o.later})
	}
	if o.seen != nil {
		b.b.Seen = append(b.b.Seen, plane.SeenAt{ID: it.ID, Seen: *o.seen})
	}
	b.b.Found = append(b.b.Found, o.found...)
	b.b.Counts.Add(o.counts)
	b.n++
	b.w.mu.Lock()
	b.w.counts.Add(o.counts)
	b.w.c.did.add(o.counts)
	if o.done && it.Matches {
		b.w.done++
	}
	b.w.mu.Unlock()
	if b.n >= flushItems || len(b.b.Found) >= flushFound || time.Since(b.last) > flushAfter {
		if err := b.flush(ctx); err != nil {
			return err
		}
	}
	b.w.progress()
	return nil
}

func (b *batcher) flush(ctx context.Context) error {
	b.last = time.Now()
	if err := b.w.tell(ctx); err != nil {
		return err
	}
	if b.n == 0 {
		return nil
	}
	b.b.Limit, b.b.Next = b.w.src.MaxItems, ceil(b.h.next)
	added, dropped, err := b.w.c.o.Plane.Complete(ctx, b.w.sweep, b.h.lease, b.b)
	if err != nil {
		return err
	}
	listed := int64(0)
	for _, it := range b.b.Found {
		if it.Matches {
			listed++
		}
	}
	if added > 0 {
		b.w.signal()
	}
	b.w.mu.Lock()
	b.w.counts.Listed += min(listed, added) // near enough for a progress bar; the plane counts exactly
	if dropped > 0 && b.w.failed == "" {
		b.w.failed = "max_items is used up, some of the source was left out"
	}
	b.w.mu.Unlock()
	b.b, b.n = plane.Batch{}, 0
	return nil
}

// errored counts one error with its line. The line holds the host's name and a plain clause, never an address.
func errored(host, why string) plane.Counts {
	return plane.Counts{Errors: 1, Samples: []string{host + ": " + why}}
}

// noAnswer deals with a request that brought no usable answer: again later, or an error. A host that said anything at
// all is not dead.
func (w *walk) noAnswer(h *hold, it plane.Claimed, a *answer, err error) (outcome, error) {
	var l local
	if errors.As(err, &l) || errors.Is(err, plane.ErrFenced) {
		return outcome{}, err
	}
	dead := !isFault(err) && !(a != nil && a.status != 0) && !spoke(err)
	if !lasting(err) && it.Attempts < w.c.o.Limits.Retries {
		wait := w.c.o.Limits.Backoff << it.Attempts
		if dead {
			h.wait(wait)
		}
		// What took long to fail waits long: the others of its host must not wait for it over and over.
		wait = max(wait, min(4*time.Since(h.began), w.c.o.Limits.Pause/2))
		return outcome{later: time.Now().Add(wait), dead: dead}, nil
	}
	why := plain(err)
	w.lost(it, why)
	return outcome{done: true, counts: errored(it.Host, why), dead: dead}, nil
}

// lost notes that the start of a source could not be read.
func (w *walk) lost(it plane.Claimed, why string) {
	if !it.Lists || it.Depth > 0 || it.Elsewhere {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == "" {
		w.failed = it.Host + ": " + why
	}
}
