package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"unmirror/crawler"
	"unmirror/crawler/fleet"
	"unmirror/crawler/plane"
	"unmirror/fingerprints"
	"unmirror/internal/guard"
	"unmirror/store"
)

const (
	beatEvery  = 5 * time.Second
	indexEvery = 2 * time.Second
	maxWorkers = 64 // that may share one data folder
)

func workerCommand(g *globals) *cobra.Command {
	return &cobra.Command{Use: "worker", Short: "A crawl worker of a fleet: takes part in the coordinator's sweeps",
		RunE: func(c *cobra.Command, _ []string) error {
			return g.with(func(a *app) error {
				err := a.work(c.Context())
				if c.Context().Err() != nil && errors.Is(err, context.Canceled) {
					return nil
				}
				return err
			})
		}}
}

// worker is a running crawl worker. It never opens the record.
type worker struct {
	*app
	name    string
	dir     string // its own part of the data folder
	client  *fleet.Client
	crawler *crawler.Crawler
	since   time.Time
}

// work takes part in sweeps until ctx ends.
func (a *app) work(ctx context.Context) (err error) {
	a.log = newLogger(a.cfg, a.stderr, slog.LevelDebug)
	if !a.cfg.Redis.URL.IsSet() || a.cfg.Fleet.Coordinator == "" {
		return &usageError{errors.New("a worker needs redis.url, fleet.coordinator and fleet.token: see docs/operations.md")}
	}
	a.patient = true
	w := &worker{app: a, since: time.Now().UTC()}
	release, err := w.settle()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	if err := w.connect(ctx); err != nil {
		return err
	}
	defer w.client.Close()
	a.log.InfoContext(ctx, "started", "version", version, "worker", w.name, "generation", a.library.Generation())
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error { return w.crawler.Work(ctx) })
	g.Go(func() error { return w.followIndex(ctx) })
	g.Go(func() error { return w.beat(ctx) })
	if a.cfg.Fleet.Exit != "" {
		g.Go(func() error { return w.crawler.LookForOthers(ctx) })
	}
	err = g.Wait()
	a.log.InfoContext(context.WithoutCancel(ctx), "stopped")
	return err
}

// settle takes a part of the data folder for this worker alone, so that several may run with one configuration.
func (w *worker) settle() (release func() error, err error) {
	host, err := os.Hostname()
	if err != nil {
		host = "worker"
	}
	w.name = host + "-" + store.NewID("w")[2:10]
	for i := range maxWorkers {
		w.dir = filepath.Join(w.cfg.DataDir(), "worker-"+strconv.Itoa(i+1))
		if err := os.MkdirAll(w.dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the worker's folder: %w", err)
		}
		f, err := os.OpenFile(filepath.Join(w.dir, "LOCK"), os.O_CREATE|os.O_RDWR, 0o600)
		if err != nil {
			return nil, fmt.Errorf("lock the worker's folder: %w", err)
		}
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		if err == nil {
			return f.Close, nil // and with it the lock
		}
		_ = f.Close() // another worker's
		if !errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock the worker's folder: %w", err)
		}
	}
	return nil, fmt.Errorf("%d workers run in %s already", maxWorkers, w.cfg.DataDir())
}

// connect fetches keys and index, waiting for the coordinator as long as it takes, and builds the crawler.
func (w *worker) connect(ctx context.Context) error {
	token, err := w.cfg.Fleet.Token.Reveal()
	if err != nil {
		return fmt.Errorf("fleet.token: %w", err)
	}
	ca, err := w.cfg.Fleet.CA.Reveal()
	if err != nil {
		return fmt.Errorf("fleet.ca: %w", err)
	}
	if w.client, err = fleet.NewClient(w.cfg.Fleet.Coordinator, token, []byte(ca)); err != nil {
		return err
	}
	index := filepath.Join(w.dir, "index")
	var hello fleet.Welcome
	if err := w.persist(ctx, func(ctx context.Context) error {
		if hello, err = w.client.Welcome(ctx); err != nil {
			return err
		}
		_, err := w.client.Fetch(ctx, index)
		return err
	}); err != nil {
		return err
	}
	if w.library, err = fingerprints.Open(index, fingerprints.Keys{Matching: hello.Matching, Names: hello.Names}); err != nil {
		return fmt.Errorf("open index: %w", err)
	}
	w.close = append(w.close, w.library.Close)
	return w.build(ctx, hello)
}

// persist tries again until it succeeds: a worker may be started before its coordinator.
func (w *worker) persist(ctx context.Context, try func(context.Context) error) error {
	wait, told := 200*time.Millisecond, false
	for {
		err := try(ctx)
		if err == nil || errors.Is(err, fleet.ErrRefused) || ctx.Err() != nil {
			return err
		}
		if !told {
			w.log.WarnContext(ctx, "the coordinator is not ready, waiting for it", "err", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait = min(2*wait, 5*time.Second)
	}
}

// build makes the crawler. How it behaves is the coordinator's to say; which private addresses this machine may reach is its
// own configuration's.
func (w *worker) build(ctx context.Context, hello fleet.Welcome) error {
	w.cfg.Matching.NoticeBits = hello.NoticeBits
	m, err := w.matcher()
	if err != nil {
		return err
	}
	g, err := guard.New(w.cfg.Crawler.AllowPrivate)
	if err != nil {
		return fmt.Errorf("crawler.allow_private: %w", err)
	}
	p, err := w.redisPlane(hello.Plane)
	if err != nil {
		return err
	}
	o := w.matching(m)
	o.Plane, o.Sink, o.Guard, o.Version, o.Log = p, crawler.Handing(p), g, version, w.log
	o.Contact, o.Delay, o.MaxItemBytes = hello.Contact, hello.Delay, hello.MaxItemBytes
	o.Sweeps = fleetSweeps
	o.OnLink = crawler.HandLinks(ctx, p)
	w.crawler, err = crawler.New(o)
	return err
}

// followIndex swaps a new generation in while sweeps run. Without its coordinator a worker goes on with what it has.
func (w *worker) followIndex(ctx context.Context) error {
	tick := time.NewTicker(indexEvery)
	defer tick.Stop()
	index, away := filepath.Join(w.dir, "index"), false
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		_, err := w.client.Fetch(ctx, index)
		if errors.Is(err, fleet.ErrRefused) {
			return err // it was put out of the fleet
		}
		if err != nil {
			if !away && ctx.Err() == nil {
				w.log.WarnContext(ctx, "the coordinator is away, going on with this index", "err", err)
			}
			away = true
			continue
		}
		away = false
		changed, err := w.library.Reload()
		if err == nil && changed {
			err = fleet.Tidy(index)
			w.log.InfoContext(ctx, "index reloaded", "generation", w.library.Generation())
		}
		if err != nil {
			w.log.ErrorContext(ctx, "index not reloaded", "err", err)
		}
	}
}

// beat shows that this worker lives, and how it gets on.
func (w *worker) beat(ctx context.Context) error {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	defer func() {
		short, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
		defer cancel()
		_ = w.shared.Leave(short, w.name) // it is forgotten anyhow
	}()
	sign := plane.Worker{Name: w.name, Version: version, Exit: w.cfg.Fleet.Exit, Since: w.since}
	for {
		did := w.crawler.Did()
		sign.Rate = (3*sign.Rate + float64(did.Fetched-sign.Fetched)/beatEvery.Seconds()) / 4 // over the last half minute or so
		sign.Generation, sign.Hosts, sign.Fetched, sign.Bytes = w.library.Generation(), did.Hosts, did.Fetched, did.Bytes
		err := w.shared.Beat(ctx, sign)
		if err != nil && ctx.Err() == nil {
			w.log.WarnContext(ctx, "no sign of life given", "err", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}
