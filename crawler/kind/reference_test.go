package kind

import (
	"os"
	"strings"
	"testing"
)

func TestEveryKindIsDocumentedInFull(t *testing.T) {
	all := notes()
	for _, k := range table() {
		n, ok := all[k.Name]
		delete(all, k.Name)
		if !ok || n.lists == "" {
			t.Errorf("%s: the reference does not say what it lists", k.Name)
		}
		if k.Gone == "" || k.Never == "" || k.Contact == "" {
			t.Errorf("%s: gone %q, never %q, contact %q", k.Name, k.Gone, k.Never, k.Contact)
		}
		if k.Untried == "" && n.tried == "" {
			t.Errorf("%s: neither untried nor tried against anything", k.Name)
		}
		if !strings.Contains(Reference(), "\n## "+k.Name+"\n") {
			t.Errorf("%s is not in the reference", k.Name)
		}
	}
	for name := range all {
		t.Errorf("%s is no kind", name)
	}
}

func TestTheDocumentIsTheTable(t *testing.T) {
	have, err := os.ReadFile("../../docs/kinds.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(have) != Reference() {
		t.Error("docs/kinds.md differs from the table of kinds: run `go generate ./config`")
	}
}
