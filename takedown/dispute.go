package takedown

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"unmirror/store"
)

// Parties lists who may dispute a notice: whoever put the content there, who got the notice, a person whom the data are about, or
// somebody else.
func Parties() []string { return []string{"uploader", "recipient", "subject", "other"} }

// disputeRec is a row of disputes, opened.
type disputeRec struct {
	id, caseID string
	state      DisputeState
}

// OpenDispute records that somebody says a notice about the case is wrong. From then on nothing goes out for the case until counsel
// has answered: drafts and approved notices wait, and it drops out of those about several cases. It returns the dispute's id.
func (d *Docket) OpenDispute(ctx context.Context, a Actor, caseID string, said Dispute) (id string, err error) {
	if err := counsel(a); err != nil {
		return "", err
	}
	said.Who, said.What = strings.TrimSpace(said.Who), strings.TrimSpace(said.What)
	if !slices.Contains(Parties(), said.Party) {
		return "", refuse(CodeInvalid, "Say who disputes it: "+strings.Join(Parties(), ", ")+".")
	}
	if said.What == "" {
		return "", refuse(CodeInvalid, "Say what is disputed.")
	}
	if said.Received.IsZero() {
		said.Received = d.now()
	}
	err = d.write(ctx, "open dispute", func(tx *store.Tx) error {
		c, err := loadCase(tx, caseID)
		if err != nil {
			return err
		}
		if c.disputed {
			return refuse(CodeState, "The case is disputed already: answer that dispute first.")
		}
		if err := disputable(c); err != nil {
			return err
		}
		id, err = d.keepDispute(tx, a, c, said)
		return err
	})
	return id, err
}

// disputable refuses a dispute where nothing goes out anyway.
func disputable(c *caseRec) error {
	if c.state == CaseDismissed || c.state == CaseTriage {
		return refuse(CodeState, fmt.Sprintf("The case is %s: nothing goes out for it.", c.state))
	}
	return nil
}

// keepDispute does OpenDispute about one case.
func (d *Docket) keepDispute(tx *store.Tx, a Actor, c *caseRec, said Dispute) (id string, err error) {
	content, err := json.Marshal(said)
	if err != nil {
		return "", fmt.Errorf("open dispute: %w", err)
	}
	now := store.Millis(d.now())
	id = store.NewID("dispute")
	_, err = tx.Exec(`INSERT INTO disputes (id, case_id, state, created, updated, party, content) VALUES (?,?,'open',?,?,?,?)`,
		id, c.id, now, now, said.Party, tx.Seal("disputes.content", content))
	if err != nil {
		return "", fmt.Errorf("keep dispute: %w", err)
	}
	if err := (step{of: "dispute", id: id, to: string(DisputeOpen), actor: a, at: d.now(), why: said.What}).record(tx, ""); err != nil {
		return "", err
	}
	if _, err := tx.Exec(`UPDATE cases SET disputed = 1 WHERE id = ?`, c.id); err != nil {
		return "", fmt.Errorf("note dispute of %s: %w", c.id, err)
	}
	return id, d.stepAside(tx, c.id, a)
}

// stepAside takes a disputed case out of unsent notices about several, so that the others need not wait.
func (d *Docket) stepAside(tx *store.Tx, caseID string, a Actor) error {
	ids, err := unsent(tx, caseID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		left, err := others(tx, id, caseID)
		if err != nil {
			return err
		}
		if left == 0 {
			continue // it waits with its case
		}
		n, err := loadNotice(tx, id)
		if err != nil {
			return err
		}
		if err := d.drop(tx, n, caseID, a); err != nil {
			return err
		}
	}
	return nil
}

// Uphold is counsel's answer that the notice stands after all: what waited goes on. To concede is to withdraw the notices; see Retract.
func (d *Docket) Uphold(ctx context.Context, a Actor, caseID, answer string) error {
	if err := counsel(a); err != nil {
		return err
	}
	if answer = strings.TrimSpace(answer); answer == "" {
		return refuse(CodeInvalid, "Give the answer to the dispute.")
	}
	return d.write(ctx, "answer dispute", func(tx *store.Tx) error {
		if _, err := loadCase(tx, caseID); err != nil {
			return err
		}
		s, err := openDispute(tx, caseID)
		if err != nil {
			return err
		}
		if s == nil {
			return refuse(CodeState, "Nobody disputes this case.")
		}
		return d.endDispute(tx, s, DisputeUpheld, a, answer)
	})
}

// openDispute returns the dispute of a case that waits for an answer, or nil.
func openDispute(tx *store.Tx, caseID string) (*disputeRec, error) {
	var s disputeRec
	err := tx.QueryRow(`SELECT id, case_id, state FROM disputes WHERE case_id = ? AND state = 'open'`, caseID).Scan(&s.id, &s.caseID, &s.state)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read dispute of %s: %w", caseID, err)
	}
	return &s, nil
}

// endDispute answers a dispute; follow-up of the case goes on where it stood.
func (d *Docket) endDispute(tx *store.Tx, s *disputeRec, to DisputeState, a Actor, why string) error {
	move := step{of: "dispute", id: s.id, from: string(s.state), to: string(to), actor: a, at: d.now(), why: why}
	if err := move.record(tx, `UPDATE disputes SET state = ?, updated = ? WHERE id = ? AND state = ?`); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE cases SET disputed = 0, follow_at = CASE WHEN state = 'noticed' THEN ? ELSE follow_at END WHERE id = ?`,
		store.Millis(d.now()), s.caseID)
	if err != nil {
		return fmt.Errorf("note answer about %s: %w", s.caseID, err)
	}
	return nil
}

func disputeRows(tx *store.Tx, caseID string) ([]DisputeRow, error) {
	rows, err := tx.Query(`SELECT id, state, created, party, content FROM disputes WHERE case_id = ? ORDER BY created, id`, caseID)
	if err != nil {
		return nil, fmt.Errorf("read disputes: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []DisputeRow
	for rows.Next() {
		var r DisputeRow
		var created int64
		var sealed []byte
		if err := rows.Scan(&r.ID, &r.State, &created, &r.Party, &sealed); err != nil {
			return nil, fmt.Errorf("read disputes: %w", err)
		}
		var said Dispute
		plain, err := tx.Open("disputes.content", sealed)
		if err == nil {
			err = json.Unmarshal(plain, &said)
		}
		if err != nil {
			return nil, fmt.Errorf("open dispute %s: %w", r.ID, err)
		}
		r.Created, r.Who, r.What, r.Received = store.Time(created), said.Who, said.What, said.Received
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read disputes: %w", err)
	}
	for i := range out {
		if out[i].History, err = history(tx, out[i].ID); err != nil {
			return nil, err
		}
		if k := len(out[i].History); k > 1 {
			out[i].Answer = out[i].History[k-1].Why
		}
	}
	return out, nil
}
