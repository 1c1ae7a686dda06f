package store_test

import (
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"unmirror/internal/keyring"
	"unmirror/store"
)

// log is a record whose audit log has a checkpoint in its keys folder.
type log struct {
	dir, keys string
	ring      *keyring.Ring
	s         *store.Store
}

func newLog(t *testing.T, rows int) *log {
	t.Helper()
	l := &log{dir: t.TempDir(), keys: filepath.Join(t.TempDir(), "keys")}
	must(t, keyring.Init(l.keys))
	l.open(t)
	l.write(t, rows)
	return l
}

func (l *log) open(t *testing.T) {
	t.Helper()
	var err error
	l.ring, err = keyring.Load(l.keys)
	must(t, err)
	l.s, err = store.Open(t.Context(), store.Options{Dir: l.dir, Seal: l.ring, Sign: l.ring.Sign(), Checkpoint: filepath.Join(l.keys, store.CheckpointFile)})
	must(t, err)
	t.Cleanup(func() { _ = l.s.Close() })
}

func (l *log) write(t *testing.T, rows int) {
	t.Helper()
	for i := range rows {
		must(t, l.s.Write(t.Context(), func(tx *store.Tx) error {
			e := store.Entry{Actor: "system", Act: "test", Object: fmt.Sprintf("case_%d", i), Detail: "from open"}
			if i%2 == 0 {
				e.Reason = "because"
			} else {
				e.Detail += " " + strings.Repeat("0123abcd", 8) // ends with a digest, which is kept as bytes
			}
			return tx.Audit(e)
		}))
	}
}

func (l *log) verify(t *testing.T) error {
	t.Helper()
	_, _, err := l.s.VerifyAudit(t.Context(), l.ring.Public())
	return err
}

// exec changes the file behind the program's back.
func (l *log) exec(t *testing.T, statement string, args ...any) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(l.dir, store.FileName)+"?_pragma=busy_timeout(5000)")
	must(t, err)
	_, err = db.Exec(statement, args...)
	must(t, err)
	must(t, db.Close())
}

func (l *log) wantBroken(t *testing.T, what string) {
	t.Helper()
	var broken *store.Broken
	if err := l.verify(t); !errors.As(err, &broken) || !strings.Contains(broken.What, what) {
		t.Fatalf("%v; want one that says %q", err, what)
	}
}

func TestAnyChangedByteOfTheAuditLogIsFound(t *testing.T) {
	l := newLog(t, 2)
	must(t, l.verify(t))
	for _, column := range []string{"seq", "at", "actor", "act", "object", "detail", "reason", "reason_digest", "digest", "hash", "sig", "key"} {
		for row := 1; row <= 2; row++ {
			l.flipEach(t, column, row)
		}
	}
	must(t, l.verify(t)) // each was put back
	for _, change := range []string{`key = 'other' WHERE seq = 2`, `key = '' WHERE seq = 1`, `digest = x'00' WHERE seq = 1`, `digest = NULL WHERE seq = 2`,
		`reason_digest = x'00' WHERE seq = 2`, `hash = x'' WHERE seq = 2`, `detail = detail || ' ' WHERE seq = 2`} {
		other := newLog(t, 2)
		other.exec(t, `UPDATE audit SET `+change)
		other.wantBroken(t, "")
	}
}

// flipEach changes each byte of a field in turn.
func (l *log) flipEach(t *testing.T, column string, row int) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(l.dir, store.FileName)+"?_pragma=busy_timeout(5000)&_pragma=synchronous(0)")
	must(t, err)
	defer func() { must(t, db.Close()) }()
	set := func(value any, seq int64) {
		t.Helper()
		_, err := db.Exec(`UPDATE audit SET `+column+` = ? WHERE seq = ?`, value, seq)
		must(t, err)
	}
	var kind string
	var number int64
	var raw []byte
	must(t, db.QueryRow(`SELECT typeof(`+column+`) FROM audit WHERE seq = ?`, row).Scan(&kind))
	switch kind {
	case "null":
		return
	case "integer":
		must(t, db.QueryRow(`SELECT `+column+` FROM audit WHERE seq = ?`, row).Scan(&number))
		for bit := range 63 {
			changed, at := number^1<<bit, int64(row)
			if column == "seq" && changed >= 1 && changed <= 2 {
				continue // there is one of that number
			}
			set(changed, at)
			if column == "seq" {
				at = changed
			}
			if l.verify(t) == nil {
				t.Fatalf("%s of row %d: bit %d was changed unseen", column, row, bit)
			}
			set(number, at)
		}
		return
	}
	must(t, db.QueryRow(`SELECT CAST(`+column+` AS BLOB) FROM audit WHERE seq = ?`, row).Scan(&raw))
	for i := range raw {
		changed := append([]byte(nil), raw...)
		changed[i] ^= 1 << (i % 8)
		if kind == "text" {
			set(string(changed), int64(row))
		} else {
			set(changed, int64(row))
		}
		if l.verify(t) == nil {
			t.Fatalf("%s of row %d: byte %d was changed unseen", column, row, i)
		}
	}
	// What it was is put back once, after all of its bytes: each change above stands alone.
	if kind == "text" {
		set(string(raw), int64(row))
	} else {
		set(raw, int64(row))
	}
}

func TestAReasonCannotBeTakenAway(t *testing.T) {
	l := newLog(t, 3)
	l.exec(t, `UPDATE audit SET reason = NULL WHERE seq = 1`)
	l.wantBroken(t, "lost the reason")
}

func TestACutEndIsFound(t *testing.T) {
	l := newLog(t, 5)
	l.exec(t, `DROP TRIGGER audit_append_only; DELETE FROM audit WHERE seq > 3`)
	l.wantBroken(t, "row 5 was signed")
	l.write(t, 1) // row 4: the checkpoint stays at the fifth
	l.wantBroken(t, "row 5 was signed")
	l.write(t, 4) // up to row 8, past the checkpoint
	l.wantBroken(t, "was cut and continued")
}

func TestACheckpointThatWasTouchedProvesNothing(t *testing.T) {
	l := newLog(t, 2)
	path := filepath.Join(l.keys, store.CheckpointFile)
	whole, err := os.ReadFile(path)
	must(t, err)
	for i := range whole {
		b := append([]byte(nil), whole...)
		b[i] ^= 1
		must(t, os.WriteFile(path, b, 0o600))
		if l.verify(t) == nil {
			t.Fatalf("byte %d of the checkpoint was changed unseen: %q", i, b)
		}
	}
	must(t, os.WriteFile(path, whole, 0o600))
	must(t, l.verify(t))
}

func TestTheCheckpointFollowsTheLogOverARotationAndAPowerCut(t *testing.T) {
	l := newLog(t, 2)
	must(t, l.s.Close())
	must(t, keyring.Rotate(l.keys))
	l.open(t)
	must(t, l.verify(t)) // signed by the key before
	l.write(t, 2)
	must(t, l.verify(t))
	l.exec(t, `DROP TRIGGER audit_append_only; DELETE FROM audit WHERE seq = 4`)
	l.wantBroken(t, "row 4 was signed")

	again := newLog(t, 2)
	path := filepath.Join(again.keys, store.CheckpointFile)
	must(t, os.WriteFile(path, nil, 0o600)) // a power cut
	must(t, again.verify(t))
	again.write(t, 1)
	if b, err := os.ReadFile(path); err != nil || !strings.Contains(string(b), "row 3\n") {
		t.Fatalf("%s, %v", b, err)
	}
	must(t, os.Remove(path)) // keys that were put back from a copy of before
	must(t, again.verify(t))
}
