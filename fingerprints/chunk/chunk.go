// Package chunk cuts bytes where their content says, so that what is cut off, joined or embedded is cut alike.
// It never keeps content: chunks are handed on and forgotten, and what they hash to is the caller's affair.
package chunk

import (
	"bytes"
	"encoding/binary"
)

// The lengths of chunks, in bytes. The mean is about one KiB: small enough for a tenth of a letter's scan, large enough for an index.
const (
	Min     = 256
	average = 1 << 10
	Max     = 4 << 10
)

// Masks of normalised chunking (Xia et al., "FastCDC", USENIX ATC 2016): before the average length a cut is four times as
// rare as one in 1,024, beyond it four times as frequent. High bits, since those depend on the most bytes.
const (
	maskEarly = uint64(1<<12-1) << (64 - 12)
	maskLate  = uint64(1<<8-1) << (64 - 8)
)

// TableBytes is what NewTable takes.
const TableBytes = 256 * 8

// Table holds the values of gear hashing. Made from a secret, it keeps the places of cuts a secret too.
type Table [256]uint64

// NewTable makes a table out of uniform bytes.
func NewTable(b *[TableBytes]byte) *Table {
	t := &Table{}
	for i := range t {
		t[i] = binary.LittleEndian.Uint64(b[8*i:])
	}
	return t
}

// The streams of a PDF are what its chunks are made of, wherever it lies: a page's stream is a chunk, or several, of its
// own, whatever the object before it is called.
var (
	streamWord = []byte("stream")
	endWord    = []byte("endstream")
)

// ahead is how many bytes beyond a cut decide about it.
const ahead = 9

// Cutter cuts one content that comes in pieces. Its memory is bounded by the largest piece and one chunk.
type Cutter struct {
	table *Table
	buf   []byte
	at    int64 // offset of buf
}

// NewCutter cuts by that table.
func NewCutter(t *Table) *Cutter { return &Cutter{table: t} }

// pieceBytes bounds the buffer of content that comes in large pieces.
const pieceBytes = 64 << 10

// Feed takes the next bytes and calls see with each chunk that is complete, and its offset; the slice is reused.
func (c *Cutter) Feed(b []byte, see func(at int64, chunk []byte)) {
	for len(b) > 0 {
		n := min(len(b), pieceBytes)
		c.buf = append(c.buf, b[:n]...)
		b = b[n:]
		c.cut(Max+ahead, see)
	}
}

// End calls see with what is left, and makes the cutter ready for another content.
func (c *Cutter) End(see func(at int64, chunk []byte)) {
	c.cut(1, see)
	c.buf, c.at = c.buf[:0], 0
}

// cut cuts while there are at least that many bytes.
func (c *Cutter) cut(least int, see func(at int64, chunk []byte)) {
	from := 0
	for len(c.buf)-from >= least {
		n := c.length(c.buf[from:])
		see(c.at+int64(from), c.buf[from:from+n])
		from += n
	}
	c.at += int64(from)
	c.buf = c.buf[:copy(c.buf, c.buf[from:])]
}

// length returns the length of the chunk with which b begins; b ends with the content, or has enough beyond it.
func (c *Cutter) length(b []byte) int {
	end := c.gear(b[:min(len(b), Max)])
	near := b[:min(len(b), end+ahead)]
	for from := 0; ; {
		i := bytes.Index(near[from:], streamWord)
		if i < 0 {
			return end
		}
		i += from
		if begin := i - len("end"); begin > 0 && begin < end && bytes.HasPrefix(near[begin:], endWord) {
			return begin
		}
		if after := i + len(streamWord) + lineEnd(near[i+len(streamWord):]); after > i+len(streamWord) && after <= end {
			return after
		}
		from = i + len(streamWord)
	}
}

func lineEnd(b []byte) int {
	switch {
	case bytes.HasPrefix(b, []byte("\r\n")):
		return 2
	case bytes.HasPrefix(b, []byte("\n")):
		return 1
	}
	return 0
}

// gear finds where the rolling hash of gear hashing says to cut.
func (c *Cutter) gear(b []byte) int {
	if len(b) <= Min {
		return len(b)
	}
	var h uint64
	i := Min
	for ; i < min(len(b), average); i++ {
		if h = h<<1 + c.table[b[i]]; h&maskEarly == 0 {
			return i + 1
		}
	}
	for ; i < len(b); i++ {
		if h = h<<1 + c.table[b[i]]; h&maskLate == 0 {
			return i + 1
		}
	}
	return len(b)
}
