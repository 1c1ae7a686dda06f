// Package foldertest makes, for tests, a tree of files over which servers and readers of folders are known to stumble.
// It never talks to a server.
package foldertest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Content is what the files hold.
const Content = "Invented letter of Pia Onbestaand, for tests only.\nSecond line.\n"

// Names are those that servers, listings and addresses stumble over; Empty among them is empty.
var Names = [...]string{"a#hash?query%25.txt", Empty, "name with space & amp <lt>.txt", "quote\"apos'.txt", "ünïcode-ficheiro.txt", "-dash.txt", "st*r [x].txt", " leading.txt"}

// Empty is the name of the empty file.
const Empty = "empty.bin"

// Fill makes the tree under root: Names and more of them, each with what text gives for it, a file of three megabytes, one
// in a folder of a folder, and one that nobody may read. All are of 3 February 2024, 04:05:06 UTC.
func Fill(t testing.TB, root string, text func(name string) string, more ...string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(root, "sub dir", "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	at := time.Date(2024, 2, 3, 4, 5, 6, 0, time.UTC)
	put := func(name, text string, mode os.FileMode) {
		name = filepath.Join(root, name)
		if err := os.WriteFile(name, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(name, at, at); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range append(Names[:], more...) {
		if n == Empty {
			put(n, "", 0o644)
			continue
		}
		put(n, text(n), 0o644)
	}
	put("big.bin", strings.Repeat("0123456789abcdef", 200_000), 0o644)
	put("sub dir/deep/nested.txt", Content, 0o644)
	put("secret.txt", Content, 0)
}
