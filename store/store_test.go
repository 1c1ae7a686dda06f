package store_test

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
	_ "modernc.org/sqlite"

	"unmirror/store"
	"unmirror/store/storetest"
)

func TestAuditLogOfManyWritersIsOneChain(t *testing.T) {
	dir, ring := t.TempDir(), storetest.Ring(t)
	// Two handles on one folder stand for the daemon and a command beside it.
	a, b := storetest.At(t, dir, ring, nil), storetest.At(t, dir, ring, nil)
	var g errgroup.Group
	for i := range 40 {
		s := a
		if i%2 == 1 {
			s = b
		}
		g.Go(func() error {
			return s.Write(t.Context(), func(tx *store.Tx) error {
				return tx.Audit(store.Entry{Actor: "system", Act: "test", Object: store.NewID("x"), Reason: "because"})
			})
		})
	}
	if err := g.Wait(); err != nil {
		t.Fatal(err)
	}
	n, _, err := a.VerifyAudit(t.Context(), ring.Public())
	if err != nil || n != 40 {
		t.Fatalf("verify: %d rows, %v", n, err)
	}
}

func TestADamagedRecordSaysWhatToDo(t *testing.T) {
	dir, ring := t.TempDir(), storetest.Ring(t)
	must(t, os.WriteFile(filepath.Join(dir, store.FileName), []byte(strings.Repeat("no database ", 1000)), 0o600))
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Seal: ring, Sign: ring.Sign()})
	if err == nil {
		must(t, s.Close())
	}
	if err == nil || !strings.Contains(err.Error(), "unmirror restore") || !strings.Contains(err.Error(), store.FileName) {
		t.Errorf("%v", err)
	}
}

func TestVerifyAuditNamesEveryKindOfTampering(t *testing.T) {
	for name, change := range map[string]string{
		"changed":   `UPDATE audit SET detail = 'other' WHERE seq = 2`,
		"reordered": `UPDATE audit SET at = at + 1 WHERE seq = 3`,
		"removed":   `DROP TRIGGER audit_append_only; DELETE FROM audit WHERE seq = 2`,
		"resigned":  `UPDATE audit SET sig = zeroblob(64) WHERE seq = 2`,
		"reason":    `UPDATE audit SET reason = (SELECT reason FROM audit WHERE seq = 1) WHERE seq = 2`,
	} {
		t.Run(name, func(t *testing.T) {
			dir, ring := t.TempDir(), storetest.Ring(t)
			s := storetest.At(t, dir, ring, nil)
			for _, why := range []string{"one", "two", "three"} {
				must(t, s.Write(t.Context(), func(tx *store.Tx) error {
					return tx.Audit(store.Entry{Actor: "system", Act: "test", Object: "x", Reason: why})
				}))
			}
			db, err := sql.Open("sqlite", "file:"+filepath.Join(dir, store.FileName))
			must(t, err)
			_, err = db.Exec(change)
			must(t, err)
			must(t, db.Close())
			var broken *store.Broken
			if _, _, err := s.VerifyAudit(t.Context(), ring.Public()); !errors.As(err, &broken) {
				t.Fatalf("tampering was not seen: %v", err)
			}
		})
	}
}

func TestAuditLogRefusesDeletion(t *testing.T) {
	s := storetest.New(t)
	must(t, s.Write(t.Context(), func(tx *store.Tx) error { return tx.Audit(store.Entry{Actor: "a", Act: "b", Object: "c"}) }))
	err := s.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.Exec(`DELETE FROM audit`); return err })
	if err == nil || !strings.Contains(err.Error(), "append-only") {
		t.Fatalf("deleted: %v", err)
	}
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	s, boom := storetest.New(t), errors.New("boom")
	err := s.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.Audit(store.Entry{Actor: "a", Act: "b", Object: "c"}); err != nil {
			return err
		}
		return boom
	})
	if !errors.Is(err, boom) {
		t.Fatal(err)
	}
	if rows, err := s.AuditTail(t.Context(), 10); err != nil || len(rows) != 0 {
		t.Fatalf("%v %v", rows, err)
	}
}

func TestReadCannotWrite(t *testing.T) {
	s := storetest.New(t)
	err := s.Read(t.Context(), func(tx *store.Tx) error { return tx.Audit(store.Entry{Actor: "a", Act: "b", Object: "c"}) })
	if err == nil {
		t.Fatal("a reader wrote")
	}
}

func TestSealedColumnsHoldNoPlainText(t *testing.T) {
	dir, ring := t.TempDir(), storetest.Ring(t)
	s := storetest.At(t, dir, ring, nil)
	const secret = "Zwangerschap-van-niemand"
	must(t, s.Write(t.Context(), func(tx *store.Tx) error {
		return tx.Audit(store.Entry{Actor: "a", Act: "b", Object: "c", Reason: secret})
	}))
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		if strings.Contains(string(b), secret) {
			t.Errorf("%s holds the reason in clear", f)
		}
	}
}

func TestSecondDaemonIsRefusedAndAKilledOneFreesTheFolder(t *testing.T) {
	if dir := os.Getenv("UNMIRROR_TEST_LOCK"); dir != "" {
		if _, err := store.LockDaemon(dir); err != nil {
			os.Exit(3)
		}
		os.Stdout.WriteString("locked\n")
		select {}
	}
	dir := t.TempDir()
	exe, err := os.Executable()
	must(t, err)
	cmd := exec.CommandContext(context.Background(), exe, "-test.run=^"+t.Name()+"$")
	cmd.Env = append(os.Environ(), "UNMIRROR_TEST_LOCK="+dir)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	if _, err := out.Read(make([]byte, 7)); err != nil {
		t.Fatal(err)
	}
	if _, err := store.LockDaemon(dir); !errors.Is(err, store.ErrLocked) {
		t.Errorf("a second daemon got the folder: %v", err)
	}
	must(t, cmd.Process.Kill())
	_ = cmd.Wait()
	release, err := store.LockDaemon(dir)
	must(t, err)
	must(t, release())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAJobCountsFromItsFirstStart(t *testing.T) {
	now := time.Date(2026, 11, 2, 8, 0, 0, 0, time.UTC)
	s := storetest.At(t, t.TempDir(), storetest.Ring(t), func() time.Time { return now })
	first, err := s.LastRun(t.Context(), "digest")
	must(t, err)
	now = now.Add(24 * time.Hour)
	again, err := s.LastRun(t.Context(), "digest")
	must(t, err)
	if !again.Equal(first) {
		t.Errorf("asking moved the last run from %s to %s", first, again)
	}
	must(t, s.Ran(t.Context(), "digest"))
	if last, err := s.LastRun(t.Context(), "digest"); err != nil || !last.Equal(now) {
		t.Errorf("%s, %v", last, err)
	}
}
