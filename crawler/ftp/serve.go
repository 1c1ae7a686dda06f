package ftp

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"unmirror/crawler/folder"
)

// serve answers one request. An error that is a reply is the server's word; any other one ends the session.
func (s *session) serve(r *http.Request, path string) (*http.Response, error) {
	if strings.HasSuffix(path, "/") {
		return s.folder(r, path)
	}
	return s.file(r, path)
}

// folder lists with MLSD where it is advertised (RFC 3659), else with LIST, which is for people and read as well as can
// be. The folder is entered first, because some servers take what follows LIST for options or patterns.
func (s *session) folder(r *http.Request, path string) (*http.Response, error) {
	said, err := s.ask(250, "CWD %s", path)
	if err != nil {
		return said.answered(r, err)
	}
	s.hear(said)
	res := answer(r, http.StatusOK, said)
	if r.Method == http.MethodHead {
		res.Header.Set("Content-Type", folder.MediaType)
		return res, nil
	}
	command, parse := "LIST", parseList
	if s.feats["MLSD"] {
		command, parse = "MLSD", parseMLSD
	}
	conn, said, err := s.open(r.Context(), 0, command)
	if err != nil {
		return said.answered(r, err)
	}
	_ = conn.SetDeadline(time.Now().Add(s.t.o.List)) // nobody else watches a listing that drips
	raw, err := io.ReadAll(io.LimitReader(conn, maxListing))
	if cerr := s.ended(conn, err == nil && len(raw) < maxListing); err == nil {
		err = cerr
	}
	if err != nil {
		return nil, fmt.Errorf("list a folder: %w", err)
	}
	bodyOf(res, folder.MediaType, folder.JSON(parse(string(raw), time.Now()), s.welcome.String()))
	return res, nil
}

// answered makes a response of a reply that says no, and passes on what ends a session.
func (r reply) answered(req *http.Request, err error) (*http.Response, error) {
	var said reply
	if errors.As(err, &said) && said.code != 421 { // 421: it closes the connection
		return answer(req, said.status(), said), nil
	}
	return nil, err
}

// file answers with a file. Servers of RFC 3659 tell its size and time; 550 to SIZE is no proof that it is missing,
// because folders are answered so too, and some servers refuse SIZE.
func (s *session) file(r *http.Request, path string) (*http.Response, error) {
	size, said, err := s.size(path)
	if err != nil {
		return nil, err
	}
	if size < 0 && said.code == 550 {
		if in, err := s.send("CWD %s", path); err != nil {
			return nil, err
		} else if in.code == 250 {
			return redirect(r, in), nil
		}
		if r.Method == http.MethodHead {
			return answer(r, said.status(), said), nil
		}
	}
	res := answer(r, http.StatusOK, said)
	res.Header.Set("Content-Type", "application/octet-stream")
	at, err := s.modified(path)
	if err != nil {
		return nil, err
	}
	if !at.IsZero() {
		res.Header.Set("Last-Modified", at.Format(http.TimeFormat))
		since, err := http.ParseTime(r.Header.Get("If-Modified-Since"))
		if err == nil && !at.After(since) {
			return answer(r, http.StatusNotModified, said), nil
		}
	}
	if r.Method == http.MethodHead {
		if size >= 0 {
			res.Header.Set("Content-Length", strconv.FormatInt(size, 10))
			res.Header.Set("Accept-Ranges", "bytes")
			res.ContentLength = size
		}
		return res, nil
	}
	return s.retrieve(r, res, path, size)
}

func (s *session) size(path string) (int64, reply, error) {
	said, err := s.send("SIZE %s", path)
	if err != nil || said.code != 213 {
		return -1, said, err
	}
	n, perr := strconv.ParseInt(strings.TrimSpace(said.text), 10, 64)
	if perr != nil || n < 0 {
		return -1, said, nil
	}
	return n, said, nil
}

func (s *session) modified(path string) (time.Time, error) {
	said, err := s.send("MDTM %s", path)
	if err != nil || said.code != 213 {
		return time.Time{}, err
	}
	return stamp(strings.TrimSpace(said.text)), nil
}

// retrieve opens the file, from where the request's range begins.
func (s *session) retrieve(r *http.Request, res *http.Response, path string, size int64) (*http.Response, error) {
	from, to, partial := wanted(r.Header, res.Header.Get("Last-Modified"), size)
	if partial && from >= size {
		res = answer(r, http.StatusRequestedRangeNotSatisfiable, reply{})
		res.Header.Set("Content-Range", fmt.Sprintf("bytes */%d", size))
		return res, nil
	}
	conn, said, err := s.open(r.Context(), from, "RETR "+path)
	if errors.Is(err, errRest) { // it cannot begin in the middle
		from, partial = 0, false
		conn, said, err = s.open(r.Context(), 0, "RETR "+path)
	}
	if err != nil {
		var no reply
		if errors.As(err, &no) && no.code == 550 && size >= 0 {
			return answer(r, http.StatusForbidden, no), nil // it knows the file's size and does not give it
		}
		return said.answered(r, err)
	}
	b := &transfer{s: s, conn: conn, left: -1}
	if size >= 0 {
		b.left = size
	}
	if partial {
		b.left = to - from + 1
		b.partial = to+1 < size
		res.StatusCode, res.Status = http.StatusPartialContent, "206 Partial Content"
		res.Header.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, size))
	}
	if res.ContentLength = b.left; b.left >= 0 {
		res.Header.Set("Content-Length", strconv.FormatInt(b.left, 10))
	}
	res.Body = b
	return res, nil
}

// wanted reads a range of one piece (RFC 9110 section 14.2); anything else means the whole file.
func wanted(h http.Header, modified string, size int64) (from, to int64, ok bool) {
	if v := h.Get("If-Range"); size < 0 || v != "" && v != modified {
		return 0, 0, false
	}
	spec, ok := strings.CutPrefix(h.Get("Range"), "bytes=")
	first, last, dash := strings.Cut(strings.TrimSpace(spec), "-")
	if !ok || !dash || strings.Contains(spec, ",") {
		return 0, 0, false
	}
	if first == "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n <= 0 {
			return 0, 0, false
		}
		return max(size-n, 0), size - 1, true
	}
	from, err := strconv.ParseInt(first, 10, 64)
	if err != nil || from < 0 {
		return 0, 0, false
	}
	if to = size - 1; last != "" {
		n, err := strconv.ParseInt(last, 10, 64)
		if err != nil || n < from {
			return 0, 0, false
		}
		to = min(n, to)
	}
	return from, to, true
}

var errRest = errors.New("the server cannot begin in the middle of a file")

// open makes a data connection to the control connection's host, whatever address the server names: a server that names
// another one wants us to knock there (RFC 2577).
func (s *session) open(ctx context.Context, from int64, command string) (net.Conn, reply, error) {
	port, said, err := s.passive()
	if err != nil {
		return nil, said, err
	}
	conn, err := s.t.o.Dial(ctx, "tcp", net.JoinHostPort(s.host, strconv.Itoa(port)))
	if err != nil {
		return nil, reply{}, fmt.Errorf("open a data connection: %w", err)
	}
	s.mu.Lock()
	s.data = conn
	closed := s.closed
	s.mu.Unlock()
	fail := func(r reply, err error) (net.Conn, reply, error) {
		_ = conn.Close()
		return nil, r, err
	}
	if closed {
		return fail(reply{}, context.Canceled)
	}
	if from > 0 {
		if said, err = s.send("REST %d", from); err != nil {
			return fail(said, err)
		} else if said.code != 350 {
			return fail(said, errRest)
		}
	}
	said, err = s.send("%s", command)
	if err == nil && said.code != 150 && said.code != 125 {
		err = said
	}
	if err != nil {
		return fail(said, err)
	}
	_ = s.control.SetDeadline(time.Time{})
	if s.tls != nil {
		return tls.Client(conn, s.tls), said, nil
	}
	return conn, said, nil
}

// passive asks for a port: EPSV (RFC 2428), else PASV.
func (s *session) passive() (int, reply, error) {
	if !s.noEPSV {
		said, err := s.send("EPSV")
		if err != nil {
			return 0, said, err
		}
		if port := extendedPort(said); port > 0 {
			return port, said, nil
		}
		s.noEPSV = true
	}
	said, err := s.ask(227, "PASV")
	if err != nil {
		return 0, said, err
	}
	port := passivePort(said.text)
	if port <= 0 {
		return 0, said, errReply
	}
	return port, said, nil
}

func extendedPort(r reply) int {
	if r.code != 229 {
		return 0
	}
	_, text, _ := strings.Cut(r.text, "(")
	text, _, _ = strings.Cut(text, ")")
	if len(text) < 5 {
		return 0
	}
	parts := strings.Split(text, text[:1])
	if len(parts) != 5 {
		return 0
	}
	port, err := strconv.Atoi(parts[3])
	if err != nil || port < 1 || port > 65535 {
		return 0
	}
	return port
}

func passivePort(text string) int {
	m := sixNumbers.FindStringSubmatch(text)
	if m == nil {
		return 0
	}
	hi, err1 := strconv.Atoi(m[1])
	lo, err2 := strconv.Atoi(m[2])
	if err1 != nil || err2 != nil || hi > 255 || lo > 255 {
		return 0
	}
	return hi<<8 | lo
}

// ended closes a data connection and hears how the transfer went; whole says that it came to its end.
func (s *session) ended(conn net.Conn, whole bool) error {
	_ = conn.Close()
	s.mu.Lock()
	s.data = nil
	s.mu.Unlock()
	wait := replyTime
	if !whole {
		wait = farewell
	}
	_ = s.control.SetDeadline(time.Now().Add(wait))
	said, err := s.read()
	if err != nil {
		return err
	}
	if whole && said.code != 226 && said.code != 250 {
		return said
	}
	return nil
}

// transfer is a file's body.
type transfer struct {
	s       *session
	conn    net.Conn
	left    int64 // of what was asked for; -1: not known
	partial bool  // the file goes on after it
	done    bool
}

// Read implements io.Reader. A transfer that the server does not call complete is an error.
func (b *transfer) Read(p []byte) (int, error) {
	if b.done {
		return 0, io.EOF
	}
	if b.left == 0 && b.partial {
		return 0, b.end(false)
	}
	if b.left >= 0 && b.partial {
		p = p[:min(int64(len(p)), b.left)]
	}
	n, err := b.conn.Read(p)
	if b.left >= 0 {
		b.left = max(b.left-int64(n), 0)
	}
	if err == nil {
		return n, nil
	}
	if err != io.EOF {
		b.done = true
		b.s.close()
		return n, fmt.Errorf("ftp: %w", err)
	}
	if b.left > 0 {
		_ = b.end(false)
		return n, io.ErrUnexpectedEOF
	}
	return n, b.end(true)
}

// end keeps the session for the next request where it ended well, and returns io.EOF.
func (b *transfer) end(whole bool) error {
	b.done = true
	err := b.s.ended(b.conn, whole)
	if err != nil {
		b.s.close()
		if whole {
			return io.ErrUnexpectedEOF
		}
		return io.EOF
	}
	b.s.t.park(b.s)
	return io.EOF
}

// Close implements io.Closer.
func (b *transfer) Close() error {
	if !b.done {
		_ = b.end(false)
	}
	return nil
}
