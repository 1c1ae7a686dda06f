package takedown

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
)

// A doubt is a leak, a source or a recipient of which so many notices were rejected lately that none is drafted until counsel has looked
// at why. Who sends many unfounded notices loses the right to be heard (DSA art. 23(2)), and a matcher that errs errs often.

// Doubt is one of them.
type Doubt struct {
	ID      string    `json:"id"`
	State   string    `json:"state"` // open
	Created time.Time `json:"created"`
	Of      string    `json:"of"`   // leak, source, recipient
	Name    string    `json:"name"` // the leak's slug, the source's name, the recipient's address
	// Rejected of the last Decided: by counsel where it is a leak or a source, by the recipient where it is one.
	Rejected int `json:"rejected"`
	Decided  int `json:"decided"`
	Waiting  int `json:"waiting"` // cases that have no notice because of it; of a recipient not counted
}

// doubtOver is how many decisions count, the newest.
const doubtOver = 10

// The two outcomes that a doubt is made of.
const taken, rejected = "y", "n"

// Doubts lists what waits for counsel's look, oldest first. Where the limit is 0 there are none.
func (d *Docket) Doubts(ctx context.Context) ([]Doubt, error) {
	return d.doubts(ctx, `CASE x.of
		WHEN 'leak' THEN (SELECT COUNT(*) FROM cases c WHERE c.state = 'open' AND c.leak = CAST(x.key AS TEXT) AND `+unnoticed+`)
		WHEN 'source' THEN (SELECT COUNT(*) FROM cases c WHERE c.state = 'open' AND c.source = CAST(x.key AS TEXT) AND `+unnoticed+`)
		ELSE 0 END`)
}

// OpenDoubts is Doubts without counting what waits, which takes a walk through the open cases.
func (d *Docket) OpenDoubts(ctx context.Context) ([]Doubt, error) { return d.doubts(ctx, `0`) }

func (d *Docket) doubts(ctx context.Context, waiting string) (out []Doubt, err error) {
	if d.o.RejectionLimit <= 0 {
		return nil, nil
	}
	err = d.read(ctx, "list doubts", func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(`SELECT x.id, x.since, x.of, x.key, x.name, x.recent, ` + waiting + ` FROM doubts x WHERE x.since > 0 ORDER BY x.since, x.id`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			t := Doubt{State: "open"}
			var since int64
			var key, name []byte
			var recent string
			if err := rows.Scan(&t.ID, &since, &t.Of, &key, &name, &recent, &t.Waiting); err != nil {
				return err
			}
			t.Created, t.Name = store.Time(since), string(key)
			if t.Of == "recipient" {
				if t.Name, err = tx.OpenText("doubts.name", name); err != nil {
					return err
				}
			}
			t.Rejected, t.Decided = strings.Count(recent, rejected), len(recent)
			out = append(out, t)
		}
		return rows.Err()
	})
	return out, err
}

// ClearDoubt lets drafts be made again: counsel looked, and says why. The count begins anew.
func (d *Docket) ClearDoubt(ctx context.Context, a Actor, id, reason string) error {
	if err := counsel(a); err != nil {
		return err
	}
	if reason = strings.TrimSpace(reason); reason == "" {
		return refuse(CodeInvalid, "Say what you found, and why drafts may go on.")
	}
	return d.write(ctx, "clear doubt", func(tx *store.Tx) error {
		res, err := tx.Exec(`UPDATE doubts SET since = 0, recent = '' WHERE id = ? AND since > 0`, id)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, refuse(CodeNotFound, "There is no such doubt, or somebody cleared it."))
		}
		return tx.Audit(store.Entry{Actor: a.ID, Act: "doubt.clear", Object: id, Reason: reason})
	})
}

// decided counts one decision of counsel's about a notice or a case: for the leaks and the sources of those cases.
func (d *Docket) decided(tx *store.Tx, cases []*caseRec, outcome string) error {
	var done []string
	for _, c := range cases {
		for _, of := range [][2]string{{"leak", c.leak}, {"source", c.source}} {
			if key := of[0] + " " + of[1]; !slices.Contains(done, key) {
				done = append(done, key)
				if err := d.count(tx, of[0], []byte(of[1]), "", outcome); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// decidedNotice is decided for what a notice is about. Only a first notice says something of matches: a reminder or a complaint that
// counsel does not want to send is about a match that counsel took, and a withdrawal counts by itself.
func (d *Docket) decidedNotice(tx *store.Tx, n *noticeRec, outcome string) error {
	if n.kind != KindNotice {
		return nil
	}
	// What was decided so before is no second word on the match: another recipient no further yes, an edited text no further no.
	before := `SELECT EXISTS (SELECT 1 FROM attempts WHERE notice_id = ?)`
	if outcome == rejected {
		before = `SELECT EXISTS (SELECT 1 FROM moves WHERE object = ? AND to_state = 'rejected')`
	}
	var again bool
	if err := tx.QueryRow(before, n.id).Scan(&again); err != nil {
		return fmt.Errorf("read what was decided of %s: %w", n.id, err)
	}
	if again {
		return nil
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	return d.decided(tx, cases, outcome)
}

// dismissed counts a case that counsel dismissed, unless its draft was rejected before: that was the same no.
func (d *Docket) dismissed(tx *store.Tx, c *caseRec) error {
	var counted bool
	err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM notice_cases x JOIN notices n ON n.id = x.notice_id WHERE x.case_id = ? AND x.round = ?
		AND x.kind = 'notice' AND x.state = 'in' AND n.state = 'rejected')`, c.id, c.reopened).Scan(&counted)
	if err != nil {
		return fmt.Errorf("read what was decided of %s: %w", c.id, err)
	}
	if counted {
		return nil
	}
	return d.decided(tx, []*caseRec{c}, rejected)
}

// heard counts what a recipient said to a notice: that it removes, or that it will not.
func (d *Docket) heard(tx *store.Tx, n *noticeRec, answer Answer) error {
	outcome := map[Answer]string{AnswerRemoved: taken, AnswerRefused: rejected}[answer]
	if outcome == "" || answer == n.answer || n.kind == KindRetraction || n.recipient == "" {
		return nil
	}
	return d.count(tx, "recipient", recipientKey(tx, n.recipient), strings.ToLower(n.recipient), outcome)
}

// count adds one outcome, and begins a doubt where too many of the last ones were rejections.
func (d *Docket) count(tx *store.Tx, of string, key []byte, name, outcome string) error {
	var id, recent string
	var since int64
	err := tx.QueryRow(`SELECT id, recent, since FROM doubts WHERE of = ? AND key = ?`, of, key).Scan(&id, &recent, &since)
	if errors.Is(err, sql.ErrNoRows) {
		id = store.NewID("doubt")
		_, err = tx.Exec(`INSERT INTO doubts (id, of, key, name, recent) VALUES (?,?,?,?,'')`, id, of, key, sealSome(tx, "doubts.name", name))
	}
	if err != nil {
		return fmt.Errorf("read what was decided of a %s: %w", of, err)
	}
	recent += outcome
	recent = recent[max(0, len(recent)-doubtOver):]
	no := strings.Count(recent, rejected)
	begins := since == 0 && outcome == rejected && d.o.RejectionLimit > 0 && float64(no) > d.o.RejectionLimit*doubtOver
	if begins {
		since = store.Millis(d.now())
	}
	if _, err := tx.Exec(`UPDATE doubts SET recent = ?, since = ? WHERE id = ?`, recent, since, id); err != nil {
		return fmt.Errorf("count what was decided of a %s: %w", of, err)
	}
	if !begins {
		return nil
	}
	return tx.Audit(store.Entry{Actor: System.ID, Act: "doubt.begin", Object: id, Detail: fmt.Sprintf("%s %d of %d", of, no, len(recent))})
}

// unnoticed selects cases c without a first notice in their round. That it is no retraction names the index that answers alone.
const unnoticed = `c.disputed = 0 AND NOT EXISTS (SELECT 1 FROM notice_cases x WHERE x.case_id = c.id AND x.round = c.reopened
	AND x.kind = 'notice' AND x.kind <> 'retraction' AND x.state = 'in')`

// doubted selects cases c of a leak or source that is in doubt.
const doubted = `EXISTS (SELECT 1 FROM doubts y WHERE y.since > 0 AND (y.of = 'leak' AND y.key = CAST(c.leak AS BLOB)
	OR y.of = 'source' AND y.key = CAST(c.source AS BLOB)))`

// inDoubt says whether nothing is drafted about a case, or to a recipient ("": nobody known).
func (d *Docket) inDoubt(tx *store.Tx, c *caseRec, recipient string) (yes bool, err error) {
	if d.o.RejectionLimit <= 0 {
		return false, nil
	}
	err = tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM doubts WHERE since > 0 AND (of = 'leak' AND key = ? OR of = 'source' AND key = ?
		OR of = 'recipient' AND key = ?))`, []byte(c.leak), []byte(c.source), recipientKey(tx, recipient)).Scan(&yes)
	if err != nil {
		return false, fmt.Errorf("read doubts: %w", err)
	}
	return yes, nil
}

// doubtLater is when follow-up of which something is in doubt is thought of again.
const doubtLater = time.Hour

// awaitsLook says whether a case's recipient, as it was found before, is in doubt: it is not looked up again until that is cleared.
func (d *Docket) awaitsLook(tx *store.Tx, c *caseRec) (bool, error) {
	var any bool
	if d.o.RejectionLimit <= 0 {
		return false, nil
	}
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM doubts WHERE since > 0 AND of = 'recipient')`).Scan(&any); err != nil || !any {
		return false, err
	}
	found, err := d.contacts(tx, c.id)
	if err != nil {
		return false, err
	}
	best, ok := pick(found)
	if !ok {
		return false, nil
	}
	return d.inDoubt(tx, c, best.Email)
}
