//go:build !amd64 || purego

package canonical

// Vectors tells whether this machine's vector instructions are used.
func Vectors() bool { return false }

// Wide tells whether this machine's vectors of 512 bits are used.
func Wide() bool { return false }

func leading(dst, src []byte) (canonical, rest []byte) { return dst, src }
