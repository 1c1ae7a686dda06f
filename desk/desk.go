// Package desk serves the pages: counsel's desk, the pages for people in a leak, health and metrics.
// It never decides what may be done, which is the docket's; it never shows a victim's data, and asks no other host for anything.
package desk

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/text/language"

	"unmirror/desk/texts"
	"unmirror/internal/account"
	"unmirror/store"
	"unmirror/takedown"
	"unmirror/takedown/form"
)

// reader is what the desk shows of a docket.
type reader interface {
	QueuePage(ctx context.Context, each int) (rows []takedown.QueueRow, all map[string]int, err error)
	Cases(context.Context, takedown.CaseFilter) ([]takedown.CaseRow, error)
	Case(ctx context.Context, id string) (*takedown.CaseFile, error)
	Notices(context.Context, takedown.NoticeFilter) ([]takedown.NoticeRow, error)
	Notice(ctx context.Context, id string) (*takedown.NoticeFile, error)
	NoticePDF(ctx context.Context, id string) ([]byte, error)
	NoticeForm(ctx context.Context, id, form string) (form.Sheet, error)
	NoticeDiff(ctx context.Context, id string, from, to int) (before, after int, lines []takedown.DiffLine, err error)
	Retraction(ctx context.Context, noticeID string) (*takedown.RetractionFile, error)
	Outbox(ctx context.Context, limit, offset int) (unknown, rows []takedown.AttemptRow, err error)
	Ticket(ctx context.Context, reference string) (takedown.TicketPage, error)
	Statistics(ctx context.Context, since time.Time) (takedown.Statistics, error)
	Counts(context.Context) (map[string]int, error)
}

// reviewer takes counsel's decisions.
type reviewer interface {
	AnswerTriage(ctx context.Context, by takedown.Actor, caseID string, t takedown.Triage) error
	SetEvidenceHold(ctx context.Context, by takedown.Actor, caseID string, on bool, reason string) error
	Inspect(ctx context.Context, by takedown.Actor, caseID string, i takedown.Inspection) error
	Edit(ctx context.Context, by takedown.Actor, noticeID string, baseVersion int, e takedown.Edit) error
	Approve(ctx context.Context, by takedown.Actor, noticeID string, a takedown.Approval) error
	Reject(ctx context.Context, by takedown.Actor, noticeID, reason string) error
	SentByHand(ctx context.Context, by takedown.Actor, noticeID string, on time.Time, reference string) error
	Answered(ctx context.Context, by takedown.Actor, noticeID string, answer takedown.Answer, at time.Time) error
	PrepareRetraction(ctx context.Context, by takedown.Actor, noticeID string, w takedown.Withdrawal) (*takedown.RetractionFile, error)
	Retract(ctx context.Context, by takedown.Actor, noticeID string, w takedown.Withdrawal) error
	OpenDispute(ctx context.Context, by takedown.Actor, caseID string, said takedown.Dispute) (id string, err error)
	Uphold(ctx context.Context, by takedown.Actor, caseID, answer string) error
}

// outgoing is the outbox and its brake.
type outgoing interface {
	Resolve(ctx context.Context, by takedown.Actor, attemptID, as string) error
	Hold(context.Context) (takedown.Hold, error)
	SetHold(ctx context.Context, by takedown.Actor, on bool, reason string) error
}

// docket is all of it: *takedown.Docket.
type docket interface {
	reader
	reviewer
	outgoing
	incoming
	keeper
	stopper
}

// incoming are the mails that came in.
type incoming interface {
	Replies(context.Context, takedown.ReplyFilter) ([]takedown.ReplyRow, error)
	Reply(ctx context.Context, a takedown.Actor, id string) (*takedown.ReplyFile, error)
	AttachReply(ctx context.Context, a takedown.Actor, id, caseID string) error
	ConfirmReply(ctx context.Context, a takedown.Actor, id, meaning string) error
}

// accounts are the people who may sign in: *account.Accounts.
type accounts interface {
	VerifyFrom(ctx context.Context, name, password, network string) (account.User, error)
	BySession(ctx context.Context, session string) (account.User, error)
	List(context.Context) ([]account.User, error)
	SetLanguage(ctx context.Context, id, lang string) error
}

// auditLog is the record's audit log; StoreAudit makes one.
type auditLog interface {
	Tail(ctx context.Context, limit int) ([]store.AuditRow, error)
	Verify(context.Context) (rows int64, head string, err error)
}

// Source is a source as its page shows it.
type Source struct {
	Name, Kind, Every                      string
	Untried                                bool
	State                                  string // ok, running, failing, never
	LastSweep, LastGood                    time.Time
	Listed, Fetched, SkippedRobots, Errors int
	Bytes                                  int64
	ErrorSamples                           []string // plain sentences without URLs
	// Silent is why its sweeps are not believed, as a code of package crawler/silence; empty: they are.
	Silent      string
	SilentSince time.Time
	// Waits are the leaks on whose behalf it is not swept, because their leak files lack fields; Held: it is not swept at all.
	Waits []Wait
	Held  bool
	// Canaries could have been found by a good pass, CanariesFound were by the last one; CanaryDelay is how long a first
	// sighting took, CanarySeen when one was last found.
	Canaries, CanariesFound int
	CanaryDelay             time.Duration
	CanarySeen              time.Time
}

// Wait is a leak on whose behalf a source is not swept.
type Wait struct {
	Leak   string
	Fields []string // that its leak file lacks
}

// Leak is a registered leak as its page shows it: no names of files or people.
type Leak struct {
	Slug, Title               string
	Created                   time.Time
	Files, Passages, Subjects int
	Bytes                     int64
	Categories                []string
}

// Options are what the desk is built from. Docket, Accounts, Sessions and Ready are required; a page whose source is nil says that
// there is nothing.
type Options struct {
	Docket   docket
	Accounts accounts
	Sessions scs.Store
	Alerts   subscriptions
	Sources  func(context.Context) ([]Source, error)
	Leaks    func(context.Context) ([]Leak, error)
	// Record makes a leak's record of processing in a language; "" where there is no such leak.
	Record func(ctx context.Context, slug, language string) (string, error)
	Silent func(context.Context) ([]string, error) // names of sources that fell silent, for the banner; nil: none
	Audit  auditLog
	Ready  func(context.Context) error // reads the record; what /healthz reports

	PublicURL    string         // as people reach the desk; https makes its cookies Secure
	Zone         *time.Location // in which times are shown; nil: UTC
	NoticeBits   float64        // matching.notice_bits, drawn as the threshold; 0: 64
	Version      string
	MetricsToken string // bearer token of /metrics; empty: only this machine may read it
	Registry     *prometheus.Registry
	Log          *slog.Logger
	Now          func() time.Time

	// Demo shows a banner on every page, and these credentials on the log-in page.
	Demo                   bool
	DemoName, DemoPassword string
}

// desk is the handler's state: nothing in it changes after New, but for the sessions and the audit log's last verification.
type desk struct {
	Options
	sessions *scs.SessionManager
	public   *url.URL
	langs    map[string]*lang
	tags     []string // in the order of the language switch
	matcher  language.Matcher
	assets   assets
	tickets  *tickets
	logins   *prometheus.CounterVec
	verified verification
}

// lang is one language: its texts, and the pages bound to them.
type lang struct {
	*texts.Catalogue
	pages map[string]*template.Template
}

// New builds the handler of all pages.
func New(o Options) (http.Handler, error) {
	if o.Docket == nil || o.Accounts == nil || o.Sessions == nil || o.Ready == nil {
		return nil, errors.New("build desk: a docket, accounts, sessions and a health check are needed")
	}
	o.fill()
	public, err := url.Parse(o.PublicURL)
	if err != nil || (o.PublicURL != "" && public.Host == "") {
		return nil, fmt.Errorf("build desk: public URL %q is not an http address", o.PublicURL)
	}
	d := &desk{Options: o, public: public}
	if d.assets, err = loadAssets(); err != nil {
		return nil, fmt.Errorf("build desk: %w", err)
	}
	if d.tickets, err = loadTickets(o.Now); err != nil {
		return nil, fmt.Errorf("build desk: %w", err)
	}
	if err := d.loadPages(); err != nil {
		return nil, fmt.Errorf("build desk: %w", err)
	}
	if err := d.measure(); err != nil {
		return nil, fmt.Errorf("build desk: %w", err)
	}
	d.sessions = d.newSessions()
	return d.handler()
}

func (o *Options) fill() {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.NoticeBits <= 0 {
		o.NoticeBits = 64
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Sources == nil {
		o.Sources = func(context.Context) ([]Source, error) { return nil, nil }
	}
	if o.Silent == nil {
		o.Silent = func(context.Context) ([]string, error) { return nil, nil }
	}
	if o.Record == nil {
		o.Record = func(context.Context, string, string) (string, error) { return "", nil }
	}
	if o.Leaks == nil {
		o.Leaks = func(context.Context) ([]Leak, error) { return nil, nil }
	}
}

// newSessions: signed in for a working day at most, and for an hour without doing anything.
func (d *desk) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = d.Sessions
	m.Lifetime = 12 * time.Hour
	m.IdleTimeout = time.Hour
	m.HashTokenInStore = true
	m.Cookie.Name = "unmirror"
	m.Cookie.Persist = false
	m.Cookie.SameSite = http.SameSiteLaxMode
	if m.Cookie.Secure = d.secure(); m.Cookie.Secure {
		m.Cookie.Name = "__Host-unmirror" // the browser then refuses it from a sibling domain
	}
	m.ErrorFunc = d.fail
	return m
}

func (d *desk) secure() bool { return strings.EqualFold(d.public.Scheme, "https") }
