package takedown

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/reply"
)

// ReplyState is where a mail that came in stands.
type ReplyState string

// The states of a reply.
const (
	ReplyUnmatched ReplyState = "unmatched" // it answers no notice that can be told: a person attaches it
	ReplyWaiting   ReplyState = "waiting"   // a person says what it means
	ReplySettled   ReplyState = "settled"   // nothing is left to do
)

// Incoming is one mail as it was read from a mailbox, with its place there.
type Incoming struct {
	Raw           []byte
	Received      time.Time
	Cut           bool   // Raw ends early
	Mailbox       string // server, account and folder; empty: it lay in none
	Validity, UID uint32
}

// replyContent is what a reply says, sealed: it may hold victims' data and names its writer.
type replyContent struct {
	From, FromName, Subject, Text string
	Date                          time.Time
	Theirs                        []string
	Failed                        []reply.Failed
	Parts                         int
	Cut                           bool
	Version                       int `json:",omitempty"` // of the notice that it answers; 0 when that cannot be told
}

// replyRec is a row of replies, opened.
type replyRec struct {
	id                         string
	state                      ReplyState
	kind                       reply.Kind
	says                       []reply.Says
	meaning, tiedBy            string
	created, updated, received time.Time
	noticeID, caseID           string
	content                    replyContent
	kept                       bool // its content was not forgotten yet
}

// mostRaw is how much of a mail is kept as it came, in bytes before compression: heads and words, hardly ever all attachments.
const mostRaw = 256 << 10

// MailboxMark tells how far a mailbox was read; zeros when it never was.
func (d *Docket) MailboxMark(ctx context.Context, mailbox string) (validity, uid uint32, err error) {
	err = d.read(ctx, "read mailbox mark", func(tx *store.Tx) error {
		return tx.QueryRow(`SELECT COALESCE(MAX(validity), 0), COALESCE(MAX(uid), 0) FROM mailboxes WHERE name = ?`,
			tx.Lookup("mailboxes.name", []byte(mailbox))).Scan(&validity, &uid)
	})
	return validity, uid, err
}

// FirstSent tells when the first notice was given to the outbox or handed in, which is before any answer; zero when none was.
func (d *Docket) FirstSent(ctx context.Context) (at time.Time, err error) {
	err = d.read(ctx, "read first sending", func(tx *store.Tx) error {
		var queued, sent int64
		err := tx.QueryRow(`SELECT (SELECT COALESCE(MIN(created), 0) FROM attempts), (SELECT COALESCE(MIN(sent_at), 0) FROM notices WHERE sent_at > 0)`).Scan(&queued, &sent)
		if queued == 0 || sent > 0 && sent < queued {
			queued = sent
		}
		if err == nil && queued > 0 {
			at = store.Time(queued)
		}
		return err
	})
	return at, err
}

// Receive takes one mail: it is kept, tied to the notice that it answers, and what it says about its own way is acted upon, together
// with how far the mailbox was read, in one transaction. The same mail taken again changes nothing but the mark. What a mail says of
// the content is never believed: "removed" has the case looked at soon, everything else waits for a person.
func (d *Docket) Receive(ctx context.Context, in Incoming) (id string, err error) {
	m := reply.Parse(in.Raw)
	m.Cut = m.Cut || in.Cut
	packed, err := pack(in.Raw)
	if err != nil {
		return "", fmt.Errorf("take mail: %w", err)
	}
	take := func(tx *store.Tx, tied bool) error {
		if in.Mailbox != "" {
			_, err := tx.Exec(`INSERT INTO mailboxes (name, validity, uid) VALUES (?,?,?) ON CONFLICT (name) DO UPDATE SET
				validity = excluded.validity, uid = excluded.uid`, tx.Lookup("mailboxes.name", []byte(in.Mailbox)), in.Validity, in.UID)
			if err != nil {
				return fmt.Errorf("note mailbox mark: %w", err)
			}
		}
		key := tx.Lookup("replies.key", in.Raw)
		known, err := queryIDs(tx, `SELECT id FROM replies WHERE key = ?`, key)
		if err != nil {
			return err
		}
		if len(known) > 0 {
			id = known[0]
			return nil
		}
		id = store.NewID("reply")
		if !tied {
			return d.keepMail(tx, newReply(id, d.now(), in, m), ReplyUnmatched, key, m.ID, packed)
		}
		return d.takeMail(tx, id, key, in, m, packed)
	}
	err = d.write(ctx, "take mail", func(tx *store.Tx) error { return take(tx, true) })
	if err != nil && ctx.Err() == nil {
		// What it seems to answer could not be dealt with: it must hold up no mail behind it, and a person sees to it.
		d.o.Log.WarnContext(ctx, "a mail is kept for a person", "error", err)
		err = d.write(ctx, "keep mail", func(tx *store.Tx) error { return take(tx, false) })
	}
	return id, err
}

// newReply is a mail as it came, tied to nothing yet.
func newReply(id string, now time.Time, in Incoming, m reply.Message) *replyRec {
	r := &replyRec{id: id, kind: m.Kind, says: m.Says, created: now, received: in.Received, kept: true,
		content: replyContent{From: m.From, FromName: m.FromName, Subject: m.Subject, Text: m.Text, Date: m.Date, Theirs: m.Theirs, Failed: m.Failed,
			Parts: m.Parts, Cut: m.Cut}}
	if r.received.IsZero() {
		r.received = r.created
	}
	return r
}

func (d *Docket) takeMail(tx *store.Tx, id string, key []byte, in Incoming, m reply.Message, packed []byte) error {
	t, err := d.tie(tx, m)
	if err != nil {
		return err
	}
	if t.notice != nil {
		v, err := loadVersion(tx, t.notice.id, t.notice.version)
		if err != nil {
			return err
		}
		m = m.Beside(v.Draft.Body)
	}
	r := newReply(id, d.now(), in, m)
	if t.notice != nil {
		r.noticeID, r.caseID, r.tiedBy, r.content.Version = t.notice.id, t.notice.caseID, t.by, t.version
	}
	state, err := d.act(tx, r, t)
	if err != nil {
		return err
	}
	if t.notice != nil {
		if err := rememberTheirs(tx, m, t.notice.id); err != nil {
			return err
		}
	}
	return d.keepMail(tx, r, state, key, m.ID, packed)
}

// keepMail writes a new reply in its first state.
func (d *Docket) keepMail(tx *store.Tx, r *replyRec, state ReplyState, key []byte, messageID string, packed []byte) error {
	r.state = state
	if err := insertReply(tx, r, key, messageID, packed); err != nil {
		return err
	}
	why := map[ReplyState]string{ReplyUnmatched: "It names no notice of ours.", ReplyWaiting: "It answers a notice.", ReplySettled: "It says how the notice fared."}[r.state]
	return step{of: "reply", id: r.id, to: string(r.state), actor: System, at: d.now(), why: why, digest: string(r.kind)}.record(tx, "")
}

func insertReply(tx *store.Tx, r *replyRec, key []byte, messageID string, packed []byte) error {
	content, err := json.Marshal(r.content)
	if err != nil {
		return fmt.Errorf("keep mail: %w", err)
	}
	_, err = tx.Exec(`INSERT INTO replies (id, key, message_key, state, kind, says, tied_by, created, updated, received, notice_id, case_id, content, raw)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)`, r.id, key, messageKey(tx, messageID), r.state, r.kind, joinSays(r.says), r.tiedBy, store.Millis(r.created),
		store.Millis(r.created), store.Millis(r.received), r.noticeID, r.caseID, tx.Seal("replies.content", content), tx.Seal("replies.raw", packed))
	if err != nil {
		return fmt.Errorf("keep mail: %w", err)
	}
	return nil
}

func messageKey(tx *store.Tx, messageID string) []byte {
	if messageID == "" {
		return []byte{}
	}
	return tx.Lookup("replies.message_key", []byte(messageID))
}

func joinSays(says []reply.Says) string {
	var out []string
	for _, s := range says {
		out = append(out, string(s))
	}
	return strings.Join(out, " ")
}

// pack compresses the beginning of a mail.
func pack(raw []byte) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(raw[:min(len(raw), mostRaw)]); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

const replyColumns = `r.id, r.state, r.kind, r.says, r.meaning, r.tied_by, r.created, r.updated, r.received, r.notice_id, r.case_id, r.content`

// queryReplies returns the replies that the rest of the statement ("WHERE … ORDER BY …") selects.
func queryReplies(tx *store.Tx, rest string, args ...any) ([]*replyRec, error) {
	rows, err := tx.Query(`SELECT `+replyColumns+` FROM replies r `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read replies: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []*replyRec
	for rows.Next() {
		var r replyRec
		var says string
		var created, updated, received int64
		var content []byte
		if err := rows.Scan(&r.id, &r.state, &r.kind, &says, &r.meaning, &r.tiedBy, &created, &updated, &received, &r.noticeID, &r.caseID, &content); err != nil {
			return nil, fmt.Errorf("read replies: %w", err)
		}
		for _, s := range strings.Fields(says) {
			r.says = append(r.says, reply.Says(s))
		}
		r.created, r.updated, r.received = store.Time(created), store.Time(updated), store.Time(received)
		if r.kept = len(content) > 0; r.kept {
			plain, err := tx.Open("replies.content", content)
			if err == nil {
				err = json.Unmarshal(plain, &r.content)
			}
			if err != nil {
				return nil, fmt.Errorf("open reply %s: %w", r.id, err)
			}
		}
		out = append(out, &r)
	}
	return out, rows.Err()
}

func loadReply(tx *store.Tx, id string) (*replyRec, error) {
	found, err := queryReplies(tx, `WHERE r.id = ?`, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, refuse(CodeNotFound, "There is no reply "+printable(id)+".")
	}
	return found[0], nil
}

// moveReply is the only writer of a reply's state after it was taken.
func (d *Docket) moveReply(tx *store.Tx, r *replyRec, to ReplyState, a Actor, why string) error {
	s := step{of: "reply", id: r.id, from: string(r.state), to: string(to), actor: a, at: d.now(), why: why}
	if err := s.record(tx, `UPDATE replies SET state = ?, updated = ? WHERE id = ? AND state = ?`); err != nil {
		return err
	}
	r.state, r.updated = to, s.at
	return nil
}

func (r *replyRec) seems(what reply.Says) bool { return slices.Contains(r.says, what) }
