//go:build !(linux && (amd64 || arm64)) && !darwin

package open

import (
	"errors"
	"os"
	"runtime"
	"syscall"
	"time"
)

func supported() error {
	return errors.New("opening content needs Linux (amd64, arm64) or macOS, and this is " + runtime.GOOS + "/" + runtime.GOARCH)
}

func childAttr() *syscall.SysProcAttr { return nil }

func selfPath() string { return "" }

func reexecPath(self string) string { return self }

func confine(Limits, tools) error { return supported() }

func cpuUsed() time.Duration { return 0 }

func peakMemory(*os.ProcessState) int64 { return 0 }

func killGroup(p *os.Process) {
	if p != nil {
		p.Kill()
	}
}

// Support tells, for an operator, how far this system can confine the opening of content.
func Support() []string { return []string{supported().Error()} }

// capProcess has no kernel to ask: the clock alone ends a reader.
func capProcess(int, time.Duration, uint64) {}
