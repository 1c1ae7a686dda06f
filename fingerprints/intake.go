package fingerprints

import (
	"context"
	"fmt"

	"unmirror/fingerprints/match"
	"unmirror/fingerprints/open"
)

// Intake takes an item while it is fetched, so that its bytes are read once. Beyond a few MiB they lie in an unlinked
// file encrypted under a key in memory. Use it from one goroutine, and end it with Match or Discard.
type Intake struct {
	m     *Matcher
	item  string
	whole *bytesReading
	spool *open.Spool
	sum   []byte
}

// Intake begins an item.
func (m *Matcher) Intake(item string) (*Intake, error) {
	return &Intake{m: m, item: item, whole: newBytesReading(false), spool: open.NewSpool("")}, nil
}

// Write takes the next bytes of the item.
func (i *Intake) Write(p []byte) (int, error) {
	if _, err := i.whole.Write(p); err != nil {
		return 0, fmt.Errorf("take in: %w", err)
	}
	n, err := i.spool.Write(p)
	if err != nil {
		return n, fmt.Errorf("take in: %w", err)
	}
	return n, nil
}

// Size returns the bytes taken so far.
func (i *Intake) Size() int64 { return i.whole.size }

// Match answers for what was written, and forgets it.
func (i *Intake) Match(ctx context.Context) match.Report {
	defer i.Discard()
	i.sum = i.whole.sum.Sum(nil)
	return i.m.timed(i.item, i.whole.size, func() match.Report {
		return i.m.answer(ctx, i.item, i.spool, i.whole.size, i.sum, nil)
	})
}

// SHA256 returns the digest of what was written, once Match was called.
func (i *Intake) SHA256() []byte { return i.sum }

// Discard forgets what was written. It may be called again.
func (i *Intake) Discard() { i.spool.Close() }
