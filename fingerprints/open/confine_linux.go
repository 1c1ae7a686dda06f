//go:build amd64 || arm64

package open

import (
	"errors"
	"fmt"
	"math"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

func supported() error { return nil }

// childAttr makes the child die with its parent and gives it a process group of its own, so that what it runs dies
// with it, and a Ctrl-C in the terminal is the parent's to handle.
func childAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}

func selfPath() string {
	p, err := os.Executable()
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(p, " (deleted)")
}

// reexecPath names this very program even when the file was replaced by a newer one meanwhile.
func reexecPath(string) string { return "/proc/self/exe" }

// confine gives up, for good, everything that opening content does not need.
func confine(l Limits, t tools) error {
	if err := setLimits(l); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid dumps: %w", err)
	}
	if err := restrictPaths(t); err != nil {
		return err
	}
	return denyCalls()
}

// setLimits bounds memory by what the process already holds plus the allowance: Go reserves address space
// generously, so that both the address space and the writable memory are bounded.
func setLimits(l Limits) error {
	const slack = 64 << 20 // Go takes its heap in pieces of this size, and thread stacks count too
	space, data := memoryNow()
	if underRace {
		space, data = 1<<62, 1<<62
	}
	cpu := uint64(max(1, math.Ceil((l.CPU + l.CPU/20).Seconds())))
	for _, r := range []struct {
		name  string
		which int
		value uint64
	}{
		{"address space", unix.RLIMIT_AS, space + uint64(l.Memory) + slack},
		{"memory", unix.RLIMIT_DATA, data + uint64(l.Memory) + slack},
		{"processor time", unix.RLIMIT_CPU, cpu},
		{"file size", unix.RLIMIT_FSIZE, 0},
		{"open files", unix.RLIMIT_NOFILE, 64},
		{"core dump", unix.RLIMIT_CORE, 0},
	} {
		var now unix.Rlimit
		if err := unix.Getrlimit(r.which, &now); err == nil {
			r.value = min(r.value, now.Max) // whoever started us may have been stricter
		}
		if err := unix.Setrlimit(r.which, &unix.Rlimit{Cur: r.value, Max: r.value}); err != nil {
			return fmt.Errorf("limit %s: %w", r.name, err)
		}
	}
	return nil
}

// capProcess gives another process of ours an end, in whole seconds of processor time, and bounds the writable memory
// that it takes, in bytes. Where that fails, the limits hold that the process has inherited.
func capProcess(pid int, d time.Duration, memory uint64) {
	seconds := uint64(max(1, math.Ceil(d.Seconds())))
	_ = unix.Prlimit(pid, unix.RLIMIT_CPU, &unix.Rlimit{Cur: seconds, Max: seconds}, nil)
	if !underRace {
		_ = unix.Prlimit(pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: memory, Max: memory}, nil)
	}
}

// memoryNow reads how much address space and writable memory the process has, in bytes.
func memoryNow() (space, data uint64) {
	b, err := os.ReadFile("/proc/self/statm")
	var pages [7]uint64
	if err == nil {
		fmt.Sscan(string(b), &pages[0], &pages[1], &pages[2], &pages[3], &pages[4], &pages[5], &pages[6])
	}
	size := uint64(os.Getpagesize())
	if pages[0] == 0 {
		return 2 << 30, 512 << 20 // no /proc: what a Go program is seen to take
	}
	return pages[0] * size, pages[5] * size
}

// restrictPaths leaves of the file system only what the readers of PDF, or of images, need, by Landlock, as far as the kernel knows it.
func restrictPaths(t tools) error {
	// Both readers of PDF are programs, and this one too may be linked to the C library.
	rules := []landlock.Rule{
		landlock.RODirs("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib").IgnoreIfMissing(),
		landlock.ROFiles("/etc/ld.so.cache").IgnoreIfMissing(),
	}
	if t.pdftotext != "" {
		rules = append(rules, landlock.RODirs("/usr/share/poppler", "/usr/share/fonts", "/usr/share/fontconfig", "/etc/fonts").IgnoreIfMissing(),
			landlock.ROFiles(t.pdftotext).IgnoreIfMissing())
	}
	if t.tesseract != "" {
		rules = append(rules, landlock.ROFiles(t.tesseract).IgnoreIfMissing(),
			landlock.RODirs("/usr/share/tesseract-ocr", "/usr/share/tessdata", "/usr/local/share/tessdata").IgnoreIfMissing())
	}
	if t.self != "" {
		rules = append(rules, landlock.ROFiles(t.self).IgnoreIfMissing())
	}
	if err := landlock.V7.BestEffort().Restrict(rules...); err != nil {
		return fmt.Errorf("restrict paths: %w", err)
	}
	return nil
}

// denyCalls installs a filter that refuses the network, looking into other processes, and the
// kernel's rarer doors, on all threads. Kernels without filters go without.
func denyCalls() error {
	runtime.LockOSThread() // no_new_privs and the filter must be of one thread; the kernel then copies both to all
	defer runtime.UnlockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("give up privileges: %w", err)
	}
	filter := callFilter()
	prog := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&prog)))
	if errno != 0 && !errors.Is(errno, unix.ENOSYS) && !errors.Is(errno, unix.EINVAL) {
		return fmt.Errorf("filter system calls: %w", errno)
	}
	return nil
}

// Offsets in struct seccomp_data, and the bit that marks calls of the x32 ABI.
const (
	seccompNr   = 0
	seccompArch = 4
	x32Bit      = 0x40000000
)

// callFilter is a classic BPF program: a foreign architecture is killed, a call on the list fails with EPERM, all others pass.
func callFilter() []unix.SockFilter {
	stmt := func(code uint16, k uint32) unix.SockFilter { return unix.SockFilter{Code: code, K: k} }
	jump := func(code uint16, k uint32, yes, no uint8) unix.SockFilter {
		return unix.SockFilter{Code: code, K: k, Jt: yes, Jf: no}
	}
	const (
		load  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
		equal = unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K
		least = unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K
		ret   = unix.BPF_RET | unix.BPF_K
		deny  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
	)
	f := []unix.SockFilter{
		stmt(load, seccompArch),
		jump(equal, auditArch, 1, 0),
		stmt(ret, unix.SECCOMP_RET_KILL_PROCESS),
		stmt(load, seccompNr),
		jump(least, x32Bit, 0, 1),
		stmt(ret, deny),
	}
	for _, nr := range deniedCalls {
		f = append(f, jump(equal, nr, 0, 1), stmt(ret, deny))
	}
	return append(f, stmt(ret, unix.SECCOMP_RET_ALLOW))
}

// deniedCalls have no place in reading a document. A call that the filter refuses fails like one that
// the system lacks, so that a library that merely asks goes on.
var deniedCalls = [...]uint32{
	unix.SYS_SOCKET, unix.SYS_SOCKETPAIR, unix.SYS_CONNECT, unix.SYS_BIND, unix.SYS_LISTEN, unix.SYS_ACCEPT, unix.SYS_ACCEPT4,
	unix.SYS_SENDTO, unix.SYS_SENDMSG, unix.SYS_SENDMMSG, unix.SYS_RECVFROM, unix.SYS_RECVMSG, unix.SYS_RECVMMSG,
	unix.SYS_PTRACE, unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_PIDFD_GETFD, unix.SYS_PROCESS_MADVISE, unix.SYS_KCMP,
	unix.SYS_IO_URING_SETUP, unix.SYS_IO_URING_ENTER, unix.SYS_IO_URING_REGISTER,
	unix.SYS_BPF, unix.SYS_PERF_EVENT_OPEN, unix.SYS_USERFAULTFD, unix.SYS_KEYCTL, unix.SYS_ADD_KEY, unix.SYS_REQUEST_KEY,
	unix.SYS_MOUNT, unix.SYS_UMOUNT2, unix.SYS_PIVOT_ROOT, unix.SYS_CHROOT, unix.SYS_UNSHARE, unix.SYS_SETNS,
	unix.SYS_OPEN_TREE, unix.SYS_MOVE_MOUNT, unix.SYS_FSOPEN, unix.SYS_FSMOUNT, unix.SYS_OPEN_BY_HANDLE_AT,
	unix.SYS_INIT_MODULE, unix.SYS_FINIT_MODULE, unix.SYS_DELETE_MODULE, unix.SYS_KEXEC_LOAD, unix.SYS_REBOOT, unix.SYS_SWAPON,
	unix.SYS_SETTIMEOFDAY, unix.SYS_CLOCK_SETTIME, unix.SYS_ADJTIMEX, unix.SYS_ACCT, unix.SYS_QUOTACTL, unix.SYS_PERSONALITY,
	unix.SYS_SHMGET, unix.SYS_SHMAT, unix.SYS_MSGGET, unix.SYS_SEMGET, unix.SYS_MQ_OPEN,
}

func cpuUsed() time.Duration {
	var u unix.Rusage
	if unix.Getrusage(unix.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMemory is the most that the child held at once, in bytes.
func peakMemory(s *os.ProcessState) int64 {
	if u, ok := s.SysUsage().(*syscall.Rusage); ok {
		return u.Maxrss << 10
	}
	return 0
}

// killGroup ends the child and the programs that it runs.
func killGroup(p *os.Process) {
	if p == nil {
		return
	}
	unix.Kill(-p.Pid, unix.SIGKILL)
	p.Kill()
}

// Support tells, for an operator, how far this system can confine the opening of content.
func Support() []string {
	var lines []string
	if abi, err := ll.LandlockGetABIVersion(); err == nil && abi > 0 {
		lines = append(lines, fmt.Sprintf("Landlock: ABI %d, the child sees no files of ours", abi))
	} else {
		lines = append(lines, "Landlock: the kernel lacks it; the child can read what this user can read")
	}
	action := uint32(unix.SECCOMP_RET_ERRNO)
	_, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	if errno == 0 {
		lines = append(lines, "seccomp: the child has no network")
	} else {
		lines = append(lines, "seccomp: the kernel lacks it; the child could reach the network")
	}
	lines = append(lines, "rlimits: address space, memory, processor time, files, core dumps")
	return append(lines, pdfSupport())
}
