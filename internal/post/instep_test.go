package post_test

import (
	"bufio"
	"net"
	"slices"
	"strings"
	"testing"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
)

// said is what a server says after each of the client's lines; the greeting comes first. A message counts as one line.
func said(t *testing.T, script ...string) *post.Sender {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		in := bufio.NewReader(c)
		body := false
		for _, s := range script {
			if _, err := c.Write([]byte(s)); err != nil {
				return
			}
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if !body || line == ".\r\n" {
					body = strings.HasPrefix(line, "DATA")
					break
				}
			}
		}
	}()
	p, err := post.New(post.Config{URL: "smtp://" + l.Addr().String(), Timeouts: post.Timeouts{Connect: hang, Command: hang, Final: hang}})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestAnAnswerThatWasThereBeforeItsQuestionIsNone has servers talk out of turn: none of that may be taken for the 250 to a message.
func TestAnAnswerThatWasThereBeforeItsQuestionIsNone(t *testing.T) {
	good := []string{"220 x\r\n", "250 x\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 done\r\n", "221 bye\r\n"}
	with := func(at int, s string) []string {
		out := slices.Clone(good)
		out[at] = s
		return out
	}
	for _, r := range []struct {
		name   string
		script []string
		want   post.Outcome
		step   post.Step
		code   int
	}{
		{"in turn", good, post.Sent, post.StepBody, 250},
		{"all at once", []string{strings.Join(good, "")}, post.Deferred, post.StepHello, 0},
		{"one too many at EHLO", with(1, "250-x\r\n250 y\r\n250 ok\r\n"), post.Deferred, post.StepMail, 0},
		{"one too many at RCPT", with(3, "250 ok\r\n354 go\r\n"), post.Deferred, post.StepData, 0},
		{"taken before it came", with(4, "354 go\r\n250 taken\r\n"), post.Unknown, post.StepBody, 0},
		{"half an answer before it came", with(4, "354 go\r\n2"), post.Unknown, post.StepBody, 0},
		{"refused before it came", with(4, "354 go\r\n552 5.3.4 too big\r\n"), post.Refused, post.StepBody, 552},
		{"put off before it came", with(4, "354 go\r\n421 closing\r\n"), post.Deferred, post.StepBody, 421},
		{"more behind the last answer", with(5, "250 done\r\n421 closing\r\n"), post.Sent, post.StepBody, 250},
	} {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			got := said(t, r.script...).Send(t.Context(), from, to, msg)
			if got.Outcome != r.want || got.Step != r.step || got.Code != r.code {
				t.Fatalf("got %+v, want %s at %s", got, r.want, r.step)
			}
		})
	}
}

func TestWhatStandsBehindTheAnswerToSTARTTLSIsNotTaken(t *testing.T) {
	for _, behind := range []string{"250 injected\r\n", "250-a\r\n250 AUTH PLAIN\r\n", "x"} {
		got := said(t, "220 x\r\n", "250-x\r\n250 STARTTLS\r\n", "220 go\r\n"+behind).Send(t.Context(), from, to, msg)
		if got.Outcome != post.Deferred || got.Step != post.StepStartTLS || !strings.Contains(got.Text, "before it was asked") {
			t.Errorf("%q: %+v", behind, got)
		}
	}
}

func TestTheAnswerIsToldOnceAndInPrintableSigns(t *testing.T) {
	s := posttest.NewServer(t)
	s.Fail(post.StepRcpt, posttest.Failure{Code: 550, Text: "no \x1b[31m\u202e\u009b such user"})
	if r := sender(t, s, nil).Send(t.Context(), from, to, msg); r.Code != 550 || r.Text != "5.0.0 no  [31m  such user" {
		t.Errorf("%d %q", r.Code, r.Text)
	}
}
