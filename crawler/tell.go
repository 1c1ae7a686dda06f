package crawler

import (
	"context"
	"log/slog"
	"time"

	"unmirror/crawler/plane"
)

// errand is what a request was made for: a source, and the opaque number of an item.
type errand struct {
	source string
	item   int64
}

type errandKey struct{}

// onErrand marks a context, where somebody reads along.
func (w *walk) onErrand(ctx context.Context, it plane.Claimed) context.Context {
	if !w.c.o.Log.Enabled(ctx, slog.LevelDebug) {
		return ctx
	}
	return context.WithValue(ctx, errandKey{}, errand{source: w.src.Name, item: it.ID})
}

// tell logs a request that was made: never its address.
func (c *Crawler) tell(ctx context.Context, r request, a *answer, err error, began time.Time) {
	if !c.o.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	method := r.method
	if method == "" {
		method = "GET"
	}
	list := []slog.Attr{slog.String("host", r.url.Host), slog.String("method", method), slog.Int("status", a.status),
		slog.Int64("bytes", a.bytes), slog.Int64("ms", time.Since(began).Milliseconds())}
	if e, ok := ctx.Value(errandKey{}).(errand); ok {
		list = append(list, slog.String("source", e.source), slog.Int64("item", e.item))
	}
	if why := plain(err); why != "" {
		list = append(list, slog.String("reason", why))
	}
	c.o.Log.LogAttrs(ctx, slog.LevelDebug, "asked", list...)
}
