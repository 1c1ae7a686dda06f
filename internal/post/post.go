// Package post hands one already rendered message to a mail server by SMTP, byte for byte, and tells exactly how that ended.
//
// It never renders a message or alters one beyond a signature in front of it, never retries, never sends credentials in clear beyond this machine, and never logs: what a
// server answers may hold an address, so the caller decides where it may be kept.
package post

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
	"unicode"
)

// Outcome is how an attempt to send ended.
type Outcome string

// The four ways an attempt can end.
const (
	Sent     Outcome = "sent"     // the server answered 250 after the whole message
	Refused  Outcome = "refused"  // refused for good: 5xx from MAIL on, or a message that SMTP cannot carry unaltered
	Deferred Outcome = "deferred" // nothing was handed over: 4xx, no connection, TLS or log-in failed
	Unknown  Outcome = "unknown"  // cut after the message was begun and before the final answer: it may have arrived
)

// Step names the point of the SMTP conversation where it ended.
type Step string

// The steps in their order.
const (
	StepCheck    Step = "check" // before any network: the message or an address is unfit
	StepConnect  Step = "connect"
	StepHello    Step = "hello" // greeting and EHLO
	StepStartTLS Step = "starttls"
	StepAuth     Step = "auth"
	StepMail     Step = "mail"
	StepRcpt     Step = "rcpt"
	StepData     Step = "data" // the DATA command, before any byte of the message
	StepBody     Step = "body" // the message and the answer to it
)

// Result tells how one attempt ended.
type Result struct {
	Outcome Outcome
	Code    int    // the server's reply code, 0 when it gave none
	Step    Step   // where the conversation ended; StepBody when sent
	Text    string // the server's answer without its code, or what broke, one line, at most 500 bytes. It may name the recipient: never log it
}

// String says how it ended in words that are fit for a log: neither the server's text nor an address.
func (r Result) String() string {
	if r.Code == 0 {
		return fmt.Sprintf("%s at %s", r.Outcome, r.Step)
	}
	return fmt.Sprintf("%s at %s (%d)", r.Outcome, r.Step, r.Code)
}

// The values of Config.TLS.
const (
	TLSAuto    = "auto"    // STARTTLS where offered; what is offered must then work
	TLSRequire = "require" // no message leaves without TLS
	TLSNone    = "none"    // plain
)

// Timeouts bound one attempt. A zero field takes the default.
type Timeouts struct {
	Connect time.Duration // TCP connect and TLS handshake; 30 s
	Command time.Duration // each answer up to and including DATA's 354, and each write; 2 min
	Final   time.Duration // the answer after the last dot; 10 min (RFC 5321, 4.5.3.2.6)
}

// Config says which server to use and how.
type Config struct {
	URL      string         // smtp://[user[:password]@]host[:port] (587) or smtps://… (465)
	Password string         // overrides the one in URL
	Hello    string         // name given in EHLO; empty: "localhost"
	DKIM     *DKIM          // signs each message; nil: none is signed
	TLS      string         // auto (also when empty), require or none
	Roots    *x509.CertPool // nil: the system's
	Timeouts Timeouts
}

// Sender sends through one server. It is safe for use by several goroutines; each Send opens its own connection.
type Sender struct {
	host, addr     string
	user, password string
	hello          string
	implicit       bool // TLS from the first byte (smtps)
	tls            string
	roots          *x509.CertPool
	timeouts       Timeouts
	dkim           *DKIM
}

// New checks the configuration. Its errors never contain the password.
func New(c Config) (*Sender, error) {
	u, err := url.Parse(c.URL)
	if err != nil || u.Hostname() == "" || (u.Scheme != "smtp" && u.Scheme != "smtps") {
		// The parser's own error repeats the URL, and with it the password.
		return nil, errors.New("mail server: want smtp://[user@]host[:port] or smtps://[user@]host[:port]")
	}
	s := &Sender{host: u.Hostname(), hello: c.Hello, implicit: u.Scheme == "smtps", tls: c.TLS, roots: c.Roots, timeouts: c.Timeouts, dkim: c.DKIM}
	port := u.Port()
	if port == "" {
		port = map[bool]string{false: "587", true: "465"}[s.implicit]
	}
	s.addr = net.JoinHostPort(s.host, port)
	if u.User != nil {
		s.user = u.User.Username()
		s.password, _ = u.User.Password()
	}
	if c.Password != "" {
		s.password = c.Password
	}
	if s.hello == "" {
		s.hello = "localhost"
	}
	s.timeouts.fill()
	return s, s.check()
}

func (t *Timeouts) fill() {
	if t.Connect == 0 {
		t.Connect = 30 * time.Second
	}
	if t.Command == 0 {
		t.Command = 2 * time.Minute
	}
	if t.Final == 0 {
		t.Final = 10 * time.Minute
	}
}

func (s *Sender) check() error {
	switch s.tls {
	case "":
		s.tls = TLSAuto
	case TLSAuto, TLSRequire:
	case TLSNone:
		if s.implicit {
			return errors.New("mail server: smtps:// and tls none contradict each other")
		}
		if s.user != "" && !loopbackName(s.host) {
			return errors.New("mail server: a user name with tls none would send the password in clear; use tls require")
		}
	default:
		return fmt.Errorf("mail server: tls %q is none of auto, require, none", s.tls)
	}
	if s.user != "" && s.password == "" {
		return errors.New("mail server: a user name without a password")
	}
	if strings.ContainsAny(s.hello, " \t\r\n") {
		return errors.New("mail server: the hello name contains white space")
	}
	return nil
}

// Server returns the host and port, without credentials.
func (s *Sender) Server() string { return s.addr }

func loopbackName(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// Send hands msg to the server for every address in to, or for none of them: one refused recipient ends the attempt before DATA. msg
// must be a whole message with CRLF line ends, the last one included, and lines of at most 998 bytes; SMTP could not carry anything
// else unaltered, so it is refused here. Cancelling ctx cuts the connection; the result tells what that meant.
func (s *Sender) Send(ctx context.Context, from string, to []string, msg []byte) Result {
	if err := fit(from, to, msg); err != nil {
		return Result{Outcome: Refused, Step: StepCheck, Text: oneLine(err.Error())}
	}
	if s.dkim != nil {
		signed, err := s.dkim.Sign(msg)
		if err != nil {
			return Result{Outcome: Deferred, Step: StepCheck, Text: oneLine(err.Error())}
		}
		msg = signed
	}
	return s.converse(ctx, from, to, msg)
}

// fit tells why SMTP could not carry the message as it is.
func fit(from string, to []string, msg []byte) error {
	if len(to) == 0 {
		return errors.New("no recipient")
	}
	for _, a := range append([]string{from}, to...) {
		// An address ends at '>': anything behind it would be read as a parameter of the command.
		if a == "" || strings.ContainsAny(a, "<> \t\r\n\x00") || strings.IndexByte(a, '@') < 1 || strings.HasSuffix(a, "@") {
			return errors.New("an envelope address is malformed")
		}
	}
	if len(msg) == 0 || !bytes.HasSuffix(msg, []byte("\r\n")) {
		return errors.New("the message does not end with CRLF")
	}
	for len(msg) > 0 {
		i := bytes.Index(msg, []byte("\r\n"))
		if i > 998 {
			return errors.New("the message has a line of more than 998 bytes")
		}
		// A bare CR or LF is where two servers can disagree about the end of a message (SMTP smuggling).
		if bytes.ContainsAny(msg[:i], "\r\n\x00") {
			return errors.New("the message has a bare CR, a bare LF or a NUL")
		}
		msg = msg[i+2:]
	}
	return nil
}

// WithDate returns msg with a Date field as its first line; RFC 5322 wants the moment of sending. msg itself is not changed.
func WithDate(msg []byte, t time.Time) []byte {
	head := "Date: " + t.Format("Mon, 02 Jan 2006 15:04:05 -0700") + "\r\n"
	return append([]byte(head), msg...)
}

// oneLine makes a server's answer safe to show: one printable line of at most 500 bytes.
func oneLine(s string) string {
	s = strings.ToValidUTF8(s, "?")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }), " ")
	if len(s) > 500 {
		s = strings.ToValidUTF8(s[:500], "")
	}
	return s
}
