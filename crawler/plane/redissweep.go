package plane

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/store"
)

const sampleColumn = "plane.sample"

// Begin implements Plane.
func (p *Redis) Begin(ctx context.Context, st Start) (Sweep, error) {
	sw, err := p.begin(ctx, st)
	if err != nil {
		return Sweep{}, fmt.Errorf("begin sweep of %s: %w", st.Source, err)
	}
	return sw, nil
}

func (p *Redis) begin(ctx context.Context, st Start) (Sweep, error) {
	sw := Sweep{Source: st.Source}
	err := p.patiently(ctx, func(ctx context.Context) error { return p.c.SAdd(ctx, p.o.Prefix+":sources", st.Source).Err() })
	if err != nil {
		return sw, err
	}
	join := 0
	if st.Join {
		join = 1
	}
	spec := fmt.Sprintf("%x", p.seal.find(specLookup, st.Spec)[:16])
	v, err := p.do(ctx, "begin", []string{p.sourceKey(st.Source)}, store.NewID("t"), store.NewID("sweep"), spec, p.o.Lease.Milliseconds(),
		join, p.seal.seal(settingsColumn, st.Settings))
	if err != nil {
		return sw, err
	}
	how, list := word(v)
	switch how {
	case "paused":
		return sw, ErrPaused
	case "busy":
		return sw, &Busy{Until: p.after(number(list, 0))}
	}
	sw.ID, sw.Epoch, sw.Started, sw.Resumed = text(list, 0), number(list, 1), store.Time(number(list, 2)), how == "resumed"
	if text(list, 3) != "1" { // also when a crash came between a sweep's beginning and its seeds
		if _, _, err := p.enqueue(ctx, sw, st.Seeds, 0, 0); err != nil {
			return sw, err
		}
		err := p.patiently(ctx, func(ctx context.Context) error { return p.c.HSet(ctx, p.sourceKey(st.Source), "seeded", "1").Err() })
		if err != nil {
			return sw, err
		}
	}
	if sw.Counts, _, err = p.Counts(ctx, sw); err != nil {
		return sw, err
	}
	return sw, p.drop(ctx, st.Source)
}

// Counts adds up what all workers counted in a sweep, and what still waits.
func (p *Redis) Counts(ctx context.Context, sw Sweep) (c Counts, waiting int64, err error) {
	err = p.patiently(ctx, func(ctx context.Context) error {
		c, waiting = Counts{}, 0
		hosts, err := p.c.ZRange(ctx, p.hostsKey(sw), 0, -1).Result()
		if err != nil {
			return err
		}
		for chunk := range slices.Chunk(hosts, enqueueChunk) {
			cmds := make([]*redis.MapStringStringCmd, len(chunk))
			if _, err := p.c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
				for i, h := range chunk {
					cmds[i] = pipe.HGetAll(ctx, p.queueKeys(sw.ID, h).meta)
				}
				return nil
			}); err != nil {
				return err
			}
			for _, cmd := range cmds {
				if err := c.count(cmd.Val()); err != nil {
					return err
				}
				waiting += number([]any{cmd.Val()["waiting"]}, 0)
			}
		}
		sealed, err := p.c.LRange(ctx, p.samplesKey(sw), 0, MaxSamples-1).Result()
		if err != nil {
			return err
		}
		for _, s := range sealed {
			b, err := p.seal.open(sampleColumn, []byte(s))
			if err != nil {
				return err
			}
			c.Samples = append(c.Samples, string(b))
		}
		return nil
	})
	if err != nil {
		return c, 0, fmt.Errorf("count sweep: %w", err)
	}
	return c, waiting, nil
}

// count adds one host's counters.
func (c *Counts) count(meta map[string]string) error {
	for name, at := range counted(c) {
		v, ok := meta["c:"+name]
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return fmt.Errorf("read counts: %w", err)
		}
		*at += n
	}
	return nil
}

func (p *Redis) samplesKey(sw Sweep) string { return p.sourceKey(sw.Source) + ":samples:" + sw.ID }

// samples keeps the first few error lines; they may be lost in a crash, the error's count is not.
func (p *Redis) samples(ctx context.Context, sw Sweep, lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	return p.patiently(ctx, func(ctx context.Context) error {
		n, err := p.c.LLen(ctx, p.samplesKey(sw)).Result()
		if err != nil || n >= MaxSamples {
			return err
		}
		sealed := make([]any, len(lines))
		for i, l := range lines {
			sealed[i] = p.seal.seal(sampleColumn, []byte(l))
		}
		return p.c.RPush(ctx, p.samplesKey(sw), sealed...).Err()
	})
}

// Finish implements Plane.
func (p *Redis) Finish(ctx context.Context, sw Sweep, e End) (Counts, error) {
	c, err := p.finish(ctx, sw, e)
	if err != nil {
		return c, fmt.Errorf("finish sweep: %w", err)
	}
	return c, nil
}

func (p *Redis) finish(ctx context.Context, sw Sweep, e End) (Counts, error) {
	if _, _, err := p.fence(ctx, sw, 0); err != nil {
		return Counts{}, err
	}
	c, _, err := p.Counts(ctx, sw)
	if err != nil {
		return c, err
	}
	j, err := json.Marshal(c)
	if err != nil {
		return c, fmt.Errorf("write counts: %w", err)
	}
	good := 0
	if e.Good {
		good = 1
	}
	v, err := p.do(ctx, "finish", []string{p.sourceKey(sw.Source)}, store.NewID("t"), sw.ID, sw.Epoch, string(e.State), good,
		p.seal.seal(reasonColumn, []byte(e.Reason)), p.seal.seal(sampleColumn, j))
	if err != nil {
		return c, err
	}
	how, _ := word(v)
	if err := refused(how); err != nil {
		return c, err
	}
	return c, p.drop(ctx, sw.Source)
}

// drop removes the frontiers of the source's ended sweeps, host by host. A mark stays for a day, so that a worker which does
// not know yet cannot fill a queue that nobody empties.
func (p *Redis) drop(ctx context.Context, source string) error {
	old := p.sourceKey(source) + ":old"
	var ended []string
	err := p.patiently(ctx, func(ctx context.Context) (err error) {
		ended, err = p.c.SMembers(ctx, old).Result()
		return err
	})
	for _, sweep := range ended {
		if err == nil {
			err = p.dropSweep(ctx, Sweep{ID: sweep, Source: source})
		}
		if err == nil {
			err = p.patiently(ctx, func(ctx context.Context) error { return p.c.SRem(ctx, old, sweep).Err() })
		}
	}
	if err != nil {
		return fmt.Errorf("drop frontier: %w", err)
	}
	return nil
}

func (p *Redis) dropSweep(ctx context.Context, sw Sweep) error {
	var hosts []string
	err := p.patiently(ctx, func(ctx context.Context) (err error) {
		hosts, err = p.c.ZRange(ctx, p.hostsKey(sw), 0, -1).Result()
		return err
	})
	if err != nil {
		return err
	}
	for _, h := range hosts {
		q := p.queueKeys(sw.ID, h)
		err := p.patiently(ctx, func(ctx context.Context) error {
			if err := p.c.HSet(ctx, q.meta, "dropped", 1, "waiting", 0).Err(); err != nil {
				return err
			}
			if err := p.c.Expire(ctx, q.meta, 24*time.Hour).Err(); err != nil {
				return err
			}
			buckets, err := p.c.HGet(ctx, q.once, "buckets").Int()
			if err != nil && !errors.Is(err, redis.Nil) {
				return err
			}
			keys := []string{q.list, q.back, q.due}
			for b := range buckets {
				keys = append(keys, q.once+":"+strconv.Itoa(b))
			}
			for chunk := range slices.Chunk(append(keys, q.once), enqueueChunk) {
				if err := p.c.Unlink(ctx, chunk...).Err(); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return p.patiently(ctx, func(ctx context.Context) error {
		return p.c.Unlink(ctx, p.hostsKey(sw), p.samplesKey(sw), p.stoppedKey(sw), p.followedKey(sw)).Err()
	})
}

// History implements Plane.
func (p *Redis) History(ctx context.Context) ([]Record, error) {
	all, err := p.sources(ctx)
	var out []Record
	for _, s := range all {
		if err != nil {
			break
		}
		var r Record
		if r, err = p.record(ctx, s.name, s.fields); err == nil && (r.State != "" || r.Paused) {
			out = append(out, r)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read sweeps: %w", err)
	}
	return out, nil
}

// source is what the plane holds of one source.
type source struct {
	name   string
	fields map[string]string
}

// sources reads all of them, by name.
func (p *Redis) sources(ctx context.Context) ([]source, error) {
	var out []source
	err := p.patiently(ctx, func(ctx context.Context) error {
		out = nil
		names, err := p.c.SMembers(ctx, p.o.Prefix+":sources").Result()
		if err != nil {
			return err
		}
		slices.Sort(names)
		cmds := make([]*redis.MapStringStringCmd, len(names))
		if _, err := p.c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, n := range names {
				cmds[i] = pipe.HGetAll(ctx, p.sourceKey(n))
			}
			return nil
		}); err != nil {
			return err
		}
		for i, n := range names {
			out = append(out, source{n, cmds[i].Val()})
		}
		return nil
	})
	return out, err
}

func millis(s string) time.Time {
	n, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
	if err != nil {
		return time.Time{}
	}
	return store.Time(n)
}

func (p *Redis) record(ctx context.Context, name string, f map[string]string) (Record, error) {
	r := Record{Source: name, State: State(f["state"]), Started: millis(f["started"]), Finished: millis(f["finished"]), LastGood: millis(f["good"]),
		Paused: f["paused"] == "1"}
	if r.State == Running || r.State == Paused {
		now, err := p.standing(ctx, Sweep{ID: f["id"], Source: name})
		if err != nil {
			return r, err
		}
		r.Counts = now.Counts
	} else if f["counts"] != "" {
		b, err := p.seal.open(sampleColumn, []byte(f["counts"]))
		if err != nil {
			return r, err
		}
		if err := json.Unmarshal(b, &r.Counts); err != nil {
			return r, fmt.Errorf("read counts: %w", err)
		}
	}
	if f["reason"] != "" {
		b, err := p.seal.open(reasonColumn, []byte(f["reason"]))
		if err != nil {
			return r, err
		}
		r.Reason = string(b)
	}
	return r, nil
}

// Pause implements Plane.
func (p *Redis) Pause(ctx context.Context, source string, paused bool) error {
	err := p.patiently(ctx, func(ctx context.Context) error {
		if err := p.c.SAdd(ctx, p.o.Prefix+":sources", source).Err(); err != nil {
			return err
		}
		if paused {
			return p.c.HSet(ctx, p.sourceKey(source), "paused", "1").Err()
		}
		return p.c.HDel(ctx, p.sourceKey(source), "paused").Err()
	})
	if err != nil {
		return fmt.Errorf("pause source: %w", err)
	}
	return nil
}

var _ Plane = (*Redis)(nil)
