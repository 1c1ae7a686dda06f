package takedown

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unmirror/store"
)

// AnswerTriage records counsel's answer whether a match is a wrong at all. It also takes an open case back, and a
// dismissed one up again.
func (d *Docket) AnswerTriage(ctx context.Context, a Actor, caseID string, t Triage) error {
	if err := counsel(a); err != nil {
		return err
	}
	exceptions := []string{"own_publication", "journalism", "court", "authority", "research", "other"}
	reason := strings.TrimSpace(t.Reason)
	if !t.Wrong && !slices.Contains(exceptions, t.Exception) {
		return refuse(CodeInvalid, "Say which exception applies: "+strings.Join(exceptions, ", ")+".")
	}
	if !t.Wrong && reason == "" {
		return refuse(CodeInvalid, "Give the reason why this is no wrong.")
	}
	var inspected Inspection
	if t.Inspected != nil {
		var err error
		if inspected, err = d.checkInspection(*t.Inspected); err != nil {
			return err
		}
	}
	return d.write(ctx, "answer triage", func(tx *store.Tx) error {
		c, err := loadCase(tx, caseID)
		if err != nil {
			return err
		}
		to, why := CaseDismissed, t.Exception+": "+reason
		if t.Wrong {
			if to, err = openOrNoticed(tx, c); err != nil {
				return err
			}
			if why = reason; why == "" {
				why = "Counsel says that it is a wrong."
			}
		}
		if !allowed("case", string(c.state), string(to)) || c.state == CaseVanishing || c.state == CaseGone || t.Wrong && c.state == CaseOpen {
			return refuse(CodeState, fmt.Sprintf("The case is %s: there is nothing to answer.", c.state))
		}
		c.triageDue, c.nextCheck = false, d.now().Add(d.slack(d.o.RecheckEvery))
		if to == CaseDismissed {
			c.nextCheck = store.Time(0)
		}
		if t.Inspected != nil {
			if err := d.keepInspection(tx, a, c.id, inspected); err != nil {
				return err
			}
		}
		if to == CaseDismissed && c.state == CaseOpen { // a draft was made, or would be
			if err := d.dismissed(tx, c); err != nil {
				return err
			}
		}
		if err := d.moveCase(tx, c, to, a, why); err != nil {
			return err
		}
		return d.saveCase(tx, c)
	})
}

// Approve is counsel's yes to exactly the bytes and envelope of one digest. Notice state, outbox, news and audit row are
// committed together. It refuses with ErrStale, ErrIncomplete, ErrBlocked or ErrState; where two persons approve, the first one's yes is
// kept and answered with ErrSecond. A hold does not keep anybody
// from approving, only from sending.
func (d *Docket) Approve(ctx context.Context, a Actor, noticeID string, ap Approval) error {
	if err := counsel(a); err != nil {
		return err
	}
	accept := strings.TrimSpace(ap.AcceptLocation)
	version, located, err := d.approvable(ctx, noticeID, ap.Digest, accept)
	if err != nil {
		return err
	}
	if !located {
		accept = "" // nothing there to accept: it must not stand for what the guard may find later
	}
	var second error
	err = d.write(ctx, "approve notice", func(tx *store.Tx) error {
		n, err := loadNotice(tx, noticeID)
		if err != nil {
			return err
		}
		// What was checked above must be what is approved: the guard ran outside of this transaction.
		if n.version != version || n.digest != ap.Digest || n.state != NoticeDraft && n.state != NoticeFailed {
			return refuse(CodeStale, "Somebody changed this notice in the meantime. Read it again, then approve.")
		}
		if err := standing(tx, n); err != nil {
			return err
		}
		if second, err = d.sayYes(tx, a, n); err != nil || second != nil {
			return err
		}
		n.accepted = accept
		if _, err := tx.Exec(`UPDATE notices SET accepted = ? WHERE id = ?`, tx.SealText("notices.accepted", accept), n.id); err != nil {
			return fmt.Errorf("keep acceptance: %w", err)
		}
		why := fmt.Sprintf("Approved version %d, digest %s.", n.version, n.digest)
		if accept != "" {
			why += " The address itself holds an identifier; accepted because: " + accept
		}
		if err := d.moveNotice(tx, n, NoticeApproved, a, why); err != nil {
			return err
		}
		if err := errors.Join(d.decidedNotice(tx, n, taken), d.enqueue(tx, n, a)); err != nil {
			return err
		}
		return d.confirmAll(tx, n)
	})
	if err != nil {
		return err
	}
	return second
}

// standing refuses an approval where the notice is being sent, its case is over, or somebody disputes it.
func standing(tx *store.Tx, n *noticeRec) error {
	if err := errors.Join(underway(tx, n), writable(tx, n.recipient)); err != nil || n.kind == KindRetraction {
		return err
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	for _, c := range cases {
		switch {
		case c.disputed:
			return refuse(CodeState, "Its case is disputed: answer the dispute first.")
		case c.state == CaseGone || c.state == CaseDismissed:
			return refuse(CodeState, "One of its cases is over: edit the notice, so that its address drops out.")
		}
	}
	return nil
}

// confirmAll tells subscribers of each case of an approved notice.
func (d *Docket) confirmAll(tx *store.Tx, n *noticeRec) error {
	if n.kind == KindRetraction {
		return nil
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if err := d.confirm(tx, c); err != nil {
			return err
		}
	}
	return nil
}

// approvable refuses what may not be approved; it returns the version that it looked at, and whether its location holds an identifier.
func (d *Docket) approvable(ctx context.Context, noticeID, digest, accept string) (version int, located bool, err error) {
	n, v, err := d.current(ctx, noticeID)
	if err != nil {
		return 0, false, err
	}
	if n.state != NoticeDraft && n.state != NoticeFailed {
		return 0, false, refuse(CodeState, fmt.Sprintf("The notice is %s, not a draft.", n.state))
	}
	waited, err := d.queuedBefore(ctx, n.id)
	if err != nil {
		return 0, false, err
	}
	if n.kind == KindRetraction && n.state == NoticeDraft && !waited {
		return 0, false, refuse(CodeState, "A withdrawal goes to everybody at once: approve it with the others, where the notice is withdrawn.")
	}
	r := d.review(v)
	if len(r.missing) > 0 {
		return 0, false, &IncompleteError{Missing: r.missing}
	}
	if n.digest == "" || digest != n.digest || v.digest() != n.digest {
		return 0, false, refuse(CodeStale, "This is not the digest of what would go out now. Read the notice again, then approve.")
	}
	if len(r.blocked) > 0 {
		return 0, false, &BlockedError{Blocked: r.blocked}
	}
	if r.locationHits && accept == "" {
		return 0, false, &BlockedError{Location: true, Blocked: []string{"an identifier in the location"}}
	}
	return n.version, r.locationHits, nil
}

// queuedBefore says whether a notice was approved once and stood in the outbox. A withdrawal of which that is so came back to counsel
// by itself: the others have gone, and it is approved alone.
func (d *Docket) queuedBefore(ctx context.Context, noticeID string) (yes bool, err error) {
	err = d.read(ctx, "read attempts", func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM attempts WHERE notice_id = ?)`, noticeID).Scan(&yes)
	})
	return yes, err
}

// current returns a notice with its current version.
func (d *Docket) current(ctx context.Context, noticeID string) (n *noticeRec, v version, err error) {
	err = d.read(ctx, "read notice", func(tx *store.Tx) error {
		if n, err = loadNotice(tx, noticeID); err != nil {
			return err
		}
		v, err = loadVersion(tx, n.id, n.version)
		return err
	})
	return n, v, err
}

// confirm tells subscribers, once per case, that counsel confirmed a re-upload.
func (d *Docket) confirm(tx *store.Tx, c *caseRec) error {
	if c.confirmed {
		return nil
	}
	c.confirmed = true
	if err := d.saveCase(tx, c); err != nil {
		return err
	}
	return d.tell(tx, c, "confirmed", "")
}

// Reject is counsel's no, with a reason. An approved notice can be rejected until it is being sent, a failed one is given up.
func (d *Docket) Reject(ctx context.Context, a Actor, noticeID, reason string) error {
	if err := counsel(a); err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return refuse(CodeInvalid, "Give a reason for rejecting the notice.")
	}
	return d.write(ctx, "reject notice", func(tx *store.Tx) error {
		n, err := loadNotice(tx, noticeID)
		if err != nil {
			return err
		}
		if n.state != NoticeDraft && n.state != NoticeApproved && n.state != NoticeFailed {
			return refuse(CodeState, fmt.Sprintf("The notice is %s and cannot be rejected any more.", n.state))
		}
		if err := underway(tx, n); err != nil && n.state != NoticeFailed {
			return err
		}
		if n.state != NoticeFailed { // one that nobody took is given up, which says nothing of the match
			if err := d.decidedNotice(tx, n, rejected); err != nil {
				return err
			}
		}
		return d.takeBack(tx, n, NoticeRejected, a, reason)
	})
}
