package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-msgauth/dkim"

	"unmirror/internal/mailbox/mailboxtest"
	"unmirror/takedown"
)

// TestAnswersByMail sends a signed notice, reads what comes back from a mailbox, and follows it to the next contact.
func TestAnswersByMail(t *testing.T) {
	box := mailboxtest.NewServer(t, nil)
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	f := newFlow(t, 1, "")
	settings, err := os.ReadFile(f.config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f.config, strings.Replace(string(settings), "mail: {", fmt.Sprintf(`mail: {imap: %q, imap_password: "file:%s", plus: true, dkim: {selector: um, key: "file:%s"}, `, box.URL,
		write(t, filepath.Join(dir, "imap"), mailboxtest.Password+"\n"), write(t, filepath.Join(dir, "dkim"), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})))), 1))
	mustCommand(t, f.config, "recheck")
	var notice struct{ ID, Case, State, Recipient string }
	read := func() {
		t.Helper()
		if err := json.Unmarshal([]byte(strings.SplitN(mustCommand(t, f.config, "notice", "list", "--json"), "\n", 2)[0]), &notice); err != nil {
			t.Fatal(err)
		}
	}
	read()
	f.counsel("notice", "approve", notice.ID)
	mustCommand(t, f.config, "outbox", "run")
	sent := f.mail.Wait(1, time.Minute)[0].Bytes
	verified, err := dkim.VerifyWithOptions(strings.NewReader(string(sent)), &dkim.VerifyOptions{LookupTXT: func(string) ([]string, error) {
		return []string{"v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(pub)}, nil
	}})
	if err != nil || len(verified) != 1 || verified[0].Err != nil || verified[0].Domain != "fictitious.example" {
		t.Fatalf("signature: %+v, %v", verified, err)
	}
	if eml := mustCommand(t, f.config, "notice", "show", notice.ID, "--format", "eml"); !strings.HasSuffix(string(sent), eml) {
		t.Error("what went out is not what was approved, with fields in front")
	}
	m, err := mail.ReadMessage(strings.NewReader(string(sent)))
	if err != nil {
		t.Fatal(err)
	}
	deliver := func(from, head, body string) {
		box.Deliver([]byte(strings.ReplaceAll("From: "+from+"\nMessage-ID: <"+body[:3]+"@x.example>\n"+head+"\n\n"+body+"\n", "\n", "\r\n")))
	}
	// A bounce is believed only of what nobody has answered yet.
	deliver("MAILER-DAEMON@mx.example", "Return-Path: <>\nX-Failed-Recipients: abuse@host.example\nSubject: failure notice\nReferences: "+m.Header.Get("Message-Id"), "550 5.1.1 no such user")
	deliver("desk@host.example", "Auto-Submitted: auto-replied\nTo: "+m.Header.Get("Reply-To"), "We received your report. Ticket ID: 99-12")
	deliver("somebody@elsewhere.example", "Subject: hello", "Is this the right address?")
	if _, stderr, code := command(t, f.config, "reply", "fetch"); code != 0 || !strings.Contains(stderr, "3 mails") {
		t.Fatalf("fetch: %d %s", code, stderr)
	}
	if _, stderr, code := command(t, f.config, "reply", "fetch"); code != 0 || !strings.Contains(stderr, "0 mails") {
		t.Fatalf("fetched twice: %s", stderr)
	}
	var stray string
	kinds := map[string]string{}
	for _, line := range strings.Split(strings.TrimSpace(mustCommand(t, f.config, "reply", "list", "--json")), "\n") {
		var r struct{ ID, State, Created, Kind, Case string }
		if err := json.Unmarshal([]byte(line), &r); err != nil || r.ID == "" || r.Created == "" {
			t.Fatalf("%s: %v", line, err)
		}
		kinds[r.Kind] = r.State
		if r.State == "unmatched" {
			stray = r.ID
		} else if r.Case != notice.Case {
			t.Errorf("tied to another case: %s", line)
		}
	}
	if kinds["bounce"] != "settled" || kinds["automatic"] != "settled" || kinds["human"] != "unmatched" {
		t.Fatalf("%v", kinds)
	}
	if read(); notice.State != "draft" || notice.Recipient != "noc@network.example" {
		t.Fatalf("after the bounce: %+v", notice)
	}
	if out := mustCommand(t, f.config, "outbox", "suppressed", "list", "--json"); !strings.Contains(out, "abuse@host.example") {
		t.Errorf("suppressed: %s", out)
	}
	f.counsel("notice", "approve", notice.ID)
	mustCommand(t, f.config, "outbox", "run")
	f.counsel("reply", "attach", stray, notice.Case)
	if out := mustCommand(t, f.config, "reply", "show", stray); strings.Contains(out, "right address") || strings.Contains(out, "elsewhere.example") {
		t.Errorf("without counsel it says: %s", out)
	}
	if out := f.counsel("reply", "show", stray); !strings.Contains(out, "right address") {
		t.Errorf("counsel reads: %s", out)
	}
	f.counsel("reply", "confirm", stray, "question")
	if out := mustCommand(t, f.config, "notice", "list", "--json"); !strings.Contains(out, `"answer":"question"`) {
		t.Errorf("the answer was not kept: %s", out)
	}
}

// TestLooksHoldUpNoMail has the place of a case hang while answers about it come in, the first of which somebody has read already.
func TestLooksHoldUpNoMail(t *testing.T) {
	box := mailboxtest.NewServer(t, nil)
	f := newFlow(t, 1, "")
	settings, err := os.ReadFile(f.config)
	if err != nil {
		t.Fatal(err)
	}
	write(t, f.config, strings.Replace(string(settings), "mail: {", fmt.Sprintf(`mail: {imap: %q, imap_password: "file:%s", `, box.URL,
		write(t, filepath.Join(t.TempDir(), "imap"), mailboxtest.Password+"\n")), 1))
	f.send("notice")
	m, err := mail.ReadMessage(strings.NewReader(string(f.mail.Wait(1, 5*time.Second)[0].Bytes)))
	if err != nil {
		t.Fatal(err)
	}
	g := &globals{world: world{stdin: strings.NewReader(""), stdout: io.Discard, stderr: io.Discard}, configPath: f.config}
	err = g.with(func(a *app) error {
		d, err := a.newDaemon(t.Context())
		if err != nil {
			return err
		}
		f.mu.Lock() // the site answers nobody
		defer f.mu.Unlock()
		for i, flags := range [][]imap.Flag{{imap.FlagSeen}, nil} {
			box.Deliver(fmt.Appendf(nil, "From: abuse@host.example\r\nIn-Reply-To: %s\r\n\r\nThe content has been removed (%d).\r\n", m.Header.Get("Message-Id"), i), flags...)
			if err := d.answers(t.Context()); err != nil {
				return err
			}
			got, err := d.docket.Replies(t.Context(), takedown.ReplyFilter{})
			if err != nil || len(got) != i+1 || len(d.look) != 1 {
				t.Errorf("%d mails were taken (%v), %d looks asked for", len(got), err, len(d.look))
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
