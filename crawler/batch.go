package crawler

import (
	"context"
	"sync"
	"time"

	"unmirror/crawler/plane"
)

// batcher gathers outcomes, so that two thousand items cost some thirty transactions, and at a polite pace one a second at
// most. A crash loses what was not written yet: those items are fetched again, and the sink knows their sightings.
type batcher struct {
	w *walk
	h *hold

	mu sync.Mutex
	b  plane.Batch
	of []plane.Claimed // the items that it is about
	// spare are the slices of a batch that was written.
	spare   plane.Batch
	spareOf []plane.Claimed
	last    time.Time
	began   time.Time
	// writing keeps batches apart: a plane knows a batch that is repeated because its answer was lost by the latest one.
	writing sync.Mutex
	aside   bool           // a batch is being written while visits go on
	writers sync.WaitGroup // who does that
}

const (
	// asideFrom is how many batches' worth are written at once while visits go on: each sync of the disk holds up a processor
	// until the runtime notices.
	asideFrom = 2
	// backlog is how many batches' worth may wait for one that is being written: as many as are visited on loopback while a busy
	// disk syncs for a quarter of a second.
	backlog = 6 * asideFrom
)

func (b *batcher) add(ctx context.Context, it plane.Claimed, o outcome) error {
	b.mu.Lock()
	if o.done {
		b.b.Done = append(b.b.Done, it.ID)
	} else if !o.later.IsZero() {
		b.b.Later = append(b.b.Later, plane.Later{ID: it.ID, Due: o.later})
	}
	if o.seen != nil {
		b.b.Seen = append(b.b.Seen, plane.SeenAt{ID: it.ID, Seen: *o.seen})
	}
	b.b.Found = append(b.b.Found, o.found...)
	b.b.Counts.Add(o.counts)
	b.of = append(b.of, it)
	full, most, brim := b.holds(1), b.holds(asideFrom), b.holds(backlog)
	late := time.Since(b.last) > flushAfter
	b.mu.Unlock()
	b.w.mu.Lock()
	b.w.counts.Add(o.counts)
	b.w.c.did.add(o.counts)
	if o.done && it.Matches {
		b.w.done++
	}
	b.w.mu.Unlock()
	b.w.progress()
	switch {
	case brim || (full || late) && b.h.unhurried():
		return b.flush(ctx)
	case most || late:
		b.flushAside(ctx)
	}
	return nil
}

// holds says that so many batches' worth wait to be written. The caller holds mu.
func (b *batcher) holds(batches int) bool {
	return len(b.of) >= batches*flushItems || len(b.b.Found) >= batches*flushFound
}

// flushAside writes while the visits go on, where they have no distance to keep: a disk that is slow to sync then gets fewer and
// larger batches, and no visit waits for it.
func (b *batcher) flushAside(ctx context.Context) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.aside {
		return // what gathers meanwhile is written next
	}
	b.aside = true
	b.writers.Go(func() {
		err := b.flush(ctx)
		b.mu.Lock()
		b.aside = false
		b.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			b.w.fail(err)
		}
	})
}

func (b *batcher) flush(ctx context.Context) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	b.mu.Lock()
	if len(b.of) == 0 {
		b.last = time.Now()
		b.mu.Unlock()
		return b.w.tell(ctx)
	}
	batch, of := b.b, b.of
	b.b, b.of, b.last = b.spare, b.spareOf, time.Now()
	b.spare, b.spareOf = plane.Batch{}, nil
	b.mu.Unlock()
	if err := b.w.tell(ctx); err != nil {
		b.restore(batch, of)
		return err
	}
	batch.Limit, batch.Next = b.w.src.MaxItems, ceil(b.h.due())
	lease := b.h.lease
	lease.Items = of
	added, dropped, err := b.w.c.o.Plane.Complete(ctx, b.w.sweep, lease, batch)
	if err != nil {
		b.restore(batch, of)
		return err
	}
	defer b.reuse(batch, of)
	listed, others := int64(0), false
	for i := range batch.Found {
		listed += count(batch.Found[i].Matches)
		others = others || batch.Found[i].Host != lease.Host
	}
	if added > 0 && others {
		b.w.signal()
	}
	b.w.mu.Lock()
	b.w.counts.Listed += min(listed, added) // near enough for a progress bar; the plane counts exactly
	if dropped > 0 && b.w.failed == "" {
		b.w.failed = "max_items is used up, some of the source was left out"
	}
	b.w.mu.Unlock()
	return nil
}

// reuse keeps the slices of a batch that was written for the one after the next.
func (b *batcher) reuse(old plane.Batch, of []plane.Claimed) {
	clear(old.Found)
	clear(old.Seen)
	clear(of)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spare = plane.Batch{Done: old.Done[:0], Seen: old.Seen[:0], Found: old.Found[:0]}
	b.spareOf = of[:0]
}

// restore takes back what could not be written, such as when the context ended meanwhile: giveBack writes it.
func (b *batcher) restore(batch plane.Batch, of []plane.Claimed) {
	b.mu.Lock()
	defer b.mu.Unlock()
	later := b.b
	b.b, b.of = batch, append(of, b.of...)
	b.b.Done, b.b.Later, b.b.Seen = append(b.b.Done, later.Done...), append(b.b.Later, later.Later...), append(b.b.Seen, later.Seen...)
	b.b.Found = append(b.b.Found, later.Found...)
	b.b.Counts.Add(later.Counts)
}
