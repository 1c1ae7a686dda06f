package desk

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"unmirror/internal/account"
	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/store"
	"unmirror/takedown"
)

func TestCounselReadsEditsAndApprovesExactlyWhatIsShown(t *testing.T) {
	w := newWorld(t)
	caseID, noticeID := w.draft("https://files.mirror.example/pub/2026/archive/letter.txt")
	b := w.as(account.Counsel)

	b.get("/queue").wants(t, http.StatusOK, "One thing waits for a person.", "/notices/"+noticeID, "mirror.example")
	b.get("/cases/"+caseID).wants(t, http.StatusOK, "holds 42% of a known file", "413 bits, far above", "not known", "f_0123456789ab", "0 of 3 looks",
		"abuse@hosting.example", "operator&#39;s directory", "6 shared runs").lacks(t, victim, knownName)
	old := must(w.docket.Notice(t.Context(), noticeID))(t)
	b.get("/notices/"+noticeID).wants(t, http.StatusOK, "DSA", old.Digest[:8], "Approve and send").lacks(t, victim, knownName, " disabled")

	b.get("/notices/"+noticeID+"?edit=1").wants(t, http.StatusOK, `name="version" value="1"`)
	edited := strings.ReplaceAll(old.Body, "\n", "\r\n") + "\r\nPlease call us."
	b.post("/notices/"+noticeID+"/edit", "version", "1", "subject", old.Subject, "recipient", old.Recipient, "language", old.Language, "body", edited).
		wants(t, http.StatusSeeOther)
	b.get("/notices/"+noticeID).wants(t, http.StatusOK, "Kept as a new version.", "Please call us.", "version 2")

	t.Run("an approval of bytes that have changed is refused", func(t *testing.T) {
		b.post("/notices/"+noticeID+"/approve", "digest", old.Digest).wants(t, http.StatusConflict, "It changed in the meantime")
	})
	t.Run("a second edit of the old version is refused, and what was typed is kept", func(t *testing.T) {
		b.post("/notices/"+noticeID+"/edit", "version", "1", "subject", "my other subject", "recipient", old.Recipient, "language", old.Language, "body", "typed").
			wants(t, http.StatusConflict, "my other subject", "It changed in the meantime")
	})
	now := must(w.docket.Notice(t.Context(), noticeID))(t)
	b.post("/notices/"+noticeID+"/approve", "digest", now.Digest).wants(t, http.StatusSeeOther)
	b.get("/notices/"+noticeID).wants(t, http.StatusOK, "Approved. The outbox sends it", "Approved").lacks(t, "Approve and send")
	b.get("/outbox").wants(t, http.StatusOK, "abuse@hosting.example", "Waiting")
	must(w.docket.Deliver(t.Context()))(t)
	if got := len(w.mail.Mails()); got != 1 {
		t.Fatalf("%d mails went out, want 1", got)
	}
	b.get("/notices/"+noticeID).wants(t, http.StatusOK, "The recipient&#39;s server took it.")
	b.get("/audit").wants(t, http.StatusOK, "notice: Approved", staff(account.Counsel), "chain and signatures are intact")
}

func TestWhatIsMissingDisablesTheApprovalAndIsSaid(t *testing.T) {
	w := newWorld(t)
	_, id := w.draft("https://nobody.example/x/letter.txt")
	b := w.as(account.Counsel)
	b.get("/queue").wants(t, http.StatusOK, "Drafts without a recipient", "one thing is missing")
	b.get("/notices/"+id).wants(t, http.StatusOK, `<button class="btn primary wide" disabled`, "It cannot be approved yet", "Not used: The page names no address.")
	n := must(w.docket.Notice(t.Context(), id))(t)
	b.post("/notices/"+id+"/approve", "digest", n.Digest).wants(t, http.StatusUnprocessableEntity, "Something is missing")
	b.header.Set("Accept-Language", "nl-BE,nl;q=0.9")
	b.get("/notices/"+id).wants(t, http.StatusOK, "Er is geen ontvanger. Bewerk de kennisgeving en vul er een in.")

	t.Run("counsel fills it in", func(t *testing.T) {
		b.post("/notices/"+id+"/edit", "version", "1", "subject", n.Subject, "recipient", "abuse@typed.example", "language", n.Language, "body", n.Body).
			wants(t, http.StatusSeeOther)
		b.get("/notices/"+id).wants(t, http.StatusOK, "abuse@typed.example", "Ingevuld door de jurist.").lacks(t, " disabled")
	})
}

func TestAnAddressThatHoldsANameIsMaskedAndNeedsAReason(t *testing.T) {
	w := newWorld(t)
	caseID, id := w.draft("https://files.mirror.example/" + knownName)
	b := w.as(account.Counsel)
	for _, path := range []string{"/queue", "/cases", "/cases/" + caseID, "/notices", "/notices/" + id, "/notices/" + id + "?edit=1", "/outbox"} {
		b.get(path).wants(t, http.StatusOK).lacks(t, victim)
	}
	page := b.get("/notices/"+id).wants(t, http.StatusOK, "The exact address itself holds something that identifies a person", `name="accept"`)
	n := must(w.docket.Notice(t.Context(), id))(t)
	b.post("/notices/"+id+"/approve", "digest", n.Digest).wants(t, http.StatusUnprocessableEntity, "Accept it with a reason").lacks(t, victim)

	t.Run("an edit of the masked text leaves the exact address in the letter", func(t *testing.T) {
		b.post("/notices/"+id+"/edit", "version", "1", "subject", n.Subject, "recipient", n.Recipient, "language", n.Language, "body", n.Body+"\nThank you.").
			wants(t, http.StatusSeeOther)
		b.get("/notices/"+id).wants(t, http.StatusOK, "Thank you.").lacks(t, victim, " disabled")
		n = must(w.docket.Notice(t.Context(), id))(t)
		b.post("/notices/"+id+"/approve", "digest", n.Digest, "accept", "The host needs this address.").wants(t, http.StatusSeeOther)
		if raw := must(w.docket.NoticeEML(t.Context(), id))(t); !strings.Contains(strings.ReplaceAll(string(raw), "=\r\n", ""), knownName) {
			t.Error("the letter lost the exact address")
		}
	})
	if strings.Contains(strings.ToLower(page.body+w.log.String()), strings.ToLower(victim)) {
		t.Error("a name stands on a page or in a log")
	}
}

func TestCounselRejectsWithAReason(t *testing.T) {
	w := newWorld(t)
	_, id := w.draft("https://files.mirror.example/a/letter.txt")
	b := w.as(account.Counsel)
	b.post("/notices/"+id+"/reject", "reason", " ").wants(t, http.StatusUnprocessableEntity, "<details open>")
	b.post("/notices/"+id+"/reject", "reason", "Not ours to ask.").wants(t, http.StatusSeeOther)
	b.get("/notices/"+id).wants(t, http.StatusOK, "Rejected. It does not go out.", "Not ours to ask.")
}

func TestCounselJudgesAWeakMatch(t *testing.T) {
	w := newWorld(t)
	m := passages()
	m.Bits, m.Subjects = 31, 1
	id := w.observe("https://paste.small.example/raw/abcd", m)
	b := w.as(account.Counsel)
	b.get("/queue").wants(t, http.StatusOK, "Is it a wrong at all?", "/cases/"+id+"#triage")
	b.get("/cases/"+id).wants(t, http.StatusOK, "below the 64 bits that a notice needs", "No, it is journalism", "one person")
	b.post("/cases/"+id+"/triage", "reason", "x").wants(t, http.StatusBadRequest)
	b.post("/cases/"+id+"/triage", "answer", "journalism").wants(t, http.StatusUnprocessableEntity, "Give the reason")
	b.post("/cases/"+id+"/triage", "answer", "journalism", "reason", "A newspaper quotes it.").wants(t, http.StatusSeeOther)
	b.get("/cases/"+id).wants(t, http.StatusOK, "Your answer is kept.", "Dismissed", "A newspaper quotes it.")
	b.post("/cases/"+id+"/triage", "answer", "wrong", "reason", "It was no newspaper.").wants(t, http.StatusSeeOther)
	b.post("/cases/"+id+"/inspect", "inspected", "The page.", "how", "glance").wants(t, http.StatusUnprocessableEntity)
	b.post("/cases/"+id+"/inspect", "inspected", "The whole page.", "how", "page").wants(t, http.StatusSeeOther)
	b.get("/cases/"+id).wants(t, http.StatusOK, "Looked at by a person", "The whole page.", "The page around the content")
}

func TestAnUnknownAttemptWaitsForADecision(t *testing.T) {
	w := newWorld(t)
	_, id := w.draft("https://files.mirror.example/a/letter.txt")
	w.approve(id)
	w.mail.Fail(post.StepBody, posttest.Failure{Drop: true, Keep: true})
	must(w.docket.Deliver(t.Context()))(t)
	b := w.as(account.Counsel)
	b.get("/queue").wants(t, http.StatusOK, "Nobody knows whether it arrived")
	b.get("/outbox").wants(t, http.StatusOK, "It arrived", "Send it again", "same Message-ID")
	a := must(w.docket.Attempts(t.Context()))(t)[0]
	b.post("/outbox/"+a.ID+"/resolve", "as", "perhaps").wants(t, http.StatusUnprocessableEntity)
	b.post("/outbox/"+a.ID+"/resolve", "as", "sent").wants(t, http.StatusSeeOther)
	b.get("/outbox").wants(t, http.StatusOK, "Your decision is kept.").lacks(t, "Send it again")
}

func TestTheBrakeIsSeenOnEveryPageUntilItIsReleased(t *testing.T) {
	w := newWorld(t)
	b := w.as(account.Operator)
	b.post("/hold", "on", "maybe").wants(t, http.StatusBadRequest)
	b.post("/hold", "on", "true", "reason", "Wrong notifier in the texts.").wants(t, http.StatusSeeOther)
	b.get("/queue").wants(t, http.StatusOK, "Everything outgoing has been stopped since")
	b.get("/outbox").wants(t, http.StatusOK, "Wrong notifier in the texts.", "by Olivier")
	w.browser().get("/alerts").wants(t, http.StatusOK).lacks(t, "has been stopped")
	b.get("/outbox").wants(t, http.StatusOK, "Ask for its release", "another person has to release it")
	b.post("/hold", "on", "false", "reason", "Mended.").wants(t, http.StatusSeeOther)
	b.get("/outbox").wants(t, http.StatusOK, "Your request is kept.", "has been stopped", "waits for a second person", "Mended.").lacks(t, "Ask for its release")
	c := w.as(account.Counsel)
	c.get("/outbox").wants(t, http.StatusOK, "Olivier asked to let it go on", "Keep it stopped")
	c.post("/hold", "on", "false", "reason", "Mended indeed.").wants(t, http.StatusSeeOther)
	b.get("/queue").wants(t, http.StatusOK).lacks(t, "has been stopped")
}

func TestACaseShowsHowFarItIsProvenGone(t *testing.T) {
	w := newWorld(t)
	id, n := w.draft("https://files.mirror.example/a/letter.txt")
	w.approve(n)
	must(w.docket.Deliver(t.Context()))(t)
	b := w.as(account.Auditor)
	b.get("/cases/"+id).wants(t, http.StatusOK, "Noticed", "0 of 3 looks")
	w.look(id, takedown.LookGone)
	w.look(id, takedown.LookGone)
	b.get("/cases/"+id).wants(t, http.StatusOK, "Vanishing", "2 of 3 looks")
	w.look(id, takedown.LookGone)
	b.get("/cases/"+id).wants(t, http.StatusOK, "3 of 3 looks", "Gone for us", "from this network only, did not find the content any more")
	b.get("/cases?state=gone").wants(t, http.StatusOK, "mirror.example")
	b.get("/cases?state=open").wants(t, http.StatusOK, "No case here")
}

func TestAnAlertOfUnknownFateWaitsForADecision(t *testing.T) {
	w := newWorld(t)
	w.browser().post("/alerts", "email", "someone@people.example", "leak", "arbo-2026", "language", "nl", "mode", "at_once").wants(t, http.StatusOK)
	w.mail.Fail(post.StepBody, posttest.Failure{Drop: true, Keep: true, Times: 1})
	must(w.alerts.Deliver(t.Context()))(t)
	b := w.as(account.Operator)
	b.get("/outbox").wants(t, http.StatusOK, "Alerts that may not have arrived", "Request to confirm").lacks(t, "someone@")
	id := must(w.alerts.Mails(t.Context()))(t)[0].ID
	b.post("/outbox/alerts/"+id+"/resolve", "as", "perhaps").wants(t, http.StatusBadRequest)
	b.post("/outbox/alerts/mail_none/resolve", "as", "sent").wants(t, http.StatusNotFound)
	b.post("/outbox/alerts/"+id+"/resolve", "as", "sent").wants(t, http.StatusSeeOther)
	b.post("/outbox/alerts/"+id+"/resolve", "as", "sent").wants(t, http.StatusUnprocessableEntity)
	b.get("/outbox").wants(t, http.StatusOK).lacks(t, "Alerts that may not have arrived")
}

func TestABrokenAuditChainIsSaid(t *testing.T) {
	w := newWorld(t, func(o *Options) { o.Audit = brokenAudit{o.Audit} })
	w.as(account.Auditor).get("/audit").wants(t, http.StatusOK, "The chain is broken at row 2.")
}

type brokenAudit struct{ auditLog }

func (brokenAudit) Verify(context.Context) (int64, string, error) {
	return 2, "", &store.Broken{Seq: 2, What: "was changed after it was written"}
}

func TestLongListsArePaged(t *testing.T) {
	w := newWorld(t)
	for i := range 53 {
		w.observe(fmt.Sprintf("https://m%02d.example/%s.txt", i, strings.Repeat("a", i)), passages())
	}
	b := w.as(account.Auditor)
	first := b.get("/cases?state=open").wants(t, http.StatusOK, "Page 1", "m52.example", "/cases?page=2&amp;state=open").lacks(t, "m02.example")
	if n := strings.Count(first.body, "/cases/case_"); n != pageSize {
		t.Errorf("%d rows, want %d", n, pageSize)
	}
	b.get("/cases?page=2&state=open").wants(t, http.StatusOK, "Page 2", "m02.example", `rel="prev"`).lacks(t, `rel="next"`)
	b.get("/cases?page=x").wants(t, http.StatusOK, "Page 1")
	b.get("/cases?page=99").wants(t, http.StatusOK, "No case here")
	must(w.docket.Draft(t.Context()))(t)
	b.get("/queue").wants(t, http.StatusOK, "53 things wait for a person.", "and 3 more", `<span class="badge">53<`)
}

func BenchmarkNoticePage(b *testing.B) {
	w := newWorld(b)
	_, id := w.draft("https://files.mirror.example/a/letter.txt")
	someone := w.as(account.Counsel)
	for b.Loop() {
		someone.get("/notices/"+id).wants(b, http.StatusOK)
	}
}

func TestStatisticsAreReadByEverybodyOnTheDesk(t *testing.T) {
	w := newWorld(t)
	w.as(account.Auditor).get("/statistics").wants(t, http.StatusOK, "There are no cases yet.")
	id, n := w.draft("https://files.mirror.example/a/letter.txt")
	w.approve(n)
	must(w.docket.Deliver(t.Context()))(t)
	for range 3 {
		w.look(id, takedown.LookGone)
	}
	w.as(account.Operator).get("/statistics").wants(t, http.StatusOK, "mirror.example", "1 hour", "0 of 1")
	w.browser().get("/statistics").wants(t, http.StatusSeeOther)
}
