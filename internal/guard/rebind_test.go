package guard

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync/atomic"
	"testing"

	"golang.org/x/net/dns/dnsmessage"
)

// names serves a name whose address changes with each question, over UDP on the loopback. It gives the server's address.
func names(t *testing.T, answers ...string) string {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	var asked atomic.Int64
	go func() {
		b := make([]byte, 4<<10)
		for {
			n, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(b[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			m.Header.Response, m.Additionals = true, nil
			if q.Type == dnsmessage.TypeA {
				at := min(int(asked.Add(1)), len(answers)) - 1
				m.Answers = []dnsmessage.Resource{{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0},
					Body: &dnsmessage.AResource{A: netip.MustParseAddr(answers[at]).As4()}}}
			}
			if out, err := m.Pack(); err == nil {
				_, _ = c.WriteTo(out, from)
			}
		}
	}()
	return c.LocalAddr().String()
}

func TestANameThatTurnsPrivateIsRefusedAtTheDial(t *testing.T) {
	server := names(t, "127.0.0.1", "127.0.0.2")
	usual := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = usual }) // no other test here runs side by side with this one
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", server)
	}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_, port, _ := net.SplitHostPort(l.Addr().String())
	g := must(t, "127.0.0.1") // stands for a public address
	conn, err := g.DialContext(t.Context(), "tcp", "rebinds.example:"+port)
	if err != nil {
		t.Fatalf("first dial: %v", err)
	}
	_ = conn.Close()
	var refused *Refused
	if _, err := g.DialContext(t.Context(), "tcp", "rebinds.example:"+port); !errors.As(err, &refused) || refused.Addr.String() != "127.0.0.2" {
		t.Errorf("second dial: %v, want a refusal", err)
	}
}
