package testneeds

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// recorder is a testing.TB that notes how the test would have ended.
type recorder struct {
	testing.TB
	skipped, failed string
}

func (r *recorder) Helper()                   {}
func (r *recorder) Skip(a ...any)             { r.skipped = fmt.Sprint(a...); runtime.Goexit() }
func (r *recorder) Fatalf(f string, a ...any) { r.failed = fmt.Sprintf(f, a...); runtime.Goexit() }

func run(t *testing.T, program string) (r *recorder, path string) {
	t.Helper()
	r = &recorder{TB: t}
	done := make(chan struct{})
	go func() {
		defer close(done)
		path = Program(r, program, "some-package")
	}()
	<-done
	return r, path
}

func TestAPresentProgramIsFoundAndTheTestGoesOn(t *testing.T) {
	t.Setenv(Require, "all")
	r, path := run(t, "sh")
	if !strings.HasSuffix(path, "/sh") || r.skipped+r.failed != "" {
		t.Fatalf("path %q, skipped %q, failed %q", path, r.skipped, r.failed)
	}
}

func TestAMissingProgramSkipsWithTheNameOfThePackage(t *testing.T) {
	t.Setenv(Require, "")
	r, _ := run(t, "no-such-program-anywhere")
	if !strings.Contains(r.skipped, "apt-get install some-package") || r.failed != "" {
		t.Fatalf("skipped %q, failed %q", r.skipped, r.failed)
	}
}

func TestAMissingProgramFailsWhenAllAreRequired(t *testing.T) {
	t.Setenv(Require, "all")
	r, _ := run(t, "no-such-program-anywhere")
	if !strings.Contains(r.failed, "no-such-program-anywhere") || r.skipped != "" {
		t.Fatalf("skipped %q, failed %q", r.skipped, r.failed)
	}
}
