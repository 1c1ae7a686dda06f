package store

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// CheckpointFile is the checkpoint's usual name, in the keys folder.
const CheckpointFile = "audit.head"

// errUnsigned says that a head is whole, but signed by none of the keys at hand.
var errUnsigned = errors.New("none of the keys signed it")

// head is the end of the audit log at some moment.
type head struct {
	seq  int64
	hash []byte
}

// text is what is signed of a head; like a row's, a person can read it.
func (h head) text(at time.Time, key string) []byte {
	return fmt.Appendf(nil, "unmirror audit head 1\nrow %d\nhash %x\ntime %s\nkey %q\n", h.seq, h.hash, at.UTC().Format("2006-01-02T15:04:05.000Z"), key)
}

// signHead returns a head's text and its signature.
func (s *Store) signHead(h head) (text, sig []byte) {
	text = h.text(s.Now(), KeyID(s.sign.Public().(ed25519.PublicKey)))
	return text, ed25519.Sign(s.sign, text)
}

// parseHead reads a signed head, and refuses one that none of the keys signed.
func parseHead(b []byte, keys map[string]ed25519.PublicKey) (h head, err error) {
	text, line, ok := bytes.Cut(b, []byte("signature "))
	if !ok {
		return h, errors.New("it is not whole")
	}
	var at, key string
	if _, err := fmt.Sscanf(string(text), "unmirror audit head 1\nrow %d\nhash %x\ntime %s\nkey %q\n", &h.seq, &h.hash, &at, &key); err != nil {
		return h, errors.New("it is not whole")
	}
	when, err := time.Parse(time.RFC3339Nano, at)
	if err != nil {
		return h, errors.New("it is not whole")
	}
	sig, err := hex.DecodeString(strings.TrimSuffix(string(line), "\n"))
	if err != nil || !bytes.Equal(h.text(when, key), text) || string(line) != hex.EncodeToString(sig)+"\n" {
		return h, errors.New("it was changed")
	}
	if k := keys[key]; k == nil || !ed25519.Verify(k, text, sig) {
		return h, errUnsigned
	}
	return h, nil
}

// advance makes h the checkpoint, unless a later one stands there, or one that this log does not hold: that one is what shows that
// the log was cut, and stays.
func (s *Store) advance(ctx context.Context, h head) {
	if s.checkpoint == "" {
		return
	}
	release, err := lockFile(s.checkpoint+".lock", true)
	if err != nil {
		return
	}
	defer func() { _ = release() }()
	raw, err := os.ReadFile(s.checkpoint)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return
	}
	if len(raw) > 0 && !s.follows(ctx, raw, h) { // an empty file is what a power cut leaves of one
		return
	}
	text, sig := s.signHead(h)
	next := s.checkpoint + ".new"
	if os.WriteFile(next, fmt.Appendf(text, "signature %x\n", sig), 0o600) == nil {
		_ = os.Rename(next, s.checkpoint)
	}
}

// follows says whether a log that ends with h continues the checkpoint.
func (s *Store) follows(ctx context.Context, raw []byte, h head) bool {
	own := s.sign.Public().(ed25519.PublicKey)
	last, err := parseHead(raw, map[string]ed25519.PublicKey{KeyID(own): own})
	// After a rotation it is signed under the key before this one; then its place in the log speaks for it.
	if err != nil && !errors.Is(err, errUnsigned) || last.seq >= h.seq {
		return false
	}
	var hash []byte
	err = s.Read(ctx, func(t *Tx) error { return t.QueryRow(`SELECT hash FROM audit WHERE seq = ?`, last.seq).Scan(&hash) })
	return err == nil && bytes.Equal(hash, last.hash)
}

// checkpoint is what a walk through the log has to come by.
type checkpoint struct {
	head
	seen bool
	is   []byte // the hash that stands at its place
}

// readCheckpoint reads the checkpoint; nil when none is kept.
func (s *Store) readCheckpoint(keys map[string]ed25519.PublicKey) (*checkpoint, error) {
	if s.checkpoint == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(s.checkpoint)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read checkpoint of the audit log: %w", err)
	}
	if len(raw) == 0 {
		return nil, nil // a log of nothing, keys that were put back without it, or a power cut
	}
	h, err := parseHead(raw, keys)
	if err != nil {
		return nil, &Broken{Seq: h.seq, What: "the checkpoint " + filepath.Base(s.checkpoint) + " in the keys folder is no proof: " + err.Error()}
	}
	return &checkpoint{head: h}, nil
}

func (c *checkpoint) pass(seq int64, hash []byte) {
	if c != nil && seq == c.seq {
		c.seen, c.is = true, bytes.Clone(hash)
	}
}

// missed says that a log of n rows does not hold the row of the checkpoint.
func (c *checkpoint) missed(n int64) error {
	switch {
	case c == nil || c.seen && bytes.Equal(c.is, c.hash):
		return nil
	case c.seen:
		return &Broken{Seq: c.seq, What: "is not the one that the checkpoint in the keys folder was signed for: the log was cut and continued, or an older backup was put back"}
	}
	return &Broken{Seq: n, What: fmt.Sprintf("is the last one, but row %d was signed: the end of the log was cut off, or an older backup was put back", c.seq)}
}

// Restored accepts the log as it is after an older copy of it was put back: the checkpoint, which knows of later rows, is put aside
// under another name, and a row of the log tells of it. It returns the row that the checkpoint was signed for; 0: there was none.
func (s *Store) Restored(ctx context.Context, actor string) (signed int64, err error) {
	detail := "no checkpoint"
	raw, err := os.ReadFile(s.checkpoint)
	if err == nil && len(raw) > 0 {
		_, _ = fmt.Sscanf(string(raw), "unmirror audit head 1\nrow %d\n", &signed)
		detail = fmt.Sprintf("row %d was signed before", signed)
		aside := fmt.Sprintf("%s.before-%s", s.checkpoint, s.Now().Format("20060102T150405Z"))
		if err := os.Rename(s.checkpoint, aside); err != nil {
			return signed, fmt.Errorf("put checkpoint aside: %w", err)
		}
	}
	return signed, s.Write(ctx, func(t *Tx) error {
		return t.Audit(Entry{Actor: actor, Act: "backup.restore", Object: "record", Detail: detail})
	})
}
