//go:build !linux

package index

// preferHugePages does nothing: other systems decide on the size of pages themselves.
func preferHugePages([]byte) {}
