package takedown

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"unmirror/internal/post"
	"unmirror/store"
)

// Recover is for the daemon's start alone: an attempt found open was cut by a crash, and nobody knows whether it arrived.
// It becomes unknown and waits for a person. It returns how many there were.
func (d *Docket) Recover(ctx context.Context) (n int, err error) {
	err = d.write(ctx, "recover outbox", func(tx *store.Tx) error {
		ids, err := queryIDs(tx, `SELECT id FROM attempts WHERE state = 'open'`)
		if err != nil {
			return err
		}
		n = len(ids)
		return d.leftOpen(tx, ids)
	})
	if err != nil {
		return 0, err
	}
	if _, err := d.KeepEvidence(ctx); err != nil {
		d.o.Log.WarnContext(ctx, "evidence waits to be kept", "error", err)
	}
	return n, nil
}

// longestTry is how long a try can be under way: the conversation has its end, and what came of it is written at once. Twice that, on a
// machine that was asleep or has much to do, is surely over.
const longestTry = 2 * sendWithin

// recoverLate does Recover for what another process than the daemon left open, such as an `outbox run` that was killed beside it.
func (d *Docket) recoverLate(ctx context.Context) error {
	find := func(tx *store.Tx) ([]string, error) {
		return queryIDs(tx, `SELECT id FROM attempts WHERE state = 'open' AND updated < ?`, store.Millis(d.now().Add(-longestTry)))
	}
	var ids []string
	err := d.read(ctx, "read outbox", func(tx *store.Tx) (err error) {
		ids, err = find(tx)
		return err
	})
	for _, id := range ids {
		err = errors.Join(err, d.write(ctx, "recover attempt "+id, func(tx *store.Tx) error {
			still, err := find(tx)
			if err != nil || !slices.Contains(still, id) {
				return err
			}
			return d.leftOpen(tx, []string{id})
		}))
	}
	return err
}

// leftOpen has attempts wait for a person that nobody makes any more.
func (d *Docket) leftOpen(tx *store.Tx, ids []string) error {
	for _, id := range ids {
		t, err := loadAttempt(tx, id)
		if err != nil {
			return err
		}
		letter, err := loadNotice(tx, t.noticeID)
		if err != nil {
			return err
		}
		t.reason = "The program stopped while this was being sent."
		if err := d.settle(tx, t, letter, post.Unknown); err != nil {
			return err
		}
	}
	return nil
}

// Resolve is a person's answer to an attempt of unknown outcome: "sent" when it arrived, "retry" to send the same bytes with
// the same Message-ID again. A failed attempt can be retried as well. Nothing new is approved by it, so the operator at the
// machine may answer too.
func (d *Docket) Resolve(ctx context.Context, a Actor, attemptID, answer string) error {
	if err := person(a); err != nil {
		return err
	}
	if answer != "sent" && answer != "retry" {
		return refuse(CodeInvalid, "Answer sent or retry.")
	}
	return d.write(ctx, "resolve attempt", func(tx *store.Tx) error {
		t, err := loadAttempt(tx, attemptID)
		if err != nil {
			return err
		}
		if t.state != AttemptUnknown && (t.state != AttemptFailed || answer != "retry") {
			return refuse(CodeState, fmt.Sprintf("The attempt is %s: there is nothing to resolve.", t.state))
		}
		n, err := loadNotice(tx, t.noticeID)
		if err != nil {
			return err
		}
		if n.version != t.version || string(n.state) != string(t.state) {
			return refuse(CodeState, "The notice has moved on since this attempt.")
		}
		if answer == "sent" {
			return d.arrived(tx, t, n, a)
		}
		return d.retry(tx, t, n, a)
	})
}

func (d *Docket) arrived(tx *store.Tx, t *attemptRec, n *noticeRec, a Actor) error {
	why := "A person found that it arrived."
	t.nextAttempt = store.Time(0)
	if err := saveAttempt(tx, t); err != nil {
		return err
	}
	if err := d.moveAttempt(tx, t, AttemptSent, a, why); err != nil {
		return err
	}
	if err := d.moveNotice(tx, n, NoticeSent, a, why); err != nil {
		return err
	}
	return d.told(tx, n, a)
}

func (d *Docket) retry(tx *store.Tx, t *attemptRec, n *noticeRec, a Actor) error {
	if err := writable(tx, n.recipient); err != nil {
		return err
	}
	live, over, err := standOf(tx, n)
	if err != nil {
		return err
	}
	switch {
	case n.kind == KindRetraction || len(over) == 0:
	case t.state != AttemptUnknown && len(live) == 0:
		return refuse(CodeState, "Its case is gone or dismissed: there is nothing to send.")
	case t.state != AttemptUnknown:
		return refuse(CodeState, "One of its cases is over: edit the notice, so that its address drops out.")
	case len(live) == 0:
		// A person says that it did not arrive; there is nothing left to send.
		why := "It did not arrive, and the case is gone or dismissed."
		if err := d.moveAttempt(tx, t, AttemptVoid, a, why); err != nil {
			return err
		}
		return d.moveNotice(tx, n, NoticeVoid, a, why)
	}
	if n.kind != KindRetraction { // which stands for itself
		for _, c := range live {
			if err := c.judged(); err != nil {
				return err
			}
		}
	}
	if t.state == AttemptFailed {
		t.attempt = 0 // a new row of tries; after unknown the count goes on, so that a late answer still finds its try
	}
	t.nextAttempt = d.now()
	if err := saveAttempt(tx, t); err != nil {
		return err
	}
	if err := d.moveAttempt(tx, t, AttemptQueued, a, "A person has it sent again."); err != nil {
		return err
	}
	if err := d.moveNotice(tx, n, NoticeApproved, a, "A person has it sent again."); err != nil || n.kind == KindRetraction {
		return err
	}
	for _, id := range over { // it did not arrive, so that what is over drops out, and counsel reads what is left
		if err := d.drop(tx, n, id, a); err != nil {
			return err
		}
	}
	return nil
}

// standOf splits what a notice is about: cases that still call for it, and those that are gone, dismissed or withdrawn since.
func standOf(tx *store.Tx, n *noticeRec) (live []*caseRec, over []string, err error) {
	if over, err = queryIDs(tx, `SELECT case_id FROM notice_cases WHERE notice_id = ? AND state = 'withdrawn' ORDER BY case_id`, n.id); err != nil {
		return nil, nil, err
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range cases {
		if c.state == CaseGone || c.state == CaseDismissed {
			over = append(over, c.id)
		} else {
			live = append(live, c)
		}
	}
	return live, over, nil
}
