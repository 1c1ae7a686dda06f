package plane

import (
	"context"
	"fmt"
	"math"
	"slices"

	"unmirror/store"
)

// enqueueChunk bounds the arguments of one script: Lua's stack takes some thousands.
const enqueueChunk = 1000

// Complete implements Plane. The sweep's lease and the host's are asked first, so that a fenced batch has no effect; one that
// is fenced just then leaves at most addresses in the frontier, which its items do list.
func (p *Redis) Complete(ctx context.Context, sw Sweep, l Lease, b Batch) (added, dropped int64, err error) {
	if added, dropped, err = p.complete(ctx, sw, l, b); err != nil {
		return 0, 0, fmt.Errorf("complete: %w", err)
	}
	return added, dropped, nil
}

func (p *Redis) complete(ctx context.Context, sw Sweep, l Lease, b Batch) (added, dropped int64, err error) {
	enqueued, err := p.mine(ctx, sw, l, len(b.Found) > 0)
	if err != nil {
		return 0, 0, err
	}
	if len(b.Found) > 0 {
		if added, dropped, err = p.enqueue(ctx, sw, b.Found, b.Limit, enqueued); err != nil {
			return 0, 0, err
		}
	}
	if err := p.settle(ctx, sw, l, b); err != nil {
		return 0, 0, err
	}
	return added, dropped, p.samples(ctx, sw, b.Counts.Samples)
}

// mine checks the sweep's fence, and renews the host's lease where what follows may take long, in one round trip. It tells how
// many addresses the sweep had.
func (p *Redis) mine(ctx context.Context, sw Sweep, l Lease, renew bool) (enqueued int64, err error) {
	calls := []call{{"fence", []string{p.sourceKey(sw.Source)}, []any{sw.ID, sw.Epoch, 0}}}
	if renew {
		calls = append(calls, p.touchCall(l, "until", p.o.Lease.Milliseconds()))
	}
	got, err := p.all(ctx, calls)
	if err != nil {
		return 0, err
	}
	for _, v := range got {
		if how, _ := word(v); how == "fenced" {
			return 0, ErrFenced
		}
	}
	_, list := word(got[0])
	return number(list, 0), nil
}

// byHost groups items, hosts in the order in which they come.
func byHost(items []Item) (hosts []string, of map[string][]Item) {
	of = map[string][]Item{}
	for _, it := range items {
		if of[it.Host] == nil {
			hosts = append(hosts, it.Host)
		}
		of[it.Host] = append(of[it.Host], it)
	}
	return hosts, of
}

// enqueue puts addresses into their hosts' queues, each once a sweep. Two workers at once may go over the limit by what they
// carry.
func (p *Redis) enqueue(ctx context.Context, sw Sweep, items []Item, limit, have int64) (added, dropped int64, err error) {
	hosts, of := byHost(items)
	keys := []string{p.sourceKey(sw.Source), p.hostsKey(sw)}
	names := make([]any, len(hosts))
	for i, h := range hosts {
		names[i] = h
	}
	if err := p.reach(ctx, keys, sw.ID, -1, names); err != nil {
		return 0, 0, err
	}
	var calls []call
	var reached []any
	for _, h := range hosts {
		for chunk := range slices.Chunk(of[h], enqueueChunk) {
			c, err := p.enqueueCall(sw, h, chunk)
			if err != nil {
				return 0, 0, err
			}
			calls = append(calls, c)
		}
		reached = append(reached, h)
	}
	if limit <= 0 || have+int64(len(items)) <= limit {
		added, dropped, err = p.enqueueAll(ctx, calls, -1)
	} else {
		for _, c := range calls { // one by one, because each tells how much is left for the next
			n, over, err := p.enqueueAll(ctx, []call{c}, max(limit-have-added, 0))
			if err != nil {
				return added, dropped, err
			}
			added, dropped = added+n, dropped+over
		}
	}
	if err != nil {
		return added, dropped, err
	}
	return added, dropped, p.reach(ctx, keys, sw.ID, added, reached)
}

// enqueueAtOnce is how many hosts' queues are filled in one round trip.
const enqueueAtOnce = 64

// enqueueAll fills queues, each by at most so many addresses; -1: without limit.
func (p *Redis) enqueueAll(ctx context.Context, calls []call, most int64) (added, dropped int64, err error) {
	for _, c := range calls {
		c.args[0] = most
	}
	for chunk := range slices.Chunk(calls, enqueueAtOnce) {
		got, err := p.all(ctx, chunk)
		if err != nil {
			return added, dropped, err
		}
		for _, v := range got {
			list, _ := v.([]any)
			added, dropped = added+number(list, 0), dropped+number(list, 2)
		}
	}
	return added, dropped, nil
}

// reach tells the sweep of hosts, before and after addresses are put into their queues.
func (p *Redis) reach(ctx context.Context, keys []string, sweep string, added int64, hosts []any) error {
	for chunk := range slices.Chunk(hosts, enqueueChunk) {
		if _, err := p.do(ctx, "reach", keys, append([]any{sweep, added}, chunk...)...); err != nil {
			return err
		}
		added = min(added, 0)
	}
	return nil
}

// enqueueCall puts addresses into a host's queue. Its first argument is for the caller to fill in.
func (p *Redis) enqueueCall(sw Sweep, host string, items []Item) (call, error) {
	q := p.queueKeys(sw.ID, host)
	args := make([]any, 2, 2+len(items))
	letters := make([]byte, len(items))
	for i, it := range items {
		b, err := packItem(it)
		if err != nil {
			return call{}, err
		}
		letters[i] = '-'
		if it.Matches {
			letters[i] = 'm'
		}
		args = append(args, p.seal.sealAfter(p.urlKey(it.URL), itemColumn, b))
	}
	args[1] = letters
	now, before, _ := p.seenKeys(sw.Source, host)
	return call{"enqueue", []string{q.meta, q.list, q.once, now, before}, args}, nil
}

// settle commits a batch in its host's slot.
func (p *Redis) settle(ctx context.Context, sw Sweep, l Lease, b Batch) error {
	q := p.queueKeys(sw.ID, l.Host)
	now, before, forget := p.seenKeys(sw.Source, l.Host)
	c := counters(b.Counts)
	least, greatest := b.ids()
	args := make([]any, 0, 16+len(c)+2*(len(b.Seen)+len(b.Later)+len(b.Done)))
	args = append(args, p.owner, l.Epoch, store.NewID("b"), p.until(b.Next), forget, least, greatest, len(c)/2, len(b.Seen), len(b.Later))
	args = append(args, c...)
	shown := l.shown()
	for _, s := range b.Seen {
		packed, err := packSeen(s.Seen, shown[s.ID])
		if err != nil {
			return err
		}
		args = append(args, s.ID, p.seal.seal(seenColumn, packed))
	}
	for _, it := range b.Later {
		args = append(args, it.ID, p.until(it.Due))
	}
	for _, r := range runs(b.Done) {
		args = append(args, r[0], r[1])
	}
	v, err := p.do(ctx, "settle", []string{p.leaseKey(l.Host), q.meta, q.list, q.back, q.due, now, before, q.once}, args...)
	if err != nil {
		return err
	}
	how, _ := word(v)
	return refused(how)
}

// ids gives the least and the greatest number of an item in the batch.
func (b Batch) ids() (least, greatest int64) {
	least = math.MaxInt64
	take := func(n int64) { least, greatest = min(least, n), max(greatest, n) }
	for _, s := range b.Seen {
		take(s.ID)
	}
	for _, it := range b.Later {
		take(it.ID)
	}
	for _, n := range b.Done {
		take(n)
	}
	if greatest == 0 && least == math.MaxInt64 {
		least = 0
	}
	return least, greatest
}

// runs gives numbers as the first of each run without a gap, and how long it is.
func runs(numbers []int64) (out [][2]int64) {
	sorted := slices.Compact(slices.Sorted(slices.Values(numbers)))
	for _, n := range sorted {
		if k := len(out) - 1; k >= 0 && out[k][0]+out[k][1] == n {
			out[k][1]++
			continue
		}
		out = append(out, [2]int64{n, 1})
	}
	return out
}

// counted names each counter with its place.
func counted(c *Counts) map[string]*int64 {
	return map[string]*int64{
		"listed": &c.Listed, "pages": &c.Pages, "fetched": &c.Fetched, "unchanged": &c.Unchanged, "sightings": &c.Sightings,
		"robots": &c.SkippedRobots, "errors": &c.Errors, "requests": &c.Requests, "bytes": &c.Bytes, "avoided": &c.BytesAvoided,
	}
}

func counters(c Counts) (args []any) {
	for name, n := range counted(&c) {
		if *n != 0 {
			args = append(args, name, *n)
		}
	}
	return args
}
