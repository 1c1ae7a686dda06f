package crawler

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"unmirror/crawler/kind"
	"unmirror/crawler/plane"
	"unmirror/fingerprints/match"
)

const (
	// revalidate is how long a listing's word that nothing changed is taken without asking the server.
	revalidate = 7 * 24 * time.Hour
	maxHops    = 5
	// maxLinksSeen bounds what is kept of a page's links for the day when it answers "not modified".
	maxLinksSeen = 500
)

// knownReport is a known match as the plane keeps it, sealed.
type knownReport struct {
	Report match.Report
	Digest string // which Report's own JSON leaves out
}

// visiting is one item under way.
type visiting struct {
	plane.Claimed
	u       *url.URL
	spec    kind.Spec // its own kind's rules
	gen     uint64    // of the index, when the visit began
	current bool      // what was seen of it was matched against that index
}

// visit deals with one item: skip it, or fetch it, and then match, list or follow.
func (w *walk) visit(ctx context.Context, h *hold, it plane.Claimed) (outcome, error) {
	u, err := url.Parse(it.URL)
	if err != nil {
		return outcome{done: true, counts: errored(it.Host, "an address cannot be read")}, nil
	}
	v := visiting{Claimed: it, u: u, gen: w.c.o.Generation()}
	if v.spec, err = w.src.rules(it.Kind, u); err != nil {
		return outcome{done: true, counts: errored(it.Host, "its kind is not known here")}, nil
	}
	v.current = it.Seen != nil && it.Seen.Generation == v.gen && !retry(it.Seen)
	if v.current && w.listedUnchanged(it) {
		return outcome{done: true, counts: plane.Counts{Unchanged: 1, BytesAvoided: it.Seen.Bytes}}, nil
	}
	if w.rests(v) || w.standsStill(v) {
		if o, ok := w.resting(ctx, v); ok {
			return o, nil
		}
	}
	ctx = w.onErrand(ctx, it)
	if o, stop, err := w.mayFetch(ctx, h, v); stop || err != nil {
		return o, err
	}
	o, done, err := w.glance(ctx, h, v)
	if done || err != nil {
		return o, err
	}
	full, err := w.full(ctx, h, v)
	full.counts.Add(o.counts)
	return full, err
}

// request is what every request for an item has.
func (w *walk) request(h *hold, v visiting) request {
	r := request{url: v.u, accept: v.spec.Kind.Accept, via: v.Via, hops: v.Hops, exit: h.exit, turns: h}
	r.header, r.secret = w.src.header(v.spec, v.u, len(v.Via) > 0)
	if v.current && v.Matches || w.remembers(v) {
		r.etag, r.modified = v.Seen.ETag, v.Seen.LastModified
		if v.Matches && v.Size > 0 && v.Size != v.Seen.Bytes {
			r.modified = "" // another content with the same date, as copies keep it
		}
	}
	return r
}

// full fetches an item or a page.
func (w *walk) full(ctx context.Context, h *hold, v visiting) (outcome, error) {
	if err := h.turn(ctx); err != nil {
		return outcome{}, err
	}
	r := w.request(h, v)
	r.matches, r.lists, r.bytes = v.Matches, v.Lists, v.Lists && v.spec.Kind.Bytes
	r.dom = v.Lists && v.spec.Kind.DOM
	r.aside = v.Lists && !v.Matches && v.spec.Kind.Folders && robotic(v.u)
	if v.Matches && !v.Lists && v.spec.Kind.Judges() {
		r.prefix = errorPage
	}
	if v.Matches && v.spec.Kind.Wraps(v.u) {
		r.unwrap = unwrapping(v.spec, v.u)
	}
	a, err := w.c.fetch(ctx, r)
	if ctx.Err() != nil {
		return outcome{}, ctx.Err()
	}
	if err != nil && !a.matched {
		o, err := w.noAnswer(h, v.Claimed, a, err)
		if err == nil && o.done && v.Lists && a.status == http.StatusOK && len(a.page) > 0 {
			w.list(ctx, v, a, &o, &plane.Seen{}) // the links that came before it broke off are links all the same
		}
		o.counts.Bytes += a.bytes
		return o, err
	}
	o, oerr := w.answered(ctx, h, v, a, err)
	o.counts.Bytes += a.bytes
	return o, oerr
}

// unwrapping reads an item of a kind that wraps it.
func unwrapping(s kind.Spec, u *url.URL) func([]byte) ([]kind.Part, error) {
	return func(body []byte) ([]kind.Part, error) { return s.Unwrap(u, body) }
}

// listedUnchanged takes a listing's word that an item is as it was. A known match is never passed over so: that it is
// still there has to come from the server.
func (w *walk) listedUnchanged(it plane.Claimed) bool {
	s := it.Seen
	return it.Matches && !it.Lists && len(s.Report) == 0 && it.Listed != "" && it.Listed == s.Listed && time.Since(s.Checked) < revalidate
}

// mayFetch asks the rules: what must never be fetched, and robots.txt.
func (w *walk) mayFetch(ctx context.Context, h *hold, v visiting) (o outcome, stop bool, err error) {
	it, u := v.Claimed, v.u
	switch {
	case v.spec.Forbidden(u):
		return outcome{done: true}, true, nil
	case v.spec.Kind.Reported != "":
		w.report(it, v.spec.Kind)
		return outcome{done: true}, true, nil
	case w.betrays(it, v):
		w.lost(it, whyBetrays)
		return outcome{done: true, counts: errored(it.Host, whyBetrays)}, true, nil
	case w.src.outOfReach(u) != "":
		why := w.src.outOfReach(u)
		w.lost(it, why)
		return outcome{done: true, counts: errored(it.Host, why)}, true, nil
	case !robotic(u):
		return o, false, nil
	}
	p, err := h.policy(ctx, u)
	if err != nil {
		return o, true, err
	}
	if p.Wait != "" {
		why := p.Wait
		if p.Unreachable != nil {
			why = plain(p.Unreachable)
			if !lasting(p.Unreachable) {
				why = p.Wait + ": " + why
			}
		}
		w.lost(it, why)
		return outcome{counts: errored(it.Host, why), stop: why}, true, nil
	}
	if p.Allowed(u) || it.Elsewhere && w.src.Robots == RobotsKnownItems {
		return o, false, nil
	}
	o = outcome{done: true, counts: plane.Counts{SkippedRobots: 1}}
	if it.Lists && it.Depth == 0 {
		w.lost(it, "robots.txt forbids its listing")
	}
	return o, true, nil
}

// answered deals with an answer; failed is set when its body broke off after something was recognised in it.
func (w *walk) answered(ctx context.Context, h *hold, v visiting, a *answer, failed error) (outcome, error) {
	it := v.Claimed
	m := v.spec.Kind.Mean(v.asAnswer(a))
	switch {
	case a.status == http.StatusOK && (m == kind.Present || it.Lists || known(a)):
		return w.content(ctx, v, a, failed)
	case a.status == http.StatusOK && m == kind.Unreachable:
		return w.postponed(h, it, a), nil
	case a.status == http.StatusNotModified && it.Seen != nil:
		return w.notModified(ctx, it, a)
	case a.status >= 300 && a.status < 400:
		return w.redirected(v, a), nil
	case a.status == http.StatusTooManyRequests || a.status >= 500:
		return w.postponed(h, it, a), nil
	}
	if m == kind.Gone && (it.Depth > 0 || !it.Lists || it.Elsewhere) {
		return outcome{done: true}, nil // a listed item that is gone meanwhile is no fault
	}
	why := statusText(a.status)
	if a.status == http.StatusOK {
		why = "answers 200, but with no content"
	}
	if it.Lists && v.spec.Kind.Folders {
		why += davOnly(a)
	}
	w.lost(it, why)
	return outcome{done: true, counts: errored(it.Host, why)}, nil
}

// asAnswer is what a kind judges.
func (v visiting) asAnswer(a *answer) kind.Answer {
	return kind.Answer{Status: a.status, Header: a.header, Prefix: a.page, URL: v.u, Type: a.mediaType}
}

// known reports whether something known was recognised in a body.
func known(a *answer) bool {
	return a.matched && (a.report.Verdict == match.Matched || a.report.Verdict == match.Weak)
}

// postponed keeps the host quiet for as long as it asks.
func (w *walk) postponed(h *hold, it plane.Claimed, a *answer) outcome {
	wait := max(a.retryAfter, w.c.o.Limits.Backoff<<it.Attempts)
	if a.retryAfter > 0 && it.Attempts == 0 {
		wait = a.retryAfter // it knows best, the first time
	}
	if a.retryAfter > 0 || a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable {
		h.calm(wait)
	}
	switch {
	case a.retryAfter > w.c.o.Limits.Pause:
		why := fmt.Sprintf("%s and asks to come back in %s", statusText(a.status), a.retryAfter.Round(time.Second))
		w.lost(it, why)
		return outcome{counts: errored(it.Host, why), stop: why}
	case it.Attempts < w.c.o.Limits.Retries:
		return outcome{later: time.Now().Add(wait)}
	}
	w.lost(it, statusText(a.status))
	return outcome{done: true, counts: errored(it.Host, statusText(a.status))}
}

// redirected makes the target an item of its own, with its own robots, rate and address checks.
func (w *walk) redirected(v visiting, a *answer) outcome {
	it := v.Claimed
	next, err := hop(v.u, a, append(slices.Clone(it.Via), it.URL))
	if err == nil && !v.spec.Within(next) {
		err = errOutside
	}
	if err != nil {
		w.lost(it, plain(err))
		return outcome{done: true, counts: errored(it.Host, plain(err))}
	}
	n := it.Item
	n.URL, n.Host, n.Via = next.String(), hostKey(next), append(slices.Clone(it.Via), it.URL)
	n.Hops = append(slices.Clone(it.Hops), a.proof().hop())
	if next.Fragment == "" {
		n.URL = withFragment(next, v.u).String()
	}
	if v.spec.Kind.Folders && next.Path != "" && next.Path[len(next.Path)-1] == '/' {
		n.Lists, n.Matches = true, false // a folder that was linked without its slash
	}
	// The target was counted as listed where its first address was; a folder is none.
	return outcome{done: true, found: []plane.Item{n}, counts: plane.Counts{Listed: -count(it.Matches)}}
}

// withFragment carries an address's fragment over a redirect, as RFC 9110 section 10.2.2 has it: it may be a key.
func withFragment(to, from *url.URL) *url.URL {
	c := *to
	c.Fragment, c.RawFragment = from.Fragment, from.RawFragment
	return &c
}

func count(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// hop reads where a redirect leads; via holds the addresses so far.
func hop(u *url.URL, a *answer, via []string) (*url.URL, error) {
	if a.status == http.StatusNotModified || a.header.Get("Location") == "" {
		return nil, errNoWhere
	}
	next, err := u.Parse(a.header.Get("Location"))
	if err != nil || !robotic(next) && next.Scheme != u.Scheme || next.Hostname() == "" || next.User != nil {
		return nil, errNoWhere
	}
	if slashed := folderOf(u, a.header.Get("Location")); slashed != nil {
		next = slashed
	}
	next = kind.Canonical(next)
	if slices.Contains(via, next.String()) {
		return nil, errLoop
	}
	if len(via) > maxHops {
		return nil, errHops
	}
	return next, nil
}

// folderOf is the folder that a redirect means which only adds a slash, where its server (mini_httpd) forgot to encode
// the name again: "%" , "#" or "?" in it would lead elsewhere. Nil: it is no such redirect.
func folderOf(u *url.URL, location string) *url.URL {
	if u.Path == u.EscapedPath() || u.RawQuery != "" {
		return nil
	}
	if location != u.Path+"/" && location != u.Scheme+"://"+u.Host+u.Path+"/" {
		return nil
	}
	f := *u
	f.Path = u.Path + "/"
	if u.RawPath != "" {
		f.RawPath = u.RawPath + "/"
	}
	return &f
}

// content deals with a body that came.
func (w *walk) content(ctx context.Context, v visiting, a *answer, failed error) (outcome, error) {
	it, o := v.Claimed, outcome{done: true}
	now := time.Now()
	seen := plane.Seen{
		ETag: a.header.Get("Etag"), LastModified: a.header.Get("Last-Modified"), Listed: settledShown(it.Item, a),
		Fetched: now, Checked: now, Generation: v.gen, Bytes: a.bytes,
	}
	contact := it.Contact
	if it.Lists {
		contact = w.list(ctx, v, a, &o, &seen)
	}
	if !it.Matches {
		w.remember(v, a, &o, &seen)
		return o, w.sightAside(ctx, it, a, &o, contact)
	}
	o.counts.Fetched++
	if known(a) {
		o.counts.Sightings++
		var err error
		if seen.Report, err = w.sightAndKeep(ctx, it, a.report, a.proof(), contact); err != nil {
			return outcome{}, err
		}
	}
	if failed != nil {
		o.counts.Add(errored(it.Host, plain(failed)))
		return o, nil // what a broken answer says about itself is not believed next time
	}
	why, ours := unopened(a.report.Reason)
	if seen.Unreadable = a.report.Verdict == match.Unreadable; seen.Unreadable {
		o.counts.Add(errored(it.Host, "an item cannot be opened: "+why))
	}
	if !ours {
		seen.Print, seen.History = w.history(v, printOf(a.report.Digest), known(a) || len(o.found) > 0)
		o.seen = &seen
	}
	return o, nil
}

// sightAside hands on what was recognised in a folder's own page: an index file, or a text that its server shows above
// or below the listing.
func (w *walk) sightAside(ctx context.Context, it plane.Claimed, a *answer, o *outcome, contact string) error {
	if !known(a) {
		return nil
	}
	o.counts.Sightings++
	report, err := w.sightAndKeep(ctx, it, a.report, a.proof(), contact)
	if err == nil && o.seen != nil {
		o.seen.Report = report
	}
	return err
}

// list reads a page's links into the outcome and gives the contact that the page publishes.
func (w *walk) list(ctx context.Context, v visiting, a *answer, o *outcome, seen *plane.Seen) string {
	it := v.Claimed
	if it.Matches && a.mediaType != "" && !readable(a.mediaType) && !v.spec.Kind.Bytes {
		return it.Contact // a site's picture or archive: matched, but no page
	}
	f, err := v.spec.Read(kind.Page{URL: v.u, Depth: it.Depth, Type: a.mediaType, Body: a.page, Root: a.root, Header: a.header})
	switch {
	case err != nil && it.Matches && it.Depth > 0:
		return it.Contact
	case err != nil:
		w.lost(it, err.Error())
		o.counts.Add(errored(it.Host, err.Error()))
		return it.Contact
	case !f.Recognised && it.Depth == 0:
		why := "the page is nothing that kind " + v.spec.Kind.Name + " can list"
		if v.spec.Kind.Folders {
			why += davOnly(a)
		}
		w.lost(it, why)
		o.counts.Add(errored(it.Host, why))
		return it.Contact
	}
	if a.cut {
		o.counts.Add(errored(it.Host, "a listing is longer than "+sizeText(w.c.pageLimit(v.spec.Kind.DOM))+", its end was not read"))
	}
	o.counts.Pages++
	contact := f.Contact
	if contact == "" {
		contact = it.Contact
	} else if !it.Matches && len(f.Links) == 0 {
		w.learn(it.Host, contact) // a page about the place
	}
	if it.Matches && it.Lists {
		f.Links = w.share(f.Links)
	}
	o.found = make([]plane.Item, 0, len(f.Links)+len(f.Elsewhere))
	for _, l := range f.Links {
		if n, ok := toItem(l); ok {
			n.Contact = contact
			o.found = append(o.found, n)
		}
	}
	for _, l := range f.Elsewhere {
		if n, ok := toItem(l); ok {
			o.found = append(o.found, n)
		}
	}
	if len(o.found) <= maxLinksSeen && !a.cut {
		seen.Links = slices.Clone(o.found)
	} else {
		seen.ETag, seen.LastModified = "", "" // without its links, "not modified" would lose them
	}
	o.found = w.budgeted(ctx, o.found)
	return contact
}

// notModified takes the server's word that an item is as it was; a known match is handed on again.
func (w *walk) notModified(ctx context.Context, it plane.Claimed, a *answer) (outcome, error) {
	seen := *it.Seen
	seen.History = seen.History.Seen(w.bounds(), time.Since(seen.Checked), false, false)
	seen.Checked = time.Now()
	if it.Listed != "" || it.Matches {
		seen.Listed = settledShown(it.Item, a)
	}
	links, err := listedBefore(&seen)
	if err != nil { // what is kept of it cannot be read: it is fetched in full
		return outcome{seen: &plane.Seen{Checked: seen.Checked}, later: time.Now()}, nil
	}
	o := outcome{done: true, seen: &seen, counts: plane.Counts{Unchanged: count(it.Matches), BytesAvoided: seen.Bytes}}
	o.found = w.budgeted(ctx, links)
	if it.Lists {
		o.counts.Pages++
	}
	if len(seen.Report) > 0 {
		var k knownReport
		if err := json.Unmarshal(seen.Report, &k); err != nil {
			return outcome{}, fmt.Errorf("read report: %w", err)
		}
		k.Report.Digest = k.Digest
		o.counts.Sightings++
		if err := w.sight(ctx, it, k.Report, a.proof(), it.Contact); err != nil {
			return outcome{}, err
		}
	}
	return o, nil
}

// sightAndKeep hands a sighting on and gives the report as the plane keeps it.
func (w *walk) sightAndKeep(ctx context.Context, it plane.Claimed, r match.Report, cp Capture, contact string) (json.RawMessage, error) {
	if err := w.sight(ctx, it, r, cp, contact); err != nil {
		return nil, err
	}
	j, err := json.Marshal(knownReport{r, r.Digest})
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return j, nil
}

// sight hands a sighting on.
func (w *walk) sight(ctx context.Context, it plane.Claimed, r match.Report, cp Capture, contact string) error {
	if contact == "" {
		contact = w.learned(it.Host)
	}
	s := Sighting{Source: w.src.Name, Kind: w.src.Kind, URL: it.URL, Found: time.Now().UTC(), Report: r, Capture: cp, SiteContact: contact}
	if it.Kind != "" {
		s.Kind = it.Kind
	}
	known, err := w.c.o.Sink(ctx, s)
	if err != nil {
		return fmt.Errorf("hand on a sighting: %w", err)
	}
	if w.c.o.OnSighting != nil {
		w.c.o.OnSighting(s, known)
	}
	return nil
}
