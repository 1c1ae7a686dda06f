package index

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"os"
)

// column is one section while it is written: an unlinked file, so that a segment of any size takes bounded memory.
type column struct {
	id  section
	f   *os.File
	w   *bufio.Writer
	crc uint32
	n   uint64
	bad error
}

func newColumn(dir string, id section) (*column, error) {
	f, err := tempFile(dir)
	if err != nil {
		return nil, err
	}
	return &column{id: id, f: f, w: bufio.NewWriterSize(f, 1<<16)}, nil
}

func (c *column) bytes(b []byte) {
	if c.bad != nil {
		return
	}
	c.crc = crc32.Update(c.crc, castagnoli, b)
	c.n += uint64(len(b))
	_, c.bad = c.w.Write(b)
}

func (c *column) u32(v uint32) {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], v)
	c.bytes(b[:])
}

func (c *column) u64(v uint64) {
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	c.bytes(b[:])
}

// copyTo appends the section to the segment.
func (c *column) copyTo(w io.Writer) error {
	if c.bad == nil {
		c.bad = c.w.Flush()
	}
	if c.bad == nil {
		_, c.bad = c.f.Seek(0, io.SeekStart)
	}
	if c.bad == nil {
		_, c.bad = io.Copy(w, c.f)
	}
	if c.bad != nil {
		return fmt.Errorf("write section %d: %w", c.id, c.bad)
	}
	return nil
}

// lineBytes is the size of a cache line.
const lineBytes = 64

// aligned returns the columns with gaps between them, so that filters begin at a cache line: a look-up then reads one.
func (w *segmentWriter) aligned() ([]*column, error) {
	var gaps int
	isFilter := func(c *column) bool { return c.id == secFilter || c.id == secPairFilter || c.id == secCellFilter }
	for _, c := range w.cols {
		if isFilter(c) {
			gaps++
		}
	}
	at := uint64(headerSize + entrySize*(len(w.cols)+gaps))
	var all []*column
	for _, c := range w.cols {
		if isFilter(c) {
			gap, err := w.temporary()
			if err != nil {
				return nil, err
			}
			gap.id = secGap
			gap.bytes(make([]byte, -at%lineBytes))
			at += gap.n
			all = append(all, gap)
		}
		at += c.n
		all = append(all, c)
	}
	return all, nil
}
