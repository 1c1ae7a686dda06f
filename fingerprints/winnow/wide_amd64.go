//go:build amd64 && !purego

package winnow

import "golang.org/x/sys/cpu"

// Wide tells whether this machine's vectors of 512 bits are used, besides the others. What it has is told only where the system
// keeps them, and masks, for each process (Intel SDM, volume 1, 15.2).
func Wide() bool {
	x := &cpu.X86
	return Vectors() && x.HasAVX512 && x.HasAVX512F && x.HasAVX512BW && x.HasAVX512DQ && x.HasAVX512VL && x.HasAVX512VBMI && x.HasAVX512VBMI2
}

// choose512 does what chooseAVX2 does, of windows, one at least, and tells of no others. Of the words that are asked for it has
// three fetched for each 32 windows.
//
//go:noescape
func choose512(chosen *[room]uint16, at *[roomy]uint16, text *[roomy]byte, windows int, mul uint32, asked *[room]uint64, ahead *uint64) (count int)

// hash512 does what hashAVX2 does, of eight at a time: of up to seven prints more, and among those that passed are up to seven that do
// not wait.
//
//go:noescape
func hash512(out *Print, text *[roomy]byte, chosen *uint16, n int, first int64, before uint64, keys *lanes, asked *[room]uint64, size uint64, words *uint64, marks *[1024]uint64, passed *uint32, waiting int) (again uint64, count int)
