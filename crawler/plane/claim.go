package plane

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

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
	host, owner, asker string
	waiting            int64
	due, until, asked  int64
	epoch              int64
}

func (p *SQLite) candidates(tx *store.Tx, sweep string) ([]candidate, error) {
	rows, err := tx.Query(`SELECT q.host, q.waiting, max(q.due, coalesce(h.due,0)) AS due, coalesce(h.owner,''),
		coalesce(h.epoch,0), coalesce(h.until,0), coalesce(h.asked,0), coalesce(h.asker,'')
		FROM plane_queues q LEFT JOIN plane_hosts h ON h.host=q.host WHERE q.sweep=? AND q.waiting>0 ORDER BY due`, sweep)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []candidate
	for rows.Next() {
		var c candidate
		if err := rows.Scan(&c.host, &c.waiting, &c.due, &c.owner, &c.epoch, &c.until, &c.asked, &c.asker); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

func (p *SQLite) claim(tx *store.Tx, w Want) (l Lease, wait, err error) {
	list, err := p.candidates(tx, w.Sweep.ID)
	if err != nil {
		return l, nil, err
	}
	now, left, open := tx.Now().UnixMilli(), int64(0), 0
	earliest := int64(1<<63 - 1)
	for _, c := range list {
		if w.Skip[c.host] {
			left += c.waiting
			continue
		}
		open++
		at, err := p.free(tx, c, w.Sweep.ID, now)
		if err != nil {
			return l, nil, err
		}
		if at <= now {
			if l, at, err = p.lend(tx, c, w, now); err != nil || len(l.Items) > 0 {
				return l, nil, err
			}
		}
		earliest = min(earliest, at)
	}
	if open == 0 {
		return l, &Drained{Left: left}, nil
	}
	return l, &Wait{Until: store.Time(earliest)}, nil
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
	items, err := p.items(tx, w, c.host, now)
	if err != nil {
		return Lease{}, 0, err
	}
	if len(items) == 0 {
		var due sql.NullInt64
		if err := tx.QueryRow(`SELECT min(due) FROM plane_frontier WHERE sweep=? AND host=?`, w.Sweep.ID, c.host).Scan(&due); err != nil {
			return Lease{}, 0, err
		}
		_, err := tx.Exec(`UPDATE plane_queues SET due=? WHERE sweep=? AND host=?`, due.Int64, w.Sweep.ID, c.host)
		return Lease{}, max(due.Int64, now+1), err
	}
	l, err := p.take(tx, c.host, now)
	l.Items = items
	return l, 0, err
}

func (p *SQLite) items(tx *store.Tx, w Want, host string, now int64) ([]Claimed, error) {
	rows, err := tx.Query(`SELECT f.id, f.item, f.attempts, s.seen FROM plane_frontier f
		LEFT JOIN plane_known s ON s.source=? AND s.key=f.key
		WHERE f.sweep=? AND f.host=? AND f.due<=? ORDER BY f.id LIMIT ?`, w.Sweep.Source, w.Sweep.ID, host, now, w.Max)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Claimed
	for rows.Next() {
		c := Claimed{}
		var item, seen []byte
		if err := rows.Scan(&c.ID, &item, &c.Attempts, &seen); err != nil {
			return nil, err
		}
		b, err := tx.Open(itemColumn, item)
		if err != nil {
			return nil, fmt.Errorf("open item: %w", err)
		}
		if c.Item, err = unpackItem(b, host); err != nil {
			return nil, err
		}
		if seen != nil {
			if b, err = tx.Open(seenColumn, seen); err != nil {
				return nil, fmt.Errorf("open what was seen: %w", err)
			}
			if c.Seen, err = unpackSeen(b, c.Listed); err != nil {
				return nil, err
			}
		}
		out = append(out, c)
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

// Complete implements Plane.
func (p *SQLite) Complete(ctx context.Context, sw Sweep, l Lease, b Batch) (added, dropped int64, err error) {
	err = p.s.Write(ctx, func(tx *store.Tx) error {
		if err := p.mine(tx, sw); err != nil {
			return err
		}
		if err := p.touch(tx, l, "due=max(due,?)", store.Millis(b.Next)); err != nil {
			return err
		}
		if err := p.remember(tx, sw, l, b); err != nil {
			return err
		}
		if err := p.settle(tx, sw, l, b); err != nil {
			return err
		}
		n, over, err := p.enqueue(tx, sw, b.Found, b.Limit)
		if err != nil {
			return err
		}
		added, dropped = n.all, over
		c := b.Counts
		c.Listed += n.listed
		return p.count(tx, sw, c)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("complete: %w", err)
	}
	return added, dropped, nil
}

// remember writes what was learned, under the key of the item's address.
func (p *SQLite) remember(tx *store.Tx, sw Sweep, l Lease, b Batch) error {
	if len(b.Seen) == 0 {
		return nil
	}
	// The statements of a batch run without a context: the driver would start a goroutine for each, and the transaction's own
	// ends them all.
	st, err := tx.Prepare(`UPDATE plane_known SET seen=? WHERE source=? AND key=(SELECT key FROM plane_frontier WHERE id=? AND sweep=?)`)
	if err != nil {
		return err
	}
	defer st.Close()
	shown := l.shown()
	for _, s := range b.Seen {
		packed, err := packSeen(s.Seen, shown[s.ID])
		if err != nil {
			return err
		}
		if _, err := st.Exec(tx.Seal(seenColumn, packed), sw.Source, s.ID, sw.ID); err != nil {
			return err
		}
	}
	return nil
}

// day counts days since 1970.
func day(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// settle takes items out of the frontier or puts them back.
func (p *SQLite) settle(tx *store.Tx, sw Sweep, l Lease, b Batch) error {
	ids, err := json.Marshal(b.Done)
	if err != nil {
		return fmt.Errorf("write numbers: %w", err)
	}
	res, err := tx.Exec(`DELETE FROM plane_frontier WHERE id IN (SELECT value FROM json_each(?)) AND sweep=? AND host=?`, string(ids), sw.ID, l.Host)
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	for _, it := range b.Later {
		if _, err := tx.Exec(`UPDATE plane_frontier SET due=?, attempts=attempts+1 WHERE id=? AND sweep=? AND host=?`,
			store.Millis(it.Due), it.ID, sw.ID, l.Host); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE plane_queues SET waiting=waiting-? WHERE sweep=? AND host=?`, n, sw.ID, l.Host)
	return err
}

type enqueued struct{ all, listed int64 }

// urlKey finds an address again: a keyed hash of its folder, then one of itself. Items of a folder are found and visited
// together, so among millions of rows a batch touches few pages of the file.
func urlKey(tx *store.Tx, address string) []byte {
	folder := address[:strings.LastIndexByte(address, '/')+1]
	return append(tx.Lookup(folderLookup, []byte(folder))[:6:6], tx.Lookup(urlLookup, []byte(address))[:10]...)
}

// enqueue adds addresses that the sweep does not have yet, up to its limit.
func (p *SQLite) enqueue(tx *store.Tx, sw Sweep, items []Item, limit int64) (n enqueued, dropped int64, err error) {
	if len(items) == 0 {
		return n, 0, nil
	}
	var have, mark int64
	if err := tx.QueryRow(`SELECT enqueued, rowid FROM plane_sweeps WHERE id=?`, sw.ID).Scan(&have, &mark); err != nil {
		return n, 0, err
	}
	once, err := tx.Prepare(`INSERT INTO plane_known (source, key, mark, day) VALUES (?1,?2,?3,?4)
		ON CONFLICT (source, key) DO UPDATE SET mark=?3, day=?4 WHERE mark<>?3`)
	if err != nil {
		return n, 0, err
	}
	defer once.Close()
	ins, err := tx.Prepare(`INSERT INTO plane_frontier (sweep, host, key, item) VALUES (?,?,?,?)`)
	if err != nil {
		return n, 0, err
	}
	defer ins.Close()
	hosts, today := map[string]int64{}, day(tx.Now())
	for _, it := range items {
		if limit > 0 && have+n.all >= limit {
			dropped++
			continue
		}
		key := urlKey(tx, it.URL)
		res, err := once.Exec(sw.Source, key, mark, today)
		if err != nil {
			return n, dropped, err
		}
		if k, err := res.RowsAffected(); err != nil || k == 0 {
			if err != nil {
				return n, dropped, err
			}
			continue
		}
		b, err := packItem(it)
		if err != nil {
			return n, dropped, err
		}
		if _, err := ins.Exec(sw.ID, it.Host, key, tx.Seal(itemColumn, b)); err != nil {
			return n, dropped, err
		}
		n.all++
		hosts[it.Host]++
		if it.Matches {
			n.listed++
		}
	}
	for host, k := range hosts {
		if _, err := tx.Exec(`INSERT INTO plane_queues (sweep, host, waiting) VALUES (?1,?2,?3)
			ON CONFLICT (sweep, host) DO UPDATE SET waiting=waiting+?3, due=0`, sw.ID, host, k); err != nil {
			return n, dropped, err
		}
	}
	_, err = tx.Exec(`UPDATE plane_sweeps SET enqueued=enqueued+? WHERE id=?`, n.all, sw.ID)
	return n, dropped, err
}

// count adds to the sweep's numbers. Error samples lie in the counts: they are free of addresses by contract.
func (p *SQLite) count(tx *store.Tx, sw Sweep, delta Counts) error {
	var text string
	if err := tx.QueryRow(`SELECT counts FROM plane_sweeps WHERE id=?`, sw.ID).Scan(&text); err != nil {
		return err
	}
	var c Counts
	if err := json.Unmarshal([]byte(text), &c); err != nil {
		return fmt.Errorf("read counts: %w", err)
	}
	c.Add(delta)
	b, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("write counts: %w", err)
	}
	_, err = tx.Exec(`UPDATE plane_sweeps SET counts=? WHERE id=?`, string(b), sw.ID)
	return err
}

var _ Plane = (*SQLite)(nil)
