// Package posttest is a real SMTP server on the loopback for tests: it keeps envelope and bytes of what it accepts, and fails where a
// test tells it to. It never leaves the machine and is never part of the product.
package posttest

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"unmirror/internal/post"
)

// Mail is one message that the server accepted.
type Mail struct {
	Hello string // name given in EHLO
	From  string
	To    []string
	Bytes []byte // as received, dot-stuffing undone
	User  string // who logged in, empty without log-in
	TLS   bool
	At    time.Time
}

// Failure is what goes wrong at a step. Code answers with a reply code; Drop cuts the connection; Delay waits first, and Until waits for
// the test to say so (both also before a normal answer, when nothing else is set).
type Failure struct {
	Code  int
	Text  string
	Delay time.Duration
	Until <-chan struct{} // closed by the test
	Drop  bool
	// Keep, at StepBody: the message is accepted and recorded, although the sender never hears of it.
	Keep bool
	// After, at StepBody with Drop: cut after so many bytes of the message; 0 after all of it.
	After int
	// Times says how often it happens; 0 means every time until Mend.
	Times int
}

// Server is the running server.
type Server struct {
	Addr  string         // host:port
	URL   string         // smtp://host:port or smtps://host:port
	Roots *x509.CertPool // trusts the server's certificate; nil without TLS

	t        testing.TB
	inner    *smtp.Server
	user     string
	password string
	closing  chan struct{}

	mu       sync.Mutex
	mails    []Mail
	tried    int
	failures map[post.Step]*Failure
	arrived  chan struct{}
}

type options struct {
	startTLS, implicitTLS bool
	user, password        string
}

// Option changes how the server starts.
type Option func(*options)

// StartTLS lets the server offer STARTTLS with a certificate that Server.Roots trusts.
func StartTLS() Option { return func(o *options) { o.startTLS = true } }

// ImplicitTLS lets the server speak TLS from the first byte (smtps).
func ImplicitTLS() Option { return func(o *options) { o.implicitTLS = true } }

// Auth lets the server demand this log-in before MAIL.
func Auth(user, password string) Option {
	return func(o *options) { o.user, o.password = user, password }
}

// NewServer starts a server on a free loopback port; it ends with the test.
func NewServer(t testing.TB, opts ...Option) *Server {
	t.Helper()
	var o options
	for _, f := range opts {
		f(&o)
	}
	s := &Server{t: t, user: o.user, password: o.password, closing: make(chan struct{}), failures: map[post.Step]*Failure{}, arrived: make(chan struct{})}
	s.inner = smtp.NewServer(smtp.BackendFunc(s.newSession))
	s.inner.Domain = "mail.test"
	s.inner.AllowInsecureAuth = true
	s.inner.MaxMessageBytes = 64 << 20
	s.inner.ErrorLog = log.New(io.Discard, "", 0)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	s.Addr, s.URL = l.Addr().String(), "smtp://"+l.Addr().String()
	l = &listener{Listener: l, s: s}
	if o.startTLS || o.implicitTLS {
		cert, roots := certificate(t)
		s.Roots = roots
		conf := &tls.Config{Certificates: []tls.Certificate{cert}}
		if o.implicitTLS {
			l, s.URL = tls.NewListener(l, conf), "smtps://"+s.Addr
		} else {
			s.inner.TLSConfig = conf
		}
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.inner.Serve(l)
	}()
	t.Cleanup(func() {
		close(s.closing)
		// A test may end before Serve has taken the listener; Close alone would then leave it accepting for ever.
		_ = l.Close()
		_ = s.inner.Close()
		<-done
	})
	return s
}

// Fail makes a step fail from now on: post.StepConnect (the greeting), StepHello, StepStartTLS, StepAuth, StepMail, StepRcpt, StepData
// or StepBody.
func (s *Server) Fail(step post.Step, f Failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[step] = &f
}

// Mend ends all failures.
func (s *Server) Mend() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.failures)
}

// Mails returns what was accepted so far, oldest first.
func (s *Server) Mails() []Mail {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Mail(nil), s.mails...)
}

// Connections returns how many connections were made so far.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tried
}

// Wait returns the accepted mails as soon as there are n of them, and fails the test when that takes longer than within.
func (s *Server) Wait(n int, within time.Duration) []Mail {
	s.t.Helper()
	deadline := time.After(within)
	for {
		s.mu.Lock()
		mails, arrived := append([]Mail(nil), s.mails...), s.arrived
		s.mu.Unlock()
		if len(mails) >= n {
			return mails
		}
		select {
		case <-arrived:
		case <-deadline:
			s.t.Fatalf("the mail server got %d mails, want %d", len(mails), n)
		}
	}
}

func (s *Server) keep(m Mail) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m.At = time.Now()
	s.mails = append(s.mails, m)
	close(s.arrived)
	s.arrived = make(chan struct{})
}

// take returns the failure that is due at step, and counts it.
func (s *Server) take(step post.Step) (Failure, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.failures[step]
	if f == nil {
		return Failure{}, false
	}
	if f.Times > 0 {
		if f.Times--; f.Times == 0 {
			delete(s.failures, step)
		}
	}
	return *f, true
}

// wait lets pass what a failure waits for, but not longer than the server runs.
func (s *Server) wait(f Failure) {
	select {
	case <-time.After(f.Delay):
	case <-s.closing:
	}
	if f.Until == nil {
		return
	}
	select {
	case <-f.Until:
	case <-s.closing:
	}
}
