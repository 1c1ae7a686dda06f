package plane

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/store"
)

const (
	lookPage = 64
	// askedAhead stands for a host that somebody else asked for.
	askedAhead = 0
)

// Claim implements Plane.
func (p *Redis) Claim(ctx context.Context, w Want) (Lease, error) {
	l, err := p.claim(ctx, w)
	if err != nil {
		return Lease{}, fmt.Errorf("claim: %w", err)
	}
	return l, nil
}

func (p *Redis) claim(ctx context.Context, w Want) (Lease, error) {
	now, err := p.glance(ctx, w)
	if err == nil {
		err = wait(now.full, p.after(1000))
	}
	if err != nil {
		return Lease{}, err
	}
	first := now.look
	for range 3 {
		l, seen, err := p.try(ctx, w, now.skip, first)
		if err != nil || len(l.Items) > 0 {
			return l, err
		}
		if seen.earliest >= 0 {
			return l, &Wait{Until: p.after(max(seen.earliest, 1))}
		}
		again, err := p.missed(ctx, w.Sweep, seen)
		if err != nil {
			return l, err
		}
		if !again {
			left, err := p.waiting(ctx, w.Sweep, seen.left)
			if err != nil {
				return l, err
			}
			return l, &Drained{Left: left}
		}
		first = nil
	}
	return Lease{}, &Wait{Until: p.after(poll.Milliseconds())} // addresses come in faster than one can look
}

// glanced is what a claim begins with.
type glanced struct {
	full bool            // too many results wait
	skip map[string]bool // the hosts that the caller passes over, and those that any worker gave up on in this sweep
	look any             // the first page of hosts
}

// glance asks for all of it in one round trip: idle workers do little else.
func (p *Redis) glance(ctx context.Context, w Want) (g glanced, err error) {
	look := p.lookCall(w.Sweep, 0)
	err = p.patiently(ctx, func(ctx context.Context) error {
		var results *redis.IntCmd
		var stopped *redis.StringSliceCmd
		var hosts *redis.Cmd
		_, err := p.c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			results, stopped = pipe.XLen(ctx, p.resultsKey()), pipe.HKeys(ctx, p.stoppedKey(w.Sweep))
			hosts = p.run[look.name].EvalSha(ctx, pipe, look.keys, p.argv(look.args)...)
			return nil
		})
		if redis.HasErrorPrefix(hosts.Err(), "NOSCRIPT") {
			hosts = p.run[look.name].Eval(ctx, p.c, look.keys, p.argv(look.args)...)
			err = errors.Join(results.Err(), stopped.Err(), hosts.Err())
		}
		if err != nil {
			return err
		}
		g = glanced{full: results.Val() >= p.o.Results, skip: w.Skip, look: hosts.Val()}
		if len(stopped.Val()) > 0 {
			g.skip = make(map[string]bool, len(w.Skip)+len(stopped.Val()))
			for h := range w.Skip {
				g.skip[h] = true
			}
			for _, h := range stopped.Val() {
				g.skip[h] = true
			}
		}
		return nil
	})
	return g, err
}

func (p *Redis) lookCall(sw Sweep, offset int) call {
	return call{"look", []string{p.sourceKey(sw.Source), p.hostsKey(sw)}, []any{sw.ID, sw.Epoch, offset, lookPage}}
}

func wait(on bool, until time.Time) error {
	if !on {
		return nil
	}
	return &Wait{Until: until}
}

// looked is what one look at a sweep's hosts showed.
type looked struct {
	gen      int64
	idle     []string // hosts where nothing waits
	left     []string // hosts passed over
	earliest int64    // milliseconds until one is worth another try; -1: none is
}

// try goes through the sweep's hosts, soonest first, until one gives items. First is the first page of them, nil when it is to
// be asked for.
func (p *Redis) try(ctx context.Context, w Want, skip map[string]bool, first any) (Lease, looked, error) {
	seen := looked{earliest: -1}
	for offset := 0; ; offset += lookPage {
		v := first
		if v == nil || offset > 0 {
			var err error
			c := p.lookCall(w.Sweep, offset)
			if v, err = p.do(ctx, c.name, c.keys, c.args...); err != nil {
				return Lease{}, seen, err
			}
		}
		how, list := word(v)
		if err := refused(how); err != nil {
			return Lease{}, seen, err
		}
		if offset == 0 {
			seen.gen = number(list, 0)
		}
		var moments []any
		for i := 1; i+1 < len(list); i += 2 {
			host, in := text(list, i), number(list, i+1)
			switch {
			case skip[host]:
				seen.left = append(seen.left, host)
				continue
			case in < 0:
				seen.idle = append(seen.idle, host)
				continue
			case in > 0:
				seen.soon(in)
				continue
			}
			l, in, err := p.take(ctx, w, host)
			if err != nil || len(l.Items) > 0 {
				return l, seen, errors.Join(err, p.moments(ctx, w.Sweep, append(moments, host, poll.Milliseconds())))
			}
			switch {
			case in < 0:
				seen.idle = append(seen.idle, host)
			case in == askedAhead:
				seen.soon(poll.Milliseconds())
				continue // whoever asked for it may be done with it at any moment
			default:
				seen.soon(in)
			}
			moments = append(moments, host, in)
		}
		if err := p.moments(ctx, w.Sweep, moments); err != nil {
			return Lease{}, seen, err
		}
		if len(list)-1 < 2*lookPage {
			return Lease{}, seen, nil
		}
	}
}

func (s *looked) soon(in int64) {
	if s.earliest < 0 || in < s.earliest {
		s.earliest = in
	}
}

func refused(how string) error {
	switch how {
	case "fenced":
		return ErrFenced
	case "paused":
		return ErrPaused
	}
	return nil
}

// moments writes down when to try hosts again.
func (p *Redis) moments(ctx context.Context, sw Sweep, args []any) error {
	if len(args) == 0 {
		return nil
	}
	_, err := p.do(ctx, "moment", []string{p.hostsKey(sw)}, args...)
	return err
}

// missed looks into the queues of all idle hosts before a sweep is believed drained, and whether any address came in
// meanwhile.
func (p *Redis) missed(ctx context.Context, sw Sweep, seen looked) (bool, error) {
	counts, err := p.figures(ctx, sw, seen.idle, "waiting")
	if err != nil {
		return false, err
	}
	var wake []any
	for i, n := range counts {
		if n > 0 {
			wake = append(wake, seen.idle[i], 0)
		}
	}
	if err := p.moments(ctx, sw, wake); err != nil || len(wake) > 0 {
		return true, err
	}
	_, gen, err := p.fence(ctx, sw, 0)
	return gen != seen.gen, err
}

func (p *Redis) waiting(ctx context.Context, sw Sweep, hosts []string) (int64, error) {
	counts, err := p.figures(ctx, sw, hosts, "waiting")
	var n int64
	for _, k := range counts {
		n += k
	}
	return n, err
}

// figures reads one figure of a sweep at many hosts.
func (p *Redis) figures(ctx context.Context, sw Sweep, hosts []string, field string) ([]int64, error) {
	out := make([]int64, len(hosts))
	if len(hosts) == 0 {
		return out, nil
	}
	err := p.patiently(ctx, func(ctx context.Context) error {
		cmds := make([]*redis.StringCmd, len(hosts))
		_, err := p.c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, h := range hosts {
				cmds[i] = pipe.HGet(ctx, p.queueKeys(sw.ID, h).meta, field)
			}
			return nil
		})
		if err != nil && !errors.Is(err, redis.Nil) {
			return err
		}
		for i, c := range cmds {
			n, err := c.Int64()
			if err != nil && !errors.Is(err, redis.Nil) {
				return err
			}
			out[i] = n
		}
		return nil
	})
	return out, err
}

// fence checks a sweep, renews its lease when one is given, and tells how many addresses it had and its counter.
func (p *Redis) fence(ctx context.Context, sw Sweep, lease time.Duration) (enqueued, gen int64, err error) {
	v, err := p.do(ctx, "fence", []string{p.sourceKey(sw.Source)}, sw.ID, sw.Epoch, lease.Milliseconds())
	if err != nil {
		return 0, 0, err
	}
	how, list := word(v)
	if how == "fenced" {
		return 0, 0, ErrFenced
	}
	return number(list, 0), number(list, 1), nil
}

// take tries one host. Without items it gives the milliseconds until another try is worth it, -1 when nothing waits there,
// askedAhead when somebody else comes first.
func (p *Redis) take(ctx context.Context, w Want, host string) (Lease, int64, error) {
	q := p.queueKeys(w.Sweep.ID, host)
	now, before, _ := p.seenKeys(w.Sweep.Source, host)
	how, list, err := p.ask(ctx, host, w.Sweep.ID, []string{q.meta, q.list, q.back, q.due, now, before}, w.Max)
	if err != nil {
		return Lease{}, 0, err
	}
	switch how {
	case "empty":
		return Lease{}, -1, nil
	case "asked":
		return Lease{}, askedAhead, nil
	case "lease":
	default:
		return Lease{}, max(number(list, 0), 1), nil
	}
	l := Lease{Host: host, Epoch: number(list, 0), Next: p.after(number(list, 1)), sweep: w.Sweep}
	for i := 2; i+3 < len(list); i += 4 {
		c, err := p.claimed(host, text(list, i+2), text(list, i+3))
		if err != nil {
			return l, 0, err
		}
		c.ID, c.Attempts = number(list, i), int(number(list, i+1))
		l.Items = append(l.Items, c)
	}
	return l, 0, nil
}

// ask runs take, once more when the host's holder is known to be dead.
func (p *Redis) ask(ctx context.Context, host, who string, keys []string, most int) (string, []any, error) {
	dead, token := "", store.NewID("t")
	for {
		v, err := p.do(ctx, "take", append([]string{p.leaseKey(host)}, keys...), p.owner, dead, who, p.o.Lease.Milliseconds(),
			poll.Milliseconds(), askedFor.Milliseconds(), token, most)
		if err != nil {
			return "", nil, err
		}
		how, list := word(v)
		if holder := text(list, 1); how == "held" && dead == "" && p.gone(holder) {
			dead = holder
			continue
		}
		return how, list, nil
	}
}

// claimed opens an element of a queue: the address's key, then the sealed item.
func (p *Redis) claimed(host, elem, seen string) (Claimed, error) {
	c := Claimed{}
	if len(elem) < 8 {
		return c, errShort
	}
	b, err := p.seal.open(itemColumn, []byte(elem[8:]))
	if err != nil {
		return c, err
	}
	if c.Item, err = unpackItem(b, host); err != nil || seen == "" {
		return c, err
	}
	if b, err = p.seal.open(seenColumn, []byte(seen)); err != nil {
		return c, err
	}
	c.Seen, err = unpackSeen(b, c.Listed)
	return c, err
}

// Host implements Plane.
func (p *Redis) Host(ctx context.Context, host, who string) (Lease, error) {
	how, list, err := p.ask(ctx, host, who, nil, 0)
	if err != nil {
		return Lease{}, fmt.Errorf("claim host: %w", err)
	}
	if how != "lease" {
		return Lease{}, fmt.Errorf("claim host: %w", &Wait{Until: p.after(max(number(list, 0), 1))})
	}
	return Lease{Host: host, Epoch: number(list, 0), Next: p.after(number(list, 1))}, nil
}

// touch changes a host's lease under its fence.
func (p *Redis) touchCall(l Lease, what string, ms int64) call {
	keys := []string{p.leaseKey(l.Host), p.leaseKey(l.Host)}
	if l.sweep.ID != "" {
		keys[1] = p.queueKeys(l.sweep.ID, l.Host).meta
	}
	return call{"touch", keys, []any{p.owner, l.Epoch, what, ms}}
}

// Rate implements Plane.
func (p *Redis) Rate(ctx context.Context, l Lease, next time.Time) error {
	c := p.touchCall(l, "due", p.until(next))
	v, err := p.do(ctx, c.name, c.keys, c.args...)
	if how, _ := word(v); err == nil {
		err = refused(how)
	}
	if err != nil {
		return fmt.Errorf("record rate: %w", err)
	}
	return nil
}

// Release implements Plane.
func (p *Redis) Release(ctx context.Context, l Lease, next time.Time) error {
	c := p.touchCall(l, "release", p.until(next))
	v, err := p.do(ctx, c.name, c.keys, c.args...)
	how, list := word(v)
	if err == nil {
		err = refused(how)
	}
	if err == nil && l.sweep.ID != "" {
		in := max(number(list, 0), 0)
		if number(list, 1) <= 0 {
			in = -1
		}
		err = p.moments(ctx, l.sweep, []any{l.Host, in})
	}
	if err != nil {
		return fmt.Errorf("release host: %w", err)
	}
	return nil
}

// Extend implements Plane.
func (p *Redis) Extend(ctx context.Context, sw Sweep, hosts ...Lease) error {
	var calls []call
	if sw.ID != "" {
		calls = append(calls, call{"fence", []string{p.sourceKey(sw.Source)}, []any{sw.ID, sw.Epoch, p.o.Lease.Milliseconds()}})
	}
	for _, l := range hosts {
		calls = append(calls, p.touchCall(l, "until", p.o.Lease.Milliseconds()))
	}
	if len(calls) == 0 {
		return nil
	}
	got, err := p.all(ctx, calls)
	for _, v := range got {
		if how, _ := word(v); err == nil && how == "fenced" {
			err = ErrFenced
		}
	}
	if err != nil {
		return fmt.Errorf("extend lease: %w", err)
	}
	return nil
}
