package crawler

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"unmirror/crawler/gone"
	"unmirror/crawler/kind"
	"unmirror/fingerprints/match"
)

// cheaply settles a look by the head of the answer and an archive's end, where these can tell, and always where a GET
// might use the item up. Done: it is settled, or redirects.
func (k *looking) cheaply(ctx context.Context, h *hold, r request) (done bool, next *url.URL, err error) {
	asks, only := k.spec.Kind.Asks(), k.spec.Kind.DigestsOnly()
	if !asks && !only && (k.c.o.Library == nil || k.spec.Kind.Wraps(r.url)) {
		return false, nil, nil
	}
	g := &glancing{c: k.c, h: h, spec: k.spec, url: r.url, name: r.url.Path, request: r, habits: &habits{}, glanced: glanced{size: -1}}
	if err := g.glance(ctx); err != nil {
		return true, nil, err
	}
	if g.decided {
		k.l.At, k.l.Capture, k.l.Report = time.Now().UTC(), g.capture(), g.report
		k.l.Outcome, k.l.Reason = LookLive, "known content is still there"
		return true, nil, nil
	}
	if !asks && !only {
		return false, nil, nil
	}
	if g.head == nil {
		k.l.Outcome, k.l.Reason = LookUnclear, whyNotSaid
		if g.err != nil {
			k.l.Outcome, k.l.Reason = unanswered(g.err)
		}
		return true, nil, nil
	}
	if next, is := k.redirected(r.url, r.via, g.head); is {
		return true, next, nil
	}
	if m := k.spec.Kind.Mean(k.asAnswer(r.url, g.head)); m != kind.Present || g.head.status != http.StatusOK {
		return true, nil, k.judge(ctx, h, r.url, g.head, nil)
	}
	if only {
		if done, err := k.relists(ctx, h, r); done || err != nil {
			return true, nil, err
		}
	}
	if only || !k.spec.Kind.MayGet(k.asAnswer(r.url, g.head)) {
		k.l.At, k.l.Capture = time.Now().UTC(), g.head.proof()
		k.l.Outcome, k.l.Reason = LookUnclear, whyLeft
		return true, nil, nil
	}
	return false, nil, nil
}

func (k *looking) asAnswer(u *url.URL, a *answer) kind.Answer {
	return kind.Answer{Status: a.status, Header: a.header, Prefix: a.page, URL: u, Type: a.mediaType}
}

// unanswered judges a request without an answer.
func unanswered(err error) (LookOutcome, string) {
	if lasting(err) && isRefusal(err) {
		return LookUnclear, plain(err)
	}
	return LookUnreachable, plain(err)
}

// judge says what an answer means for the item; failed is set when it did not come to its end.
func (k *looking) judge(ctx context.Context, h *hold, u *url.URL, a *answer, failed error) error {
	l := &k.l
	l.At, l.Capture = time.Now().UTC(), a.proof()
	if a.matched {
		l.Report = a.report
	}
	switch v := a.report.Verdict; {
	case known(a):
		l.Outcome, l.Reason = LookLive, "known content is still there"
		return nil
	case failed != nil && a.status == 0:
		l.Outcome, l.Reason = unanswered(failed)
		return nil
	case failed != nil:
		l.Outcome, l.Reason = LookUnclear, plain(failed)
		return nil
	case a.matched && v == match.Unreadable:
		why, _ := unopened(a.report.Reason)
		l.Outcome, l.Reason = LookUnclear, "the content cannot be opened: "+why
		return nil
	}
	v := gone.Read(page(u, a))
	m := k.spec.Kind.Mean(k.asAnswer(u, a))
	switch {
	case m == kind.Unreachable:
		l.Outcome, l.Reason = LookUnreachable, statusText(a.status)
	case m == kind.Gone:
		return k.absent(ctx, h, u, a, v)
	case m != kind.Present:
		l.Outcome, l.Reason = LookUnclear, statusText(a.status)
	case v.Sign == gone.None:
		return k.replaced(ctx, h, u, a)
	case v.Sign == gone.Removed && !v.Named:
		return k.removed(ctx, h, u, a, v)
	default:
		l.Outcome, l.Reason = outcomeOf(v)
	}
	return nil
}

func page(u *url.URL, a *answer) gone.Page { return gone.Page{URL: u, Type: a.mediaType, Body: a.page} }

// outcomeOf is what a page's sign means.
func outcomeOf(v gone.Verdict) (LookOutcome, string) {
	switch v.Sign {
	case gone.Removed:
		return LookGone, v.Reason
	case gone.Outage:
		return LookUnreachable, v.Reason
	}
	return LookUnclear, v.Reason
}

// absent deals with an answer that says that the item is not there. It is believed when the place says so of this item
// (410, 451, its kind's own words), or when the place is otherwise in order: where everything is 404, nothing is gone.
func (k *looking) absent(ctx context.Context, h *hold, u *url.URL, a *answer, v gone.Verdict) error {
	l := &k.l
	switch {
	case v.Sign == gone.Outage || v.Sign == gone.Parked:
		l.Outcome, l.Reason = outcomeOf(v)
		return nil
	case a.status != http.StatusNotFound || v.Named:
		l.Outcome, l.Reason = LookGone, statusText(a.status)
		if a.status == http.StatusOK {
			l.Reason = "the place says that it is not there"
		}
		return nil
	}
	state, err := k.place(ctx, h, u)
	if err != nil {
		return err
	}
	if state.ill != "" {
		l.Outcome, l.Reason = state.ill, "answers 404, but "+state.why
		return nil
	}
	l.Outcome, l.Reason = LookGone, statusText(a.status)
	return nil
}

// removed deals with a page that says with 200 that something is not there: of this item, unless the whole place says so,
// as a host does of which nothing is left but a page for every address.
func (k *looking) removed(ctx context.Context, h *hold, u *url.URL, a *answer, v gone.Verdict) error {
	l := &k.l
	state, err := k.place(ctx, h, u)
	switch {
	case err != nil:
		return err
	case state.ill != "":
		l.Outcome, l.Reason = state.ill, v.Reason+", but "+state.why
	case state.page != nil && (gone.Read(*state.page).Sign == gone.Removed || gone.Same(*state.page, page(u, a))):
		l.Outcome, l.Reason = LookUnclear, "the place says of every address that it is not there"
	default:
		l.Outcome, l.Reason = LookGone, v.Reason
	}
	return nil
}

// replaced deals with a page of which nothing is known and which says nothing of the item: something else may be there,
// or the place says no in a way of its own. Then it says the same at an address beside it that surely does not exist,
// and something else at its own start.
func (k *looking) replaced(ctx context.Context, h *hold, u *url.URL, a *answer) error {
	l := &k.l
	l.Outcome, l.Reason = LookChanged, "something else is there now"
	beside := gone.Beside(u)
	if beside == nil || k.spec.Kind.Wraps(u) || k.spec.Kind.Asks() || len(a.page) > 0 && a.mediaType != "" && !readable(a.mediaType) || k.spec.Forbidden(beside) {
		return nil
	}
	p, err := h.policy(ctx, beside)
	if err != nil || !p.Allowed(beside) {
		return err
	}
	control, failed, err := k.fetch(ctx, h, k.asking(beside, h))
	if err != nil {
		return err
	}
	if failed != nil || control.status != http.StatusOK || !gone.Same(page(u, a), page(beside, control)) {
		return nil
	}
	state, err := k.place(ctx, h, u)
	switch {
	case err != nil:
		return err
	case state.ill != "":
		l.Outcome, l.Reason = LookUnclear, "answers as for an address that surely does not exist, and "+state.why
	case state.page == nil || gone.Same(*state.page, page(u, a)):
		l.Outcome, l.Reason = LookUnclear, "the place answers every address alike"
	default:
		l.Outcome, l.Reason = LookGone, "answers as for an address that surely does not exist"
	}
	return nil
}

// asking is a request for a page beside the item: its beginning is enough.
func (k *looking) asking(u *url.URL, h *hold) request {
	r := request{url: u, exit: k.exit, turns: h, lists: true}
	r.header, r.secret = k.src.header(k.spec, u, false)
	return r
}

// state is how a place is, apart from the item.
type state struct {
	ill  LookOutcome // empty: it is in order
	why  string
	page *gone.Page // its start, when that is a page
}

// place looks at the source's own listing, where it lies on the item's host, or else at the host's root. The listing
// must be one; the root need only not be missing, broken or a default page.
func (k *looking) place(ctx context.Context, h *hold, u *url.URL) (state, error) {
	start, listing := k.start(u)
	for range maxHops {
		if robotic(start) {
			p, err := h.policy(ctx, start)
			if err != nil {
				return state{}, err
			}
			if !p.Allowed(start) {
				return state{}, nil // a robots.txt that forbids it is a sign of life
			}
		}
		if k.spec.Forbidden(start) {
			return state{}, nil
		}
		r := k.asking(start, h)
		if listing {
			r.header, r.secret = k.src.header(k.src.spec, start, false)
			r.accept, r.dom, r.bytes = k.src.spec.Kind.Accept, k.src.spec.Kind.DOM, k.src.spec.Kind.Bytes
		}
		a, failed, err := k.fetch(ctx, h, r)
		if err != nil {
			return state{}, err
		}
		if failed == nil && a.status >= 300 && a.status < 400 {
			next, herr := hop(start, a, []string{start.String()})
			if herr == nil && hostKey(next) == hostKey(start) {
				start = next
				continue
			}
			if listing {
				return state{ill: LookUnclear, why: "the source's start leads elsewhere"}, nil
			}
			return state{}, nil // an address of its own for visitors: the host is set up
		}
		return k.judgePlace(start, listing, a, failed), nil
	}
	return state{ill: LookUnclear, why: "the place's start redirects without end"}, nil
}

// start is the address by which the item's place is judged, and whether it must be a listing.
func (k *looking) start(u *url.URL) (*url.URL, bool) {
	for _, l := range k.src.spec.Seeds() {
		s, err := url.Parse(l.URL)
		if err == nil && l.Lists && !l.Elsewhere && l.Depth == 0 && hostKey(s) == hostKey(u) && s.Scheme == u.Scheme && s.String() != u.String() {
			return s, true
		}
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host, Path: "/"}, false
}

func (k *looking) judgePlace(start *url.URL, listing bool, a *answer, failed error) state {
	what := "its root"
	if listing {
		what = "the source's own listing"
	}
	p := page(start, a)
	switch {
	case failed != nil && a.status != http.StatusOK:
		return state{ill: LookUnreachable, why: what + ": " + plain(failed)}
	case a.status >= 500:
		return state{ill: LookUnreachable, why: what + " " + statusText(a.status)}
	case a.status == http.StatusNotFound, a.status == http.StatusGone:
		return state{ill: LookUnreachable, why: what + " " + statusText(a.status) + " too"}
	case a.status != http.StatusOK && listing:
		return state{ill: LookUnclear, why: what + " " + statusText(a.status)}
	case a.status != http.StatusOK:
		return state{}
	}
	if v := gone.Read(p); v.Sign == gone.Outage || v.Sign == gone.Parked {
		ill, why := outcomeOf(v)
		return state{ill: ill, why: what + ": " + why}
	}
	if !listing {
		return state{page: &p}
	}
	f, err := k.src.spec.Read(kind.Page{URL: start, Type: a.mediaType, Body: a.page, Root: a.root, Header: a.header})
	if err != nil || !f.Recognised {
		return state{ill: LookUnclear, why: what + " is none any more"}
	}
	return state{page: &p}
}

// wallPath are the addresses that places send visitors to who must first do something.
var wallPath = regexp.MustCompile(`(?i)/(log-?in|sign-?in|sign-?on|auth(enticate|orize)?|sso|session/new|users/sign_in|wp-login\.php|ucp\.php|account/login|consent|cookie-?wall|captcha|challenge|verify|age-?(gate|check|verification)|maintenance|suspended(page)?\.cgi|cgi-sys)(\.[a-z]{2,4})?(/|$)`)

// walled reports whether a redirect leads before a wall: what stands behind it is not known.
func walled(u *url.URL) bool { return wallPath.MatchString(u.Path) }
