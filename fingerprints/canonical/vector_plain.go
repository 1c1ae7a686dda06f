//go:build !amd64 || purego

package canonical

// Vectors tells whether this machine's vector instructions are used.
func Vectors() bool { return false }

func leading(dst, src []byte) (canonical, rest []byte) { return dst, src }
