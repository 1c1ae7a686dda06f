package open

import (
	"bufio"
	"encoding/binary"
	"io"

	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// newXz reads an xz stream whose first block asks for no more than a quarter of the memory. The library itself knows
// no maximum, only a minimum; a later block that asks for more meets the limit of the process.
func (it *item) newXz(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, chunk)
	if head, _ := b.Peek(64); xzDictionary(head) > it.limits.Memory/4 {
		return nil, errTooLarge
	}
	return xz.ReaderConfig{DictCap: lzma.MinDictCap}.NewReader(b)
}

// xzDictionary reads the size of the dictionary, in bytes, from the first block header (The .xz File Format 1.2.1, 3.1
// and 5.3.1); 0 when there is none.
func xzDictionary(head []byte) int64 {
	const streamHeader, lzma2 = 12, 0x21
	if len(head) < streamHeader+2 {
		return 0
	}
	flags, b := head[streamHeader+1], head[streamHeader+2:]
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		if n <= 0 {
			b = nil
			return 0
		}
		b = b[n:]
		return v
	}
	for _, optional := range []byte{0x40, 0x80} { // packed and unpacked size
		if flags&optional != 0 {
			next()
		}
	}
	for range flags&3 + 1 {
		id, size := next(), next()
		if size > uint64(len(b)) {
			return 0
		}
		if id == lzma2 && size == 1 {
			bits := b[0] & 63
			if bits >= 40 {
				return 1<<32 - 1
			}
			return int64(2|bits&1) << (bits/2 + 11)
		}
		b = b[size:]
	}
	return 0
}
