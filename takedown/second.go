package takedown

import (
	"fmt"
	"time"

	"unmirror/store"
)

// YesRow is a counsel's yes to the present digest of a notice that another counsel has to approve too.
type YesRow struct {
	By, ByID string
	At       time.Time
}

// needsTwo says whether two different counsel approve a notice. A withdrawal, which undoes a wrong, takes one.
func (d *Docket) needsTwo(k NoticeKind) bool {
	switch d.o.TwoPersons {
	case "all":
		return k != KindRetraction
	case "escalations":
		return k == KindEscalation || k == KindComplaint
	}
	return false
}

// sayYes keeps a counsel's yes where it takes two; second is the refusal when it was the first one.
func (d *Docket) sayYes(tx *store.Tx, a Actor, n *noticeRec) (second, err error) {
	if !d.needsTwo(n.kind) {
		return nil, nil
	}
	yes, err := yeses(tx, n)
	if err != nil {
		return nil, err
	}
	second = refuse(CodeSecond, "Your approval is kept. Another counsel has to approve the same digest.")
	for _, y := range yes {
		if y.ByID != a.ID {
			return nil, nil
		}
	}
	if len(yes) > 0 {
		return second, nil
	}
	_, err = tx.Exec(`INSERT INTO notice_yes (notice_id, actor, digest, at, name) VALUES (?,?,?,?,?) ON CONFLICT (notice_id, actor)
		DO UPDATE SET digest = excluded.digest, at = excluded.at, name = excluded.name`,
		n.id, a.ID, n.digest, store.Millis(d.now()), tx.SealText("notice_yes.name", a.Name))
	if err != nil {
		return nil, fmt.Errorf("keep first approval: %w", err)
	}
	return second, tx.Audit(store.Entry{Actor: a.ID, Act: "notice.yes", Object: n.id, Detail: n.digest})
}

// yeses lists who approved exactly the present digest of a notice and waits for another one.
func yeses(tx *store.Tx, n *noticeRec) (out []YesRow, err error) {
	rows, err := tx.Query(`SELECT actor, at, name FROM notice_yes WHERE notice_id = ? AND digest = ? ORDER BY at`, n.id, n.digest)
	if err != nil {
		return nil, fmt.Errorf("read approvals: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var y YesRow
		var at int64
		var name []byte
		if err := rows.Scan(&y.ByID, &at, &name); err != nil {
			return nil, fmt.Errorf("read approvals: %w", err)
		}
		if y.By, err = tx.OpenText("notice_yes.name", name); err != nil {
			return nil, fmt.Errorf("open approval: %w", err)
		}
		y.At = store.Time(at)
		out = append(out, y)
	}
	return out, rows.Err()
}

// dropYes has a notice that moved need its approvals anew.
func dropYes(tx *store.Tx, noticeID string) error {
	if _, err := tx.Exec(`DELETE FROM notice_yes WHERE notice_id = ?`, noticeID); err != nil {
		return fmt.Errorf("drop approvals: %w", err)
	}
	return nil
}

// waits has an attempt that lists show say when it may leave, where that is not before quiet hours are over.
func (d *Docket) waits(t *attemptRec, k NoticeKind) {
	if t.state != AttemptQueued && t.state != AttemptDeferred || k == KindRetraction {
		return
	}
	due := t.nextAttempt
	if now := d.now(); due.Before(now) {
		due = now
	}
	if until := d.o.Quiet(due); !until.IsZero() {
		t.nextAttempt = until
		if t.reason == "" {
			t.reason = "It waits for the hours in which notices are sent."
		}
	}
}
