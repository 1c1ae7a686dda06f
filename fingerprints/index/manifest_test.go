package index

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestALostManifestIsDamage: segments without a manifest are no empty index, and a further leak does not sweep them away. What an
// interrupted first registration left is an empty one.
func TestALostManifestIsDamage(t *testing.T) {
	f := testFolder(t)
	if err := f.Add(known(t, f, "one", [][]uint64{{1, 2}})); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(f.dir, manifestName)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if s, err := f.Load(nil); !errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), manifestName) {
		t.Errorf("%v, %v", s, err)
	}
	if err := f.Add(known(t, f, "two", [][]uint64{{3}})); !errors.Is(err, ErrCorrupt) {
		t.Errorf("a leak was added: %v", err)
	}
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	if s := load(t, f); len(docsOf(t, s, 1)) != 1 {
		t.Error("the leak is gone")
	}

	f = testFolder(t)
	stopped := known(t, f, "one", [][]uint64{{1}})
	if err := f.put(&manifest{Format: version}); err != nil {
		t.Fatal(err)
	}
	if _, err := write(f.dir, f.seal, stopped); err != nil {
		t.Fatal(err)
	}
	if s := load(t, f); len(s.Known) != 0 {
		t.Error("what was never committed is there")
	}
	if err := f.Add(known(t, f, "one", [][]uint64{{1}})); err != nil {
		t.Fatal(err)
	}
	noLeftOvers(t, f)
}

func TestAnIndexOfANewerProgramIsNotMovedAway(t *testing.T) {
	for format, want := range map[int]string{version + 1: "newer", version - 1: "register the known files again"} {
		f := testFolder(t)
		if err := f.put(&manifest{Format: format, Generation: 1}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Load(nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("format %d: %v", format, err)
		}
	}
}
