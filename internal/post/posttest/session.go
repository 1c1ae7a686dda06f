package posttest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"unmirror/internal/post"
)

type session struct {
	s    *Server
	conn *smtp.Conn
	mail Mail
}

func (s *Server) newSession(c *smtp.Conn) (smtp.Session, error) {
	n := &session{s: s, conn: c}
	if err := n.fail(post.StepHello); err != nil {
		return nil, err
	}
	return n, nil
}

// fail does what was scripted for a step; nil means that the step goes on normally.
func (n *session) fail(step post.Step) error {
	f, ok := n.s.take(step)
	if !ok {
		return nil
	}
	return n.do(f)
}

func (n *session) do(f Failure) error {
	n.s.wait(f)
	if f.Drop {
		_ = n.conn.Conn().Close()
		return errors.New("dropped")
	}
	if f.Code == 0 {
		return nil
	}
	return &smtp.SMTPError{Code: f.Code, EnhancedCode: smtp.EnhancedCode{f.Code / 100, 0, 0}, Message: f.text()}
}

func (f Failure) text() string {
	if f.Text == "" {
		return "scripted failure"
	}
	return f.Text
}

func (n *session) AuthMechanisms() []string {
	if n.s.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (n *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if err := n.fail(post.StepAuth); err != nil {
			return err
		}
		if user != n.s.user || password != n.s.password {
			return smtp.ErrAuthFailed
		}
		n.mail.User = user
		return nil
	}), nil
}

func (n *session) Mail(from string, _ *smtp.MailOptions) error {
	if n.s.user != "" && n.mail.User == "" {
		return smtp.ErrAuthRequired
	}
	if err := n.fail(post.StepMail); err != nil {
		return err
	}
	n.mail.From = from
	return nil
}

func (n *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if err := n.fail(post.StepRcpt); err != nil {
		return err
	}
	n.mail.To = append(n.mail.To, to)
	return nil
}

func (n *session) Data(r io.Reader) error {
	f, failing := n.s.take(post.StepBody)
	if failing && f.Drop && f.After > 0 {
		_, _ = io.CopyN(io.Discard, r, int64(f.After))
		return n.do(f)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	m := n.mail
	m.Bytes, m.Hello = b, n.conn.Hostname()
	m.To = append([]string(nil), n.mail.To...)
	_, m.TLS = n.conn.TLSConnectionState()
	if !failing {
		n.s.keep(m)
		return nil
	}
	if f.Keep || (f.Code == 0 && !f.Drop) {
		n.s.keep(m)
	}
	return n.do(f)
}

func (n *session) Reset()        { n.mail.From, n.mail.To = "", nil }
func (n *session) Logout() error { return nil }

// listener lets the greeting and the answers to STARTTLS and DATA fail, for which go-smtp has no hook.
type listener struct {
	net.Listener
	s *Server
}

func (l *listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.s.mu.Lock()
	l.s.tried++
	l.s.mu.Unlock()
	return &wire{Conn: c, s: l.s}, nil
}

type wire struct {
	net.Conn
	s       *Server
	greeted bool
}

func (w *wire) Write(b []byte) (int, error) {
	step := post.Step("")
	switch {
	case !w.greeted:
		step, w.greeted = post.StepConnect, true
	case bytes.HasPrefix(b, []byte("354 ")):
		step = post.StepData
	case bytes.HasPrefix(b, []byte("220 ")):
		step = post.StepStartTLS
	}
	f, ok := Failure{}, false
	if step != "" {
		f, ok = w.s.take(step)
	}
	if !ok {
		return w.Conn.Write(b)
	}
	w.s.wait(f)
	if f.Drop {
		_ = w.Conn.Close()
		return 0, net.ErrClosed
	}
	if f.Code == 0 {
		return w.Conn.Write(b)
	}
	_, _ = fmt.Fprintf(w.Conn, "%d %s\r\n", f.Code, f.text())
	_ = w.Conn.Close()
	return 0, net.ErrClosed
}

// certificate makes a throw-away certificate for the loopback.
func certificate(t testing.TB) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatalf("make a key: %v", err)
	}
	conf := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}, DNSNames: []string{"localhost", "mail.test"},
	}
	der, err := x509.CreateCertificate(rand.Reader, conf, conf, &key.PublicKey, key)
	if err != nil {
		t.Fatalf("make a certificate: %v", err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatalf("parse the certificate: %v", err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}
