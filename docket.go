package main

import (
	"context"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"unmirror/config/quiet"
	"unmirror/crawler"
	"unmirror/fingerprints"
	"unmirror/internal/account"
	"unmirror/internal/guard"
	"unmirror/internal/post"
	"unmirror/takedown"
	"unmirror/takedown/contact"
	"unmirror/takedown/evidence"
	"unmirror/takedown/notice"
	"unmirror/takedown/workday"
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
	table, err := a.law()
	if err != nil {
		return nil, err
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
	calendar, err := workday.Load()
	if err != nil {
		return nil, err
	}
	authority, err := a.timestampAuthority()
	if err != nil {
		return nil, err
	}
	hours, err := quiet.Parse(a.cfg.Takedown.Quiet)
	if err != nil {
		return nil, fmt.Errorf("takedown.quiet: %w", err)
	}
	look := &looker{a: a}
	ladder := a.ladder(look, g)
	d, err := takedown.New(takedown.Options{
		Store: st, Law: table, Notifier: a.notifier(),
		Ladder:  ladder,
		Checker: look,
		Guard:   l.Guard,
		FileType: func(id string) string {
			f, _ := l.File(id)
			return f.Type
		},
		LeakTitle: a.leakTitle, Registered: a.registered, Send: send,
		From: a.cfg.Mail.From, FromName: a.cfg.Organisation.Name, PublicURL: a.cfg.PublicURL(), Evidence: vault,
		Timestamp: authority, EvidenceKeep: a.cfg.Evidence.Keep, Version: version,
		NoticeBits: a.cfg.Matching.NoticeBits, GoneChecks: a.cfg.Takedown.GoneChecks, GoneApart: a.cfg.GoneApart(), Watch: a.cfg.Takedown.Watch,
		Reminder: a.cfg.Takedown.Reminder, Escalation: a.cfg.Takedown.Escalation, Complaint: a.cfg.Takedown.Complaint,
		StatusURL: a.statusURL(), FreshLook: a.cfg.Takedown.FreshLook,
		PlusAddress: a.cfg.Mail.Plus, PerDomain: a.cfg.Mail.PerDomain, KeepReplies: a.cfg.Takedown.KeepReplies, FreshContact: a.cfg.Takedown.FreshContact, Calendar: calendar, Log: a.log,
		RejectionLimit: a.cfg.Takedown.RejectionLimit,
		TwoPersons:     a.cfg.Takedown.TwoPersons, Quiet: hours.Until,
	})
	if err == nil {
		ladder.Recorded = d.Directory
	}
	return d, err
}

// statusURL gives the public page of a ticket; nil where the desk has no address that others reach.
func (a *app) statusURL() func(reference string) string {
	public := a.cfg.Desk.PublicURL
	if public == "" {
		return nil
	}
	return func(reference string) string { return strings.TrimSuffix(public, "/") + "/ticket/" + reference }
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

// registered says whether a leak is still in the index: without it a look says nothing about its content.
func (a *app) registered(slug string) bool {
	return slices.ContainsFunc(a.library.Leaks(), func(k fingerprints.LeakInfo) bool { return k.Slug == slug })
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
	key, err := a.dkim()
	if err != nil {
		return nil, fmt.Errorf("mail.dkim: %w", err)
	}
	p, err := post.New(post.Config{URL: raw.Reveal(), Password: password, Hello: a.cfg.Mail.Hello, TLS: a.cfg.Mail.TLS, DKIM: key})
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
		p := contact.Profile{Attachments: r.Profile.Attachments, OneURL: r.Profile.OneURL, OffersInEU: r.Profile.OffersInEU, TellsOwner: r.Profile.TellsOwner}
		if r.Profile.Form != "" {
			p.Channel, p.Form = contact.ChannelForm, r.Profile.Form
		}
		d = append(d, contact.Entry{Place: r.Place, Name: r.Name, Email: r.Email, Language: r.Language, Kind: r.Kind, Profile: p})
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

// looker is the crawler as the docket needs it: to look at one address again, and to read contact pages with the same
// manners. The crawler hands its sightings to a docket, so it is built only when a docket first asks for it.
type looker struct {
	a    *app
	mu   sync.Mutex
	made *crawler.Crawler
}

func (l *looker) crawler(ctx context.Context) (*crawler.Crawler, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.made != nil {
		return l.made, nil
	}
	c, err := l.a.crawler(context.WithoutCancel(ctx), watching{})
	if err != nil {
		return nil, err
	}
	l.made = c
	return c, nil
}

// Look fetches one case's address again, under the rules of the source that found it.
func (l *looker) Look(ctx context.Context, source, url string) (takedown.Look, error) {
	c, err := l.crawler(ctx)
	if err != nil {
		return takedown.Look{}, err
	}
	s, ok := l.a.source(source)
	if !ok {
		// The source was taken out of the configuration; its cases are still rechecked, as single known items.
		s = crawler.Source{Name: source, Kind: "site", URL: url}
	}
	got, err := c.Look(ctx, s, url)
	if err != nil {
		return takedown.Look{}, fmt.Errorf("look: %w", err)
	}
	return takedown.Look{Outcome: takedown.LookOutcome(got.Outcome), Reason: got.Reason, At: got.At, Capture: takedown.Capture(got.Capture),
		Report: got.Report, SeenFrom: got.SeenFrom}, nil
}

// allowed asks robots.txt about a contact page.
func (l *looker) allowed(ctx context.Context, url string) bool {
	c, err := l.crawler(ctx)
	return err == nil && c.Allowed(ctx, url)
}

// politely is a transport that waits for each host's turn.
type politely struct {
	l    *looker
	next http.RoundTripper
}

func (p politely) RoundTrip(r *http.Request) (*http.Response, error) {
	c, err := p.l.crawler(r.Context())
	if err != nil {
		return nil, err
	}
	return c.Polite(p.next).RoundTrip(r)
}

// ladder looks recipients up: the operator's directory first, then what the place and the registries publish.
func (a *app) ladder(l *looker, g *guard.Guard) *contact.Ladder {
	client := g.Client(0) // the ladder bounds each look-up itself
	client.Transport = politely{l: l, next: client.Transport}
	ladder := contact.NewLadder(a.directory(), client, a.cfg.RDAP.Bootstrap, nil)
	ladder.Allowed = l.allowed
	return ladder
}
