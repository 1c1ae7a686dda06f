package takedown_test

import (
	"strings"
	"testing"
	"time"

	"unmirror/takedown"
	"unmirror/takedown/contact"
)

func forge() contact.Found {
	return contact.Found{Name: "GitHub", Kind: "platform", Language: "en", Source: contact.SourceCatalogue, Where: "github", Confidence: 0.8,
		Profile: contact.Profile{Channel: contact.ChannelForm, Form: "github", OffersInEU: true}}
}

func TestAContactIsLookedUpAgainBeforeSending(t *testing.T) {
	other := func(email, source, kind string) contact.Found {
		f := abuseDesk()
		f.Email, f.Source, f.Kind = email, source, kind
		return f
	}
	skipped := other("abuse@host.example", contact.SourceRDAP, "host")
	skipped.Skipped = "the registry says that nobody reads it"
	for _, c := range []struct {
		name  string
		after time.Duration
		found []contact.Found
		sent  string // to whom; empty: the approval fell
		draft string // to whom the draft then goes
	}{
		{"unchanged", 25 * time.Hour, []contact.Found{abuseDesk()}, "abuse@host.example", ""},
		{"changed within the day", time.Hour, []contact.Found{other("new@host.example", contact.SourceDirectory, "host")}, "abuse@host.example", ""},
		{"changed", 25 * time.Hour, []contact.Found{other("new@host.example", contact.SourceDirectory, "host")}, "", "new@host.example"},
		{"not to be used any more", 25 * time.Hour, []contact.Found{other("up@carrier.example", contact.SourceRDAP, "network"), skipped}, "", "up@carrier.example"},
		{"not to be used, and nobody else", 25 * time.Hour, []contact.Found{skipped}, "", ""},
		{"the look-up failed", 25 * time.Hour, nil, "abuse@host.example", ""},
		{"another source answers", 25 * time.Hour, []contact.Found{other("noc@net.example", contact.SourceRDAP, "host")}, "abuse@host.example", ""},
		{"only an upper rung is found", 25 * time.Hour, []contact.Found{other("up@carrier.example", contact.SourceRDAP, "network")}, "abuse@host.example", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			mail := w.post()
			n := w.approved(item)
			w.clock.pass(c.after)
			w.rungs.found = c.found
			w.deliver()
			after := w.notice(n.ID)
			if c.sent != "" {
				if got := mail.Mails(); after.State != takedown.NoticeSent || len(got) != 1 || after.Recipient != c.sent {
					t.Fatalf("%s to %s, %d mails: %s", after.State, after.Recipient, len(got), after.Reason)
				}
				return
			}
			if after.State != takedown.NoticeDraft || after.Recipient != c.draft || len(mail.Mails()) != 0 || after.Version != n.Version+1 || after.Digest == n.Digest {
				t.Fatalf("%s version %d to %q: %s", after.State, after.Version, after.Recipient, after.Reason)
			}
			if !strings.Contains(after.Reason, "must be approved again") {
				t.Errorf("reason %q", after.Reason)
			}
			if w.deliver(); len(mail.Mails()) != 0 {
				t.Error("it left without a new approval")
			}
		})
	}
}

func TestAnAddressThatAPersonTypedIsNotLookedUp(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.draft(item)
	to := "desk@typed.example"
	if err := w.d.Edit(t.Context(), anna, n.ID, n.Version, takedown.Edit{Recipient: &to}); err != nil {
		t.Fatal(err)
	}
	w.approve(w.notice(n.ID))
	w.clock.pass(30 * time.Hour)
	w.rungs.found = []contact.Found{{Email: "new@host.example", Kind: "host", Source: contact.SourceDirectory}}
	if w.deliver(); len(mail.Mails()) != 1 || w.notice(n.ID).State != takedown.NoticeSent {
		t.Errorf("%s, %d mails", w.notice(n.ID).State, len(mail.Mails()))
	}
}

func TestABlockHoldsForWhatIsApprovedAndForWhatIsTyped(t *testing.T) {
	for _, what := range []string{"Abuse@host.example", "place"} {
		t.Run(what, func(t *testing.T) {
			w := newWorld(t)
			mail := w.post()
			if what == "place" {
				w.rungs.found[0].Source, w.rungs.found[0].Kind = contact.SourceSite, "platform"
			}
			n := w.approved(item)
			block := what
			if what == "place" {
				block = w.caseOf(n.Case).Place
			}
			id := must(w.d.BlockContact(t.Context(), operator, block, "asked not to be written to"))(t)
			w.deliver()
			after := w.notice(n.ID)
			if len(mail.Mails()) != 0 || after.State != takedown.NoticeDraft || !strings.Contains(after.Reason, "asked not to be written to") {
				t.Fatalf("%s, %d mails: %s", after.State, len(mail.Mails()), after.Reason)
			}
			if f := w.caseOf(n.Case).Contacts[0]; f.Skipped != "asked not to be written to" {
				t.Errorf("the case shows %+v", f)
			}
			if what != "place" {
				other := "x@y.example"
				if err := w.d.Edit(t.Context(), anna, n.ID, after.Version, takedown.Edit{Recipient: &other}); err != nil {
					t.Fatal(err)
				}
				again := "abuse@host.example"
				w.want(w.d.Edit(t.Context(), anna, n.ID, after.Version+1, takedown.Edit{Recipient: &again}), takedown.ErrInvalid)
			}
			if err := w.d.EndContact(t.Context(), operator, id); err != nil {
				t.Fatal(err)
			}
			w.want(w.d.EndContact(t.Context(), operator, id), takedown.ErrState)
			if rows := must(w.d.ContactEntries(t.Context()))(t); len(rows) != 0 {
				t.Errorf("%+v", rows)
			}
		})
	}
}

func TestRecordedContactsAreSealedCheckedAndOneOfAKind(t *testing.T) {
	w := newWorld(t)
	first := must(w.d.SetContact(t.Context(), operator, contact.Entry{Place: "https://Bin.Example.org/x", Email: "secretdesk@bin.example.org", Kind: "platform", Language: "nl"}))(t)
	w.clock.pass(time.Minute)
	second := must(w.d.SetContact(t.Context(), anna, contact.Entry{Place: "bin.example.org", Email: "otherdesk@bin.example.org", Kind: "platform", Name: "Bin"}))(t)
	w.clock.pass(time.Minute)
	must(w.d.SetContact(t.Context(), anna, contact.Entry{Place: "list.example.org", Kind: "link_list"}))(t)
	rows := must(w.d.ContactEntries(t.Context()))(t)
	if len(rows) != 2 || first == second || rows[1].Email != "otherdesk@bin.example.org" || rows[1].Place != "bin.example.org" || rows[1].State != "contact" || rows[1].Stale {
		t.Fatalf("%+v", rows)
	}
	dir := must(w.d.Directory(t.Context()))(t)
	if len(dir) != 2 || dir[1].Since.IsZero() {
		t.Fatalf("%+v", dir)
	}
	w.clock.pass(31 * 24 * time.Hour)
	if rows := must(w.d.ContactEntries(t.Context()))(t); !rows[1].Stale {
		t.Error("a month later it is not stale")
	}
	for _, e := range []contact.Entry{{Place: "nothing", Email: "a@b.example"}, {Place: "b.example", Email: "a@b.example\r\nBcc: c@d.example"}, {Place: "b.example"},
		{Place: "b.example", Email: "a@b.example", Kind: "king"}, {Place: "b.example", Email: "a@b.example", Language: "la"}, {Place: "", Email: "a@b.example"}} {
		_, err := w.d.SetContact(t.Context(), operator, e)
		w.want(err, takedown.ErrInvalid)
	}
	_, err := w.d.BlockContact(t.Context(), operator, "b.example", " ")
	w.want(err, takedown.ErrInvalid)
	_, err = w.d.SetContact(t.Context(), takedown.Actor{ID: "u", Role: "auditor"}, contact.Entry{Place: "b.example", Email: "a@b.example"})
	w.want(err, takedown.ErrForbidden)
	if got := w.holds("secretdesk", "otherdesk", "bin.example.org"); len(got) > 0 {
		t.Errorf("unsealed: %v", got)
	}
}

func TestWhoTakesAFormAloneIsToldByAPerson(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	w.rungs.found = []contact.Found{forge(), abuseDesk()}
	n := w.approved(item)
	if n.Recipient != "form:github" || n.RecipientKind != "platform" || len(n.Missing) > 0 {
		t.Fatalf("to %q, missing %v", n.Recipient, n.Missing)
	}
	if shown := w.caseOf(n.Case).Contacts[0]; shown.Email != "" || shown.Form != "github" {
		t.Errorf("%+v", shown)
	}
	if w.deliver(); len(mail.Mails()) != 0 || len(w.attempts()) != 0 {
		t.Fatal("a form was written to by mail")
	}
	sheet := must(w.d.NoticeForm(t.Context(), n.ID, ""))(t)
	if !strings.Contains(strings.ToLower(sheet.Form.ID), "github") {
		t.Errorf("sheet %+v", sheet.Form)
	}
	w.want(w.d.SentByHand(t.Context(), anna, n.ID, w.clock.now().Add(48*time.Hour), ""), takedown.ErrInvalid)
	w.want(w.d.SentByHand(t.Context(), anna, n.ID, w.clock.now().Add(-48*time.Hour), ""), takedown.ErrInvalid)
	w.want(w.d.SentByHand(t.Context(), takedown.System, n.ID, time.Time{}, ""), takedown.ErrForbidden)
	w.clock.pass(72 * time.Hour)
	on := w.clock.now().Add(-48 * time.Hour)
	if err := w.d.SentByHand(t.Context(), operator, n.ID, on, "GH-77"); err != nil {
		t.Fatal(err)
	}
	after := w.notice(n.ID)
	if after.State != takedown.NoticeSent || after.Sent == nil || !after.Sent.Equal(on) || !strings.Contains(after.Reason, "GH-77") || !strings.Contains(after.Reason, "form github") {
		t.Fatalf("%s at %v: %s", after.State, after.Sent, after.Reason)
	}
	if c := w.caseOf(n.Case); c.State != takedown.CaseNoticed {
		t.Errorf("the case is %s", c.State)
	}
	w.want(w.d.SentByHand(t.Context(), operator, n.ID, time.Time{}, ""), takedown.ErrState)
	if got := w.holds("GH-77"); len(got) > 0 {
		t.Error(got)
	}
	// A withdrawal of it is handed in the same way.
	file := must(w.d.PrepareRetraction(t.Context(), anna, n.ID, takedown.Withdrawal{Wrong: "not_leak"}))(t)
	if len(file.Notices) != 1 || file.Notices[0].Recipient != "form:github" {
		t.Fatalf("%+v", file.Notices)
	}
}

func TestAPersonsOwnMailTakesAnApprovedNoticeOutOfTheOutbox(t *testing.T) {
	w := newWorld(t)
	mail := w.post()
	n := w.approved(item)
	if err := w.d.SentByHand(t.Context(), anna, n.ID, time.Time{}, ""); err != nil {
		t.Fatal(err)
	}
	w.clock.pass(100 * time.Hour)
	if w.deliver(); len(mail.Mails()) != 0 || w.attempts()[0].State != takedown.AttemptVoid || w.notice(n.ID).State != takedown.NoticeSent {
		t.Errorf("%d mails, %+v", len(mail.Mails()), w.attempts())
	}
}
