package crawler

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
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
}

// Look fetches one address of a case again, by the rules of the source where it was found: at its host's pace, and past
// robots.txt only where the source says known_items. The body is matched again to tell live from changed. It waits
// Limits.Patience for the host's turn and takes Limits.Look at most. An error is our own (the store) or the context's
// end.
func (c *Crawler) Look(ctx context.Context, s Source, address string) (Look, error) {
	l := Look{Outcome: LookUnclear, At: time.Now().UTC()}
	src, err := s.compile()
	if err != nil {
		l.Reason = "the source's configuration cannot be used"
		return l, nil
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		l.Reason = "the address cannot be read"
		return l, nil
	}
	if src.spec.Forbidden(u) {
		l.Reason = "fetching this address would spread or destroy what is there"
		return l, nil
	}
	short, cancel := context.WithTimeout(ctx, c.o.Limits.Look)
	defer cancel()
	if err := c.lookAlong(short, src, u, &l); err != nil && (ctx.Err() != nil || !l.unfinished(short, err)) {
		return l, fmt.Errorf("look again: %w", err)
	}
	return l, nil
}

// lookAlong looks at an address and at where it redirects to.
func (c *Crawler) lookAlong(ctx context.Context, src compiled, u *url.URL, l *Look) error {
	var via []string
	for u != nil {
		next, err := c.lookOnce(ctx, src, u, via, l)
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

// lookOnce makes one request and gives where it redirects to, or nil when l is settled.
func (c *Crawler) lookOnce(ctx context.Context, src compiled, u *url.URL, via []string, l *Look) (*url.URL, error) {
	h, free, err := c.takeHost(ctx, hostKey(u), store.NewID("look"), src.Delay)
	if err != nil {
		return nil, err
	}
	defer free()
	p, err := h.policy(ctx, u)
	switch {
	case err != nil:
		return nil, err
	case p.Unreachable != nil:
		l.Outcome, l.Reason = unanswered(p.Unreachable)
		return nil, nil
	case p.Wait != "":
		l.Outcome, l.Reason = LookUnreachable, p.Wait
		return nil, nil
	case !p.Allowed(u) && src.Robots != RobotsKnownItems:
		l.Outcome, l.Reason = LookRobots, "robots.txt forbids this address, and the source does not set robots: known_items"
		return nil, nil
	}
	if err := h.turn(ctx); err != nil {
		return nil, err
	}
	a, err := c.fetch(ctx, request{url: u, matches: true, via: via})
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var ours local
	if errors.As(err, &ours) {
		return nil, err
	}
	l.At, l.Capture = time.Now().UTC(), a.capture
	if a.retryAfter > 0 {
		h.wait(a.retryAfter)
	}
	if a.status == http.StatusNotModified { // a look sends no validators, so the answer is none
		l.Outcome, l.Reason = LookUnclear, statusText(a.status)
		return nil, nil
	}
	if a.status >= 300 && a.status < 400 {
		next, herr := hop(u, a, append(via[:len(via):len(via)], u.String()))
		if herr != nil {
			l.Outcome, l.Reason = LookUnclear, plain(herr)
			return nil, nil
		}
		if src.spec.Forbidden(next) {
			l.Outcome, l.Reason = LookUnclear, "redirects to an address that is never fetched"
			return nil, nil
		}
		return next, nil
	}
	l.judge(src.spec.Kind, a, err)
	return nil, nil
}

// unanswered judges a request without an answer.
func unanswered(err error) (LookOutcome, string) {
	if lasting(err) && isRefusal(err) {
		return LookUnclear, plain(err)
	}
	return LookUnreachable, plain(err)
}

// judge says what an answer means for the item.
func (l *Look) judge(k kind.Kind, a *answer, err error) {
	if a.matched {
		l.Report = a.report
	}
	switch v := a.report.Verdict; {
	case a.matched && (v == match.Matched || v == match.Weak):
		l.Outcome, l.Reason = LookLive, "known content is still there"
		return
	case err != nil && a.status == 0:
		l.Outcome, l.Reason = unanswered(err)
		return
	case err != nil:
		l.Outcome, l.Reason = LookUnclear, plain(err)
		return
	case a.matched && v == match.Unreadable:
		why, _ := unopened(a.report.Reason)
		l.Outcome, l.Reason = LookUnclear, "the content cannot be opened: "+why
		return
	}
	switch k.Mean(kind.Answer{Status: a.status, Header: a.header, Prefix: a.page}) {
	case kind.Present:
		l.Outcome, l.Reason = LookChanged, "something else is there now"
	case kind.Gone:
		l.Outcome, l.Reason = LookGone, statusText(a.status)
	case kind.Unreachable:
		l.Outcome, l.Reason = LookUnreachable, statusText(a.status)
	default:
		l.Outcome, l.Reason = LookUnclear, statusText(a.status)
	}
}
