package takedown_test

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"time"

	"unmirror/internal/mailbox"
	"unmirror/internal/mailbox/mailboxtest"
	"unmirror/takedown"
	"unmirror/takedown/contact"
)

// two is a ladder of the place's host and the network above it.
func two() []contact.Found {
	network := abuseDesk()
	network.Email, network.Kind, network.Name = "abuse@network.example", "network", "Network Example"
	return []contact.Found{abuseDesk(), network}
}

// letter is one mail that somebody wrote.
func letter(from, head, body string) []byte {
	s := "From: " + from + "\nTo: takedown@fictitious.example\nDate: Mon, 02 Mar 2026 12:00:00 +0000\nMessage-ID: <" + fmt.Sprint(len(head)+len(body)) + "." + strings.ReplaceAll(from, "@", ".at.") + ">\n" + head + "\n\n" + body + "\n"
	return []byte(strings.ReplaceAll(s, "\n", "\r\n"))
}

func bounceOf(messageID, to, status string) []byte {
	return letter("MAILER-DAEMON@mx.fictitious.example", "Return-Path: <>\nSubject: Undelivered Mail Returned to Sender\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
		"--b\nContent-Type: text/plain\n\nNo.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; "+to+"\nAction: failed\nStatus: "+status+
			"\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: "+messageID+"\n\n--b--")
}

// sentID is the Message-ID of the n-th mail that the server got.
func (w *world) sentID(n int) string {
	w.t.Helper()
	return w.sentHead(n).Get("Message-Id")
}

func (w *world) sentHead(n int) mail.Header {
	w.t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(string(w.mail.Wait(n+1, time.Minute)[n].Bytes)))
	if err != nil {
		w.t.Fatal(err)
	}
	return m.Header
}

func (w *world) receive(raw []byte) takedown.ReplyRow {
	w.t.Helper()
	id := must(w.d.Receive(w.t.Context(), takedown.Incoming{Raw: raw, Received: w.clock.now()}))(w.t)
	return must(w.d.Reply(w.t.Context(), anna, id))(w.t).ReplyRow
}

// told is a notice that went out, with the address of its case.
func (w *world) told(url string) (*takedown.NoticeFile, string) {
	w.t.Helper()
	n := w.approved(url)
	if w.deliver() != 1 {
		w.t.Fatal("nothing was sent")
	}
	return w.notice(n.ID), n.Case
}

const where = "https://files.host.example/leak.zip"

func TestABounceTakesTheNoticeToTheNextContact(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.rungs.found = two()
	n, c := w.told(where)
	r := w.receive(bounceOf(w.sentID(0), "abuse@host.example", "5.1.1"))
	if r.Kind != "bounce" || r.State != takedown.ReplySettled || r.Notice != n.ID || r.Case != c || r.TiedBy != "thread" {
		t.Fatalf("%+v", r)
	}
	if got := w.notice(n.ID); got.State != takedown.NoticeDraft || got.Recipient != "abuse@network.example" || got.Version != 2 || got.Sent != nil {
		t.Fatalf("the notice: %+v", got.NoticeRow)
	}
	if f := w.caseOf(c); f.State != takedown.CaseOpen || !strings.Contains(f.Contacts[0].Skipped, "came back") {
		t.Fatalf("the case: %s, contacts %+v", f.State, f.Contacts)
	}
	if a := w.attempts(); len(a) != 1 || a[0].State != takedown.AttemptFailed || !strings.Contains(a[0].Reason, "5.1.1") {
		t.Fatalf("the attempt: %+v", a)
	}
	// The same bounce again, and another one for the same mail, change nothing.
	w.receive(bounceOf(w.sentID(0), "abuse@host.example", "5.1.1"))
	w.receive(bounceOf(w.sentID(0), "abuse@host.example", "5.1.10"))
	w.approve(w.notice(n.ID))
	if w.deliver() != 1 || w.notice(n.ID).State != takedown.NoticeSent || w.caseOf(c).State != takedown.CaseNoticed {
		t.Fatal("the notice did not go to the network")
	}
	if to := w.mail.Wait(2, time.Minute)[1].To[0]; to != "abuse@network.example" {
		t.Errorf("sent to %s", to)
	}
	list := must(w.d.Suppressed(t.Context()))(t)
	if len(list) != 1 || list[0].Address != "abuse@host.example" || list[0].State != "bounced" {
		t.Fatalf("%+v", list)
	}
	if found := w.holds("abuse@host.example", "mailer-daemon", "undelivered"); len(found) > 0 {
		t.Errorf("unsealed: %v", found)
	}
}

func TestAnAddressThatTakesNoMailIsNotWrittenToAgain(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, _ := w.told(where)
	w.receive(bounceOf(w.sentID(0), "abuse@host.example", "5.1.1"))
	if got := w.notice(n.ID); got.State != takedown.NoticeFailed { // nobody else is known
		t.Fatalf("%+v", got.NoticeRow)
	}
	w.want(w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: w.notice(n.ID).Digest}), takedown.ErrState)
	w.want(w.d.Resolve(t.Context(), operator, w.attempts()[0].ID, "retry"), takedown.ErrState)
	// Another case at the same host: no draft is addressed to it.
	c2 := w.open("https://files.host.example/other.zip")
	must(w.d.Draft(t.Context()))(t)
	rows := must(w.d.Notices(t.Context(), takedown.NoticeFilter{Case: c2.ID}))(t)
	if len(rows) != 1 || rows[0].Recipient != "" {
		t.Fatalf("%+v", rows)
	}
	w.want(w.d.Unsuppress(t.Context(), auditor, must(w.d.Suppressed(t.Context()))(t)[0].ID, ""), takedown.ErrForbidden)
	if err := w.d.Unsuppress(t.Context(), operator, must(w.d.Suppressed(t.Context()))(t)[0].ID, ""); err != nil {
		t.Fatal(err)
	}
	if err := w.d.Resolve(t.Context(), operator, w.attempts()[0].ID, "retry"); err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 1 || w.notice(n.ID).State != takedown.NoticeSent {
		t.Fatal("it did not go out again")
	}
}

func TestAFullMailboxIsNoReasonToGiveItUp(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.rungs.found = two()
	n, c := w.told(where)
	w.receive(bounceOf(w.sentID(0), "abuse@host.example", "5.2.2"))
	if got := w.notice(n.ID); got.State != takedown.NoticeFailed || got.Recipient != "abuse@host.example" || w.caseOf(c).State != takedown.CaseOpen {
		t.Fatalf("%+v", got.NoticeRow)
	}
	if len(must(w.d.Suppressed(t.Context()))(t)) != 0 {
		t.Error("the address was given up")
	}
}

func TestABounceThatAnybodyCouldWriteMovesNothing(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, c := w.told(where)
	forged := letter("MAILER-DAEMON@evil.example", "Return-Path: <>\nSubject: Undeliverable: ["+n.Ticket+"]", "no such user: abuse@host.example")
	r := w.receive(forged)
	if r.State != takedown.ReplyWaiting || r.TiedBy != "ticket" || w.notice(n.ID).State != takedown.NoticeSent || w.caseOf(c).State != takedown.CaseNoticed {
		t.Fatalf("%+v", r)
	}
	// Nor does one about another address than the notice's.
	other := w.receive(bounceOf(w.sentID(0), "somebody@else.example", "5.1.1"))
	if other.State != takedown.ReplyWaiting || w.notice(n.ID).State != takedown.NoticeSent {
		t.Fatalf("%+v", other)
	}
	if err := w.d.ConfirmReply(t.Context(), operator, r.ID, "bounced"); err != nil {
		t.Fatal(err)
	}
	if w.notice(n.ID).State != takedown.NoticeFailed {
		t.Error("a person's word did not move it")
	}
}

func TestAReceiptIsNoDecisionAndRemovedIsNotBelieved(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, c := w.told(where)
	auto := w.receive(letter("no-reply@host.example", "Auto-Submitted: auto-replied\nIn-Reply-To: "+w.sentID(0)+"\nSubject: [#4711] We received your report", "We have received your report."))
	if auto.State != takedown.ReplySettled || auto.Kind != "automatic" || w.notice(n.ID).Answer != takedown.AnswerReceipt || w.caseOf(c).State != takedown.CaseNoticed {
		t.Fatalf("%+v, answer %q", auto, w.notice(n.ID).Answer)
	}
	// A later mail that names nothing but their own ticket.
	lie := w.receive(letter("agent@support.host.example", "Subject: Update on [#4711]", "The content has been removed."))
	if lie.State != takedown.ReplyWaiting || lie.TiedBy != "theirs" || lie.Notice != n.ID || lie.Says[0] != "removed" {
		t.Fatalf("%+v", lie)
	}
	if f := w.caseOf(c); f.State != takedown.CaseNoticed || f.NextCheck.After(w.clock.now()) {
		t.Fatalf("%s, next look %s", f.State, f.NextCheck)
	}
	if w.notice(n.ID).Answer != takedown.AnswerReceipt {
		t.Error("a suggestion counts as an answer")
	}
	done := must(w.d.Recheck(t.Context()))(t)
	if len(done) != 1 || done[0].State != takedown.CaseNoticed || done[0].Outcome != takedown.LookLive {
		t.Fatalf("%+v", done)
	}
	if err := w.d.ConfirmReply(t.Context(), operator, lie.ID, "removed"); err != nil {
		t.Fatal(err)
	}
	if w.notice(n.ID).Answer != takedown.AnswerRemoved || w.caseOf(c).State != takedown.CaseNoticed {
		t.Error("the answer was not kept, or was believed")
	}
	w.want(w.d.ConfirmReply(t.Context(), operator, lie.ID, "refused"), takedown.ErrState)
}

func TestTheOrderInWhichAMailIsTied(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.PlusAddress = true })
	w.post()
	first, _ := w.told(where)
	w.rungs.found[0].Email = "abuse@second.example"
	second, _ := w.told("https://second.example/leak.zip")
	to := w.sentHead(1).Get("Reply-To")
	if !strings.HasPrefix(to, "takedown+"+strings.ToLower(second.Ticket)+".") || !strings.HasSuffix(to, "@fictitious.example") {
		t.Fatalf("Reply-To %q", to)
	}
	for _, c := range []struct {
		name, head string
		want, by   string
	}{
		{"thread before address", "References: <x@y> " + w.sentID(0) + "\nX-Original-To: " + to, first.ID, "thread"},
		{"address before ticket", "Delivered-To: " + strings.ToUpper(to) + "\nSubject: " + first.Ticket, second.ID, "address"},
		{"a forged address does not count", "Delivered-To: " + strings.Replace(to, ".", ".aaaa", 1) + "\nSubject: [" + first.Ticket + "]", first.ID, "ticket"},
		{"ticket", "Subject: Re: [" + second.Ticket + "] x", second.ID, "ticket"},
		{"nothing", "Subject: hello", "", ""},
	} {
		r := w.receive(letter("somebody@elsewhere.example", c.head, "Hello "+c.name))
		if r.Notice != c.want || r.TiedBy != c.by {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
	// The signed address stands in the notice, for whomever it is shown: a bounce has to name the mail itself.
	r := w.receive(letter("MAILER-DAEMON@mx.second.example", "Return-Path: <>\nDelivered-To: "+to+"\nX-Failed-Recipients: abuse@second.example\nSubject: failure notice", "550 5.1.1 user unknown"))
	if r.State != takedown.ReplyWaiting || r.TiedBy != "address" || w.notice(second.ID).State != takedown.NoticeSent || len(must(w.d.Suppressed(t.Context()))(t)) > 0 {
		t.Fatalf("%+v", r)
	}
}

func TestAPersonAttachesWhatBelongsNowhere(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, c := w.told(where)
	r := w.receive(letter("agent@host.example", "Subject: your mail", "We will not remove this."))
	if r.State != takedown.ReplyUnmatched || r.Case != "" {
		t.Fatalf("%+v", r)
	}
	w.want(w.d.ConfirmReply(t.Context(), anna, r.ID, "refused"), takedown.ErrState)
	w.want(w.d.AttachReply(t.Context(), auditor, r.ID, c), takedown.ErrForbidden)
	w.want(w.d.AttachReply(t.Context(), anna, r.ID, "case_none"), takedown.ErrNotFound)
	if err := w.d.AttachReply(t.Context(), operator, r.ID, c); err != nil {
		t.Fatal(err)
	}
	rows := must(w.d.Replies(t.Context(), takedown.ReplyFilter{Case: c}))(t)
	if len(rows) != 1 || rows[0].State != takedown.ReplyWaiting || rows[0].Notice != n.ID || rows[0].TiedBy != "person" {
		t.Fatalf("%+v", rows)
	}
	if err := w.d.ConfirmReply(t.Context(), anna, r.ID, "refused"); err != nil {
		t.Fatal(err)
	}
	if w.notice(n.ID).Answer != takedown.AnswerRefused {
		t.Error("the refusal was not noted")
	}
	stray := w.receive(letter("shop@spam.example", "Subject: buy", "now"))
	if err := w.d.ConfirmReply(t.Context(), operator, stray.ID, "nothing"); err != nil {
		t.Fatal(err)
	}
}

func TestADisputeByMailStopsTheCaseAndStopSilencesTheAddress(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, c := w.told(where)
	r := w.receive(letter("legal@host.example", "In-Reply-To: "+w.sentID(0), "Your notice is wrong: this is a public register."))
	if r.Says[0] != "dispute" || w.caseOf(c).Disputed {
		t.Fatalf("%+v", r)
	}
	w.want(w.d.ConfirmReply(t.Context(), operator, r.ID, "dispute"), takedown.ErrForbidden)
	if err := w.d.ConfirmReply(t.Context(), anna, r.ID, "dispute"); err != nil {
		t.Fatal(err)
	}
	if f := w.caseOf(c); !f.Disputed || !strings.Contains(f.Disputes[0].What, "public register") {
		t.Fatalf("%+v", f.Disputes)
	}
	s := w.receive(letter("legal@host.example", "In-Reply-To: "+w.sentID(0), "Do not contact us again."))
	if err := w.d.ConfirmReply(t.Context(), operator, s.ID, "stop"); err != nil {
		t.Fatal(err)
	}
	if list := must(w.d.Suppressed(t.Context()))(t); len(list) != 1 || list[0].Address != n.Recipient || list[0].State != "asked" {
		t.Fatalf("%+v", list)
	}
}

func TestWhatAMailSaysIsForCounselAloneAndMasked(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.guard.learn("Wilhelmina Verzonnen")
	w.told(where)
	r := w.receive(letter("agent@host.example", "In-Reply-To: "+w.sentID(0)+"\nSubject: about Wilhelmina Verzonnen", "Do you mean Wilhelmina Verzonnen?"))
	f := must(w.d.Reply(t.Context(), anna, r.ID))(t)
	if strings.Contains(f.Text+f.Subject, "Verzonnen") || !strings.Contains(f.Text, "[redacted]") || f.From != "agent@host.example" {
		t.Errorf("counsel reads %q %q", f.Subject, f.Text)
	}
	for _, who := range []takedown.Actor{operator, auditor} {
		if f := must(w.d.Reply(t.Context(), who, r.ID))(t); !f.Withheld || f.Text+f.Subject+f.From != "" {
			t.Errorf("%s reads %+v", who.Role, f)
		}
	}
	w.want(func() error { _, err := w.d.ReplyRaw(t.Context(), operator, r.ID); return err }(), takedown.ErrForbidden)
	if raw := must(w.d.ReplyRaw(t.Context(), anna, r.ID))(t); !strings.Contains(string(raw), "Wilhelmina") {
		t.Error("the mail as it came is lost")
	}
	if found := w.holds("verzonnen", "agent@host.example"); len(found) > 0 {
		t.Errorf("unsealed: %v", found)
	}
}

func TestMailsAreForgottenInTime(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.KeepReplies = 365 * 24 * time.Hour })
	w.post()
	_, c := w.told(where)
	mine := w.receive(letter("agent@host.example", "In-Reply-To: "+w.sentID(0), "Hello."))
	stray := w.receive(letter("shop@spam.example", "Subject: buy", "now"))
	forget := func(after time.Duration) int {
		w.clock.pass(after)
		return must(w.d.ForgetReplies(t.Context()))(t)
	}
	if n := forget(91 * 24 * time.Hour); n != 1 {
		t.Fatalf("%d forgotten, want the stray one", n)
	}
	if f := must(w.d.Reply(t.Context(), anna, stray.ID))(t); !f.Forgotten || f.State != takedown.ReplySettled {
		t.Errorf("%+v", f)
	}
	if n := forget(400 * 24 * time.Hour); n != 0 {
		t.Fatalf("%d forgotten of a case that is open", n)
	}
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(c, time.Hour)
	}
	if n := forget(0); n != 1 || !must(w.d.Reply(t.Context(), anna, mine.ID))(t).Forgotten {
		t.Fatalf("%d forgotten", n)
	}
}

func TestTheSameMailIsTakenOnceWithItsMark(t *testing.T) {
	w := newWorld(t)
	raw := letter("a@host.example", "Subject: x", "y")
	one := must(w.d.Receive(t.Context(), takedown.Incoming{Raw: raw, Mailbox: "m", Validity: 1, UID: 7}))(t)
	two := must(w.d.Receive(t.Context(), takedown.Incoming{Raw: raw, Mailbox: "m", Validity: 2, UID: 3}))(t)
	v, uid, err := w.d.MailboxMark(t.Context(), "m")
	if one != two || v != 2 || uid != 3 || err != nil {
		t.Fatalf("%s %s %d %d %v", one, two, v, uid, err)
	}
	if _, uid, _ := w.d.MailboxMark(t.Context(), "other"); uid != 0 {
		t.Error("marks of two mailboxes are mixed")
	}
}

// TestTheWholeCorrespondence is one case over a real mail server and a real mailbox: bounce, other address, automatic answer, a lie, real
// removal, re-appearance, reminder, escalation, withdrawal.
func TestTheWholeCorrespondence(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) {
		o.Reminder, o.Escalation, o.PlusAddress = 24*time.Hour, 24*time.Hour, true
	})
	w.post()
	host, upstream := abuseDesk(), abuseDesk()
	host.Email = "second@host.example"
	upstream.Email, upstream.Kind = "abuse@upstream.example", "upstream"
	w.rungs.found = []contact.Found{abuseDesk(), host, upstream}
	box := mailboxtest.NewServer(t, nil)
	reader, err := mailbox.New(mailbox.Config{URL: box.URL, Password: mailboxtest.Password})
	if err != nil {
		t.Fatal(err)
	}
	fetch := func() (n int) {
		t.Helper()
		v, uid, err := w.d.MailboxMark(t.Context(), "inbox")
		if err != nil {
			t.Fatal(err)
		}
		n, err = reader.Read(t.Context(), mailbox.Mark{Validity: v, UID: uid}, func(ctx context.Context, m mailbox.Mail) error {
			_, err := w.d.Receive(ctx, takedown.Incoming{Raw: m.Raw, Received: w.clock.now(), Mailbox: "inbox", Validity: m.Mark.Validity, UID: m.Mark.UID})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	state := func(id string, want takedown.CaseState) {
		t.Helper()
		if got := w.caseOf(id).State; got != want {
			t.Fatalf("the case is %s, want %s", got, want)
		}
	}
	send := func(id string) {
		t.Helper()
		w.approve(w.notice(id))
		if w.deliver() != 1 || w.notice(id).State != takedown.NoticeSent {
			t.Fatalf("%s is %s", id, w.notice(id).State)
		}
	}
	draft := func(kind takedown.NoticeKind) *takedown.NoticeFile {
		t.Helper()
		must(w.d.Draft(t.Context()))(t)
		rows := must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeDraft, Kind: kind}))(t)
		if len(rows) != 1 {
			t.Fatalf("%d drafts of a %s", len(rows), kind)
		}
		return w.notice(rows[0].ID)
	}

	n := w.draft(where)
	send(n.ID)
	state(n.Case, takedown.CaseNoticed)
	box.Deliver(bounceOf(w.sentID(0), "abuse@host.example", "5.1.1"))
	if fetch() != 1 || fetch() != 0 {
		t.Fatal("the bounce was not read once")
	}
	state(n.Case, takedown.CaseOpen)
	if got := w.notice(n.ID); got.Recipient != "second@host.example" || got.State != takedown.NoticeDraft {
		t.Fatalf("%+v", got.NoticeRow)
	}
	send(n.ID)
	state(n.Case, takedown.CaseNoticed)

	box.Deliver(letter("second@host.example", "Auto-Submitted: auto-replied\nDelivered-To: "+w.sentHead(1).Get("Reply-To")+"\nSubject: Ticket ID: 55-1", "We received your report."))
	box.Deliver(letter("second@host.example", "In-Reply-To: "+w.sentID(1), "The content has been removed."))
	if fetch() != 2 || w.notice(n.ID).Answer != takedown.AnswerReceipt {
		t.Fatalf("answer %q", w.notice(n.ID).Answer)
	}
	must(w.d.Recheck(t.Context()))(t)
	state(n.Case, takedown.CaseNoticed) // a lie

	w.clock.pass(48 * time.Hour) // Wednesday
	reminder := draft(takedown.KindReminder)
	if reminder.Recipient != "second@host.example" {
		t.Fatalf("%+v", reminder.NoticeRow)
	}
	send(reminder.ID)
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(n.Case, time.Hour)
	}
	state(n.Case, takedown.CaseGone)

	w.eyes.sees(takedown.LookLive)
	w.look(n.Case, 24*time.Hour)
	state(n.Case, takedown.CaseOpen)
	again := draft(takedown.KindNotice)
	if again.Recipient != "second@host.example" || again.Ticket != n.Ticket {
		t.Fatalf("%+v", again.NoticeRow)
	}
	send(again.ID)
	w.clock.pass(4 * 24 * time.Hour)
	send(draft(takedown.KindReminder).ID)
	w.clock.pass(4 * 24 * time.Hour)
	escalation := draft(takedown.KindEscalation)
	if escalation.Recipient != "abuse@upstream.example" {
		t.Fatalf("%+v", escalation.NoticeRow)
	}
	send(escalation.ID)

	box.Deliver(letter("legal@upstream.example", "In-Reply-To: "+w.sentID(5)+"\nSubject: Re: x", "Your notice is wrong."))
	fetch()
	waiting := must(w.d.Replies(t.Context(), takedown.ReplyFilter{State: takedown.ReplyWaiting, Notice: escalation.ID}))(t)
	if len(waiting) != 1 || waiting[0].Says[0] != "dispute" {
		t.Fatalf("%+v", waiting)
	}
	if err := w.d.ConfirmReply(t.Context(), anna, waiting[0].ID, "dispute"); err != nil {
		t.Fatal(err)
	}
	if got := []string{w.sentHead(0).Get("To"), w.sentHead(1).Get("To"), w.sentHead(5).Get("To")}; !slices.Equal(got, []string{"abuse@host.example", "second@host.example", "abuse@upstream.example"}) {
		t.Errorf("went to %v", got)
	}
	// Counsel finds that they are right: everybody who got one hears of it, in one act.
	f := must(w.d.PrepareRetraction(t.Context(), anna, escalation.ID, takedown.Withdrawal{Wrong: "not_leak"}))(t)
	if err := w.d.Retract(t.Context(), anna, escalation.ID, takedown.Withdrawal{Digest: f.Digest, Reason: "They are right."}); err != nil {
		t.Fatal(err)
	}
	state(n.Case, takedown.CaseDismissed)
	if sent := w.deliver(); sent != 2 { // the first address never got anything
		t.Fatalf("%d withdrawals went out", sent)
	}
}
