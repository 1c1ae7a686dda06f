package open

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"
	"slices"
)

// xzReader reads the streams of an .xz file (The .xz File Format 1.2.1, of which sections are named below) and yields all
// that comes before a break.
type xzReader struct {
	in    *countedBytes
	most  int64 // bytes of a dictionary
	check byte  // how the blocks of this stream are checked
	block *lzma2Reader
	sum   hash.Hash
	fault error // what is wrong, although what follows was read
	begun bool
	err   error
}

// countedBytes counts what is read: what is padded is told by its size.
type countedBytes struct {
	*bufio.Reader
	n int64
}

func (b *countedBytes) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	b.n += int64(n)
	return n, err
}

func (b *countedBytes) ReadByte() (byte, error) {
	v, err := b.Reader.ReadByte()
	if err == nil {
		b.n++
	}
	return v, err
}

const xzMagic = "\xfd7zXZ\x00"

// newXz reads an xz file. A block that asks for more than a quarter of the memory is too large; that the first one does, is
// told at once.
func (it *item) newXz(r io.Reader) (io.Reader, error) {
	x := &xzReader{in: &countedBytes{Reader: bufio.NewReaderSize(r, chunk)}, most: it.limits.Memory / 4}
	if x.err = x.next(); x.err == nil {
		x.err = x.next()
	}
	if x.err != nil && x.err != io.EOF {
		return nil, x.err
	}
	return x, nil
}

// Read implements io.Reader. The error comes behind everything that could be read.
func (x *xzReader) Read(p []byte) (int, error) {
	for x.err == nil {
		if x.block == nil {
			x.err = x.next()
			continue
		}
		n, err := x.block.Read(p)
		if x.sum != nil {
			x.sum.Write(p[:n]) // a hash never fails
		}
		if err == io.EOF {
			err = x.blockEnd()
		}
		if x.err = err; n > 0 {
			return n, nil
		}
	}
	return 0, x.err
}

// next goes to the next block.
func (x *xzReader) next() error {
	if !x.begun {
		return x.stream()
	}
	size, err := x.in.ReadByte()
	switch {
	case err != nil:
		return io.ErrUnexpectedEOF
	case size == 0:
		return x.index()
	}
	return x.blockHead(size)
}

// stream reads a stream's header (2.1.1), before which there may be padding (2.2).
func (x *xzReader) stream() error {
	for {
		four, err := x.in.Peek(4)
		if len(four) == 0 && err != nil {
			return io.EOF
		}
		if !bytes.Equal(four, make([]byte, 4)) {
			break
		}
		x.in.Discard(4)
	}
	var head [12]byte
	if _, err := io.ReadFull(x.in, head[:]); err != nil {
		return io.ErrUnexpectedEOF
	}
	if string(head[:6]) != xzMagic || head[6] != 0 || head[7] > 15 {
		return ErrDamaged
	}
	x.check, x.begun, x.in.n = head[7], true, 0
	return nil
}

// blockHead reads a block's header (3.1), whose first byte tells its size.
func (x *xzReader) blockHead(size byte) error {
	b := make([]byte, int(size)*4+3)
	if _, err := io.ReadFull(x.in, b); err != nil {
		return io.ErrUnexpectedEOF
	}
	dictionary, err := x.filters(b[0], b[1:len(b)-4])
	if err != nil {
		return err
	}
	if dictionary > x.most {
		return errTooLarge
	}
	if crc32.Update(crc32.ChecksumIEEE([]byte{size}), crc32.IEEETable, b[:len(b)-4]) != binary.LittleEndian.Uint32(b[len(b)-4:]) {
		return ErrDamaged
	}
	x.block, x.sum = newLZMA2(x.in, dictionary), nil
	switch x.check {
	case 1:
		x.sum = crc32.NewIEEE()
	case 4:
		x.sum = crc64.New(crc64.MakeTable(crc64.ECMA))
	case 10:
		x.sum = sha256.New()
	}
	return nil
}

// filters reads which filters a block has (3.1.5 and 5.3). Those that programs get before they are packed change nothing in a text,
// and are passed over.
func (x *xzReader) filters(flags byte, b []byte) (dictionary int64, err error) {
	const lzma2, delta, last = 0x21, 0x03, 0x0b
	next := func() uint64 {
		v, n := binary.Uvarint(b)
		b = b[max(n, 0):]
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
			return 0, ErrDamaged
		}
		switch {
		case id == lzma2 && size == 1:
			return xzDictionary(b[0])
		case id <= delta || id > last:
			return 0, ErrUnsupported
		}
		x.fault = ErrUnsupported
		b = b[size:]
	}
	return 0, ErrDamaged
}

// xzDictionary reads the size of a dictionary (5.3.1).
func xzDictionary(b byte) (int64, error) {
	switch {
	case b > 40:
		return 0, ErrDamaged
	case b == 40:
		return 1<<32 - 1, nil
	}
	return int64(2|b&1) << (b/2 + 11), nil
}

// xzCheckSize tells how long a check is (2.1.1.2).
func xzCheckSize(check byte) int {
	if check == 0 {
		return 0
	}
	return 4 << ((check - 1) / 3)
}

// blockEnd reads what follows a block's data (3.3 and 3.4).
func (x *xzReader) blockEnd() error {
	x.block = nil
	rest := make([]byte, int(-x.in.n&3)+xzCheckSize(x.check))
	if _, err := io.ReadFull(x.in, rest); err != nil {
		return io.ErrUnexpectedEOF
	}
	if x.sum == nil || x.fault != nil {
		return nil
	}
	sum := x.sum.Sum(nil)
	if len(sum) < sha256.Size { // stored the other way round
		slices.Reverse(sum)
	}
	if !bytes.HasSuffix(rest, sum) {
		x.fault = ErrDamaged
	}
	return nil
}

// index passes over the index (4) and the stream's end (2.1.2).
func (x *xzReader) index() error {
	n, err := binary.ReadUvarint(x.in)
	for i := uint64(0); i < 2*n && err == nil; i++ {
		_, err = binary.ReadUvarint(x.in)
	}
	if err != nil {
		return noEOF(err)
	}
	rest := make([]byte, int(-x.in.n&3)+4+12)
	if _, err := io.ReadFull(x.in, rest); err != nil {
		return io.ErrUnexpectedEOF
	}
	x.begun = false
	return x.fault
}
