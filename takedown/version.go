package takedown

import (
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"unmirror/store"
	"unmirror/takedown/notice"
	"unmirror/takedown/packing"
)

// noticeRec is a row of notices, opened.
type noticeRec struct {
	id, caseID       string
	state            NoticeState
	created, updated time.Time
	round, version   int
	digest, language string
	recipient        string
	missing          int
	byPerson         bool
	messageID        string
	accepted         string
	kind             NoticeKind
	regime           string
	rung             int
	recipientKind    string
	follows          string // the notice that it reminds of, escalates or withdraws
	ticket           string
	sentAt           time.Time
	withdrawn        string // the retraction that took it back
	answer           Answer
	answeredAt       time.Time
}

const noticeColumns = `n.id, n.case_id, n.state, n.created, n.updated, n.round, n.version, n.digest, n.language, n.recipient,
	n.missing, n.by_person, n.message_id, n.accepted, n.kind, n.regime, n.rung, n.recipient_kind, n.follows, n.ticket, n.sent_at,
	n.withdrawn, n.answer, n.answered_at`

func scanNotice(tx *store.Tx, s scanner, more ...any) (*noticeRec, error) {
	var n noticeRec
	var created, updated, sent, answered int64
	var recipient, accepted []byte
	err := s.Scan(append([]any{&n.id, &n.caseID, &n.state, &created, &updated, &n.round, &n.version, &n.digest, &n.language,
		&recipient, &n.missing, &n.byPerson, &n.messageID, &accepted, &n.kind, &n.regime, &n.rung, &n.recipientKind, &n.follows,
		&n.ticket, &sent, &n.withdrawn, &n.answer, &answered}, more...)...)
	if err != nil {
		return nil, err
	}
	n.created, n.updated, n.sentAt, n.answeredAt = store.Time(created), store.Time(updated), store.Time(sent), store.Time(answered)
	if n.recipient, err = tx.OpenText("notices.recipient", recipient); err != nil {
		return nil, fmt.Errorf("open recipient of %s: %w", n.id, err)
	}
	if n.accepted, err = tx.OpenText("notices.accepted", accepted); err != nil {
		return nil, fmt.Errorf("open acceptance of %s: %w", n.id, err)
	}
	return &n, nil
}

func loadNotice(tx *store.Tx, id string) (*noticeRec, error) {
	n, err := scanNotice(tx, tx.QueryRow(`SELECT `+noticeColumns+` FROM notices n WHERE n.id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, refuse(CodeNotFound, "There is no notice "+printable(id)+".")
	}
	if err != nil {
		return nil, fmt.Errorf("read notice: %w", err)
	}
	return n, nil
}

// queryNotices returns the notices that the rest of the statement ("JOIN … WHERE … ORDER BY …") selects.
func queryNotices(tx *store.Tx, rest string, args ...any) ([]*noticeRec, error) {
	rows, err := tx.Query(`SELECT `+noticeColumns+` FROM notices n `+rest, args...)
	if err != nil {
		return nil, fmt.Errorf("read notices: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []*noticeRec
	for rows.Next() {
		n, err := scanNotice(tx, rows)
		if err != nil {
			return nil, fmt.Errorf("read notices: %w", err)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// sortNotices puts notices into the order in which they went out.
func sortNotices(all []*noticeRec) {
	slices.SortStableFunc(all, func(a, b *noticeRec) int {
		if c := a.when().Compare(b.when()); c != 0 {
			return c
		}
		return strings.Compare(a.id, b.id)
	})
}

// version is the content of one version: what was composed from, what it reads, and the bytes that go out.
type version struct {
	Facts       notice.Facts    `json:"facts"`
	Cases       []string        `json:"cases"` // of the locations, in their order
	Draft       notice.Draft    `json:"draft"`
	Envelope    notice.Envelope `json:"envelope"`
	Attachments bool            `json:"attachments"`
	Incident    int             `json:"incident"` // version of the leak file that it drew on; 0: there was none

	mime []byte // without Date; nil while it cannot be rendered
}

// digest is SHA-256 over envelope and bytes, each length-prefixed so that no two split alike; empty without bytes.
func (v version) digest() string {
	if v.mime == nil {
		return ""
	}
	h := sha256.New()
	for _, f := range [][]byte{[]byte(v.Envelope.From), []byte(v.Envelope.To), v.mime} {
		_ = binary.Write(h, binary.BigEndian, uint64(len(f))) // a hash never fails
		h.Write(f)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func loadVersion(tx *store.Tx, id string, number int) (version, error) {
	var v version
	var content, mime []byte
	err := tx.QueryRow(`SELECT content, mime FROM notice_versions WHERE notice_id = ? AND version = ?`, id, number).Scan(&content, &mime)
	if err != nil {
		return v, fmt.Errorf("read version %d of %s: %w", number, id, err)
	}
	plain, err := tx.Open("versions.content", content)
	switch {
	case err == nil && packing.Packed(plain):
		err = v.unpack(plain)
	case err == nil:
		if err = json.Unmarshal(plain, &v); err == nil && mime != nil {
			v.mime, err = tx.Open("versions.mime", mime)
		}
	}
	if err != nil {
		return v, fmt.Errorf("open version %d of %s: %w", number, id, err)
	}
	return v, nil
}

// pack makes all of a version small, the bytes that go out among it: the letter stands in them and in the draft alike.
func (v version) pack() ([]byte, error) {
	body := v.Draft.Body
	v.Draft.Body = ""
	content, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write version: %w", err)
	}
	b, err := packing.Pack(packing.Version{Content: content, Body: body, Message: v.mime})
	if err != nil {
		return nil, fmt.Errorf("write version: %w", err)
	}
	return b, nil
}

func (v *version) unpack(packed []byte) error {
	p, err := packing.Unpack(packed)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(p.Content, v); err != nil {
		return err
	}
	v.Draft.Body, v.mime = p.Body, p.Message
	return nil
}

// writeVersion renders v as the next version of n and stores both: the bytes that counsel approves are these.
func (d *Docket) writeVersion(tx *store.Tx, n *noticeRec, v version, a Actor) error {
	n.version++
	v.Envelope.From, v.Envelope.FromName = d.o.From, d.o.FromName
	v.Envelope.MessageID, v.Envelope.ReplyTo = messageID(n.id, n.version, d.o.From), d.replyTo(tx, v.Facts.Ticket)
	v.mime = nil
	if v.Envelope.From != "" {
		to := v.Envelope
		if _, hand := byForm(to.To); hand {
			to.To = "" // these bytes are what a person hands in; the digest is bound to the form
		}
		mime, err := notice.Render(v.Facts, v.Draft, to, v.Attachments)
		if err == nil {
			v.mime = mime
		} else {
			// An address that no mail can carry must not keep a case from having a draft: counsel sees what is wrong.
			d.o.Log.Warn("notice cannot be rendered", "notice", n.id, "error", err)
		}
	}
	n.digest, n.language, n.recipient = v.digest(), v.Facts.Language, v.Envelope.To
	n.regime, n.recipientKind = v.Facts.Regime, v.Facts.RecipientKind
	n.messageID, n.accepted, n.updated = v.Envelope.MessageID, "", d.now()
	n.missing = len(d.review(v).missing)
	content, err := v.pack()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO notice_versions (notice_id, version, created, actor, actor_name, digest, content) VALUES (?,?,?,?,?,?,?)`,
		n.id, n.version, store.Millis(n.updated), a.ID, tx.SealText("versions.actor", a.Name), n.digest, tx.Seal("versions.content", content))
	if err != nil {
		return fmt.Errorf("write version: %w", err)
	}
	_, err = tx.Exec(`UPDATE notices SET updated=?, version=?, digest=?, language=?, recipient=?, recipient_key=?, addressed=?, missing=?,
		by_person=?, message_id=?, accepted=?, regime=?, recipient_kind=?, under=x'' WHERE id=?`, store.Millis(n.updated), n.version, n.digest,
		n.language, sealSome(tx, "notices.recipient", n.recipient), recipientKey(tx, n.recipient), n.recipient != "", n.missing, n.byPerson,
		n.messageID, []byte{}, n.regime, n.recipientKind, n.id)
	if err != nil {
		return fmt.Errorf("save notice %s: %w", n.id, err)
	}
	if err := n.climb(tx); err != nil {
		return err
	}
	return tx.Audit(store.Entry{Actor: a.ID, Act: "notice.version", Object: n.id, Detail: fmt.Sprintf("version %d %s", n.version, n.digest)})
}

// climb notes the rung of a first notice, which is its recipient's. A follow-up stays on the rung that it was drafted for: there is
// one of each, whoever counsel then addresses it to.
func (n *noticeRec) climb(tx *store.Tx) error {
	if n.kind != KindNotice {
		return nil
	}
	n.rung = rungOf(n.recipientKind)
	_, err := tx.Exec(`UPDATE notices SET rung = ? WHERE id = ?`, n.rung, n.id)
	if err == nil {
		_, err = tx.Exec(`UPDATE notice_cases SET rung = ? WHERE notice_id = ?`, n.rung, n.id)
	}
	if err != nil {
		return fmt.Errorf("note rung of %s: %w", n.id, err)
	}
	return nil
}

// recipientKey finds notices to the same address again; empty without one.
func recipientKey(tx *store.Tx, email string) []byte {
	if email == "" {
		return []byte{}
	}
	return tx.Lookup("notices.recipient_key", []byte(strings.ToLower(email)))
}

// messageID is fixed with the rendering, so that a second sending carries the same one and the recipient can tell.
func messageID(id string, number int, from string) string {
	_, domain, _ := strings.Cut(from, "@")
	if domain == "" {
		domain = "unmirror.invalid" // never sent: without a sender there is no approval
	}
	return fmt.Sprintf("<%s.%d.%s@%s>", id, number, strings.ToLower(rand.Text()[:16]), domain)
}
