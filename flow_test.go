package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"unmirror/internal/post/posttest"
)

// flow is an installation with a mirror, a mail server and counsel.
type flow struct {
	t      *testing.T
	config string
	dir    string
	mail   *posttest.Server

	mu    sync.Mutex
	there map[string]bool
}

// newFlow serves so many letters of a leak from one mirror, whose host and network are known, and has them swept.
func newFlow(t *testing.T, files int, settings string) *flow {
	f := &flow{t: t, dir: t.TempDir(), mail: posttest.NewServer(t), there: map[string]bool{}}
	var links strings.Builder
	for i := range files {
		name := fmt.Sprintf("%c.txt", 'a'+i)
		f.there["/"+name] = true
		fmt.Fprintf(&links, `<a href="%s">%s</a>`+"\n", name, name)
		write(t, filepath.Join(f.dir, "leak", name), letter(i+1))
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		switch {
		case r.URL.Path == "/":
			fmt.Fprintf(w, `<title>Index of /</title><h1>Index of /</h1><pre>%s</pre>`, links.String())
		case f.there[r.URL.Path]:
			fmt.Fprint(w, letter(int(r.URL.Path[1]-'a')+1))
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(web.Close)
	f.config = write(t, filepath.Join(f.dir, "unmirror.yaml"), fmt.Sprintf(`
data: %s/data
organisation: {name: Fictitious Occupational Health vzw, role: controller, contact: Data protection officer, email: dpo@fictitious.example, telephone: "+32 2 555 01 00"}
mail: {smtp: %q, from: takedown@fictitious.example, per_domain: 1ms}
crawler: {user_agent_contact: "https://example.org/bot", allow_private: ["127.0.0.1/32"], per_host_delay: 1ms}
rdap: {bootstrap: "http://127.0.0.1:1/"}
recipients:
  - {place: "127.0.0.1", email: abuse@host.example, kind: host, profile: {attachments: true, offers_in_eu: true}}
  - {place: "127.0.0.1", email: noc@network.example, kind: network, profile: {offers_in_eu: true}}
sources: [{name: mirror, kind: directory, url: "%s/"}]
%s`, f.dir, f.mail.URL, web.URL, settings))
	mustCommand(t, f.config, "leak", "add", "zorg", filepath.Join(f.dir, "leak"))
	write(t, filepath.Join(f.dir, "pw"), "correct horse battery")
	mustCommand(t, f.config, "user", "add", "anna", "--role", "counsel", "--password-file", filepath.Join(f.dir, "pw"))
	mustCommand(t, f.config, "sweep")
	return f
}

func (f *flow) serve(path string, there bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.there[path] = there
}

// counsel runs a command as counsel.
func (f *flow) counsel(args ...string) string {
	f.t.Helper()
	return mustCommand(f.t, f.config, append(args, "--as", "anna", "--password-file", filepath.Join(f.dir, "pw"))...)
}

// notices lists the notices of one kind in one state.
func (f *flow) notices(kind, state string) (out []map[string]any) {
	f.t.Helper()
	for _, n := range lines(mustCommand(f.t, f.config, "notice", "list", "--json")) {
		if n["kind"] == kind && n["state"] == state {
			out = append(out, n)
		}
	}
	return out
}

// send approves the only draft of a kind, and delivers it.
func (f *flow) send(kind string) map[string]any {
	f.t.Helper()
	drafts := f.notices(kind, "draft")
	if len(drafts) != 1 {
		f.t.Fatalf("%d drafts of a %s:\n%s", len(drafts), kind, mustCommand(f.t, f.config, "notice", "list"))
	}
	f.counsel("notice", "approve", drafts[0]["id"].(string))
	mustCommand(f.t, f.config, "outbox", "run")
	for _, n := range f.notices(kind, "sent") {
		if n["id"] == drafts[0]["id"] {
			return n
		}
	}
	f.t.Fatalf("the %s was not sent:\n%s", kind, mustCommand(f.t, f.config, "outbox", "list"))
	return nil
}

func (f *flow) caseOf(id string) map[string]any {
	f.t.Helper()
	for _, c := range lines(mustCommand(f.t, f.config, "case", "list", "--json")) {
		if c["id"] == id {
			return c
		}
	}
	f.t.Fatal("the case is not there")
	return nil
}

// TestFollowUpToTheWithdrawal plays a host that says removed and lies, a network, a dispute and a withdrawal, through the commands.
func TestFollowUpToTheWithdrawal(t *testing.T) {
	f := newFlow(t, 1, "takedown: {reminder: 1ms, escalation: 1ms, complaint: 1h, gone_apart: 1ms}\n")
	first := f.send("notice")
	id := first["case"].(string)
	if first["recipient"] != "abuse@host.example" || first["recipient_kind"] != "host" || first["regime"] != "dsa16" || first["sent"] == nil {
		t.Errorf("%v", first)
	}
	mustCommand(t, f.config, "notice", "answered", first["id"].(string), "removed")
	mustCommand(t, f.config, "recheck")
	if c := f.caseOf(id); c["state"] != "noticed" {
		t.Fatalf("what was only said to be removed is %v", c["state"])
	}
	reminder := f.send("reminder")
	if reminder["follows"] != first["id"] || reminder["ticket"] != first["ticket"] || reminder["recipient"] != first["recipient"] {
		t.Errorf("%v", reminder)
	}
	mustCommand(t, f.config, "recheck")
	escalation := f.send("escalation")
	if escalation["recipient"] != "noc@network.example" || escalation["regime"] != "abuse" {
		t.Errorf("%v", escalation)
	}
	f.counsel("case", "dispute", id, "--by", "uploader", "--what", "It is my own file.")
	mustCommand(t, f.config, "recheck")
	if got := f.notices("reminder", "draft"); len(got) != 0 {
		t.Errorf("a disputed case got a reminder: %v", got)
	}
	if c := f.caseOf(id); c["disputed"] != true {
		t.Errorf("%v", c)
	}
	f.counsel("notice", "retract", first["id"].(string), "--reason", "It is the uploader's own file.")
	mustCommand(t, f.config, "outbox", "run")
	var told []string
	for _, m := range f.mail.Wait(5, time.Minute)[3:] {
		told = append(told, m.To...)
		if !strings.Contains(string(m.Bytes), "uploader's own file") {
			t.Errorf("the withdrawal to %v does not say why:\n%s", m.To, m.Bytes)
		}
	}
	slices.Sort(told)
	if !slices.Equal(told, []string{"abuse@host.example", "noc@network.example"}) {
		t.Errorf("told were %v", told)
	}
	if c := f.caseOf(id); c["state"] != "dismissed" || c["disputed"] != false {
		t.Errorf("%v", c)
	}
	mustCommand(t, f.config, "audit", "verify")
}

// TestOneMailAboutSeveralPlaces has what is gone before the sending drop out of the mail.
func TestOneMailAboutSeveralPlaces(t *testing.T) {
	f := newFlow(t, 3, "takedown: {gone_checks: 2, gone_apart: 1ms}\n")
	drafts := f.notices("notice", "draft")
	if len(drafts) != 1 || len(drafts[0]["cases"].([]any)) != 3 {
		t.Fatalf("%v", drafts)
	}
	id := drafts[0]["id"].(string)
	f.counsel("notice", "approve", id)
	f.serve("/b.txt", false)
	for range 2 {
		time.Sleep(5 * time.Millisecond)
		var all []string
		for _, c := range drafts[0]["cases"].([]any) {
			all = append(all, c.(string))
		}
		mustCommand(t, f.config, append([]string{"recheck"}, all...)...)
	}
	mustCommand(t, f.config, "outbox", "run")
	if n := len(f.mail.Mails()); n != 0 {
		t.Fatalf("%d mails left although the approved text names a place where nothing is any more", n)
	}
	diff := mustCommand(t, f.config, "notice", "show", id, "--diff")
	if !strings.Contains(diff, "\n-") || !strings.Contains(diff, "/b.txt") || strings.Contains(diff, "\n+++ version 1\n") {
		t.Errorf("the difference reads:\n%s", diff)
	}
	sent := f.send("notice")
	if len(sent["cases"].([]any)) != 2 {
		t.Errorf("%v", sent)
	}
	mail := string(f.mail.Wait(1, time.Minute)[0].Bytes)
	if strings.Contains(mail, "/b.txt") || !strings.Contains(mail, "/a.txt") || !strings.Contains(mail, "/c.txt") || strings.Count(mail, "xarf-") < 2 {
		t.Errorf("the mail names the wrong places:\n%s", mail)
	}
}

// TestATriageWithoutAnAnswerIsAWrongCommandLine: exit 2, before anything is opened.
func TestATriageWithoutAnAnswerIsAWrongCommandLine(t *testing.T) {
	for _, args := range [][]string{
		{"case", "triage", "case_x", "--as", "anna", "--password-file", "pw"},
		{"case", "triage", "case_x", "--wrong", "--exception", "other", "--as", "anna", "--password-file", "pw"},
		{"notice", "retract", "notice_x", "--as", "anna", "--password-file", "pw"},
		{"notice", "answered", "notice_x", "perhaps"},
		{"case", "dispute", "case_x", "--by", "nobody", "--what", "x", "--as", "anna", "--password-file", "pw"},
	} {
		if _, stderr, code := command(t, "", args...); code != 2 || stderr == "" {
			t.Errorf("%v ends with %d: %s", args, code, stderr)
		}
	}
}
