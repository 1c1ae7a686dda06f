package open

import (
	"bufio"
	"io"
)

// compressMagic begins what Unix's compress packs.
const compressMagic = "\x1f\x9d"

// compressReader undoes compress: Lempel and Ziv's code as Welch has it, of 9 to 16 bits, with one that empties the table. Codes come
// in groups of eight, the rest of which is passed over when they get wider.
type compressReader struct {
	in     *bufio.Reader
	most   uint // bits of a code
	block  bool // code 256 empties the table
	width  uint
	bits   uint32
	have   uint
	codes  int // of this width
	prefix [1 << 16]uint16
	suffix [1 << 16]byte
	next   int
	before int // the code before, -1: none
	first  byte
	stack  []byte
	out    []byte
	err    error
}

func newCompressReader(r io.Reader) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 16<<10)
	var head [3]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return nil, io.ErrUnexpectedEOF
	}
	c := &compressReader{in: in, most: uint(head[2] & 31), block: head[2]&0x80 != 0, width: 9, before: -1}
	if c.most < 9 || c.most > 16 || string(head[:2]) != compressMagic {
		return nil, ErrDamaged
	}
	c.empty()
	return c, nil
}

func (c *compressReader) empty() {
	c.next = 256
	if c.block {
		c.next = 257
	}
}

// Read implements io.Reader.
func (c *compressReader) Read(p []byte) (int, error) {
	for len(c.out) == 0 {
		if c.err != nil {
			return 0, c.err
		}
		c.err = c.step()
	}
	n := copy(p, c.out)
	c.out = c.out[n:]
	return n, nil
}

// code reads one; io.EOF where no whole one is left.
func (c *compressReader) code() (int, error) {
	for c.have < c.width {
		b, err := c.in.ReadByte()
		if err != nil {
			return 0, err
		}
		c.bits |= uint32(b) << c.have
		c.have += 8
	}
	v := int(c.bits & (1<<c.width - 1))
	c.bits >>= c.width
	c.have -= c.width
	c.codes++
	return v, nil
}

// align passes over the rest of a group of eight codes.
func (c *compressReader) align() error {
	for c.codes%8 != 0 {
		if _, err := c.code(); err != nil {
			return err
		}
	}
	c.codes = 0
	return nil
}

// step decodes one code.
func (c *compressReader) step() error {
	if c.next >= 1<<c.width && c.width < c.most {
		if err := c.align(); err != nil {
			return err
		}
		c.width++
	}
	v, err := c.code()
	if err != nil {
		return err
	}
	if v == 256 && c.block {
		if err := c.align(); err != nil {
			return err
		}
		c.width, c.before, c.next = 9, -1, 257
		return nil
	}
	if c.before < 0 {
		if v > 255 {
			return ErrDamaged
		}
		c.before, c.first = v, byte(v)
		c.stack = append(c.stack[:0], byte(v))
		c.out = c.stack
		return nil
	}
	if v > c.next {
		return ErrDamaged
	}
	return c.expand(v)
}

// expand writes what a code stands for, from its end, and takes a new one into the table.
func (c *compressReader) expand(v int) error {
	c.stack = c.stack[:0]
	at := v
	if v == c.next {
		c.stack = append(c.stack, c.first)
		at = c.before
	}
	for at > 255 {
		if len(c.stack) > 1<<16 || c.block && at == 256 {
			return ErrDamaged
		}
		c.stack = append(c.stack, c.suffix[at])
		at = int(c.prefix[at])
	}
	c.first = byte(at)
	c.stack = append(c.stack, c.first)
	for i, j := 0, len(c.stack)-1; i < j; i, j = i+1, j-1 {
		c.stack[i], c.stack[j] = c.stack[j], c.stack[i]
	}
	if c.next < 1<<c.most {
		c.prefix[c.next], c.suffix[c.next] = uint16(c.before), c.first
		c.next++
	}
	c.before, c.out = v, c.stack
	return nil
}
