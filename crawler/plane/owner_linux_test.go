package plane

import (
	"os"
	"os/exec"
	"strconv"
	"testing"
)

func TestADeadProcessIsFoundOutAtOnce(t *testing.T) {
	other := exec.Command("sleep", "60")
	if err := other.Start(); err != nil {
		t.Skip("no sleep program")
	}
	ns, _ := os.Readlink("/proc/self/ns/pid")
	name := strconv.Itoa(other.Process.Pid) + "/" + started(other.Process.Pid) + "/" + ns
	if !alive(name) {
		t.Error("a living process is taken for dead")
	}
	_ = other.Process.Kill()
	_ = other.Wait()
	if alive(name) {
		t.Error("a dead process is taken for alive")
	}
	if !alive("1/2/another-namespace") {
		t.Error("a process of another namespace is taken for dead")
	}
	if !alive(self()) {
		t.Error("this process is taken for dead")
	}
}
