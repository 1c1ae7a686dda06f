package store

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
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
	hash := r.hash()
	_, err = t.Exec(`INSERT INTO audit (seq, at, actor, act, object, detail, reason, reason_digest, prev, hash, sig, key)
		VALUES (?,?,?,?,?,?,?,?,?,?,?,?)`, r.seq, r.at, e.Actor, e.Act, e.Object, e.Detail, sealed, r.reason, prev, hash,
		ed25519.Sign(t.s.sign, hash), KeyID(t.s.sign.Public().(ed25519.PublicKey)))
	if err != nil {
		return fmt.Errorf("append to audit log: %w", err)
	}
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
}

// hash is SHA-256 over the length-prefixed fields, so that no two rows share an encoding.
func (r auditRecord) hash() []byte {
	h := sha256.New()
	var n [8]byte
	for _, f := range [][]byte{
		binary.BigEndian.AppendUint64(nil, uint64(r.seq)), binary.BigEndian.AppendUint64(nil, uint64(r.at)),
		[]byte(r.e.Actor), []byte(r.e.Act), []byte(r.e.Object), []byte(r.e.Detail), r.reason, r.prev,
	} {
		binary.BigEndian.PutUint64(n[:], uint64(len(f)))
		h.Write(n[:])
		h.Write(f)
	}
	return h.Sum(nil)
}

// Broken says where the audit log stops being what was written.
type Broken struct {
	Seq  int64
	What string
}

func (b *Broken) Error() string { return fmt.Sprintf("audit log row %d: %s", b.Seq, b.What) }

// VerifyAudit walks the whole log and checks order, chain and signatures under any of the given public keys. It
// returns the number of rows and the last hash (hex), or a *Broken error.
func (s *Store) VerifyAudit(ctx context.Context, keys []ed25519.PublicKey) (n int64, head string, err error) {
	byID := make(map[string]ed25519.PublicKey, len(keys))
	for _, k := range keys {
		byID[KeyID(k)] = k
	}
	prev := make([]byte, sha256.Size)
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
			var key string
			if err := rows.Scan(&r.seq, &r.at, &r.e.Actor, &r.e.Act, &r.e.Object, &r.e.Detail, &reason, &r.reason,
				&r.prev, &hash, &sig, &key); err != nil {
				return fmt.Errorf("read audit log: %w", err)
			}
			n++
			if what := t.check(r, n, prev, reason, hash, sig, byID[key]); what != "" {
				return &Broken{Seq: r.seq, What: what}
			}
			prev = hash
		}
		return rows.Err()
	})
	return n, hex.EncodeToString(prev), err
}

// check returns what is wrong with a row, or "".
func (t *Tx) check(r auditRecord, n int64, prev, reason, hash, sig []byte, key ed25519.PublicKey) string {
	switch {
	case r.seq != n:
		return fmt.Sprintf("follows row %d: rows are missing", n-1)
	case string(r.prev) != string(prev):
		return "does not continue the row before it"
	case string(r.hash()) != string(hash):
		return "was changed after it was written"
	case key == nil:
		return "is signed by a key that this keys folder does not hold"
	case !ed25519.Verify(key, hash, sig):
		return "has a signature that does not fit"
	case len(reason) == 0: // none given, or erased: the digest stays
		return ""
	}
	plain, err := t.Open("audit.reason", reason)
	if err != nil || len(plain) < 16 || string(saltedDigest(plain[:16], string(plain[16:]))) != string(r.reason) {
		return "has a reason that does not fit its digest"
	}
	return ""
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
