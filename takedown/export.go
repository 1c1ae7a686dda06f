package takedown

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/ed25519"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"unmirror/store"
	"unmirror/takedown/evidence"
)

// Export is the bundle of one case for a court or an authority.
type Export struct {
	Files  []evidence.File
	Digest string // SHA-256 of its list of digests: it stands in the audit log
	Key    string // id of the key that signed the list
}

// ExportWith is what a bundle holds besides the record.
type ExportWith struct {
	Keys        []ed25519.PublicKey // of the audit log
	AuthorityCA []byte              // certificates of the time stamping authority (PEM); nil: there is none
	Recipients  int                 // to how many it is encrypted
}

// exported is what a bundle tells of a case. All of it goes in encrypted: here addresses stand whole.
type exported struct {
	URL     string           `json:"url"`
	Place   string           `json:"place"`
	IP      string           `json:"ip"`
	Title   string           `json:"leak_title"`
	Made    time.Time        `json:"made"`
	Hold    EvidenceHold     `json:"evidence_hold"`
	File    *CaseFile        `json:"case"`
	Notices []exportedNotice `json:"notices"`
	Replies []exportedReply  `json:"replies"`
	Events  []evidence.Event `json:"evidence"`

	incident []byte // the leak file as YAML; nil: there is none
	objects  []string
}

// exportedNotice is a notice with its versions, decisions and deliveries.
type exportedNotice struct {
	NoticeRow
	Accepted string            `json:"accepted_location"`
	Versions []VersionRow      `json:"versions"`
	History  []HistoryRow      `json:"history"`
	Attempts []exportedAttempt `json:"attempts"`

	mails []exportedMail
}

type exportedAttempt struct {
	AttemptRow
	History []HistoryRow `json:"history"`
}

// exportedMail is one rendered version: the bytes, and the same with the envelope as they were approved.
type exportedMail struct {
	version        int
	mime, approved []byte
}

// exportedReply is a mail that came in.
type exportedReply struct {
	ID       string    `json:"id"`
	Kind     string    `json:"kind"`
	Notice   string    `json:"notice"`
	Says     string    `json:"says"`
	Meaning  string    `json:"meaning"`
	Received time.Time `json:"received"`

	raw []byte
}

// ExportEvidence makes the bundle of a case: sealed evidence with its manifest and tokens, and encrypted to counsel's recipients what
// happened, what was sent and answered, and who was found; with the signed rows of the audit log and an instruction to verify it all
// with public tools. That it was made is a row of the audit log.
func (d *Docket) ExportEvidence(ctx context.Context, a Actor, caseID string, with ExportWith) (*Export, error) {
	if err := person(a); err != nil {
		return nil, err
	}
	if !d.o.Evidence.Enabled() {
		return nil, refuse(CodeState, "There is nobody to encrypt a bundle to: set evidence.recipients to counsel's age keys.")
	}
	if _, err := d.KeepEvidence(ctx); err != nil {
		return nil, err
	}
	x, err := d.gather(ctx, caseID)
	if err != nil {
		return nil, err
	}
	b, err := evidence.NewBundle(d.o.Evidence)
	if err != nil {
		return nil, err
	}
	key, err := d.pack(ctx, b, x, with)
	if err != nil {
		return nil, err
	}
	about := evidence.About{Case: caseID, Version: d.o.Version, Made: x.Made.Format("2006-01-02 15:04:05 UTC"), Key: key, Recipients: with.Recipients}
	digest, files, err := b.Sums(about, func(text []byte) []byte { return d.st.Sign(text).Sig }, d.sumsStamp(ctx, with))
	if err != nil {
		return nil, err
	}
	out := &Export{Files: files, Digest: hex.EncodeToString(digest[:]), Key: key}
	err = d.write(ctx, "note export", func(tx *store.Tx) error {
		return tx.Audit(store.Entry{Actor: a.ID, Act: "evidence.export", Object: caseID, Detail: out.Digest})
	})
	return out, err
}

// sumsStamp asks for a token of the list of digests; a bundle is not kept waiting for an authority that fails.
func (d *Docket) sumsStamp(ctx context.Context, with ExportWith) func([]byte) []byte {
	if d.o.Timestamp == nil || with.AuthorityCA == nil {
		return nil
	}
	return func(digest []byte) []byte {
		tok, err := d.o.Timestamp.Stamp(ctx, digest)
		if err != nil {
			d.o.Log.WarnContext(ctx, "a bundle goes without a time token", "authority", d.o.Timestamp.Host(), "error", err)
			return nil
		}
		return tok.Raw
	}
}

// pack puts everything but the list of digests into a bundle; it returns the id of the signing key.
func (d *Docket) pack(ctx context.Context, b *evidence.Bundle, x *exported, with ExportWith) (key string, err error) {
	if err := d.packVault(b, x, with); err != nil {
		return "", err
	}
	for _, k := range with.Keys {
		if err := b.AddKey(store.KeyID(k), k); err != nil {
			return "", err
		}
	}
	rows, head, err := d.st.AuditProof(ctx, x.objects)
	if err != nil {
		return "", err
	}
	for _, r := range rows {
		b.Add(fmt.Sprintf("audit/row-%08d.txt", r.Seq), r.Text)
		b.Add(fmt.Sprintf("audit/row-%08d.sig", r.Seq), r.Sig)
	}
	b.Add("audit/head.txt", head.Text)
	b.Add("audit/head.sig", head.Sig)
	return head.Key, d.packTold(ctx, b, x)
}

// packVault adds the case's files of the vault as they lie there.
func (d *Docket) packVault(b *evidence.Bundle, x *exported, with ExportWith) error {
	deleted := map[string]bool{}
	for _, e := range x.Events {
		if e.What == "deleted" {
			deleted[e.File], deleted[e.File+".tsr"] = true, true
		}
	}
	for _, e := range x.Events {
		if e.What == "deleted" || deleted[e.File] {
			continue
		}
		raw, err := d.o.Evidence.Read(e.File)
		if err != nil {
			return err
		}
		b.Add("evidence/"+e.File, raw)
	}
	if with.AuthorityCA != nil {
		b.Add("time/authority.pem", with.AuthorityCA)
	}
	if len(x.Events) == 0 {
		b.Add("manifest.jsonl", nil)
		return nil
	}
	if err := d.o.Evidence.Note(x.File.ID, x.Events); err != nil { // in case the vault was put back from an older copy
		return err
	}
	raw, err := d.o.Evidence.Read(evidence.ManifestName(x.File.ID))
	b.Add("manifest.jsonl", raw)
	return err
}

// packTold adds what tells of places and persons, encrypted.
func (d *Docket) packTold(ctx context.Context, b *evidence.Bundle, x *exported) error {
	words, err := chronologyWords()
	if err != nil {
		return err
	}
	for _, language := range chronologyLanguages {
		if err := b.Seal("chronology."+language+".txt", []byte(x.chronology(words[language], x.Title))); err != nil {
			return err
		}
	}
	for name, v := range map[string]any{"case.json": x, "contacts.json": x.File.Contacts} {
		plain, err := json.MarshalIndent(v, "", "  ")
		if err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		if err := b.Seal(name, append(plain, '\n')); err != nil {
			return err
		}
	}
	if x.incident != nil {
		if err := b.Seal("leak-file.yaml", x.incident); err != nil {
			return err
		}
	}
	for _, n := range x.Notices {
		pdf, err := d.NoticePDF(ctx, n.ID) // also of what goes by a web form, of which there is no mail
		if err != nil {
			return err
		}
		if err := b.Seal("notices/"+n.ID+".pdf", pdf); err != nil {
			return err
		}
		for _, m := range n.mails {
			if err := b.Seal(fmt.Sprintf("notices/%s.v%d.eml", n.ID, m.version), m.mime); err != nil {
				return err
			}
			if m.approved == nil {
				continue
			}
			if err := b.Seal(fmt.Sprintf("notices/%s.v%d.approved", n.ID, m.version), m.approved); err != nil {
				return err
			}
		}
	}
	for _, r := range x.Replies {
		if r.raw == nil {
			continue
		}
		if err := b.Seal("replies/"+r.ID+".eml", r.raw); err != nil {
			return err
		}
	}
	return nil
}

// gather reads everything about a case in one snapshot but for what its page shows.
func (d *Docket) gather(ctx context.Context, caseID string) (*exported, error) {
	f, err := d.Case(ctx, caseID)
	if err != nil {
		return nil, err
	}
	x := &exported{File: f, Made: d.now(), Title: d.o.LeakTitle(f.Leak), objects: []string{caseID}}
	err = d.read(ctx, "gather case", func(tx *store.Tx) error {
		c, err := loadCase(tx, caseID)
		if err != nil {
			return err
		}
		x.URL, x.Place, x.IP = c.url, c.place, c.ip
		x.objects = append(x.objects, c.leak) // the leak file's versions
		if x.Hold, err = evidenceHold(tx, caseID); err != nil {
			return err
		}
		if x.Events, err = eventsOf(tx, caseID); err != nil {
			return err
		}
		ids, err := queryIDs(tx, `SELECT id FROM evidence WHERE case_id = ? UNION ALL SELECT id FROM disputes WHERE case_id = ?`, caseID, caseID)
		if err != nil {
			return err
		}
		x.objects = append(x.objects, ids...)
		if err := d.gatherNotices(tx, x); err != nil {
			return err
		}
		if err := x.gatherReplies(tx); err != nil {
			return err
		}
		file, ok, err := d.incident(tx, c.leak)
		if err != nil || !ok {
			return err
		}
		x.incident, err = file.YAML()
		return err
	})
	return x, err
}

// gatherNotices adds the notices with their mails.
func (d *Docket) gatherNotices(tx *store.Tx, x *exported) error {
	for _, row := range x.File.Notices {
		n, err := loadNotice(tx, row.ID)
		if err != nil {
			return err
		}
		out := exportedNotice{NoticeRow: row, Accepted: n.accepted}
		x.objects = append(x.objects, n.id)
		if out.History, err = history(tx, n.id); err != nil {
			return err
		}
		if out.Versions, err = versionRows(tx, n.id); err != nil {
			return err
		}
		attempts, err := d.attemptRows(tx, `WHERE t.notice_id = ? ORDER BY t.created, t.id`, n.id)
		if err != nil {
			return err
		}
		for _, t := range attempts {
			h, err := history(tx, t.ID)
			if err != nil {
				return err
			}
			out.Attempts = append(out.Attempts, exportedAttempt{t, h})
			x.objects = append(x.objects, t.ID)
		}
		if err := out.gatherMails(tx); err != nil {
			return err
		}
		x.Notices = append(x.Notices, out)
	}
	return nil
}

// gatherMails adds what each version would have sent; those that were approved with the bytes that the approval's digest is of.
func (n *exportedNotice) gatherMails(tx *store.Tx) error {
	approved, err := queryIDs(tx, `SELECT detail FROM audit WHERE object = ? AND act = 'notice.approved'`, n.ID)
	if err != nil {
		return err
	}
	for _, row := range n.Versions {
		v, err := loadVersion(tx, n.ID, row.Version)
		if err != nil {
			return err
		}
		if v.mime == nil {
			continue
		}
		m := exportedMail{version: row.Version, mime: v.mime}
		for _, detail := range approved {
			if row.Digest != "" && bytes.Contains([]byte(detail), []byte(row.Digest)) {
				m.approved = v.bytes()
			}
		}
		n.mails = append(n.mails, m)
	}
	return nil
}

// bytes is what a version's digest is of.
func (v version) bytes() (b []byte) {
	for _, f := range [][]byte{[]byte(v.Envelope.From), []byte(v.Envelope.To), v.mime} {
		b = append(binary.BigEndian.AppendUint64(b, uint64(len(f))), f...)
	}
	return b
}

// mostReply bounds what a stored reply unpacks to.
const mostReply = 64 << 20

// gatherReplies adds the mails that came in about the case or its notices.
func (x *exported) gatherReplies(tx *store.Tx) error {
	rows, err := tx.Query(`SELECT id, kind, notice_id, says, meaning, received, raw FROM replies
		WHERE case_id = ?1 OR notice_id IN (SELECT notice_id FROM notice_cases WHERE case_id = ?1) ORDER BY received, id`, x.File.ID)
	if err != nil {
		return fmt.Errorf("read replies: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r exportedReply
		var received int64
		var sealed []byte
		if err := rows.Scan(&r.ID, &r.Kind, &r.Notice, &r.Says, &r.Meaning, &received, &sealed); err != nil {
			return fmt.Errorf("read replies: %w", err)
		}
		r.Received = store.Time(received)
		if sealed != nil {
			if r.raw, err = openReply(tx, sealed); err != nil {
				return fmt.Errorf("open reply %s: %w", r.ID, err)
			}
		}
		x.Replies, x.objects = append(x.Replies, r), append(x.objects, r.ID)
	}
	return rows.Err()
}

func openReply(tx *store.Tx, sealed []byte) ([]byte, error) {
	packed, err := tx.Open("replies.raw", sealed)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	raw, err := io.ReadAll(io.LimitReader(z, mostReply))
	if err != nil {
		return nil, fmt.Errorf("unpack: %w", err)
	}
	return raw, nil
}
