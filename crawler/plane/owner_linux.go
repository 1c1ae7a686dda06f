package plane

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
)

// self names this process so that others can tell whether it still lives: its id, its start in clock ticks since
// boot (ids are reused), and the namespace in which the id counts.
func self() string {
	ns, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		ns = "?"
	}
	return fmt.Sprintf("%d/%s/%s", os.Getpid(), started(os.Getpid()), ns)
}

// alive reports whether the named process may still live; in doubt it does, and its lease has to run out.
func alive(owner string) bool {
	part := strings.SplitN(owner, "/", 3)
	if len(part) != 3 {
		return true
	}
	ns, err := os.Readlink("/proc/self/ns/pid")
	pid, perr := strconv.Atoi(part[0])
	if err != nil || perr != nil || ns != part[2] {
		return true // another container: its process list is not ours to read
	}
	return started(pid) == part[1]
}

// started reads field 22 of /proc/PID/stat (proc_pid_stat(5)); the name in field 2 may hold spaces and brackets.
func started(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	f := bytes.Fields(b[bytes.LastIndexByte(b, ')')+1:])
	if len(f) < 20 || string(f[0]) == "Z" {
		return ""
	}
	return string(f[19])
}
