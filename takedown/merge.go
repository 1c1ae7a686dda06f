package takedown

import (
	"database/sql"
	"errors"
	"fmt"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/notice"
)

// merge has the case of a draft whose recipient was found only now join another draft to the same one, where that takes several addresses
// in one message: an abuse desk reads one mail about a leak, not one for each file. The draft that is left without a case is void. It
// reports whether it did; what a person touched, and what was ever talked about, stays apart.
func (d *Docket) merge(tx *store.Tx, n *noticeRec, c *caseRec, to contact.Found) (bool, error) {
	about, err := casesOf(tx, n.id)
	if err != nil || len(about) != 1 || n.kind != KindNotice || n.round != 0 || c.state != CaseOpen || c.disputed {
		return false, err
	}
	var own bool
	if err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM notices n WHERE n.id = ? AND `+untouched+`)`, n.id).Scan(&own); err != nil {
		return false, fmt.Errorf("read who wrote %s: %w", n.id, err)
	}
	fresh := *c
	fresh.ticket = "" // it was given with the draft and never told anybody
	if !own || !d.joins(&fresh, to) {
		return false, nil
	}
	told, err := toldAbout(tx, []string{c.id})
	if err != nil || len(told) > 0 {
		return false, err
	}
	into, err := d.addressedLately(tx, c.leak, to.Email, n.id)
	if err != nil || into == nil {
		return false, err
	}
	if err := d.takeBack(tx, n, NoticeVoid, System, "Another draft to the same recipient takes its case up."); err != nil {
		return false, err
	}
	c.ticket = ""
	if err := d.saveCase(tx, c); err != nil {
		return false, err
	}
	return true, d.join(tx, into, []*caseRec{c})
}

// addressedLately returns a draft to that recipient that no person touched, that got its present words within the time in which drafts
// gather addresses, and that has room for one more; nil when there is none.
func (d *Docket) addressedLately(tx *store.Tx, leak, email, but string) (*noticeRec, error) {
	n, err := scanNotice(tx, tx.QueryRow(`SELECT `+noticeColumns+` FROM notices n JOIN cases c ON c.id = n.case_id
		WHERE n.recipient_key = ? AND n.state = 'draft' AND n.kind = 'notice' AND `+untouched+` AND n.updated > ? AND c.leak = ? AND n.id <> ?
		AND n.round = 0 AND c.disputed = 0 AND (SELECT COUNT(*) FROM notice_cases x WHERE x.notice_id = n.id AND x.state = 'in') < ?
		ORDER BY n.created, n.id LIMIT 1`, recipientKey(tx, email), store.Millis(d.now().Add(-gatherFor)), leak, but, mostLocations))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("find a draft to merge with: %w", err)
	}
	first, err := loadCase(tx, n.caseID)
	if err != nil || len(segments(first.url, d.o.Guard(first.url))) > 0 || notice.CarriesSecret(first.url) {
		return nil, err // counsel decides about that address alone
	}
	return n, nil
}
