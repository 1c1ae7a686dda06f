package takedown

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/form"
)

// formPrefix begins the recipient of a notice that a person hands in by a form: "form:github". No mail ever goes there.
const formPrefix = "form:"

// byForm returns the id of the form by which a recipient is told, and whether it is one.
func byForm(recipient string) (id string, yes bool) { return strings.CutPrefix(recipient, formPrefix) }

// knownForm says whether there is such a form.
func knownForm(id string) bool {
	forms, err := form.Load()
	return err == nil && slices.Contains(forms.IDs(), id)
}

// find asks the ladder. Who takes notices through a form alone is called by it.
func (d *Docket) find(ctx context.Context, p contact.Place) []contact.Found {
	found := slices.Clone(d.o.Ladder.Find(ctx, p))
	for i, f := range found {
		if f.Skipped == "" && f.Profile.Channel == contact.ChannelForm && knownForm(f.Profile.Form) {
			found[i].Email = formPrefix + f.Profile.Form
		}
	}
	return found
}

// SentByHand records that a person handed an approved notice in: by the form that its recipient wants, or by a mail of their own, which
// then leaves no second time. The day counts for what follows; zero is now. The reference is the provider's; it may be empty. Under a hold,
// and while a case of it is disputed, nothing is handed in either: then only an earlier day is taken.
func (d *Docket) SentByHand(ctx context.Context, a Actor, noticeID string, on time.Time, reference string) error {
	if err := person(a); err != nil {
		return err
	}
	now := d.now()
	switch {
	case on.IsZero() || on.UTC().Format(time.DateOnly) == now.Format(time.DateOnly):
		on = now
	case on.After(now):
		return refuse(CodeInvalid, "That day has not come yet.")
	}
	return d.write(ctx, "note handing in", func(tx *store.Tx) error {
		n, err := loadNotice(tx, noticeID)
		if err != nil {
			return err
		}
		if n.state != NoticeApproved {
			return refuse(CodeState, fmt.Sprintf("The notice is %s: only an approved one is handed in.", n.state))
		}
		if err := underway(tx, n); err != nil {
			return err
		}
		if err := stopped(tx, n, on); err != nil {
			return err
		}
		if on.Before(n.updated.Truncate(24 * time.Hour)) {
			return refuse(CodeInvalid, "That is before it was approved.")
		}
		why := "Handed in by a person on " + on.UTC().Format(time.DateOnly)
		if id, ok := byForm(n.recipient); ok {
			why += " by the form " + id
		}
		if r := oneLine(reference); r != "" {
			why += "; the provider's reference is " + r
		}
		if err := d.voidAttempts(tx, n.id, a, why+"."); err != nil {
			return err
		}
		if err := d.moveNotice(tx, n, NoticeSent, a, why+"."); err != nil {
			return err
		}
		n.sentAt = on
		if _, err := tx.Exec(`UPDATE notices SET sent_at = ? WHERE id = ?`, store.Millis(on), n.id); err != nil {
			return fmt.Errorf("note sending of %s: %w", n.id, err)
		}
		return d.told(tx, n, a)
	})
}

// stopped refuses what a person handed in while everything outgoing was stopped, or one of its cases disputed. What was handed in on an
// earlier day happened all the same, and is noted with that day.
func stopped(tx *store.Tx, n *noticeRec, on time.Time) error {
	day := on.UTC().Truncate(24 * time.Hour)
	h, err := readHold(tx)
	if err != nil {
		return err
	}
	if h.On && !day.Before(h.Since.UTC().Truncate(24*time.Hour)) {
		return refuse(CodeState, "Everything outgoing is stopped (unmirror hold show): hand nothing in until it is released. What was handed in before is noted with its day.")
	}
	var since int64
	err = tx.QueryRow(`SELECT COALESCE(MIN(s.created), 0) FROM notice_cases x JOIN disputes s ON s.case_id = x.case_id
		WHERE x.notice_id = ? AND x.state = 'in' AND s.state = 'open'`, n.id).Scan(&since)
	if err != nil {
		return fmt.Errorf("read disputes of %s: %w", n.id, err)
	}
	if n.kind != KindRetraction && since > 0 && !day.Before(store.Time(since).UTC().Truncate(24*time.Hour)) {
		return refuse(CodeState, "A notice about its case is disputed: hand nothing in until counsel answered. What was handed in before is noted with its day.")
	}
	return nil
}
