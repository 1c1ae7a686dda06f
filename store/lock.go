package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// ErrLocked says that another daemon works on this data folder.
var ErrLocked = errors.New("another unmirror daemon runs on this data folder")

// LockDaemon takes the data folder for one daemon. The kernel frees it when the process ends, however it ends. The
// error is ErrLocked, wrapped with the holder's process number, when another daemon has it.
func LockDaemon(dir string) (release func() error, err error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make data folder: %w", err)
	}
	path := filepath.Join(dir, "daemon.lock")
	release, err = lockFile(path, false)
	if errors.Is(err, unix.EWOULDBLOCK) {
		pid, _ := os.ReadFile(path)
		return nil, fmt.Errorf("%w (process %s): stop it first, or give this one another --data", ErrLocked, pid)
	}
	if err != nil {
		return nil, fmt.Errorf("lock data folder: %w", err)
	}
	return release, nil
}

func lockFile(path string, wait bool) (func() error, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	how := unix.LOCK_EX
	if !wait {
		how |= unix.LOCK_NB
	}
	for {
		err = unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	// The process number only helps a person to find the holder; the lock is the kernel's.
	if err := f.Truncate(0); err == nil {
		_, _ = fmt.Fprintf(f, "%d", os.Getpid())
	}
	return f.Close, nil
}
