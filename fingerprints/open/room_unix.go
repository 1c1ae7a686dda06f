//go:build linux || darwin

package open

import (
	"math"
	"os"

	"golang.org/x/sys/unix"
)

// SpoolRoom is how many bytes of a stream may be spooled where nobody knows how long it is: half of what is free for temporary files.
func SpoolRoom() int64 {
	var s unix.Statfs_t
	if unix.Statfs(os.TempDir(), &s) != nil {
		return math.MaxInt64
	}
	return int64(min(uint64(s.Bavail)*uint64(s.Bsize)/2, math.MaxInt64))
}
