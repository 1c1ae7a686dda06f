// Package storetest opens a real record in a temporary folder for tests. It never fakes one.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
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
	if err := Fill(dir); err != nil {
		t.Fatal(err)
	}
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

// empty is the file of a record that store.Open made and that holds nothing yet. To migrate it anew takes longer than most tests.
var empty = sync.OnceValues(func() (record []byte, err error) {
	dir, err := os.MkdirTemp("", "storetest")
	if err != nil {
		return nil, fmt.Errorf("make folder of an empty record: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	keys := filepath.Join(dir, "keys")
	if err := keyring.Init(keys); err != nil {
		return nil, err
	}
	ring, err := keyring.Load(keys)
	if err != nil {
		return nil, err
	}
	s, err := store.Open(context.Background(), store.Options{Dir: dir, Seal: ring, Sign: ring.Sign()})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, fmt.Errorf("close empty record: %w", err)
	}
	return os.ReadFile(filepath.Join(dir, store.FileName))
})

// Fill puts an empty record into dir, as store.Open makes it, where there is none; it makes the folder too.
func Fill(dir string) error {
	path := filepath.Join(dir, store.FileName)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	record, err := empty()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("make folder of a record: %w", err)
	}
	if err := os.WriteFile(path, record, 0o644); err != nil {
		return fmt.Errorf("copy empty record: %w", err)
	}
	return nil
}
