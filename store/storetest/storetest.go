// Package storetest opens a real record in a temporary folder for tests. It never fakes one.
package storetest

import (
	"testing"
	"time"

	"unmirror/internal/keyring"
	"unmirror/store"
)

// New opens a record with throw-away keys; both vanish with the test.
func New(t testing.TB) *store.Store {
	t.Helper()
	return At(t, t.TempDir(), Ring(t), nil)
}

// Ring makes throw-away keys.
func Ring(t testing.TB) *keyring.Ring {
	t.Helper()
	dir := t.TempDir()
	if err := keyring.Init(dir); err != nil {
		t.Fatal(err)
	}
	r, err := keyring.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// At opens the record in dir with the given keys and clock (nil: the real one), to test what survives a restart.
func At(t testing.TB, dir string, ring *keyring.Ring, now func() time.Time) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), store.Options{Dir: dir, Seal: ring, Sign: ring.Sign(), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}
