package main

import (
	"os"
	"path/filepath"
	"testing"

	"unmirror/config"
)

func TestWritesTheReferenceAndNothingElse(t *testing.T) {
	dir := t.TempDir()
	if err := write(dir); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("%v, %v", entries, err)
	}
	got, err := os.ReadFile(filepath.Join(dir, "configuration.md"))
	if err != nil || string(got) != config.Reference() {
		t.Errorf("the reference differs, %v", err)
	}
	if err := write(filepath.Join(dir, "none")); err == nil {
		t.Error("a missing folder was taken")
	}
}
