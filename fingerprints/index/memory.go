package index

import (
	"encoding/binary"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// memory is room for a filter outside of Go's heap, in pages as large as the machine has them: a look-up of a filter that
// lies in thousands of small pages waits for their places to be found more than for the word itself.
type memory struct {
	words  []uint64
	mapped []byte // nil when it is of the heap
}

const (
	hugePage = 2 << 20
	// smallFilter is the size in bytes below which a filter is not worth a page of its own.
	smallFilter = hugePage / 2
)

func newMemory(words uint64) (*memory, error) {
	if words > 1<<43 {
		return nil, fmt.Errorf("memory for a filter of %d words", words)
	}
	size := words * wordBytes
	if size < smallFilter {
		return &memory{words: make([]uint64, words)}, nil
	}
	whole := (int(size) + hugePage - 1) &^ (hugePage - 1)
	b, err := unix.Mmap(-1, 0, whole+hugePage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("memory for a filter: %w", err)
	}
	from := int(-uintptr(unsafe.Pointer(unsafe.SliceData(b))) & (hugePage - 1)) // where a large page begins
	preferHugePages(b[from : from+whole])
	return &memory{unsafe.Slice((*uint64)(unsafe.Pointer(&b[from])), words), b}, nil
}

// free gives the memory back; nothing may read it any more.
func (m *memory) free() error {
	if m == nil || m.mapped == nil {
		return nil
	}
	b := m.mapped
	m.words, m.mapped = nil, nil
	if err := unix.Munmap(b); err != nil {
		return fmt.Errorf("free a filter: %w", err)
	}
	return nil
}

// bytes is the memory as bytes.
func (m *memory) bytes() []byte {
	if len(m.words) == 0 {
		return nil
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(&m.words[0])), len(m.words)*wordBytes)
}

// settle turns words that were written as bytes, the lowest first, into numbers of this machine.
func (m *memory) settle() {
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return
	}
	b := m.bytes()
	for i := range m.words {
		m.words[i] = binary.LittleEndian.Uint64(b[wordBytes*i:])
	}
}
