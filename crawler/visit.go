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
	// zoneSlack is how old a listed time must be before its word counts: listings show local times of an unknown zone
	// (up to 14 hours either way), to the minute, and a file may change twice in one.
	zoneSlack = 26 * time.Hour
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

// visit deals with one item: skip it, or fetch it, and then match, list or follow.
func (w *walk) visit(ctx context.Context, h *hold, it plane.Claimed) (outcome, error) {
	u, err := url.Parse(it.URL)
	if err != nil {
		return outcome{done: true, counts: errored(it.Host, "an address cannot be read")}, nil
	}
	gen := w.c.o.Generation()
	current := it.Seen != nil && it.Seen.Generation == gen && !retry(it.Seen)
	if current && w.listedUnchanged(it) {
		return outcome{done: true, counts: plane.Counts{Unchanged: 1, BytesAvoided: it.Seen.Bytes}}, nil
	}
	if o, stop, err := w.mayFetch(ctx, h, it, u); stop || err != nil {
		return o, err
	}
	if err := h.turn(ctx); err != nil {
		return outcome{}, err
	}
	r := request{url: u, accept: w.src.spec.Kind.Accept, matches: it.Matches, lists: it.Lists, dom: it.Lists && w.src.spec.Kind.DOM, via: it.Via}
	if current && it.Matches {
		r.etag, r.modified = it.Seen.ETag, it.Seen.LastModified
	}
	a, err := w.c.fetch(ctx, r)
	if ctx.Err() != nil {
		return outcome{}, ctx.Err()
	}
	if err != nil && !a.matched {
		o, err := w.noAnswer(h, it, err)
		o.counts.Bytes += a.bytes
		return o, err
	}
	o, oerr := w.answered(ctx, h, it, u, a, gen, err)
	o.counts.Bytes += a.bytes
	return o, oerr
}

// listedUnchanged takes a listing's word that an item is as it was. A known match is never passed over so: that it is
// still there has to come from the server.
func (w *walk) listedUnchanged(it plane.Claimed) bool {
	s := it.Seen
	return it.Matches && !it.Lists && len(s.Report) == 0 && it.Listed != "" && it.Listed == s.Listed &&
		it.Modified.Before(s.Fetched.Add(-zoneSlack)) && time.Since(s.Checked) < revalidate
}

// mayFetch asks the rules: what must never be fetched, and robots.txt.
func (w *walk) mayFetch(ctx context.Context, h *hold, it plane.Claimed, u *url.URL) (o outcome, stop bool, err error) {
	if w.src.spec.Forbidden(u) {
		return outcome{done: true}, true, nil
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
func (w *walk) answered(ctx context.Context, h *hold, it plane.Claimed, u *url.URL, a *answer, gen uint64, failed error) (outcome, error) {
	switch {
	case a.status == http.StatusOK:
		return w.content(ctx, it, u, a, gen, failed)
	case a.status == http.StatusNotModified && it.Seen != nil:
		return w.notModified(ctx, it, a)
	case a.status >= 300 && a.status < 400:
		return w.redirected(it, u, a), nil
	case a.status == http.StatusTooManyRequests || a.status >= 500:
		return w.postponed(h, it, a), nil
	}
	m := w.src.spec.Kind.Mean(kind.Answer{Status: a.status, Header: a.header, Prefix: a.page})
	if m == kind.Gone && (it.Depth > 0 || !it.Lists) {
		return outcome{done: true}, nil // a listed item that is gone meanwhile is no fault
	}
	w.lost(it, statusText(a.status))
	return outcome{done: true, counts: errored(it.Host, statusText(a.status))}, nil
}

// postponed keeps the host quiet for as long as it asks.
func (w *walk) postponed(h *hold, it plane.Claimed, a *answer) outcome {
	wait := max(a.retryAfter, w.c.o.Limits.Backoff<<it.Attempts)
	if a.retryAfter > 0 || a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable {
		h.wait(wait)
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
func (w *walk) redirected(it plane.Claimed, u *url.URL, a *answer) outcome {
	next, err := hop(u, a, append(slices.Clone(it.Via), it.URL))
	if err == nil && !w.src.spec.Within(next) {
		err = errOutside
	}
	if err != nil {
		w.lost(it, plain(err))
		return outcome{done: true, counts: errored(it.Host, plain(err))}
	}
	n := it.Item
	n.URL, n.Host, n.Via = next.String(), hostKey(next), append(slices.Clone(it.Via), it.URL)
	if w.src.spec.Kind.Name == "directory" && next.Path != "" && next.Path[len(next.Path)-1] == '/' {
		n.Lists, n.Matches = true, false // a folder that was linked without its slash
	}
	// The target was counted as listed where its first address was.
	return outcome{done: true, found: []plane.Item{n}, counts: plane.Counts{Listed: -count(n.Matches)}}
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
	if err != nil || next.Scheme != "http" && next.Scheme != "https" || next.Hostname() == "" || next.User != nil {
		return nil, errNoWhere
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

// content deals with a body that came.
func (w *walk) content(ctx context.Context, it plane.Claimed, u *url.URL, a *answer, gen uint64, failed error) (outcome, error) {
	o := outcome{done: true}
	now := time.Now()
	seen := plane.Seen{
		ETag: a.header.Get("Etag"), LastModified: a.header.Get("Last-Modified"), Listed: it.Listed,
		Fetched: now, Checked: now, Generation: gen, Bytes: a.bytes,
	}
	contact := it.Contact
	if it.Lists {
		contact = w.list(it, u, a, &o, &seen)
	}
	if !it.Matches {
		return o, nil
	}
	o.counts.Fetched++
	if v := a.report.Verdict; a.matched && (v == match.Matched || v == match.Weak) {
		o.counts.Sightings++
		if err := w.sight(ctx, it, a.report, a.capture, contact); err != nil {
			return outcome{}, err
		}
		j, err := json.Marshal(knownReport{a.report, a.report.Digest})
		if err != nil {
			return outcome{}, fmt.Errorf("write report: %w", err)
		}
		seen.Report = j
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
		o.seen = &seen
	}
	return o, nil
}

// list reads a page's links into the outcome and gives the contact that the page publishes.
func (w *walk) list(it plane.Claimed, u *url.URL, a *answer, o *outcome, seen *plane.Seen) string {
	if it.Matches && a.mediaType != "" && !readable(a.mediaType) {
		return it.Contact // a site's picture or archive: matched, but no page
	}
	f, err := w.src.spec.Read(kind.Page{URL: u, Depth: it.Depth, Type: a.mediaType, Body: a.page, Root: a.root, Header: a.header})
	switch {
	case err != nil && it.Matches && it.Depth > 0:
		return it.Contact
	case err != nil:
		w.lost(it, err.Error())
		o.counts.Add(errored(it.Host, err.Error()))
		return it.Contact
	case !f.Recognised && it.Depth == 0:
		why := "the page is nothing that kind " + w.src.spec.Kind.Name + " can list"
		w.lost(it, why)
		o.counts.Add(errored(it.Host, why))
		return it.Contact
	}
	if a.cut {
		o.counts.Add(errored(it.Host, "a listing is longer than "+sizeText(w.c.o.Limits.Page)+", its end was not read"))
	}
	o.counts.Pages++
	contact := f.Contact
	if contact == "" {
		contact = it.Contact
	}
	for _, l := range f.Links {
		if n, ok := toItem(l); ok {
			n.Contact = contact
			o.found = append(o.found, n)
		}
	}
	if len(o.found) <= maxLinksSeen && !a.cut {
		seen.Links = o.found
	} else {
		seen.ETag, seen.LastModified = "", "" // without its links, "not modified" would lose them
	}
	return contact
}

// notModified takes the server's word that an item is as it was; a known match is handed on again.
func (w *walk) notModified(ctx context.Context, it plane.Claimed, a *answer) (outcome, error) {
	seen := *it.Seen
	seen.Checked, seen.Listed = time.Now(), it.Listed
	o := outcome{done: true, seen: &seen, counts: plane.Counts{Unchanged: 1, BytesAvoided: seen.Bytes}}
	for _, l := range seen.Links {
		if u, err := url.Parse(l.URL); err == nil {
			l.Host = hostKey(u)
			o.found = append(o.found, l)
		}
	}
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
		if err := w.sight(ctx, it, k.Report, a.capture, it.Contact); err != nil {
			return outcome{}, err
		}
	}
	return o, nil
}

// sight hands a sighting on.
func (w *walk) sight(ctx context.Context, it plane.Claimed, r match.Report, cp Capture, contact string) error {
	s := Sighting{Source: w.src.Name, Kind: w.src.Kind, URL: it.URL, Found: time.Now().UTC(), Report: r, Capture: cp, SiteContact: contact}
	known, err := w.c.o.Sink(ctx, s)
	if err != nil {
		return fmt.Errorf("hand on a sighting: %w", err)
	}
	if w.c.o.OnSighting != nil {
		w.c.o.OnSighting(s, known)
	}
	return nil
}
