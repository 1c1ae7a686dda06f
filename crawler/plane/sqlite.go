package plane

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"unmirror/store"
)

const (
	itemColumn, seenColumn, reasonColumn = "plane.item", "plane.seen", "plane.reason"
	urlLookup, folderLookup, specLookup  = "plane.url", "plane.folder", "plane.spec"

	// askedFor is how long somebody who found a host busy is let in first.
	askedFor = 2 * time.Second
	// poll is how soon to look again at a host that somebody holds: leases are usually given back early.
	poll = 100 * time.Millisecond

	keepSeen   = 90 * 24 * time.Hour
	keepSweeps = 30
	dropChunk  = 5000
	// At a sweep's end so many addresses are looked at for old ones, chunk by chunk.
	forgetLeast, forgetMost, forgetChunk = 20_000, 200_000, 20_000
)

// SQLite is the plane of a single machine, beside the record. Several processes may share it.
type SQLite struct {
	s     *store.Store
	lease time.Duration
	owner string
}

// NewSQLite gives the plane over an open record. Lease is how long a host or sweep stays held without a sign of life;
// 0 means 30 seconds. A holder whose process is gone is found out at once where the system can tell.
func NewSQLite(s *store.Store, lease time.Duration) *SQLite {
	if lease <= 0 {
		lease = 30 * time.Second
	}
	return &SQLite{s: s, lease: lease, owner: self()}
}

// held reports whether a lease of that owner still counts.
func (p *SQLite) held(owner string, until, now int64) bool {
	return owner != "" && until > now && (owner == p.owner || alive(owner))
}

// Begin implements Plane.
func (p *SQLite) Begin(ctx context.Context, st Start) (Sweep, error) {
	var sw Sweep
	err := p.s.Write(ctx, func(tx *store.Tx) error {
		var err error
		sw, err = p.begin(tx, st)
		return err
	})
	if err != nil {
		return Sweep{}, fmt.Errorf("begin sweep of %s: %w", st.Source, err)
	}
	if !sw.Resumed {
		err = p.drop(ctx, st.Source)
	}
	return sw, err
}

func (p *SQLite) begin(tx *store.Tx, st Start) (Sweep, error) {
	now, spec := tx.Now(), tx.Lookup(specLookup, []byte(st.Spec))
	sw := Sweep{Source: st.Source}
	if err := running(tx, st.Source); err != nil {
		return sw, err
	}
	var oldSpec []byte
	var state, owner, counts string
	var until, started int64
	err := tx.QueryRow(`SELECT id, state, spec, started, owner, epoch, until, counts FROM plane_sweeps
		WHERE source = ? AND state IN ('running','paused')`, st.Source).
		Scan(&sw.ID, &state, &oldSpec, &started, &owner, &sw.Epoch, &until, &counts)
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return sw, err
	case state == string(Running) && p.held(owner, until, now.UnixMilli()):
		return sw, &Busy{Until: store.Time(until)}
	case string(oldSpec) == string(spec):
		sw.Epoch++
		sw.Started, sw.Resumed = store.Time(started), true
		if err := json.Unmarshal([]byte(counts), &sw.Counts); err != nil {
			return sw, fmt.Errorf("read counts: %w", err)
		}
		_, err := tx.Exec(`UPDATE plane_sweeps SET state='running', owner=?, epoch=?, until=? WHERE id=?`,
			p.owner, sw.Epoch, now.Add(p.lease).UnixMilli(), sw.ID)
		return sw, err
	default:
		if _, err := tx.Exec(`UPDATE plane_sweeps SET state='failed', finished=?, epoch=epoch+1 WHERE id=?`, now.UnixMilli(), sw.ID); err != nil {
			return sw, err
		}
	}
	sw.ID, sw.Epoch, sw.Started = store.NewID("sweep"), 1, now
	if _, err := tx.Exec(`INSERT INTO plane_sweeps (id, source, state, spec, started, owner, epoch, until, mark)
		VALUES (?,?,'running',?,?,?,?,?, (SELECT coalesce(max(mark),0)+1 FROM plane_sweeps))`,
		sw.ID, st.Source, spec, now.UnixMilli(), p.owner, sw.Epoch, now.Add(p.lease).UnixMilli()); err != nil {
		return sw, err
	}
	added, _, err := p.enqueue(tx, sw, st.Seeds, 0)
	if err != nil {
		return sw, err
	}
	sw.Counts.Listed = added.listed
	return sw, p.count(tx, sw, Counts{Listed: added.listed})
}

// running is ErrPaused when the operator paused the source.
func running(tx *store.Tx, source string) error {
	var n int
	err := tx.QueryRow(`SELECT count(*) FROM plane_paused WHERE source=?`, source).Scan(&n)
	if err == nil && n > 0 {
		return ErrPaused
	}
	return err
}

// Pause implements Plane.
func (p *SQLite) Pause(ctx context.Context, source string, paused bool) error {
	q := `DELETE FROM plane_paused WHERE source=?`
	if paused {
		q = `INSERT INTO plane_paused (source) VALUES (?) ON CONFLICT DO NOTHING`
	}
	err := p.s.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(q, source)
		return err
	})
	if err != nil {
		return fmt.Errorf("pause source: %w", err)
	}
	return nil
}

// mine checks the sweep's fence; leases of hosts have their own.
func (p *SQLite) mine(tx *store.Tx, sw Sweep) error {
	var n int
	err := tx.QueryRow(`SELECT count(*) FROM plane_sweeps WHERE id=? AND epoch=? AND state='running'`, sw.ID, sw.Epoch).Scan(&n)
	if err == nil && n == 0 {
		return ErrFenced
	}
	return err
}

// touch changes a host's row under its fence.
func (p *SQLite) touch(tx *store.Tx, l Lease, set string, args ...any) error {
	args = append(args, l.Host, l.Epoch, p.owner)
	res, err := tx.Exec(`UPDATE plane_hosts SET `+set+` WHERE host=? AND epoch=? AND owner=?`, args...)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrFenced, err)
	}
	return nil
}

// Extend implements Plane.
func (p *SQLite) Extend(ctx context.Context, sw Sweep, hosts ...Lease) error {
	err := p.s.Write(ctx, func(tx *store.Tx) error {
		until := tx.Now().Add(p.lease).UnixMilli()
		if sw.ID != "" {
			if err := p.mine(tx, sw); err != nil {
				return err
			}
			if _, err := tx.Exec(`UPDATE plane_sweeps SET until=? WHERE id=?`, until, sw.ID); err != nil {
				return err
			}
		}
		for _, l := range hosts {
			if err := p.touch(tx, l, "until=?", until); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("extend lease: %w", err)
	}
	return nil
}

// Rate implements Plane.
func (p *SQLite) Rate(ctx context.Context, l Lease, next time.Time) error {
	err := p.s.Write(ctx, func(tx *store.Tx) error { return p.touch(tx, l, "due=max(due,?)", store.Millis(next)) })
	if err != nil {
		return fmt.Errorf("record rate: %w", err)
	}
	return nil
}

// Release implements Plane.
func (p *SQLite) Release(ctx context.Context, l Lease, next time.Time) error {
	err := p.s.Write(ctx, func(tx *store.Tx) error {
		if err := p.touch(tx, l, "due=max(due,?), owner='', until=0", store.Millis(next)); err != nil {
			return err
		}
		_, err := tx.Exec(`UPDATE plane_queues SET due=max(due,?) WHERE id=?`, store.Millis(next), l.queue)
		return err
	})
	if err != nil {
		return fmt.Errorf("release host: %w", err)
	}
	return nil
}

// Finish implements Plane.
func (p *SQLite) Finish(ctx context.Context, sw Sweep, e End) (Counts, error) {
	var c Counts
	var enqueued int64
	err := p.s.Write(ctx, func(tx *store.Tx) error {
		if err := p.mine(tx, sw); err != nil {
			return err
		}
		var counts string
		now := tx.Now()
		good := 0
		if e.Good {
			good = 1
		}
		err := tx.QueryRow(`UPDATE plane_sweeps SET state=?, finished=?, good=?, owner='', until=0, reason=? WHERE id=? RETURNING counts, enqueued`,
			string(e.State), now.UnixMilli(), good, tx.SealText(reasonColumn, e.Reason), sw.ID).Scan(&counts, &enqueued)
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(counts), &c); err != nil {
			return fmt.Errorf("read counts: %w", err)
		}
		_, err = tx.Exec(`DELETE FROM plane_sweeps WHERE source=?1 AND state IN ('done','failed') AND started <
			(SELECT min(started) FROM (SELECT started FROM plane_sweeps WHERE source=?1 ORDER BY started DESC LIMIT ?2))
			AND id NOT IN (SELECT id FROM plane_sweeps WHERE source=?1 AND good=1 ORDER BY finished DESC LIMIT 1)`, sw.Source, keepSweeps)
		return err
	})
	if err != nil {
		return c, fmt.Errorf("finish sweep: %w", err)
	}
	return c, errors.Join(p.forget(ctx, enqueued), p.drop(ctx, sw.Source))
}

// forget deletes what is known of addresses that no sweep had for long. Each time it looks at a stretch of all addresses that
// begins anywhere and is longer than the sweep was: an index by age would cost every sweep more than it spares.
func (p *SQLite) forget(ctx context.Context, enqueued int64) error {
	var first, last int64
	err := p.s.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT coalesce(min(id),0), coalesce(max(id),0) FROM plane_known`).Scan(&first, &last)
	})
	stretch := min(max(2*enqueued, forgetLeast), forgetMost)
	at := first
	if last-first >= stretch {
		at += rand.Int64N(last - first - stretch + 2)
	}
	for end := at + stretch; err == nil && at < end; at += forgetChunk {
		err = p.forgetBetween(ctx, at, min(at+forgetChunk, end))
	}
	if err != nil {
		return fmt.Errorf("forget addresses: %w", err)
	}
	return nil
}

// forgetBetween looks before it writes: usually nothing is old.
func (p *SQLite) forgetBetween(ctx context.Context, from, before int64) error {
	var old []int64
	err := p.s.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT id FROM plane_known WHERE id>=? AND id<? AND day<?`, from, before, day(tx.Now().Add(-keepSeen)))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			if err := rows.Scan(&id); err != nil {
				return err
			}
			old = append(old, id)
		}
		return rows.Err()
	})
	if err != nil || len(old) == 0 {
		return err
	}
	ids, err := json.Marshal(old)
	if err != nil {
		return fmt.Errorf("write numbers: %w", err)
	}
	return p.s.Write(ctx, func(tx *store.Tx) error {
		// Asked again: a sweep may have come across them meanwhile.
		const still = `(SELECT k.id FROM json_each(?1) j JOIN plane_known k ON k.id=j.value WHERE k.day<?2)`
		for _, from := range []string{"plane_seen", "plane_known"} {
			if _, err := tx.Exec(`DELETE FROM `+from+` WHERE id IN `+still, string(ids), day(tx.Now().Add(-keepSeen))); err != nil {
				return err
			}
		}
		return nil
	})
}

// drop removes the frontier of the source's ended sweeps, piece by piece so that no other writer waits long. A crash in
// between leaves rows that the next sweep's Begin removes.
func (p *SQLite) drop(ctx context.Context, source string) error {
	const ended = `SELECT q.id FROM plane_sweeps s JOIN plane_queues q ON q.sweep=s.id WHERE s.source=? AND s.state IN ('done','failed')`
	for n := int64(1); n > 0; {
		err := p.s.Write(ctx, func(tx *store.Tx) error {
			res, err := tx.Exec(`DELETE FROM plane_frontier WHERE (queue,id) IN
				(SELECT f.queue, f.id FROM (`+ended+`) q JOIN plane_frontier f ON f.queue=q.id LIMIT ?)`, source, dropChunk)
			if err != nil {
				return err
			}
			if n, err = res.RowsAffected(); err != nil || n == dropChunk {
				return err
			}
			res, err = tx.Exec(`DELETE FROM plane_queues WHERE id IN (`+ended+` LIMIT ?)`, source, dropChunk)
			if err != nil {
				return err
			}
			n, err = res.RowsAffected()
			return err
		})
		if err != nil {
			return fmt.Errorf("drop frontier: %w", err)
		}
	}
	return nil
}

// History implements Plane.
func (p *SQLite) History(ctx context.Context) ([]Record, error) {
	var out []Record
	err := p.s.Read(ctx, func(tx *store.Tx) error {
		rows, err := tx.Query(`SELECT s.source, s.state, s.started, s.finished, s.counts, s.reason,
			coalesce((SELECT max(finished) FROM plane_sweeps g WHERE g.source=s.source AND g.good=1), 0)
			FROM plane_sweeps s WHERE s.id = (SELECT id FROM plane_sweeps l WHERE l.source=s.source ORDER BY started DESC, id DESC LIMIT 1)
			ORDER BY s.source`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var r Record
			var started, finished, good int64
			var counts string
			var reason []byte
			if err := rows.Scan(&r.Source, &r.State, &started, &finished, &counts, &reason, &good); err != nil {
				return err
			}
			r.Started, r.Finished, r.LastGood = store.Time(started), store.Time(finished), store.Time(good)
			if err := json.Unmarshal([]byte(counts), &r.Counts); err != nil {
				return fmt.Errorf("read counts: %w", err)
			}
			if r.Reason, err = tx.OpenText(reasonColumn, reason); err != nil {
				return fmt.Errorf("open reason: %w", err)
			}
			out = append(out, r)
		}
		if err := rows.Err(); err != nil {
			return err
		}
		out, err = withPaused(tx, out)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read sweeps: %w", err)
	}
	return out, nil
}

// withPaused marks the sources that the operator paused, and adds those of them that were never swept.
func withPaused(tx *store.Tx, list []Record) ([]Record, error) {
	rows, err := tx.Query(`SELECT source FROM plane_paused`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		i, ok := slices.BinarySearchFunc(list, name, func(r Record, name string) int { return strings.Compare(r.Source, name) })
		if !ok {
			list = slices.Insert(list, i, Record{Source: name})
		}
		list[i].Paused = true
	}
	return list, rows.Err()
}
