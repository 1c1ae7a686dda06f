package fingerprints

import (
	"embed"
	"fmt"
	"strings"

	"unmirror/fingerprints/canonical"
	"unmirror/fingerprints/winnow"
)

// publicTexts are formulas that stand in countless unrelated documents, and in a leak's too: titles of laws, licences,
// the small print of mails, filler. They are baseline everywhere, before any operator adds their own.
//
//go:embed public/*.txt
var publicTexts embed.FS

// publicPassages hashes every passage of the built-in baseline. Each line is a text of its own.
func publicPassages(t *winnow.Table) (*hashSet, error) {
	entries, err := publicTexts.ReadDir("public")
	if err != nil {
		return nil, fmt.Errorf("read public texts: %w", err)
	}
	var hashes []uint64
	for _, e := range entries {
		b, err := publicTexts.ReadFile("public/" + e.Name())
		if err != nil {
			return nil, fmt.Errorf("read public texts: %w", err)
		}
		for line := range strings.Lines(string(b)) {
			hashes = append(hashes, t.All(canonical.Text(line))...)
		}
	}
	return hashSetOf(hashes), nil
}
