package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestABackupIsRestoredAndTheLogTellsWhatWasLost(t *testing.T) {
	dir := t.TempDir()
	config := write(t, filepath.Join(dir, "unmirror.yaml"), fmt.Sprintf("data: %s/data\n", dir))
	write(t, filepath.Join(dir, "leak", "a.txt"), letter(1))
	mustCommand(t, config, "leak", "add", "zorg", filepath.Join(dir, "leak"))
	file := filepath.Join(dir, "one.backup")
	mustCommand(t, config, "backup", file)
	if _, _, code := command(t, config, "backup", file); code != exitUsage {
		t.Error("a backup was written over another")
	}
	if b, err := os.ReadFile(file); err != nil || strings.Contains(string(b), "a.txt") {
		t.Errorf("the backup names a known file, or %v", err)
	}
	mustCommand(t, config, "leak", "remove", "zorg") // lost with the restore
	if _, errOut, code := command(t, config, "restore", file); code != exitUsage || !strings.Contains(errOut, "holds data") {
		t.Errorf("%d %s", code, errOut)
	}
	must(t, os.Rename(filepath.Join(dir, "data"), filepath.Join(dir, "old")))
	_, errOut, code := command(t, config, "restore", file)
	if code != exitDone || !strings.Contains(errOut, "lost") {
		t.Fatalf("%d %s", code, errOut)
	}
	if out := mustCommand(t, config, "leak", "list"); !strings.Contains(out, "zorg") {
		t.Errorf("%s", out)
	}
	if out := mustCommand(t, config, "audit", "verify"); strings.Contains(out, "compare the head") {
		t.Errorf("a log whose end is signed: %s", out)
	}
	if out := mustCommand(t, config, "scan", "--json", filepath.Join(dir, "leak", "a.txt")); !strings.Contains(out, `"match"`) {
		t.Errorf("what was restored recognises nothing: %s", out)
	}

	// The same by hand, without telling the log.
	must(t, os.RemoveAll(filepath.Join(dir, "data")))
	must(t, os.Rename(filepath.Join(dir, "old"), filepath.Join(dir, "data")))
	if _, errOut, code := command(t, config, "audit", "verify"); code != exitFailed || !strings.Contains(errOut, "audit log row") {
		t.Errorf("another log in the folder was not seen: %d %s", code, errOut)
	}
	must(t, os.Remove(filepath.Join(dir, "data.keys", "audit.head")))
	if out := mustCommand(t, config, "audit", "verify"); !strings.Contains(out, "compare the head") {
		t.Errorf("a log whose end nothing vouches for: %s", out)
	}
}
