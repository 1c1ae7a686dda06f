package crawler

import (
	"context"
	"errors"
	"sync"
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

// abreast is how many visits of a host that wants no distance between requests are under way at once: where the operator
// set per_host_delay to 0, which suits tests and an intranet. Any other host is asked for one thing after the other.
const abreast = 4

// drain walks the items of one host.
func (w *walk) drain(ctx context.Context, l plane.Lease) {
	w.c.did.hosts.Add(1)
	defer w.c.did.hosts.Add(-1)
	h := w.c.newHold(l, w.src.Delay)
	h.exit = w.exit
	d := &draining{w: w, h: h, b: &batcher{w: w, h: h, last: time.Now(), began: time.Now()}, ends: time.Now().Add(slice), from: w.supply(l), alone: true, first: true}
	defer w.giveBack(ctx, d.b)
	var cancel func()
	d.inTime, cancel = context.WithDeadline(ctx, w.ends)
	defer cancel()
	defer d.from.end()
	d.work(ctx)
	d.crew.Wait()
	d.b.writers.Wait()
}

// work visits one item after the other. It takes in another worker when items may be visited abreast: a goroutine for many
// items, because a new one's stack grows in steps each time.
func (d *draining) work(ctx context.Context) {
	h := d.h.visit()
	for {
		it, alone, ok := d.take(ctx)
		if !ok {
			return
		}
		d.one(ctx, h, it)
		d.leave(alone)
	}
}

// take gives the next item once it may be visited, until leave. One is visited alone before others are abreast, at the
// beginning and whenever nothing else is under way: it may learn that the host wants a distance, from robots.txt or from its
// answer.
func (d *draining) take(ctx context.Context) (it plane.Claimed, alone, ok bool) {
	d.taking.Lock()
	defer d.taking.Unlock()
	if d.over(ctx, d.first) {
		return it, false, false
	}
	it, ok, err := d.from.next(ctx, func() error { return d.settle(ctx) })
	if err != nil && ctx.Err() == nil {
		d.w.fail(err)
	}
	if err != nil || !ok {
		d.end()
		return it, false, false
	}
	if alone = d.alone || d.h.unhurried(); alone {
		d.under.Lock()
	} else {
		d.under.RLock()
	}
	if d.over(ctx, d.first) { // what was under way meanwhile may have told so
		d.leave(alone)
		return it, false, false
	}
	if d.alone, d.first = false, false; !alone && d.others < abreast-1 {
		d.others++
		d.crew.Go(func() { d.work(ctx) })
	}
	return it, alone, true
}

func (d *draining) leave(alone bool) {
	if alone {
		d.under.Unlock()
	} else {
		d.under.RUnlock()
	}
}

// settle waits for the visits under way and writes down what they found.
func (d *draining) settle(ctx context.Context) error {
	d.under.Lock() // nobody begins one meanwhile: the caller holds taking
	defer d.under.Unlock()
	d.alone = true
	return d.b.flush(ctx)
}

// draining is one host's lease under way.
type draining struct {
	w      *walk
	h      *hold
	b      *batcher
	ends   time.Time
	inTime context.Context // until the time budget is used up
	crew   sync.WaitGroup  // workers beside the first

	taking sync.Mutex // one worker at a time takes an item
	from   *supply
	alone  bool         // the next visit is made alone
	first  bool         // there was none yet
	others int          // workers beside the first
	under  sync.RWMutex // held by the visits under way: by each for reading, by one that is made alone for writing

	mu    sync.Mutex
	dead  int  // items in a row that failed for want of an answer
	ended bool // nothing more is begun
}

// over says that no further item is to be begun.
func (d *draining) over(ctx context.Context, first bool) bool {
	d.mu.Lock()
	ended := d.ended
	d.mu.Unlock()
	if ended || ctx.Err() != nil || d.w.spent() || d.w.isStopped(d.h.lease.Host) {
		return true
	}
	return !first && (time.Now().After(d.ends) || time.Until(d.h.due()) > longWait)
}

// end says that no further item is begun.
func (d *draining) end() {
	d.mu.Lock()
	d.ended = true
	d.mu.Unlock()
}

// one visits an item and writes down what became of it.
func (d *draining) one(ctx context.Context, h *hold, it plane.Claimed) {
	h.requests = 0
	o, started, err := d.w.visitInTime(ctx, d.inTime, h, it)
	if err == nil && started {
		d.mu.Lock()
		if d.dead++; !o.dead {
			d.dead = 0
		}
		if d.dead >= deadAfter {
			o.stop = "does not answer"
		}
		d.mu.Unlock()
		if o.stop != "" {
			d.w.stop(d.h.lease.Host, o.stop)
		}
		o.counts.Requests += h.requests
		if err = d.b.add(ctx, it, o); err == nil {
			return
		}
	}
	d.end()
	if err != nil && ctx.Err() == nil {
		d.w.fail(err)
	}
}

// visitInTime gives an item what is left of the time budget, while short lasts. Not started: the budget ended before its
// first request, and it waits for the next sweep as it is.
func (w *walk) visitInTime(ctx, short context.Context, h *hold, it plane.Claimed) (o outcome, started bool, err error) {
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
	if w.short++; time.Since(b.began) > turn {
		w.short = 0
	}
	delete(w.held, b.h.lease.Host)
	if err == nil {
		err = w.c.o.Plane.Release(ctx, b.h.lease, ceil(b.h.due()))
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
