// Package ftp reads FTP servers as if they spoke HTTP: it is a round tripper for ftp and ftps addresses that answers a
// folder with a listing in Caddy's JSON form and a file with its bytes. It never writes, renames or deletes anything
// there, opens no port of its own (passive mode only), and makes data connections only to the host that it asked.
package ftp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options say how servers are reached.
type Options struct {
	// Dial connects to "host:port", as net.Dialer.DialContext does; required. It decides which addresses are refused.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	TLS  *tls.Config   // for ftps; nil: the system's authorities, TLS 1.2 and later
	Idle time.Duration // how long a connection waits for the next request; 0: 20 seconds
	List time.Duration // for one folder's listing; 0: 5 minutes
}

// Transport implements http.RoundTripper for the schemes ftp and ftps. GET and HEAD of an address that ends in a slash
// are about a folder, others about a file, whose ranges may be asked for. 404 is what the server says it does not have,
// 403 a refused log-in or permission, 503 a server that is out of order or full; a folder that is asked for without its
// slash redirects. The log-in is anonymous, with the contact of the User-Agent as the password, or the request's basic
// authorization.
type Transport struct {
	o    Options
	mu   sync.Mutex
	idle map[string]*session
}

// New makes a transport.
func New(o Options) *Transport {
	if o.Idle == 0 {
		o.Idle = 20 * time.Second
	}
	if o.List == 0 {
		o.List = 5 * time.Minute
	}
	if o.TLS == nil {
		o.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if o.TLS.ClientSessionCache == nil { // servers may insist that data connections resume the control connection's session
		o.TLS = o.TLS.Clone()
		o.TLS.ClientSessionCache = tls.NewLRUClientSessionCache(64)
	}
	return &Transport{o: o, idle: map[string]*session{}}
}

// RoundTrip implements http.RoundTripper. An error is that of a connection; what the server says is a status.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil, fmt.Errorf("ftp: method %s is not one that reads", r.Method)
	}
	path := r.URL.Path
	if path == "" {
		path = "/"
	}
	if strings.ContainsAny(path, "\r\n\x00") {
		return answer(r, http.StatusBadRequest, reply{}), nil // a name that could carry a command
	}
	if len(r.URL.RawQuery) > 0 {
		return answer(r, http.StatusNotFound, reply{}), nil
	}
	s, fresh, err := t.session(r)
	if err != nil {
		return refused(r, err)
	}
	res, err := s.serve(r, path)
	if err != nil && !fresh && r.Context().Err() == nil { // it waited too long for its next request
		s.close()
		if s, err = t.dial(r); err != nil {
			return refused(r, err)
		}
		res, err = s.serve(r, path)
	}
	if err != nil {
		s.close()
		return refused(r, err)
	}
	if _, streams := res.Body.(*transfer); !streams {
		t.park(s)
	}
	return res, nil
}

// refused makes a status of what a server said, and an error of everything else.
func refused(r *http.Request, err error) (*http.Response, error) {
	var said reply
	if errors.As(err, &said) {
		return answer(r, said.status(), said), nil
	}
	if cause := context.Cause(r.Context()); cause != nil {
		return nil, cause
	}
	return nil, fmt.Errorf("ftp: %w", err)
}

// session takes a waiting connection or makes one; fresh tells which.
func (t *Transport) session(r *http.Request) (s *session, fresh bool, err error) {
	t.mu.Lock()
	s = t.idle[key(r)]
	delete(t.idle, key(r))
	t.mu.Unlock()
	if s != nil && s.wake(r.Context()) {
		tell(r.Context(), s.raw, true)
		return s, false, nil
	}
	s, err = t.dial(r)
	return s, true, err
}

// tell lets whoever traces the request know its connection, which evidence names, also when it is used again.
func tell(ctx context.Context, conn net.Conn, again bool) {
	if trace := httptrace.ContextClientTrace(ctx); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: conn, Reused: again})
	}
}

// key names a connection: another user has another one.
func key(r *http.Request) string {
	user, password, _ := r.BasicAuth()
	return r.URL.Scheme + "\x00" + r.URL.Host + "\x00" + user + "\x00" + password
}

// park keeps a connection for the next request.
func (t *Transport) park(s *session) {
	if !s.sleep(t.o.Idle, func() { t.forget(s) }) {
		return
	}
	t.mu.Lock()
	old := t.idle[s.key]
	t.idle[s.key] = s
	t.mu.Unlock()
	if old != nil {
		old.close()
	}
}

func (t *Transport) forget(s *session) {
	t.mu.Lock()
	if t.idle[s.key] == s {
		delete(t.idle, s.key)
	}
	t.mu.Unlock()
	s.close()
}

// CloseIdleConnections ends the connections that wait.
func (t *Transport) CloseIdleConnections() {
	t.mu.Lock()
	idle := t.idle
	t.idle = map[string]*session{}
	t.mu.Unlock()
	for _, s := range idle {
		s.close()
	}
}

// dial connects and logs in.
func (t *Transport) dial(r *http.Request) (*session, error) {
	ctx := r.Context()
	port, secure := "21", r.URL.Scheme == "ftps"
	if secure {
		port = "990"
	}
	if p := r.URL.Port(); p != "" {
		port = p
	}
	conn, err := t.o.Dial(ctx, "tcp", net.JoinHostPort(r.URL.Hostname(), port))
	if err != nil {
		return nil, err
	}
	s := &session{t: t, key: key(r), host: r.URL.Hostname(), raw: conn, control: conn}
	if ap, ok := conn.RemoteAddr().(*net.TCPAddr); ok && strconv.Itoa(ap.Port) == port {
		s.host = ap.IP.String() // its name may mean another machine next time; with another port, a proxy stands between
	}
	s.wake(ctx)
	tell(ctx, conn, false)
	if secure {
		s.tls = t.o.TLS.Clone()
		s.tls.ServerName = r.URL.Hostname()
		if t.o.TLS.ServerName != "" {
			s.tls.ServerName = t.o.TLS.ServerName
		}
	}
	user, password, ok := r.BasicAuth()
	if !ok {
		user, password = "anonymous", introduction(r.UserAgent())
	}
	if err := s.logIn(user, password, port == "990"); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// introduction is what an anonymous guest gives as its password: by custom (RFC 1635) where it can be reached.
func introduction(agent string) string {
	if _, contact, ok := strings.Cut(agent, "(+"); ok {
		agent, _, _ = strings.Cut(contact, ")")
	}
	if agent = strings.Join(strings.Fields(agent), " "); agent == "" {
		return "guest"
	}
	return strings.TrimPrefix(agent, "mailto:")
}

// answer makes a response without a body.
func answer(r *http.Request, status int, said reply) *http.Response {
	h := http.Header{}
	if said.code > 0 {
		h.Set("X-Ftp-Reply", strings.Join(strings.Fields(strconv.Itoa(said.code)+" "+said.text), " "))
	}
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "60")
	}
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "FTP", ProtoMajor: 1, ProtoMinor: 0,
		Header: h, Body: http.NoBody, ContentLength: 0, Request: r,
	}
}

// redirect leads to a folder's own address.
func redirect(r *http.Request, said reply) *http.Response {
	res := answer(r, http.StatusMovedPermanently, said)
	to := &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: r.URL.Path + "/"}
	res.Header.Set("Location", to.String())
	return res
}

// bodyOf sets a body that is at hand.
func bodyOf(res *http.Response, mediaType string, body string) {
	res.Header.Set("Content-Type", mediaType)
	res.Header.Set("Content-Length", strconv.Itoa(len(body)))
	res.ContentLength = int64(len(body))
	if res.Request.Method == http.MethodGet {
		res.Body = io.NopCloser(strings.NewReader(body))
	}
}
