package layers

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

func TestEveryDirectDependencyHasItsReason(t *testing.T) {
	gomod, err := os.Open("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	defer gomod.Close()
	modules, err := Required(gomod)
	if err != nil {
		t.Fatal(err)
	}
	document, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	reasons := Listed(string(document))
	direct := Direct(project(t), modules)
	for _, m := range direct {
		if reasons[m] == "" {
			t.Errorf("docs/dependencies.md has no reason for %s", m)
		}
	}
	for m := range reasons {
		if !slices.Contains(direct, m) {
			t.Errorf("docs/dependencies.md gives a reason for %s, which nobody imports", m)
		}
	}
}

func TestDirectDependenciesAreFoundByImports(t *testing.T) {
	modules, err := Required(strings.NewReader(`module unmirror

go 1.26.0

require example.org/one v1.0.0

require (
	example.org/two v1.2.3 // indirect
	example.org/two/v2 v2.0.0 // indirect
	example.org/twofold v0.0.0-20260101000000-abcdef // indirect
	example.org/never v0.1.0
)
`))
	if err != nil || len(modules) != 5 || modules["example.org/two/v2"] != "v2.0.0" {
		t.Fatalf("modules %v, %v", modules, err)
	}
	files, err := Parse(fstest.MapFS{
		"a.go":      {Data: []byte("package main\nimport (\n\"fmt\"\n\"unmirror/x\"\n_ \"example.org/two/v2/sub\"\n)\n")},
		"a_test.go": {Data: []byte("package main\nimport _ \"example.org/one\"\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := Direct(files, modules); !slices.Equal(got, []string{"example.org/one", "example.org/two/v2"}) {
		t.Errorf("got %v", got)
	}
}

func TestTheTableOfReasonsIsRead(t *testing.T) {
	got := Listed("| module | pin | reason |\n|---|---|---|\n| `example.org/one` | | does what we cannot |\n| `example.org/two` | v1 | |\n")
	if got["example.org/one"] != "does what we cannot" || got["example.org/two"] != "" || len(got) > 2 {
		t.Errorf("got %v", got)
	}
}
