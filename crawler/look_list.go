package crawler

import (
	"context"
	"net/http"
	"time"

	"unmirror/crawler/kind"
)

// relists settles a look at an item that only a published digest tells, by reading the page that publishes it again: a
// .torrent file. Done: it is settled.
func (k *looking) relists(ctx context.Context, h *hold, r request) (done bool, err error) {
	if !k.spec.Kind.Bytes || r.url.Fragment == "" || k.c.o.Library == nil {
		return false, nil // the address leads to something large, of which nothing is read
	}
	if err := h.turn(ctx); err != nil {
		return true, err
	}
	r.lists, r.bytes, r.matches = true, true, false
	a, ferr := k.c.fetch(ctx, r)
	if ctx.Err() != nil {
		return true, ctx.Err()
	}
	if ferr != nil || a.status != http.StatusOK {
		return false, nil
	}
	page := *r.url
	page.Fragment, page.RawFragment = "", ""
	f, rerr := k.spec.Read(kind.Page{URL: &page, Type: a.mediaType, Header: a.header, Body: a.page})
	if rerr != nil || !f.Recognised {
		return false, nil
	}
	k.l.At, k.l.Capture = time.Now().UTC(), a.proof()
	k.l.Outcome, k.l.Reason = LookChanged, "something else is there now"
	for _, l := range f.Links {
		if l.URL != r.url.String() {
			continue
		}
		size := l.Size
		if size == 0 {
			size = -1
		}
		g := &glancing{c: k.c, url: r.url, glanced: glanced{size: size}}
		if report, ok := g.published(l.Published); ok {
			k.l.Report, k.l.Outcome, k.l.Reason = report, LookLive, "known content is still listed there by its digest"
		}
	}
	return true, nil
}
