package mailbox

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// open connects, takes up TLS and logs in.
func (b *Box) open(ctx context.Context) (*imapclient.Client, *bounded, error) {
	c, conn, err := b.connect(ctx, false)
	if err != nil {
		return nil, nil, err
	}
	if !b.implicit && b.TLS != "none" {
		starts := c.Caps().Has(imap.CapStartTLS)
		switch {
		case starts:
			_ = c.Close()
			if c, conn, err = b.connect(ctx, true); err != nil {
				return nil, nil, fmt.Errorf("STARTTLS: %w", err)
			}
		case b.TLS == "require" || !loopbackName(b.host):
			_ = c.Close()
			return nil, nil, errors.New("the server does not offer STARTTLS, and a password goes without TLS on loopback only")
		}
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	if err := c.Login(b.user, b.Password).Wait(); err != nil {
		_ = c.Close()
		return nil, nil, fmt.Errorf("log in: %w", err)
	}
	return c, conn, nil
}

// connect dials and waits for the greeting.
func (b *Box) connect(ctx context.Context, startTLS bool) (*imapclient.Client, *bounded, error) {
	ctx, cancel := context.WithTimeout(ctx, b.Timeout)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", b.addr)
	if err != nil {
		return nil, nil, fmt.Errorf("connect: %w", err)
	}
	conn := &bounded{Conn: raw, timeout: b.Timeout}
	conn.left.Store(greeting)
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })() // until the greeting: from then on each answer has its own time
	config := &tls.Config{ServerName: b.host, RootCAs: b.Roots, MinVersion: tls.VersionTLS12,
		// As for outgoing mail: on loopback nobody is in between, and local servers have certificates that nobody signed.
		InsecureSkipVerify: b.TLS != "require" && b.Roots == nil && loopbackName(b.host)}
	var c *imapclient.Client
	switch {
	case b.implicit:
		t := tls.Client(conn, config)
		if err := t.HandshakeContext(ctx); err != nil {
			_ = raw.Close()
			return nil, nil, fmt.Errorf("TLS handshake: %w", err)
		}
		c = imapclient.New(t, nil)
	case startTLS:
		if c, err = imapclient.NewStartTLS(conn, &imapclient.Options{TLSConfig: config}); err != nil {
			_ = raw.Close()
			return nil, nil, err
		}
	default:
		c = imapclient.New(conn, nil)
	}
	if err := c.WaitGreeting(); err != nil {
		_ = c.Close()
		return nil, nil, fmt.Errorf("greeting: %w", err)
	}
	return c, conn, nil
}

// greeting is what a server may say until somebody has logged in.
const greeting = 256 << 10

// chatter is what a server may say besides a mail's bytes between two mails.
const chatter = 8 << 20

// bounded is a connection on which a server can neither be silent nor talk without end.
type bounded struct {
	net.Conn
	timeout time.Duration
	left    atomic.Int64
}

// refill allows so many bytes of a mail, and what is said around it.
func (c *bounded) refill(n int64) { c.left.Store(n + chatter) }

// Read gives up when the server is silent for too long.
func (c *bounded) Read(p []byte) (int, error) {
	if c.left.Load() <= 0 {
		return 0, errors.New("the server talks without end")
	}
	if err := c.Conn.SetReadDeadline(time.Now().Add(c.timeout)); err != nil {
		return 0, err
	}
	n, err := c.Conn.Read(p)
	c.left.Add(-int64(n))
	return n, err
}

// SetReadDeadline is ours alone: the client's own are longer.
func (c *bounded) SetReadDeadline(time.Time) error { return nil }

// SetDeadline is ours alone likewise; writes keep theirs.
func (c *bounded) SetDeadline(t time.Time) error { return c.SetWriteDeadline(t) }
