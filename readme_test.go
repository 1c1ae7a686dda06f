package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"unmirror/config"
)

// TestREADMEIsTrue runs through what the README tells a newcomer to type, and loads the configuration that it shows.
func TestREADMEIsTrue(t *testing.T) {
	b, err := os.ReadFile("README.md")
	must(t, err)
	readme := string(b)
	commands := 0
	for _, m := range regexp.MustCompile("(?s)```console\n(.*?)```").FindAllStringSubmatch(readme, -1) {
		for line := range strings.Lines(strings.ReplaceAll(m[1], "\\\n", " ")) {
			line, _, _ = strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "$ "), " #")
			checkCommand(t, strings.TrimSpace(line))
			commands++
		}
	}
	if commands < 6 {
		t.Errorf("only %d commands found: the README changed its form", commands)
	}
	for _, m := range regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readme, -1) {
		path := write(t, filepath.Join(t.TempDir(), "unmirror.yaml"), m[1])
		if _, err := config.Load(path, nil); err != nil {
			t.Errorf("the README's configuration: %v", err)
		}
	}
	for _, m := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(readme, -1) {
		if _, err := os.Stat(m[1]); err != nil {
			t.Errorf("the README links to %s, which is not there", m[1])
		}
	}
}

// checkCommand fails unless the command exists and takes these flags and arguments.
func checkCommand(t *testing.T, line string) {
	t.Helper()
	line = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(line, "text")
	words := strings.Fields(line)
	switch {
	case line == "go test ./..." || line == "go build -o unmirror .":
		return
	case strings.HasPrefix(line, "go test "):
		checkTests(t, line)
		return
	case strings.HasPrefix(line, "go run . "):
		words = words[3:]
	case words[0] == "./unmirror":
		words = words[1:]
	default:
		t.Errorf("the README shows %q, which this test does not know", line)
		return
	}
	c, rest, err := newRoot(world{}).Find(words)
	if err != nil || !c.HasParent() {
		t.Errorf("%q: no such command", line)
		return
	}
	if err := c.ParseFlags(rest); err != nil {
		t.Errorf("%q: %v", line, err)
		return
	}
	if err := c.ValidateArgs(c.Flags().Args()); err != nil {
		t.Errorf("%q: %v", line, err)
	}
}

// checkTests fails unless each test or benchmark that the command picks is in the package that it names.
func checkTests(t *testing.T, line string) {
	t.Helper()
	words := strings.Fields(line)
	folder, kind, pattern := "", "", ""
	for i, w := range words {
		switch {
		case strings.HasPrefix(w, "./"):
			folder = w
		case w == "-run" && words[i+1] != "'^$'":
			kind, pattern = "Test", words[i+1]
		case w == "-bench":
			kind, pattern = "Benchmark", words[i+1]
		}
	}
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	must(t, err)
	all := ""
	for _, f := range files {
		b, err := os.ReadFile(f)
		must(t, err)
		all += string(b)
	}
	for name := range strings.SplitSeq(strings.Trim(pattern, "'"), "|") {
		if !strings.Contains(all, "func "+kind+name) {
			t.Errorf("%q: no %s%s in %s", line, kind, name, folder)
		}
	}
}
