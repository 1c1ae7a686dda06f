package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"unmirror/fingerprints/open"
)

// asProgram makes the test binary behave as the program, so that stories run the real one in a process of its own.
const asProgram = "UNMIRROR_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	open.Child()
	confine()
	if os.Getenv(asProgram) != "" {
		os.Exit(program())
	}
	testscript.Main(m, map[string]func(){"unmirror": func() { os.Exit(program()) }})
}

func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, os.Args[1:], world{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Environ()})
}

func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata/stories", Setup: func(e *testscript.Env) error {
		e.Setenv("HOME", e.WorkDir) // no configuration of the machine's user is read
		return nil
	}})
}

// command runs one command line in this process and returns what it printed.
func command(t *testing.T, config string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errOut bytes.Buffer
	code = run(t.Context(), append([]string{"--config", config}, args...),
		world{stdin: strings.NewReader(""), stdout: &out, stderr: &errOut, env: nil})
	return out.String(), errOut.String(), code
}

// mustCommand fails the test unless the command ends with 0.
func mustCommand(t *testing.T, config string, args ...string) string {
	t.Helper()
	out, errOut, code := command(t, config, args...)
	if code != exitDone {
		t.Fatalf("unmirror %s: exit %d\n%s%s", strings.Join(args, " "), code, out, errOut)
	}
	return out
}

// write puts a file into a temporary folder and returns its path.
func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// letter is a known file about an invented person; each number gives other words.
func letter(n int) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Dossier %d\n\nGeachte,\n\n", n)
	for i := range 60 {
		fmt.Fprintf(&b, "%s%d ", [...]string{"wervel", "knie", "slaap", "adem", "huid", "oor", "pols"}[(i*n+i)%7], (n*7919+i*104729)%99991)
	}
	b.WriteString("\n\nMet groeten,\nde arbeidsarts\n")
	return b.String()
}
