package crawler

import (
	"context"
	"net/http"
	"time"

	"unmirror/crawler/kind"
	"unmirror/crawler/plane"
)

const (
	whyLeft    = "an item is left alone: reading it would use it up"
	whyNotSaid = "an item is left alone: its place does not say whether reading would use it up"
)

// worthAGlance reports whether a request or two more may save an item's body, or are needed before it may be read.
func (w *walk) worthAGlance(v visiting) bool {
	switch {
	case !v.Matches || v.Lists:
		return false
	case v.spec.Kind.Asks():
		return true
	case w.c.o.Library == nil || v.spec.Kind.Wraps(v.u):
		return false
	}
	size := v.Size
	if v.Seen != nil {
		size = max(size, v.Seen.Bytes)
	}
	return len(v.Published) > 0 && w.hinted(v) || size >= glanceFrom || size == 0 && w.maybeLarge(v)
}

// maybeLarge guesses from its name, and from what its listing shows, whether an item of unknown size is worth a HEAD.
func (w *walk) maybeLarge(v visiting) bool {
	switch shapeOf(v.fileName()) {
	case archiveFile:
		return true
	case unknownFile:
		return v.spec.Kind.Folders || listedLarge.MatchString(v.Listed)
	}
	return listedLarge.MatchString(v.Listed)
}

// hinted reports whether a digest that the listing publishes is known: then no body is needed.
func (w *walk) hinted(v visiting) bool {
	g := glancing{c: w.c, url: v.u, glanced: glanced{size: v.size()}}
	_, ok := g.published(published(v.Item))
	return ok
}

func (v visiting) size() int64 {
	if v.Size > 0 {
		return v.Size
	}
	return -1
}

func (v visiting) fileName() string {
	if v.Name != "" {
		return v.Name
	}
	return v.u.Path
}

// glance looks at an item without its body. Done: the outcome is final. Else it holds what the look cost.
func (w *walk) glance(ctx context.Context, h *hold, v visiting) (o outcome, done bool, err error) {
	switch {
	case v.Matches && !v.Lists && v.spec.Kind.DigestsOnly():
		o, err = w.byDigest(ctx, h, v)
		return o, true, err
	case !w.worthAGlance(v):
		return o, false, nil
	}
	g := &glancing{c: w.c, h: h, spec: v.spec, url: v.u, name: v.fileName(), request: w.request(h, v), hints: published(v.Item),
		habits: w.habitsOf(v.Host), glanced: glanced{size: v.size()}}
	if err := g.glance(ctx); err != nil {
		return o, false, err
	}
	o, done, err = w.glimpsed(ctx, h, v, g)
	o.counts.Bytes += g.bytes
	return o, done, err
}

// byDigest settles an item whose content is not to be had: one that is known is asked for its head, nothing else is.
func (w *walk) byDigest(ctx context.Context, h *hold, v visiting) (outcome, error) {
	g := &glancing{c: w.c, h: h, spec: v.spec, url: v.u, request: w.request(h, v), habits: w.habitsOf(v.Host), glanced: glanced{size: v.size()}}
	known, ok := g.published(published(v.Item))
	if !ok {
		return outcome{done: true}, nil
	}
	size := g.size
	if err := g.ask(ctx); err != nil { // the head is the evidence that the address is there; its length is another content's
		return outcome{}, err
	}
	if g.head != nil && g.head.status != http.StatusOK && v.spec.Kind.Mean(v.asAnswer(g.head)) == kind.Gone {
		return outcome{done: true, counts: plane.Counts{Bytes: g.bytes}}, nil
	}
	g.report, g.size = known, size
	o, err := w.settled(ctx, v, g)
	o.counts.Bytes += g.bytes
	return o, err
}

// glimpsed says what a look comes to.
func (w *walk) glimpsed(ctx context.Context, h *hold, v visiting, g *glancing) (o outcome, done bool, err error) {
	a := g.head
	asks := v.spec.Kind.Asks()
	switch {
	case g.same && v.Seen != nil:
		o, err = w.notModified(ctx, v.Claimed, a)
		return o, true, err
	case a == nil && asks && g.err != nil:
		o, err = w.noAnswer(h, v.Claimed, g.last, g.err)
		return o, true, err
	case a == nil && g.err != nil && !isFault(g.err):
		w.habitsOf(v.Host).noHead.Store(true) // next time the body is asked for at once
		o, err = w.noAnswer(h, v.Claimed, g.last, g.err)
		return o, true, err
	case a != nil && a.status >= 300 && a.status < 400:
		return w.redirected(v, a), true, nil
	case a != nil && (a.status == http.StatusTooManyRequests || a.status == http.StatusServiceUnavailable):
		return w.postponed(h, v.Claimed, a), true, nil
	case a != nil && asks && v.spec.Kind.Mean(v.asAnswer(a)) == kind.Gone:
		return outcome{done: true}, true, nil
	case g.decided && (a == nil || a.status == http.StatusOK):
		o, err = w.settled(ctx, v, g)
		return o, true, err
	case asks && a == nil:
		return outcome{done: true, counts: errored(v.Host, whyNotSaid)}, true, nil
	case asks && !v.spec.Kind.MayGet(v.asAnswer(a)):
		return outcome{done: true, counts: errored(v.Host, whyLeft)}, true, nil
	}
	return outcome{}, false, nil
}

// settled hands on a match that needed no body.
func (w *walk) settled(ctx context.Context, v visiting, g *glancing) (outcome, error) {
	now := time.Now()
	seen := plane.Seen{Listed: v.Listed, Fetched: now, Checked: now, Generation: v.gen, Bytes: max(g.size, 0)}
	if g.last != nil {
		seen.ETag, seen.LastModified = g.last.header.Get("Etag"), g.last.header.Get("Last-Modified")
	}
	o := outcome{done: true, seen: &seen, counts: plane.Counts{Sightings: 1, BytesAvoided: max(0, g.size-g.bytes)}}
	var err error
	seen.Report, err = w.sightAndKeep(ctx, v.Claimed, g.report, g.capture(), v.Contact)
	return o, err
}

// habitsOf gives what is known of a host in this run.
func (w *walk) habitsOf(host string) *habits {
	w.mu.Lock()
	defer w.mu.Unlock()
	h := w.habits[host]
	if h == nil {
		h = &habits{}
		w.habits[host] = h
	}
	return h
}
