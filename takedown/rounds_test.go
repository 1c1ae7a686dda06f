package takedown_test

import (
	"strings"
	"testing"
	"time"

	"unmirror/fingerprints/match"
	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/takedown"
)

func TestANoticeOfAnEarlierRoundTellsNobodyThatItIsBack(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	mail.Fail(post.StepBody, posttest.Failure{Drop: true, Keep: true, Times: 1})
	w.deliver()
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(n.Case, time.Hour)
	}
	w.eyes.sees(takedown.LookLive)
	if done := w.look(n.Case, time.Hour); done.State != takedown.CaseOpen {
		t.Fatalf("%+v", done)
	}
	if err := w.d.Resolve(t.Context(), operator, w.attempts()[0].ID, "sent"); err != nil {
		t.Fatal(err)
	}
	if got := w.caseOf(n.Case).State; got != takedown.CaseOpen {
		t.Fatalf("the reopened case is %s", got)
	}
	if must(w.d.Draft(t.Context()))(t) != 1 {
		t.Fatal("nobody is told that it is back")
	}
}

func TestALateNoticeOfAnEarlierRoundDoesNotCountEither(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	mail.Fail(post.StepBody, posttest.Failure{Drop: true, Times: 1})
	w.deliver()
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(n.Case, time.Hour)
	}
	w.eyes.sees(takedown.LookLive)
	w.look(n.Case, time.Hour)
	if err := w.d.Resolve(t.Context(), operator, w.attempts()[0].ID, "retry"); err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 1 || w.notice(n.ID).State != takedown.NoticeSent {
		t.Fatal("the story did not run")
	}
	if got := w.caseOf(n.Case).State; got != takedown.CaseOpen {
		t.Fatalf("the reopened case is %s", got)
	}
}

func TestACaseTakenUpAgainAfterItsNoticeWentOutIsNoticed(t *testing.T) {
	for _, by := range []string{"counsel", "more of the leak"} {
		t.Run(by, func(t *testing.T) {
			w := newWorld(t)
			mail := w.post()
			n := w.approved(item)
			mail.Fail(post.StepBody, posttest.Failure{Drop: true, Keep: true, Times: 1})
			w.deliver()
			dismiss := takedown.Triage{Exception: "other", Reason: "Ours."}
			if err := w.d.AnswerTriage(t.Context(), anna, n.Case, dismiss); err != nil {
				t.Fatal(err)
			}
			if err := w.d.Resolve(t.Context(), anna, w.attempts()[0].ID, "sent"); err != nil {
				t.Fatal(err)
			}
			if by != "counsel" {
				s := w.sighting(item)
				s.Report = report(300, "health")
				s.Report.Digest, s.Report.Matches[0].Grade = "other", match.Identical
				must(w.d.Observe(t.Context(), s))(t)
				if got := w.caseOf(n.Case).State; got != takedown.CaseTriage {
					t.Fatalf("the case is %s", got)
				}
			}
			if err := w.d.AnswerTriage(t.Context(), anna, n.Case, takedown.Triage{Wrong: true}); err != nil {
				t.Fatal(err)
			}
			if got := w.caseOf(n.Case).State; got != takedown.CaseNoticed {
				t.Fatalf("the case is %s although its notice went out", got)
			}
			w.want(w.d.AnswerTriage(t.Context(), anna, n.Case, takedown.Triage{Wrong: true}), takedown.ErrState)
		})
	}
}

func TestAFailedNoticeWaitsForAPerson(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	mail.Fail(post.StepRcpt, posttest.Failure{Code: 550, Times: 1})
	w.deliver()
	queue := must(w.d.Queue(t.Context()))(t)
	if len(queue) != 1 || queue[0].Kind != "failed" || queue[0].ID != n.ID || queue[0].Case != n.Case {
		t.Fatalf("the queue holds %+v", queue)
	}
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(n.Case, time.Hour)
	}
	if queue = must(w.d.Queue(t.Context()))(t); len(queue) != 0 {
		t.Fatalf("nothing is left to do, but the queue holds %+v", queue)
	}
}

func TestTheMailServersWordsAreMasked(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	w.guard.learn("quackenbush")
	mail.Fail(post.StepRcpt, posttest.Failure{Code: 550, Text: "no zerelda Quackenbush here"})
	w.deliver()
	for where, rows := range map[string][]takedown.AttemptRow{"outbox": w.attempts(), "notice": w.notice(n.ID).Attempts} {
		if len(rows) != 1 || strings.Contains(rows[0].Reason, "Quackenbush") || !strings.Contains(rows[0].Reason, "550") {
			t.Errorf("the %s shows %+v", where, rows)
		}
	}
}

func TestAnAcceptanceIsKeptOnlyWhereThereIsSomethingToAccept(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.draft("https://files.host.example/pub/zerelda-quackenbush.docx")
	if err := w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest, AcceptLocation: "Just in case."}); err != nil {
		t.Fatal(err)
	}
	if got := w.notice(n.ID).Accepted; got != "" {
		t.Fatalf("%q was kept", got)
	}
	w.guard.learn("zerelda-quackenbush") // found later: nobody accepted this
	w.deliver()
	if got := w.notice(n.ID).State; got != takedown.NoticeDraft || len(mail.Mails()) != 0 {
		t.Fatalf("the notice is %s, %d mails", got, len(mail.Mails()))
	}
}
