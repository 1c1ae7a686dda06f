package post_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
)

// hang is longer than any test.
const hang = time.Hour

const from = "takedown@unmirror.test"

var (
	to  = []string{"abuse@host.test"}
	msg = []byte("From: takedown@unmirror.test\r\nSubject: x\r\n\r\n.a line that begins with a dot\r\n..two\r\n.\r\nthe end \xc3\xa9\r\n")
)

func sender(t *testing.T, s *posttest.Server, change func(*post.Config)) *post.Sender {
	t.Helper()
	c := post.Config{URL: s.URL, Hello: "daemon.test", Roots: s.Roots,
		Timeouts: post.Timeouts{Connect: hang, Command: hang, Final: hang}} // they end nothing, however busy the machine is
	if change != nil {
		change(&c)
	}
	p, err := post.New(c)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSendDeliversByteForByte(t *testing.T) {
	s := posttest.NewServer(t)
	r := sender(t, s, nil).Send(t.Context(), from, to, msg)
	if r.Outcome != post.Sent || r.Code != 250 {
		t.Fatalf("got %+v", r)
	}
	m := s.Wait(1, time.Minute)[0]
	if !bytes.Equal(m.Bytes, msg) || m.From != from || fmt.Sprint(m.To) != fmt.Sprint(to) || m.Hello != "daemon.test" {
		t.Fatalf("received %+v %q", m, m.Bytes)
	}
}

func TestEachFailureIsToldApart(t *testing.T) {
	type row struct {
		step post.Step
		f    posttest.Failure
		want post.Outcome
		at   post.Step
		kept int
	}
	rows := []row{
		{post.StepConnect, posttest.Failure{Code: 421}, post.Deferred, post.StepHello, 0},
		{post.StepConnect, posttest.Failure{Code: 554}, post.Deferred, post.StepHello, 0},
		{post.StepConnect, posttest.Failure{Drop: true}, post.Deferred, post.StepHello, 0},
		{post.StepConnect, posttest.Failure{Delay: hang}, post.Deferred, post.StepHello, 0},
		{post.StepHello, posttest.Failure{Code: 451}, post.Deferred, post.StepHello, 0},
		{post.StepHello, posttest.Failure{Code: 554}, post.Deferred, post.StepHello, 0},
		{post.StepBody, posttest.Failure{Drop: true}, post.Unknown, post.StepBody, 0},
		{post.StepBody, posttest.Failure{Drop: true, Keep: true}, post.Unknown, post.StepBody, 1},
		{post.StepBody, posttest.Failure{Drop: true, After: 10}, post.Unknown, post.StepBody, 0},
		{post.StepBody, posttest.Failure{Delay: hang, Keep: true}, post.Unknown, post.StepBody, 1},
		{post.StepBody, posttest.Failure{Delay: 100 * time.Millisecond}, post.Sent, post.StepBody, 1},
	}
	for _, step := range []post.Step{post.StepMail, post.StepRcpt, post.StepData, post.StepBody} {
		rows = append(rows,
			row{step, posttest.Failure{Code: 450, Text: "later"}, post.Deferred, step, 0},
			row{step, posttest.Failure{Code: 550, Text: "never"}, post.Refused, step, 0})
		if step != post.StepBody {
			rows = append(rows,
				row{step, posttest.Failure{Drop: true}, post.Deferred, step, 0},
				row{step, posttest.Failure{Delay: hang}, post.Deferred, step, 0})
		}
	}
	for _, r := range rows {
		t.Run(fmt.Sprintf("%s_%+v", r.step, r.f), func(t *testing.T) {
			t.Parallel()
			s, got := failing(t, r.step, r.f, 500*time.Millisecond)
			// The steps before it have the same time-out: where the machine is busy, one of them is what took too long.
			for within := time.Second; r.f.Delay == hang && got.Step != r.at && within < 2*time.Minute; within *= 4 {
				s, got = failing(t, r.step, r.f, within)
			}
			if got.Outcome != r.want || got.Step != r.at || (r.f.Code != 0 && got.Code != r.f.Code) {
				t.Fatalf("got %+v, want %s at %s", got, r.want, r.at)
			}
			if r.f.Text != "" && !strings.Contains(got.Text, r.f.Text) {
				t.Errorf("the server's words are lost: %q", got.Text)
			}
			if n := len(s.Mails()); n != r.kept {
				t.Errorf("the server holds %d mails, want %d", n, r.kept)
			}
			if n := s.Connections(); n != 1 {
				t.Errorf("%d connections: there must be no retry", n)
			}
		})
	}
}

// failing sends once to a server that fails at a step. Only what is to be ended by a time-out has a short one.
func failing(t *testing.T, step post.Step, f posttest.Failure, within time.Duration) (*posttest.Server, post.Result) {
	s := posttest.NewServer(t)
	s.Fail(step, f)
	p := sender(t, s, func(c *post.Config) {
		switch {
		case f.Delay < hang:
		case step == post.StepBody:
			c.Timeouts.Final = within
		default:
			c.Timeouts.Command = within
		}
	})
	return s, p.Send(t.Context(), from, to, msg)
}

func TestNobodyListeningIsDeferred(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	p, err := post.New(post.Config{URL: "smtp://" + addr})
	if err != nil {
		t.Fatal(err)
	}
	if r := p.Send(t.Context(), from, to, msg); r.Outcome != post.Deferred || r.Step != post.StepConnect {
		t.Fatalf("got %+v", r)
	}
}

func TestOneRefusedRecipientStopsAll(t *testing.T) {
	s := posttest.NewServer(t)
	s.Fail(post.StepRcpt, posttest.Failure{Code: 550, Times: 1})
	r := sender(t, s, nil).Send(t.Context(), from, []string{"a@host.test", "b@host.test"}, msg)
	if r.Outcome != post.Refused || len(s.Mails()) != 0 {
		t.Fatalf("got %+v, %d mails", r, len(s.Mails()))
	}
}

func TestCancelDuringBodyIsUnknown(t *testing.T) {
	s := posttest.NewServer(t)
	s.Fail(post.StepBody, posttest.Failure{Delay: hang})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	p := sender(t, s, nil)
	go func() {
		for len(s.Mails()) == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel() // it has the body and does not say so
	}()
	if r := p.Send(ctx, from, to, msg); r.Outcome != post.Unknown {
		t.Fatalf("got %+v", r)
	}
}

func TestCancelledBeforeIsDeferred(t *testing.T) {
	s := posttest.NewServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if r := sender(t, s, nil).Send(ctx, from, to, msg); r.Outcome != post.Deferred {
		t.Fatalf("got %+v", r)
	}
}

func TestTLSAndLogIn(t *testing.T) {
	const user, password = "um", "s3cret-passw0rd"
	withUser := func(u string) func(*post.Config) {
		return func(c *post.Config) {
			c.URL = strings.Replace(c.URL, "://", "://"+u+"@", 1)
			c.Password = password
		}
	}
	both := func(fs ...func(*post.Config)) func(*post.Config) {
		return func(c *post.Config) {
			for _, f := range fs {
				f(c)
			}
		}
	}
	require := func(c *post.Config) { c.TLS = post.TLSRequire }
	distrust := func(c *post.Config) { c.Roots = nil }
	rows := []struct {
		name   string
		opts   []posttest.Option
		change func(*post.Config)
		want   post.Outcome
		step   post.Step
		tls    bool
	}{
		{"auto takes STARTTLS", []posttest.Option{posttest.StartTLS()}, nil, post.Sent, post.StepBody, true},
		{"auto goes plain where none is offered", nil, nil, post.Sent, post.StepBody, false},
		{"none stays plain", []posttest.Option{posttest.StartTLS()}, func(c *post.Config) { c.TLS = post.TLSNone }, post.Sent, post.StepBody, false},
		{"require without offer", nil, require, post.Deferred, post.StepStartTLS, false},
		{"require with STARTTLS", []posttest.Option{posttest.StartTLS()}, require, post.Sent, post.StepBody, true},
		{"require checks the certificate", []posttest.Option{posttest.StartTLS()}, both(require, distrust), post.Deferred, post.StepStartTLS, false},
		{"smtps", []posttest.Option{posttest.ImplicitTLS()}, nil, post.Sent, post.StepBody, true},
		{"smtps checks the certificate", []posttest.Option{posttest.ImplicitTLS()}, both(require, distrust), post.Deferred, post.StepConnect, false},
		{"log-in over TLS", []posttest.Option{posttest.StartTLS(), posttest.Auth(user, password)}, withUser(user), post.Sent, post.StepBody, true},
		{"log-in over smtps", []posttest.Option{posttest.ImplicitTLS(), posttest.Auth(user, password)}, withUser(user), post.Sent, post.StepBody, true},
		{"log-in on the loopback", []posttest.Option{posttest.Auth(user, password)}, withUser(user), post.Sent, post.StepBody, false},
		{"wrong user", []posttest.Option{posttest.Auth(user, password)}, withUser("other"), post.Deferred, post.StepAuth, false},
		{"no log-in offered", nil, withUser(user), post.Deferred, post.StepAuth, false},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			s := posttest.NewServer(t, r.opts...)
			got := sender(t, s, r.change).Send(t.Context(), from, to, msg)
			if got.Outcome != r.want || got.Step != r.step {
				t.Fatalf("got %+v", got)
			}
			if strings.Contains(got.Text, password) {
				t.Error("the password stands in the result")
			}
			if got.Outcome != post.Sent {
				return
			}
			m := s.Wait(1, time.Minute)[0]
			if m.TLS != r.tls || !bytes.Equal(m.Bytes, msg) || m.Hello != "daemon.test" {
				t.Errorf("received %+v", m)
			}
		})
	}
}

func TestBrokenStartTLSIsDeferred(t *testing.T) {
	for _, f := range []posttest.Failure{{Code: 454}, {Drop: true}, {Delay: hang}} {
		s := posttest.NewServer(t, posttest.StartTLS())
		s.Fail(post.StepStartTLS, f)
		short := func(c *post.Config) { c.Timeouts.Connect, c.Timeouts.Command = 2*time.Second, 2*time.Second }
		if r := sender(t, s, short).Send(t.Context(), from, to, msg); r.Outcome != post.Deferred || len(s.Mails()) != 0 {
			t.Errorf("%+v: got %+v", f, r)
		}
	}
}

func TestWhatSMTPWouldAlterIsRefusedHere(t *testing.T) {
	s := posttest.NewServer(t)
	p := sender(t, s, nil)
	head := "Subject: x\r\n\r\n"
	for name, m := range map[string]string{
		"empty": "", "no final CRLF": head + "a", "bare LF": head + "a\nb\r\n", "bare CR": head + "a\rb\r\n",
		"smuggled end": head + "a\n.\nMAIL FROM:<x@y.test>\r\n", "long line": head + strings.Repeat("a", 999) + "\r\n", "NUL": head + "\x00\r\n",
	} {
		if r := p.Send(t.Context(), from, to, []byte(m)); r.Outcome != post.Refused || r.Step != post.StepCheck {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for _, a := range []string{"", "a", "a@", "@b.test", "a@b.test> SIZE=1", "a@b.test\r\nRCPT TO:<c@d.test>", "a b@c.test"} {
		if r := p.Send(t.Context(), from, []string{a}, msg); r.Outcome != post.Refused {
			t.Errorf("recipient %q: %+v", a, r)
		}
		if r := p.Send(t.Context(), a, to, msg); r.Outcome != post.Refused {
			t.Errorf("sender %q: %+v", a, r)
		}
	}
	if r := p.Send(t.Context(), from, nil, msg); r.Outcome != post.Refused {
		t.Errorf("nobody: %+v", r)
	}
	if s.Connections() != 0 {
		t.Error("a connection was made for a message that is unfit")
	}
	if r := p.Send(t.Context(), from, to, []byte(head+strings.Repeat("a", 998)+"\r\n")); r.Outcome != post.Sent {
		t.Errorf("998 bytes are allowed: %+v", r)
	}
}

func TestConfigurationErrorsNeverShowThePassword(t *testing.T) {
	const password = "hunter2hunter2"
	for _, c := range []post.Config{
		{URL: ""}, {URL: "http://host"}, {URL: "smtp://"}, {URL: "smtp://u:" + password + "@ho st:587"}, {URL: "smtp://u:" + password + "@host:port"},
		{URL: "smtp://u:" + password + "@mail.example.org", TLS: post.TLSNone}, {URL: "smtps://mail.example.org", TLS: post.TLSNone},
		{URL: "smtp://u@mail.example.org"}, {URL: "smtp://u:" + password + "@host", TLS: "maybe"}, {URL: "smtp://host", Hello: "a b"},
	} {
		_, err := post.New(c)
		if err == nil {
			t.Errorf("%+v was accepted", c)
		} else if strings.Contains(err.Error(), password) {
			t.Errorf("the password stands in %q", err)
		}
	}
}

func TestServerThatTalksWithoutEnd(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		for {
			if _, err := c.Write([]byte("220-welcome\r\n")); err != nil {
				return
			}
		}
	}()
	p, err := post.New(post.Config{URL: "smtp://" + l.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	if r := p.Send(t.Context(), from, to, msg); r.Outcome != post.Deferred {
		t.Fatalf("got %+v", r)
	}
}

func TestResultStringIsFitForLogs(t *testing.T) {
	s := posttest.NewServer(t)
	s.Fail(post.StepRcpt, posttest.Failure{Code: 550, Text: "no such user: abuse@host.test"})
	r := sender(t, s, nil).Send(t.Context(), from, to, msg)
	if strings.Contains(r.String(), "abuse") || r.String() != "refused at rcpt (550)" {
		t.Errorf("got %q", r)
	}
}

func TestWithDate(t *testing.T) {
	at := time.Date(2026, 11, 3, 9, 5, 7, 0, time.FixedZone("", 3600))
	got := post.WithDate(msg, at)
	if !bytes.HasPrefix(got, []byte("Date: Tue, 03 Nov 2026 09:05:07 +0100\r\nFrom: ")) || !bytes.HasSuffix(got, msg) {
		t.Errorf("got %q", got)
	}
}
