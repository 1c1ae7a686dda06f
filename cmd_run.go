package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"unmirror/alerts"
	"unmirror/alerts/operator"
	"unmirror/crawler"
	"unmirror/crawler/silence"
	"unmirror/store"
	"unmirror/takedown"
)

// drainTime is how long a stopping daemon lets requests and deliveries end.
const drainTime = 30 * time.Second

func runCommand(g *globals) *cobra.Command {
	return &cobra.Command{Use: "run", Short: "The daemon: sweeps, drafts, sends what is approved, rechecks, alerts, and serves the desk",
		RunE: func(c *cobra.Command, _ []string) error {
			return g.with(func(a *app) error {
				err := a.run(c.Context(), nil)
				if c.Context().Err() != nil && errors.Is(err, context.Canceled) {
					return nil // told to stop while it was still starting
				}
				return err
			})
		}}
}

// daemon is a running installation.
type daemon struct {
	*app
	docket   *takedown.Docket
	crawler  *crawler.Crawler
	alerts   *alerts.Alerts
	sources  []crawler.Source
	box      *operator.Mailbox
	watching *silence.Watch
	up       time.Time     // since when sources are swept on schedule
	wake     chan struct{} // a sighting came in: draft soon
	look     chan struct{} // answers came in: look soon
	fleet    net.Listener  // for workers; nil: none are served
	held     heldSources   // what was last logged of each
}

// credentials are the demonstration's account of counsel.
type credentials struct{ name, password string }

// run takes the data folder, serves until ctx ends, and drains. ready, when given, gets the desk's address.
func (a *app) run(ctx context.Context, ready func(addr string)) (err error) {
	a.log, a.patient = newLogger(a.cfg, a.stderr, slog.LevelDebug), true
	release, err := store.LockDaemon(a.cfg.DataDir())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, release()) }()
	d, err := a.newDaemon(ctx)
	if err != nil {
		return err
	}
	cut, err := d.docket.Recover(ctx)
	cutAlerts, err2 := d.alerts.Recover(ctx)
	cutMails, err3 := d.box.Recover(ctx)
	if err := errors.Join(err, err2, err3); err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	if cut += cutAlerts + cutMails; cut > 0 {
		a.log.WarnContext(ctx, "deliveries were cut by the last stop: a person decides (unmirror outbox list)", "count", cut)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.cfg.Desk.Listen)
	if err != nil {
		return fmt.Errorf("desk.listen: %w", err)
	}
	if d.fleet, err = a.listenFleet(ctx); err != nil {
		return errors.Join(err, listener.Close())
	}
	handler, err := d.pages(ctx)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	if ready != nil {
		ready(listener.Addr().String())
	}
	a.log.InfoContext(ctx, "started", "version", version, "desk", listener.Addr().String(), "sources", len(d.sources))
	err = d.work(ctx, listener, handler)
	a.log.InfoContext(context.WithoutCancel(ctx), "stopped")
	return err
}

func (a *app) newDaemon(ctx context.Context) (*daemon, error) {
	d := &daemon{app: a, wake: make(chan struct{}, 1), look: make(chan struct{}, 1)}
	var err error
	if d.docket, err = a.docket(ctx); err != nil {
		return nil, err
	}
	if d.crawler, err = a.crawler(ctx, watching{onSighting: func(crawler.Sighting, bool) { d.poke() }, onStanding: d.stands}); err != nil {
		return nil, err
	}
	if d.alerts, err = a.alerts(ctx, d.docket); err != nil {
		return nil, err
	}
	if d.box, err = a.operatorMail(ctx, d.docket); err != nil {
		return nil, err
	}
	if d.watching, err = a.watch(ctx, d.box); err != nil {
		return nil, err
	}
	d.up = a.store.Now()
	if len(a.cfg.Sources) > 0 {
		if d.sources, err = a.sources(nil); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// poke asks for a draft without waiting for it.
func (d *daemon) poke() {
	select {
	case d.wake <- struct{}{}:
	default:
	}
}

// work runs everything that a daemon does side by side until ctx ends or one of it breaks.
func (d *daemon) work(ctx context.Context, l net.Listener, h http.Handler) error {
	g, ctx := errgroup.WithContext(ctx)
	srv := &http.Server{Handler: d.survive(h), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, WriteTimeout: 2 * time.Minute,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	g.Go(func() error {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return fmt.Errorf("serve desk: %w", err)
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
		defer cancel()
		return srv.Shutdown(drain)
	})
	g.Go(func() error { return d.jobs(ctx) })
	g.Go(func() error { return d.draftOnDemand(ctx) })
	g.Go(func() error { return d.lookOnDemand(ctx) })
	g.Go(func() error { return d.followIndex(ctx) })
	g.Go(func() error { return d.coordinate(ctx, d.crawler) })
	g.Go(func() error { return d.serveFleet(ctx, d.fleet) })
	if len(d.sources) > 0 {
		s, err := crawler.NewSchedule(d.crawler, d.sources, d.swept)
		if err != nil {
			return fmt.Errorf("schedule: %w", err)
		}
		g.Go(func() error { return s.Run(ctx) })
	}
	return g.Wait()
}

// survive keeps one broken page from being silent: net/http would tell of it only through the standard logger, which is
// muted. What the panic says may hold anything, so only its type and the stack are logged.
func (d *daemon) survive(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				d.log.ErrorContext(r.Context(), "page panicked", "type", fmt.Sprintf("%T", v), "stack", string(debug.Stack()))
				panic(http.ErrAbortHandler)
			}
		}()
		h.ServeHTTP(w, r)
	})
}

// job is recurring work.
type job struct {
	name, spec string
	catchUp    bool // so rare that one missed while nothing ran is done at the start
	do         func(context.Context) error
}

// jobs runs the recurring work in UTC, each job never twice at once, and waits for the running ones at the end.
func (d *daemon) jobs(ctx context.Context) error {
	c := cron.New(cron.WithLocation(time.UTC), cron.WithChain(cron.Recover(cron.DiscardLogger), cron.SkipIfStillRunning(cron.DiscardLogger)))
	for _, j := range []job{
		{"outbox", d.cfg.Schedule.Outbox, false, d.post},
		{"recheck", d.cfg.Schedule.Recheck, false, d.recheck},
		{"replies", d.cfg.Schedule.Replies, false, d.answers},
		{"digest", d.cfg.Schedule.Digest, true, d.digest},
		{"purge", d.cfg.Schedule.Purge, true, d.purge},
		{"evidence", "@every 1m", false, d.keepEvidence},
		{"watch", "@every 1m", false, d.judgeSources},
	} {
		if err := d.plan(ctx, c, j); err != nil {
			return err
		}
	}
	c.Start()
	<-ctx.Done()
	<-c.Stop().Done()
	return nil
}

// plan puts a job on the schedule, and does it now when it was missed.
func (d *daemon) plan(ctx context.Context, c *cron.Cron, j job) error {
	if j.spec == "" {
		return nil
	}
	when, err := cron.ParseStandard(j.spec)
	if err != nil {
		return fmt.Errorf("schedule.%s: %w", j.name, err)
	}
	do := j.do
	if j.catchUp {
		do = func(ctx context.Context) error { return errors.Join(j.do(ctx), d.store.Ran(ctx, j.name)) }
		last, err := d.store.LastRun(ctx, j.name)
		if err != nil {
			return fmt.Errorf("schedule.%s: %w", j.name, err)
		}
		if when.Next(last.UTC()).Before(d.store.Now()) {
			d.try(ctx, j.name, do)
		}
	}
	c.Schedule(when, cron.FuncJob(func() { d.try(ctx, j.name, do) }))
	return nil
}

// try runs one job; what it returns is logged here and nowhere else. A context that ended is no error.
func (d *daemon) try(ctx context.Context, name string, do func(context.Context) error) {
	if ctx.Err() != nil {
		return
	}
	if err := do(ctx); err != nil && ctx.Err() == nil {
		d.log.ErrorContext(ctx, "job failed", "job", name, "error", err)
	}
}

// post delivers approved notices and alerts, and asks for drafts that lacked a recipient to be tried again.
func (d *daemon) post(ctx context.Context) error {
	_, err := d.docket.Deliver(ctx)
	_, err2 := d.alerts.Deliver(ctx)
	_, err3 := d.box.Deliver(ctx)
	d.poke()
	return errors.Join(err, err2, err3)
}

// judgeSources says which sources fell silent, and which are heard again.
func (d *daemon) judgeSources(ctx context.Context) error {
	return d.judge(ctx, d.crawler, d.watching, d.up)
}

func (d *daemon) recheck(ctx context.Context) error {
	_, err := d.docket.Recheck(ctx)
	return err
}

func (d *daemon) digest(ctx context.Context) error {
	_, err := d.alerts.Digest(ctx)
	return err
}

// purge lets the record go over what is past its time; alerts and sessions forget by themselves as they work.
func (d *daemon) purge(ctx context.Context) error {
	_, err := d.docket.ForgetReplies(ctx)
	return errors.Join(err, d.expireEvidence(ctx), d.store.Optimize(ctx))
}

// swept logs a scheduled sweep that could not be done; the crawler itself logs how the others ended.
func (d *daemon) swept(s crawler.Summary, err error) {
	var refused *crawler.NotAdmitted
	if errors.As(err, &refused) && errors.As(err, new(*heldBack)) {
		return // logged when it changed
	}
	if err != nil && !errors.Is(err, context.Canceled) {
		d.log.ErrorContext(context.Background(), "sweep failed", "source", s.Source, "error", err)
		return
	}
	d.try(context.Background(), "watch", d.judgeSources)
}

// draftOnDemand drafts soon after a sighting, and gathers those that come within a second.
func (d *daemon) draftOnDemand(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.wake:
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
		d.try(ctx, "draft", func(ctx context.Context) error { _, err := d.docket.Draft(ctx); return err })
	}
}

// followIndex takes up what a command beside the daemon registered, within two seconds.
func (d *daemon) followIndex(ctx context.Context) error {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		d.try(ctx, "index", func(ctx context.Context) error {
			changed, err := d.library.Reload()
			if changed {
				d.log.InfoContext(ctx, "index reloaded", "generation", d.library.Generation(), "leaks", len(d.library.Leaks()))
			}
			return err
		})
	}
}
