package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"unmirror/crawler"
	"unmirror/internal/account"
	"unmirror/internal/guard"
	"unmirror/internal/post"
	"unmirror/takedown"
	"unmirror/takedown/contact"
	"unmirror/takedown/evidence"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

// docket joins the record with law, contacts, guard, mail and crawler.
func (a *app) docket(ctx context.Context) (*takedown.Docket, error) {
	st, err := a.record(ctx)
	if err != nil {
		return nil, err
	}
	l, err := a.index()
	if err != nil {
		return nil, err
	}
	table, err := law.Load()
	if err != nil {
		return nil, fmt.Errorf("load law: %w", err)
	}
	g, err := guard.New(a.cfg.Crawler.AllowPrivate)
	if err != nil {
		return nil, fmt.Errorf("crawler.allow_private: %w", err)
	}
	vault, err := a.vault()
	if err != nil {
		return nil, err
	}
	send, err := a.sender()
	if err != nil {
		return nil, err
	}
	return takedown.New(takedown.Options{
		Store: st, Law: table, Notifier: a.notifier(),
		Ladder:  contact.NewLadder(a.directory(), g.Client(20*time.Second), a.cfg.RDAP.Bootstrap, nil),
		Checker: &lateChecker{a: a},
		Guard:   l.Guard,
		FileType: func(id string) string {
			f, _ := l.File(id)
			return f.Type
		},
		LeakTitle: a.leakTitle, Send: send,
		From: a.cfg.Mail.From, FromName: a.cfg.Organisation.Name, PublicURL: a.cfg.PublicURL(), Evidence: vault,
		NoticeBits: a.cfg.Matching.NoticeBits, GoneChecks: a.cfg.Takedown.GoneChecks, GoneApart: a.cfg.GoneApart(), Log: a.log,
	})
}

// leakTitle is how notices and alerts call a leak.
func (a *app) leakTitle(slug string) string {
	for _, k := range a.library.Leaks() {
		if k.Slug == slug && k.Title != "" {
			return k.Title
		}
	}
	return slug
}

// vault is nil when no recipients are configured: then no evidence is kept, and the case says so.
func (a *app) vault() (*evidence.Vault, error) {
	if len(a.cfg.Evidence.Recipients) == 0 {
		return nil, nil
	}
	v, err := evidence.New(filepath.Join(a.cfg.DataDir(), "evidence"), a.cfg.Evidence.Recipients)
	if err != nil {
		return nil, fmt.Errorf("evidence.recipients: %w", err)
	}
	return v, nil
}

// sender is nil when no mail server is configured: what is approved then waits.
func (a *app) sender() (func(context.Context, string, []string, []byte) post.Result, error) {
	raw := a.cfg.Mail.SMTP
	if !raw.IsSet() {
		return nil, nil
	}
	password, err := a.cfg.Mail.Password.Reveal()
	if err != nil {
		return nil, fmt.Errorf("mail.password: %w", err)
	}
	p, err := post.New(post.Config{URL: raw.Reveal(), Password: password, Hello: a.cfg.Mail.Hello, TLS: a.cfg.Mail.TLS})
	if err != nil {
		return nil, fmt.Errorf("mail.smtp: %w", err)
	}
	return p.Send, nil
}

func (a *app) notifier() notice.Party {
	o := a.cfg.Organisation
	return notice.Party{Name: o.Name, Role: o.Role, Contact: o.Contact, Email: o.Email, Telephone: o.Telephone, Address: o.Address}
}

func (a *app) directory() contact.Directory {
	var d contact.Directory
	for _, r := range a.cfg.Recipients {
		d = append(d, contact.Entry{Place: r.Place, Name: r.Name, Email: r.Email, Language: r.Language, Kind: r.Kind,
			Profile: contact.Profile{Attachments: r.Profile.Attachments, OneURL: r.Profile.OneURL, OffersInEU: r.Profile.OffersInEU}})
	}
	return d
}

func (a *app) accounts(ctx context.Context) (*account.Accounts, error) {
	st, err := a.record(ctx)
	if err != nil {
		return nil, err
	}
	return account.New(st), nil
}

// lateChecker starts the crawler only when something is really rechecked.
type lateChecker struct {
	a *app
	c *crawler.Crawler
}

// Look fetches one case's address again, under the rules of the source that found it.
func (l *lateChecker) Look(ctx context.Context, source, url string) (takedown.Look, error) {
	if l.c == nil {
		c, err := l.a.crawler(ctx, watching{})
		if err != nil {
			return takedown.Look{}, err
		}
		l.c = c
	}
	s, ok := l.a.source(source)
	if !ok {
		// The source was taken out of the configuration; its cases are still rechecked, as single known items.
		s = crawler.Source{Name: source, Kind: "site", URL: url}
	}
	got, err := l.c.Look(ctx, s, url)
	if err != nil {
		return takedown.Look{}, fmt.Errorf("look: %w", err)
	}
	return takedown.Look{Outcome: takedown.LookOutcome(got.Outcome), Reason: got.Reason, At: got.At, Capture: takedown.Capture(got.Capture)}, nil
}
