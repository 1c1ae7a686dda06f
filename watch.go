package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/robfig/cron/v3"

	"unmirror/alerts/operator"
	"unmirror/crawler"
	"unmirror/crawler/canary"
	"unmirror/crawler/silence"
	"unmirror/fingerprints"
	"unmirror/store"
	"unmirror/takedown"
)

// errReserved keeps leaks from the name under which canaries lie in the index.
var errReserved = errors.New("the name `" + canary.Slug + "` is kept for canaries: choose another slug (canaries are made with `unmirror canary make`)")

// leaks are the registered leaks: canaries lie in the same index, and are none.
func (a *app) leaks() (out []fingerprints.LeakInfo) {
	for _, k := range a.library.Leaks() {
		if k.Slug != canary.Slug {
			out = append(out, k)
		}
	}
	return out
}

// operatorMail is the outbox of the mails to the operator.
func (a *app) operatorMail(ctx context.Context, d *takedown.Docket) (*operator.Mailbox, error) {
	st, err := a.record(ctx)
	if err != nil {
		return nil, err
	}
	send, err := a.sender()
	if err != nil {
		return nil, err
	}
	o := operator.Options{From: a.cfg.Mail.From, Name: a.cfg.Organisation.Name, PublicURL: a.cfg.PublicURL(), Send: d.Braked(send),
		Held: func(ctx context.Context) bool {
			h, err := d.Hold(ctx)
			return err != nil || h.On // when the brake cannot be read, nothing goes out
		}}
	if o.From != "" {
		o.To = a.cfg.Organisation.Email
	}
	if l := a.cfg.Organisation.Languages; len(l) > 0 {
		o.Language = l[0]
	}
	return operator.New(st, o), nil
}

// watch keeps what the sources' passes say, and has the operator told when one falls silent.
func (a *app) watch(ctx context.Context, box *operator.Mailbox) (*silence.Watch, error) {
	st, err := a.record(ctx)
	if err != nil {
		return nil, err
	}
	return silence.NewWatch(st, func(tx *store.Tx, c silence.Change) error {
		return box.Queue(tx, operator.News{Source: c.Source, Why: string(c.Why), Silent: c.Silent, At: c.At})
	}), nil
}

// judge looks at each source's latest sweep. Up is since when they are swept on schedule; zero: nobody knows.
func (a *app) judge(ctx context.Context, c *crawler.Crawler, w *silence.Watch, up time.Time) error {
	status, err := c.Status(ctx)
	if err != nil {
		return err
	}
	last := map[string]crawler.SourceStatus{}
	for _, s := range status {
		last[s.Source] = s
	}
	now := a.store.Now()
	var looks []silence.Look
	for _, s := range a.cfg.Sources {
		l := last[s.Name]
		every := interval(s.Every, now)
		if _, held := a.waits(ctx, s.Name); l.Paused || held {
			every = 0 // the operator knows that it is not swept
		}
		looks = append(looks, silence.Look{Source: s.Name, Clock: silence.Clock{Now: now, Every: every, Up: up, Busy: l.State == "running"},
			Pass: silence.Pass{Started: l.Started, Finished: l.Finished, Good: l.State == "done" && !l.LastGood.IsZero() && !l.LastGood.Before(l.Started),
				Paused: l.State == "paused" || l.State == "running", Reason: l.Summary.Reason, Listed: l.Summary.Listed}})
	}
	changes, err := w.Judge(ctx, looks)
	for _, c := range changes {
		if c.Silent {
			a.log.WarnContext(ctx, "source fell silent", "source", c.Source, "reason", string(c.Why))
		} else {
			a.log.InfoContext(ctx, "source is heard again", "source", c.Source, "reason", string(c.Why))
		}
	}
	return err
}

// interval is the longest time between two moments of a schedule in the coming days; 0 without one.
func interval(spec string, now time.Time) (longest time.Duration) {
	when, err := cron.ParseStandard(spec)
	if spec == "" || err != nil {
		return 0
	}
	at := when.Next(now.UTC())
	for range 10 {
		next := when.Next(at)
		longest = max(longest, next.Sub(at))
		at = next
	}
	return longest
}

// judgeNow judges after a command's sweeps.
func (a *app) judgeNow(ctx context.Context, c *crawler.Crawler, d *takedown.Docket) error {
	box, err := a.operatorMail(ctx, d)
	if err != nil {
		return err
	}
	w, err := a.watch(ctx, box)
	if err != nil {
		return err
	}
	if err := a.judge(ctx, c, w, time.Time{}); err != nil {
		return fmt.Errorf("judge sources: %w", err)
	}
	return nil
}

// silent names the sources that fell silent, for the desk's banner.
func (d *daemon) silent(ctx context.Context) (names []string, err error) {
	all, err := d.watching.Statuses(ctx)
	for _, s := range d.cfg.Sources {
		if all[s.Name].Silent != silence.Heard {
			names = append(names, s.Name)
		}
	}
	return names, err
}
