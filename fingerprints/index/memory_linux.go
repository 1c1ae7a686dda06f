package index

import "golang.org/x/sys/unix"

// preferHugePages asks for large pages. Where there are none, small ones do.
func preferHugePages(b []byte) { _ = unix.Madvise(b, unix.MADV_HUGEPAGE) }
