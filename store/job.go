package store

import (
	"context"
	"fmt"
	"time"
)

// LastRun is when a recurring job last ran. A job that never ran counts from now on: nothing was missed yet.
func (s *Store) LastRun(ctx context.Context, job string) (last time.Time, err error) {
	err = s.Write(ctx, func(t *Tx) error {
		var ms int64
		if err := t.QueryRow(`INSERT INTO jobs (name, last) VALUES (?,?) ON CONFLICT (name) DO UPDATE SET last = last RETURNING last`,
			job, Millis(t.Now())).Scan(&ms); err != nil {
			return fmt.Errorf("read last run: %w", err)
		}
		last = Time(ms)
		return nil
	})
	return last, err
}

// Ran records that a recurring job ran now.
func (s *Store) Ran(ctx context.Context, job string) error {
	return s.Write(ctx, func(t *Tx) error {
		_, err := t.Exec(`INSERT INTO jobs (name, last) VALUES (?,?) ON CONFLICT (name) DO UPDATE SET last = excluded.last`, job, Millis(t.Now()))
		if err != nil {
			return fmt.Errorf("record run: %w", err)
		}
		return nil
	})
}
