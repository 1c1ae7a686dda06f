package takedown

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/reply"
)

// ReplyRow is a mail that came in as lists show it: free of what it says and of who wrote it.
type ReplyRow struct {
	ID       string     `json:"id"`
	State    ReplyState `json:"state"`
	Created  time.Time  `json:"created"`
	Kind     string     `json:"kind"`     // bounce, automatic or human
	Case     string     `json:"case"`     // empty while it is unmatched
	Notice   string     `json:"notice"`   // likewise
	Says     []string   `json:"says"`     // what it seems to say, the weightiest first
	Meaning  string     `json:"meaning"`  // what a person said that it says; empty before
	TiedBy   string     `json:"tied_by"`  // thread, address, ticket, theirs or person
	Received time.Time  `json:"received"` // when the mailbox got it
	Leak     string     `json:"leak"`
}

// ReplyFile is a mail that came in, for a person to read.
type ReplyFile struct {
	ReplyRow
	From, FromName, Subject string
	Date                    time.Time
	Text                    string   // what was written, without what it quotes; identifiers of persons in a leak are masked
	Theirs                  []string // ticket ids of the other side
	Failed                  []string // status of each address that a bounce names
	Parts                   int      // attachments, which are not opened
	Cut                     bool     // it was too large to be read whole
	Withheld                bool     // only counsel reads what it says
	Forgotten               bool     // past its keeping time: only that it came is known
	History                 []HistoryRow
}

// ReplyFilter narrows Replies. Empty fields do not; Limit 0 means all.
type ReplyFilter struct {
	State         ReplyState
	Case, Notice  string
	Limit, Offset int
}

// Replies lists the mails that came in: what waits for a person first, then the newest.
func (d *Docket) Replies(ctx context.Context, f ReplyFilter) (out []ReplyRow, err error) {
	err = d.read(ctx, "list replies", func(tx *store.Tx) error {
		var where []string
		var args []any
		if f.State != "" {
			where, args = append(where, "r.state = ?"), append(args, string(f.State))
		}
		if f.Notice != "" {
			where, args = append(where, "r.notice_id = ?"), append(args, f.Notice)
		}
		if f.Case != "" {
			where = append(where, "(r.case_id = ? OR r.notice_id IN (SELECT notice_id FROM notice_cases WHERE case_id = ?))")
			args = append(args, f.Case, f.Case)
		}
		rest, order := "", "ORDER BY r.state = 'settled', r.created DESC, r.id "
		if len(where) > 0 {
			rest = "WHERE " + strings.Join(where, " AND ") + " "
		}
		if f.State != "" {
			order = "ORDER BY r.created DESC, r.id "
		}
		// What is passed over on the way to a page is read from an index alone.
		out, err = replyRows(tx, "JOIN (SELECT r.id FROM replies r "+rest+order+"LIMIT ? OFFSET ?) p ON p.id = r.id "+order,
			append(args, noLimit(f.Limit), f.Offset)...)
		return err
	})
	return out, err
}

func replyRows(tx *store.Tx, rest string, args ...any) ([]ReplyRow, error) {
	found, err := queryReplies(tx, rest, args...)
	if err != nil {
		return nil, err
	}
	var out []ReplyRow
	for _, r := range found {
		row := r.row()
		if r.caseID != "" {
			if err := tx.QueryRow(`SELECT leak FROM cases WHERE id = ?`, r.caseID).Scan(&row.Leak); err != nil {
				return nil, fmt.Errorf("read leak of %s: %w", r.id, err)
			}
		}
		out = append(out, row)
	}
	return out, nil
}

func (r *replyRec) row() ReplyRow {
	row := ReplyRow{ID: r.id, State: r.state, Created: r.created, Kind: string(r.kind), Case: r.caseID, Notice: r.noticeID, Meaning: r.meaning,
		TiedBy: r.tiedBy, Received: r.received, Says: []string{}}
	for _, s := range r.says {
		row.Says = append(row.Says, string(s))
	}
	return row
}

// Reply returns one mail that came in. Only counsel reads its words, and those with what the guard finds masked; for everybody else they
// are withheld.
func (d *Docket) Reply(ctx context.Context, a Actor, id string) (*ReplyFile, error) {
	var f *ReplyFile
	err := d.read(ctx, "read reply", func(tx *store.Tx) error {
		r, err := loadReply(tx, id)
		if err != nil {
			return err
		}
		rows, err := replyRows(tx, `WHERE r.id = ?`, id)
		if err != nil || len(rows) != 1 {
			return err
		}
		c := r.content
		f = &ReplyFile{ReplyRow: rows[0], Parts: c.Parts, Cut: c.Cut, Forgotten: !r.kept}
		for _, x := range c.Failed {
			f.Failed = append(f.Failed, x.Status)
		}
		if f.Withheld = a.Role != "counsel"; !f.Withheld {
			f.From, f.FromName, f.Subject, f.Text = d.redactText(c.From), d.redactText(c.FromName), d.redactText(c.Subject), d.redactText(c.Text)
			f.Date = c.Date
			for _, t := range c.Theirs {
				f.Theirs = append(f.Theirs, d.redactText(t))
			}
		}
		f.History, err = history(tx, id)
		if f.Withheld {
			for i := range f.History {
				f.History[i].Why = ""
			}
		}
		return err
	})
	return f, err
}

// ReplyRaw returns the beginning of a mail as it came, for counsel's own file: nothing in it is masked, and the audit log names who asked.
func (d *Docket) ReplyRaw(ctx context.Context, a Actor, id string) (raw []byte, err error) {
	if err := counsel(a); err != nil {
		return nil, err
	}
	err = d.write(ctx, "read mail", func(tx *store.Tx) error {
		if _, err := loadReply(tx, id); err != nil {
			return err
		}
		var sealed []byte
		if err := tx.QueryRow(`SELECT raw FROM replies WHERE id = ?`, id).Scan(&sealed); err != nil {
			return err
		}
		if len(sealed) == 0 {
			return refuse(CodeState, "It is past its keeping time and was forgotten.")
		}
		packed, err := tx.Open("replies.raw", sealed)
		if err != nil {
			return err
		}
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return err
		}
		if raw, err = io.ReadAll(io.LimitReader(z, mostRaw)); err != nil {
			return err
		}
		return tx.Audit(store.Entry{Actor: a.ID, Act: "reply.read", Object: id})
	})
	return raw, err
}

// AttachReply ties a mail that waits to a case: to the newest notice about it that went out. What it says then counts as if it had been
// matched by itself.
func (d *Docket) AttachReply(ctx context.Context, a Actor, id, caseID string) error {
	if err := person(a); err != nil {
		return err
	}
	return d.write(ctx, "attach reply", func(tx *store.Tx) error {
		r, err := loadReply(tx, id)
		if err != nil {
			return err
		}
		if r.state == ReplySettled {
			return refuse(CodeState, "This mail is settled: there is nothing to attach.")
		}
		c, err := loadCase(tx, caseID)
		if err != nil {
			return err
		}
		told, err := toldAbout(tx, []string{c.id})
		if err != nil {
			return err
		}
		if len(told) == 0 {
			return refuse(CodeState, "No notice about this case went out: nobody can have answered it.")
		}
		n := told[len(told)-1]
		for _, x := range told { // rather one to whoever writes
			if side(x.recipient) != "" && side(x.recipient) == side(r.content.From) {
				n = x
			}
		}
		r.noticeID, r.caseID, r.tiedBy, r.content.Version = n.id, c.id, "person", 0
		content, err := json.Marshal(r.content)
		if err != nil {
			return fmt.Errorf("attach reply: %w", err)
		}
		if _, err := tx.Exec(`UPDATE replies SET notice_id = ?, case_id = ?, tied_by = ?, content = ? WHERE id = ?`, r.noticeID, r.caseID, r.tiedBy,
			tx.Seal("replies.content", content), r.id); err != nil {
			return fmt.Errorf("attach reply: %w", err)
		}
		if err := rememberTheirs(tx, reply.Message{From: r.content.From, Theirs: r.content.Theirs}, n.id); err != nil {
			return err
		}
		to, err := d.act(tx, r, tied{notice: n, by: "person", sure: true, named: true})
		if err != nil {
			return err
		}
		if to != r.state {
			return d.moveReply(tx, r, to, a, "A person attached it to a case.")
		}
		return tx.Audit(store.Entry{Actor: a.ID, Act: "reply.attach", Object: r.id, Detail: c.id})
	})
}

// Confirmable lists what a person can say that a reply means; "nothing" has it set aside.
func Confirmable() []string {
	return []string{"removed", "refused", "forwarded", "question", "receipt", "dispute", "stop", "bounced", "other", "nothing"}
}

// ConfirmReply is a person's word on what a mail means: only then does it count as the answer to the notice. "removed" still only has the
// content looked at, "dispute" opens one about each case of the notice (counsel), "stop" has the address not written to again, "nothing" sets aside what concerns no
// notice.
func (d *Docket) ConfirmReply(ctx context.Context, a Actor, id, meaning string) error {
	if err := person(a); err != nil {
		return err
	}
	if !slices.Contains(Confirmable(), meaning) {
		return refuse(CodeInvalid, "A mail means one of: "+strings.Join(Confirmable(), ", ")+".")
	}
	if meaning == "dispute" {
		if err := counsel(a); err != nil {
			return err
		}
	}
	return d.write(ctx, "settle reply", func(tx *store.Tx) error {
		r, err := loadReply(tx, id)
		if err != nil {
			return err
		}
		if r.state == ReplySettled || r.noticeID == "" && meaning != "nothing" {
			return refuse(CodeState, "This mail is settled already, or belongs to no case yet: attach it first.")
		}
		if r.noticeID != "" {
			if err := d.applyMeaning(tx, a, r, meaning); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`UPDATE replies SET meaning = ? WHERE id = ?`, meaning, r.id); err != nil {
			return fmt.Errorf("keep meaning: %w", err)
		}
		return d.moveReply(tx, r, ReplySettled, a, "A person says what it means: "+meaning+".")
	})
}

// applyMeaning does what follows from a meaning that a person confirmed.
func (d *Docket) applyMeaning(tx *store.Tx, a Actor, r *replyRec, meaning string) error {
	n, err := loadNotice(tx, r.noticeID)
	if err != nil {
		return err
	}
	switch meaning {
	case "nothing":
		return nil
	case "bounced":
		// Where it speaks of other addresses alone, somebody passed the notice on: that it did not arrive says a person, and nothing says
		// that the notice's own address takes no mail.
		to, err := answeredFrom(tx, n, r.content.Version)
		if err != nil {
			return err
		}
		mine, _ := failure(r.content.Failed, to)
		return d.cameBack(tx, a, r, tied{notice: n, version: r.content.Version, by: "person", sure: true}, mine)
	case "dispute":
		if err := d.disputeByMail(tx, a, r, n); err != nil {
			return err
		}
	case "stop":
		to, err := answeredFrom(tx, n, r.content.Version)
		if err != nil {
			return err
		}
		return d.suppress(tx, a, to, "asked", r.id)
	}
	if n.state != NoticeSent && n.state != NoticeUnknown {
		return nil // it has been withdrawn to a draft or came back since: the answer is kept, and counts for nothing
	}
	answer := map[string]Answer{"removed": AnswerRemoved, "refused": AnswerRefused, "question": AnswerQuestion, "receipt": AnswerReceipt}[meaning]
	if answer == "" {
		answer = AnswerOther
	}
	return d.noteAnswer(tx, a, n, answer, r.received)
}

// answeredFrom is the address that the version went to which a mail answers: the notice may have been written anew to another one since.
func answeredFrom(tx *store.Tx, n *noticeRec, version int) (string, error) {
	if version == 0 || version == n.version {
		return n.recipient, nil
	}
	v, err := loadVersion(tx, n.id, version)
	return v.Envelope.To, err
}

// disputeByMail opens a dispute in the words of a mail about each case of the notice that it answers: it speaks of the notice, and which
// of its addresses it means is for counsel to find out. A case that is disputed already keeps that dispute.
func (d *Docket) disputeByMail(tx *store.Tx, a Actor, r *replyRec, n *noticeRec) error {
	said := Dispute{Party: "recipient", Who: strings.TrimSpace(r.content.FromName + " " + r.content.From), What: r.content.Text, Received: r.received}
	if said.What = strings.TrimSpace(said.What); said.What == "" {
		said.What = r.content.Subject
	}
	if said.What == "" {
		said.What = "A mail without words."
	}
	cases, err := casesOf(tx, n.id)
	if err != nil {
		return err
	}
	var waits bool
	var over error
	for _, c := range cases {
		if c.disputed {
			waits = true
			continue
		}
		if over = disputable(c); over != nil {
			continue
		}
		if _, err := d.keepDispute(tx, a, c, said); err != nil {
			return err
		}
		waits = true
	}
	if !waits {
		return over
	}
	return nil
}

// keepUnmatched is how long a mail is kept that belongs to nothing: strangers write to every address.
const keepUnmatched = 90 * 24 * time.Hour

// mostForgotten is how many mails one transaction forgets: it holds up every other writer.
const mostForgotten = 200

// ForgetReplies deletes what mails say once their keeping time is over and their cases are closed, and those altogether that never
// belonged to one. It returns how many there were.
func (d *Docket) ForgetReplies(ctx context.Context) (n int, err error) {
	if d.o.KeepReplies <= 0 {
		return 0, nil
	}
	for ctx.Err() == nil {
		some := 0
		err := d.write(ctx, "forget replies", func(tx *store.Tx) (err error) {
			some, err = d.forgetSome(tx)
			return err
		})
		if n += some; err != nil || some == 0 {
			return n, err
		}
	}
	return n, ctx.Err()
}

func (d *Docket) forgetSome(tx *store.Tx) (n int, err error) {
	old, err := queryIDs(tx, `SELECT r.id FROM replies r WHERE r.content IS NOT NULL AND r.received < ? AND r.notice_id <> '' AND NOT EXISTS
		(SELECT 1 FROM notice_cases x JOIN cases c ON c.id = x.case_id WHERE x.notice_id = r.notice_id AND c.state NOT IN ('gone', 'dismissed'))
		LIMIT ?`, store.Millis(d.now().Add(-d.o.KeepReplies)), mostForgotten)
	if err != nil {
		return 0, err
	}
	stray, err := queryIDs(tx, `SELECT id FROM replies WHERE content IS NOT NULL AND notice_id = '' AND created < ? LIMIT ?`,
		store.Millis(d.now().Add(-min(d.o.KeepReplies, keepUnmatched))), mostForgotten)
	if err != nil {
		return 0, err
	}
	for _, id := range append(old, stray...) {
		if _, err := tx.Exec(`UPDATE replies SET content = NULL, raw = NULL WHERE id = ?`, id); err != nil {
			return 0, err
		}
		if err := tx.Audit(store.Entry{Actor: System.ID, Act: "reply.forget", Object: id}); err != nil {
			return 0, err
		}
	}
	for _, id := range stray {
		r, err := loadReply(tx, id)
		if err == nil && r.state == ReplyUnmatched {
			err = d.moveReply(tx, r, ReplySettled, System, "Nobody attached it in time.")
		}
		if err != nil {
			return 0, err
		}
	}
	return len(old) + len(stray), nil
}
