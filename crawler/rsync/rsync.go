// Package rsync reads rsync daemons as if they spoke HTTP: it is a round tripper for rsync addresses that answers the
// root with the list of modules, a folder with a listing in Caddy's JSON form, and a file with its bytes. It never
// writes anything there, never asks for checksums (for which the server would read whole files), and never logs in.
//
// It speaks protocol 27, the oldest that all daemons since 2004 speak and the simplest: rsync 3's "rsyncd" text protocol,
// then multiplexed frames, one flat file list, and the file in tokens with an MD4 at its end.
package rsync

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"unmirror/crawler/folder"
)

// Options say how daemons are reached.
type Options struct {
	// Dial connects to "host:port", as net.Dialer.DialContext does; required. It decides which addresses are refused.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	List time.Duration // for one folder's listing, or until a file's first byte; 0: 5 minutes
}

// Transport implements http.RoundTripper for the scheme rsync. GET and HEAD of an address that ends in a slash are about
// a folder, others about a file, always whole. 404 is what the daemon says it does not have, 403 what it refuses or wants
// a password for, 503 a daemon that is full; a folder that is asked for without its slash redirects.
type Transport struct{ o Options }

// New makes a transport.
func New(o Options) *Transport {
	if o.List == 0 {
		o.List = 5 * time.Minute
	}
	return &Transport{o}
}

// RoundTrip implements http.RoundTripper. An error is that of a connection; what the daemon says is a status.
func (t *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return nil, fmt.Errorf("rsync: method %s is not one that reads", r.Method)
	}
	if strings.ContainsAny(r.URL.Path, "\r\n\x00") {
		return answer(r, http.StatusBadRequest, ""), nil // a name that could carry another argument
	}
	if r.URL.RawQuery != "" {
		return answer(r, http.StatusNotFound, ""), nil
	}
	c, err := t.dial(r)
	if err != nil {
		return nil, err
	}
	res, err := c.serve(r)
	if err != nil {
		c.close()
		var said refusal
		if errors.As(err, &said) {
			return answer(r, said.status(), string(said)), nil
		}
		if cause := context.Cause(r.Context()); cause != nil {
			return nil, cause
		}
		return nil, fmt.Errorf("rsync: %w", err)
	}
	return res, nil
}

func (t *Transport) dial(r *http.Request) (*conn, error) {
	port := "873"
	if p := r.URL.Port(); p != "" {
		port = p
	}
	raw, err := t.o.Dial(r.Context(), "tcp", net.JoinHostPort(r.URL.Hostname(), port))
	if err != nil {
		return nil, fmt.Errorf("rsync: %w", err)
	}
	if trace := httptrace.ContextClientTrace(r.Context()); trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{Conn: raw})
	}
	return newConn(r.Context(), raw, t.o.List), nil
}

// serve answers one request; the connection is closed when the answer's body is.
func (c *conn) serve(r *http.Request) (*http.Response, error) {
	module, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if module == "" {
		return c.modules(r)
	}
	if rest == "" && !strings.HasSuffix(r.URL.Path, "/") {
		c.close()
		return redirect(r), nil
	}
	if err := c.enter(module); err != nil {
		return nil, err
	}
	if strings.HasSuffix(r.URL.Path, "/") {
		return c.folder(r, module+"/"+rest)
	}
	return c.file(r, module+"/"+rest)
}

// modules lists what the daemon offers; those that it hides must be named in an address.
func (c *conn) modules(r *http.Request) (*http.Response, error) {
	defer c.close()
	lines, err := c.list()
	if err != nil {
		return nil, err
	}
	var list []folder.Entry
	for _, line := range lines {
		name, _, ok := strings.Cut(line, "\t")
		if !ok {
			continue
		}
		if e, ok := folder.New(strings.TrimRight(name, " "), -1, time.Time{}, true); ok {
			list = append(list, e)
		}
	}
	return listed(r, list, strings.Join(lines, "\n")), nil
}

func (c *conn) folder(r *http.Request, path string) (*http.Response, error) {
	defer c.close()
	files, err := c.files(path, true)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, c.said()
	}
	var list []folder.Entry
	for _, f := range files {
		if !f.regular() && !f.dir() {
			continue // links, devices and the like hold nothing to fetch
		}
		if e, ok := folder.New(f.name, f.size, f.modified, f.dir()); ok {
			list = append(list, e)
		}
	}
	c.goodbye()
	return listed(r, list, c.motd.String()), nil
}

func listed(r *http.Request, list []folder.Entry, said string) *http.Response {
	res := answer(r, http.StatusOK, "")
	body := folder.JSON(list, said)
	res.Header.Set("Content-Type", folder.MediaType)
	res.Header.Set("Content-Length", strconv.Itoa(len(body)))
	if res.ContentLength = int64(len(body)); r.Method == http.MethodGet {
		res.Body = io.NopCloser(strings.NewReader(body))
	}
	return res
}

// file lists one file and, where it is wanted, fetches it over the same connection.
func (c *conn) file(r *http.Request, at string) (*http.Response, error) {
	files, err := c.files(at, false)
	if err != nil {
		return nil, err
	}
	index := -1
	for i, f := range files {
		if f.name == path.Base(at) {
			index = i
		}
	}
	if index < 0 {
		return nil, c.said()
	}
	f := files[index]
	switch {
	case f.dir():
		c.goodbye()
		c.close()
		return redirect(r), nil
	case !f.regular():
		return nil, refusal("a link or device: Permission denied")
	}
	res := answer(r, http.StatusOK, "")
	res.Header.Set("Content-Type", "application/octet-stream")
	res.Header.Set("Last-Modified", f.modified.UTC().Format(http.TimeFormat))
	res.Header.Set("Accept-Ranges", "none")
	since, serr := http.ParseTime(r.Header.Get("If-Modified-Since"))
	unchanged := serr == nil && !f.modified.After(since)
	if unchanged || r.Method == http.MethodHead {
		c.goodbye()
		c.close()
		if unchanged {
			return answer(r, http.StatusNotModified, ""), nil
		}
		res.Header.Set("Content-Length", strconv.FormatInt(f.size, 10))
		res.ContentLength = f.size
		return res, nil
	}
	if res.Body, err = c.fetch(index, f.size); err != nil {
		return nil, err
	}
	res.ContentLength = f.size
	res.Header.Set("Content-Length", strconv.FormatInt(f.size, 10))
	return res, nil
}

// answer makes a response without a body.
func answer(r *http.Request, status int, said string) *http.Response {
	h := http.Header{}
	if said = strings.Join(strings.Fields(said), " "); said != "" {
		h.Set("X-Rsync-Message", said)
	}
	if status == http.StatusServiceUnavailable {
		h.Set("Retry-After", "60")
	}
	return &http.Response{
		Status: strconv.Itoa(status) + " " + http.StatusText(status), StatusCode: status, Proto: "RSYNC", ProtoMajor: 1, ProtoMinor: 0,
		Header: h, Body: http.NoBody, Request: r,
	}
}

// redirect leads to a folder's own address.
func redirect(r *http.Request) *http.Response {
	res := answer(r, http.StatusMovedPermanently, "")
	to := &url.URL{Scheme: r.URL.Scheme, Host: r.URL.Host, Path: r.URL.Path + "/"}
	res.Header.Set("Location", to.String())
	return res
}
