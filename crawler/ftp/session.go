package ftp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	maxLine    = 4 << 10 // bytes of a line of a reply
	maxLines   = 500     // of one reply
	replyTime  = 60 * time.Second
	farewell   = 2 * time.Second // how long the end of a transfer that we broke off is waited for
	maxBanner  = 8 << 10
	maxListing = 16 << 20 // bytes of one folder's listing
)

// reply is what a server says, RFC 959 section 4.2. It is also the error of an unwelcome one.
type reply struct {
	code int
	text string // may hold file names: never for logs
}

// Error tells the code alone, because the text may hold a name.
func (r reply) Error() string { return "the FTP server answers " + strconv.Itoa(r.code) }

var denied = regexp.MustCompile(`(?i)permission|denied|not allowed|forbidden|not permitted|unauthori[sz]ed|access is|zugriff|toegang|refus`)

// status is the HTTP status that says the same.
func (r reply) status() int {
	switch {
	case r.code == 530 || r.code == 532 || r.code == 534 || r.code == 331 || r.code == 332:
		return http.StatusForbidden
	case (r.code == 550 || r.code == 553) && denied.MatchString(r.text):
		return http.StatusForbidden
	case r.code == 550 || r.code == 553 || r.code == 501:
		return http.StatusNotFound
	case r.code >= 400 && r.code < 500:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadGateway
}

// session is a control connection that is logged in. It serves one request at a time.
type session struct {
	t       *Transport
	key     string
	host    string // of data connections
	tls     *tls.Config
	raw     net.Conn // what lies below control: it is closed from elsewhere
	control net.Conn
	r       *bufio.Reader
	welcome bytes.Buffer // banner and greeting: where servers name their contact
	feats   map[string]bool
	noEPSV  bool

	mu     sync.Mutex
	data   net.Conn
	stop   func() bool // of the context's watch
	timer  *time.Timer
	closed bool
}

// wake ties the session to a request's context; false when it was closed meanwhile.
func (s *session) wake(ctx context.Context) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil && !s.timer.Stop() || s.closed {
		return false
	}
	s.timer = nil
	s.stop = context.AfterFunc(ctx, s.close)
	return true
}

// sleep loosens it again; false when it is closed.
func (s *session) sleep(d time.Duration, over func()) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.stop != nil && !s.stop() {
		return false
	}
	s.stop = nil
	s.timer = time.AfterFunc(d, over)
	return true
}

func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	_ = s.raw.Close()
	if s.data != nil {
		_ = s.data.Close()
	}
}

// logIn greets the server. Implicit TLS begins with the first byte, the other kind is asked for (RFC 4217).
func (s *session) logIn(user, password string, implicit bool) error {
	if s.tls != nil && implicit {
		s.control = tls.Client(s.control, s.tls)
	}
	s.r = bufio.NewReaderSize(s.control, maxLine)
	banner, err := s.expect(220)
	if err != nil {
		return err
	}
	s.hear(banner)
	if s.tls != nil && !implicit {
		if _, err := s.ask(234, "AUTH TLS"); err != nil {
			return err
		}
		s.control = tls.Client(s.control, s.tls)
		s.r = bufio.NewReaderSize(s.control, maxLine)
	}
	got, err := s.send("USER %s", user)
	if err == nil && got.code == 331 {
		got, err = s.send("PASS %s", password)
	}
	if err != nil {
		return err
	}
	if got.code != 230 && got.code != 232 && got.code != 202 {
		return got
	}
	s.hear(got)
	if s.tls != nil {
		for _, line := range []string{"PBSZ 0", "PROT P"} {
			if _, err := s.ask(200, "%s", line); err != nil {
				return err
			}
		}
	}
	if err := s.features(); err != nil {
		return err
	}
	_, err = s.ask(200, "TYPE I")
	return err
}

func (s *session) hear(r reply) {
	if s.welcome.Len() < maxBanner {
		s.welcome.WriteString(r.text + "\n")
	}
}

// features asks what the server can do beyond RFC 959 (RFC 2389).
func (s *session) features() error {
	s.feats = map[string]bool{}
	got, err := s.send("FEAT")
	if err != nil {
		return err
	}
	if got.code != 211 {
		return nil
	}
	for line := range strings.Lines(got.text) {
		if f := strings.Fields(strings.ToUpper(line)); len(f) > 0 {
			s.feats[f[0]] = true
			if f[0] == "MLST" {
				s.feats["MLSD"] = true // RFC 3659 section 7.8: one stands for both
			}
		}
	}
	if s.feats["UTF8"] {
		_, err = s.send("OPTS UTF8 ON") // a refusal says nothing
	}
	return err
}

// ask sends a command and wants a code.
func (s *session) ask(want int, format string, args ...any) (reply, error) {
	got, err := s.send(format, args...)
	if err == nil && got.code != want {
		err = got
	}
	return got, err
}

var errCommand = errors.New("a name with a line break in it")

func (s *session) send(format string, args ...any) (reply, error) {
	line := fmt.Sprintf(format, args...)
	if strings.ContainsAny(line, "\r\n\x00") {
		return reply{}, errCommand
	}
	_ = s.control.SetDeadline(time.Now().Add(replyTime))
	// RFC 854: 255 begins a telnet command and is doubled.
	if _, err := io.WriteString(s.control, strings.ReplaceAll(line, "\xff", "\xff\xff")+"\r\n"); err != nil {
		return reply{}, fmt.Errorf("send a command: %w", err)
	}
	return s.read()
}

// expect reads a reply and wants a code.
func (s *session) expect(want int) (reply, error) {
	_ = s.control.SetDeadline(time.Now().Add(replyTime))
	got, err := s.read()
	for err == nil && got.code >= 100 && got.code < 200 && want >= 200 { // "120 ready in a minute"
		got, err = s.read()
	}
	if err == nil && got.code != want {
		err = got
	}
	return got, err
}

var errReply = errors.New("an answer that is no FTP reply")

// read reads one reply of bounded size: lines until the one that begins with the first one's code and a space.
func (s *session) read() (reply, error) {
	var out reply
	var text strings.Builder
	for n := range maxLines {
		raw, err := s.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			return out, errReply
		}
		if err != nil {
			return out, fmt.Errorf("read a reply: %w", err)
		}
		line := strings.TrimRight(string(raw), "\r\n")
		code, rest, more, ok := numbered(line)
		if n == 0 {
			if !ok {
				return out, errReply
			}
			out.code = code
		}
		if ok && code == out.code {
			line = rest
		}
		text.WriteString(line + "\n")
		if ok && code == out.code && !more {
			out.text = strings.TrimSuffix(text.String(), "\n")
			return out, nil
		}
	}
	return out, errReply
}

func numbered(line string) (code int, rest string, more, ok bool) {
	if len(line) < 3 {
		return 0, "", false, false
	}
	code, err := strconv.Atoi(line[:3])
	if err != nil || code < 100 || code > 599 {
		return 0, "", false, false
	}
	if len(line) == 3 {
		return code, "", false, true
	}
	return code, line[4:], line[3] == '-', line[3] == ' ' || line[3] == '-'
}
