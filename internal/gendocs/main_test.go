package main

import (
	"os"
	"path/filepath"
	"testing"

	"unmirror/config"
	"unmirror/crawler/kind"
	"unmirror/takedown/incident"
)

func TestWritesTheReferencesAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 3 {
		t.Fatalf("%v, %v", entries, err)
	}
	for name, want := range map[string]string{"configuration.md": config.Reference(), "kinds.md": kind.Reference(), "leak-file.md": incident.Reference()} {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || string(got) != want {
			t.Errorf("%s differs, %v", name, err)
		}
	}
	if err := write(filepath.Join(dir, "none")); err == nil {
		t.Error("a missing folder was taken")
	}
}
