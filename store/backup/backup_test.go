package backup_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"unmirror/store"
	"unmirror/store/backup"
	"unmirror/store/storetest"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFolderComesBackAsItWasWhileSomebodyWrites(t *testing.T) {
	dir, ring := filepath.Join(t.TempDir(), "data"), storetest.Ring(t)
	s := storetest.At(t, dir, ring, nil)
	note := func(tx *store.Tx) error { return tx.Audit(store.Entry{Actor: "system", Act: "test", Object: "x"}) }
	must(t, s.Write(t.Context(), note))
	for name, text := range map[string]string{"index/MANIFEST": "{}", "index/a.seg": "segment", "index/LOCK": "", "evidence/evidence_1.warc.gz.age": "sealed",
		"evidence/.new-123": "half", "daemon.lock": "1"} {
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700))
		must(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			_ = s.Write(ctx, note)
		}
	}()
	var packed bytes.Buffer
	must(t, backup.Pack(t.Context(), &packed, dir, s.Snapshot))
	stop()
	<-done

	to := filepath.Join(t.TempDir(), "restored")
	must(t, backup.Unpack(bytes.NewReader(packed.Bytes()), to))
	again := storetest.At(t, to, ring, nil)
	if n, _, err := again.VerifyAudit(t.Context(), ring.Public()); err != nil || n < 1 {
		t.Fatalf("%d rows, %v", n, err)
	}
	for name, want := range map[string]string{"index/MANIFEST": "{}", "index/a.seg": "segment", "evidence/evidence_1.warc.gz.age": "sealed"} {
		if b, err := os.ReadFile(filepath.Join(to, name)); err != nil || string(b) != want {
			t.Errorf("%s: %q, %v", name, b, err)
		}
	}
	for _, name := range []string{"index/LOCK", "evidence/.new-123", "daemon.lock"} {
		if _, err := os.Stat(filepath.Join(to, name)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s was packed", name)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".backup-*")); len(left) > 0 {
		t.Error("the snapshot was left behind")
	}
	if err := backup.Unpack(bytes.NewReader(packed.Bytes()), to); err == nil {
		t.Error("a folder that was there was written over")
	}
	damaged(t, packed.Bytes())
}

// damaged wants a backup refused that was changed or cut, and nothing left of it.
func damaged(t *testing.T, packed []byte) {
	t.Helper()
	parent := t.TempDir()
	try := func(what string, b []byte) {
		t.Helper()
		if err := backup.Unpack(bytes.NewReader(b), filepath.Join(parent, "d")); err == nil {
			t.Errorf("%s was taken", what)
		}
	}
	for _, at := range []int{600, len(packed) / 2} {
		b := bytes.Clone(packed)
		b[at] ^= 1
		try(fmt.Sprintf("a backup with another byte %d", at), b)
	}
	try("half a backup", packed[:len(packed)/2])
	try("nothing", nil)
	if left, _ := os.ReadDir(parent); len(left) > 0 {
		t.Errorf("%v is left behind", left)
	}
}

// pack makes an archive of names, with a list that fits.
func pack(t testing.TB, names ...string) []byte {
	t.Helper()
	var b, list bytes.Buffer
	w := tar.NewWriter(&b)
	add := func(name string, content []byte) {
		if w.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content))}) == nil {
			_, _ = w.Write(content)
		}
	}
	for _, name := range names {
		add(name, []byte("x"))
		fmt.Fprintf(&list, "%x  %s\n", sha256.Sum256([]byte("x")), name)
	}
	add("SHA256SUMS", list.Bytes())
	_ = w.Close()
	return b.Bytes()
}

func TestABackupHoldsNothingButItsOwnFiles(t *testing.T) {
	for _, name := range []string{"../x", "/etc/x", "index/../../x", "index/", "evidence/a/b", "other", "unmirror.db-wal", ".hidden", "index/.x"} {
		dir := filepath.Join(t.TempDir(), "a", "b", "data")
		if err := backup.Unpack(bytes.NewReader(pack(t, "unmirror.db", name)), dir); err == nil {
			t.Errorf("%q was unpacked", name)
		}
	}
	if err := backup.Unpack(bytes.NewReader(pack(t, "unmirror.db", "unmirror.db")), filepath.Join(t.TempDir(), "d")); err == nil {
		t.Error("two files of one name were unpacked")
	}
	if err := backup.Unpack(bytes.NewReader(pack(t, "index/a")), filepath.Join(t.TempDir(), "d")); err == nil {
		t.Error("a backup without a record was unpacked")
	}
	must(t, backup.Unpack(bytes.NewReader(pack(t, "unmirror.db", "index/a.seg")), filepath.Join(t.TempDir(), "d")))
}

func FuzzUnpack(f *testing.F) {
	f.Add(pack(f, "unmirror.db", "index/a.seg"))
	f.Add(pack(f, "unmirror.db", "../x"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		parent := t.TempDir()
		err := backup.Unpack(io.LimitReader(bytes.NewReader(b), 1<<20), filepath.Join(parent, "in", "d"))
		entries, _ := os.ReadDir(filepath.Join(parent, "in"))
		outside, _ := os.ReadDir(parent)
		if err != nil && len(entries) != 0 || len(outside) > 1 {
			t.Fatalf("%v, but %v and %v are there", err, entries, outside)
		}
	})
}
