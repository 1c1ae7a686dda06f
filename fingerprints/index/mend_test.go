package index

import (
	"encoding/binary"
	"hash/crc32"
)

// mend makes the checksums of a damaged segment right, so that the fuzzer gets past them.
func mend(b []byte) {
	le := binary.LittleEndian
	if len(b) < headerSize {
		return
	}
	n := int(le.Uint32(b[40:]))
	if n > maxEntries || len(b) < headerSize+entrySize*n {
		return
	}
	for i := range n {
		p := b[headerSize+entrySize*i:]
		off, size := le.Uint64(p[8:]), le.Uint64(p[16:])
		if off <= uint64(len(b)) && size <= uint64(len(b))-off {
			le.PutUint32(p[4:], crc32.Checksum(b[off:off+size], castagnoli))
		}
	}
	le.PutUint32(b[60:], 0)
	le.PutUint32(b[60:], crc32.Checksum(b[:headerSize+entrySize*n], castagnoli))
}
