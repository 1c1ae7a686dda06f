package open

import (
	"fmt"
	"math"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

func supported() error { return nil }

func childAttr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }

func selfPath() string {
	p, err := os.Executable()
	if err != nil {
		return ""
	}
	return p
}

func reexecPath(self string) string { return self }

// confine sets resource limits, which is all that there is here.
func confine(l Limits, _ tools) error {
	cpu := uint64(max(1, math.Ceil((l.CPU + l.CPU/20).Seconds())))
	for _, r := range []struct {
		name  string
		which int
		value uint64
	}{
		{"processor time", unix.RLIMIT_CPU, cpu},
		{"file size", unix.RLIMIT_FSIZE, 0},
		{"open files", unix.RLIMIT_NOFILE, 64},
		{"core dump", unix.RLIMIT_CORE, 0},
	} {
		if err := unix.Setrlimit(r.which, &unix.Rlimit{Cur: r.value, Max: r.value}); err != nil {
			return fmt.Errorf("limit %s: %w", r.name, err)
		}
	}
	return nil
}

func cpuUsed() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func peakMemory(s *os.ProcessState) int64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss // in bytes here
	}
	return 0
}

func killGroup(p *os.Process) {
	if p == nil {
		return
	}
	unix.Kill(-p.Pid, unix.SIGKILL)
	p.Kill()
}

// Support tells, for an operator, how far this system can confine the opening of content.
func Support() []string {
	return []string{
		"Landlock: not on this system; the child can read what this user can read",
		"seccomp: not on this system; the child could reach the network",
		"rlimits: processor time, files, core dumps; memory only by the Go runtime",
		pdfSupport(),
	}
}

// capProcess has no kernel to ask: the clock alone ends a reader.
func capProcess(int, time.Duration, uint64) {}
