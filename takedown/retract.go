package takedown

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"unmirror/store"
	"unmirror/takedown/contact"
	"unmirror/takedown/notice"
)

// Wrongs lists why a notice may have to be taken back.
func Wrongs() []string {
	return []string{"not_leak", "exception", "wrong_location", "wrong_recipient", "other"}
}

// Withdrawal is what counsel says when notices are taken back.
type Withdrawal struct {
	Wrong  string // one of Wrongs; empty reads as other
	Words  string // a sentence for the recipients; empty where Wrong says it, else Reason is told
	Reason string // for the record; required when it is approved
	Digest string // of all texts, as Retraction showed them; required when it is approved
	// Cases are those of the notice that are withdrawn; none: all of them.
	Cases []string
	// AcceptLocation is why an address that holds an identifier may stand in the withdrawals; see Approval.
	AcceptLocation string
}

// RetractionFile is a withdrawal that waits for counsel's yes: one text for each recipient who got a notice. A text whose recipient is not
// written to (Unwritable) is approved with the others, and waits as a draft until that address is taken off the list.
type RetractionFile struct {
	Notice  string // the notice that it began with
	Cases   []string
	Digest  string // over all texts and envelopes: what is approved
	Notices []*NoticeFile
}

// PrepareRetraction drafts the withdrawal of a notice: to everybody who got a notice, of whatever kind and round, about any of its
// cases. An earlier draft of it that nobody approved is void. Nothing is sent and no case moves before Retract.
func (d *Docket) PrepareRetraction(ctx context.Context, a Actor, noticeID string, w Withdrawal) (*RetractionFile, error) {
	if err := counsel(a); err != nil {
		return nil, err
	}
	if w.Wrong == "" {
		w.Wrong = "other"
	}
	if w.Words == "" && w.Wrong == "other" {
		if w.Words = w.Reason; strings.TrimSpace(w.Words) == "" {
			return nil, refuse(CodeInvalid, "Say in a sentence what was wrong: the recipients are told.")
		}
	}
	if !slices.Contains(Wrongs(), w.Wrong) {
		return nil, refuse(CodeInvalid, "Say what is wrong: "+strings.Join(Wrongs(), ", ")+".")
	}
	err := d.write(ctx, "prepare withdrawal", func(tx *store.Tx) error {
		about, err := d.withdrawn(tx, noticeID, w.Cases)
		if err != nil {
			return err
		}
		old, err := withdrawals(tx, noticeID)
		if err != nil {
			return err
		}
		for _, n := range old {
			if err := d.takeBack(tx, n, NoticeVoid, a, "A newer withdrawal takes its place."); err != nil {
				return err
			}
		}
		return d.composeRetraction(tx, noticeID, about, w)
	})
	if err != nil {
		return nil, err
	}
	return d.Retraction(ctx, noticeID)
}

// conversation is what one recipient got under one ticket about the cases that are withdrawn.
type conversation struct {
	last  *noticeRec // the newest notice: it is what the withdrawal answers to
	cases []*caseRec
}

// withdrawn returns whom a withdrawal of this notice goes to, about those of its cases or all; it refuses where nothing went out or something is going out now.
func (d *Docket) withdrawn(tx *store.Tx, noticeID string, only []string) ([]conversation, error) {
	n, err := loadNotice(tx, noticeID)
	if err != nil {
		return nil, err
	}
	switch {
	case n.kind == KindRetraction:
		return nil, refuse(CodeState, "It is a withdrawal itself.")
	case n.withdrawn != "":
		return nil, refuse(CodeState, "It was withdrawn already.")
	case n.state != NoticeSent && n.state != NoticeUnknown:
		return nil, refuse(CodeState, "It did not go out: reject it instead.")
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return nil, err
	}
	for _, id := range only {
		if !slices.Contains(ids(cases), id) {
			return nil, refuse(CodeNotFound, "The notice is not about the case "+printable(id)+".")
		}
	}
	if len(only) > 0 {
		cases = slices.DeleteFunc(cases, func(c *caseRec) bool { return !slices.Contains(only, c.id) })
	}
	var leaving bool
	for _, c := range cases {
		err := tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM attempts t JOIN notice_cases x ON x.notice_id = t.notice_id
			WHERE x.case_id = ? AND x.state = 'in' AND t.state = 'open')`, c.id).Scan(&leaving)
		if err != nil {
			return nil, fmt.Errorf("read attempts about %s: %w", c.id, err)
		}
		if leaving {
			return nil, refuse(CodeState, "A notice about its case is being sent at this moment. Try again in a minute.")
		}
	}
	return conversations(tx, cases)
}

// conversations gathers, by recipient and ticket, the notices about the cases that went out and stand.
func conversations(tx *store.Tx, cases []*caseRec) ([]conversation, error) {
	told, err := toldAbout(tx, ids(cases))
	if err != nil {
		return nil, err
	}
	var out []conversation
	at := map[string]int{}
	for _, n := range told {
		if n.kind == KindRetraction || n.withdrawn != "" || n.recipient == "" {
			continue
		}
		about, err := casesOf(tx, n.id)
		if err != nil {
			return nil, err
		}
		key := strings.ToLower(n.recipient) + "\x00" + n.ticket
		i, ok := at[key]
		if !ok {
			i = len(out)
			at[key] = i
			out = append(out, conversation{})
		}
		out[i].last = n
		for _, c := range about {
			mine := slices.ContainsFunc(cases, func(x *caseRec) bool { return x.id == c.id })
			if mine && !slices.ContainsFunc(out[i].cases, func(x *caseRec) bool { return x.id == c.id }) {
				out[i].cases = append(out[i].cases, c)
			}
		}
	}
	return out, nil
}

// composeRetraction writes one draft for each conversation.
func (d *Docket) composeRetraction(tx *store.Tx, noticeID string, about []conversation, w Withdrawal) error {
	for _, t := range about {
		v, err := loadVersion(tx, t.last.id, t.last.version)
		if err != nil {
			return err
		}
		// No reports go with it: they would tell again what it takes back.
		was, _ := d.o.Law.Regime(v.Facts.Regime)
		to := contact.Found{Email: t.last.recipient, Name: v.Facts.RecipientName, Kind: v.Facts.RecipientKind, Language: v.Facts.Language,
			Profile: contact.Profile{OffersInEU: was.UnionOnly}}
		n, err := d.begin(tx, opening{kind: KindRetraction, cases: t.cases, to: to, follows: t.last, why: "Drafted to withdraw what was sent.",
			words: func(f *notice.Facts) { f.Withdrawal = notice.Withdrawal{Wrong: w.Wrong, Words: oneLine(w.Words)} }})
		if err != nil {
			return err
		}
		if _, err := tx.Exec(`UPDATE notices SET follows = ? WHERE id = ?`, noticeID, n.id); err != nil {
			return fmt.Errorf("tie withdrawal %s: %w", n.id, err)
		}
	}
	return nil
}

// withdrawals returns the drafts of the withdrawal of a notice that nobody approved yet. One that came back to counsel from the outbox
// is none of them: what it takes back counts as taken back, so that no newer one may take its place.
func withdrawals(tx *store.Tx, noticeID string) ([]*noticeRec, error) {
	return queryNotices(tx, `WHERE n.follows = ? AND n.kind = 'retraction' AND n.state = 'draft'
		AND NOT EXISTS (SELECT 1 FROM attempts t WHERE t.notice_id = n.id) ORDER BY n.id`, noticeID)
}

// Retraction returns the withdrawal of a notice that waits for counsel's yes; ErrNotFound when none was prepared.
func (d *Docket) Retraction(ctx context.Context, noticeID string) (*RetractionFile, error) {
	f := &RetractionFile{Notice: noticeID}
	var drafts []*noticeRec
	err := d.read(ctx, "read withdrawal", func(tx *store.Tx) (err error) {
		if _, err = loadNotice(tx, noticeID); err != nil {
			return err
		}
		if drafts, err = withdrawals(tx, noticeID); err != nil {
			return err
		}
		for _, n := range drafts {
			about, err := casesOf(tx, n.id)
			if err != nil {
				return err
			}
			for _, id := range ids(about) {
				if !slices.Contains(f.Cases, id) {
					f.Cases = append(f.Cases, id)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if len(drafts) == 0 {
		return nil, refuse(CodeNotFound, "No withdrawal of this notice was prepared.")
	}
	for _, n := range drafts {
		shown, err := d.Notice(ctx, n.id)
		if err != nil {
			return nil, err
		}
		f.Notices = append(f.Notices, shown)
	}
	f.Digest = digestOver(drafts)
	return f, nil
}

// digestOver binds a yes to several notices at once: SHA-256 over their digests, each with its id.
func digestOver(drafts []*noticeRec) string {
	h := sha256.New()
	for _, n := range drafts {
		for _, s := range []string{n.id, n.digest} {
			_ = binary.Write(h, binary.BigEndian, uint64(len(s))) // a hash never fails
			h.Write([]byte(s))
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Retract is counsel's yes to a prepared withdrawal: in one transaction every text of it is approved and queued, what was not yet sent
// about its cases is void, the cases are dismissed and their disputes conceded. It refuses as Approve does, then as a whole.
func (d *Docket) Retract(ctx context.Context, a Actor, noticeID string, w Withdrawal) error {
	if err := counsel(a); err != nil {
		return err
	}
	reason, accept := strings.TrimSpace(w.Reason), strings.TrimSpace(w.AcceptLocation)
	if reason == "" {
		return refuse(CodeInvalid, "Give the reason why it is withdrawn.")
	}
	f, err := d.Retraction(ctx, noticeID)
	if err != nil {
		return err
	}
	if w.Digest != f.Digest {
		return refuse(CodeStale, "These are not the withdrawals that would go out now. Read them again, then approve.")
	}
	for _, n := range f.Notices {
		switch {
		case len(n.Missing) > 0:
			return &IncompleteError{Missing: n.Missing}
		case len(n.Blocked) > 0:
			return &BlockedError{Blocked: n.Blocked}
		case n.LocationHits && accept == "":
			return &BlockedError{Location: true, Blocked: []string{"an identifier in the location"}}
		}
	}
	return d.write(ctx, "withdraw notice", func(tx *store.Tx) error { return d.retract(tx, a, f, reason, accept) })
}

// retract does Retract inside its transaction.
func (d *Docket) retract(tx *store.Tx, a Actor, f *RetractionFile, reason, accept string) error {
	about, err := d.withdrawn(tx, f.Notice, f.Cases)
	if err != nil {
		return err
	}
	drafts, err := withdrawals(tx, f.Notice)
	if err != nil {
		return err
	}
	if digestOver(drafts) != f.Digest || len(drafts) != len(about) {
		return refuse(CodeStale, "Somebody changed something in the meantime. Prepare the withdrawal again.")
	}
	for _, n := range drafts {
		hits := slices.ContainsFunc(f.Notices, func(x *NoticeFile) bool { return x.ID == n.id && x.LocationHits })
		if n.accepted = ""; hits { // what one of them has to accept says nothing of the next
			n.accepted = accept
		}
		if _, err := tx.Exec(`UPDATE notices SET accepted = ? WHERE id = ?`, tx.SealText("notices.accepted", n.accepted), n.id); err != nil {
			return fmt.Errorf("keep acceptance: %w", err)
		}
		if err := d.moveNotice(tx, n, NoticeApproved, a, fmt.Sprintf("Approved with %d in all, digest %s.", len(drafts), f.Digest)); err != nil {
			return err
		}
		if err := d.enqueue(tx, n, a); err != nil {
			return err
		}
		if err := takenBack(tx, n); err != nil {
			return err
		}
	}
	var cases []*caseRec
	for _, id := range f.Cases {
		c, err := loadCase(tx, id)
		if err != nil {
			return err
		}
		cases = append(cases, c)
		if err := d.giveUp(tx, a, id, reason); err != nil {
			return err
		}
	}
	return d.decided(tx, cases, rejected)
}

// takenBack notes on the notices of one conversation which withdrawal took them back; a notice about further cases stands for those.
func takenBack(tx *store.Tx, n *noticeRec) error {
	const got = `kind <> 'retraction' AND state IN ('sent', 'unknown') AND recipient_key = (SELECT recipient_key FROM notices WHERE id = ?1)`
	_, err := tx.Exec(`UPDATE notice_cases SET state = 'withdrawn' WHERE state = 'in' AND notice_id IN (SELECT id FROM notices WHERE `+got+`)
		AND case_id IN (SELECT case_id FROM notice_cases WHERE notice_id = ?1 AND state = 'in')`, n.id)
	if err == nil {
		_, err = tx.Exec(`UPDATE notices SET withdrawn = ?1 WHERE withdrawn = '' AND `+got+` AND id IN (SELECT notice_id FROM notice_cases
			WHERE state = 'withdrawn' AND case_id IN (SELECT case_id FROM notice_cases WHERE notice_id = ?1 AND state = 'in'))
			AND NOT EXISTS (SELECT 1 FROM notice_cases x WHERE x.notice_id = notices.id AND x.state = 'in')`, n.id)
	}
	if err != nil {
		return fmt.Errorf("note what %s takes back: %w", n.id, err)
	}
	return nil
}

// giveUp dismisses a case whose notices are withdrawn, and concedes a dispute about it.
func (d *Docket) giveUp(tx *store.Tx, a Actor, caseID, reason string) error {
	c, err := loadCase(tx, caseID)
	if err != nil {
		return err
	}
	if s, err := openDispute(tx, caseID); err != nil {
		return err
	} else if s != nil {
		if err := d.endDispute(tx, s, DisputeConceded, a, reason); err != nil {
			return err
		}
	}
	if c.state == CaseDismissed {
		return nil
	}
	c.triageDue, c.nextCheck = false, store.Time(0)
	if err := d.moveCase(tx, c, CaseDismissed, a, "withdrawn: "+reason); err != nil {
		return err
	}
	return d.saveCase(tx, c)
}
