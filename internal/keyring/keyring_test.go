package keyring_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"

	"unmirror/internal/keyring"
)

func TestSealedFieldOpensOnlyInItsOwnColumn(t *testing.T) {
	_, r := fresh(t)
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		sealed := r.Seal("cases.url", plain)
		if got, err := r.Open("cases.url", sealed); err != nil || !bytes.Equal(got, plain) {
			t.Fatalf("%q, %v", got, err)
		}
		if _, err := r.Open("cases.place", sealed); err == nil {
			t.Fatal("opened in another column")
		}
		i := rapid.IntRange(0, len(sealed)-1).Draw(t, "i")
		sealed[i] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		if _, err := r.Open("cases.url", sealed); err == nil {
			t.Fatal("opened after a change")
		}
	})
}

func TestRotationKeepsOldFieldsReadableAndLookupsEqual(t *testing.T) {
	dir, before := fresh(t)
	sealed := before.Seal("c", []byte("x"))
	if err := keyring.Rotate(dir); err != nil {
		t.Fatal(err)
	}
	after, err := keyring.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := after.Open("c", sealed); err != nil || string(got) != "x" {
		t.Fatalf("%q, %v", got, err)
	}
	if !bytes.Equal(before.Lookup("c", []byte("x")), after.Lookup("c", []byte("x"))) {
		t.Error("equality did not survive the rotation")
	}
	if after.Seal("c", nil)[0] == sealed[0] {
		t.Error("the new key is not used")
	}
	if before.Matching != after.Matching {
		t.Error("the matching key changed: nothing registered could be recognised any more")
	}
	if len(after.Public()) != 2 || after.Sign().Equal(before.Sign()) {
		t.Error("the audit key was not rotated")
	}
}

func TestInitNeverOverwritesKeys(t *testing.T) {
	dir, _ := fresh(t)
	if err := keyring.Init(dir); !errors.Is(err, os.ErrExist) {
		t.Fatalf("overwrote keys: %v", err)
	}
}

func TestInterruptedInitIsMadeAnew(t *testing.T) {
	dir, _ := fresh(t)
	if err := os.Remove(filepath.Join(dir, "matching.key")); err != nil {
		t.Fatal(err)
	}
	if err := keyring.Init(dir); err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Load(dir); err != nil {
		t.Fatal(err)
	}
}

func TestOfManyInitsAtOnceOneMakesTheKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := keyring.Init(dir); err == nil {
				made.Add(1)
			} else if !errors.Is(err, os.ErrExist) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 {
		t.Errorf("%d sets of keys were made", made.Load())
	}
}

func TestKeyFilesAreForTheirOwnerAlone(t *testing.T) {
	dir, _ := fresh(t)
	files, _ := filepath.Glob(filepath.Join(dir, "*"))
	if len(files) != 4 {
		t.Fatalf("%d key files", len(files))
	}
	for _, f := range files {
		if st, err := os.Stat(f); err != nil || st.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v %v", f, st.Mode(), err)
		}
	}
}

// TestKeysOfSomebodyElseAreThere: they are not made anew, and whoever loads them is told why not.
func TestKeysOfSomebodyElseAreThere(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	dir := filepath.Join(t.TempDir(), "keys")
	if err := keyring.Init(dir); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(dir, 0o700) })
	if !keyring.Exists(dir) {
		t.Error("they count as missing")
	}
	if _, err := keyring.Load(dir); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("%v", err)
	}
}

func TestLoadTellsWhatIsMissingWithoutShowingAKey(t *testing.T) {
	if _, err := keyring.Load(t.TempDir()); !errors.Is(err, keyring.ErrMissing) {
		t.Fatal(err)
	}
	dir, _ := fresh(t)
	if err := os.WriteFile(filepath.Join(dir, "names.key"), []byte("c0ffee"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := keyring.Load(dir)
	if err == nil || bytes.Contains([]byte(err.Error()), []byte("c0ffee")) {
		t.Fatalf("%v", err)
	}
}

func fresh(t *testing.T) (string, *keyring.Ring) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	if err := keyring.Init(dir); err != nil {
		t.Fatal(err)
	}
	r, err := keyring.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return dir, r
}
