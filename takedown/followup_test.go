package takedown_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
	"unmirror/takedown/contact"
)

// ladder is a host, its network and an authority.
func ladder() []contact.Found {
	host, network, authority := abuseDesk(), abuseDesk(), abuseDesk()
	network.Email, network.Kind, network.Name = "noc@network.example", "network", "Network Example"
	authority.Email, authority.Kind, authority.Language = "complaints@authority.example", "authority", "nl"
	return []contact.Found{host, network, authority}
}

// following is a world with a mail server and follow-up.
func following(t *testing.T, change ...func(*takedown.Options)) *world {
	w := newWorld(t, append([]func(*takedown.Options){func(o *takedown.Options) {
		o.Reminder, o.Escalation, o.Complaint = 48*time.Hour, 72*time.Hour, 30*24*time.Hour
	}}, change...)...)
	w.post()
	w.rungs.found = ladder()
	return w
}

// drafts returns the drafts of one kind.
func (w *world) drafts(kind takedown.NoticeKind) []*takedown.NoticeFile {
	w.t.Helper()
	var out []*takedown.NoticeFile
	for _, n := range must(w.d.Notices(w.t.Context(), takedown.NoticeFilter{Kind: kind, State: takedown.NoticeDraft}))(w.t) {
		out = append(out, w.notice(n.ID))
	}
	return out
}

// one is the only draft of its kind, complete.
func (w *world) one(kind takedown.NoticeKind) *takedown.NoticeFile {
	w.t.Helper()
	all := w.drafts(kind)
	if len(all) != 1 {
		w.t.Fatalf("%d drafts of a %s, want 1", len(all), kind)
	}
	return all[0]
}

// send approves and delivers a notice.
func (w *world) sendNow(n *takedown.NoticeFile) {
	w.t.Helper()
	w.approve(n)
	w.deliver()
	if got := w.notice(n.ID); got.State != takedown.NoticeSent || got.Sent == nil {
		w.t.Fatalf("the %s is %s", n.Kind, got.State)
	}
}

func TestFollowUpClimbsTheLadder(t *testing.T) {
	w := following(t)
	first := w.draft(item) // Monday 9:00
	w.sendNow(first)
	w.clock.pass(47 * time.Hour)
	if must(w.d.Draft(t.Context()))(t) != 0 {
		t.Fatal("a reminder came early")
	}
	w.clock.pass(time.Hour)
	looked := w.eyes.seen
	must(w.d.Draft(t.Context()))(t)
	r := w.one(takedown.KindReminder)
	if w.eyes.seen == looked {
		t.Error("the reminder rests on no fresh look")
	}
	if r.Recipient != first.Recipient || r.Follows != first.ID || r.Ticket != first.Ticket || len(r.Missing) > 0 || !strings.Contains(r.Body, item) {
		t.Fatalf("%+v lacks %v\n%s", r.NoticeRow, r.Missing, r.Body)
	}
	raw := must(w.d.NoticeEML(t.Context(), r.ID))(t)
	if header(t, raw, "In-Reply-To") != header(t, must(w.d.NoticeEML(t.Context(), first.ID))(t), "Message-Id") {
		t.Error("the reminder does not continue the thread")
	}
	if must(w.d.Draft(t.Context()))(t) != 0 {
		t.Fatal("a second reminder was drafted")
	}
	w.sendNow(r) // Wednesday: 72 hours of working days end on Monday
	w.clock.pass(4 * 24 * time.Hour)
	if must(w.d.Draft(t.Context()))(t) != 0 {
		t.Fatal("the weekend passed as working days")
	}
	w.clock.pass(24 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	e := w.one(takedown.KindEscalation)
	if e.Recipient != "noc@network.example" || e.RecipientKind != "network" || e.Regime != "abuse" || e.Rung != 3 || len(e.Missing) > 0 {
		t.Fatalf("%+v lacks %v\n%s", e.NoticeRow, e.Missing, e.Body)
	}
	if header(t, must(w.d.NoticeEML(t.Context(), e.ID))(t), "In-Reply-To") != "" {
		t.Error("the network is told of a mail that it never got")
	}
	w.sendNow(e)
	w.clock.pass(2 * 24 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	w.sendNow(w.one(takedown.KindReminder)) // of the network
	w.clock.pass(25 * 24 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	c := w.one(takedown.KindComplaint)
	if c.Recipient != "complaints@authority.example" || c.RecipientKind != "authority" || c.Language != "nl" || !strings.HasPrefix(c.Regime, "complaint-") {
		t.Fatalf("%+v\n%s", c.NoticeRow, c.Body)
	}
	if got := w.caseOf(first.Case); got.State != takedown.CaseNoticed || len(got.Notices) != 5 {
		t.Fatalf("the case is %s with %d notices", got.State, len(got.Notices))
	}
}

func TestWithoutAFreshLiveLookNothingFollows(t *testing.T) {
	for _, see := range []takedown.LookOutcome{takedown.LookGone, takedown.LookUnclear, takedown.LookUnreachable, takedown.LookRobots} {
		t.Run(string(see), func(t *testing.T) {
			w := following(t)
			w.sendNow(w.draft(item))
			w.eyes.sees(see)
			w.clock.pass(7 * 24 * time.Hour)
			must(w.d.Draft(t.Context()))(t)
			if got := w.drafts(takedown.KindReminder); len(got) != 0 {
				t.Fatalf("%d reminders although the last look says %s", len(got), see)
			}
			w.eyes.sees(takedown.LookLive)
			w.clock.pass(24 * time.Hour)
			must(w.d.Recheck(t.Context()))(t)
			must(w.d.Draft(t.Context()))(t)
			w.one(takedown.KindReminder)
		})
	}
}

func TestAnApprovedReminderLeavesOnlyAfterAFreshLiveLook(t *testing.T) {
	w := following(t)
	w.sendNow(w.draft(item))
	w.clock.pass(48 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	r := w.one(takedown.KindReminder)
	w.approve(r)
	w.clock.pass(72 * time.Hour)
	w.eyes.sees(takedown.LookUnreachable)
	for range 3 {
		if w.deliver() != 0 || len(w.mail.Mails()) != 1 {
			t.Fatal("a reminder left although nobody saw the content live")
		}
		w.clock.pass(2 * time.Hour)
	}
	w.eyes.sees(takedown.LookGone)
	if w.deliver() != 0 || w.caseOf(r.Case).State != takedown.CaseVanishing {
		t.Fatal("it left although the content is not there")
	}
	w.eyes.sees(takedown.LookLive)
	w.look(r.Case, 2*time.Hour)
	if w.deliver() != 1 || w.notice(r.ID).State != takedown.NoticeSent {
		t.Fatalf("the reminder is %s", w.notice(r.ID).State)
	}
}

func TestARefusalBringsTheNextRungAndTheComplaintAtOnce(t *testing.T) {
	w := following(t)
	n := w.draft(item)
	w.sendNow(n)
	if err := w.d.Answered(t.Context(), takedown.System, n.ID, takedown.AnswerRefused, w.clock.now()); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(time.Minute)
	must(w.d.Draft(t.Context()))(t)
	w.sendNow(w.one(takedown.KindEscalation))
	must(w.d.Draft(t.Context()))(t)
	w.one(takedown.KindComplaint)
	if len(w.drafts(takedown.KindReminder)) != 0 {
		t.Fatal("who refused is reminded")
	}
}

// TestAReminderToWhoRefusedHoldsNothingBack: whether it is a draft, approved, or went out before the refusal of the first notice came.
func TestAReminderToWhoRefusedHoldsNothingBack(t *testing.T) {
	for _, reminder := range []takedown.NoticeState{takedown.NoticeDraft, takedown.NoticeApproved, takedown.NoticeSent} {
		t.Run(string(reminder), func(t *testing.T) {
			w := following(t)
			n := w.draft(item)
			w.sendNow(n)
			w.clock.pass(48 * time.Hour)
			must(w.d.Draft(t.Context()))(t)
			r := w.one(takedown.KindReminder)
			switch reminder {
			case takedown.NoticeApproved:
				w.approve(r)
			case takedown.NoticeSent:
				w.sendNow(r)
			}
			if err := w.d.Answered(t.Context(), anna, n.ID, takedown.AnswerRefused, w.clock.now()); err != nil {
				t.Fatal(err)
			}
			if got := w.notice(r.ID); reminder == takedown.NoticeSent {
				if got.State != takedown.NoticeSent {
					t.Fatalf("the reminder that went out is %s", got.State)
				}
			} else if last := got.History[len(got.History)-1]; got.State != takedown.NoticeVoid || !strings.Contains(last.Why, "refused in the meantime") {
				t.Fatalf("the reminder is %s: %+v", got.State, last)
			}
			w.clock.pass(time.Minute)
			must(w.d.Draft(t.Context()))(t)
			mails := len(w.mail.Mails())
			w.sendNow(w.one(takedown.KindEscalation))
			must(w.d.Draft(t.Context()))(t)
			w.one(takedown.KindComplaint)
			if got := len(w.mail.Mails()); got != mails+1 || len(w.drafts(takedown.KindReminder)) != 0 {
				t.Fatalf("%d mails more, and who refused is reminded", got-mails)
			}
		})
	}
}

func TestRemovedIsLookedAtAndNotBelieved(t *testing.T) {
	w := following(t)
	n := w.draft(item)
	w.sendNow(n)
	w.clock.pass(time.Minute)
	if err := w.d.Answered(t.Context(), takedown.System, n.ID, takedown.AnswerRemoved, w.clock.now()); err != nil {
		t.Fatal(err)
	}
	done := must(w.d.Recheck(t.Context()))(t)
	if len(done) != 1 || done[0].State != takedown.CaseNoticed {
		t.Fatalf("%+v", done)
	}
	if got := w.notice(n.ID).Answer; got != takedown.AnswerRemoved {
		t.Fatalf("the answer is %q", got)
	}
	w.clock.pass(48 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	w.one(takedown.KindReminder) // the lie
}

func TestInnocentPartiesAreNeverWrittenTo(t *testing.T) {
	w := following(t)
	var found []contact.Found
	for _, kind := range []string{"reverse_search", "link_list", "uptime", "hostile"} {
		f := abuseDesk()
		f.Kind, f.Email = kind, kind+"@innocent.example"
		found = append(found, f)
	}
	w.rungs.found = append(found, ladder()[0])
	n := w.draft(item)
	if n.Recipient != abuseDesk().Email {
		t.Fatalf("it goes to %s", n.Recipient)
	}
	to := "link_list@innocent.example"
	w.want(w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Recipient: &to}), takedown.ErrInvalid)
	w.sendNow(n)
	for range 40 {
		w.clock.pass(24 * time.Hour)
		must(w.d.Draft(t.Context()))(t)
		for _, d := range must(w.d.Notices(t.Context(), takedown.NoticeFilter{State: takedown.NoticeDraft}))(t) {
			if strings.Contains(d.Recipient, "innocent") {
				t.Fatalf("a %s goes to %s", d.Kind, d.Recipient)
			}
			if err := w.d.Reject(t.Context(), anna, d.ID, "No."); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestRejectedFollowUpIsNotDraftedAgain(t *testing.T) {
	w := following(t, func(o *takedown.Options) { o.Escalation, o.Complaint = 0, 0 })
	w.sendNow(w.draft(item))
	w.clock.pass(48 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	if err := w.d.Reject(t.Context(), anna, w.one(takedown.KindReminder).ID, "They called."); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		w.clock.pass(48 * time.Hour)
		if must(w.d.Draft(t.Context()))(t) != 0 {
			t.Fatal("it was drafted again")
		}
	}
}

func TestWhatComesBackStartsItsFollowUpAnew(t *testing.T) {
	w := following(t)
	first := w.draft(item)
	w.sendNow(first)
	w.clock.pass(48 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	w.sendNow(w.one(takedown.KindReminder))
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(first.Case, time.Hour)
	}
	w.eyes.sees(takedown.LookLive)
	w.look(first.Case, time.Hour)
	must(w.d.Draft(t.Context()))(t)
	second := w.one(takedown.KindNotice)
	if second.Round != 1 || second.Ticket != first.Ticket {
		t.Fatalf("%+v", second.NoticeRow)
	}
	w.sendNow(second)
	w.clock.pass(5 * 24 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	if r := w.one(takedown.KindReminder); r.Follows != second.ID {
		t.Fatalf("it reminds of %s", r.Follows)
	}
	if h := w.caseOf(first.Case).Host; h.Cases != 1 || h.Returned != 1 || h.Times != 1 {
		t.Fatalf("the place's record is %+v", h)
	}
}

func TestLiveCasesAreLookedAtLessAndLess(t *testing.T) {
	w := newWorld(t)
	f := w.open(item)
	var looks []int
	for day := range 100 {
		before := w.eyes.seen
		for range 24 {
			w.clock.pass(time.Hour)
			must(w.d.Recheck(t.Context()))(t)
		}
		if day == 0 || day == 4 || day == 20 {
			looks = append(looks, w.eyes.seen-before)
		}
	}
	if len(looks) != 3 || looks[0] < 20 || looks[1] > 5 || looks[1] < 3 || looks[2] != 1 {
		t.Errorf("looks on days 1, 5 and 21: %v", looks)
	}
	if got := w.caseOf(f.ID).NextCheck.Sub(w.clock.now()); got > 7*24*time.Hour || got <= 0 {
		t.Errorf("after a hundred days the next look is in %s", got)
	}
}

func TestTheWatchEnds(t *testing.T) {
	w := newWorld(t, func(o *takedown.Options) { o.Watch = 60 * 24 * time.Hour })
	f := w.open(item)
	w.eyes.sees(takedown.LookGone)
	for range 3 {
		w.look(f.ID, time.Hour)
	}
	for range 70 {
		w.clock.pass(24 * time.Hour)
		must(w.d.Recheck(t.Context()))(t)
	}
	if got := w.caseOf(f.ID); !got.NextCheck.IsZero() || got.State != takedown.CaseGone {
		t.Fatalf("%s, next look %s", got.State, got.NextCheck)
	}
	w.clock.pass(time.Hour)
	must(w.d.Observe(t.Context(), w.sighting(item)))(t)
	if got := w.caseOf(f.ID); got.State != takedown.CaseOpen || got.NextCheck.IsZero() {
		t.Fatalf("found again it is %s", got.State)
	}
}

func TestOneMailNamesSeveralPlaces(t *testing.T) {
	w := following(t, func(o *takedown.Options) {})
	for i := range w.rungs.found {
		w.rungs.found[i].Profile.OneURL = false
	}
	w.guard.learn("quackenbush")
	for _, url := range []string{item, item + "?2", item + "?3", "https://files.host.example/pub/quackenbush.zip"} {
		must(w.d.Observe(t.Context(), w.sighting(url)))(t)
	}
	if got := must(w.d.Draft(t.Context()))(t); got != 2 {
		t.Fatalf("%d notices, want one about three and one about the address that holds a name", got)
	}
	must(w.d.Observe(t.Context(), w.sighting(item+"?4")))(t)
	if must(w.d.Draft(t.Context()))(t) != 1 {
		t.Fatal("a further address did not join the draft")
	}
	var n *takedown.NoticeFile
	for _, d := range w.drafts(takedown.KindNotice) {
		if len(d.Cases) == 4 {
			n = d
		}
	}
	if n == nil || len(w.drafts(takedown.KindNotice)) != 2 {
		t.Fatal("the four are not together")
	}
	for _, url := range []string{item, item + "?2", item + "?3", item + "?4"} {
		if !strings.Contains(n.Body, url+"\n") {
			t.Errorf("%s is not named", url)
		}
	}
	if got := must(w.d.NoticeXARF(t.Context(), n.ID))(t); len(got) != 4 {
		t.Errorf("%d reports, want one for each address", len(got))
	}
	w.approve(n)
	w.eyes.mu.Lock()
	w.eyes.see[item] = takedown.LookGone
	w.eyes.mu.Unlock()
	for range 3 {
		w.look(n.Case, time.Hour)
	}
	left := w.notice(n.ID)
	if left.State != takedown.NoticeDraft || len(left.Cases) != 3 || slices.Contains(left.Cases, n.Case) || strings.Contains(left.Body, item+"\n") {
		t.Fatalf("after one is gone the notice is %s about %d:\n%s", left.State, len(left.Cases), left.Body)
	}
	w.sendNow(left)
	for _, id := range left.Cases {
		if got := w.caseOf(id).State; got != takedown.CaseNoticed {
			t.Errorf("a case of the notice is %s", got)
		}
	}
	w.clock.pass(48 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	if r := w.one(takedown.KindReminder); len(r.Cases) != 3 {
		t.Errorf("the reminder is about %d cases", len(r.Cases))
	}
}

func TestARungWithoutALetterIsPassedBy(t *testing.T) {
	w := following(t, func(o *takedown.Options) { o.Reminder, o.Complaint = 0, 0 })
	search, registrar := abuseDesk(), abuseDesk()
	search.Email, search.Kind = "search@engine.example", "search" // nobody gave a mandate
	registrar.Email, registrar.Kind = "abuse@registrar.example", "registrar"
	w.rungs.found = []contact.Found{ladder()[0], search, registrar}
	w.sendNow(w.draft(item))
	w.clock.pass(7 * 24 * time.Hour)
	must(w.d.Draft(t.Context()))(t)
	if e := w.one(takedown.KindEscalation); e.RecipientKind != "registrar" {
		t.Fatalf("it goes to %s", e.Recipient)
	}
	w.sendNow(w.one(takedown.KindEscalation))
	asked := w.rungs.asked
	for range 10 {
		w.clock.pass(24 * time.Hour)
		if must(w.d.Draft(t.Context()))(t) != 0 {
			t.Fatal("something was drafted beyond the last rung")
		}
	}
	if n := w.rungs.asked - asked; n < 3 || n > 10 {
		t.Errorf("the ladder was asked %d times in ten days", n)
	}
}
