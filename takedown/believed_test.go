package takedown_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/takedown"
	"unmirror/takedown/contact"
)

// TestABounceCountsWhereItNamesOurMail gives the ways in which mail servers of all ages name the mail that they could not deliver.
func TestABounceCountsWhereItNamesOurMail(t *testing.T) {
	const daemon = "Subject: failure notice\n"
	const unknown = "550 5.1.1 <abuse@host.example>: user unknown\n\n"
	for _, c := range []struct {
		name, head, body string
		counts           bool
	}{
		{"refers to it", "References: §\nX-Failed-Recipients: abuse@host.example", unknown, true},
		{"quotes its head", "X-Failed-Recipients: abuse@host.example", unknown + "--- Below this line is a copy of the message.\n\nReturn-Path: <takedown@fictitious.example>\nMessage-ID: §\n", true},
		{"returns its head", "Content-Type: multipart/report; report-type=delivery-status; boundary=b", "--b\n\nNo.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n" +
			"Final-Recipient: rfc822; abuse@host.example\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: §\n\n--b--", true},
		{"refers to it with a return path", "Return-Path: <uploader@elsewhere.example>\nReferences: §\nX-Failed-Recipients: abuse@host.example", unknown, false},
		{"refers to it without one", "Return-Path: <>\nReferences: §\nX-Failed-Recipients: abuse@host.example", unknown, true},
		{"the ticket alone", "Subject: Undeliverable TICKET", unknown, false},
		{"the ticket and the address alone", "Subject: Undeliverable TICKET\nX-Failed-Recipients: abuse@host.example\nDelivered-To: ANSWERS", unknown, false},
		{"another mail", "References: <x@mail.example>\nX-Failed-Recipients: abuse@host.example\nSubject: TICKET", unknown, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, func(o *takedown.Options) { o.PlusAddress = true })
			w.post()
			n, _ := w.told(where)
			fill := strings.NewReplacer("§", w.sentID(0), "TICKET", n.Ticket, "ANSWERS", w.sentHead(0).Get("Reply-To"))
			r := w.receive(letter("MAILER-DAEMON@mx.example", daemon+fill.Replace(c.head), fill.Replace(c.body)))
			got := w.notice(n.ID).State
			if c.counts != (got == takedown.NoticeFailed) || c.counts != (r.State == takedown.ReplySettled) || c.counts != (len(must(w.d.Suppressed(t.Context()))(t)) == 1) {
				t.Errorf("the reply is %s by %s, the notice %s", r.State, r.TiedBy, got)
			}
		})
	}
}

// TestAPersonSaysBouncedOfTheNoticesOwnAddress has a bounce speak of several addresses, and of one that the notice was passed on to.
func TestAPersonSaysBouncedOfTheNoticesOwnAddress(t *testing.T) {
	for _, c := range []struct {
		name       string
		failed     string
		suppressed int
	}{
		{"its own is the second", "boss@elsewhere.example 5.2.2, abuse@host.example 5.1.1", 1},
		{"its own mailbox is full", "boss@elsewhere.example 5.1.1, abuse@host.example 5.2.2", 0},
		{"only whom it was passed on to", "boss@elsewhere.example 5.1.1", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.post()
			n, _ := w.told(where)
			var status string
			for _, f := range strings.Split(c.failed, ", ") {
				address, code, _ := strings.Cut(f, " ")
				status += "Final-Recipient: rfc822; " + address + "\nAction: failed\nStatus: " + code + "\n\n"
			}
			r := w.receive(letter("MAILER-DAEMON@mx.example", "Return-Path: <>\nSubject: Undeliverable "+n.Ticket+"\nContent-Type: multipart/report; report-type=delivery-status; boundary=b",
				"--b\n\nNo.\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\n"+status+"--b--"))
			if r.State != takedown.ReplyWaiting {
				t.Fatalf("%+v", r)
			}
			if err := w.d.ConfirmReply(t.Context(), operator, r.ID, "bounced"); err != nil {
				t.Fatal(err)
			}
			if got := w.notice(n.ID).State; got != takedown.NoticeFailed {
				t.Errorf("the notice is %s", got)
			}
			list := must(w.d.Suppressed(t.Context()))(t)
			if len(list) != c.suppressed || c.suppressed > 0 && list[0].Address != "abuse@host.example" {
				t.Errorf("%+v", list)
			}
		})
	}
}

// TestALateWordOnABounceIsAboutTheVersionThatCameBack has the notice gone to the next contact before a person reads the bounce.
func TestALateWordOnABounceIsAboutTheVersionThatCameBack(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.rungs.found = two()
	n, _ := w.told(where)
	first := w.sentID(0)
	w.receive(bounceOf(first, "abuse@host.example", "5.1.1"))
	w.approve(w.notice(n.ID))
	if w.deliver() != 1 || w.notice(n.ID).Recipient != "abuse@network.example" {
		t.Fatal("it did not go to the network")
	}
	w.clock.pass(11 * 24 * time.Hour)
	r := w.receive(bounceOf(first, "abuse@host.example", "5.1.10"))
	stop := w.receive(letter("abuse@host.example", "In-Reply-To: "+first, "Do not contact us again."))
	if r.State != takedown.ReplyWaiting || stop.State != takedown.ReplyWaiting {
		t.Fatalf("%s, %s", r.State, stop.State)
	}
	for id, meaning := range map[string]string{r.ID: "bounced", stop.ID: "stop"} {
		if err := w.d.ConfirmReply(t.Context(), operator, id, meaning); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.notice(n.ID).State; got != takedown.NoticeSent {
		t.Errorf("what went to the network is %s", got)
	}
	if list := must(w.d.Suppressed(t.Context()))(t); len(list) != 1 || list[0].Address != "abuse@host.example" {
		t.Errorf("%+v", list)
	}
}

func TestADisputeByMailStopsEveryCaseOfTheNotice(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.rungs.found[0].Profile.OneURL = false
	for _, url := range []string{where, where + "?2", where + "?3"} {
		must(w.d.Observe(t.Context(), w.sighting(url)))(t)
	}
	must(w.d.Draft(t.Context()))(t)
	n := w.notice(must(w.d.Notices(t.Context(), takedown.NoticeFilter{}))(t)[0].ID)
	if len(n.Cases) != 3 {
		t.Fatalf("about %v", n.Cases)
	}
	w.approve(n)
	w.deliver()
	if _, err := w.d.OpenDispute(t.Context(), anna, n.Cases[1], takedown.Dispute{Party: "uploader", What: "Mine."}); err != nil {
		t.Fatal(err)
	}
	r := w.receive(letter("legal@host.example", "In-Reply-To: "+w.sentID(0), "Your notice is wrong."))
	w.want(w.d.ConfirmReply(t.Context(), operator, r.ID, "dispute"), takedown.ErrForbidden)
	if err := w.d.ConfirmReply(t.Context(), anna, r.ID, "dispute"); err != nil {
		t.Fatal(err)
	}
	for i, id := range n.Cases {
		f := w.caseOf(id)
		if !f.Disputed || len(f.Disputes) != 1 || (f.Disputes[0].What == "Mine.") != (i == 1) {
			t.Errorf("case %d: %v, %+v", i, f.Disputed, f.Disputes)
		}
	}
	// Another mail that disputes it adds nothing, and can be settled all the same.
	again := w.receive(letter("legal@host.example", "In-Reply-To: "+w.sentID(0), "Your notice is still wrong."))
	if err := w.d.ConfirmReply(t.Context(), anna, again.ID, "dispute"); err != nil {
		t.Fatal(err)
	}
	if f := w.caseOf(n.Cases[0]); len(f.Disputes) != 1 {
		t.Errorf("%+v", f.Disputes)
	}
}

func TestNothingIsHandedInUnderAHoldOrADispute(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.rungs.found = []contact.Found{forge()}
	n := w.approved(where)
	before := w.clock.now()
	w.clock.pass(48 * time.Hour)
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	ok(w.d.SetHold(t.Context(), anna, true, "Stop."))
	w.want(w.d.SentByHand(t.Context(), operator, n.ID, time.Time{}, ""), takedown.ErrState)
	ok(w.d.SetHold(t.Context(), bert, false, "Go on."))
	must(w.d.OpenDispute(t.Context(), anna, n.Case, takedown.Dispute{Party: "uploader", What: "Mine."}))(t)
	w.want(w.d.SentByHand(t.Context(), operator, n.ID, time.Time{}, ""), takedown.ErrState)
	if got := w.notice(n.ID).State; got != takedown.NoticeApproved {
		t.Fatalf("it is %s", got)
	}
	// What was handed in before happened all the same.
	ok(w.d.SetHold(t.Context(), anna, true, "Stop."))
	ok(w.d.SentByHand(t.Context(), operator, n.ID, before, ""))
	if got := w.notice(n.ID); got.State != takedown.NoticeSent || !got.Sent.Equal(before) {
		t.Errorf("%s at %v", got.State, got.Sent)
	}
}

// TestWhatAnybodyCanWriteIsNoReceiptAndBringsNoLooks has a stranger who guesses a ticket number write in the desk's name.
func TestWhatAnybodyCanWriteIsNoReceiptAndBringsNoLooks(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, c := w.told(where)
	w.look(c, time.Minute)
	planned := w.caseOf(c).NextCheck
	receipt := w.receive(letter("abuse@host.example", "Auto-Submitted: auto-replied\nSubject: ["+n.Ticket+"]", "We have received your report."))
	if receipt.State != takedown.ReplyWaiting || w.notice(n.ID).Answer != "" {
		t.Errorf("the receipt is %s, the answer %q", receipt.State, w.notice(n.ID).Answer)
	}
	for i := range 3 {
		w.clock.pass(time.Minute)
		w.receive(letter("abuse@host.example", "Subject: ["+n.Ticket+"]", "The content has been removed."+strings.Repeat("!", i)))
	}
	soon := w.caseOf(c).NextCheck
	if soon.After(planned) || soon.Before(w.clock.now().Add(50*time.Minute)) {
		t.Errorf("the next look was at %s, and is at %s", planned, soon)
	}
	w.receive(letter("abuse@host.example", "In-Reply-To: "+w.sentID(0), "The content has been removed."))
	if at := w.caseOf(c).NextCheck; at.After(w.clock.now()) {
		t.Errorf("who got our mail has to wait for a look until %s", at)
	}
}

// leaveOpen has a process claim what is due, and end before it knows what came of it.
func (w *world) leaveOpen() {
	w.t.Helper()
	o := w.o
	o.Send = func(context.Context, string, []string, []byte) post.Result {
		runtime.Goexit()
		return post.Result{}
	}
	d := must(takedown.New(o))(w.t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = d.Deliver(w.t.Context())
	}()
	<-done
	if got := w.attempts()[0].State; got != takedown.AttemptOpen {
		w.t.Fatalf("the attempt is %s", got)
	}
}

// TestAnAttemptThatNobodyMakesAnyMoreWaitsForAPerson has an `outbox run` die beside a daemon that goes on.
func TestAnAttemptThatNobodyMakesAnyMoreWaitsForAPerson(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(where)
	w.leaveOpen()
	w.clock.pass(20 * time.Minute) // it may yet be under way
	if w.deliver(); w.attempts()[0].State != takedown.AttemptOpen {
		t.Fatalf("it is %s", w.attempts()[0].State)
	}
	w.clock.pass(10 * time.Minute)
	if w.deliver(); w.attempts()[0].State != takedown.AttemptUnknown || w.notice(n.ID).State != takedown.NoticeUnknown || len(mail.Mails()) != 0 {
		t.Fatalf("it is %s, %d mails", w.attempts()[0].State, len(mail.Mails()))
	}
	if err := w.d.Resolve(t.Context(), operator, w.attempts()[0].ID, "retry"); err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 1 || w.notice(n.ID).State != takedown.NoticeSent {
		t.Error("it was lost")
	}
}

// TestAnAddressThatAnswersIsWrittenToAgain has an answer to our mail come after a bounce said that its address takes none.
func TestAnAddressThatAnswersIsWrittenToAgain(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.rungs.found = two()
	n, _ := w.told(where)
	first := w.sentID(0)
	w.receive(bounceOf(first, "abuse@host.example", "5.1.1"))
	list := func() int { return len(must(w.d.Suppressed(t.Context()))(t)) }
	w.receive(letter("abuse@host.example", "Subject: ["+n.Ticket+"]", "We have received your report.")) // anybody could write that
	w.receive(letter("other@host.example", "In-Reply-To: "+first, "We have received your report."))
	if list() != 1 {
		t.Fatal("a stranger's mail took the address off the list")
	}
	w.receive(letter("abuse@host.example", "In-Reply-To: "+first, "We have received your report."))
	if list() != 0 {
		t.Error("it answered, and is not written to")
	}
	stop := w.receive(letter("abuse@host.example", "In-Reply-To: "+first, "Do not contact us again."))
	if err := w.d.ConfirmReply(t.Context(), operator, stop.ID, "stop"); err != nil {
		t.Fatal(err)
	}
	if w.receive(letter("abuse@host.example", "In-Reply-To: "+first, "The content has been removed.")); list() != 1 {
		t.Error("what it asked for itself was forgotten")
	}
}

// TestAServerThatPassedItOnMovesNothing has a report of success, and one of an absence, which are neither a bounce nor a receipt.
func TestAServerThatPassedItOnMovesNothing(t *testing.T) {
	w := newWorld(t)
	w.post()
	n, _ := w.told(where)
	relayed := w.receive([]byte(strings.Replace(string(bounceOf(w.sentID(0), "abuse@host.example", "2.1.9")), "Action: failed", "Action: relayed", 1)))
	away := w.receive(letter("abuse@host.example", "Auto-Submitted: auto-replied\nIn-Reply-To: "+w.sentID(0), "Thank you for your message. I am out of the office."))
	if relayed.State != takedown.ReplySettled || away.State != takedown.ReplySettled {
		t.Errorf("they are %s and %s", relayed.State, away.State)
	}
	if got := w.notice(n.ID); got.State != takedown.NoticeSent || got.Answer != "" {
		t.Errorf("the notice is %s, answer %q", got.State, got.Answer)
	}
}

// TestABounceOfAnEarlierVersionSpeaksOfItsOwnAddress has a mailbox to which the notice was passed on come back after the notice went to the
// next contact.
func TestABounceOfAnEarlierVersionSpeaksOfItsOwnAddress(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.rungs.found = two()
	w.told(where)
	first := w.sentID(0)
	w.receive(bounceOf(first, "abuse@host.example", "5.1.1"))
	list := func() []takedown.SuppressedRow { return must(w.d.Suppressed(t.Context()))(t) }
	if err := w.d.Unsuppress(t.Context(), operator, list()[0].ID, "They mended it."); err != nil {
		t.Fatal(err)
	}
	if r := w.receive(bounceOf(first, "boss@elsewhere.example", "5.1.1")); r.State != takedown.ReplyWaiting || len(list()) != 0 {
		t.Errorf("the bounce is %s, %+v", r.State, list())
	}
	if r := w.receive(bounceOf(first, "abuse@host.example", "5.1.10")); r.State != takedown.ReplySettled || len(list()) != 1 {
		t.Errorf("the bounce of its own address is %s, %+v", r.State, list())
	}
}

// TestAnAnswerFromBeforeTheBounceLiftsNothing has a person attach an old mail after the address was closed.
func TestAnAnswerFromBeforeTheBounceLiftsNothing(t *testing.T) {
	w := newWorld(t)
	w.post()
	w.rungs.found = two()
	w.told(where)
	first, before := w.sentID(0), w.clock.now()
	w.clock.pass(time.Hour)
	w.receive(bounceOf(first, "abuse@host.example", "5.1.1"))
	old := letter("abuse@host.example", "In-Reply-To: "+first, "We have received your report.")
	must(w.d.Receive(t.Context(), takedown.Incoming{Raw: old, Received: before}))(t)
	if n := len(must(w.d.Suppressed(t.Context()))(t)); n != 1 {
		t.Errorf("%d addresses are not written to, want the one that came back since", n)
	}
}
