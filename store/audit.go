package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Entry is one row for the audit log. Actor and Object are opaque ids, Detail is short and never personal (a state,
// a digest); Reason is what a person typed: it is sealed, and the log holds only its salted digest.
type Entry struct {
	Actor, Act, Object, Detail string
	Reason                     string
}

// AuditRow is an entry as it stands in the log.
type AuditRow struct {
	Seq    int64     `json:"id"`
	At     time.Time `json:"created"`
	Actor  string    `json:"actor"`
	Act    string    `json:"state"`
	Object string    `json:"object"`
	Detail string    `json:"detail"`
	Hash   string    `json:"hash"`
}

// Audit appends e to the log inside this transaction: what is done and the row that tells of it are committed
// together or not at all. Each row's hash covers the row before it, and is signed.
func (t *Tx) Audit(e Entry) error {
	last, lastKey := head{hash: make([]byte, sha256.Size)}, ""
	err := t.QueryRow(`SELECT seq, hash, (SELECT key FROM audit WHERE key <> '' ORDER BY seq DESC LIMIT 1) FROM audit
		ORDER BY seq DESC LIMIT 1`).Scan(&last.seq, &last.hash, &lastKey)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read end of audit log: %w", err)
	}
	r := auditRecord{seq: last.seq + 1, at: Millis(t.Now()), e: e, prev: last.hash}
	var sealed []byte
	if e.Reason != "" {
		salt := make([]byte, 16)
		_, _ = rand.Read(salt) // crypto/rand.Read never fails
		r.reason = saltedDigest(salt, e.Reason)
		sealed = t.Seal("audit.reason", append(salt, e.Reason...))
	}
	r.key = KeyID(t.s.sign.Public().(ed25519.PublicKey))
	text := r.text()
	hash := sha256.Sum256(text)
	detail, digest := splitDetail(e.Detail)
	key := r.key
	if key == lastKey {
		key = "" // as in the row before
	}
	_, err = t.Exec(`INSERT INTO audit (seq, at, actor, act, object, detail, digest, reason, reason_digest, hash, sig, key)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`, r.seq, r.at, e.Actor, e.Act, e.Object, detail, digest, sealed, r.reason, hash[:],
		ed25519.Sign(t.s.sign, text), key)
	if err != nil {
		return fmt.Errorf("append to audit log: %w", err)
	}
	t.head = &head{seq: r.seq, hash: hash[:]}
	return nil
}

// splitDetail takes the digest off the end of a detail: as bytes it is half as long. The row's text has them together, as auditDetail
// reads them.
func splitDetail(detail string) (rest string, digest []byte) {
	const digits = 2 * sha256.Size
	if len(detail) < digits {
		return detail, nil
	}
	rest, end := detail[:len(detail)-digits], detail[len(detail)-digits:]
	digest, err := hex.DecodeString(end)
	if err != nil || hex.EncodeToString(digest) != end {
		return detail, nil
	}
	return rest, digest
}

// auditDetail is the way back from splitDetail, in SQL.
const auditDetail = `detail || lower(hex(COALESCE(digest, x'')))`

// KeyID names a signing key in the log: the first 8 bytes of its SHA-256, in hex.
func KeyID(k ed25519.PublicKey) string {
	sum := sha256.Sum256(k)
	return hex.EncodeToString(sum[:8])
}

func saltedDigest(salt []byte, reason string) []byte {
	h := sha256.New()
	h.Write(salt)
	h.Write([]byte(reason))
	return h.Sum(nil)
}

// auditRecord is a row of the log. What the row before it tells as well is not stored again: the hash before, and the key while it is
// the same one.
type auditRecord struct {
	seq, at      int64
	e            Entry
	reason, prev []byte
	key          string
}

// auditWalk reads the log in its order, from the first row on.
type auditWalk struct {
	auditRecord
	sealed, hash, sig []byte // the sealed reason, the row's own hash and its signature
}

// newAuditWalk stands before the first row.
func newAuditWalk() *auditWalk { return &auditWalk{hash: make([]byte, sha256.Size)} }

const auditRows = `SELECT seq, at, actor, act, object, ` + auditDetail + `, reason, reason_digest, hash, sig, key FROM audit ORDER BY seq`

// next takes up the row that rows stands at.
func (w *auditWalk) next(rows *sql.Rows) error {
	before, key := w.hash, w.key
	*w = auditWalk{}
	err := rows.Scan(&w.seq, &w.at, &w.e.Actor, &w.e.Act, &w.e.Object, &w.e.Detail, &w.sealed, &w.reason, &w.hash, &w.sig, &w.key)
	if err != nil {
		return fmt.Errorf("read audit log: %w", err)
	}
	if w.prev = before; w.key == "" {
		w.key = key
	}
	return nil
}

// text is what is hashed and signed of a row: lines that a person can read, with quoted fields, so that no two rows share a text and
// public tools can verify one that was taken out of the log.
func (r auditRecord) text() []byte {
	reason := "-"
	if len(r.reason) > 0 {
		reason = hex.EncodeToString(r.reason)
	}
	return fmt.Appendf(nil, "unmirror audit row 1\nrow %d\ntime %s (%d ms)\nactor %q\nact %q\nobject %q\ndetail %q\nreason %s\nbefore %x\nkey %q\n",
		r.seq, time.UnixMilli(r.at).UTC().Format("2006-01-02T15:04:05.000Z"), r.at, r.e.Actor, r.e.Act, r.e.Object, r.e.Detail, reason, r.prev, r.key)
}

// Broken says where the audit log stops being what was written.
type Broken struct {
	Seq  int64
	What string
}

func (b *Broken) Error() string { return fmt.Sprintf("audit log row %d: %s", b.Seq, b.What) }

// VerifyAudit walks the whole log and checks order, chain and signatures under any of the given public keys, and that the log still
// holds the row that the checkpoint outside the data folder was signed for. It returns the number of rows and the last hash (hex),
// or a *Broken error.
func (s *Store) VerifyAudit(ctx context.Context, keys []ed25519.PublicKey) (n int64, head string, err error) {
	byID := make(map[string]ed25519.PublicKey, len(keys))
	for _, k := range keys {
		byID[KeyID(k)] = k
	}
	w := newAuditWalk()
	// Read before the log: a row that is written meanwhile may then be in the log and not in the checkpoint, never the other way.
	marks, err := s.readCheckpoint(byID)
	if err != nil {
		return 0, "", err
	}
	err = s.Read(ctx, func(t *Tx) error {
		rows, err := t.Query(auditRows)
		if err != nil {
			return fmt.Errorf("read audit log: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			if err := w.next(rows); err != nil {
				return err
			}
			n++
			if what := t.check(w, n, byID[w.key]); what != "" {
				return &Broken{Seq: w.seq, What: what}
			}
			marks.pass(n, w.hash)
		}
		return rows.Err()
	})
	if err == nil {
		err = marks.missed(n)
	}
	return n, hex.EncodeToString(w.hash), err
}

// check returns what is wrong with a row, or "".
func (t *Tx) check(w *auditWalk, n int64, key ed25519.PublicKey) string {
	text := w.text()
	sum := sha256.Sum256(text)
	switch {
	case w.seq != n:
		return fmt.Sprintf("follows row %d: rows are missing", n-1)
	case !bytes.Equal(sum[:], w.hash):
		return "was changed after it was written, or does not continue the row before it"
	case key == nil:
		return "is signed by a key that this keys folder does not hold"
	case !ed25519.Verify(key, text, w.sig):
		return "has a signature that does not fit"
	case len(w.sealed) == 0 && len(w.reason) == 0: // none was given
		return ""
	case len(w.sealed) == 0:
		return "has lost the reason that was given"
	}
	plain, err := t.Open("audit.reason", w.sealed)
	if err != nil || len(plain) < 16 || !bytes.Equal(saltedDigest(plain[:16], string(plain[16:])), w.reason) {
		return "has a reason that does not fit its digest"
	}
	return ""
}

// AuditTail returns the newest rows, newest first.
func (s *Store) AuditTail(ctx context.Context, limit int) (out []AuditRow, err error) {
	err = s.Read(ctx, func(t *Tx) error {
		rows, err := t.Query(`SELECT seq, at, actor, act, object, `+auditDetail+`, hash FROM audit ORDER BY seq DESC LIMIT ?`, limit)
		if err != nil {
			return fmt.Errorf("read audit log: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r AuditRow
			var at int64
			var hash []byte
			if err := rows.Scan(&r.Seq, &at, &r.Actor, &r.Act, &r.Object, &r.Detail, &hash); err != nil {
				return fmt.Errorf("read audit log: %w", err)
			}
			r.At, r.Hash = Time(at), hex.EncodeToString(hash)
			out = append(out, r)
		}
		return rows.Err()
	})
	return out, err
}

// Proof is a text that the log's key signed: a row, or the log's head. Public tools verify it (Ed25519 over the text).
type Proof struct {
	Seq       int64
	Key       string // KeyID of the key that signed it
	Text, Sig []byte
}

// AuditProof takes the rows of some objects out of the log, oldest first, each with its signature, and signs the log's head as it is
// now. What it returns is opaque: reasons are digests.
func (s *Store) AuditProof(ctx context.Context, objects []string) (rows []Proof, last Proof, err error) {
	w := newAuditWalk()
	wanted := make(map[string]bool, len(objects))
	for _, o := range objects {
		wanted[o] = true
	}
	err = s.Read(ctx, func(t *Tx) error {
		found, err := t.Query(auditRows)
		if err != nil {
			return fmt.Errorf("read audit log: %w", err)
		}
		defer func() { _ = found.Close() }()
		for found.Next() {
			if err := w.next(found); err != nil {
				return err
			}
			if wanted[w.e.Object] {
				rows = append(rows, Proof{Seq: w.seq, Key: w.key, Text: w.text(), Sig: w.sig})
			}
		}
		return found.Err()
	})
	end := head{seq: w.seq, hash: w.hash}
	text, sig := s.signHead(end)
	return rows, Proof{Seq: end.seq, Key: KeyID(s.sign.Public().(ed25519.PublicKey)), Text: text, Sig: sig}, err
}

// Sign signs a text with the log's newest key.
func (s *Store) Sign(text []byte) Proof {
	return Proof{Key: KeyID(s.sign.Public().(ed25519.PublicKey)), Text: text, Sig: ed25519.Sign(s.sign, text)}
}
