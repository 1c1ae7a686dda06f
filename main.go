// Command unmirror finds re-uploads of known leaked files, drafts a takedown notice for each, and follows it up until
// the content is provably gone. The files of this folder parse, load, build, run and drain; they never decide anything.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"unmirror/fingerprints/open"
)

// version is what the user agent, the pages and `unmirror version` say.
const version = "0.1.0"

// Exit codes that outsiders rely on.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	open.Child() // becomes the limited process that opens content, when that is what it was started for
	confine()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], world{stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Environ()})
	stop()
	os.Exit(code)
}

// confine keeps what this process must not tell from being told behind our back.
func confine() {
	// net/http prints through this logger, among other things, the bytes that a lying server sends after its answer.
	log.SetOutput(io.Discard)
	syscall.Umask(0o077) // every file is the daemon's user's alone, the database's own ones too
}

// world is what a command may touch outside its data folder; tests pass their own.
type world struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	env            []string
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, w world) int {
	root := newRoot(w)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage), err != nil && strings.HasPrefix(err.Error(), "required flag(s)"): // cobra has no type for it
		_, _ = fmt.Fprintf(w.stderr, "unmirror: %v\n", err)
		return exitUsage
	default:
		_, _ = fmt.Fprintf(w.stderr, "unmirror: %v\n", err)
		return exitFailed
	}
}

// usageError is a command line that cannot be understood; the exit code is 2.
type usageError struct{ err error }

func (u *usageError) Error() string { return u.err.Error() }
func (u *usageError) Unwrap() error { return u.err }
