package takedown

import (
	"fmt"
	"slices"
	"strings"

	"unmirror/store"
	"unmirror/takedown/notice"
)

// mostLocations is how many addresses one notice names at most: a desk must be able to work through them in one go.
const mostLocations = 50

// casesOf returns the cases that a notice is about, in the order of its locations' first entry.
func casesOf(tx *store.Tx, noticeID string) ([]*caseRec, error) {
	return queryCases(tx, `JOIN notice_cases x ON x.case_id = c.id WHERE x.notice_id = ? AND x.state = 'in' ORDER BY c.created, c.id`, noticeID)
}

// include makes a notice be about a case.
func (n *noticeRec) include(tx *store.Tx, c *caseRec) error {
	_, err := tx.Exec(`INSERT INTO notice_cases (notice_id, case_id, round, kind, rung, state) VALUES (?,?,?,?,?,'in')
		ON CONFLICT (notice_id, case_id) DO UPDATE SET state = 'in', round = excluded.round`, n.id, c.id, c.reopened, n.kind, n.rung)
	if err != nil {
		return fmt.Errorf("include case %s in %s: %w", c.id, n.id, err)
	}
	return nil
}

// exclude takes a case out of a notice. The row stays: the record tells what the notice once was about.
func (n *noticeRec) exclude(tx *store.Tx, caseID string) error {
	_, err := tx.Exec(`UPDATE notice_cases SET state = 'out' WHERE notice_id = ? AND case_id = ?`, n.id, caseID)
	if err != nil {
		return fmt.Errorf("exclude case %s from %s: %w", caseID, n.id, err)
	}
	return nil
}

// unsent returns the notices about a case that have not left and are not leaving at this moment; withdrawals are not among them.
func unsent(tx *store.Tx, caseID string) ([]string, error) {
	return queryIDs(tx, `SELECT n.id FROM notice_cases x JOIN notices n ON n.id = x.notice_id
		WHERE x.case_id = ? AND x.state = 'in' AND n.state IN ('draft', 'approved') AND n.kind <> 'retraction'
		AND NOT EXISTS (SELECT 1 FROM attempts t WHERE t.notice_id = n.id AND t.state = 'open')`, caseID)
}

// voidNotices overtakes what was not yet sent about a case: it drops out of notices about several, and a notice about it alone is
// void. What is being sent at this moment ends by itself first.
func (d *Docket) voidNotices(tx *store.Tx, caseID string, a Actor, why string) error {
	ids, err := unsent(tx, caseID)
	if err != nil {
		return err
	}
	for _, id := range ids {
		n, err := loadNotice(tx, id)
		if err != nil {
			return err
		}
		left, err := others(tx, id, caseID)
		if err != nil {
			return err
		}
		if left == 0 {
			err = d.takeBack(tx, n, NoticeVoid, a, why)
		} else {
			err = d.drop(tx, n, caseID, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// others counts the cases of a notice beside one.
func others(tx *store.Tx, noticeID, caseID string) (n int, err error) {
	err = tx.QueryRow(`SELECT COUNT(*) FROM notice_cases WHERE notice_id = ? AND case_id <> ? AND state = 'in'`, noticeID, caseID).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count cases of %s: %w", noticeID, err)
	}
	return n, nil
}

// drop takes one of several cases out of an unsent notice by a new version, without its location; an approval falls with it.
func (d *Docket) drop(tx *store.Tx, n *noticeRec, caseID string, a Actor) error {
	v, err := loadVersion(tx, n.id, n.version)
	if err != nil {
		return err
	}
	if n.state != NoticeDraft {
		if err := d.takeBack(tx, n, NoticeDraft, a, "One of its addresses dropped out: the approval falls."); err != nil {
			return err
		}
	}
	if err := n.exclude(tx, caseID); err != nil {
		return err
	}
	was := v.Facts
	if v.Facts.Locations, v.Cases = without(v, caseID); len(v.Cases) > 0 && n.caseID != v.Cases[0] {
		n.caseID = v.Cases[0]
		if _, err := tx.Exec(`UPDATE notices SET case_id = ? WHERE id = ?`, n.caseID, n.id); err != nil {
			return fmt.Errorf("name another case of %s: %w", n.id, err)
		}
	}
	if n.byPerson {
		v.Draft.Body = strike(was, v.Facts, v.Draft.Body)
	} else if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
		return fmt.Errorf("compose notice: %w", err)
	}
	return d.writeVersion(tx, n, v, a)
}

// without returns the locations and cases of a version but for one case.
func without(v version, caseID string) (locations []notice.Location, cases []string) {
	for i, id := range v.Cases {
		if id != caseID && i < len(v.Facts.Locations) {
			locations, cases = append(locations, v.Facts.Locations[i]), append(cases, id)
		}
	}
	return locations, cases
}

// strike takes the lines out of a text that a person wrote in which a location stands that is no longer one of its own.
func strike(was, now notice.Facts, body string) string {
	gone := was
	gone.Locations = slices.DeleteFunc(slices.Clone(was.Locations), func(l notice.Location) bool {
		return slices.ContainsFunc(now.Locations, func(k notice.Location) bool { return k.URL == l.URL })
	})
	var b strings.Builder
	done := 0
	for _, s := range notice.LocationSpans(gone, body) {
		from := strings.LastIndexByte(body[:s[0]], '\n') + 1
		to := s[1]
		if i := strings.IndexByte(body[to:], '\n'); i >= 0 {
			to += i + 1
		} else {
			to = len(body)
		}
		b.WriteString(body[done:max(done, from)])
		done = max(done, to)
	}
	b.WriteString(body[done:])
	return b.String()
}

// lapse drops what is gone or dismissed out of a notice that is taken up again; it returns the version that is left.
func (d *Docket) lapse(tx *store.Tx, n *noticeRec, a Actor) error {
	cases, err := casesOf(tx, n.id)
	if err != nil || n.kind == KindRetraction {
		return err
	}
	left := len(cases)
	for _, c := range cases {
		if (c.state == CaseGone || c.state == CaseDismissed) && left > 1 {
			if err := d.drop(tx, n, c.id, a); err != nil {
				return err
			}
			left--
		}
	}
	return nil
}

// noticeMoved keeps what hangs on a notice's state: a void one is about nothing, and what ended may call for a follow-up.
func (d *Docket) noticeMoved(tx *store.Tx, n *noticeRec) error {
	switch n.state {
	case NoticeVoid:
		if _, err := tx.Exec(`UPDATE notice_cases SET state = 'out' WHERE notice_id = ?`, n.id); err != nil {
			return fmt.Errorf("empty notice %s: %w", n.id, err)
		}
	case NoticeSent:
		n.sentAt = d.now()
		if _, err := tx.Exec(`UPDATE notices SET sent_at = ? WHERE id = ?`, store.Millis(n.sentAt), n.id); err != nil {
			return fmt.Errorf("note sending of %s: %w", n.id, err)
		}
	case NoticeRejected:
	default:
		return nil
	}
	_, err := tx.Exec(`UPDATE cases SET follow_at = ? WHERE id IN (SELECT case_id FROM notice_cases WHERE notice_id = ?)`, store.Millis(d.now()), n.id)
	if err != nil {
		return fmt.Errorf("plan follow-up of %s: %w", n.id, err)
	}
	return nil
}
