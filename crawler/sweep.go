package crawler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"unmirror/crawler/plane"
)

const (
	claimMax = 1024             // items of one lease: giving a host back and taking it again costs two commits
	slice    = 30 * time.Second // after which a host is given back, so that others get their turn
	longWait = 5 * time.Second  // a host that is due later than this is given back meanwhile
)

// Summary is what one sweep of one source came to.
type Summary struct {
	Source        string
	Listed        int64 // items found to match
	Fetched       int64 // items whose body was fetched
	Unchanged     int64 // items that validators or the listing showed unchanged
	Pages         int64 // listings read
	Requests      int64
	Sightings     int64
	Bytes         int64
	BytesAvoided  int64
	SkippedRobots int64
	Errors        int64
	ErrorSamples  []string // the first few, free of addresses but for host names
	State         string   // done; paused: the next sweep goes on; failed: the source could not be read
	Reason        string   // why it is paused or failed
	Resumed       bool     // an unfinished sweep went on, whose numbers are included
	Took          time.Duration
}

// MarshalJSON gives the line that "sweep --json" ends with; outsiders rely on its names.
func (s Summary) MarshalJSON() ([]byte, error) {
	return json.Marshal(struct {
		Event         string   `json:"event"`
		Source        string   `json:"source"`
		Listed        int64    `json:"listed"`
		Fetched       int64    `json:"fetched"`
		Bytes         int64    `json:"bytes"`
		BytesAvoided  int64    `json:"bytes_avoided"`
		SkippedRobots int64    `json:"skipped_robots"`
		Errors        int64    `json:"errors"`
		ErrorSamples  []string `json:"error_samples,omitempty"`
		Unchanged     int64    `json:"unchanged"`
		Pages         int64    `json:"pages"`
		Requests      int64    `json:"requests"`
		Sightings     int64    `json:"sightings"`
		State         string   `json:"state"`
		Reason        string   `json:"reason,omitempty"`
		Seconds       float64  `json:"seconds"`
	}{"summary", s.Source, s.Listed, s.Fetched, s.Bytes, s.BytesAvoided, s.SkippedRobots, s.Errors, s.ErrorSamples,
		s.Unchanged, s.Pages, s.Requests, s.Sightings, s.State, s.Reason, s.Took.Seconds()})
}

func (s *Summary) take(c plane.Counts) {
	s.Listed, s.Fetched, s.Unchanged, s.Pages, s.Requests = c.Listed, c.Fetched, c.Unchanged, c.Pages, c.Requests
	s.Sightings, s.Bytes, s.BytesAvoided, s.SkippedRobots = c.Sightings, c.Bytes, c.BytesAvoided, c.SkippedRobots
	s.Errors, s.ErrorSamples = c.Errors, c.Samples
}

// walk is one sweep under way.
type walk struct {
	c      *Crawler
	src    compiled
	sweep  plane.Sweep
	cancel context.CancelCauseFunc
	events chan struct{} // something changed: a host is free, or new hosts were found
	ends   time.Time     // the time budget

	mu      sync.Mutex
	held    map[string]plane.Lease
	stopped map[string]string // hosts given up on in this run, and why
	counts  plane.Counts      // as far as they are known here, for budgets and progress
	base    int64             // bytes that an earlier run of this sweep fetched: the budget is per run
	done    int64
	over    string // the budget that is used up
	failed  string // why the source's start could not be read
	err     error  // our own failure

	helps         bool      // it takes part in a sweep that another process began
	fruitless     int       // claims in a row that gave no host
	took          time.Time // the latest host
	short         int       // hosts in a row that were soon done with
	exit          *exit
	contacts      map[string]string // by host, as a page about the place told
	elsewhere     map[string]bool   // addresses out of bounds that are known to be followed
	elsewhereFull bool
	habits        map[string]*habits // by host
	requests      int64              // made before this run: the budget is per run
	told          plane.Note         // what the others of a fleet know
}

// Sweep walks a source once, or goes on with its unfinished sweep. What is wrong with the place is in the summary; an
// error is our own (ErrBusy, the store, the sink) or the context's end, after which the next sweep goes on.
func (c *Crawler) Sweep(ctx context.Context, s Source) (Summary, error) {
	start := time.Now()
	sum := Summary{Source: s.Name}
	s, err := c.admit(ctx, s)
	if err != nil {
		return sum, err
	}
	src, way, err := c.ready(s)
	if err != nil {
		return sum, err
	}
	settings, err := json.Marshal(order{Source: s, Generation: c.o.Generation()})
	if err != nil {
		return sum, fmt.Errorf("sweep %s: %w", s.Name, err)
	}
	sw, err := c.o.Plane.Begin(ctx, plane.Start{Source: s.Name, Spec: src.settings(), Seeds: src.seeds(), Join: c.team() != nil, Settings: settings})
	if err != nil {
		return sum, fmt.Errorf("sweep %s: %w", s.Name, busy(err))
	}
	if src.Robots == RobotsKnownItems {
		c.o.Log.InfoContext(ctx, "known items are fetched where robots.txt forbids it", "source", s.Name, "reason", src.RobotsReason)
	}
	w, left := c.walkOn(ctx, src, way, sw, start)
	if ended, err := w.goesOn(ctx, &sum); ended {
		return sum, err
	}
	counts, err := w.finish(ctx, left)
	sum.take(counts)
	sum.State, sum.Reason = w.end(left)
	sum.Resumed, sum.Took = sw.Resumed, time.Since(start)
	if err != nil {
		return sum, fmt.Errorf("sweep %s: %w", s.Name, err)
	}
	c.o.Log.InfoContext(ctx, "swept", "source", s.Name, "state", sum.State, "listed", sum.Listed, "fetched", sum.Fetched,
		"unchanged", sum.Unchanged, "sightings", sum.Sightings, "errors", sum.Errors, "seconds", sum.Took.Seconds())
	return sum, nil
}

// newWalk prepares the walk of a sweep that somebody began.
func (c *Crawler) newWalk(src compiled, way *exit, sw plane.Sweep, start time.Time, cancel context.CancelCauseFunc) *walk {
	return &walk{
		c: c, src: src, sweep: sw, cancel: cancel, events: make(chan struct{}, 1), ends: start.Add(src.MaxTime),
		held: map[string]plane.Lease{}, stopped: map[string]string{}, counts: sw.Counts, base: sw.Counts.Bytes, requests: sw.Counts.Requests,
		exit: way, contacts: map[string]string{}, elsewhere: map[string]bool{}, habits: map[string]*habits{},
	}
}

// run claims hosts and lets a goroutine each walk them, until nothing is left that can be done now. It tells how many
// items of hosts that were given up on are left.
func (w *walk) run(ctx context.Context) (left int64) {
	beat := make(chan struct{})
	var pulse, walkers sync.WaitGroup
	pulse.Go(func() { w.heartbeat(ctx, beat) })
	pulse.Go(func() { w.follow(ctx, beat) })
	defer func() {
		walkers.Wait()
		close(beat)
		pulse.Wait()
	}()
	for {
		lease, wait, n, more := w.claim(ctx)
		switch {
		case !more:
			return n
		case lease != nil:
			walkers.Go(func() { w.drain(ctx, *lease) })
		default:
			w.await(ctx, w.patient(wait))
		}
	}
}

const (
	// brief is a wait for a host that others hold, which a worker does for long when there are more workers than hosts.
	brief = 150 * time.Millisecond
	// lull is how long it waits then, after so many waits as fruitless.
	lull, fruitless = 300 * time.Millisecond, 5
	// turn is long enough for whoever asks every lull.
	turn = 500 * time.Millisecond
	// shortHosts in a row were held for less than a turn.
	shortHosts = 3
)

// others is how long the rest of a fleet is let in first, zero when nobody is: who has a host where requests keep no distance is
// busy with it, and when it took the next ones at once, there was nothing left for the others where hosts are few. Hosts that
// are soon done with are taken as they come: there is work for all in them.
func (w *walk) others() (at time.Time) {
	if w.c.team() == nil || max(w.src.Delay, w.c.o.Delay) > 0 {
		return at
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.held) > 0 && w.short < shortHosts {
		at = w.took.Add(turn)
	}
	return at
}

// patient lets whoever only takes part in a sweep ask less often for a host, after it had none for some time, where requests keep
// no distance: there hosts stay in one hand for long, and what asking costs the processors lack. Anywhere else whoever asks less
// would never come first. Who ends the sweep asks on.
func (w *walk) patient(until time.Time) time.Time {
	if !w.helps || max(w.src.Delay, w.c.o.Delay) > 0 || until.IsZero() || time.Until(until) > brief {
		return until
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fruitless++; w.fruitless < fruitless || len(w.held) > 0 {
		return until
	}
	return time.Now().Add(lull)
}

// heartbeat renews the leases until beat is closed.
func (w *walk) heartbeat(ctx context.Context, beat <-chan struct{}) {
	tick := time.NewTicker(w.c.o.Heartbeat)
	defer tick.Stop()
	for {
		select {
		case <-beat:
			return
		case <-tick.C:
		}
		if err := w.extend(ctx); err != nil && ctx.Err() == nil {
			w.fail(err)
			return
		}
	}
}

// extend holds the lock, so that no host is released between the list and the renewal.
func (w *walk) extend(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	leases := make([]plane.Lease, 0, len(w.held))
	for _, l := range w.held {
		leases = append(leases, l)
	}
	return w.c.o.Plane.Extend(ctx, w.sweep, leases...)
}

// fail ends the run for a failure of our own.
func (w *walk) fail(err error) {
	w.mu.Lock()
	if w.err == nil {
		w.err = err
	}
	w.mu.Unlock()
	w.cancel(err)
}

// claim takes the next host. It gives a lease, or a moment to try again (zero: when something changes), or no more.
func (w *walk) claim(ctx context.Context) (l *plane.Lease, wait time.Time, left int64, more bool) {
	skip, busy, full := w.skip()
	if ctx.Err() != nil || w.spent() {
		return nil, wait, 0, false
	}
	if full {
		return nil, wait, 0, true
	}
	if at := w.others(); time.Now().Before(at) {
		return nil, at, 0, true
	}
	got, err := w.c.o.Plane.Claim(ctx, plane.Want{Sweep: w.sweep, Max: claimMax, Skip: skip})
	var later *plane.Wait
	var drained *plane.Drained
	switch {
	case err == nil:
		w.mu.Lock()
		w.held[got.Host], w.took = got, time.Now()
		w.fruitless = 0
		w.mu.Unlock()
		return &got, wait, 0, true
	case errors.As(err, &later):
		if !busy && time.Until(later.Until) > w.c.o.Limits.Pause {
			w.budget("the host wants a pause until " + later.Until.UTC().Format(time.RFC3339))
			return nil, wait, 0, false
		}
		return nil, later.Until, 0, true
	case errors.As(err, &drained):
		return nil, wait, drained.Left, busy
	case errors.Is(err, plane.ErrPaused):
		w.budget("paused by the operator")
		return nil, wait, 0, false
	}
	if ctx.Err() == nil {
		w.fail(err)
	}
	return nil, wait, 0, false
}

// skip lists the hosts not to claim: those given up on and those in our own hands.
func (w *walk) skip() (skip map[string]bool, busy, full bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	skip = make(map[string]bool, len(w.held)+len(w.stopped))
	for h := range w.held {
		skip[h] = true
	}
	for h := range w.stopped {
		skip[h] = true
	}
	return skip, len(w.held) > 0, len(w.held) >= w.c.o.Hosts
}

// await sleeps until a moment or an event, and never long, because budgets end meanwhile.
func (w *walk) await(ctx context.Context, until time.Time) {
	d := time.Second
	if !until.IsZero() {
		d = min(max(time.Until(until), time.Millisecond), time.Second)
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-w.events:
	case <-t.C:
	}
}

// spent reports whether a budget of this run is used up, and notes which.
func (w *walk) spent() bool {
	if time.Now().After(w.ends) {
		w.budget("max_time is used up")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.src.MaxBytes > 0 && w.counts.Bytes-w.base >= w.src.MaxBytes && w.over == "" {
		w.over = "max_bytes is used up"
	}
	if w.src.MaxRequests > 0 && w.counts.Requests-w.requests >= w.src.MaxRequests && w.over == "" {
		w.over = "max_requests is used up"
	}
	return w.over != ""
}

func (w *walk) budget(why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over == "" {
		w.over = why
	}
}

// stop gives up on a host for this run.
func (w *walk) stop(host, why string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stopped[host] = why
}

func (w *walk) isStopped(host string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.stopped[host] != ""
}

// end tells the state in which a sweep ends, and why.
func (w *walk) end(left int64) (state, reason string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case errors.Is(w.err, context.Canceled), errors.Is(w.err, context.DeadlineExceeded):
		return string(plane.Paused), "interrupted"
	case w.err != nil:
		return string(plane.Paused), "stopped by a failure of our own"
	case w.over != "":
		return string(plane.Paused), w.over
	case w.failed != "" && w.counts.Pages == 0 && w.counts.Fetched+w.counts.Unchanged == 0:
		return string(plane.Failed), w.failed
	case left > 0:
		// Only the source's own hosts are worth waiting for. A link to a dead host elsewhere is an error of that item: it
		// must not keep the source from being listed again, or whoever may post a link could blind it.
		for _, it := range w.src.seeds() {
			if why, ok := w.stopped[it.Host]; ok {
				return string(plane.Paused), it.Host + ": " + why
			}
		}
	}
	return string(plane.Done), w.failed
}

// finish writes the end down, also when the context is over: then the sweep is paused and the next one goes on.
func (w *walk) finish(ctx context.Context, left int64) (plane.Counts, error) {
	if err := ctx.Err(); err != nil {
		w.fail(err)
	}
	state, reason := w.end(left)
	e := plane.End{State: plane.State(state), Reason: reason, Good: state == string(plane.Done) && w.failed == ""}
	short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	counts, err := w.c.o.Plane.Finish(short, w.sweep, e)
	if errors.Is(err, plane.ErrFenced) && w.err != nil {
		err = nil // whoever holds the sweep now ends it; our own failure says why
	}
	if err != nil {
		counts = w.counts // nobody else is at work any more
	}
	return counts, errors.Join(w.err, err)
}

// progress reports how far the sweep is.
func (w *walk) progress() {
	if w.c.o.OnProgress == nil {
		return
	}
	w.mu.Lock()
	p := Progress{
		Source: w.src.Name, Listed: w.counts.Listed, Done: w.done, Fetched: w.counts.Fetched, Bytes: w.counts.Bytes,
		Sightings: w.counts.Sightings, Errors: w.counts.Errors, Pages: w.counts.Pages,
	}
	w.mu.Unlock()
	w.c.o.OnProgress(p)
}
