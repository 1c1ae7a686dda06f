package crawler

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"unmirror/crawler/kind"
	"unmirror/crawler/plane"
	"unmirror/crawler/robots"
)

// persistFrom is the delay from which each request's successor is written down before the request: a crash must not
// make the next one come too soon, and at such a pace the write costs nothing.
const persistFrom = time.Second

// hold is a host in this goroutine's hands: the only way to a request.
type hold struct {
	*pace
	c        *Crawler
	lease    plane.Lease
	requests int64         // made since the last time they were counted
	patience time.Duration // turn refuses to wait longer; 0: it waits as long as it takes
	exit     *exit         // the way out for its requests
	began    time.Time     // the latest request
}

// pace is a host's rhythm. The visits that are under way at a host share it, so that their requests keep one distance.
type pace struct {
	mu     sync.Mutex
	delay  time.Duration // between an answer and the next request
	next   time.Time
	asking sync.Mutex // one at a time asks for a robots.txt
	singly bool       // it was asked for too much at once
}

// due is the moment before which no request starts.
func (p *pace) due() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

// distance is the time between an answer and the next request.
func (p *pace) distance() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delay
}

// unhurried says that the host wants a distance between requests.
func (p *pace) unhurried() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.delay > 0 || p.singly || time.Now().Before(p.next)
}

// book takes the turn that is due now, and gives the moment of the one after it; not when another visit took it first.
func (p *pace) book() (next time.Time, delay time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if now.Before(p.next) {
		return p.next, p.delay, false
	}
	p.next = now.Add(p.delay)
	return p.next, p.delay, true
}

func (c *Crawler) newHold(l plane.Lease, delay time.Duration) *hold {
	next := l.Next
	if !next.IsZero() {
		next = next.Add(time.Millisecond) // a plane may have cut off what is less
	}
	return &hold{c: c, lease: l, pace: &pace{delay: max(delay, c.o.Delay), next: next}}
}

// visit is this hold for one of the visits that are under way at once.
func (h *hold) visit() *hold {
	return &hold{pace: h.pace, c: h.c, lease: h.lease, patience: h.patience, exit: h.exit}
}

// answered says that an answer ended, or failed, and that the next request may start a delay after that. Counted from the
// start of a request, the distance that the server sees would be shorter by what that request took to reach it: a connection
// to be made, a processor that is busy. That it had reached the server is certain once it is answered.
func (p *pace) answered() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.delay <= 0 {
		return
	}
	if at := time.Now().Add(p.delay); at.After(p.next) {
		p.next = at
	}
}

// turn waits until a request may start and books the next one: at first counted from this start, for no answer may ever
// come. It gives errPause instead of waiting for longer than the hold has patience.
func (h *hold) turn(ctx context.Context) error {
	for {
		at := h.due()
		if h.patience > 0 && time.Until(at) > h.patience {
			return errPause
		}
		if err := sleep(ctx, at); err != nil {
			return err
		}
		next, delay, ok := h.book()
		if !ok {
			continue
		}
		h.requests++
		h.began = time.Now()
		if delay < persistFrom {
			return nil
		}
		err := h.c.o.Plane.Rate(ctx, h.lease, ceil(next))
		h.wait(delay) // the request starts only now: what the record took must not bring the next one nearer
		return err
	}
}

// wait keeps the host quiet for at least d from now.
func (h *hold) wait(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at := time.Now().Add(d); at.After(h.next) {
		h.next = at
	}
}

// calm keeps the host quiet for at least d, and lets it be asked for one thing after the other from then on: some servers
// make one list of a folder at a time, and answer 503 to another.
func (h *hold) calm(d time.Duration) {
	h.wait(d)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.singly = true
}

// ceil rounds up to the milliseconds that planes keep, so that nothing starts a fraction too early.
func ceil(t time.Time) time.Time { return t.Add(time.Millisecond - 1).Truncate(time.Millisecond) }

// seldom is the distance between requests from which a sweep has its host's robots.txt renewed once a day.
const seldom = 15 * time.Minute

// rules gives what the robots.txt of an address's origin says. It is renewed each hour, but once a day where a request is so
// rare that this would take most of them: a look that came after hours would ask for the file, and never for the address.
func (h *hold) rules(ctx context.Context, u *url.URL) (robots.Policy, error) {
	h.asking.Lock()
	defer h.asking.Unlock()
	cache := h.c.robots
	if h.exit != nil { // another network may be told something else
		cache = h.exit.robots
	}
	most := seldom
	if h.patience > 0 {
		most = h.patience
	}
	if p, ok := cache.Kept(u); ok && max(p.Delay, h.distance()) > most {
		return p, nil
	}
	return cache.Get(ctx, u, h.fetchRobots)
}

// policy asks the robots.txt of an address's origin, and slows down to its Crawl-delay.
func (h *hold) policy(ctx context.Context, u *url.URL) (robots.Policy, error) {
	p, err := h.rules(ctx, u)
	if err != nil {
		return p, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if p.Delay > h.delay {
		h.delay = p.Delay
		if at := time.Now().Add(p.Delay); h.requests > 0 && at.After(h.next) {
			h.next = at // the request for robots.txt itself was the last start
		}
	}
	return p, nil
}

func (h *hold) fetchRobots(ctx context.Context, u *url.URL) (robots.Answer, error) {
	switch { // a redirect of a robots.txt is no way around what is never asked for
	case kind.Denied(u) != "":
		return robots.Answer{}, errDeniedRobots
	case onion(u) && (h.exit == nil || !h.exit.proxied):
		return robots.Answer{}, fault(whyOnion)
	}
	if hostKey(u) == h.lease.Host {
		if err := h.turn(ctx); err != nil {
			return robots.Answer{}, fmt.Errorf("%w: %w", robots.ErrNotAsked, err)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, h.c.o.Limits.Head)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		cancel()
		return robots.Answer{}, fmt.Errorf("ask for robots.txt: %w", err)
	}
	r.Header.Set("User-Agent", h.c.agent)
	res, err := h.exit.over(h.c.wire).RoundTrip(r)
	if err != nil {
		cancel()
		h.answered()
		return robots.Answer{}, fmt.Errorf("ask for robots.txt: %w", err)
	}
	ended := func() {
		cancel()
		h.answered()
	}
	return robots.Answer{Status: res.StatusCode, Location: res.Header.Get("Location"), Body: cancelling{res.Body, ended}}, nil
}

const errDeniedRobots = fault("its robots.txt leads to an address that is never fetched")

// cancelling ends a request with its body.
type cancelling struct {
	io.ReadCloser
	ended func()
}

// Close closes the body and ends the request.
func (c cancelling) Close() error {
	defer c.ended()
	return c.ReadCloser.Close()
}

// queue waits for a host's turn outside any sweep, with patience: errPause when the host wants a longer pause than
// that, errInUse when it was not free in that time.
func (c *Crawler) queue(ctx context.Context, host, who string) (plane.Lease, error) {
	ends := time.Now().Add(c.o.Limits.Patience)
	for {
		l, err := c.o.Plane.Host(ctx, host, who)
		if err == nil {
			return l, nil
		}
		var w *plane.Wait
		if !errors.As(err, &w) {
			return l, err
		}
		switch {
		case time.Until(w.Until) > c.o.Limits.Patience:
			return l, errPause
		case w.Until.After(ends):
			return l, errInUse // who holds it gives it back meanwhile, and somebody else is let in
		}
		if err := sleep(ctx, w.Until); err != nil {
			return l, fmt.Errorf("wait for host: %w", err)
		}
	}
}

// takeHost leases a host outside any sweep, waiting for its turn, and keeps the lease alive until free is called.
func (c *Crawler) takeHost(ctx context.Context, host, who string, delay time.Duration) (h *hold, free func(), err error) {
	l, err := c.queue(ctx, host, who)
	if err != nil {
		return nil, nil, err
	}
	h = c.newHold(l, delay)
	h.patience = c.o.Limits.Patience
	stop := make(chan struct{})
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(c.o.Heartbeat)
		defer tick.Stop()
		for {
			select {
			case <-stop:
				return
			case <-tick.C:
				if err := c.o.Plane.Extend(ctx, plane.Sweep{}, h.lease); err != nil {
					return // the next write under this lease says the same
				}
			}
		}
	}()
	return h, func() {
		close(stop)
		<-done
		if err := c.o.Plane.Release(context.WithoutCancel(ctx), h.lease, ceil(h.due())); err != nil {
			c.o.Log.WarnContext(ctx, "host not released, its lease runs out", "host", host, "err", err)
		}
	}, nil
}
