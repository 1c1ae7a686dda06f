package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
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
	var seq int64
	prev := make([]byte, sha256.Size)
	rows, err := t.Query(`SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`)
	if err != nil {
		return fmt.Errorf("read end of audit log: %w", err)
	}
	if rows.Next() {
		err = rows.Scan(&seq, &prev)
	}
	if err = errors.Join(err, rows.Err(), rows.Close()); err != nil {
		return fmt.Errorf("read end of audit log: %w", err)
	}
	r := auditRecord{seq: seq + 1, at: Millis(t.Now()), e: e, prev: prev}
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
	_, err = t.Exec(`INSERT INTO audit (seq, at, actor, act, object, detail, reason, reason_digest, prev, hash, sig, key)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`, r.seq, r.at, e.Actor, e.Act, e.Object, e.Detail, sealed, r.reason, prev, hash[:],
		ed25519.Sign(t.s.sign, text), r.key)
	if err != nil {
		return fmt.Errorf("append to audit log: %w", err)
	}
	t.head = &head{seq: r.seq, hash: hash[:]}
	return nil
}

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

type auditRecord struct {
	seq, at      int64
	e            Entry
	reason, prev []byte
	key          string
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
	prev := make([]byte, sha256.Size)
	// Read before the log: a row that is written meanwhile may then be in the log and not in the checkpoint, never the other way.
	marks, err := s.readCheckpoint(byID)
	if err != nil {
		return 0, "", err
	}
	err = s.Read(ctx, func(t *Tx) error {
		rows, err := t.Query(`SELECT seq, at, actor, act, object, detail, reason, reason_digest, prev, hash, sig, key
			FROM audit ORDER BY seq`)
		if err != nil {
			return fmt.Errorf("read audit log: %w", err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var r auditRecord
			var reason, hash, sig []byte
			if err := rows.Scan(&r.seq, &r.at, &r.e.Actor, &r.e.Act, &r.e.Object, &r.e.Detail, &reason, &r.reason,
				&r.prev, &hash, &sig, &r.key); err != nil {
				return fmt.Errorf("read audit log: %w", err)
			}
			n++
			if what := t.check(r, n, prev, reason, hash, sig, byID[r.key]); what != "" {
				return &Broken{Seq: r.seq, What: what}
			}
			prev = hash
			marks.pass(n, hash)
		}
		return rows.Err()
	})
	if err == nil {
		err = marks.missed(n)
	}
	return n, hex.EncodeToString(prev), err
}

// check returns what is wrong with a row, or "".
func (t *Tx) check(r auditRecord, n int64, prev, reason, hash, sig []byte, key ed25519.PublicKey) string {
	switch {
	case r.seq != n:
		return fmt.Sprintf("follows row %d: rows are missing", n-1)
	case string(r.prev) != string(prev):
		return "does not continue the row before it"
	case !sameHash(r.text(), hash):
		return "was changed after it was written"
	case key == nil:
		return "is signed by a key that this keys folder does not hold"
	case !ed25519.Verify(key, r.text(), sig):
		return "has a signature that does not fit"
	case len(reason) == 0 && len(r.reason) == 0: // none was given
		return ""
	case len(reason) == 0:
		return "has lost the reason that was given"
	}
	plain, err := t.Open("audit.reason", reason)
	if err != nil || len(plain) < 16 || string(saltedDigest(plain[:16], string(plain[16:]))) != string(r.reason) {
		return "has a reason that does not fit its digest"
	}
	return ""
}

func sameHash(text, hash []byte) bool {
	sum := sha256.Sum256(text)
	return bytes.Equal(sum[:], hash)
}

// AuditTail returns the newest rows, newest first.
func (s *Store) AuditTail(ctx context.Context, limit int) (out []AuditRow, err error) {
	err = s.Read(ctx, func(t *Tx) error {
		rows, err := t.Query(`SELECT seq, at, actor, act, object, detail, hash FROM audit ORDER BY seq DESC LIMIT ?`, limit)
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
	end := head{hash: make([]byte, sha256.Size)}
	wanted := make(map[string]bool, len(objects))
	for _, o := range objects {
		wanted[o] = true
	}
	err = s.Read(ctx, func(t *Tx) error {
		found, err := t.Query(`SELECT seq, at, actor, act, object, detail, reason_digest, prev, hash, sig, key FROM audit ORDER BY seq`)
		if err != nil {
			return fmt.Errorf("read audit log: %w", err)
		}
		defer func() { _ = found.Close() }()
		for found.Next() {
			var r auditRecord
			var sig []byte
			if err := found.Scan(&r.seq, &r.at, &r.e.Actor, &r.e.Act, &r.e.Object, &r.e.Detail, &r.reason, &r.prev, &end.hash, &sig, &r.key); err != nil {
				return fmt.Errorf("read audit log: %w", err)
			}
			end.seq = r.seq
			if wanted[r.e.Object] {
				rows = append(rows, Proof{Seq: r.seq, Key: r.key, Text: r.text(), Sig: sig})
			}
		}
		return found.Err()
	})
	text, sig := s.signHead(end)
	return rows, Proof{Seq: end.seq, Key: KeyID(s.sign.Public().(ed25519.PublicKey)), Text: text, Sig: sig}, err
}

// Sign signs a text with the log's newest key.
func (s *Store) Sign(text []byte) Proof {
	return Proof{Key: KeyID(s.sign.Public().(ed25519.PublicKey)), Text: text, Sig: ed25519.Sign(s.sign, text)}
}
