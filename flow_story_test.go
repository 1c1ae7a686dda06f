package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"unmirror/internal/mailbox/mailboxtest"
	"unmirror/internal/post/posttest"
)

// theatre is what a story of follow-up plays with: a mirror, a mail server and a mailbox, all real and on loopback.
type theatre struct {
	there atomic.Bool
	post  *posttest.Server
	box   *mailboxtest.Server
	web   *httptest.Server
}

// TestFlowStory tells the life of a case through the program itself: testdata/flow/*.txtar. Besides the program its commands are
// `mirror there|gone`, `mails N` (wait until so many went out; mail.txt is the newest), `bounce ADDRESS` (of the newest) and
// `draft KIND` (sets NOTICE and CASE to those of the only draft of that kind).
func TestFlowStory(t *testing.T) {
	s := &theatre{post: posttest.NewServer(t), box: mailboxtest.NewServer(t, nil)}
	s.there.Store(true)
	s.web = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.URL.Path == "/":
			fmt.Fprint(w, `<title>Index of /</title><h1>Index of /</h1><pre><a href="a.txt">a.txt</a></pre>`)
		case r.URL.Path == "/a.txt" && s.there.Load():
			fmt.Fprint(w, letter(1))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(s.web.Close)
	testscript.Run(t, testscript.Params{Dir: "testdata/flow", Setup: func(e *testscript.Env) error {
		e.Setenv("HOME", e.WorkDir)
		e.Setenv("POST", s.post.URL)
		e.Setenv("BOX", s.box.URL)
		e.Setenv("MIRROR", s.web.URL)
		if err := os.WriteFile(e.WorkDir+"/imap", []byte(mailboxtest.Password), 0o600); err != nil {
			return err
		}
		return os.WriteFile(e.WorkDir+"/leak/a.txt", []byte(letter(1)), 0o600)
	}, Cmds: map[string]func(*testscript.TestScript, bool, []string){
		"mirror": func(_ *testscript.TestScript, _ bool, args []string) { s.there.Store(args[0] == "there") },
		"mails":  s.mails, "bounce": s.bounce, "draft": draftOf,
		"expand": func(ts *testscript.TestScript, _ bool, args []string) {
			ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(os.Expand(ts.ReadFile(args[0]), ts.Getenv)), 0o600))
		},
	}})
}

// mails waits until so many mails went out in all.
func (s *theatre) mails(ts *testscript.TestScript, neg bool, args []string) {
	var n int
	_, err := fmt.Sscan(args[0], &n)
	ts.Check(err)
	all := s.post.Mails()
	if n > 0 && len(all) < n {
		all = s.post.Wait(n, time.Minute)
	}
	if len(all) != n {
		ts.Fatalf("%d mails went out, want %d", len(all), n)
	}
	if n > 0 {
		m := all[n-1]
		ts.Check(os.WriteFile(ts.MkAbs("mail.txt"), append([]byte("Envelope-To: "+strings.Join(m.To, ", ")+"\n"), m.Bytes...), 0o600))
	}
}

// bounce puts a delivery status notification (RFC 3464) about the newest mail into the mailbox.
func (s *theatre) bounce(ts *testscript.TestScript, _ bool, args []string) {
	all := s.post.Mails()
	raw := all[len(all)-1].Bytes
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	ts.Check(err)
	head, _, _ := bytes.Cut(raw, []byte("\r\n\r\n"))
	s.box.Deliver([]byte(strings.ReplaceAll(fmt.Sprintf(`Return-Path: <>
From: MAILER-DAEMON@mx.example
To: takedown@fictitious.example
Message-ID: <bounce-%d@mx.example>
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
In-Reply-To: %s
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

The address does not exist.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; %s
Action: failed
Status: 5.1.1

--b
Content-Type: text/rfc822-headers

%s
--b--
`, len(all), m.Header.Get("Message-Id"), args[0], strings.ReplaceAll(string(head), "\r\n", "\n")), "\n", "\r\n")))
}

// draftOf finds the only draft of a kind.
func draftOf(ts *testscript.TestScript, _ bool, args []string) {
	ts.Check(ts.Exec("unmirror", "notice", "list", "--json"))
	found := 0
	for _, line := range strings.Split(strings.TrimSpace(ts.ReadFile("stdout")), "\n") {
		var n struct{ ID, Case, Kind, State string }
		if json.Unmarshal([]byte(line), &n) == nil && n.Kind == args[0] && n.State == "draft" {
			found++
			ts.Setenv("NOTICE", n.ID)
			ts.Setenv("CASE", n.Case)
		}
	}
	if found != 1 {
		ts.Fatalf("%d drafts of the kind %s, want 1", found, args[0])
	}
}
