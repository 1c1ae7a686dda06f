package takedown

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"unmirror/internal/post"
	"unmirror/store"
)

// attemptRec is a row of attempts, opened.
type attemptRec struct {
	id, noticeID string
	version      int
	digest       string
	state        AttemptState
	created      time.Time
	attempt      int
	nextAttempt  time.Time
	reason       string
}

const attemptColumns = `t.id, t.notice_id, t.version, t.digest, t.state, t.created, t.attempt, t.next_attempt, t.reason`

func scanAttempt(tx *store.Tx, s scanner, more ...any) (*attemptRec, error) {
	var t attemptRec
	var created, next int64
	var reason []byte
	err := s.Scan(append([]any{&t.id, &t.noticeID, &t.version, &t.digest, &t.state, &created, &t.attempt, &next, &reason}, more...)...)
	if err != nil {
		return nil, err
	}
	t.created, t.nextAttempt = store.Time(created), store.Time(next)
	if t.reason, err = tx.OpenText("attempts.reason", reason); err != nil {
		return nil, fmt.Errorf("open reason of %s: %w", t.id, err)
	}
	return &t, nil
}

func loadAttempt(tx *store.Tx, id string) (*attemptRec, error) {
	t, err := scanAttempt(tx, tx.QueryRow(`SELECT `+attemptColumns+` FROM attempts t WHERE t.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, refuse(CodeNotFound, "There is no attempt "+printable(id)+".")
	}
	if err != nil {
		return nil, fmt.Errorf("read attempt: %w", err)
	}
	return t, nil
}

// saveAttempt writes what may change besides the state.
func saveAttempt(tx *store.Tx, t *attemptRec) error {
	_, err := tx.Exec(`UPDATE attempts SET attempt = ?, next_attempt = ?, reason = ? WHERE id = ?`,
		t.attempt, store.Millis(t.nextAttempt), sealSome(tx, "attempts.reason", t.reason), t.id)
	if err != nil {
		return fmt.Errorf("save attempt %s: %w", t.id, err)
	}
	return nil
}

// enqueue puts an approved notice into the outbox, unless it goes by a form.
func (d *Docket) enqueue(tx *store.Tx, n *noticeRec, a Actor) error {
	if _, hand := byForm(n.recipient); hand {
		return nil // a person hands it in, and says so
	}
	now := d.now()
	id := store.NewID("attempt")
	_, err := tx.Exec(`INSERT INTO attempts (id, notice_id, version, digest, state, created, updated, next_attempt, reason)
		VALUES (?,?,?,?,'queued',?,?,?,?)`, id, n.id, n.version, n.digest, store.Millis(now), store.Millis(now), store.Millis(now),
		[]byte{})
	if err != nil {
		return fmt.Errorf("enqueue notice: %w", err)
	}
	// An answer names the mail that it answers, long after the notice may have been written anew.
	if err := rememberSent(tx, n); err != nil {
		return fmt.Errorf("enqueue notice: %w", err)
	}
	return step{of: "attempt", id: id, to: string(AttemptQueued), actor: a, at: now, why: "The notice was approved.", digest: n.digest}.record(tx, "")
}

// backOff is how long to wait after each try that was refused for now; when they are used up the attempt has failed. They
// add up to three days: RFC 5321 (4.5.4.1) has a sender give up after four to five, and a takedown cannot wait longer.
func backOff() []time.Duration {
	const m, h = time.Minute, time.Hour
	return []time.Duration{m, 5 * m, 30 * m, 2 * h, 4 * h, 8 * h, 12 * h, 24 * h, 24 * h}
}

// job is one claimed try: from the claim on, a crash leaves it open, and a person decides.
type job struct {
	attempt string
	try     int
	version version
}

// Deliver sends what is approved and due, one message after the other, until nothing is due, a hold is set, the mail
// server is down or ctx ends. It returns how many tries were made. Try and next back-off are committed before the first byte leaves, and the guard
// runs once more before that.
func (d *Docket) Deliver(ctx context.Context) (n int, err error) {
	err = d.recoverLate(ctx) // what ails one that was left open holds up no other
	stayed := ""             // the attempt that was due last and did not leave
	var turn time.Time       // when the next one may go to a domain that was just written to; zero: none waits for that
	var waited time.Duration
	for ctx.Err() == nil {
		t, v, one := d.nextDue(ctx)
		if one != nil && t == nil {
			return n, errors.Join(err, one)
		}
		if t == nil || t.id == stayed {
			if turn.IsZero() || !d.turn(ctx, turn, &waited) {
				return n, err
			}
			turn = time.Time{}
			continue
		}
		if d.o.Send == nil {
			return n, refuse(CodeState, "An approved notice waits, but no mail server is configured (mail.smtp).")
		}
		ready := false
		if one == nil {
			ready, one = d.ready(ctx, t, v)
		}
		if one != nil {
			// What ails one notice must hold up no other.
			err = errors.Join(err, fmt.Errorf("notice %s: %w", t.noticeID, one))
			if failed := d.putOff(ctx, t.id, "It could not be made ready to leave; it is tried again."); failed != nil || ctx.Err() != nil {
				return n, errors.Join(err, failed)
			}
		}
		if !ready {
			stayed = t.id
			continue
		}
		until, one := d.pace(ctx, t.id, v.Envelope.To)
		if one != nil {
			return n, errors.Join(err, one)
		}
		if !until.IsZero() {
			if turn.IsZero() || until.Before(turn) {
				turn = until
			}
			continue
		}
		j, one := d.claim(ctx, t, v)
		if one != nil {
			return n, errors.Join(err, one)
		}
		if j == nil {
			stayed = t.id
			continue // somebody else took it, or it may not go out any more
		}
		n++
		res := d.send(ctx, j)
		if one := d.finish(ctx, j, res); one != nil || serverDown(res) {
			return n, errors.Join(err, one)
		}
	}
	return n, err
}

// ready says whether a due notice may be claimed: its content was seen lately, and its recipient still stands. What is not ready was
// put off, or went back to counsel.
func (d *Docket) ready(ctx context.Context, t *attemptRec, v version) (bool, error) {
	if ok, err := d.lookFirst(ctx, t); err != nil || !ok {
		return false, err
	}
	return d.askFirst(ctx, t, v)
}

// serverDown says that a failure was not about this message: the others would fail alike, each at the cost of a try.
func serverDown(r post.Result) bool {
	switch r.Step {
	case post.StepConnect, post.StepHello, post.StepStartTLS, post.StepAuth:
		return r.Outcome != post.Sent
	}
	return false
}

// nextDue returns the attempt that is due longest, or nil; nil also under a hold. In quiet hours only
// withdrawals leave. While a case vanishes its notices wait:
// they would say that the content is there.
func (d *Docket) nextDue(ctx context.Context) (t *attemptRec, v version, err error) {
	err = d.read(ctx, "read outbox", func(tx *store.Tx) error {
		if held, err := isHeld(tx); err != nil || held {
			return err
		}
		t, err = scanAttempt(tx, tx.QueryRow(`SELECT `+attemptColumns+` FROM attempts t JOIN notices n ON n.id = t.notice_id
			WHERE t.state IN ('queued', 'deferred') AND t.next_attempt <= ? AND n.state = 'approved' AND (n.kind = 'retraction' OR ? AND NOT EXISTS
			(SELECT 1 FROM notice_cases x JOIN cases c ON c.id = x.case_id WHERE x.notice_id = n.id AND x.state = 'in'
			AND (c.disputed = 1 OR c.state NOT IN ('open', 'noticed')))) ORDER BY t.next_attempt, t.id LIMIT 1`, store.Millis(d.now()),
			d.o.Quiet(d.now()).IsZero()))
		if errors.Is(err, sql.ErrNoRows) {
			t = nil
			return nil
		}
		if err == nil {
			v, err = loadVersion(tx, t.noticeID, t.version)
		}
		return err
	})
	return t, v, err
}

// lookFirst has a notice leave only after a look that is fresh. A first one leaves unless the look says that the content is not there;
// what follows upon it needs to have been seen live, and is put off until it was.
func (d *Docket) lookFirst(ctx context.Context, t *attemptRec) (ok bool, err error) {
	var n *noticeRec
	var stale, look []string
	read := func(tx *store.Tx) error {
		if n, err = loadNotice(tx, t.noticeID); err != nil {
			return err
		}
		stale, look = nil, nil
		if ok, err = mayLeave(tx, n); err != nil || !ok || n.kind == KindRetraction {
			return err
		}
		cases, err := casesOf(tx, n.id)
		if err != nil {
			return err
		}
		for _, c := range cases {
			if d.fresh(c) {
				continue
			}
			stale = append(stale, c.id)
			if d.now().Sub(c.checkedAt) >= d.soon() {
				look = append(look, c.id)
			}
		}
		return nil
	}
	if err := d.read(ctx, "read outbox", read); err != nil || !ok || len(stale) == 0 {
		return ok, err
	}
	if len(look) > 0 && d.o.Checker != nil {
		if _, err := d.Recheck(ctx, look...); err != nil {
			return false, fmt.Errorf("look before sending: %w", err)
		}
		if err := d.read(ctx, "read outbox", read); err != nil || !ok {
			return false, err
		}
	}
	if len(stale) == 0 || !n.kind.follows() {
		return true, nil
	}
	return false, d.putOff(ctx, t.id, "It waits for a look that finds the content live.")
}

// putOff has a queued attempt wait a while, and says for what.
func (d *Docket) putOff(ctx context.Context, attemptID, why string) error {
	return d.write(ctx, "put off attempt", func(tx *store.Tx) error {
		t, err := loadAttempt(tx, attemptID)
		if err != nil || t.state != AttemptQueued && t.state != AttemptDeferred {
			return err
		}
		t.nextAttempt = d.now().Add(d.soon())
		t.reason = why
		return saveAttempt(tx, t)
	})
}

// claim commits the try before it is made, in one transaction that only one process can win. What does not stand any
// more goes back to counsel instead: then it returns nil.
func (d *Docket) claim(ctx context.Context, t *attemptRec, v version) (*job, error) {
	r := d.review(v)
	var j *job
	err := d.write(ctx, "claim attempt", func(tx *store.Tx) error {
		j = nil
		now, err := loadAttempt(tx, t.id)
		if err != nil {
			return err
		}
		n, err := loadNotice(tx, t.noticeID)
		if err != nil {
			return err
		}
		quiet := n.kind != KindRetraction && !d.o.Quiet(d.now()).IsZero()
		if ok, err := mayLeave(tx, n); err != nil || !ok || quiet || now.state != t.state || now.attempt != t.attempt {
			return err
		}
		why := unfit(now, n, v, r)
		if why == "" {
			if why, err = d.unwanted(tx, n); err != nil {
				return err
			}
		}
		if why == "" {
			if why, err = unwritable(tx, n.recipient); err != nil {
				return err
			}
		}
		if why != "" {
			return d.takeBack(tx, n, NoticeDraft, System, why)
		}
		waits := backOff()
		now.attempt++
		now.nextAttempt = d.now().Add(waits[min(now.attempt, len(waits))-1])
		now.reason = ""
		if err := saveAttempt(tx, now); err != nil {
			return err
		}
		j = &job{attempt: now.id, try: now.attempt, version: v}
		return d.moveAttempt(tx, now, AttemptOpen, System, fmt.Sprintf("Try %d.", now.attempt))
	})
	return j, err
}

// mayLeave says whether an approved notice may go out at this moment: no hold, and each of its cases live and undisputed. A
// withdrawal waits for no case.
func mayLeave(tx *store.Tx, n *noticeRec) (bool, error) {
	held, err := isHeld(tx)
	if err != nil || held || n.state != NoticeApproved {
		return false, err
	}
	if n.kind == KindRetraction {
		return true, nil
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return false, err
	}
	for _, c := range cases {
		if c.disputed || c.state != CaseOpen && c.state != CaseNoticed {
			return false, nil
		}
	}
	return len(cases) > 0, nil
}

// unfit says why an approved notice may not leave after all.
func unfit(t *attemptRec, n *noticeRec, v version, r review) string {
	switch {
	case v.digest() != n.digest || t.digest != n.digest || t.version != n.version || n.digest == "":
		return "The stored message is not the one that was approved."
	case len(r.missing) > 0:
		return "It is no longer complete; it must be approved again."
	case len(r.blocked) > 0 || r.locationHits && n.accepted == "":
		return "The guard now finds an identifier of a person in it; it must be approved again."
	}
	return ""
}

const (
	sendWithin  = 12 * time.Minute // one conversation with the mail server
	graceAtStop = 15 * time.Second // what a begun conversation gets when the program is being stopped
)

// send hands the message over. A stop in the middle of DATA would leave a case for a person to decide, so a begun
// conversation gets a moment to end; a hold set meanwhile cuts it at once.
func (d *Docket) send(ctx context.Context, j *job) post.Result {
	begun, cut := context.WithTimeout(context.WithoutCancel(ctx), sendWithin)
	defer cut()
	defer context.AfterFunc(ctx, func() { time.AfterFunc(graceAtStop, cut) })()
	return d.Braked(d.o.Send)(begun, j.version.Envelope.From, []string{j.version.Envelope.To}, post.WithDate(j.version.mime, d.now()))
}

// finish records how a try ended, also when the program is being stopped: the outcome is known now and only now.
func (d *Docket) finish(ctx context.Context, j *job, res post.Result) error {
	ctx = context.WithoutCancel(ctx)
	return d.write(ctx, "record attempt", func(tx *store.Tx) error {
		t, err := loadAttempt(tx, j.attempt)
		if err != nil {
			return err
		}
		if t.attempt != j.try || t.state == AttemptVoid || t.state == AttemptSent {
			return nil // a person decided in the meantime
		}
		if (t.state == AttemptQueued || t.state == AttemptUnknown) && res.Outcome == post.Unknown ||
			t.state == AttemptQueued && res.Outcome != post.Sent {
			return nil
		}
		n, err := loadNotice(tx, t.noticeID)
		if err != nil {
			return err
		}
		t.reason = res.Text
		if res.Code > 0 {
			t.reason = fmt.Sprintf("%d %s", res.Code, res.Text)
		}
		return d.settle(tx, t, n, res.Outcome)
	})
}

// settle moves attempt and notice by an outcome, and the case with the first notice that went out.
func (d *Docket) settle(tx *store.Tx, t *attemptRec, n *noticeRec, o post.Outcome) error {
	attempt, letter, why := AttemptUnknown, NoticeUnknown, "Cut after the message was begun: nobody knows whether it arrived."
	switch {
	case o == post.Sent:
		attempt, letter, why = AttemptSent, NoticeSent, "The recipient's server took it."
	case o == post.Deferred && t.attempt <= len(backOff()):
		attempt, letter, why = AttemptDeferred, NoticeApproved, "Refused for now."
	case o == post.Deferred:
		attempt, letter, why = AttemptFailed, NoticeFailed, "Refused for now too often."
	case o == post.Refused:
		attempt, letter, why = AttemptFailed, NoticeFailed, "Refused for good."
	}
	if attempt != AttemptDeferred {
		t.nextAttempt = store.Time(0)
	}
	if err := saveAttempt(tx, t); err != nil {
		return err
	}
	if err := d.moveAttempt(tx, t, attempt, System, why); err != nil {
		return err
	}
	if letter != n.state {
		if err := d.moveNotice(tx, n, letter, System, why); err != nil {
			return err
		}
	}
	if attempt == AttemptSent {
		return d.told(tx, n, System)
	}
	return d.overtake(tx, n)
}

// told moves the cases of a notice that went out, and looks at them often again. A notice of an earlier round tells nobody that a
// case is back, and a withdrawal tells of no case.
func (d *Docket) told(tx *store.Tx, n *noticeRec, a Actor) error {
	if n.kind == KindRetraction {
		return nil
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if n.round == c.reopened && c.state == CaseOpen {
			err = d.moveCase(tx, c, CaseNoticed, a, "A notice went out.")
		} else if n.round == c.reopened && c.state == CaseNoticed {
			_, err = tx.Exec(`UPDATE cases SET plan_from = ? WHERE id = ?`, store.Millis(d.now()), c.id)
		}
		if err == nil && (c.state == CaseGone || c.state == CaseDismissed) {
			err = d.voidNotices(tx, c.id, System, overtaken)
		}
		if err != nil {
			return fmt.Errorf("note that %s was told: %w", c.id, err)
		}
	}
	return nil
}

const overtaken = "The case was overtaken while it was being sent."

// overtake drops what was proven gone or dismissed while a notice about it was being sent, and has to wait.
func (d *Docket) overtake(tx *store.Tx, n *noticeRec) error {
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if c.state == CaseGone || c.state == CaseDismissed {
			if err := d.voidNotices(tx, c.id, System, overtaken); err != nil {
				return err
			}
		}
	}
	return nil
}
