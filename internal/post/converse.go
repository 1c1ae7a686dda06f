package post

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// maxAnswers bounds what one server may say in one conversation, in bytes.
const maxAnswers = 256 << 10

// conversation is one connection on its way through the steps.
type conversation struct {
	*Sender
	conn   net.Conn // TCP or TLS
	plain  *inStep  // what is said on it
	client *smtp.Client
	step   Step
}

func (s *Sender) converse(ctx context.Context, from string, to []string, msg []byte) Result {
	c := &conversation{Sender: s, step: StepConnect}
	err := c.connect(ctx)
	if err == nil {
		conn := c.conn // STARTTLS puts another one on top, and closing this one ends both
		defer func() { _ = conn.Close() }()
		stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
		defer stop()
		err = c.prepare()
	}
	if err == nil {
		err = c.envelope(from, to)
	}
	var text string
	if err == nil {
		text, err = c.body(msg)
	}
	if err != nil {
		return c.failed(ctx, err)
	}
	// The message is the server's now; how the farewell goes changes nothing, and a server that does not answer must not hold us up.
	c.client.CommandTimeout = min(c.timeouts.Command, 5*time.Second)
	_ = c.client.Quit()
	return Result{Outcome: Sent, Code: 250, Step: StepBody, Text: oneLine(text)}
}

// failed turns an error at a step into a result.
func (c *conversation) failed(ctx context.Context, err error) Result {
	r := Result{Outcome: Deferred, Step: c.step, Text: oneLine(err.Error())}
	var answer *smtp.SMTPError
	if errors.As(err, &answer) {
		r.Code = answer.Code
		r.Text = oneLine(said(answer))
	} else if ctx.Err() != nil {
		r.Text = oneLine(ctx.Err().Error())
	}
	switch {
	case c.step == StepBody && (r.Code < 400 || r.Code > 599):
		r.Outcome = Unknown
	case r.Code >= 500 && r.Code <= 599 && (c.step == StepMail || c.step == StepRcpt || c.step == StepData || c.step == StepBody):
		// Before MAIL a 5xx is about our log-in or the server as a whole, which an operator can put right; it is no verdict on this
		// message, so it does not end it.
		r.Outcome = Refused
	}
	return r
}

// said is a server's answer without its code: Code has that.
func said(answer *smtp.SMTPError) string {
	e := answer.EnhancedCode
	if e[0] <= 0 { // go-smtp marks so that there was none
		return answer.Message
	}
	return fmt.Sprintf("%d.%d.%d %s", e[0], e[1], e[2], answer.Message)
}

// connect dials and, for smtps, shakes hands.
func (c *conversation) connect(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.timeouts.Connect)
	defer cancel()
	raw, err := (&net.Dialer{}).DialContext(ctx, "tcp", c.addr)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	c.conn = &timed{Conn: raw, write: c.timeouts.Command, left: maxAnswers}
	if !c.implicit {
		return nil
	}
	c.conn, err = c.secure(ctx, c.conn)
	if err != nil {
		_ = raw.Close()
	}
	return err
}

// prepare greets, starts TLS and logs in, as far as the configuration asks for it.
func (c *conversation) prepare() error {
	encrypted := c.implicit
	if err := c.greet(""); err != nil {
		return err
	}
	offered, _ := c.client.Extension("STARTTLS")
	switch {
	case encrypted || c.tls == TLSNone:
	case offered:
		if err := c.startTLS(); err != nil {
			return err
		}
		encrypted = true
	case c.tls == TLSRequire:
		c.step = StepStartTLS
		return errors.New("the server does not offer STARTTLS, which the configuration requires")
	}
	return c.logIn(encrypted)
}

// greet begins a conversation in plain text, with what counts as said already.
func (c *conversation) greet(already string) error {
	c.step = StepHello
	c.plain = &inStep{Conn: c.conn, said: []byte(already)}
	c.client = smtp.NewClient(c.plain)
	c.client.CommandTimeout = c.timeouts.Command
	c.client.SubmissionTimeout = c.timeouts.Final
	return c.client.Hello(c.hello)
}

func (c *conversation) startTLS() error {
	c.step = StepStartTLS
	// go-smtp has no STARTTLS on a client that already said EHLO, and without EHLO one cannot know whether it is offered; so the one
	// command is spoken here, and the client starts anew on the encrypted connection.
	if err := c.plain.SetDeadline(time.Now().Add(c.timeouts.Command)); err != nil {
		return fmt.Errorf("set deadline: %w", err)
	}
	if _, err := io.WriteString(c.plain, "STARTTLS\r\n"); err != nil {
		return fmt.Errorf("ask for TLS: %w", err)
	}
	line, err := readLine(c.plain)
	for err == nil && strings.HasPrefix(line, "220-") {
		line, err = readLine(c.plain)
	}
	if err != nil {
		return fmt.Errorf("read the answer to STARTTLS: %w", err)
	}
	if !strings.HasPrefix(line, "220") {
		return fmt.Errorf("the server offers STARTTLS and refuses it: %s", line)
	}
	if len(c.plain.said) > 0 { // whoever put that there wants it to be taken for what comes over TLS (CVE-2011-0411)
		return errEarly
	}
	ctx, cancel := context.WithTimeout(context.Background(), c.timeouts.Connect)
	defer cancel()
	secured, err := c.secure(ctx, c.conn)
	if err != nil {
		return err
	}
	// After STARTTLS a server does not greet again, while a new client waits for a greeting.
	c.conn = secured
	return c.greet("220 TLS\r\n")
}

// secure puts TLS on conn. On the loopback with tls auto the certificate is not checked: nobody is in between, and local servers have
// certificates that nobody signed.
func (c *conversation) secure(ctx context.Context, conn net.Conn) (net.Conn, error) {
	t := tls.Client(conn, &tls.Config{
		ServerName:         c.host,
		RootCAs:            c.roots,
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: c.tls == TLSAuto && c.roots == nil && loopback(conn),
	})
	if err := t.HandshakeContext(ctx); err != nil {
		return conn, fmt.Errorf("TLS handshake: %w", err)
	}
	return t, nil
}

func (c *conversation) logIn(encrypted bool) error {
	if c.user == "" {
		return nil
	}
	c.step = StepAuth
	if !encrypted && !loopback(c.conn) {
		return errors.New("the password is not sent without TLS, which this server does not offer")
	}
	switch {
	case c.client.SupportsAuth(sasl.Plain):
		return c.client.Auth(sasl.NewPlainClient("", c.user, c.password))
	case c.client.SupportsAuth(sasl.Login):
		return c.client.Auth(sasl.NewLoginClient(c.user, c.password))
	}
	return errors.New("the server offers neither AUTH PLAIN nor AUTH LOGIN")
}

func (c *conversation) envelope(from string, to []string) error {
	c.step = StepMail
	opts := &smtp.MailOptions{}
	for _, a := range append([]string{from}, to...) {
		opts.UTF8 = opts.UTF8 || strings.IndexFunc(a, func(r rune) bool { return r > 0x7e }) >= 0
	}
	if err := c.client.Mail(from, opts); err != nil {
		return err
	}
	c.step = StepRcpt
	for _, a := range to {
		if err := c.client.Rcpt(a, nil); err != nil {
			return err
		}
	}
	return nil
}

func (c *conversation) body(msg []byte) (string, error) {
	c.step = StepData
	w, err := c.client.Data()
	if err != nil {
		return "", err
	}
	c.step, c.plain.body = StepBody, true
	if _, err := w.Write(msg); err != nil {
		return "", fmt.Errorf("send the message: %w", err)
	}
	if err := c.plain.early(); err != nil { // the message has no end yet, and gets none
		return "", err
	}
	c.plain.body = false
	answer, err := w.CloseWithResponse()
	if err != nil {
		return "", err
	}
	return answer.StatusText, nil
}

func loopback(conn net.Conn) bool {
	a, ok := conn.RemoteAddr().(*net.TCPAddr)
	return ok && a.IP.IsLoopback()
}

// readLine reads one line byte by byte: what stands behind it belongs to TLS, and a buffer would swallow it.
func readLine(r io.Reader) (string, error) {
	var line []byte
	var b [1]byte
	for len(line) < 1000 {
		if _, err := io.ReadFull(r, b[:]); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return strings.TrimRight(string(line), "\r"), nil
		}
		line = append(line, b[0])
	}
	return "", errors.New("the line does not end")
}

// timed gives every write a deadline of its own, because the client clears its deadline before the message, and bounds what may be
// read.
type timed struct {
	net.Conn
	write time.Duration
	left  int // bytes that may still be read
}

func (t *timed) Write(b []byte) (int, error) {
	if err := t.SetWriteDeadline(time.Now().Add(t.write)); err != nil {
		return 0, err
	}
	return t.Conn.Write(b)
}

func (t *timed) Read(b []byte) (int, error) {
	if t.left <= 0 {
		return 0, errors.New("the server talks without end")
	}
	n, err := t.Conn.Read(b)
	t.left -= n
	return n, err
}
