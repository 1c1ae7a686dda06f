package takedown

import (
	"context"
	"fmt"
	"net/mail"
	"slices"
	"strings"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/notice"
)

// Edit writes counsel's changes as a new version, with a new digest and Message-ID; an approval falls with it.
// baseVersion is the version that counsel read: another one in the meantime gives ErrStale.
func (d *Docket) Edit(ctx context.Context, a Actor, noticeID string, baseVersion int, e Edit) error {
	if err := counsel(a); err != nil {
		return err
	}
	return d.write(ctx, "edit notice", func(tx *store.Tx) error {
		n, err := loadNotice(tx, noticeID)
		if err != nil {
			return err
		}
		if n.version != baseVersion {
			return refuse(CodeStale, "Somebody changed this notice in the meantime. Read it again, then edit.")
		}
		if err := editable(tx, n); err != nil {
			return err
		}
		if err := d.lapse(tx, n, a); err != nil {
			return err
		}
		v, err := loadVersion(tx, n.id, n.version)
		if err != nil {
			return err
		}
		if err := d.change(tx, n, &v, e); err != nil {
			return err
		}
		if n.state != NoticeDraft {
			why := "Edited."
			if n.state == NoticeApproved {
				why = "Edited: the approval falls."
			}
			if err := d.takeBack(tx, n, NoticeDraft, a, why); err != nil {
				return err
			}
		}
		return d.writeVersion(tx, n, v, a)
	})
}

// editable refuses what is on its way, has arrived, or has no case any more.
func editable(tx *store.Tx, n *noticeRec) error {
	switch n.state {
	case NoticeDraft, NoticeApproved, NoticeFailed, NoticeRejected:
	case NoticeUnknown:
		return refuse(CodeState, "It may have arrived: first say in the outbox whether it did.")
	case NoticeSent:
		return refuse(CodeState, "It was sent and cannot be edited any more.")
	default:
		return refuse(CodeState, "It was overtaken: the case is gone or dismissed.")
	}
	return underway(tx, n)
}

// underway refuses while the mail server is being talked to, and where the cases call for no notice.
func underway(tx *store.Tx, n *noticeRec) error {
	var open bool
	err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM attempts WHERE notice_id = ? AND state = 'open')`, n.id).Scan(&open)
	if err != nil {
		return fmt.Errorf("read attempts of %s: %w", n.id, err)
	}
	if open {
		return refuse(CodeState, "It is being sent at this moment.")
	}
	if n.kind == KindRetraction {
		return nil // it stands for itself, whatever becomes of the case
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	over := 0
	for _, c := range cases {
		if c.state == CaseGone || c.state == CaseDismissed {
			over++
		} else if err := c.judged(); err != nil {
			return err
		}
	}
	if over == len(cases) {
		return refuse(CodeState, "Its case is gone or dismissed.")
	}
	return nil
}

// judged refuses while counsel has not said that a live case is a wrong, also while it vanishes: it would come back to triage.
func (c *caseRec) judged() error {
	switch {
	case c.state == CaseTriage:
		return refuse(CodeState, "Its case waits in triage: first say whether it is a wrong.")
	case c.triageDue:
		return refuse(CodeState, "Its case left triage because the content was not found; wait until it is live again or gone.")
	}
	return nil
}

// change applies an edit to a version. A text that no person wrote is composed anew for another language or recipient.
func (d *Docket) change(tx *store.Tx, n *noticeRec, v *version, e Edit) error {
	// What was frozen into a draft may be of an older configuration: the notice speaks for who sends it now.
	anew := v.Facts.Notifier != d.o.Notifier && !n.byPerson
	v.Facts.Notifier = d.o.Notifier
	if e.Recipient != nil && *e.Recipient != v.Envelope.To {
		if err := d.changeRecipient(tx, n, v, strings.TrimSpace(*e.Recipient)); err != nil {
			return err
		}
		anew = anew || !n.byPerson
	}
	if e.Language != nil && *e.Language != v.Facts.Language {
		if !spoken(*e.Language) {
			return refuse(CodeInvalid, "A notice can be written in nl, fr, de or en.")
		}
		v.Facts.Language, anew = *e.Language, true
	}
	if err := d.law(v, e, &anew); err != nil {
		return err
	}
	if anew {
		c, err := loadCase(tx, n.caseID)
		if err != nil {
			return err
		}
		if err := d.draw(tx, v, c.leak); err != nil {
			return err
		}
	}
	_, swaps := d.show(v.Facts, v.Draft.Body)
	shownSubject, _ := d.show(v.Facts, v.Draft.Subject)
	shownBody, _ := d.show(v.Facts, v.Draft.Body)
	was := v.Draft
	if anew {
		fresh, err := notice.Compose(d.o.Law, v.Facts)
		if err != nil {
			return fmt.Errorf("compose notice: %w", err)
		}
		v.Draft = fresh
	}
	// A form sends every field back: one that repeats what was shown is no edit.
	if e.Subject != nil {
		if s := oneLine(*e.Subject); s != oneLine(shownSubject) && s != oneLine(was.Subject) {
			v.Draft.Subject, n.byPerson = s, true
		}
	}
	if e.Body != nil {
		if b := lines(*e.Body); b != lines(shownBody) && b != lines(was.Body) {
			v.Draft.Body, n.byPerson = unshow(b, swaps), true
		}
	}
	return nil
}

// law takes another regime or measure where counsel chose one; the text is then composed anew.
func (d *Docket) law(v *version, e Edit, anew *bool) error {
	if e.Regime != nil && *e.Regime != v.Facts.Regime {
		r, ok := d.o.Law.Regime(*e.Regime)
		if !ok || !slices.Contains(r.Recipients, v.Facts.RecipientKind) || !r.Has(v.Facts.Act) {
			return refuse(CodeInvalid, "The law table has no such regime for this recipient and kind of notice.")
		}
		if len(r.Languages) > 0 && !slices.Contains(r.Languages, v.Facts.Language) {
			v.Facts.Language = r.Languages[0]
		}
		v.Facts.Regime, *anew = r.ID, true
	}
	if e.Action != nil && *e.Action != v.Facts.Action && (v.Facts.Action != "" || *e.Action != Actions()[0]) {
		if !slices.Contains(Actions(), *e.Action) {
			return refuse(CodeInvalid, "A notice can ask to: "+strings.Join(Actions(), ", ")+".")
		}
		v.Facts.Action, *anew = *e.Action, true
	}
	return nil
}

// Actions lists the measures that a notice can ask for; the narrowest one that suffices is chosen.
func Actions() []string { return notice.Measures() }

// changeRecipient takes name, kind and profile of a rung that has this address; somebody else gets no attachments. The
// language stays what counsel reads.
func (d *Docket) changeRecipient(tx *store.Tx, n *noticeRec, v *version, to string) error {
	if to == "" {
		v.Envelope.To = ""
		return nil
	}
	id, hand := byForm(to)
	if hand && !knownForm(id) {
		return refuse(CodeInvalid, "There is no such form.")
	}
	addr, err := mail.ParseAddress(to)
	if !hand && (err != nil || addr.Name != "" || addr.Address != to || strings.ContainsAny(to, " <>\r\n")) {
		return refuse(CodeInvalid, "The recipient is no e-mail address.")
	}
	found, err := d.contacts(tx, n.caseID)
	if err != nil {
		return err
	}
	rung := contact.Found{Email: to, Kind: v.Facts.RecipientKind, Profile: contact.Profile{OffersInEU: true}}
	for _, f := range found {
		if strings.EqualFold(f.Email, to) {
			rung = f
			rung.Email = to
			break
		}
	}
	if listed, err := d.forbid(tx, contact.Place{}, []contact.Found{{Email: to, Kind: rung.Kind}}); err != nil {
		return err
	} else if why := listed[0].Skipped; why != "" {
		return refuse(CodeInvalid, "This address is not to be written to: "+why+".")
	}
	if slices.Contains(innocent[:], rung.Kind) {
		return refuse(CodeInvalid, "Nobody writes to this recipient: they only show what others published, or are hostile.")
	}
	rung.Language = v.Facts.Language
	d.aim(v, rung)
	return d.thread(tx, v.Cases, &v.Envelope)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// lines gives a form's text the line ends of a draft.
func lines(s string) string {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	return strings.TrimRight(s, " \t\n") + "\n"
}

// takeBack moves a notice out of the outbox: an attempt that has not begun becomes void.
func (d *Docket) takeBack(tx *store.Tx, n *noticeRec, to NoticeState, a Actor, why string) error {
	if err := d.voidAttempts(tx, n.id, a, why); err != nil {
		return err
	}
	return d.moveNotice(tx, n, to, a, why)
}

func (d *Docket) voidAttempts(tx *store.Tx, noticeID string, a Actor, why string) error {
	ids, err := queryIDs(tx, `SELECT id FROM attempts WHERE notice_id = ? AND state IN ('queued', 'deferred')`, noticeID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		t, err := loadAttempt(tx, id)
		if err != nil {
			return err
		}
		if err := d.moveAttempt(tx, t, AttemptVoid, a, why); err != nil {
			return err
		}
	}
	return nil
}
