package config

import (
	"os"
	"strings"
	"testing"
)

func TestReferenceIsCurrent(t *testing.T) {
	have, err := os.ReadFile("../docs/configuration.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != Reference() {
		t.Error("docs/configuration.md differs from the table of keys: run `go generate ./config`")
	}
}

func TestReferenceExampleLoadsWithoutWarnings(t *testing.T) {
	_, example, found := strings.Cut(Reference(), "```yaml\n")
	example, _, closed := strings.Cut(example, "```")
	if !found || !closed {
		t.Fatal("the reference has no example")
	}
	c, err := parse("docs/configuration.md", []byte(example), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Warnings) != 0 || len(c.Sources) != 3 {
		t.Errorf("warnings %q, %d sources", c.Warnings, len(c.Sources))
	}
}

func TestEveryKeyIsExplainedInWholeSentences(t *testing.T) {
	explained := func(name, doc string) {
		if !strings.HasSuffix(doc, ".") || strings.Contains(doc, "\n") {
			t.Errorf("%s: %q", name, doc)
		}
	}
	for _, k := range globalKeys() {
		explained(k.name, k.doc)
	}
	for _, k := range sourceKeys() {
		explained("sources."+k.name, k.doc)
	}
	for _, k := range recipientKeys() {
		explained("recipients."+k.name, k.doc)
	}
}
