package index

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/bits"
	"os"

	"github.com/FastFilter/xorfilter"
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

// hashBits is the width of a passage's hash.
const hashBits = 60

// filterShard is how many passages share one filter: building it takes some 40 bytes for each.
const filterShard = 1 << 20

// columns writes the passages, which come in ascending order.
type columns struct {
	bucketBits, filterBits                                   uint32
	filterAt, filter, buckets, suffixes, postings, listBytes *column
	known                                                    bool
	n                                                        uint64
	bucket                                                   uint64 // next bucket whose beginning is not written
	shard                                                    uint64
	keys                                                     []uint64
	varint                                                   []byte
}

// newColumns prepares for about n passages; more or fewer cost speed only.
func newColumns(dir string, known bool, n int64, add func(section) (*column, error)) (*columns, error) {
	c := &columns{known: known}
	c.bucketBits = bucketBits(n)
	c.filterBits = uint32(min(bits.Len64(uint64(n)/filterShard), 16))
	for _, s := range []struct {
		to **column
		id section
	}{
		{&c.filterAt, secFilterAt}, {&c.filter, secFilter}, {&c.buckets, secBuckets},
		{&c.suffixes, secSuffixes}, {&c.postings, secPostings}, {&c.listBytes, secLists},
	} {
		col, err := add(s.id)
		if err != nil {
			return nil, err
		}
		*s.to = col
	}
	return c, nil
}

// bucketBits returns how many leading bits of a hash its bucket tells: of the choices that leave whole bytes, the one that
// takes the least room for n passages.
func bucketBits(n int64) uint32 {
	best, least := uint32(4), math.Inf(1)
	for _, b := range []uint32{4, 12, 20, 28} {
		if size := float64(n)*float64(suffixBytes(b)) + float64(uint64(4)<<b); size < least {
			best, least = b, size
		}
	}
	return best
}

// add takes the next passage.
func (c *columns) add(hash uint64, docs []uint32) error {
	for shard := hash >> (hashBits - c.filterBits); c.shard < shard; {
		if err := c.endShard(); err != nil {
			return err
		}
	}
	c.keys = append(c.keys, hash)
	for bucket := hash >> (hashBits - c.bucketBits); c.bucket <= bucket; c.bucket++ {
		c.buckets.u32(uint32(c.n))
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], hash)
	c.suffixes.bytes(b[:suffixBytes(c.bucketBits)])
	if c.known {
		if err := c.posting(docs); err != nil {
			return err
		}
	}
	if c.n++; c.n >= 1<<32-1 {
		return fmt.Errorf("a segment holds at most 4 billion passages: register the leak in parts")
	}
	return nil
}

func (c *columns) posting(docs []uint32) error {
	if len(docs) == 1 {
		c.postings.u32(docs[0])
		return nil
	}
	if c.listBytes.n >= listFlag {
		return fmt.Errorf("lists of documents exceed 2 GiB: register the leak in parts")
	}
	c.postings.u32(listFlag | uint32(c.listBytes.n))
	b := binary.AppendUvarint(c.varint[:0], uint64(len(docs)))
	last := uint32(0)
	for _, d := range docs {
		b = binary.AppendUvarint(b, uint64(d-last))
		last = d
	}
	c.varint = b
	c.listBytes.bytes(b)
	return nil
}

// endShard builds the filter of the passages gathered since the last one.
func (c *columns) endShard() error {
	f := &xorfilter.BinaryFuse[uint8]{}
	if len(c.keys) > 0 {
		var err error
		if f, err = xorfilter.NewBinaryFuse[uint8](c.keys); err != nil {
			return fmt.Errorf("build the filter: %w", err)
		}
	}
	c.filterAt.u64(f.Seed)
	c.filterAt.u32(f.SegmentLength)
	c.filterAt.u32(f.SegmentCountLength)
	c.filterAt.u64(c.filter.n)
	c.filter.bytes(f.Fingerprints)
	c.keys = c.keys[:0]
	c.shard++
	return nil
}

func (c *columns) end() error {
	for c.shard < 1<<c.filterBits {
		if err := c.endShard(); err != nil {
			return err
		}
	}
	for ; c.bucket <= 1<<c.bucketBits; c.bucket++ {
		c.buckets.u32(uint32(c.n))
	}
	return nil
}
