// Package alerts enrols people who want to know when a leak's data turn up again, and tells them that there is news.
//
// It never reveals who is enrolled or in a leak, never writes in a mail what the news is or where anything lies, and never mails
// somebody who did not confirm.
package alerts

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strings"
	"sync"
	"time"

	"unmirror/internal/post"
	"unmirror/store"
)

// What a visitor can be told. Each is a sentence fit for a page; none depends on who is enrolled.
var (
	ErrAddress  = errors.New("this is not an e-mail address that mail can be sent to")
	ErrLeak     = errors.New("there is nothing to follow under this name")
	ErrLanguage = errors.New("this language is not available")
	ErrMode     = errors.New("choose at once or digest")
	ErrSlowDown = errors.New("too many requests from this network: please try again in an hour")
	ErrToken    = errors.New("this link was already used, or it has expired")
)

// ErrNotFound says that an operator named a subscriber or mail that does not exist.
var ErrNotFound = errors.New("not found")

// ErrState says that what was asked for is not possible in the state the thing is in.
var ErrState = errors.New("not possible in this state")

// When a subscriber is told.
const (
	AtOnce = "at_once" // with the next outbox run
	Digest = "digest"  // gathered until the next digest run
)

// Bounds of enrolment and of the links in mails.
const (
	confirmFor     = 48 * time.Hour           // a confirmation link works so long; without it everything about the address goes
	newsFor        = 30 * 24 * time.Hour      // a link to the news works so long
	unsubscribeFor = 2 * 365 * 24 * time.Hour // people keep mails
	mailsKept      = 90 * 24 * time.Hour      // rows of ended mails
	perAddress     = 3                        // confirmation mails to one address in rateWindow
	perNetwork     = 60                       // requests from one network (IPv4 /24, IPv6 /48) in an hour
	perHour        = 600                      // requests from everywhere in an hour
	rateWindow     = 24 * time.Hour
)

// Place is where one case lies and whether the content may still be there. Host is a registrable domain or an address and port.
type Place struct {
	Case string
	Host string
	Live bool
	// ForUs says that it is gone as seen from one network only.
	ForUs bool
}

// Options join the alerts with the rest.
type Options struct {
	PublicURL string // of the desk, without a slash at the end; links are PublicURL + /alerts/…
	From      string // sender's address: neutral, nothing about a leak
	Name      string // sender's name; empty: a neutral one in the mail's language
	// Send hands one message to the mail server; nil: mails wait.
	Send func(ctx context.Context, from string, to []string, msg []byte) post.Result
	Now  func() time.Time // nil: the store's clock
	// Leaks lists the slugs that can be followed; nil: any.
	Leaks func() []string
	// Title is how the news page calls a leak; nil: by its slug. Mails never name it.
	Title func(slug string) string
	// Held says whether everything outgoing is stopped; nil: never.
	Held func(ctx context.Context) bool
	// Places lists all cases that are not dismissed. Without it no host is ever named, because what is gone at one address of a host may
	// still lie at another.
	Places func(ctx context.Context) ([]Place, error)
}

// Alerts is the enrolment and its outbox. It is safe for concurrent use, also by several processes on one record.
type Alerts struct {
	st    *store.Store
	o     Options
	texts catalogue

	delivering sync.Mutex // one Deliver at a time in this process
}

// New checks the options.
func New(st *store.Store, o Options) (*Alerts, error) {
	if st == nil {
		return nil, errors.New("alerts: a store is needed")
	}
	u, err := url.Parse(o.PublicURL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("alerts: public address %q: want http:// or https:// and a host", o.PublicURL)
	}
	o.PublicURL = strings.TrimRight(o.PublicURL, "/")
	if o.Send != nil {
		if a, err := mail.ParseAddress(o.From); err != nil || a.Name != "" {
			return nil, errors.New("alerts: the sender (mail.from) is not a plain e-mail address")
		}
	}
	if o.Now == nil {
		o.Now = st.Now
	}
	if o.Title == nil {
		o.Title = func(slug string) string { return slug }
	}
	if o.Held == nil {
		o.Held = func(context.Context) bool { return false }
	}
	texts, err := loadTexts()
	if err != nil {
		return nil, err
	}
	return &Alerts{st: st, o: o, texts: texts}, nil
}

func (a *Alerts) now() time.Time { return a.o.Now().UTC().Truncate(time.Millisecond) }

// Languages lists the languages that mails exist in.
func (a *Alerts) Languages() []string { return append([]string(nil), languages...) }

// Leaks lists the slugs that can be followed.
func (a *Alerts) Leaks() []string {
	if a.o.Leaks == nil {
		return nil
	}
	return a.o.Leaks()
}

func (a *Alerts) followable(slug string) bool {
	if slug == "" || len(slug) > 100 {
		return false
	}
	if a.o.Leaks == nil {
		return true
	}
	for _, s := range a.o.Leaks() {
		if s == slug {
			return true
		}
	}
	return false
}
