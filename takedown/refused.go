package takedown

import (
	"strings"
	"time"

	"unmirror/store"
)

// refusedMeanwhile is why a reminder is void.
const refusedMeanwhile = "Its recipient refused in the meantime: there is nothing to remind of."

// voidReminders overtakes the reminders that were not yet sent to somebody who now refused: what they say is no longer so, and while they
// wait nothing further is drafted. What is being sent at this moment, and what counsel has addressed to somebody else, stays.
func (d *Docket) voidReminders(tx *store.Tx, refused *noticeRec) error {
	cases, err := casesOf(tx, refused.id)
	if err != nil {
		return err
	}
	for _, c := range cases {
		waiting, err := unsent(tx, c.id)
		if err != nil {
			return err
		}
		for _, id := range waiting {
			n, err := loadNotice(tx, id)
			if err != nil {
				return err
			}
			if n.kind != KindReminder || n.follows != refused.id || !strings.EqualFold(n.recipient, refused.recipient) {
				continue
			}
			if err := d.takeBack(tx, n, NoticeVoid, System, refusedMeanwhile); err != nil {
				return err
			}
		}
	}
	return nil
}

// refusedBy is when the recipient of a notice last refused any of these; zero: never. An answer is often tied to the first mail of a
// thread, although a reminder went out since.
func refusedBy(sent []*noticeRec, recipient string) (at time.Time) {
	for _, n := range sent {
		if n.answer == AnswerRefused && strings.EqualFold(n.recipient, recipient) {
			at = later(at, n.answeredAt)
		}
	}
	return at
}
