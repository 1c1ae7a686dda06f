package takedown_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"unmirror/internal/post"
	"unmirror/internal/post/posttest"
	"unmirror/takedown"
	"unmirror/takedown/contact"
	"unmirror/takedown/law"
	"unmirror/takedown/notice"
)

func TestOnlyCounselDecides(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	body := "x"
	for _, a := range []takedown.Actor{operator, auditor, takedown.System, {ID: "user_x", Role: "Counsel"}, {}} {
		for name, err := range map[string]error{
			"approve": w.d.Approve(t.Context(), a, n.ID, takedown.Approval{Digest: n.Digest}),
			"reject":  w.d.Reject(t.Context(), a, n.ID, "no"),
			"edit":    w.d.Edit(t.Context(), a, n.ID, n.Version, takedown.Edit{Body: &body}),
			"triage":  w.d.AnswerTriage(t.Context(), a, n.Case, takedown.Triage{Wrong: true}),
		} {
			if !errors.Is(err, takedown.ErrForbidden) {
				t.Errorf("%s as %q: %v, want forbidden", name, a.Role, err)
			}
		}
	}
	if got := w.notice(n.ID); got.State != takedown.NoticeDraft || got.Version != n.Version {
		t.Fatalf("a refused act changed the notice: %+v", got.NoticeRow)
	}
}

func TestAuditorNeitherHoldsNorResolves(t *testing.T) {
	w := newWorld(t)
	w.want(w.d.SetHold(t.Context(), auditor, true, ""), takedown.ErrForbidden)
	w.want(w.d.Resolve(t.Context(), auditor, "att_x", "sent"), takedown.ErrForbidden)
	w.want(w.d.Resolve(t.Context(), anna, "att_x", "sent"), takedown.ErrNotFound)
	w.want(w.d.Resolve(t.Context(), anna, "att_x", "perhaps"), takedown.ErrInvalid)
}

func TestAnEditMakesTheApprovalFall(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	body := strings.Replace(n.Body, "NOTICE OF ILLEGAL CONTENT", "NOTICE OF ILLEGAL CONTENT (corrected)", 1)
	if body == n.Body {
		t.Fatal("the test edits nothing")
	}
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	after := w.notice(n.ID)
	if after.State != takedown.NoticeDraft || after.Digest == n.Digest || after.Version != n.Version+1 {
		t.Fatalf("after the edit: %+v", after.NoticeRow)
	}
	if a := w.attempts(); len(a) != 1 || a[0].State != takedown.AttemptVoid {
		t.Fatalf("the outbox holds %+v", a)
	}
	if w.deliver() != 0 || len(mail.Mails()) != 0 {
		t.Fatal("an edited notice was sent without a new approval")
	}
	w.want(w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest}), takedown.ErrStale)
	w.want(w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &n.Body}), takedown.ErrStale)
	w.approve(after)
	if w.deliver() != 1 || !strings.Contains(textOf(t, mail.Mails()[0].Bytes), "(corrected)") {
		t.Fatal("the edited text did not go out after its approval")
	}
}

func textOf(t *testing.T, raw []byte) string {
	t.Helper()
	_, body, _, _, err := notice.Text(raw)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAFormThatRepeatsWhatWasShownIsNoEditOfTheWords(t *testing.T) {
	w := newWorld(t)
	w.rungs.found = nil
	n := w.draft(item)
	crlf := strings.ReplaceAll(n.Body, "\n", "\r\n")
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Subject: &n.Subject, Body: &crlf, Recipient: &n.Recipient, Language: &n.Language}); err != nil {
		t.Fatal(err)
	}
	german := "de"
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version+1, takedown.Edit{Subject: &n.Subject, Body: &crlf, Language: &german}); err != nil {
		t.Fatal(err)
	}
	if got := w.notice(n.ID); !strings.Contains(got.Body, "Meldung") || got.Language != "de" {
		t.Fatalf("the notice was not composed anew in German:\n%s", got.Body)
	}
}

func TestAnIncompleteNoticeIsNotApprovedAndSaysWhatIsMissing(t *testing.T) {
	type test struct {
		name, want string
		options    func(*takedown.Options)
		before     func(*world)
		edit       func(n *takedown.NoticeFile) takedown.Edit
	}
	without := func(cut string) func(n *takedown.NoticeFile) takedown.Edit {
		return func(n *takedown.NoticeFile) takedown.Edit {
			body := strings.ReplaceAll(n.Body, cut, "")
			return takedown.Edit{Body: &body}
		}
	}
	none := ""
	for _, c := range []test{
		{name: "no recipient", want: "recipient", before: func(w *world) { w.rungs.found = nil }},
		{name: "recipient taken out", want: "recipient", edit: func(*takedown.NoticeFile) takedown.Edit { return takedown.Edit{Recipient: &none} }},
		{name: "only skipped contacts", want: "recipient", before: func(w *world) {
			w.rungs.found = []contact.Found{{Email: "evil@host.example", Skipped: "hostile site"}}
		}},
		{name: "no sender", want: "mail.from", options: func(o *takedown.Options) { o.From = "" }},
		{name: "no organisation", want: "organisation.name", options: func(o *takedown.Options) { o.Notifier.Name = "" }},
		{name: "no e-mail", want: "organisation.email", options: func(o *takedown.Options) { o.Notifier.Email = "" }},
		{name: "location cut", want: "address of location", edit: without(item)},
		{name: "notifier cut", want: "notifier's name", edit: without(party().Name)},
		{name: "good faith cut", want: "good faith", edit: without("in good faith")},
		{name: "reasons cut", want: "reasons", edit: without("personal data")},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if c.options != nil {
				w = newWorld(t, c.options)
			}
			if c.before != nil {
				c.before(w)
			}
			n := w.draft(item)
			if c.edit != nil {
				if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, c.edit(n)); err != nil {
					t.Fatal(err)
				}
				n = w.notice(n.ID)
			}
			err := w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest})
			w.want(err, takedown.ErrIncomplete)
			var incomplete *takedown.IncompleteError
			if !errors.As(err, &incomplete) || !strings.Contains(strings.Join(incomplete.Missing, " "), c.want) {
				t.Fatalf("missing %v, want a sentence with %q", err, c.want)
			}
			if strings.Join(incomplete.Missing, "") != strings.Join(n.Missing, "") {
				t.Fatalf("the page says %v is missing, the refusal %v", n.Missing, incomplete.Missing)
			}
			queue := must(w.d.Queue(t.Context()))(t)
			if len(queue) != 1 || queue[0].Kind != "review" || queue[0].Missing == 0 {
				t.Fatalf("the queue does not show that something is missing: %+v", queue)
			}
		})
	}
}

const victim = "Zerelda Quackenbush"

// plant is a way in which a victim's name gets into a notice.
type plant struct {
	name, field string
	options     func(*takedown.Options)
	edit        func(n *takedown.NoticeFile) takedown.Edit
}

func plants(t *testing.T) []plant {
	t.Helper()
	own, err := fs.ReadFile(os.DirFS("notice/templates"), "dsa16.en.txt")
	if err != nil {
		t.Fatal(err)
	}
	table, err := law.LoadFS(fstest.MapFS{"templates/dsa16.en.txt": {Data: bytes.Replace(own, []byte("good faith"), []byte("good faith for "+victim), 1)}})
	if err != nil {
		t.Fatal(err)
	}
	return []plant{
		{name: "body", field: "body", edit: func(n *takedown.NoticeFile) takedown.Edit {
			b := n.Body + "\nIt concerns " + victim + ".\n"
			return takedown.Edit{Body: &b}
		}},
		{name: "subject", field: "subject", edit: func(n *takedown.NoticeFile) takedown.Edit {
			s := n.Subject + " " + victim
			return takedown.Edit{Subject: &s}
		}},
		{name: "header", field: "header From", options: func(o *takedown.Options) { o.FromName = victim }},
		{name: "title of the leak", field: "body", options: func(o *takedown.Options) { o.LeakTitle = func(string) string { return "Leak of " + victim } }},
		{name: "template", field: "body", options: func(o *takedown.Options) { o.Law = table }},
		{name: "attachment", field: "attachment 1", options: func(o *takedown.Options) { o.Notifier.Name = victim }},
	}
}

// planted is a notice with a victim's name in it, which the guard does not know yet.
func (p plant) planted(t *testing.T) (*world, *takedown.NoticeFile) {
	t.Helper()
	var change []func(*takedown.Options)
	if p.options != nil {
		change = append(change, p.options)
	}
	w := newWorld(t, change...)
	w.post()
	n := w.draft(item)
	if p.edit != nil {
		if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, p.edit(n)); err != nil {
			t.Fatal(err)
		}
		n = w.notice(n.ID)
	}
	return w, n
}

func TestTheGuardBlocksAnIdentifierInEachField(t *testing.T) {
	for _, c := range plants(t) {
		t.Run(c.name, func(t *testing.T) {
			w, n := c.planted(t)
			w.guard.learn(victim)
			if n = w.notice(n.ID); strings.Contains(n.Body+n.Subject, victim) {
				t.Fatal("the page shows the identifier")
			}
			err := w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest, AcceptLocation: "I insist."})
			w.want(err, takedown.ErrBlocked)
			if !strings.Contains(err.Error(), c.field) || strings.Contains(err.Error(), victim) {
				t.Fatalf("the refusal reads %q, want field %q and no value", err, c.field)
			}
			if w.deliver(); len(w.mail.Mails()) != 0 {
				t.Fatal("it was sent")
			}
		})
	}
}

func TestTheGuardFindsWhatItLearnsAfterTheApproval(t *testing.T) {
	for _, c := range plants(t) {
		t.Run(c.name, func(t *testing.T) {
			w, n := c.planted(t)
			w.approve(n)
			w.guard.learn(victim)
			if w.deliver() != 0 || len(w.mail.Mails()) != 0 {
				t.Fatal("it was sent")
			}
			if got := w.notice(n.ID); got.State != takedown.NoticeDraft || len(got.Blocked) == 0 {
				t.Fatalf("the notice is %s, blocked %v", got.State, got.Blocked)
			}
		})
	}
}

func TestTheGuardRunsAgainBeforeSending(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	w.guard.learn(party().Contact) // as if another leak had been registered since
	if w.deliver() != 0 || len(mail.Mails()) != 0 {
		t.Fatal("it was sent although the guard objects")
	}
	got := w.notice(n.ID)
	if got.State != takedown.NoticeDraft || len(got.Blocked) == 0 || !strings.Contains(got.Reason, "guard") {
		t.Fatalf("the notice is %s: %s", got.State, got.Reason)
	}
	if a := w.attempts(); a[0].State != takedown.AttemptVoid {
		t.Fatalf("the attempt is %s", a[0].State)
	}
}

func TestAnIdentifierInTheLocationNeedsAReason(t *testing.T) {
	const url = "https://files.host.example/pub/zerelda-quackenbush.docx"
	w := newWorld(t)
	mail := w.post()
	w.guard.learn("zerelda-quackenbush")
	n := w.draft(url)
	if !n.LocationHits || len(n.Blocked) > 0 {
		t.Fatalf("location hits %v, blocked %v", n.LocationHits, n.Blocked)
	}
	if strings.Contains(n.Body, "zerelda") || !strings.Contains(n.Body, "https://files.host.example/pub/[redacted]") {
		t.Fatalf("the location is not masked:\n%s", n.Body)
	}
	for _, e := range n.Elements {
		if strings.Contains(e.Text, "zerelda") {
			t.Fatalf("element %s shows the identifier", e.ID)
		}
	}
	w.want(w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest, AcceptLocation: "  "}), takedown.ErrBlocked)
	// Counsel edits the masked text: the exact address stays what it was.
	body := n.Body + "\nP.S. Thank you.\n"
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	n = w.notice(n.ID)
	if len(n.Missing) > 0 {
		t.Fatalf("the edit lost the address: %v", n.Missing)
	}
	if err := w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest, AcceptLocation: "The file cannot be named otherwise."}); err != nil {
		t.Fatal(err)
	}
	if w.deliver() != 1 || !strings.Contains(textOf(t, mail.Mails()[0].Bytes), url+"\n") {
		t.Fatal("the exact location did not go out")
	}
	if got := w.notice(n.ID); got.Accepted != "The file cannot be named otherwise." {
		t.Fatalf("the reason was not kept: %q", got.Accepted)
	}
	if found := w.holds("zerelda", "cannot be named"); len(found) > 0 {
		t.Fatalf("the data folder holds %v", found)
	}
}

func TestTheLocationElsewhereInTheTextStaysBlocked(t *testing.T) {
	const url = "https://files.host.example/pub/zerelda-quackenbush.docx"
	w := newWorld(t)
	w.guard.learn("zerelda-quackenbush")
	n := w.draft(url)
	body := n.Body + "\nSee " + url + " for it.\n"
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Body: &body}); err != nil {
		t.Fatal(err)
	}
	n = w.notice(n.ID)
	err := w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest, AcceptLocation: "It is the address."})
	w.want(err, takedown.ErrBlocked)
}

func TestRejectedNoticesStayInTheHouse(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	w.want(w.d.Reject(t.Context(), anna, n.ID, "  "), takedown.ErrInvalid)
	if err := w.d.Reject(t.Context(), anna, n.ID, "The host is ours."); err != nil {
		t.Fatal(err)
	}
	w.deliver()
	must(w.d.Draft(t.Context()))(t)
	got := w.notice(n.ID)
	if got.State != takedown.NoticeRejected || got.Reason != "The host is ours." || len(mail.Mails()) != 0 {
		t.Fatalf("%s (%s), %d mails", got.State, got.Reason, len(mail.Mails()))
	}
	if all := must(w.d.Notices(t.Context(), takedown.NoticeFilter{}))(t); len(all) != 1 {
		t.Fatalf("a rejected notice was drafted again: %d notices", len(all))
	}
	w.want(w.d.Approve(t.Context(), anna, n.ID, takedown.Approval{Digest: n.Digest}), takedown.ErrState)
}

func TestAMissingRecipientIsLookedForAgain(t *testing.T) {
	w := newWorld(t)
	w.rungs.found = nil
	n := w.draft(item)
	w.rungs.found = []contact.Found{{Email: "hulp@host.example", Kind: "host", Language: "nl", Confidence: 0.5, Profile: contact.Profile{OffersInEU: true}}}
	if must(w.d.Draft(t.Context()))(t) != 0 || w.rungs.asked != 1 {
		t.Fatal("contacts were asked again at once")
	}
	w.clock.pass(11 * 60e9)
	if must(w.d.Draft(t.Context()))(t) != 1 {
		t.Fatal("the recipient that is known now was not taken")
	}
	got := w.notice(n.ID)
	if got.Recipient != "hulp@host.example" || got.Language != "nl" || len(got.Missing) > 0 || got.Version != 2 {
		t.Fatalf("%+v, missing %v", got.NoticeRow, got.Missing)
	}
	if raw := string(must(w.d.NoticeEML(t.Context(), n.ID))(t)); strings.Contains(raw, "application/json") {
		t.Fatal("an attachment for a recipient whose profile takes none")
	}
	if reports := must(w.d.NoticeXARF(t.Context(), n.ID))(t); len(reports) != 1 {
		t.Fatalf("%d reports to hand in separately, want 1", len(reports))
	}
}

func TestABadRecipientIsRefused(t *testing.T) {
	w := newWorld(t)
	n := w.draft(item)
	for _, to := range []string{"nobody", "a@b\r\nBcc: c@d.example", "A <a@b.example>", "a@b.example, c@d.example", "a b@c.example"} {
		w.want(w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Recipient: &to}), takedown.ErrInvalid)
	}
	odd, klingon := "other@host.example", "tlh"
	w.want(w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Language: &klingon}), takedown.ErrInvalid)
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Recipient: &odd}); err != nil {
		t.Fatal(err)
	}
	if got := w.notice(n.ID); got.Recipient != odd || got.Digest == n.Digest {
		t.Fatalf("%+v", got.NoticeRow)
	}
}

func TestWhomArticle16DoesNotBindGetsAnAbuseNotice(t *testing.T) {
	for _, c := range []struct {
		kind     string
		union    bool
		citation string
	}{
		{"host", true, "DSA art. 16(2)(a)"}, {"platform", true, "DSA art. 16(2)(a)"}, {"host", false, "abuse policy"},
		{"network", true, "abuse policy"}, {"registrar", true, "abuse policy"},
	} {
		w := newWorld(t)
		w.rungs.found = []contact.Found{{Email: "abuse@host.example", Kind: c.kind, Language: "fr", Profile: contact.Profile{OffersInEU: c.union}}}
		n := w.draft(item)
		if len(n.Elements) == 0 || n.Elements[0].Citation != c.citation || len(n.Missing) > 0 {
			t.Errorf("%s, in the Union %v: %+v, missing %v", c.kind, c.union, n.Elements, n.Missing)
		}
	}
}

func TestAFailedNoticeCanBeApprovedOnceMore(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	mail.Fail(post.StepRcpt, posttest.Failure{Code: 550, Times: 1})
	w.deliver()
	if got := w.notice(n.ID); got.State != takedown.NoticeFailed {
		t.Fatalf("the notice is %s", got.State)
	}
	w.approve(n)
	first := w.attempts()
	mail.Fail(post.StepBody, posttest.Failure{Drop: true, Times: 1})
	w.deliver()
	if got := w.notice(n.ID); got.State != takedown.NoticeUnknown || len(got.Attempts) != 2 {
		t.Fatalf("the notice is %s after %d attempts", got.State, len(got.Attempts))
	}
	// The first attempt failed for good, the second may have arrived: retrying the first would hide that.
	for _, a := range first {
		if a.State == takedown.AttemptFailed {
			w.want(w.d.Resolve(t.Context(), anna, a.ID, "retry"), takedown.ErrState)
		}
	}
}
