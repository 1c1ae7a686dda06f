// Package mailbox reads a mailbox by IMAP: each mail once, in the order in which it came, from where the last reading ended.
// It never deletes, moves or answers a mail, never marks one as read before it was taken, and never logs: what a server says may hold
// an address.
package mailbox

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// Seen is the keyword that mails get which were taken, where the server lets a client invent one, so that a person who reads the same
// mailbox can tell. \Seen they get in any case.
const Seen = imap.Flag("$UnmirrorTaken")

// Config says which mailbox to read and how.
type Config struct {
	URL      string         // imap://user[:password]@host[:port] (143) or imaps://… (993); a path names the folder instead of INBOX
	Password string         // overrides the one in URL
	TLS      string         // as post's: auto, require or none; beyond loopback a password never goes without TLS
	Roots    *x509.CertPool // nil: the system's
	MaxBytes int64          // most bytes of one mail; what is larger comes cut; 0: 10 MiB
	Timeout  time.Duration  // of connecting, and of each answer; 0: one minute
	// From is when the first mail went out that answers can be to. A mailbox that was never read gives what came since that day although
	// somebody may have read it, besides what is unread; zero: only that.
	From time.Time
}

// Box is a mailbox that can be read. It is safe for use by several goroutines; each Read is a connection of its own.
type Box struct {
	Config
	addr, host, user, folder string
	implicit                 bool
}

// Mark is how far a mailbox was read: all mails up to UID under that validity. The zero Mark is a mailbox that was never read.
type Mark struct {
	Validity uint32 `json:"validity"`
	UID      uint32 `json:"uid"`
}

// Mail is one mail as it lies in the mailbox.
type Mail struct {
	Mark     Mark      // of this mail: what is to be kept together with it
	Raw      []byte    // CRLF lines
	Received time.Time // when the mailbox got it; zero when the server does not say
	Cut      bool      // it is larger than MaxBytes: Raw ends early
}

// New checks the configuration; it does not connect. Its errors never hold the password.
func New(c Config) (*Box, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Host == "" || u.Scheme != "imap" && u.Scheme != "imaps" {
		return nil, errors.New("mailbox: the address is not of the form imaps://user@host")
	}
	b := &Box{Config: c, host: u.Hostname(), implicit: u.Scheme == "imaps", folder: strings.Trim(u.Path, "/")}
	port := u.Port()
	if port == "" {
		port = map[bool]string{true: "993", false: "143"}[b.implicit]
	}
	b.addr = net.JoinHostPort(b.host, port)
	if b.folder == "" {
		b.folder = "INBOX"
	}
	b.user = u.User.Username()
	if p, ok := u.User.Password(); ok && b.Password == "" {
		b.Password = p
	}
	if b.user == "" || b.Password == "" {
		return nil, errors.New("mailbox: a user name and a password are needed")
	}
	if b.MaxBytes <= 0 {
		b.MaxBytes = 10 << 20
	}
	if b.Timeout <= 0 {
		b.Timeout = time.Minute
	}
	switch c.TLS {
	case "", "auto", "require":
	case "none":
		if b.implicit || !loopbackName(b.host) {
			return nil, errors.New("mailbox: tls none would send the password in clear; it is for imap:// on loopback only")
		}
	default:
		return nil, fmt.Errorf("mailbox: tls %q is none of auto, require, none", c.TLS)
	}
	return b, nil
}

// Read hands over every mail above the mark, oldest first, and returns how far it came. A mail is marked on the server after take
// returned without an error; the first error ends the reading before that mail, which is then handed over again next time. A
// mailbox that was never read gives its unread mails and those since Config.From; one whose validity changed gives all of them once more, so take must
// know a mail again.
func (b *Box) Read(ctx context.Context, since Mark, take func(context.Context, Mail) error) (n int, err error) {
	c, conn, err := b.open(ctx)
	if err != nil {
		return 0, fmt.Errorf("mailbox: %w", plainError(ctx, err))
	}
	defer func() { _ = c.Close() }()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	conn.refill(0)
	box, err := c.Select(b.folder, nil).Wait()
	if err != nil {
		return 0, fmt.Errorf("mailbox: open folder: %w", plainError(ctx, err))
	}
	uids, err := b.above(c, box, since)
	if err != nil {
		return 0, fmt.Errorf("mailbox: look for mails: %w", plainError(ctx, err))
	}
	flags := []imap.Flag{imap.FlagSeen}
	if slices.Contains(box.PermanentFlags, imap.FlagWildcard) || slices.Contains(box.PermanentFlags, Seen) {
		flags = append(flags, Seen)
	}
	for _, uid := range uids {
		if ctx.Err() != nil {
			return n, fmt.Errorf("mailbox: %w", ctx.Err())
		}
		conn.refill(b.MaxBytes)
		m, ok, err := b.fetch(c, uid)
		if err != nil {
			return n, fmt.Errorf("mailbox: fetch: %w", plainError(ctx, err))
		}
		if !ok {
			continue // somebody took it away
		}
		m.Mark.Validity = box.UIDValidity
		if err := take(ctx, m); err != nil {
			return n, err
		}
		n++
		store := &imap.StoreFlags{Op: imap.StoreFlagsAdd, Silent: true, Flags: flags}
		if err := c.Store(imap.UIDSetNum(uid), store, nil).Close(); err != nil && ctx.Err() != nil {
			return n, fmt.Errorf("mailbox: %w", ctx.Err())
		}
	}
	_ = c.Logout().Wait() // what was read is kept, however the farewell goes
	return n, nil
}

// above lists the mails to read, oldest first.
func (b *Box) above(c *imapclient.Client, box *imap.SelectData, since Mark) ([]imap.UID, error) {
	criteria := &imap.SearchCriteria{}
	low := imap.UID(0)
	switch {
	case since == Mark{}:
		criteria.NotFlag = []imap.Flag{imap.FlagSeen}
		if !b.From.IsZero() { // a day less: SINCE goes by the server's dates
			criteria = &imap.SearchCriteria{Or: [][2]imap.SearchCriteria{{*criteria, {Since: b.From.Add(-24 * time.Hour)}}}}
		}
	case since.Validity == box.UIDValidity:
		low = imap.UID(since.UID)
		criteria.UID = []imap.UIDSet{{imap.UIDRange{Start: low + 1, Stop: 0}}}
	}
	if box.NumMessages == 0 {
		return nil, nil
	}
	found, err := c.UIDSearch(criteria, nil).Wait()
	if err != nil {
		return nil, err
	}
	var out []imap.UID
	for _, uid := range found.AllUIDs() {
		if uid > low { // "n:*" names the last mail also where it lies below n
			out = append(out, uid)
		}
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

// fetch reads one mail without marking it.
func (b *Box) fetch(c *imapclient.Client, uid imap.UID) (Mail, bool, error) {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: b.MaxBytes + 1}}
	found, err := c.Fetch(imap.UIDSetNum(uid), &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
	if err != nil {
		return Mail{}, false, err
	}
	for _, f := range found {
		if f.UID != uid || len(f.BodySection) == 0 {
			continue
		}
		m := Mail{Mark: Mark{UID: uint32(uid)}, Raw: f.BodySection[0].Bytes, Received: f.InternalDate.UTC()}
		if int64(len(m.Raw)) > b.MaxBytes {
			m.Raw, m.Cut = m.Raw[:b.MaxBytes], true
		}
		return m, true, nil
	}
	return Mail{}, false, nil
}

// plainError keeps a server's words out of errors: they may name the account. What ended the context counts first.
func plainError(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var answer *imap.Error
	if errors.As(err, &answer) {
		return fmt.Errorf("the server answered %s %s", answer.Type, answer.Code)
	}
	return err
}

func loopbackName(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Name tells this mailbox from others: account, server and folder. It is for a record, sealed or hashed, never for a log.
func (b *Box) Name() string { return b.user + "@" + b.addr + "/" + b.folder }
