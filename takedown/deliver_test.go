package takedown_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/store/storetest"
	"unmirror/takedown"
)

func TestHowEachFailureOfTheMailServerEnds(t *testing.T) {
	for _, c := range []struct {
		name    string
		step    post.Step
		fail    posttest.Failure
		attempt takedown.AttemptState
		notice  takedown.NoticeState
		arrived int // after the server was mended and time has passed
	}{
		{"greeting 4xx", post.StepConnect, posttest.Failure{Code: 421}, takedown.AttemptDeferred, takedown.NoticeApproved, 1},
		{"greeting dropped", post.StepConnect, posttest.Failure{Drop: true}, takedown.AttemptDeferred, takedown.NoticeApproved, 1},
		{"sender 4xx", post.StepMail, posttest.Failure{Code: 451}, takedown.AttemptDeferred, takedown.NoticeApproved, 1},
		{"sender 5xx", post.StepMail, posttest.Failure{Code: 550}, takedown.AttemptFailed, takedown.NoticeFailed, 0},
		{"recipient 4xx", post.StepRcpt, posttest.Failure{Code: 450}, takedown.AttemptDeferred, takedown.NoticeApproved, 1},
		{"recipient 5xx", post.StepRcpt, posttest.Failure{Code: 550}, takedown.AttemptFailed, takedown.NoticeFailed, 0},
		{"DATA 4xx", post.StepData, posttest.Failure{Code: 451}, takedown.AttemptDeferred, takedown.NoticeApproved, 1},
		{"body 4xx", post.StepBody, posttest.Failure{Code: 452}, takedown.AttemptDeferred, takedown.NoticeApproved, 1},
		{"body 5xx", post.StepBody, posttest.Failure{Code: 554}, takedown.AttemptFailed, takedown.NoticeFailed, 0},
		{"cut within the body", post.StepBody, posttest.Failure{Drop: true, After: 100}, takedown.AttemptUnknown, takedown.NoticeUnknown, 0},
		{"cut after the body, lost", post.StepBody, posttest.Failure{Drop: true}, takedown.AttemptUnknown, takedown.NoticeUnknown, 0},
		{"cut after the body, kept", post.StepBody, posttest.Failure{Drop: true, Keep: true}, takedown.AttemptUnknown, takedown.NoticeUnknown, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			mail := w.post()
			n := w.approved(item)
			mail.Fail(c.step, c.fail)
			if w.deliver() != 1 {
				t.Fatal("no try was made")
			}
			a := w.attempts()[0]
			if a.State != c.attempt || w.notice(n.ID).State != c.notice || a.Attempt != 1 || a.Reason == "" {
				t.Fatalf("attempt %+v, notice %s", a, w.notice(n.ID).State)
			}
			if w.deliver() != 0 {
				t.Fatal("it was tried again at once")
			}
			mail.Mend()
			w.clock.pass(time.Hour)
			w.deliver()
			w.clock.pass(100 * time.Hour)
			w.deliver()
			if got := len(mail.Mails()); got != c.arrived {
				t.Fatalf("%d mails arrived in the end, want %d", got, c.arrived)
			}
		})
	}
}

func TestANotReachableServerIsTriedWithBackOffThenGivenUp(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	w.approved(item)
	mail.Fail(post.StepConnect, posttest.Failure{Code: 421})
	start, last := w.clock.now(), time.Duration(0)
	var tries int
	for range 12 {
		tries += w.deliver()
		a := w.attempts()[0]
		if a.State == takedown.AttemptFailed {
			break
		}
		wait := a.NextAttempt.Sub(w.clock.now())
		if a.State != takedown.AttemptDeferred || wait < last {
			t.Fatalf("after try %d: %s, next in %s after %s", tries, a.State, wait, last)
		}
		last = wait
		w.clock.pass(wait - time.Millisecond)
		if w.deliver() != 0 {
			t.Fatal("tried before it was due")
		}
		w.clock.pass(time.Millisecond)
	}
	if took := w.clock.now().Sub(start); tries != 10 || took < 72*time.Hour || took > 96*time.Hour {
		t.Fatalf("gave up after %d tries in %s", tries, took)
	}
	a := w.attempts()[0]
	if err := w.d.Resolve(t.Context(), anna, a.ID, "sent"); err == nil {
		t.Fatal("a failed attempt was called sent")
	}
	mail.Mend()
	if err := w.d.Resolve(t.Context(), anna, a.ID, "retry"); err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 1 || len(mail.Mails()) != 1 {
		t.Fatal("a person's retry did not send it")
	}
}

func TestAnUnknownOutcomeWaitsForAPerson(t *testing.T) {
	for _, answer := range []string{"sent", "retry"} {
		t.Run(answer, func(t *testing.T) {
			w := newWorld(t)
			mail := w.post()
			n := w.approved(item)
			mail.Fail(post.StepBody, posttest.Failure{Drop: true, Keep: true, Times: 1})
			w.deliver()
			queue := must(w.d.Queue(t.Context()))(t)
			if len(queue) != 1 || queue[0].Kind != "unknown" || queue[0].ID != w.attempts()[0].ID {
				t.Fatalf("the queue holds %+v", queue)
			}
			body := "x"
			w.want(w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}), takedown.ErrState)
			w.want(w.d.Reject(t.Context(), anna, n.ID, "no"), takedown.ErrState)
			if err := w.d.Resolve(t.Context(), operator, queue[0].ID, answer); err != nil {
				t.Fatal(err)
			}
			w.deliver()
			mails := mail.Mails()
			want := map[string]int{"sent": 1, "retry": 2}[answer]
			if len(mails) != want || w.notice(n.ID).State != takedown.NoticeSent || w.caseOf(n.Case).State != takedown.CaseNoticed {
				t.Fatalf("%d mails, notice %s, case %s", len(mails), w.notice(n.ID).State, w.caseOf(n.Case).State)
			}
			if want == 2 && header(t, mails[0].Bytes, "Message-Id") != header(t, mails[1].Bytes, "Message-Id") {
				t.Fatal("the second sending has another Message-ID")
			}
			w.want(w.d.Resolve(t.Context(), anna, queue[0].ID, "retry"), takedown.ErrState)
		})
	}
}

func TestTwoDeliverersSendEachNoticeOnce(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	const notices = 12
	for i := range notices {
		w.approved(item + "?" + string(rune('a'+i)))
	}
	// Two dockets over two openings of one record: two processes in all but memory.
	other := w.o
	other.Store = storetest.At(t, w.dir, w.ring, w.clock.now)
	second := must(takedown.New(other))(t)
	var wg sync.WaitGroup
	for _, d := range []*takedown.Docket{w.d, second, w.d, second} {
		wg.Go(func() {
			if _, err := d.Deliver(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, m := range mail.Mails() {
		ids[header(t, m.Bytes, "Message-Id")] = true
	}
	if len(mail.Mails()) != notices || len(ids) != notices {
		t.Fatalf("%d mails with %d Message-IDs, want %d", len(mail.Mails()), len(ids), notices)
	}
}

func TestAHoldStopsEverythingOutgoing(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.draft(item)
	if err := w.d.SetHold(t.Context(), operator, true, "Something is wrong."); err != nil {
		t.Fatal(err)
	}
	w.approve(n) // approving is allowed, sending waits
	if w.deliver() != 0 || len(mail.Mails()) != 0 {
		t.Fatal("it was sent under a hold")
	}
	h := must(w.d.Hold(t.Context()))(t)
	if !h.On || h.By != operator.Name || h.Reason != "Something is wrong." || !h.Since.Equal(w.clock.now()) {
		t.Fatalf("%+v", h)
	}
	if err := w.d.SetHold(t.Context(), anna, false, ""); err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 1 || len(mail.Mails()) != 1 {
		t.Fatal("it did not go out after the hold")
	}
}

func TestAHoldCutsARunningDelivery(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	first, second := w.approved(item), w.approved(item+"?2")
	mail.Fail(post.StepRcpt, posttest.Failure{Delay: hang})
	done := make(chan error, 1)
	go func() { _, err := w.d.Deliver(context.WithoutCancel(t.Context())); done <- err }()
	for mail.Connections() == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := w.d.SetHold(t.Context(), anna, true, ""); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	for _, n := range []*takedown.NoticeFile{first, second} {
		if got := w.notice(n.ID).State; got != takedown.NoticeApproved {
			t.Fatalf("a notice is %s, want approved and waiting", got)
		}
	}
	if len(mail.Mails()) != 0 || mail.Connections() != 1 {
		t.Fatalf("%d mails over %d connections", len(mail.Mails()), mail.Connections())
	}
}

func TestAShutdownLetsABegunMessageEnd(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	first, second := w.approved(item), w.approved(item+"?2")
	answer := make(chan struct{})
	mail.Fail(post.StepBody, posttest.Failure{Until: answer})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { _, err := w.d.Deliver(ctx); done <- err }()
	mail.Wait(1, time.Minute) // the server has it all and says so later
	stop()
	close(answer)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if a, b := w.notice(first.ID).State, w.notice(second.ID).State; a != takedown.NoticeSent || b != takedown.NoticeApproved || len(mail.Mails()) != 1 {
		t.Fatalf("notices %s and %s, %d mails, want the begun one sent and the other waiting", a, b, len(mail.Mails()))
	}
}

func TestAServerThatIsDownIsAskedOnceARun(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	for _, q := range []string{"", "?2", "?3"} {
		w.approved(item + q)
	}
	mail.Fail(post.StepConnect, posttest.Failure{Code: 421})
	if n := w.deliver(); n != 1 || mail.Connections() != 1 {
		t.Fatalf("%d tries over %d connections at a server that is down", n, mail.Connections())
	}
	tried := 0
	for _, a := range w.attempts() {
		tried += a.Attempt
	}
	if tried != 1 {
		t.Fatalf("%d tries were counted", tried)
	}
	mail.Mend()
	w.clock.pass(time.Minute)
	if n := w.deliver(); n != 3 || len(mail.Mails()) != 3 {
		t.Fatalf("%d tries, %d mails after it came back", n, len(mail.Mails()))
	}
}

func TestRecoverMakesOpenAttemptsUnknownAndALateAnswerCounts(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	answer := make(chan struct{})
	mail.Fail(post.StepBody, posttest.Failure{Until: answer, Times: 1})
	done := make(chan error, 1)
	go func() { _, err := w.d.Deliver(t.Context()); done <- err }()
	for w.attempts()[0].State != takedown.AttemptOpen {
		time.Sleep(time.Millisecond)
	}
	// A daemon starts while `outbox run` is at it.
	if got := must(w.d.Recover(t.Context()))(t); got != 1 || w.notice(n.ID).State != takedown.NoticeUnknown {
		t.Fatalf("recovered %d, notice %s", got, w.notice(n.ID).State)
	}
	// A person is too quick; the first delivery's answer still keeps it from going out twice.
	if err := w.d.Resolve(t.Context(), anna, w.attempts()[0].ID, "retry"); err != nil {
		t.Fatal(err)
	}
	close(answer)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	w.deliver()
	if len(mail.Mails()) != 1 || w.notice(n.ID).State != takedown.NoticeSent {
		t.Fatalf("%d mails, notice %s", len(mail.Mails()), w.notice(n.ID).State)
	}
}

func TestNoNoticeLeavesWhileTheContentVanishes(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	w.eyes.sees(takedown.LookGone)
	w.look(n.Case, time.Minute)
	if w.deliver() != 0 {
		t.Fatal("a notice said that content is there which the last look did not find")
	}
	w.eyes.sees(takedown.LookLive)
	w.look(n.Case, time.Hour)
	if w.deliver() != 1 || len(mail.Mails()) != 1 {
		t.Fatal("it did not go out when the content was live again")
	}
}

func TestWithoutAMailServerApprovedNoticesWait(t *testing.T) {
	w := newWorld(t)
	n := w.approved(item)
	_, err := w.d.Deliver(t.Context())
	w.want(err, takedown.ErrState)
	if got := w.notice(n.ID).State; got != takedown.NoticeApproved {
		t.Fatalf("the notice is %s", got)
	}
}
