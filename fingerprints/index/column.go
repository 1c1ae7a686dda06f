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
	buf []byte // what is not in the file yet
	crc uint32 // of what is in the file
	n   uint64
	bad error
}

const columnBuffer = 1 << 16

func newColumn(dir string, id section) (*column, error) {
	f, err := tempFile(dir)
	if err != nil {
		return nil, err
	}
	return &column{id: id, f: f}, nil
}

func (c *column) bytes(b []byte) {
	c.n += uint64(len(b))
	if len(b) >= columnBuffer { // what is large is not copied
		c.flush()
		c.write(b)
		return
	}
	c.buf = append(c.buf, b...)
	c.spill()
}

func (c *column) u32(v uint32) {
	c.n += 4
	c.buf = binary.LittleEndian.AppendUint32(c.buf, v)
	c.spill()
}

func (c *column) u64(v uint64) {
	c.n += 8
	c.buf = binary.LittleEndian.AppendUint64(c.buf, v)
	c.spill()
}

// low writes the low bytes of a number.
func (c *column) low(v uint64, bytes int) {
	c.n += uint64(bytes)
	c.buf = binary.LittleEndian.AppendUint64(c.buf, v)
	c.buf = c.buf[:len(c.buf)-8+bytes]
	c.spill()
}

func (c *column) spill() {
	if len(c.buf) >= columnBuffer {
		c.flush()
	}
}

func (c *column) flush() {
	c.write(c.buf)
	c.buf = c.buf[:0]
}

func (c *column) write(b []byte) {
	if c.bad == nil {
		c.crc = crc32.Update(c.crc, castagnoli, b)
		_, c.bad = c.f.Write(b)
	}
}

// reader reads a column that is whole from its beginning.
func (c *column) reader() (io.Reader, error) {
	c.flush()
	if c.bad == nil {
		_, c.bad = c.f.Seek(0, io.SeekStart)
	}
	if c.bad != nil {
		return nil, fmt.Errorf("write %v: %w", c.id, c.bad)
	}
	return bufio.NewReaderSize(c.f, columnBuffer), nil
}

// copyTo appends a section that is whole to the segment.
func (c *column) copyTo(w io.Writer) error {
	if _, err := c.reader(); err != nil {
		return err
	}
	if _, err := io.Copy(w, c.f); err != nil {
		return fmt.Errorf("write %v: %w", c.id, err)
	}
	return nil
}

// lineBytes is the size of a cache line.
const lineBytes = 64

// aligned returns the columns with gaps between them, so that filters begin at a cache line: a look-up then reads one.
// All are in their files then.
func (w *segmentWriter) aligned() ([]*column, error) {
	var gaps int
	isFilter := func(c *column) bool {
		return c.id == secPairFilter || c.id == secCellFilter || c.id == secChunkFilter
	}
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
	for _, c := range all {
		if c.flush(); c.bad != nil {
			return nil, fmt.Errorf("write %v: %w", c.id, c.bad)
		}
	}
	return all, nil
}
