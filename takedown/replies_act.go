package takedown

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/notice"
	"unmirror/takedown/reply"
)

// act does what follows from a mail by itself, and says where the mail then stands: a bounce and a confirmation of receipt speak of the
// mail's own way; "removed" calls for a look. All else is for a person.
func (d *Docket) act(tx *store.Tx, r *replyRec, t tied) (ReplyState, error) {
	n := t.notice
	if n == nil {
		return ReplyUnmatched, nil
	}
	if r.kind == reply.Bounce {
		return d.bounced(tx, r, t)
	}
	if to, err := answeredFrom(tx, n, t.version); err != nil {
		return "", err
	} else if t.sure && strings.EqualFold(to, r.content.From) {
		if err := d.answers(tx, to, r.received); err != nil {
			return "", err
		}
	}
	if r.seems(reply.Removed) {
		cases, err := casesOf(tx, n.id)
		if err != nil {
			return "", err
		}
		soon := d.lookSooner
		if t.sure {
			soon = d.lookSoon
		}
		if err := soon(tx, ids(cases)...); err != nil {
			return "", err
		}
	}
	if t.sure && r.seems(reply.Receipt) && !r.seems(reply.Absent) && (n.state == NoticeSent || n.state == NoticeUnknown) {
		if err := d.noteAnswer(tx, System, n, AnswerReceipt, r.received); err != nil {
			return "", err
		}
	}
	first := r.says[0]
	if r.kind == reply.Automatic && (first == reply.Absent || first == reply.Receipt && t.sure) {
		return ReplySettled, nil
	}
	return ReplyWaiting, nil
}

// mostLooks is how often at most a mail that anybody can write brings a look at a case forward: each look is a request.
const mostLooks = time.Hour

// lookSooner brings the next look at cases forward, to now where none was made lately.
func (d *Docket) lookSooner(tx *store.Tx, caseIDs ...string) error {
	for _, id := range caseIDs {
		if _, err := tx.Exec(`UPDATE cases SET next_check = MIN(next_check, MAX(?, checked_at + ?)) WHERE id = ? AND next_check > 0`,
			store.Millis(d.now()), mostLooks.Milliseconds(), id); err != nil {
			return fmt.Errorf("plan recheck of %s: %w", id, err)
		}
	}
	return nil
}

// bounced acts upon a bounce that names our mail, in what it returns or refers to; one that only names a ticket, or came to the address
// that answers go to, which everybody has whom the notice was shown, waits for a person.
func (d *Docket) bounced(tx *store.Tx, r *replyRec, t tied) (ReplyState, error) {
	if t.named && (r.seems(reply.Delayed) || r.seems(reply.Receipt)) {
		return ReplySettled, nil
	}
	to, err := answeredFrom(tx, t.notice, t.version)
	if err != nil {
		return "", err
	}
	mine, ok := failure(r.content.Failed, to)
	if !t.named || !ok || t.notice.answer != "" || late(t.notice, r.received) {
		return ReplyWaiting, nil
	}
	return ReplySettled, d.cameBack(tx, System, r, t, mine)
}

// lastBounce is how long after a mail its bounce may come: servers give up within five days (RFC 5321, 4.5.4.1), and some are slow.
const lastBounce = 10 * 24 * time.Hour

// late says that a bounce comes when no server still has the mail. Hosts pass notices on to those whom they are about, who then know
// all that makes a bounce believed: what comes late, or about a notice that was answered, is for a person.
func late(n *noticeRec, received time.Time) bool {
	return !n.sentAt.IsZero() && received.Sub(n.sentAt) > lastBounce
}

// failure is what a bounce says of the address that the mail went to which came back: of another one, to which somebody passed the notice
// on, it says nothing about the notice.
func failure(failed []reply.Failed, to string) (reply.Failed, bool) {
	for _, f := range failed {
		if f.Address == "" || strings.EqualFold(f.Address, to) {
			return f, true
		}
	}
	return reply.Failed{}, false
}

// cameBack takes note that a notice did not arrive after all. An address that takes no mail at all is not written to again, and the
// notice goes back to counsel as a draft to the next one that is known; where none is, or the address only refused this mail, it has
// failed, and a person decides.
func (d *Docket) cameBack(tx *store.Tx, a Actor, r *replyRec, t tied, f reply.Failed) error {
	n := t.notice
	v, err := loadVersion(tx, n.id, n.version)
	if t.version != 0 && err == nil {
		v, err = loadVersion(tx, n.id, t.version)
	}
	if err != nil {
		return err
	}
	if f.Hard() {
		if err := d.suppress(tx, a, v.Envelope.To, "bounced", r.id); err != nil {
			return err
		}
	}
	if t.version != 0 && t.version != n.version || n.state != NoticeSent && n.state != NoticeUnknown {
		return nil // it has moved on since
	}
	why := "It came back: the recipient's server took it and could not deliver it"
	if f.Status != "" {
		why += " (" + f.Status + ")"
	}
	why += "."
	if err := d.attemptCameBack(tx, n, a, why); err != nil {
		return err
	}
	if err := d.moveNotice(tx, n, NoticeFailed, a, why); err != nil {
		return err
	}
	if _, err := tx.Exec(`UPDATE notices SET sent_at = 0 WHERE id = ?`, n.id); err != nil {
		return fmt.Errorf("note return of %s: %w", n.id, err)
	}
	n.sentAt = store.Time(0)
	if n.kind == KindRetraction {
		return nil
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if c.state != CaseNoticed || c.reopened != n.round {
			continue
		}
		to, err := openOrNoticed(tx, c)
		if err == nil && to == CaseOpen {
			err = d.moveCase(tx, c, CaseOpen, a, "The only notice of this round came back.")
		}
		if err != nil {
			return err
		}
	}
	if !f.Hard() {
		return nil
	}
	return d.readdress(tx, n, cases)
}

func (d *Docket) attemptCameBack(tx *store.Tx, n *noticeRec, a Actor, why string) error {
	ids, err := queryIDs(tx, `SELECT id FROM attempts WHERE notice_id = ? AND version = ? AND state IN ('sent', 'unknown')`, n.id, n.version)
	if err != nil {
		return err
	}
	for _, id := range ids {
		t, err := loadAttempt(tx, id)
		if err != nil {
			return err
		}
		t.reason = why
		if err := saveAttempt(tx, t); err != nil {
			return err
		}
		if err := d.moveAttempt(tx, t, AttemptFailed, a, why); err != nil {
			return err
		}
	}
	return nil
}

// readdress makes a failed notice a draft to the nearest contact that was not yet written to, on its own rung or above. Words that a
// person wrote stay; a reminder has nobody else to go to.
func (d *Docket) readdress(tx *store.Tx, n *noticeRec, cases []*caseRec) error {
	if n.kind == KindReminder || n.kind == KindComplaint || !slices.ContainsFunc(cases, func(c *caseRec) bool { return c.state == CaseOpen || c.state == CaseNoticed }) {
		return nil
	}
	found, err := loadContacts(tx, n.caseID)
	if err != nil {
		return err
	}
	told, err := toldAbout(tx, ids(cases))
	if err != nil {
		return err
	}
	next, ok := nextRung(found, min(n.rung, rungOf(n.recipientKind))-1, append(recipients(told), n.recipient), false)
	if !ok {
		return nil
	}
	v, err := loadVersion(tx, n.id, n.version)
	if err != nil {
		return err
	}
	if err := d.aimAgain(tx, n, &v, cases[0].leak, next); err != nil {
		return err
	}
	if err := d.moveNotice(tx, n, NoticeDraft, System, "It came back; addressed to the next contact."); err != nil {
		return err
	}
	return d.writeVersion(tx, n, v, System)
}

// aimAgain addresses a version that exists to another contact.
func (d *Docket) aimAgain(tx *store.Tx, n *noticeRec, v *version, leak string, to contact.Found) (err error) {
	language := v.Facts.Language
	if err := d.drawAndAim(tx, v, leak, to); err != nil {
		return err
	}
	if err := d.thread(tx, v.Cases, &v.Envelope); err != nil {
		return err
	}
	if n.byPerson {
		v.Facts.Language = language
		return nil
	}
	if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
		return fmt.Errorf("compose notice: %w", err)
	}
	return nil
}
