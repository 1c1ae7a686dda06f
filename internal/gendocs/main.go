// Command gendocs writes the documents that are made from tables in the code into the folder that it is given. It never writes
// anything else, and no other package imports it.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	"unmirror/config"
	"unmirror/crawler/kind"
	"unmirror/takedown/incident"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: gendocs DOCS-FOLDER")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "gendocs:", err)
		os.Exit(1)
	}
}

func write(docs string) error {
	for name, text := range map[string]string{"configuration.md": config.Reference(), "kinds.md": kind.Reference(), "leak-file.md": incident.Reference()} {
		if err := os.WriteFile(filepath.Join(docs, name), []byte(text), 0o644); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	return nil
}
