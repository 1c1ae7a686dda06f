package testheap

import (
	"os"
	"os/exec"
	"regexp"
	"testing"
	"time"
)

// aloneEnv names, in the environment of a process of its own, the test that runs there.
const aloneEnv = "UNMIRROR_TEST_ALONE"

// Alone runs the test in a process of its own, and tells whether this is that process. What a process holds is what all its tests left:
// a test that measures it begins with
//
//	if !testheap.Alone(t) {
//		return
//	}
//
// and fails here when it fails there. It is for tests of the top level.
func Alone(t *testing.T) bool {
	t.Helper()
	if os.Getenv(aloneEnv) == t.Name() {
		return true
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	arg := []string{"-test.run", "^" + regexp.QuoteMeta(t.Name()) + "$", "-test.v"}
	if ends, ok := t.Deadline(); ok {
		arg = append(arg, "-test.timeout", time.Until(ends).String())
	}
	c := exec.CommandContext(t.Context(), exe, arg...)
	c.Env = append(os.Environ(), aloneEnv+"="+t.Name())
	out, err := c.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Errorf("in a process of its own: %v", err)
	}
	return false
}
