package takedown

import (
	"context"
	"fmt"
	"time"

	"unmirror/store"
)

// mostWait is how long one run waits altogether for its turn at recipients' domains; what is left goes with the next run.
const mostWait = 45 * time.Second

// pace reserves the moment at a recipient's domain for an attempt, or puts the attempt off until its turn comes: then it returns when
// that is. The pace is kept in the record, across runs and processes.
func (d *Docket) pace(ctx context.Context, attemptID, to string) (until time.Time, err error) {
	if d.o.PerDomain <= 0 || side(to) == "" {
		return time.Time{}, nil
	}
	err = d.write(ctx, "keep the pace of a domain", func(tx *store.Tx) error {
		until = time.Time{}
		now, key := d.now(), tx.Lookup("post_domains.key", []byte(side(to)))
		var next int64
		if err := tx.QueryRow(`SELECT COALESCE(MAX(next), 0) FROM post_domains WHERE key = ?`, key).Scan(&next); err != nil {
			return fmt.Errorf("read pace: %w", err)
		}
		// A clock that was set back must not stop everything.
		if at := store.Time(next); at.After(now) && at.Sub(now) <= d.o.PerDomain {
			t, err := loadAttempt(tx, attemptID)
			if err != nil || t.state != AttemptQueued && t.state != AttemptDeferred {
				return err
			}
			until, t.nextAttempt = at, at
			return saveAttempt(tx, t)
		}
		_, err := tx.Exec(`INSERT INTO post_domains (key, next) VALUES (?,?) ON CONFLICT (key) DO UPDATE SET next = excluded.next`,
			key, store.Millis(now.Add(d.o.PerDomain)))
		return err
	})
	return until, err
}

// turn waits until the time comes, and says whether it did: not beyond the run's patience, nor for a clock that stands still.
func (d *Docket) turn(ctx context.Context, until time.Time, waited *time.Duration) bool {
	wait := until.Sub(d.now())
	if *waited += max(wait, 0); *waited > mostWait {
		return false
	}
	timer := time.NewTimer(max(wait, 0) + time.Millisecond)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return !d.now().Before(until)
	}
}
