package main

import (
	"context"
	"fmt"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"

	"unmirror/alerts"
	"unmirror/crawler/fleet"
	"unmirror/desk"
	"unmirror/internal/account"
	"unmirror/store"
	"unmirror/takedown"
)

// pages builds the desk on the running parts.
func (d *daemon) pages(context.Context) (http.Handler, error) {
	keys, err := d.publicKeys()
	if err != nil {
		return nil, err
	}
	token, err := d.cfg.Desk.MetricsToken.Reveal()
	if err != nil {
		return nil, fmt.Errorf("desk.metrics_token: %w", err)
	}
	o := desk.Options{
		Docket: d.docket, Accounts: account.New(d.store), Sessions: account.NewSessions(d.store), Alerts: d.alerts,
		Sources: d.deskSources, Leaks: d.deskLeaks, Record: d.recordText, Silent: d.silent, Audit: desk.StoreAudit(d.store, keys),
		Ready: func(ctx context.Context) error {
			return d.store.Read(ctx, func(tx *store.Tx) error {
				var n int
				return tx.QueryRow(`SELECT count(*) FROM hold`).Scan(&n)
			})
		},
		PublicURL: d.cfg.PublicURL(), NoticeBits: d.cfg.Matching.NoticeBits, Version: version, MetricsToken: token,
		Registry: prometheus.NewRegistry(), Log: d.log,
	}
	if d.demo != nil {
		o.Demo, o.DemoName, o.DemoPassword = true, d.demo.name, d.demo.password
	}
	images, err := d.imageReader()
	if err != nil {
		return nil, err
	}
	if images != nil {
		if err := o.Registry.Register(images); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	if d.shared != nil {
		if err := o.Registry.Register(fleet.Measure(d.shared, d.log)); err != nil {
			return nil, fmt.Errorf("register metrics: %w", err)
		}
	}
	return desk.New(o)
}

// alerts joins subscriptions with mail, leaks and the places that may still be live.
func (a *app) alerts(ctx context.Context, d *takedown.Docket) (*alerts.Alerts, error) {
	st, err := a.record(ctx)
	if err != nil {
		return nil, err
	}
	send, err := a.sender()
	if err != nil {
		return nil, err
	}
	return alerts.New(st, alerts.Options{
		PublicURL: a.cfg.PublicURL(), From: a.cfg.Mail.From, Send: d.Braked(send), Title: a.leakTitle,
		Leaks: func() (slugs []string) {
			for _, k := range a.leaks() {
				slugs = append(slugs, k.Slug)
			}
			return slugs
		},
		Held: func(ctx context.Context) bool {
			h, err := d.Hold(ctx)
			return err != nil || h.On // when the brake cannot be read, nothing goes out
		},
		Places: func(ctx context.Context) ([]alerts.Place, error) { return places(ctx, d) },
	})
}

// places lists where cases lie and whether the content may still be there.
func places(ctx context.Context, d *takedown.Docket) (out []alerts.Place, err error) {
	cases, err := d.Cases(ctx, takedown.CaseFilter{})
	if err != nil {
		return nil, err
	}
	for _, c := range cases {
		if c.State != takedown.CaseDismissed {
			out = append(out, alerts.Place{Case: c.ID, Host: c.Place, Live: c.State != takedown.CaseGone, ForUs: c.GoneForUs})
		}
	}
	return out, nil
}

func (d *daemon) deskLeaks(context.Context) (out []desk.Leak, err error) {
	for _, k := range d.leaks() {
		out = append(out, desk.Leak{Slug: k.Slug, Title: k.Title, Created: k.Created, Files: k.Files, Passages: k.Passages,
			Subjects: k.Subjects, Bytes: k.Bytes, Categories: k.Categories})
	}
	return out, nil
}
