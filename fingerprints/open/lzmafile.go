package open

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/bits"
)

// lzmaHead is how long the header of an .lzma file is: properties, dictionary, size.
const lzmaHead = 13

// isLzma checks a header as programs write it, and that what follows does decode: it has no signature.
func isLzma(head []byte) bool {
	if len(head) < lzmaHead+32 || head[0] >= 225 || head[lzmaHead] != 0 {
		return false
	}
	dictionary, size := binary.LittleEndian.Uint32(head[1:]), binary.LittleEndian.Uint64(head[5:])
	if dictionary < 1<<12 || bits.OnesCount32(dictionary) > 2 && dictionary != 1<<32-1 || size > 1<<40 && size != 1<<64-1 {
		return false
	}
	r, err := openLzma(bytes.NewReader(head), 1<<20)
	return err == nil && sensible(r)
}

// openLzma reads an .lzma file; most bounds the dictionary.
func openLzma(r io.Reader, most int64) (io.Reader, error) {
	var head [lzmaHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	dictionary := int64(binary.LittleEndian.Uint32(head[1:]))
	return newLZMA(r, head[0], min(dictionary, most), int64(binary.LittleEndian.Uint64(head[5:])))
}

func (it *item) newLzmaFile(r io.Reader) (io.Reader, error) { return openLzma(r, it.limits.Memory/4) }

// lzmaInZip reads a member of a zip that is packed so (APPNOTE.TXT 5.8.8); size is -1 where it is not known.
func (it *item) lzmaInZip(r io.Reader, size int64) io.Reader {
	var head [9]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return failing{io.ErrUnexpectedEOF}
	}
	if binary.LittleEndian.Uint16(head[2:]) != 5 {
		return failing{ErrDamaged}
	}
	l, err := newLZMA(r, head[4], min(int64(binary.LittleEndian.Uint32(head[5:])), it.limits.Memory/4), size)
	if err != nil {
		return failing{err}
	}
	return l
}
