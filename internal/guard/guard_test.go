package guard

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

func must(t *testing.T, allow ...string) *Guard {
	t.Helper()
	g, err := New(allow)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestEverySpecialAddressIsRefused(t *testing.T) {
	g := must(t)
	for _, a := range []string{
		"127.0.0.1", "127.8.9.1", "::1", "0.0.0.0", "::", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
		"169.254.169.254", "100.64.0.1", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.19.255.255", "198.51.100.1",
		"203.0.113.9", "192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
		"::ffff:8.8.8.8", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::a00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001:0:7f00:1::1",
		"2001:db8::1", "fe80::1", "fe80::1%lo", "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "100::1", "5f00::1", "3fff::1",
	} {
		err := g.Check(netip.AddrPortFrom(netip.MustParseAddr(a), 80))
		var refused *Refused
		if !errors.As(err, &refused) {
			t.Errorf("%s: got %v, want a refusal", a, err)
		}
	}
}

func TestPublicAddressesPass(t *testing.T) {
	g := must(t)
	for _, a := range []string{"8.8.8.8", "1.1.1.1", "93.184.216.34", "172.32.0.1", "100.128.0.1", "2606:4700:4700::1111", "2a00:1450:400e::1"} {
		if err := g.Check(netip.AddrPortFrom(netip.MustParseAddr(a), 443)); err != nil {
			t.Errorf("%s: %v", a, err)
		}
	}
}

func TestExceptionsAreExact(t *testing.T) {
	cases := []struct {
		allow, addr string
		want        bool
	}{
		{"localhost", "127.0.0.1:80", true}, {"localhost", "127.3.2.1:80", true}, {"localhost", "[::1]:80", true},
		{"localhost", "[::ffff:127.0.0.1]:80", true}, {"localhost", "0.0.0.0:80", false}, {"localhost", "10.0.0.1:80", false},
		{"localhost", "[64:ff9b::7f00:1]:80", false}, {"10.1.0.0/16", "10.1.2.3:9", true}, {"10.1.0.0/16", "10.2.0.1:9", false},
		{"127.0.0.1:8080", "127.0.0.1:8080", true}, {"127.0.0.1:8080", "127.0.0.1:8081", false}, {"[::1]:8080", "[::1]:8080", true},
		{"fd00::/8", "[fd00::5]:80", true}, {"192.168.1.4", "192.168.1.4:1", true}, {"192.168.1.4", "192.168.1.5:1", false},
	}
	for _, c := range cases {
		err := must(t, c.allow).Check(netip.MustParseAddrPort(c.addr))
		if (err == nil) != c.want {
			t.Errorf("allow %s: %s: got %v, want allowed=%v", c.allow, c.addr, err, c.want)
		}
	}
}

func TestUnreadableExceptionIsNamed(t *testing.T) {
	for _, bad := range []string{"", "intranet", "10.0.0.0/99", "host:port", "host:0", "http://x:80", "*.example:80"} {
		if _, err := New([]string{bad}); err == nil || !strings.Contains(err.Error(), "allow_private") {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestRefusalReadsPlainlyAndHoldsNoURL(t *testing.T) {
	srv := httptest.NewServer(http.NotFoundHandler())
	defer srv.Close()
	_, err := must(t).Client(time.Second).Get(srv.URL + "/janssens.txt")
	var refused *Refused
	if !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	if got, want := refused.Error(), "refuses 127.0.0.1: not a public address (crawler.allow_private lists exceptions)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNameAndRedirectLeadToTheSameCheck(t *testing.T) {
	inner := httptest.NewServer(http.NotFoundHandler())
	defer inner.Close()
	in, _ := url.Parse(inner.URL)
	outer := httptest.NewServer(http.RedirectHandler(inner.URL, http.StatusFound))
	defer outer.Close()
	out, _ := url.Parse(outer.URL)

	var refused *Refused
	if _, err := must(t, out.Host).Client(time.Second).Get(outer.URL); !errors.As(err, &refused) {
		t.Errorf("redirect to a port that is not listed: got %v", err)
	}
	if _, err := must(t).DialContext(context.Background(), "tcp", net.JoinHostPort("localhost", in.Port())); !errors.As(err, &refused) {
		t.Errorf("name that resolves to loopback: got %v", err)
	}
	named := must(t, "localhost:"+in.Port())
	conn, err := named.DialContext(context.Background(), "tcp", net.JoinHostPort("LOCALHOST", in.Port()))
	if err != nil {
		t.Fatalf("listed name: %v", err)
	}
	_ = conn.Close()
	if _, err := named.DialContext(context.Background(), "tcp", in.Host); !errors.As(err, &refused) {
		t.Errorf("the address behind a listed name, dialled directly: got %v", err)
	}
}

func TestRedirectLoopEnds(t *testing.T) {
	var srv *httptest.Server
	hits := 0
	srv = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hits++
		http.Redirect(w, r, srv.URL+r.URL.Path+"x", http.StatusFound)
	}))
	defer srv.Close()
	if _, err := must(t, "localhost").Client(5 * time.Second).Get(srv.URL + "/"); err == nil {
		t.Fatal("endless redirects were followed to an end")
	}
	if hits != maxRedirects+1 {
		t.Errorf("got %d requests, want %d", hits, maxRedirects+1)
	}
}

func TestEnvironmentProxyIsIgnored(t *testing.T) {
	t.Setenv("HTTP_PROXY", "http://127.0.0.1:1")
	t.Setenv("http_proxy", "http://127.0.0.1:1")
	if p := must(t).Transport().Proxy; p != nil {
		t.Error("the transport asks for a proxy")
	}
}

func TestExemptOnlyClosesThePublicWebAndNothingElse(t *testing.T) {
	g := must(t, "localhost").ExemptOnly("no contact")
	if err := g.Check(netip.MustParseAddrPort("127.0.0.1:80")); err != nil {
		t.Errorf("exempt address: %v", err)
	}
	err := g.Check(netip.MustParseAddrPort("8.8.8.8:80"))
	if err == nil || err.Error() != "refuses 8.8.8.8: no contact" {
		t.Errorf("public address: got %v", err)
	}
	if err := g.Check(netip.MustParseAddrPort("10.0.0.1:80")); err == nil || !strings.Contains(err.Error(), "not a public") {
		t.Errorf("private address: got %v", err)
	}
}

func TestExemptHostGoesBySpellingAlone(t *testing.T) {
	g := must(t, "localhost", "10.0.0.9:81", "intranet.example:8080")
	cases := []struct {
		host, port string
		want       bool
	}{
		{"127.0.0.1", "80", true}, {"::1", "80", true}, {"[::1]", "80", true}, {"10.0.0.9", "81", true}, {"10.0.0.9", "80", false},
		{"Intranet.example.", "8080", true}, {"intranet.example", "80", false}, {"localhost", "80", false}, {"8.8.8.8", "80", false},
	}
	for _, c := range cases {
		if got := g.ExemptHost(c.host, c.port); got != c.want {
			t.Errorf("%s port %s: %v", c.host, c.port, got)
		}
	}
}

func FuzzNewNeverPanics(f *testing.F) {
	for _, s := range []string{"localhost", "10.0.0.0/8", "[::1]:80", "a:1", "::ffff:1.2.3.4", "fe80::1%eth0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		g, err := New([]string{s})
		if err == nil && g.Check(netip.MustParseAddrPort("169.254.169.254:80")) == nil && !strings.Contains(s, "/") && !strings.Contains(s, "169.254.169.254") && !strings.Contains(s, "a9fe:a9fe") {
			t.Errorf("%q opens the metadata address", s)
		}
	})
}
