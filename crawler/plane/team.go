package plane

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// What the processes of a fleet tell each other. Only the plane on Redis has it.

const (
	settingsColumn, lostColumn, stoppedColumn, workerColumn = "plane.settings", "plane.lost", "plane.stopped", "plane.worker"

	// silent is how long a worker may be silent before it no longer counts.
	silent = 30 * time.Second
)

// Task is a running sweep that wants hands.
type Task struct {
	Sweep    Sweep
	Settings []byte // as Start had them
}

// Tasks gives the sweeps under way, by source name; those of paused sources are left out.
func (p *Redis) Tasks(ctx context.Context) ([]Task, error) {
	all, err := p.sources(ctx)
	if err != nil {
		return nil, fmt.Errorf("read running sweeps: %w", err)
	}
	var out []Task
	for _, s := range all {
		if s.fields["state"] != string(Running) || s.fields["paused"] == "1" || s.fields["seeded"] != "1" {
			continue
		}
		b, err := p.seal.open(settingsColumn, []byte(s.fields["settings"]))
		if err != nil {
			return nil, fmt.Errorf("read running sweeps: %w", err)
		}
		out = append(out, Task{Settings: b, Sweep: Sweep{ID: s.fields["id"], Source: s.name, Epoch: number([]any{s.fields["epoch"]}, 0),
			Started: millis(s.fields["started"]), Resumed: true}})
	}
	return out, nil
}

// Note is what a worker tells the others of a sweep.
type Note struct {
	Lost    string            // why the source's start could not be read
	Stopped map[string]string // hosts given up on for this run, and why
}

// Note writes it down for the sweep; the first reason of a lost start stays.
func (p *Redis) Note(ctx context.Context, sw Sweep, n Note) error {
	args := []any{sw.ID, ""}
	if n.Lost != "" {
		args[1] = p.seal.seal(lostColumn, []byte(n.Lost))
	}
	for h, why := range n.Stopped {
		args = append(args, h, p.seal.seal(stoppedColumn, []byte(why)))
	}
	if _, err := p.do(ctx, "note", []string{p.sourceKey(sw.Source), p.stoppedKey(sw)}, args...); err != nil {
		return fmt.Errorf("note on sweep: %w", err)
	}
	return nil
}

// Follow takes an address out of bounds into the sweep, once for all who walk it; false when it has most of them already.
func (p *Redis) Follow(ctx context.Context, sw Sweep, address string, most int) (follows bool, err error) {
	one := p.urlKey(address)
	err = p.patiently(ctx, func(ctx context.Context) error {
		var added, all *redis.IntCmd
		if _, err := p.c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			added, all = pipe.SAdd(ctx, p.followedKey(sw), one), pipe.SCard(ctx, p.followedKey(sw))
			return nil
		}); err != nil {
			return err
		}
		if follows = added.Val() == 0 || all.Val() <= int64(most); follows {
			return nil
		}
		return p.c.SRem(ctx, p.followedKey(sw), one).Err()
	})
	if err != nil {
		return false, fmt.Errorf("follow a link: %w", err)
	}
	return follows, nil
}

func (p *Redis) followedKey(sw Sweep) string { return p.sourceKey(sw.Source) + ":followed:" + sw.ID }

func (p *Redis) stoppedKey(sw Sweep) string { return p.sourceKey(sw.Source) + ":stopped:" + sw.ID }

func (p *Redis) stopped(ctx context.Context, sw Sweep) (map[string]string, error) {
	var out map[string]string
	err := p.patiently(ctx, func(ctx context.Context) (err error) {
		out, err = p.c.HGetAll(ctx, p.stoppedKey(sw)).Result()
		return err
	})
	return out, err
}

// Noted gives what all workers noted on a sweep.
func (p *Redis) Noted(ctx context.Context, sw Sweep) (Note, error) {
	n := Note{Stopped: map[string]string{}}
	var lost string
	err := p.patiently(ctx, func(ctx context.Context) error {
		v, err := p.c.HMGet(ctx, p.sourceKey(sw.Source), "id", "lost").Result()
		if err == nil && text(v, 0) == sw.ID {
			lost = text(v, 1)
		}
		return err
	})
	if err == nil && lost != "" {
		var b []byte
		b, err = p.seal.open(lostColumn, []byte(lost))
		n.Lost = string(b)
	}
	if err != nil {
		return n, fmt.Errorf("read notes on sweep: %w", err)
	}
	stopped, err := p.stopped(ctx, sw)
	for h, sealed := range stopped {
		if err == nil {
			var b []byte
			b, err = p.seal.open(stoppedColumn, []byte(sealed))
			n.Stopped[h] = string(b)
		}
	}
	if err != nil {
		return n, fmt.Errorf("read notes on sweep: %w", err)
	}
	return n, nil
}

// Worker is a process that takes part in sweeps.
type Worker struct {
	Name       string    `json:"name"`
	Version    string    `json:"version"`
	Exit       string    `json:"exit,omitempty"` // label of its way out to the network
	Since      time.Time `json:"since"`
	Generation uint64    `json:"generation"` // of the index that it matches against
	Hosts      int       `json:"hosts"`      // in its hands
	Fetched    int64     `json:"fetched"`    // items since it started
	Bytes      int64     `json:"bytes"`
	Rate       float64   `json:"rate"` // items a second, over the last while
	Seen       time.Time `json:"seen"` // its last sign of life
}

func (p *Redis) workersKey() string { return p.o.Prefix + ":{fleet}:workers" }

// Beat is a worker's sign of life. Its name is unique in the fleet.
func (p *Redis) Beat(ctx context.Context, w Worker) error {
	w.Seen = p.now().UTC()
	b, err := json.Marshal(w)
	if err == nil {
		err = p.patiently(ctx, func(ctx context.Context) error {
			return p.c.HSet(ctx, p.workersKey(), w.Name, p.seal.seal(workerColumn, b)).Err()
		})
	}
	if err != nil {
		return fmt.Errorf("give a sign of life: %w", err)
	}
	return nil
}

// Leave takes a worker off the list.
func (p *Redis) Leave(ctx context.Context, name string) error {
	if err := p.patiently(ctx, func(ctx context.Context) error { return p.c.HDel(ctx, p.workersKey(), name).Err() }); err != nil {
		return fmt.Errorf("leave the fleet: %w", err)
	}
	return nil
}

// Workers gives those that showed a sign of life in the last half minute, and forgets the others after a day.
func (p *Redis) Workers(ctx context.Context) ([]Worker, error) {
	var all map[string]string
	err := p.patiently(ctx, func(ctx context.Context) (err error) {
		all, err = p.c.HGetAll(ctx, p.workersKey()).Result()
		return err
	})
	var out []Worker
	for name, sealed := range all {
		if err != nil {
			break
		}
		var w Worker
		var b []byte
		if b, err = p.seal.open(workerColumn, []byte(sealed)); err == nil {
			err = json.Unmarshal(b, &w)
		}
		age := p.now().Sub(w.Seen)
		switch {
		case err != nil:
		case age < silent:
			out = append(out, w)
		case age > 24*time.Hour:
			err = p.c.HDel(ctx, p.workersKey(), name).Err()
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read workers: %w", err)
	}
	return out, nil
}

// Load is how full the plane is.
type Load struct {
	Waiting map[string]int64 // addresses that wait, by source of a running sweep
	Leases  map[string]int   // hosts in workers' hands, by source
	Results int64            // sightings that wait for the coordinator
}

// Load measures the plane.
func (p *Redis) Load(ctx context.Context) (Load, error) {
	l := Load{Waiting: map[string]int64{}, Leases: map[string]int{}}
	tasks, err := p.Tasks(ctx)
	if err != nil {
		return l, err
	}
	for _, t := range tasks {
		now, err := p.standing(ctx, t.Sweep)
		if err != nil {
			return l, err
		}
		l.Waiting[t.Sweep.Source], l.Leases[t.Sweep.Source] = now.Waiting, now.Held
	}
	if l.Results, err = p.waitingResults(ctx); err != nil {
		return l, err
	}
	return l, nil
}

// held counts the hosts of a sweep that somebody holds.
func (p *Redis) held(ctx context.Context, sw Sweep) (n int, err error) {
	err = p.patiently(ctx, func(ctx context.Context) error {
		n = 0
		hosts, err := p.c.ZRange(ctx, p.hostsKey(sw), 0, -1).Result()
		if err != nil || len(hosts) == 0 {
			return err
		}
		cmds := make([]*redis.SliceCmd, len(hosts))
		if _, err := p.c.Pipelined(ctx, func(pipe redis.Pipeliner) error {
			for i, h := range hosts {
				cmds[i] = pipe.HMGet(ctx, p.leaseKey(h), "owner", "until")
			}
			return nil
		}); err != nil {
			return err
		}
		now := p.now().UnixMilli()
		for _, c := range cmds {
			if text(c.Val(), 0) != "" && number(c.Val(), 1) > now {
				n++
			}
		}
		return nil
	})
	if err != nil {
		return 0, fmt.Errorf("count leases: %w", err)
	}
	return n, nil
}
