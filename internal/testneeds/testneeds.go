// Package testneeds tells a test whether a program of the system that it needs
// is present, and skips the test with a clear line where it is not.
//
// It never installs anything, and no code outside tests imports it.
package testneeds

import (
	"os"
	"os/exec"
	"testing"
)

// Require is the environment variable that turns skips into failures: with the
// value "all", a missing program fails the test instead of skipping it, so that
// a continuous build cannot pass by testing less.
const Require = "UNMIRROR_TEST_REQUIRE"

// Program returns the path of the named program. Where it is missing the test
// is skipped with a line that names the Debian package to install, or fails if
// the environment says UNMIRROR_TEST_REQUIRE=all.
func Program(t testing.TB, program, aptPackage string) string {
	t.Helper()
	path, err := find(program)
	if err == nil {
		return path
	}
	Missing(t, "program "+program+" not found: apt-get install "+aptPackage)
	return ""
}

// Missing skips the test for want of what the line names (a feature of the
// kernel, say), or fails it if the environment says UNMIRROR_TEST_REQUIRE=all.
func Missing(t testing.TB, line string) {
	t.Helper()
	if os.Getenv(Require) == "all" {
		t.Fatalf("%s (%s=all)", line, Require)
	}
	t.Skip(line)
}

// find looks the program up in PATH and then in the folders where Debian keeps
// the servers, which are not in the PATH of ordinary users.
func find(program string) (string, error) {
	path, err := exec.LookPath(program)
	if err == nil {
		return path, nil
	}
	for _, dir := range []string{"/usr/sbin/", "/usr/local/sbin/", "/sbin/"} {
		if p, e := exec.LookPath(dir + program); e == nil {
			return p, nil
		}
	}
	return "", err
}

// Python returns the path of a Python that has the module: the one in PATH, or Debian's own, which is where the package
// puts it. Where none has, it does as Program does.
func Python(t testing.TB, module, aptPackage string) string {
	t.Helper()
	for _, program := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(program, "-c", "import "+module).Run() == nil {
			return program
		}
	}
	Missing(t, "Python module "+module+" not found: apt-get install "+aptPackage)
	return ""
}
