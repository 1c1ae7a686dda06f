// Package takedown keeps the docket: it opens a case for each sighting, drafts its notice, takes counsel's decisions,
// delivers what was approved and rechecks until the content is provably gone.
// It never sends what a person did not approve, never sends twice without a person, and never fetches by itself.
package takedown

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/internal/post"
	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/evidence"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
	"unmirror/takedown/workday"
)

// ladder finds whom to write to about a place.
type ladder interface {
	Find(ctx context.Context, p contact.Place) []contact.Found
}

// checker looks at one address again.
type checker interface {
	Look(ctx context.Context, source, url string) (Look, error)
}

// stamper has digests stamped with the time.
type stamper interface {
	Stamp(ctx context.Context, digest []byte) (evidence.Token, error)
	Host() string
}

// Options are what a docket works with. Store and Guard are required; what else is missing makes only the act that
// needs it fail, so that a command which lists cases needs neither mail nor crawler.
type Options struct {
	Store    *store.Store
	Law      law.Table
	Notifier notice.Party
	Ladder   ladder
	Checker  checker
	// Guard finds identifiers of victims in a text; offsets are bytes of that text.
	Guard func(text string) []match.Hit
	// FileType returns the extension of a known file, LeakTitle the title of a leak; nil gives "" and the slug.
	FileType  func(fileID string) string
	LeakTitle func(slug string) string
	// Registered says whether a leak can still be recognised; nil: each can. Without its fingerprints a look that finds
	// nothing known says nothing.
	Registered func(slug string) bool
	// Send hands one message, Date included, to the mail server.
	Send func(ctx context.Context, from string, to []string, msg []byte) post.Result
	// From is the envelope's and header's sender, FromName its display name.
	From, FromName string
	// PlusAddress has answers go to From with a signed ticket number behind a plus sign, where the mailbox takes such addresses.
	PlusAddress bool
	// PerDomain is the least time between two mails to one recipient's domain; 0: none.
	PerDomain time.Duration
	// KeepReplies is how long what a mail says is kept after it came, once its cases are closed; 0: for ever.
	KeepReplies time.Duration
	// StatusURL returns the address of the public page that authenticates a ticket, by its reference (ticket and code); nil leaves it
	// out of notices.
	StatusURL func(reference string) string
	PublicURL string // of the desk
	// Evidence keeps captures, encrypted; nil keeps none, and the case says so.
	Evidence *evidence.Vault
	// Timestamp stamps what is kept (RFC 3161); nil: nothing is stamped. EvidenceKeep is how long evidence stays after its case was
	// last gone or dismissed; 0: for ever.
	Timestamp    stamper
	EvidenceKeep time.Duration
	Version      string // of the program, as evidence names it
	// NoticeBits is matching.notice_bits: from there on a second leak found in the same item is a match too. 0: weak.
	NoticeBits float64
	// GoneChecks looks (default 3), each at least GoneApart (default RecheckEvery/2) after the one before, prove gone.
	GoneChecks   int
	GoneApart    time.Duration
	RecheckEvery time.Duration // default twice GoneApart, at most 1 h; a gone case is looked at in growing intervals
	// Reminder, Escalation and Complaint are after how long without removal each is drafted; 0: never. Whole days are working days.
	Reminder, Escalation, Complaint time.Duration
	FreshLook                       time.Duration // how old a look may be when a notice leaves; default a day
	FreshContact                    time.Duration // how old a look-up of the recipient may be when a notice leaves; default a day
	Watch                           time.Duration // how long a gone case is looked at; default 180 days
	// TwoPersons says for which notices two different counsel approve the same digest; "" or "off": none, "escalations", "all".
	TwoPersons string
	// RejectionLimit is the share of the last ten decisions about a leak, a source or a recipient above which nothing more is drafted
	// until counsel has looked; 0: drafts are never stopped.
	RejectionLimit float64
	// Quiet returns when quiet hours, in which nothing is sent but withdrawals, are over, and the zero time outside of them; nil: none.
	Quiet    func(time.Time) time.Time
	Calendar workday.Calendar // the zero calendar knows weekends alone
	Now      func() time.Time
	Log      *slog.Logger
}

// Docket is the one place where cases and notices change. It is safe for concurrent use, also by several processes on
// one data folder.
type Docket struct {
	o  Options
	st *store.Store
}

// New checks the options and fills the defaults.
func New(o Options) (*Docket, error) {
	if o.Store == nil || o.Guard == nil {
		return nil, errors.New("open docket: a store and a guard are needed")
	}
	if o.GoneChecks <= 0 {
		o.GoneChecks = 3
	}
	if o.RecheckEvery <= 0 {
		o.RecheckEvery = time.Hour
		if o.GoneApart > 0 {
			o.RecheckEvery = min(2*o.GoneApart, time.Hour) // the schedule that calls Recheck may make it longer
		}
	}
	if o.GoneApart <= 0 {
		o.GoneApart = o.RecheckEvery / 2
	}
	if o.FreshLook <= 0 {
		o.FreshLook = 24 * time.Hour
	}
	if o.FreshContact <= 0 {
		o.FreshContact = 24 * time.Hour
	}
	if o.Watch <= 0 {
		o.Watch = 180 * 24 * time.Hour
	}
	if o.Now == nil {
		o.Now = o.Store.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.FileType == nil {
		o.FileType = func(string) string { return "" }
	}
	if o.LeakTitle == nil {
		o.LeakTitle = func(slug string) string { return slug }
	}
	if o.Ladder != nil {
		o.Ladder = reachable{ladder: o.Ladder, st: o.Store}
	}
	if a, ok := o.Timestamp.(*evidence.Authority); ok && a == nil {
		o.Timestamp = nil
	}
	if o.Quiet == nil {
		o.Quiet = func(time.Time) time.Time { return time.Time{} }
	}
	if o.Registered == nil {
		o.Registered = func(string) bool { return true }
	}
	return &Docket{o: o, st: o.Store}, nil
}

// now is the docket's clock, cut to what columns hold.
func (d *Docket) now() time.Time { return d.o.Now().UTC().Truncate(time.Millisecond) }

// read and write name the step in what goes wrong with the record; refusals (*Error) pass unwrapped.
func (d *Docket) read(ctx context.Context, step string, f func(*store.Tx) error) error {
	return named(step, d.st.Read(ctx, f))
}

func (d *Docket) write(ctx context.Context, step string, f func(*store.Tx) error) error {
	return named(step, d.st.Write(ctx, f))
}

func named(step string, err error) error {
	var refusal *Error
	if err == nil || errors.As(err, &refusal) {
		return err
	}
	return fmt.Errorf("%s: %w", step, err)
}
