package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"unmirror/crawler/kind"
	"unmirror/fingerprints/match"
	"unmirror/store"
)

// LookOutcome is the kind of thing a recheck saw. The words are those of the takedown stage.
type LookOutcome string

// What a recheck can see.
const (
	LookLive        LookOutcome = "live"           // known content is still there
	LookGone        LookOutcome = "gone"           // the place says so, in its kind's own way
	LookChanged     LookOutcome = "changed"        // something answers, but nothing known is in it
	LookUnclear     LookOutcome = "unclear"        // a wall, a refusal, a broken answer: says nothing
	LookUnreachable LookOutcome = "unreachable"    // no answer, or the place is out of order
	LookRobots      LookOutcome = "skipped_robots" // robots.txt forbids looking: missing coverage, never gone
)

// Look is what a recheck of one address saw.
type Look struct {
	Outcome LookOutcome
	Reason  string // a plain sentence without the address
	At      time.Time
	Capture Capture
	// Report is the matcher's on the body, whatever the outcome, when one came to its end or something was recognised in
	// it. Live says that known content is there; whether it is the case's own is for the report's reader to tell.
	Report match.Report
	// SeenFrom names the network exits through which the outcome was seen: ExitOwn, ExitSecond.
	SeenFrom []string
}

// looking is one look under way.
type looking struct {
	c    *Crawler
	src  compiled
	spec kind.Spec // the rules of the address's own kind
	exit *exit
	hops []Hop // how the addresses on the way answered
	l    Look
}

// Look fetches one address of a case again, by the rules of the source where it was found, or of the address's own kind:
// at its host's pace, and past robots.txt only where the source says known_items. What an archive's end or a published
// digest tells is enough; else the body is matched again to tell live from changed. A look that says that it is not
// there is repeated through the second exit, when there is one. It waits Limits.Patience for the host's turn and takes
// Limits.Look at most, through each exit. An error is our own (the store) or the context's end.
func (c *Crawler) Look(ctx context.Context, s Source, address string) (Look, error) {
	src, way, err := c.ready(s)
	if err != nil {
		return Look{Outcome: LookUnclear, At: time.Now().UTC(), Reason: "the source's configuration cannot be used"}, nil
	}
	first, err := c.lookThrough(ctx, src, way, address)
	if err != nil {
		return first, err
	}
	first.SeenFrom = []string{ExitOwn}
	return c.corroborate(ctx, s, address, first)
}

// lookThrough looks at an address by way of one exit.
func (c *Crawler) lookThrough(ctx context.Context, src compiled, way *exit, address string) (Look, error) {
	l := Look{Outcome: LookUnclear, At: time.Now().UTC()}
	u, err := url.Parse(address)
	if err != nil || !kind.Spoken(u.Scheme) || u.Hostname() == "" {
		l.Reason = "the address cannot be read"
		return l, nil
	}
	k := &looking{c: c, src: src, spec: src.rulesFor(u), exit: way, l: l}
	switch {
	case k.spec.Forbidden(u):
		k.l.Reason = "fetching this address would spread or destroy what is there"
		return k.l, nil
	case src.outOfReach(u) != "":
		k.l.Reason = src.outOfReach(u)
		return k.l, nil
	}
	short, cancel := context.WithTimeout(ctx, c.o.Limits.Look)
	defer cancel()
	if err := k.along(short, u); err != nil && (ctx.Err() != nil || !k.l.unfinished(short, err)) {
		return k.l, fmt.Errorf("look again: %w", err)
	}
	return k.l, nil
}

// along looks at an address and at where it redirects to.
func (k *looking) along(ctx context.Context, u *url.URL) error {
	var via []string
	for u != nil {
		next, err := k.once(ctx, u, via)
		if err != nil {
			return err
		}
		via = append(via, u.String())
		u = next
	}
	return nil
}

// unfinished judges a look that was not made to its end, and says whether err was of that kind.
func (l *Look) unfinished(ctx context.Context, err error) bool {
	switch {
	case errors.Is(err, errPause):
		l.Outcome, l.Reason = LookUnreachable, string(errPause)
	case errors.Is(err, errInUse):
		l.Outcome, l.Reason = LookUnclear, string(errInUse)
	case ctx.Err() != nil:
		l.Outcome, l.Reason = LookUnclear, "looking takes too long"
	default:
		return false
	}
	l.At = time.Now().UTC()
	return true
}

// once deals with one address and gives where it redirects to, or nil when the look is settled.
func (k *looking) once(ctx context.Context, u *url.URL, via []string) (*url.URL, error) {
	h, free, err := k.c.takeHost(ctx, hostKey(u), store.NewID("look"), k.src.Delay)
	if err != nil {
		return nil, err
	}
	defer free()
	h.exit = k.exit
	if stop, err := k.barred(ctx, h, u); stop || err != nil {
		return nil, err
	}
	r := request{url: u, via: via, hops: slices.Clone(k.hops), exit: k.exit, turns: h}
	r.header, r.secret = k.src.header(k.spec, u, len(via) > 0)
	if done, next, err := k.cheaply(ctx, h, r); done || err != nil {
		return next, err
	}
	r.matches, r.prefix = true, errorPage
	if k.spec.Kind.Wraps(u) {
		r.unwrap = func(body []byte) ([]kind.Part, error) { return k.spec.Unwrap(u, body) }
	}
	a, failed, err := k.fetch(ctx, h, r)
	if err != nil {
		return nil, err
	}
	if next, is := k.redirected(u, via, a); is {
		return next, nil
	}
	return nil, k.judge(ctx, h, u, a, failed)
}

// barred says that robots.txt, or its place, forbids or prevents looking; the look then is settled.
func (k *looking) barred(ctx context.Context, h *hold, u *url.URL) (bool, error) {
	if !robotic(u) {
		return false, nil
	}
	p, err := h.policy(ctx, u)
	switch {
	case err != nil:
		return true, err
	case p.Unreachable != nil:
		k.l.Outcome, k.l.Reason = unanswered(p.Unreachable)
	case p.Wait != "":
		k.l.Outcome, k.l.Reason = LookUnreachable, p.Wait
	case !p.Allowed(u) && k.src.Robots != RobotsKnownItems:
		k.l.Outcome, k.l.Reason = LookRobots, "robots.txt forbids this address, and the source does not set robots: known_items"
	default:
		return false, nil
	}
	return true, nil
}

// fetch makes one request of the look in the host's turn. Failed is what the place did wrong; an error is our own.
func (k *looking) fetch(ctx context.Context, h *hold, r request) (a *answer, failed, err error) {
	if err := h.turn(ctx); err != nil {
		return nil, nil, err
	}
	a, failed = k.c.fetch(ctx, r)
	if ctx.Err() != nil {
		return a, nil, ctx.Err()
	}
	var ours local
	if errors.As(failed, &ours) {
		return a, nil, failed
	}
	if a.retryAfter > 0 {
		h.wait(a.retryAfter)
	}
	return a, failed, nil
}

// redirected settles a look that a redirect ends, or gives where it leads. False: the answer is none.
func (k *looking) redirected(u *url.URL, via []string, a *answer) (next *url.URL, is bool) {
	if a.status < 300 || a.status >= 400 {
		return nil, false
	}
	k.l.At, k.l.Capture = time.Now().UTC(), a.proof()
	if a.status == http.StatusNotModified { // a look sends no validators, so the answer is none
		k.l.Outcome, k.l.Reason = LookUnclear, statusText(a.status)
		return nil, true
	}
	next, err := hop(u, a, append(via[:len(via):len(via)], u.String()))
	switch {
	case err != nil:
		k.l.Outcome, k.l.Reason = LookUnclear, plain(err)
		return nil, true
	case k.spec.Forbidden(next):
		k.l.Outcome, k.l.Reason = LookUnclear, "redirects to an address that is never fetched"
		return nil, true
	case k.src.outOfReach(next) != "":
		k.l.Outcome, k.l.Reason = LookUnclear, "redirects to where it cannot be followed: "+k.src.outOfReach(next)
		return nil, true
	case walled(next):
		k.l.Outcome, k.l.Reason = LookUnclear, "redirects to a log-in or consent page"
		return nil, true
	case next.Fragment == "":
		next = withFragment(next, u)
	}
	k.hops = append(k.hops, a.proof().hop())
	return next, true
}
