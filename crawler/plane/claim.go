package plane

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"unmirror/store"
)

// Claim implements Plane.
func (p *SQLite) Claim(ctx context.Context, w Want) (Lease, error) {
	var l Lease
	var wait error // kept apart, so that the traces of waiting are committed
	err := p.s.Write(ctx, func(tx *store.Tx) error {
		if err := errors.Join(p.mine(tx, w.Sweep), running(tx, w.Sweep.Source)); err != nil {
			return err
		}
		var err error
		l, wait, err = p.claim(tx, w)
		return err
	})
	if err == nil {
		err = wait
	}
	if err != nil {
		return Lease{}, fmt.Errorf("claim: %w", err)
	}
	return l, nil
}

// candidate is a host with waiting items.
type candidate struct {
	queue              int64
	host, owner, asker string
	seen               int64 // when its queue is due, as far as the queue knows
	due, until, asked  int64
	epoch              int64
}

// candidatesAtOnce is how many hosts are looked at together.
const candidatesAtOnce = 64

// candidates gives the hosts of a sweep that come after one, soonest first. Of a host that another sweep visited meanwhile the
// queue does not know it yet.
func (p *SQLite) candidates(tx *store.Tx, sweep string, after candidate) ([]candidate, error) {
	rows, err := tx.Query(`SELECT q.id, q.host, q.due, max(q.due, coalesce(h.due,0)), coalesce(h.owner,''),
		coalesce(h.epoch,0), coalesce(h.until,0), coalesce(h.asked,0), coalesce(h.asker,'')
		FROM plane_queues q LEFT JOIN plane_hosts h ON h.host=q.host
		WHERE q.sweep=? AND q.waiting>0 AND (q.due,q.id)>(?,?) ORDER BY q.due, q.id LIMIT ?`, sweep, after.seen, after.queue, candidatesAtOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []candidate
	for rows.Next() {
		var c candidate
		if err := rows.Scan(&c.queue, &c.host, &c.seen, &c.due, &c.owner, &c.epoch, &c.until, &c.asked, &c.asker); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// claim goes through the sweep's hosts, soonest first, until one can be had or the others are not due yet.
func (p *SQLite) claim(tx *store.Tx, w Want) (l Lease, wait, err error) {
	now, earliest := tx.Now().UnixMilli(), int64(1<<63-1)
	at := candidate{seen: -1}
	for more := true; more; {
		list, err := p.candidates(tx, w.Sweep.ID, at)
		if err != nil {
			return l, nil, err
		}
		more = len(list) == candidatesAtOnce
		for _, at = range list {
			if w.Skip[at.host] {
				continue
			}
			if at.seen > now {
				return l, &Wait{Until: store.Time(min(earliest, at.seen))}, nil
			}
			due, err := p.offer(tx, w, at, now, &l)
			if err != nil || len(l.Items) > 0 {
				return l, nil, err
			}
			earliest = min(earliest, due)
		}
	}
	if earliest < 1<<63-1 {
		return l, &Wait{Until: store.Time(earliest)}, nil
	}
	var left int64 // all of it at hosts that the caller skips
	err = tx.QueryRow(`SELECT coalesce(sum(waiting),0) FROM plane_queues WHERE sweep=? AND waiting>0`, w.Sweep.ID).Scan(&left)
	return l, &Drained{Left: left}, err
}

// offer takes a host if it can be had, and otherwise says when to look again.
func (p *SQLite) offer(tx *store.Tx, w Want, c candidate, now int64, l *Lease) (at int64, err error) {
	if at, err = p.free(tx, c, w.Sweep.ID, now); err != nil {
		return 0, err
	}
	if at > now {
		if c.due > c.seen {
			_, err = tx.Exec(`UPDATE plane_queues SET due=? WHERE id=?`, c.due, c.queue)
		}
		return at, err
	}
	*l, at, err = p.lend(tx, c, w, now)
	return at, err
}

// free says from when a host may be taken; a busy one is asked for, so that its holder does not take it again first.
func (p *SQLite) free(tx *store.Tx, c candidate, who string, now int64) (int64, error) {
	if p.held(c.owner, c.until, now) {
		_, err := tx.Exec(`UPDATE plane_hosts SET asked=?, asker=? WHERE host=? AND asked<?`, now+askedFor.Milliseconds(), who, c.host, now)
		return min(c.until, now+poll.Milliseconds()), err
	}
	if c.asked > now && c.asker != who {
		return min(c.asked, now+poll.Milliseconds()), nil
	}
	return c.due, nil
}

// take writes the lease of a host that was found free.
func (p *SQLite) take(tx *store.Tx, host string, now int64) (Lease, error) {
	l := Lease{Host: host}
	var due int64
	err := tx.QueryRow(`INSERT INTO plane_hosts (host, owner, epoch, until) VALUES (?1,?2,1,?3)
		ON CONFLICT (host) DO UPDATE SET owner=?2, epoch=epoch+1, until=?3, asked=0, asker='' RETURNING epoch, due`,
		host, p.owner, now+p.lease.Milliseconds()).Scan(&l.Epoch, &due)
	l.Next = store.Time(due)
	return l, err
}

// lend takes a host and hands out its items. When all of them were put back for later, it takes nothing and gives the
// time of the first.
func (p *SQLite) lend(tx *store.Tx, c candidate, w Want, now int64) (Lease, int64, error) {
	items, err := p.items(tx, c, 0, now, w.Max)
	if err != nil {
		return Lease{}, 0, err
	}
	if len(items) == 0 {
		var due sql.NullInt64
		if err := tx.QueryRow(`SELECT min(due) FROM plane_frontier WHERE queue=?`, c.queue).Scan(&due); err != nil {
			return Lease{}, 0, err
		}
		at := max(due.Int64, now+1)
		_, err := tx.Exec(`UPDATE plane_queues SET due=? WHERE id=?`, at, c.queue)
		return Lease{}, at, err
	}
	l, err := p.take(tx, c.host, now)
	l.Items, l.queue = items, c.queue
	return l, 0, err
}

// items gives what waits in a queue, of numbers above after.
func (p *SQLite) items(tx *store.Tx, c candidate, after, now int64, most int) ([]Claimed, error) {
	rows, err := tx.Query(`SELECT f.id, f.item, f.attempts, s.seen FROM plane_frontier f LEFT JOIN plane_seen s ON s.id=f.id
		WHERE f.queue=? AND f.id>? AND f.due<=? ORDER BY f.id LIMIT ?`, c.queue, after, now, most)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Claimed
	if after > 0 {
		out = make([]Claimed, 0, most/2) // whoever asks for more of a host had many
	}
	var one Claimed
	var item, seen sql.RawBytes
	for rows.Next() {
		one = Claimed{}
		if err := rows.Scan(&one.ID, &item, &one.Attempts, &seen); err != nil {
			return nil, err
		}
		b, err := tx.Open(itemColumn, item)
		if err != nil {
			return nil, fmt.Errorf("open item: %w", err)
		}
		if one.Item, err = unpackItem(b, c.host); err != nil {
			return nil, err
		}
		if seen != nil {
			if b, err = tx.Open(seenColumn, seen); err != nil {
				return nil, fmt.Errorf("open what was seen: %w", err)
			}
			if one.Seen, err = unpackSeen(b, one.Listed); err != nil {
				return nil, err
			}
		}
		out = append(out, one)
	}
	return out, rows.Err()
}

// Host implements Plane.
func (p *SQLite) Host(ctx context.Context, host, who string) (Lease, error) {
	var l Lease
	var wait error
	err := p.s.Write(ctx, func(tx *store.Tx) error {
		now := tx.Now().UnixMilli()
		c := candidate{host: host}
		err := tx.QueryRow(`SELECT due, owner, epoch, until, asked, asker FROM plane_hosts WHERE host=?`, host).
			Scan(&c.due, &c.owner, &c.epoch, &c.until, &c.asked, &c.asker)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		at, err := p.free(tx, c, who, now)
		if err != nil {
			return err
		}
		if at > now {
			wait = &Wait{Until: store.Time(at)}
			return nil
		}
		l, err = p.take(tx, host, now)
		return err
	})
	if err == nil {
		err = wait
	}
	if err != nil {
		return Lease{}, fmt.Errorf("claim host: %w", err)
	}
	return l, nil
}
