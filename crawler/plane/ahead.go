package plane

import (
	"context"
	"errors"
	"fmt"

	"unmirror/store"
)

// Ahead implements Plane. It is asked while the items before are still being dealt with: whoever waited for the last of a
// lease, gave it back and took it again for the next would leave the host idle each time.
func (p *SQLite) Ahead(ctx context.Context, sw Sweep, l Lease, after int64, most int) (items []Claimed, err error) {
	err = p.s.Read(ctx, func(tx *store.Tx) error {
		if err := errors.Join(p.mine(tx, sw), running(tx, sw.Source)); err != nil {
			return err
		}
		var n int
		err := tx.QueryRow(`SELECT count(*) FROM plane_hosts WHERE host=? AND epoch=? AND owner=?`, l.Host, l.Epoch, p.owner).Scan(&n)
		if err != nil {
			return err
		}
		if n == 0 {
			return ErrFenced
		}
		items, err = p.items(tx, candidate{host: l.Host, queue: l.queue}, after, tx.Now().UnixMilli(), most)
		return err
	})
	return items, ahead(err)
}

// Ahead implements Plane. Nothing is given either while the coordinator has more results than it can take.
func (p *Redis) Ahead(ctx context.Context, sw Sweep, l Lease, after int64, most int) ([]Claimed, error) {
	if full, err := p.full(ctx); err != nil || full {
		return nil, ahead(err)
	}
	// A look at no host tells whether the sweep goes on.
	v, err := p.do(ctx, "look", []string{p.sourceKey(sw.Source), p.hostsKey(sw)}, sw.ID, sw.Epoch, 1, 0)
	if how, _ := word(v); err == nil {
		err = refused(how)
	}
	if err != nil {
		return nil, ahead(err)
	}
	q := p.queueKeys(sw.ID, l.Host)
	now, before, _ := p.seenKeys(sw.Source, l.Host)
	v, err = p.do(ctx, "ahead", []string{p.leaseKey(l.Host), q.list, now, before, q.meta}, p.owner, l.Epoch, after, most)
	how, list := word(v)
	if err == nil {
		err = refused(how)
	}
	if err != nil {
		return nil, ahead(err)
	}
	var items []Claimed
	for i := 0; i+2 < len(list); i += 3 {
		c, err := p.claimed(l.Host, text(list, i+1), text(list, i+2))
		if err != nil {
			return nil, ahead(err)
		}
		c.ID = number(list, i)
		items = append(items, c)
	}
	return items, nil
}

func ahead(err error) error {
	if err == nil || errors.Is(err, ErrPaused) {
		return nil
	}
	return fmt.Errorf("look ahead: %w", err)
}
