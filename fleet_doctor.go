package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"unmirror/crawler/fleet"
	"unmirror/crawler/plane"
)

// examineFleet looks at Redis, which must neither forget nor evict, and at the coordinator.
func (a *app) examineFleet(ctx context.Context) []finding {
	if !a.cfg.Redis.URL.IsSet() {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	c, err := plane.Dial(a.cfg.Redis.URL.Reveal())
	if err != nil {
		return []finding{{"redis", "wrong", err.Error(), "redis://host:6379/0 or rediss://…"}}
	}
	defer func() { _ = c.Close() }()
	out := examineRedis(ctx, c)
	if a.cfg.Fleet.Coordinator != "" {
		out = append(out, a.examineCoordinator(ctx))
	}
	return out
}

// looksElsewhere reports whether a worker on another network looks again at what is gone for us.
func (a *app) looksElsewhere(ctx context.Context) bool {
	if a.cfg.Fleet.Exit != "" {
		return true
	}
	if !a.cfg.Redis.URL.IsSet() || !used(a.cfg.DataDir()) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if _, err := a.crawlPlane(ctx); err != nil || a.shared == nil {
		return false
	}
	workers, err := a.shared.Workers(ctx)
	return err == nil && slices.ContainsFunc(workers, func(w plane.Worker) bool { return w.Exit != "" })
}

func examineRedis(ctx context.Context, c redis.UniversalClient) []finding {
	const noInfo = "redis-server.conf of every server: maxmemory-policy noeviction, appendonly yes"
	if err := c.Ping(ctx).Err(); err != nil {
		return []finding{{"redis", "wrong", "does not answer: " + err.Error(), "start it, or empty redis.url to sweep in one process"}}
	}
	infos, err := everyInfo(ctx, c)
	if err != nil {
		return []finding{{"redis", "note", "answers, but does not tell how it is set up", noInfo}}
	}
	var out []finding
	for _, info := range infos {
		if p := info["maxmemory_policy"]; p != "noeviction" {
			out = append(out, finding{"redis", "wrong", "maxmemory-policy is " + p + ": a full Redis forgets addresses silently", "maxmemory-policy noeviction"})
		}
		if info["aof_enabled"] != "1" {
			out = append(out, finding{"redis", "wrong", "appendonly is off: a restart forgets what was crawled last, sightings that wait included", "appendonly yes"})
		}
		if len(out) > 0 {
			return out
		}
	}
	v := infos[0]
	return []finding{{"redis", "ok", fmt.Sprintf("version %s, append-only, evicts nothing, %s used", v["redis_version"], v["used_memory_human"]), ""}}
}

// everyInfo asks each master how it is set up.
func everyInfo(ctx context.Context, c redis.UniversalClient) (out []map[string]string, err error) {
	ask := func(ctx context.Context, n redis.Cmdable) error {
		text, err := n.Info(ctx).Result()
		if err != nil {
			return err
		}
		info := map[string]string{}
		for line := range strings.Lines(text) {
			if k, v, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
				info[k] = v
			}
		}
		out = append(out, info)
		return nil
	}
	cluster, ok := c.(*redis.ClusterClient)
	if !ok {
		err = ask(ctx, c)
		return out, err
	}
	var mu sync.Mutex
	err = cluster.ForEachMaster(ctx, func(ctx context.Context, n *redis.Client) error {
		mu.Lock() // it calls from several goroutines
		defer mu.Unlock()
		return ask(ctx, n)
	})
	return out, err
}

func (a *app) examineCoordinator(ctx context.Context) finding {
	f := finding{"coordinator", "wrong", "", "start `unmirror run` there with fleet.listen, and give both the same fleet.token"}
	token, err := a.cfg.Fleet.Token.Reveal()
	ca, err2 := a.cfg.Fleet.CA.Reveal()
	if err := errors.Join(err, err2); err != nil {
		f.What = err.Error()
		return f
	}
	cl, err := fleet.NewClient(a.cfg.Fleet.Coordinator, token, []byte(ca))
	if err == nil {
		defer cl.Close()
		err = cl.Health(ctx)
	}
	if err != nil {
		f.What = err.Error()
		return f
	}
	return finding{"coordinator", "ok", a.cfg.Fleet.Coordinator + " answers and knows the token", ""}
}
