//go:build amd64 || arm64

package open

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"unmirror/internal/testneeds"

	"golang.org/x/sys/unix"
)

// probeMark makes the test binary confine itself as a child does and then try what it must not be able to do.
const probeMark = "UNMIRROR_OPEN_PROBE"

// probe runs in a process of its own and prints what it could do.
func probe(file, address string) {
	if err := confine(DefaultLimits(), findTools()); err != nil {
		fmt.Println("confine:", err)
		os.Exit(1)
	}
	said := func(what string, err error) {
		if err == nil {
			fmt.Println("could", what)
		}
	}
	_, err := os.ReadFile(file)
	said("read a file", err)
	_, err = os.ReadDir(filepath.Dir(file))
	said("list a folder", err)
	said("write a file", os.WriteFile(file+".new", []byte("x"), 0o600))
	said("remove a file", os.Remove(file))
	_, err = os.ReadFile("/etc/passwd")
	said("read the users", err)
	c, err := net.DialTimeout("tcp", address, time.Second)
	said("connect", err)
	if c != nil {
		c.Close()
	}
	_, err = net.Listen("tcp", "127.0.0.1:0")
	said("listen", err)
	said("trace its parent", unix.PtraceAttach(os.Getppid()))
	_, err = exec.Command("/bin/sh", "-c", "true").Output()
	said("run a shell", err)
	said("kill its parent", unix.Kill(os.Getppid(), 0))
	said("raise its limits", unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 20, Max: 1 << 20}))
	fmt.Println("done")
	os.Exit(0)
}

func TestAConfinedProcessReachesNeitherFilesNorNetwork(t *testing.T) {
	for _, line := range Support()[:2] {
		if strings.Contains(line, "lacks it") {
			testneeds.Missing(t, line)
		}
	}
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = []string{probeMark + "=" + file + "|" + l.Addr().String()}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	// As root a limit can be raised again; what matters then is Landlock.
	allowed := map[string]bool{"could raise its limits": os.Geteuid() == 0}
	if abi := Support()[0]; strings.Contains(abi, "ABI 1,") || strings.Contains(abi, "ABI 2,") || strings.Contains(abi, "ABI 3,") || strings.Contains(abi, "ABI 4,") || strings.Contains(abi, "ABI 5,") {
		allowed["could kill its parent"] = true // signals are scoped from ABI 6 on
	}
	for line := range strings.Lines(string(out)) {
		if line = strings.TrimSpace(line); line != "done" && !allowed[line] {
			t.Errorf("a confined process %s", line)
		}
	}
	if !strings.Contains(string(out), "done") {
		t.Errorf("it did not finish: %s", out)
	}
}

func TestTheChildHoldsNoEnvironmentOfOurs(t *testing.T) {
	t.Setenv("UNMIRROR_SECRET", "hush")
	o := newOpener(t, Limits{}, 1)
	mustOpen(t, o, "a", []byte(strings.Repeat(letter, inPlaceMax/len(letter)+1)))
	p := <-o.slots
	defer func() { o.slots <- p }()
	for _, kv := range p.cmd.Env {
		if strings.Contains(kv, "hush") || strings.HasPrefix(kv, "HOME=") || strings.HasPrefix(kv, "PATH=") {
			t.Errorf("environment holds %s", kv)
		}
	}
	fds, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.cmd.Process.Pid))
	if err != nil {
		t.Skip("cannot look at the child's files here: " + err.Error())
	}
	for _, fd := range fds {
		to, _ := os.Readlink(fmt.Sprintf("/proc/%d/fd/%s", p.cmd.Process.Pid, fd.Name()))
		// The Go runtime itself looks at the processor quota of its control group.
		if !strings.HasPrefix(to, "pipe:") && !strings.HasPrefix(to, "anon_inode:") && !strings.HasPrefix(to, "/sys/fs/cgroup/") && to != "/dev/null" {
			t.Errorf("the child holds %s", to)
		}
	}
}

func TestAMemoryBombCostsOneItem(t *testing.T) {
	if underRace {
		t.Skip("the race detector takes more memory than any limit")
	}
	o := newOpener(t, Limits{Memory: 64 << 20}, 1)
	item := append([]byte("<html><pre>"), bytes.Repeat([]byte("x"), 120<<20)...)
	start := time.Now()
	_, err := tryOpen(t, o, "a.html", item)
	if limitOf(err) != "memory" {
		t.Errorf("got %v after %s", err, time.Since(start))
	}
	mustOpen(t, o, "a", []byte(letter))
}

// endless is an item of text without end.
type endless []byte

func (e endless) ReadAt(p []byte, _ int64) (int, error) { return copy(p, e), nil }

func TestProcessorTimeIsLimited(t *testing.T) {
	o := newOpener(t, Limits{CPU: 2 * time.Second, Output: 1 << 60}, 1)
	start := time.Now()
	err := o.Open(context.Background(), "a", endless(bytes.Repeat([]byte(letter), chunk)), 1<<50, deaf{})
	if limitOf(err) != "cpu" {
		t.Errorf("got %v after %s", err, time.Since(start))
	}
	mustOpen(t, o, "a", []byte(letter))
}

const raced = underRace
