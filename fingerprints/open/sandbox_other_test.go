//go:build !linux

package open

const probeMark = "UNMIRROR_OPEN_PROBE"

func probe(string, string) {}

const raced = false
