package takedown

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/notice"
)

// opening is a notice that is about to be drafted.
type opening struct {
	kind    NoticeKind
	cases   []*caseRec // at least one, of one leak
	to      contact.Found
	follows *noticeRec // what it reminds of, escalates or withdraws; nil for a first notice
	why     string
	words   func(*notice.Facts) // fills in what only this kind tells; nil: nothing
}

// keepRegime has a follow-up rest on the law that the notice before it rested on, where that has such a letter to such a recipient:
// counsel may have chosen it.
func (d *Docket) keepRegime(f *notice.Facts, before *noticeRec) {
	if before == nil {
		return
	}
	r, ok := d.o.Law.Regime(before.regime)
	if ok && slices.Contains(r.Recipients, f.RecipientKind) && r.Has(f.Act) {
		f.Regime = r.ID
	}
}

// begin writes the first version of a new notice.
func (d *Docket) begin(tx *store.Tx, o opening) (*noticeRec, error) {
	now := d.now()
	n := &noticeRec{id: store.NewID("notice"), caseID: o.cases[0].id, state: NoticeDraft, created: now, round: o.cases[0].reopened, kind: o.kind}
	var err error
	if o.follows != nil {
		n.follows, n.ticket = o.follows.id, o.follows.ticket
	} else if n.ticket, err = d.ticketFor(tx, o.cases[0]); err != nil {
		return nil, err
	}
	v := version{Cases: ids(o.cases)}
	if v.Facts, err = d.facts(tx, o.cases); err != nil {
		return nil, err
	}
	v.Facts.Act, v.Facts.Ticket, v.Facts.StatusURL = o.kind.act(), n.ticket, d.statusURL(tx, n.ticket)
	if err := d.drawAndAim(tx, &v, o.cases[0].leak, o.to); err != nil {
		return nil, err
	}
	d.keepRegime(&v.Facts, o.follows)
	if v.Facts.Earlier, err = earlier(tx, n.kind, v); err != nil {
		return nil, err
	}
	n.rung = rungOf(v.Facts.RecipientKind)
	if err := d.thread(tx, v.Cases, &v.Envelope); err != nil {
		return nil, err
	}
	if o.words != nil {
		o.words(&v.Facts)
	}
	if v.Draft, err = notice.Compose(d.o.Law, v.Facts); err != nil {
		return nil, fmt.Errorf("compose notice: %w", err)
	}
	if err := n.insert(tx, o); err != nil {
		return nil, err
	}
	return n, d.writeVersion(tx, n, v, System)
}

// insert writes the row of a new notice, what it is about, and its first move.
func (n *noticeRec) insert(tx *store.Tx, o opening) error {
	_, err := tx.Exec(`INSERT INTO notices (id, case_id, state, created, updated, round, version, digest, language, recipient, addressed,
		missing, message_id, accepted, kind, rung, follows, ticket) VALUES (?,?,?,?,?,?,0,'','',?,0,0,'',?,?,?,?,?)`, n.id, n.caseID, n.state,
		store.Millis(n.created), store.Millis(n.created), n.round, []byte{}, []byte{},
		n.kind, n.rung, n.follows, n.ticket)
	if err != nil {
		return fmt.Errorf("insert notice: %w", err)
	}
	for _, c := range o.cases {
		if err := n.include(tx, c); err != nil {
			return err
		}
	}
	return step{of: "notice", id: n.id, to: string(NoticeDraft), actor: System, at: n.created, why: o.why}.record(tx, "")
}

// ticketFor is the number under which a case is talked about: its own, that of an earlier notice about it, or a new one.
func (d *Docket) ticketFor(tx *store.Tx, c *caseRec) (string, error) {
	if c.ticket != "" {
		return c.ticket, nil
	}
	var ticket string
	err := tx.QueryRow(`SELECT COALESCE((SELECT n.ticket FROM notices n JOIN notice_cases x ON x.notice_id = n.id WHERE x.case_id = ?
		ORDER BY n.state = 'void', n.ticket DESC LIMIT 1), '')`, c.id).Scan(&ticket)
	if err != nil {
		return "", fmt.Errorf("read ticket of %s: %w", c.id, err)
	}
	if ticket != "" {
		return ticket, nil
	}
	if c.ticket, err = d.nextTicket(tx); err != nil {
		return "", err
	}
	return c.ticket, d.saveCase(tx, c)
}

// earlier tells what was sent before about the cases of a version and stands, oldest first. A reminder and a withdrawal tell only
// what this recipient got.
func earlier(tx *store.Tx, kind NoticeKind, about version) ([]notice.Earlier, error) {
	letters, err := toldAbout(tx, about.Cases)
	if err != nil {
		return nil, err
	}
	var out []notice.Earlier
	for _, n := range letters {
		if (kind == KindReminder || kind == KindRetraction) && !strings.EqualFold(n.recipient, about.Envelope.To) {
			continue
		}
		v, err := loadVersion(tx, n.id, n.version)
		if err != nil {
			return nil, err
		}
		e := notice.Earlier{Date: n.when(), Ticket: n.ticket, Kind: n.kind.act(), Regime: n.regime, RecipientName: v.Facts.RecipientName,
			RecipientKind: n.recipientKind, Answer: string(n.answer), Answered: n.answeredAt}
		out = append(out, e)
	}
	return out, nil
}

// toldAbout returns the notices about any of the cases that went out, or may have, oldest first.
func toldAbout(tx *store.Tx, caseIDs []string) ([]*noticeRec, error) {
	seen := map[string]bool{}
	var out []*noticeRec
	for _, id := range caseIDs {
		found, err := queryNotices(tx, `JOIN notice_cases x ON x.notice_id = n.id WHERE x.case_id = ? AND x.state = 'in'
			AND n.state IN ('sent', 'unknown') ORDER BY n.sent_at, n.created, n.id`, id)
		if err != nil {
			return nil, err
		}
		for _, n := range found {
			if !seen[n.id] {
				seen[n.id] = true
				out = append(out, n)
			}
		}
	}
	sortNotices(out)
	return out, nil
}

// when is the time by which a notice counts: when it went out, or was begun while nobody knows whether it did.
func (n *noticeRec) when() time.Time {
	if n.sentAt.IsZero() {
		return n.updated
	}
	return n.sentAt
}
