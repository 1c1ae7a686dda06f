package crawler

import (
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"unmirror/internal/guard"
)

// socks is a SOCKS5 server (RFC 1928) that knows some names, and notes what it is asked for.
type socks struct {
	l     net.Listener
	names map[string]string // "name:port" → address
	mu    sync.Mutex
	asked []string
}

func newSocks(t *testing.T, names map[string]string) *socks {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &socks{l: l, names: names}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go s.serve(c)
		}
	}()
	return s
}

func (s *socks) url() string { return "socks5h://" + s.l.Addr().String() }

func (s *socks) requests() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.asked...)
}

func (s *socks) serve(c net.Conn) {
	defer c.Close()
	b := make([]byte, 300)
	if _, err := io.ReadFull(c, b[:2]); err != nil {
		return
	}
	if _, err := io.ReadFull(c, b[:b[1]]); err != nil {
		return
	}
	_, _ = c.Write([]byte{5, 0})
	if _, err := io.ReadFull(c, b[:4]); err != nil {
		return
	}
	host := ""
	switch b[3] {
	case 1:
		_, _ = io.ReadFull(c, b[:4])
		host = net.IP(b[:4]).String()
	case 3:
		_, _ = io.ReadFull(c, b[:1])
		n := int(b[0])
		_, _ = io.ReadFull(c, b[:n])
		host = string(b[:n])
	default:
		return
	}
	_, _ = io.ReadFull(c, b[:2])
	name := fmt.Sprintf("%s:%d", host, binary.BigEndian.Uint16(b[:2]))
	s.mu.Lock()
	s.asked = append(s.asked, name)
	to := s.names[name]
	s.mu.Unlock()
	out, err := net.Dial("tcp", to)
	if to == "" || err != nil {
		_, _ = c.Write([]byte{5, 4, 0, 1, 0, 0, 0, 0, 0, 0})
		return
	}
	defer out.Close()
	_, _ = c.Write([]byte{5, 0, 0, 1, 0, 0, 0, 0, 0, 0})
	go func() { _, _ = io.Copy(out, c) }()
	_, _ = io.Copy(c, out)
}

func TestASourceBehindAProxySendsEverythingThroughItAndLooksUpNoName(t *testing.T) {
	s := serve(t, pages(map[string]string{"/": `<title>Index of /</title><a href="a.txt">a</a>`, "/a.txt": secret}))
	const onion = "unmirrortestunmirrortestunmirrortestunmirrortestunmirrort.onion"
	proxy := newSocks(t, map[string]string{onion + ":80": s.Listener.Addr().String()})
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: "http://" + onion + "/", Proxy: proxy.url()})
	if sum.Sightings != 1 || sum.Errors != 0 {
		t.Fatalf("got %+v", sum)
	}
	for _, a := range proxy.requests() {
		if a != onion+":80" {
			t.Errorf("asked for %s", a)
		}
	}
	robots := false
	for _, p := range s.paths() {
		robots = robots || p == "/robots.txt"
	}
	if !robots {
		t.Error("robots.txt was not asked for through the proxy")
	}
}

func TestBehindAProxyNamesAndNumbersOfTheNetworkAreRefused(t *testing.T) {
	g, err := guard.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{"http://127.0.0.1/", "http://10.0.0.1/", "http://[::1]/", "http://localhost/", "http://LOCALHOST./", "http://router.lan/",
		"http://a.internal/", "http://intranet/", "http://0x7f.1/", "http://2130706433/", "http://127.1/", "http://169.254.169.254/latest", "http://x.home.arpa/", "http://[::ffff:10.0.0.1]/",
		"http://127。0。0。１/", "http://ｒｏｕｔｅｒ.ｌａｎ/", "http://ｌｏｃａｌｈｏｓｔ/"} {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if nameable(g, u) == nil {
			t.Errorf("%s may be named to a proxy", s)
		}
	}
	for _, s := range []string{"http://example.org/", "https://93.184.215.14/", "http://abc.onion/", "http://local.example/"} {
		u, err := url.Parse(s)
		if err != nil {
			t.Fatal(err)
		}
		if err := nameable(g, u); err != nil {
			t.Errorf("%s: %v", s, err)
		}
	}
	proxy := newSocks(t, nil)
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "s", Kind: "directory", URL: "http://192.168.7.7/", Proxy: proxy.url()})
	if len(proxy.requests()) != 0 || sum.Errors == 0 || sum.State != "failed" {
		t.Errorf("the proxy was asked for %v: %+v", proxy.requests(), sum)
	}
}

func TestAnOnionAddressWithoutAProxyIsRefused(t *testing.T) {
	err := Source{Name: "s", Kind: "directory", URL: "http://abc.onion/"}.Check()
	if err == nil || !strings.Contains(err.Error(), "proxy") {
		t.Errorf("got %v", err)
	}
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/feed" {
			fmt.Fprint(w, `<rss><channel><item><link>http://abc.onion/x</link></item></channel></rss>`)
		}
	}))
	w := newWorld(t, nil)
	if sum := w.sweep(Source{Name: "f", Kind: "feed", URL: s.URL + "/feed"}); sum.Errors != 1 || sum.State != "done" || !strings.Contains(sum.ErrorSamples[0], "proxy") {
		t.Errorf("got %+v", sum)
	}
}

func TestATokenGoesToTheSourcesOwnHostOnlyAndIntoNoLog(t *testing.T) {
	const token = "s3cr3t-t0ken-of-ours"
	other := serve(t, pages(map[string]string{"/x.txt": secret, "/moved.txt": "moved"}))
	own := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/feed":
			fmt.Fprintf(w, `<rss><channel><item><link>/a.txt</link></item><item><link>/away</link></item><item><link>%s/x.txt</link></item></channel></rss>`, other.URL)
		case "/a.txt":
			fmt.Fprint(w, secret)
		case "/away":
			http.Redirect(w, r, other.URL+"/moved.txt", http.StatusFound)
		default:
			http.NotFound(w, r)
		}
	}))
	w := newWorld(t, nil)
	sum := w.sweep(Source{Name: "f", Kind: "feed", URL: own.URL + "/feed", Token: token})
	if sum.Sightings != 2 {
		t.Fatalf("got %+v", sum)
	}
	for _, v := range other.visitors() {
		if v.header.Get("Authorization") != "" {
			t.Errorf("another host was told the token at %s", v.path)
		}
	}
	told := 0
	for _, v := range own.visitors() {
		if v.header.Get("Authorization") == "Bearer "+token {
			told++
		} else if v.path != "/robots.txt" {
			t.Errorf("%s was asked for without the token", v.path)
		}
	}
	if told == 0 {
		t.Error("the token was never sent")
	}
	for _, s := range w.got {
		if strings.Contains(s.Capture.RequestHead, token) {
			t.Error("the evidence holds the token")
		}
	}
	if strings.Contains(w.log.String(), token) {
		t.Error("the log holds the token")
	}
	if err := (Source{Name: "s", Kind: "feed", URL: "http://api.example/feed", Token: token}).Check(); err == nil || strings.Contains(err.Error(), token) {
		t.Errorf("a token in clear: %v", err)
	}
}

func TestASourceTrustsItsOwnAuthority(t *testing.T) {
	s := httptest.NewTLSServer(pages(map[string]string{"/": `<title>Index of /</title><a href="a.txt">a</a>`, "/a.txt": secret}))
	t.Cleanup(s.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, nil)
	if sum := w.sweep(Source{Name: "a", Kind: "directory", URL: s.URL}); sum.State != "failed" || !strings.Contains(sum.Reason, "certificate") {
		t.Errorf("without it: %+v", sum)
	}
	w = newWorld(t, nil)
	if sum := w.sweep(Source{Name: "b", Kind: "directory", URL: s.URL, TLS: TLS{CA: ca, MinVersion: "1.3"}}); sum.Sightings != 1 {
		t.Errorf("with it: %+v", sum)
	}
	for name, bad := range map[string]TLS{"no file": {CA: "/does/not/exist"}, "no certificate": {CA: os.DevNull}, "version": {MinVersion: "0.9"}} {
		if err := (Source{Name: "c", Kind: "directory", URL: s.URL, TLS: bad}).Check(); err == nil {
			t.Errorf("%s was taken", name)
		}
	}
}
