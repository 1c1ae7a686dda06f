// Package mailboxtest is a mailbox on loopback for tests: a real IMAP server that holds its mails in memory.
// It never speaks to anything but the loopback.
package mailboxtest

import (
	"bytes"
	"crypto/tls"
	"io"
	"log"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapserver"
	"github.com/emersion/go-imap/v2/imapserver/imapmemserver"
)

// Server is a running mailbox.
type Server struct {
	t    testing.TB
	URL  string // imap://user@127.0.0.1:port
	user *imapmemserver.User
}

// The account of every server.
const (
	User     = "takedown"
	Password = "an-invented-password"
)

// NewServer starts a mailbox with an empty INBOX that ends with the test. With a TLS configuration it offers STARTTLS.
func NewServer(t testing.TB, config *tls.Config) *Server {
	t.Helper()
	s := &Server{t: t, user: imapmemserver.NewUser(User, Password)}
	if err := s.user.Create("INBOX", nil); err != nil {
		t.Fatal(err)
	}
	mem := imapmemserver.New()
	mem.AddUser(s.user)
	srv := imapserver.New(&imapserver.Options{
		NewSession: func(*imapserver.Conn) (imapserver.Session, *imapserver.GreetingData, error) {
			return mem.NewSession(), nil, nil
		},
		TLSConfig: config, InsecureAuth: true, Logger: log.New(io.Discard, "", 0),
		Caps: imap.CapSet{imap.CapIMAP4rev1: {}},
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.URL = "imap://" + User + "@" + l.Addr().String()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = srv.Serve(l)
	}()
	t.Cleanup(func() {
		_ = srv.Close()
		<-done
	})
	return s
}

// literal is a mail that knows its length.
type literal struct{ *bytes.Reader }

// Size is the length in bytes.
func (l literal) Size() int64 { return l.Reader.Size() }

// Deliver puts a mail into the mailbox.
func (s *Server) Deliver(raw []byte, flags ...imap.Flag) {
	s.t.Helper()
	if _, err := s.user.Append("INBOX", literal{bytes.NewReader(raw)}, &imap.AppendOptions{Flags: flags, Time: time.Now()}); err != nil {
		s.t.Fatal(err)
	}
}

// Rebuild empties the mailbox and gives it another validity, as a restore of a server does.
func (s *Server) Rebuild() {
	s.t.Helper()
	if err := s.user.Delete("INBOX"); err != nil {
		s.t.Fatal(err)
	}
	if err := s.user.Create("INBOX", nil); err != nil {
		s.t.Fatal(err)
	}
}
