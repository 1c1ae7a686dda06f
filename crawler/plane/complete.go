package plane

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
)

// Complete implements Plane.
func (p *SQLite) Complete(ctx context.Context, sw Sweep, l Lease, b Batch) (added, dropped int64, err error) {
	err = p.s.Write(ctx, func(tx *store.Tx) error {
		if err := p.mine(tx, sw); err != nil {
			return err
		}
		if err := p.touch(tx, l, "due=max(due,?)", store.Millis(b.Next)); err != nil {
			return err
		}
		if err := p.remember(tx, l, b); err != nil {
			return err
		}
		if err := p.settle(tx, l, b); err != nil {
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

// remember writes what was learned of the lease's items.
func (p *SQLite) remember(tx *store.Tx, l Lease, b Batch) error {
	shown, rows := l.shown(), make([][]any, len(b.Seen))
	for i, s := range b.Seen {
		packed, err := packSeen(s.Seen, shown[s.ID])
		if err != nil {
			return err
		}
		rows[i] = []any{s.ID, tx.Seal(seenColumn, packed)}
	}
	// What nobody listed for so long that it was forgotten stays so.
	return insert(tx, "INSERT INTO plane_seen (id, seen) SELECT column1, column2 FROM (", ") WHERE EXISTS (SELECT 1 FROM plane_known k WHERE k.id=column1)"+
		" ON CONFLICT (id) DO UPDATE SET seen=excluded.seen", rows)
}

const (
	// rowsAtOnce are written by one statement: the driver takes longer over a statement than SQLite over its rows.
	rowsAtOnce = 64
	// lookedUpAtOnce are the addresses that are held in memory twice.
	lookedUpAtOnce = 64 * rowsAtOnce
)

// insert runs a statement around VALUES with many rows.
func insert(tx *store.Tx, before, after string, rows [][]any) error {
	if len(rows) == 0 {
		return nil
	}
	args := make([]any, 0, len(rows)*len(rows[0]))
	for _, r := range rows {
		args = append(args, r...)
	}
	return inChunks(tx, before+"VALUES ", "(?"+strings.Repeat(",?", len(rows[0])-1)+")", after, args, func(st *sql.Stmt, args []any) error {
		_, err := st.Exec(args...)
		return err
	})
}

// inChunks runs a statement that takes a list of rows once for each rowsAtOnce of them. Row is the text for one.
func inChunks(tx *store.Tx, before, row, after string, args []any, run func(*sql.Stmt, []any) error) error {
	// The statements of a batch run without a context: the driver would start a goroutine for each, and the transaction's own
	// ends them all.
	var full *sql.Stmt
	per := strings.Count(row, "?")
	for chunk := range slices.Chunk(args, rowsAtOnce*per) {
		st := full
		if n := len(chunk) / per; st == nil || n < rowsAtOnce {
			var err error
			if st, err = tx.Prepare(before + row + strings.Repeat(","+row, n-1) + after); err != nil {
				return err
			}
			defer st.Close()
			full = st
		}
		if err := run(st, chunk); err != nil {
			return err
		}
	}
	return nil
}

// day counts days since 1970.
func day(t time.Time) int64 { return t.Unix() / (24 * 60 * 60) }

// settle takes items out of the frontier or puts them back.
func (p *SQLite) settle(tx *store.Tx, l Lease, b Batch) error {
	ids, err := json.Marshal(b.Done)
	if err != nil {
		return fmt.Errorf("write numbers: %w", err)
	}
	res, err := tx.Exec(`DELETE FROM plane_frontier WHERE queue=? AND id IN (SELECT value FROM json_each(?))`, l.queue, string(ids))
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	for _, it := range b.Later {
		if _, err := tx.Exec(`UPDATE plane_frontier SET due=?, attempts=attempts+1 WHERE queue=? AND id=?`,
			store.Millis(it.Due), l.queue, it.ID); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`UPDATE plane_queues SET waiting=waiting-? WHERE id=?`, n, l.queue)
	return err
}

type enqueued struct{ all, listed int64 }

// keys find addresses of a source again: a keyed hash of the folder, then one of the address. Items of a folder are found
// together, so a batch touches neighbours. That two of five million addresses share all eleven bytes happens once in a
// million sources.
type keys struct {
	tx             *store.Tx
	source         string
	folder, prefix string // the latest folder and its part of the key
}

func (k *keys) of(address string) []byte {
	if folder := address[:strings.LastIndexByte(address, '/')+1]; folder != k.folder || k.prefix == "" {
		k.folder, k.prefix = folder, string(k.tx.Lookup(folderLookup, []byte(k.source+"\x00"+folder))[:3])
	}
	return append([]byte(k.prefix), k.tx.Lookup(urlLookup, []byte(k.source+"\x00"+address))[:8]...)
}

// enqueue adds addresses that the sweep does not have yet, up to its limit.
func (p *SQLite) enqueue(tx *store.Tx, sw Sweep, items []Item, limit int64) (n enqueued, dropped int64, err error) {
	if len(items) == 0 {
		return n, 0, nil
	}
	e := &enqueuer{tx: tx, sweep: sw.ID, limit: limit, day: day(tx.Now()), queues: map[string]*queueOf{}}
	if err := tx.QueryRow(`SELECT enqueued, mark, coalesce((SELECT seq FROM sqlite_sequence WHERE name='plane_known'),0) FROM plane_sweeps WHERE id=?`,
		sw.ID).Scan(&e.have, &e.mark, &e.last); err != nil {
		return n, 0, err
	}
	k := &keys{tx: tx, source: sw.Source}
	for chunk := range slices.Chunk(items, lookedUpAtOnce) {
		if err := e.add(k, chunk); err != nil {
			return n, e.dropped, err
		}
	}
	return e.added, e.dropped, e.write()
}

// enqueuer puts addresses into the queues of one sweep.
type enqueuer struct {
	tx          *store.Tx
	sweep       string
	limit, have int64 // addresses that the sweep may have, and had before
	mark, day   int64 // the sweep's number
	last        int64 // number of the latest known address
	queues      map[string]*queueOf
	added       enqueued
	dropped     int64

	known, waiting [][]any // rows to write
	again          []int64 // addresses known from an earlier sweep
}

// queueOf is a host's queue, and how many were added to it.
type queueOf struct{ id, added int64 }

// add takes up a chunk of addresses.
func (e *enqueuer) add(k *keys, items []Item) error {
	found := make([]any, len(items))
	for i, it := range items {
		found[i] = k.of(it.URL)
	}
	known, err := e.lookup(found)
	if err != nil {
		return err
	}
	for i, it := range items {
		key := string(found[i].([]byte))
		at, ok := known[key]
		switch {
		case ok && at.mark == e.mark:
			continue // the sweep had it
		case e.limit > 0 && e.have+e.added.all >= e.limit:
			e.dropped++
			continue
		case ok:
			e.again = append(e.again, at.id)
		default:
			e.last++
			at.id = e.last
			e.known = append(e.known, []any{at.id, found[i], e.mark, e.day})
		}
		known[key] = mark{at.id, e.mark}
		if err := e.wait(it, at.id); err != nil {
			return err
		}
	}
	// Now, so that the next chunk finds them.
	err = insert(e.tx, "INSERT INTO plane_known (id, key, mark, day) ", "", e.known)
	e.known = e.known[:0]
	return err
}

// mark is a known address and the sweep that last had it.
type mark struct{ id, mark int64 }

// lookup tells which keys are known.
func (e *enqueuer) lookup(keys []any) (map[string]mark, error) {
	out := make(map[string]mark, len(keys))
	err := inChunks(e.tx, "SELECT key, id, mark FROM plane_known WHERE key IN (", "?", ")", keys, func(st *sql.Stmt, args []any) error {
		rows, err := st.Query(args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key sql.RawBytes
			var m mark
			if err := rows.Scan(&key, &m.id, &m.mark); err != nil {
				return err
			}
			out[string(key)] = m
		}
		return rows.Err()
	})
	return out, err
}

// wait puts an address into its host's queue.
func (e *enqueuer) wait(it Item, id int64) error {
	q := e.queues[it.Host]
	if q == nil {
		q = &queueOf{}
		e.queues[it.Host] = q
		if err := e.tx.QueryRow(`INSERT INTO plane_queues (sweep, host, waiting, due) VALUES (?1,?2,0,?3)
			ON CONFLICT (sweep, host) DO UPDATE SET due=min(due,?3) RETURNING id`, e.sweep, it.Host, e.tx.Now().UnixMilli()).Scan(&q.id); err != nil {
			return err
		}
	}
	b, err := packItem(it)
	if err != nil {
		return err
	}
	e.waiting = append(e.waiting, []any{q.id, id, e.tx.Seal(itemColumn, b)})
	q.added++
	e.added.all++
	if it.Matches {
		e.added.listed++
	}
	return nil
}

// write writes what add left.
func (e *enqueuer) write() error {
	if err := insert(e.tx, "INSERT INTO plane_frontier (queue, id, item) ", "", e.waiting); err != nil {
		return err
	}
	if len(e.again) > 0 {
		ids, err := json.Marshal(e.again)
		if err != nil {
			return fmt.Errorf("write numbers: %w", err)
		}
		if _, err := e.tx.Exec(`UPDATE plane_known SET mark=?, day=? WHERE id IN (SELECT value FROM json_each(?))`, e.mark, e.day, string(ids)); err != nil {
			return err
		}
	}
	for _, q := range e.queues {
		if _, err := e.tx.Exec(`UPDATE plane_queues SET waiting=waiting+? WHERE id=?`, q.added, q.id); err != nil {
			return err
		}
	}
	_, err := e.tx.Exec(`UPDATE plane_sweeps SET enqueued=enqueued+? WHERE id=?`, e.added.all, e.sweep)
	return err
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
