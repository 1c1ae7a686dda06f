package crawler

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/semaphore"

	"unmirror/crawler/kind"
)

const (
	// wholeRoom is how many bytes of items that are unwrapped in memory lie there at once, of all sources together: to
	// decrypt one takes some four times its length. Those up to wholeFree are small enough to be let in at any time.
	wholeRoom = kind.MaxWrapped
	wholeFree = 1 << 20
)

// whole gathers an item that is unwrapped in memory. A large one waits for room.
type whole struct {
	room *semaphore.Weighted
	want int64 // of the room, when it turns out to be large
	held int64
	buf  []byte
}

// newWhole expects an item of so many bytes, -1 when that is not known.
func newWhole(room *semaphore.Weighted, size int64) *whole {
	if size <= 0 || size > wholeRoom {
		size = wholeRoom
	}
	return &whole{room: room, want: max(size, wholeFree)}
}

// add takes the next bytes. While it waits for room, nothing is expected of the server.
func (w *whole) add(ctx context.Context, raw *rawBody, p []byte) error {
	n := int64(len(w.buf) + len(p))
	if n > wholeRoom {
		return errTooBig
	}
	if n > wholeFree && w.held < n {
		more := w.want - w.held
		if n > w.want {
			more = wholeRoom - w.held
		}
		if w.held > 0 && !w.room.TryAcquire(more) { // two that wait for each other's rest would wait for ever
			return errTooBig
		}
		if w.held == 0 {
			if err := raw.paused(func() error { return w.room.Acquire(ctx, more) }); err != nil {
				return fmt.Errorf("wait for memory: %w", err)
			}
		}
		w.held += more
		grown := make([]byte, len(w.buf), w.held)
		copy(grown, w.buf)
		w.buf = grown
	}
	w.buf = append(w.buf, p...)
	return nil
}

// free gives the room back.
func (w *whole) free() {
	if w.buf = nil; w.held > 0 {
		w.room.Release(w.held)
		w.held = 0
	}
}

// paused lets us keep the server waiting without holding that against it.
func (b *rawBody) paused(f func() error) error {
	b.stall.Stop()
	began := time.Now()
	err := f()
	b.start = b.start.Add(time.Since(began))
	b.stall.Reset(b.limits.Stall)
	return err
}
